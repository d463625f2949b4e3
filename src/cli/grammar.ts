/**
 * The grammar of the command line as data: help, completion, parsing and the exit-code tests are all made from it.
 * `load` brings in a command's module only when that command runs.
 */
import { type CommandSpec, EXITS_OF_LIST, EXITS_OF_TEXT, type OptionSpec } from "./command-spec.ts";
import { ALARM_COMMANDS } from "./grammar-alarms.ts";
import { ARCHIVE_COMMANDS } from "./grammar-archive.ts";
import { ARCHIVE_READ_COMMANDS } from "./grammar-archive-read.ts";
import { AUDIT_COMMANDS } from "./grammar-audit.ts";
import { BACKUP_COMMANDS } from "./grammar-backup.ts";
import { RESTORE_COMMANDS } from "./grammar-restore.ts";
import { RETENTION_COMMANDS } from "./grammar-retention.ts";

export const COMMANDS: readonly CommandSpec[] = [
  ...BACKUP_COMMANDS,
  ...RESTORE_COMMANDS,
  ...ARCHIVE_COMMANDS,
  ...ARCHIVE_READ_COMMANDS,
  ...ALARM_COMMANDS,
  ...RETENTION_COMMANDS,
  ...AUDIT_COMMANDS,
  {
    name: "config check",
    gives: "report",
    exits: EXITS_OF_TEXT,
    summary: "check the policy file: every problem at once, with line and column",
    details: "Reads the policy file and the variables that it names; asks nobody else.",
    options: [],
    examples: ["litally-ops config check", "litally-ops config check --config staging.yaml"],
    load: () => import("../commands/config-check.ts"),
  },
  {
    name: "config show",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "show the policy in force, defaults filled in, nothing secret",
    details: "What came from the environment is shown by its reference. The output is a policy again.",
    options: [],
    examples: ["litally-ops config show"],
    load: () => import("../commands/config-show.ts"),
  },
  {
    name: "config schema",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "print the JSON Schema of the policy file, for editors",
    details: "It is the one in config/policy.schema.json.",
    options: [],
    examples: ["litally-ops config schema > policy.schema.json"],
    load: () => import("../commands/config-schema.ts"),
  },
  {
    name: "config init",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "write a commented policy to start from, with its schema; never over a file",
    details: "Then name your clusters in it, set the variables that it names, and run config check.",
    arguments: [{ name: "file", syntax: "[file]", description: "where to (default: the policy path in force)" }],
    options: [{ flags: "--environment <name>", description: "name of the environment (default: production)" }],
    examples: ["litally-ops config init", "litally-ops config init staging.yaml --environment staging"],
    load: () => import("../commands/config-init.ts"),
  },
  {
    name: "doctor",
    gives: "report",
    summary: "can we work here? machine, policy, credentials, access, with fixes",
    details:
      "Reads only. Exits 0 where backup verify and backup list can work; what other commands need is a warning. With --schedules it judges the policy's schedules alone, by what CloudWatch heard of their runs and by what GitHub says of their workflows.",
    options: [
      { flags: "--schedules", description: "when did each schedule last run, and has GitHub disabled its workflow?" },
    ],
    beatsWith: "--schedules",
    examples: ["litally-ops doctor", "litally-ops doctor --schedules"],
    load: () => import("../commands/doctor.ts"),
  },
  {
    name: "doctor permissions",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "print the least that commands need: an IAM policy, and roles in Atlas",
    details:
      "Made from the calls that they can make, and from what the policy names. Asks nobody. See docs/permissions.md.",
    options: [
      {
        flags: "--print [command...]",
        description: "of these commands, or of all of a noun (default: of every command)",
        required: true,
      },
      { flags: "--iam", description: "the IAM policy alone, to be handed to AWS" },
      {
        flags: "--export-bucket <name>",
        description: "where Atlas exports to, for archive push (default: any bucket of the account)",
      },
    ],
    examples: [
      "litally-ops doctor permissions --print",
      "litally-ops doctor permissions --print backup verify retention check",
      "litally-ops doctor permissions --print archive push --iam > policy.json",
    ],
    load: () => import("../commands/doctor-permissions.ts"),
  },
  {
    name: "sandbox up",
    endures: true,
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "serve an embedded Atlas on loopback for practice, until Ctrl-C",
    details: "It serves the policy's own clusters, and listens on 127.0.0.1 alone. What it simulates: docs/sandbox.md.",
    options: [
      { flags: "--world <name>", description: "which world (see: sandbox worlds; default: healthy)" },
      { flags: "--port <number>", description: "port to listen on (default: 4400; 0 for any free one)" },
      { flags: "--state <file>", description: "keep the world's state in this file (default: nowhere)" },
      {
        flags: "--fault <name=value>",
        description: "inject a fault (repeatable; see docs/sandbox.md; default: none)",
        list: true,
      },
    ],
    examples: [
      "litally-ops sandbox up",
      "litally-ops sandbox up --world stuck --port 4401",
      "litally-ops sandbox up --fault 429=3",
    ],
    load: () => import("../commands/sandbox-up.ts"),
  },
  {
    name: "sandbox env",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "print the variables that point any shell at a running sandbox",
    details: "For the shell in which you practise; another shell is not touched.",
    options: [
      { flags: "--port <number>", description: "the port it listens on (default: 4400)" },
      { flags: "--unset", description: "print the lines that undo it" },
    ],
    examples: ['eval "$(litally-ops sandbox env)"', 'eval "$(litally-ops sandbox env --unset)"'],
    load: () => import("../commands/sandbox-env.ts"),
  },
  {
    name: "sandbox worlds",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "list the worlds, each with the verdict it must get",
    details: "A world is named to --sandbox and to sandbox up --world.",
    options: [],
    examples: ["litally-ops sandbox worlds"],
    load: () => import("../commands/sandbox-worlds.ts"),
  },
  {
    name: "completion",
    gives: "artifact",
    exits: EXITS_OF_TEXT,
    summary: "print a completion script for your shell",
    details: "It also completes the names of databases, which it reads from the policy when Tab is pressed.",
    arguments: [
      { name: "shell", syntax: "<shell>", description: "bash, zsh or fish", complete: ["bash", "zsh", "fish"] },
    ],
    options: [],
    examples: [
      "source <(litally-ops completion bash)",
      "litally-ops completion fish > ~/.config/fish/completions/litally-ops.fish",
    ],
    load: () => import("./completion.ts"),
  },
];

export const FORMATS = ["text", "json", "markdown", "junit", "openmetrics"] as const;
export type Format = (typeof FORMATS)[number];

export const GLOBAL_OPTIONS: readonly OptionSpec[] = [
  { flags: "--config <file>", description: "policy file (else LITALLY_OPS_CONFIG, else config/litally-ops.yaml)" },
  { flags: "--format <format>", description: `${FORMATS.join(", ")} (default: text)` },
  { flags: "--json", description: "short for --format json" },
  {
    flags: "--report <file>",
    description: "write the result into a file too, as its name ends: .txt, .json, .md, .xml or .prom (repeatable)",
    repeats: true,
  },
  { flags: "--strict", description: "a warning counts as a failure" },
  { flags: "--heartbeat", description: "tell the outside that it runs, and how it ends" },
  { flags: "--timeout <duration>", description: "give up after this long: 90s, 10m, 2h (default: 10m)" },
  {
    flags: "--sandbox [world]",
    description: "an embedded world instead of the accounts (default: healthy); needs no credentials",
  },
  { flags: "--fault <name=value>", description: "with --sandbox: inject a fault (repeatable)", list: true },
  { flags: "--verbose", description: "show every finding and column" },
  { flags: "--debug", description: "log requests (without secrets) and stacks to stderr" },
  { flags: "--no-color", description: "no colour (as NO_COLOR)" },
];

/** Flags that only `sandbox up` has as its own are not offered twice. */
export function globalOptionsFor(command: CommandSpec): readonly OptionSpec[] {
  const own = new Set(command.options.map((option) => option.flags));
  const offered = GLOBAL_OPTIONS.filter((option) => !own.has(option.flags));
  return command.endures === true ? offered.map(withoutUsualTimeout) : offered;
}

function withoutUsualTimeout(option: OptionSpec): OptionSpec {
  return { ...option, description: option.description.replace(" (default: 10m)", " (default: see above)") };
}

/** The flags that a value follows. */
export function valuedFlags(): readonly string[] {
  const all = [...GLOBAL_OPTIONS, ...COMMANDS.flatMap((command) => command.options)];
  return all.flatMap(({ flags }) => (flags.includes(" ") ? flags.split(" ").slice(0, 1) : []));
}

/** The first of these words that name a command, or a group of them; none where the first is neither. */
export function namedBy(words: readonly string[]): readonly string[] {
  const isNamed = (name: string) =>
    COMMANDS.some((command) => command.name === name || command.name.startsWith(`${name} `));
  const end = words.findIndex((_word, index) => !isNamed(words.slice(0, index + 1).join(" ")));
  return end === -1 ? words : words.slice(0, end);
}
