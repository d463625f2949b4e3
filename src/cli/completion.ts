/** `completion bash|zsh|fish`: scripts made from the grammar. Database names are asked of the policy file when Tab is pressed. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { COMMANDS, FORMATS, GLOBAL_OPTIONS } from "./grammar.ts";

export const input = z.strictObject({ shell: z.string() });

const SHELLS = { bash, zsh, fish } as const;

export async function run({ shell }: z.output<typeof input>): Promise<Artifact> {
  const names = Object.keys(SHELLS);
  const make = Object.entries(SHELLS).find(([name]) => name === shell)?.[1];
  if (make === undefined)
    throw new OpsError("usage", `unknown shell "${shell}"${didYouMean(shell, names)}`, {
      hint: `shells: ${names.join(", ")}`,
    });
  const body = make();
  return { kind: "artifact", command: "completion", mediaType: "text/plain", content: { shell, script: body }, body };
}

const flagsOf = (specs: readonly { readonly flags: string }[]) =>
  specs.map(({ flags }) => flags.split(" ")[0] ?? "").filter(Boolean);
const globals = () => flagsOf(GLOBAL_OPTIONS).join(" ");
const nouns = () => [...new Set(COMMANDS.map((command) => command.name.split(" ")[0] ?? "")), "help"].join(" ");
/** The words that go on a group's name, each once. */
const nextWords = (group: string) => {
  const commands = COMMANDS.filter(({ name }) => name.startsWith(`${group} `));
  return [...new Set(commands.map(({ name }) => name.slice(group.length + 1).split(" ")[0] ?? ""))].join(" ");
};
/** `audit`, `audit log`: all that names begin with and go on from. */
const groups = () =>
  [
    ...new Set(COMMANDS.flatMap(({ name }) => name.split(" ").map((_, end, words) => words.slice(0, end).join(" ")))),
  ].filter(Boolean);

/** The flags that a file follows, as a pattern of the shell. */
const fileFlags = () => {
  const all = [...GLOBAL_OPTIONS, ...COMMANDS.flatMap(({ options }) => options)];
  return [...new Set(flagsOf(all.filter(takesFile)))].join("|");
};
const takesFile = ({ flags }: { readonly flags: string }) => flags.endsWith(" <file>");

/** Shell lines that fill `words` for a command: its flags, and its argument where that is a closed set. */
function candidates(name: string): string {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command === undefined) return globals();
  const closed = closedSet(command).join(" ");
  return [closed, ...flagsOf(command.options), globals()].filter(Boolean).join(" ");
}

/** Words that its argument is one of; empty where it is not a closed set. */
function closedSet(command: CommandSpec): readonly string[] {
  return command.arguments?.flatMap(({ complete }) => (complete === "databases" ? [] : (complete ?? []))) ?? [];
}

function takesDatabases(command: CommandSpec): boolean {
  return command.arguments?.some(({ complete }) => complete === "databases") === true;
}

const DATABASES_COMMAND = `litally-ops config show --json 2>/dev/null | sed -n '/"databases"/,/^    \\]/s/^        "name": "\\(.*\\)",*$/\\1/p'`;

function bash(): string {
  const groupCases = groups().map((group) => `    "${group}") words="${nextWords(group)}" ;;`);
  const flagCases = COMMANDS.map(
    (command) =>
      `    "${command.name} "*) words="${candidates(command.name)}"${takesDatabases(command) ? ' ; [[ "$cur" == -* ]] || words="$(_litally_ops_databases) $words"' : ""} ;;`,
  );
  return `# bash completion for litally-ops; use: source <(litally-ops completion bash)
_litally_ops_databases() {
  ${DATABASES_COMMAND}
}
_litally_ops() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[*]:1:COMP_CWORD-1}" words=""
  if [[ "$cur" != -* ]]; then
    case "$before" in
    "") words="${nouns()} --help --version" ;;
${groupCases.join("\n")}
    completion) words="bash zsh fish" ;;
    esac
  elif [[ $COMP_CWORD -eq 1 ]]; then
    words="--help --version"
  fi
  if [[ -z "$words" ]]; then
    case "$before " in
${flagCases.join("\n")}
    *) words="${globals()}" ;;
    esac
  fi
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
  ${fileFlags()}) compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$cur")); return ;;
  --format) words="${FORMATS.join(" ")}" ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -F _litally_ops litally-ops
`;
}

function zsh(): string {
  return `#compdef litally-ops
# zsh completion for litally-ops; use: source <(litally-ops completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash()}`;
}

function fish(): string {
  const lines = COMMANDS.flatMap((spec) => {
    const { name, summary, options } = spec;
    const words = name.split(" ");
    const here = seen(words);
    const before = words.slice(0, -1);
    const others = nextWords(before.join(" "));
    const word =
      before.length === 0
        ? `complete -c litally-ops -f -n __fish_use_subcommand -a ${name} -d '${quote(summary)}'`
        : `complete -c litally-ops -f -n '${seen(before)}; and not __fish_seen_subcommand_from ${others}' -a ${words.at(-1)} -d '${quote(summary)}'`;
    const set = closedSet(spec).join(" ");
    const closed = set === "" ? [] : [`complete -c litally-ops -f -n '${here}' -a '${set}'`];
    const names = takesDatabases(spec)
      ? [`complete -c litally-ops -f -n '${here}' -a '(__litally_ops_databases)'`]
      : [];
    return [word, ...closed, ...names, ...options.map((option) => fishFlag(option, ` -n '${here}'`))];
  });
  const beginnings = groups().map((group) => {
    const words = group.split(" ");
    const before = words.slice(0, -1);
    const condition =
      before.length === 0
        ? "__fish_use_subcommand"
        : `'${seen(before)}; and not __fish_seen_subcommand_from ${nextWords(before.join(" "))}'`;
    return `complete -c litally-ops -f -n ${condition} -a ${words.at(-1)}`;
  });
  return `# fish completion for litally-ops
function __litally_ops_databases
  ${DATABASES_COMMAND}
end
${[...beginnings, ...lines, ...GLOBAL_OPTIONS.map((option) => fishFlag(option, ""))].join("\n")}
`;
}

const seen = (words: readonly string[]) => words.map((word) => `__fish_seen_subcommand_from ${word}`).join("; and ");

function fishFlag(option: OptionSpec, condition: string): string {
  const { flags, description } = option;
  const [flag = "", value] = flags.split(" ");
  const required = value?.startsWith("<") === true ? " -r" : "";
  const files = takesFile(option) ? " -F" : flag === "--format" ? ` -a '${FORMATS.join(" ")}'` : "";
  return `complete -c litally-ops${condition} -l ${flag.slice(2)}${required}${files} -d '${quote(description)}'`;
}

function quote(text: string): string {
  return text.replaceAll("'", "\\'");
}
