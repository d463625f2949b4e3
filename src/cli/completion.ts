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
const verbs = (noun: string) =>
  COMMANDS.flatMap((command) =>
    command.name.startsWith(`${noun} `) ? [command.name.slice(noun.length + 1)] : [],
  ).join(" ");
const nounsWithVerbs = () => [
  ...new Set(
    COMMANDS.filter((command) => command.name.includes(" ")).map((command) => command.name.split(" ")[0] ?? ""),
  ),
];

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
  const verbCases = nounsWithVerbs().map((noun) => `    ${noun}) words="${verbs(noun)}" ;;`);
  const flagCases = COMMANDS.map(
    (command) =>
      `    "${command.name}") words="${candidates(command.name)}"${takesDatabases(command) ? ' ; [[ "$cur" == -* ]] || words="$(_litally_ops_databases) $words"' : ""} ;;`,
  );
  return `# bash completion for litally-ops; use: source <(litally-ops completion bash)
_litally_ops_databases() {
  ${DATABASES_COMMAND}
}
_litally_ops() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" words=""
  if [[ $COMP_CWORD -eq 1 ]]; then
    words="${nouns()} --help --version"
  elif [[ $COMP_CWORD -eq 2 && "$cur" != -* ]]; then
    case "\${COMP_WORDS[1]}" in
${verbCases.join("\n")}
    completion) words="bash zsh fish" ;;
    esac
  else
    case "\${COMP_WORDS[1]} \${COMP_WORDS[2]}" in
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
    const [noun = "", verb] = name.split(" ");
    const here =
      verb === undefined
        ? `__fish_seen_subcommand_from ${noun}`
        : `__fish_seen_subcommand_from ${noun}; and __fish_seen_subcommand_from ${verb}`;
    const word =
      verb === undefined
        ? `complete -c litally-ops -f -n __fish_use_subcommand -a ${noun} -d '${quote(summary)}'`
        : `complete -c litally-ops -f -n '__fish_seen_subcommand_from ${noun}; and not __fish_seen_subcommand_from ${verbs(noun)}' -a ${verb} -d '${quote(summary)}'`;
    const set = closedSet(spec).join(" ");
    const closed = set === "" ? [] : [`complete -c litally-ops -f -n '${here}' -a '${set}'`];
    const names = takesDatabases(spec)
      ? [`complete -c litally-ops -f -n '${here}' -a '(__litally_ops_databases)'`]
      : [];
    return [word, ...closed, ...names, ...options.map((option) => fishFlag(option, ` -n '${here}'`))];
  });
  const groups = nounsWithVerbs().map((noun) => `complete -c litally-ops -f -n __fish_use_subcommand -a ${noun}`);
  return `# fish completion for litally-ops
function __litally_ops_databases
  ${DATABASES_COMMAND}
end
${[...groups, ...lines, ...GLOBAL_OPTIONS.map((option) => fishFlag(option, ""))].join("\n")}
`;
}

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
