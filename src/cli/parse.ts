/** From words to a command and its flags, by commander; every mistake becomes an OpsError `usage`. */
import { Command, CommanderError, Option } from "commander";
import { parseDuration, shortestMs } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { didYouMean } from "../core/suggest.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { COMMANDS, FORMATS, type Format, GLOBAL_OPTIONS, namedBy } from "./grammar.ts";
import { refuseNoRun } from "./heartbeat-flag.ts";
import { hasForm, type ReportTarget, refuseShared, reportTarget } from "./report-flag.ts";
import { wordsOf } from "./simple.ts";

export interface GlobalFlags {
  readonly config: string | undefined;
  readonly format: Format;
  readonly reports: readonly ReportTarget[];
  readonly strict: boolean;
  /** The outside is told that the command runs, and how it ends. */
  readonly heartbeat: boolean;
  readonly timeoutMs: number | undefined;
  /** Name of the world; undefined: the real accounts. */
  readonly sandbox: string | undefined;
  readonly faults: readonly string[];
  readonly verbose: boolean;
  readonly debug: boolean;
  readonly color: boolean;
}

export interface Invocation {
  readonly command: CommandSpec;
  readonly flags: GlobalFlags;
  /** Input for the command's own schema. */
  readonly input: Readonly<Record<string, unknown>>;
}

export function parse(argv: readonly string[]): Invocation {
  let invocation: Invocation | undefined;
  const program = quiet(new Command("litally-ops"));
  for (const option of GLOBAL_OPTIONS) program.addOption(toOption(option)); // commander finds these anywhere among the words
  const made = new Map([["", program]]);
  for (const spec of mentioned(argv)) {
    const command = wordsIn(spec.name.split(" "), made);
    for (const { syntax } of spec.arguments ?? []) command.argument(syntax);
    for (const option of spec.options) command.addOption(toOption(option));
    command.action((...received: unknown[]) => {
      invocation = invoke(spec, received, { ...program.opts(), ...command.opts() });
    });
  }
  run(program, argv);
  if (invocation === undefined) throw new OpsError("usage", "no command given", { hint: "litally-ops --help" });
  return invocation;
}

/** `audit`, in it `log`, and in that `verify`, each made once: what has others below it may be a command too. */
function wordsIn(words: readonly string[], made: Map<string, Command>): Command {
  const name = words.join(" ");
  const command = made.get(name) ?? quiet(wordsIn(words.slice(0, -1), made).command(words.at(-1) ?? ""));
  made.set(name, command);
  return command;
}

/**
 * The commands that can be meant: all words of their names stand there. commander is told of all the others, which
 * takes it as long again (3 ms), only where none can be meant, to say what is wrong.
 */
function mentioned(argv: readonly string[]): readonly CommandSpec[] {
  const words = new Set(argv);
  const found = COMMANDS.filter(({ name }) => name.split(" ").every((word) => words.has(word)));
  return found.length > 0 ? found : COMMANDS;
}

/** No printing and no exiting of its own; help is ours. */
function quiet(command: Command): Command {
  return command
    .exitOverride()
    .configureOutput({ writeOut: () => {}, writeErr: () => {} })
    .helpOption(false)
    .helpCommand(false);
}

function run(program: Command, argv: readonly string[]): void {
  try {
    program.parse(withNamedWorld(argv), { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) throw usageError(error, argv);
    throw error;
  }
}

/** `--sandbox backup verify`: the world was left out, for no world is named like a command. */
function withNamedWorld(argv: readonly string[]): string[] {
  const nouns = new Set(COMMANDS.map((command) => command.name.split(" ")[0]));
  return argv.map((word, index) =>
    word === "--sandbox" && nouns.has(argv[index + 1]) ? `--sandbox=${DEFAULT_WORLD}` : word,
  );
}

const DEFAULT_WORLD = "healthy";

function usageError(error: CommanderError, argv: readonly string[]): OpsError {
  const [first, ...rest] = wordsOf(withNamedWorld(argv));
  const words = first === undefined || first === "help" ? rest : [first, ...rest];
  if (words.length === 0) return new OpsError("usage", "no command given", { hint: "litally-ops --help" });
  const known = namedBy(words);
  if (
    error.code === "commander.unknownCommand" ||
    error.code === "commander.help" ||
    error.code === "commander.excessArguments"
  ) {
    const names = COMMANDS.map((command) => command.name);
    const asked = words.slice(0, Math.max(2, known.length + 1)).join(" ");
    const incomplete = names.filter((name) => name.startsWith(`${asked} `));
    if (incomplete.length > 0)
      return new OpsError("usage", `"${asked}" is not a command by itself`, {
        hint: `one of: ${incomplete.join(", ")}`,
      });
    if (!names.some((name) => asked === name || asked.startsWith(`${name} `))) {
      return new OpsError("usage", `unknown command "${asked}"${didYouMean(asked, names)}`, {
        hint: "litally-ops --help",
      });
    }
  }
  return new OpsError("usage", error.message.replace(/^error: /, "").replaceAll("\n", " "), {
    hint: `litally-ops help ${known.join(" ")}`.trim(),
  });
}

function toOption({ flags, description, list, repeats, required }: OptionSpec): Option {
  const option = new Option(flags, description).makeOptionMandatory(required === true);
  const valuesIn = list === true ? partsOf : repeats === true ? (value: string) => [value] : undefined;
  if (valuesIn !== undefined)
    option.argParser((value: string, before: readonly string[] | undefined) => [...(before ?? []), ...valuesIn(value)]);
  return option;
}

function partsOf(value: string): readonly string[] {
  return value.split(",").filter((part) => part !== "");
}

/** `received`: the values of the command's arguments, in their order, and what else commander passes. */
function invoke(
  spec: CommandSpec,
  received: readonly unknown[],
  options: Readonly<Record<string, unknown>>,
): Invocation {
  const own = new Set(spec.options.map((option) => new Option(option.flags).attributeName()));
  const ownInput = Object.entries(options).filter(([name]) => own.has(name));
  const given = (spec.arguments ?? []).map(({ name }, index) => [name, received[index]] as const);
  const words = given.filter(([, value]) => value !== undefined);
  const flags = globalFlags(options, spec);
  refuseShared(flags.reports, [flags.config, ...[...words, ...ownInput].flatMap(([, value]) => value)]);
  if (!hasForm(spec.gives, flags.format)) throw noForm(spec.name, flags.format);
  if (flags.heartbeat)
    refuseNoRun(spec, {
      words: words.filter(([, value]) => !Array.isArray(value) || value.length > 0).map(([name]) => name),
      flags: spec.options.filter((option) => isGiven(option, options)),
    });
  return { command: spec, flags, input: Object.fromEntries([...words, ...ownInput]) };
}

function noForm(command: string, format: Format): OpsError {
  return new OpsError("usage", `--format: ${command} judges nothing, so it has no ${format} form`, {
    hint: "use --json",
  });
}

/** What `--no-...` switches off is on where that is not given. */
function isGiven({ flags }: OptionSpec, options: Readonly<Record<string, unknown>>): boolean {
  const option = new Option(flags);
  return options[option.attributeName()] !== (option.negate ? true : undefined);
}

function globalFlags(options: Readonly<Record<string, unknown>>, { name, gives }: CommandSpec): GlobalFlags {
  const { config, timeout, sandbox, fault, report } = options;
  return {
    config: typeof config === "string" ? config : undefined,
    format: formatOf(options),
    reports: Array.isArray(report) ? report.map((path) => reportTarget(String(path), gives, name)) : [],
    strict: options["strict"] === true,
    heartbeat: options["heartbeat"] === true,
    timeoutMs: typeof timeout === "string" ? timeoutOf(timeout) : undefined,
    sandbox: sandbox === true ? DEFAULT_WORLD : typeof sandbox === "string" ? sandbox : undefined,
    faults: Array.isArray(fault) ? fault.map(String) : [],
    verbose: options["verbose"] === true,
    debug: options["debug"] === true,
    color: options["color"] !== false,
  };
}

/** The longest that a timer waits: https://nodejs.org/api/timers.html#settimeoutcallback-delay-args */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

function timeoutOf(text: string): number {
  const ms = shortestMs(parseDuration(text, "--timeout"));
  if (ms > MAX_TIMEOUT_MS) throw new OpsError("usage", `--timeout: "${text}" is too long`, { hint: "at most 24d" });
  return ms;
}

/** `--json` and another `--format` contradict each other: neither wins silently. */
function formatOf({ format, json }: Readonly<Record<string, unknown>>): Format {
  const named = FORMATS.find((candidate) => candidate === format);
  if (format !== undefined && named === undefined) {
    throw new OpsError("usage", `--format: unknown format "${format}"${didYouMean(String(format), FORMATS)}`, {
      hint: `formats: ${FORMATS.join(", ")}`,
    });
  }
  if (json === true && named !== undefined && named !== "json")
    throw new OpsError("usage", `--json and --format ${named} contradict each other`);
  return json === true ? "json" : (named ?? "text");
}
