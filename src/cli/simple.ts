/**
 * What can be said without loading a command: version and help. Two roads lead here: bin/at-once.js asks dist/simple.js,
 * where all help is text already; and `runCli` asks, where that one could not write.
 */
import { valuedFlags } from "./grammar.ts";
import { helpFor } from "./help.ts";

/** The whole answer to version and help; undefined: more is asked, or what there is no help for. */
export function simpleAnswer(argv: readonly string[], version: string): string | undefined {
  if (argv.length === 1 && (argv[0] === "--version" || argv[0] === "-V" || argv[0] === "version"))
    return `litally-ops ${version}\n`;
  const end = argv.indexOf("--");
  const flags = end === -1 ? argv : argv.slice(0, end);
  const asksHelp = argv[0] === "help" || flags.includes("--help") || flags.includes("-h");
  if (!asksHelp) return undefined;
  const words = wordsOf(argv);
  const named = words[0] === "help" ? words.slice(1) : words;
  return NAME_LENGTHS.reduce<string | undefined>(
    (found, length) => found ?? helpFor(named.slice(0, length)),
    undefined,
  );
}

/** Words of a command's name, the most first: a name that goes on is looked for before its beginning. */
const NAME_LENGTHS = [3, 2, 1];

/** The words of a command line that are neither flags nor values of flags: the command and its names. */
export function wordsOf(argv: readonly string[]): readonly string[] {
  const valued = new Set(valuedFlags());
  return argv.filter((word, index) => !word.startsWith("-") && !valued.has(argv[index - 1] ?? ""));
}
