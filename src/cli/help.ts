/** Help, made from the grammar alone: nothing else is loaded to print it. */

import { wrap } from "../core/wrap.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";
import { EXIT_WORDS, type ExitCode } from "./exit-code.ts";
import { COMMANDS, GLOBAL_OPTIONS, globalOptionsFor } from "./grammar.ts";
import { exitCodesHelp } from "./verdict-line.ts";

const WIDTH = 80;

/** The text for `--help`, `help ...` and for no words at all; `undefined` when `words` name no command. */
export function helpFor(words: readonly string[]): string | undefined {
  const name = words.join(" ");
  if (name === "") return topHelp();
  if (name === "exit-codes") return exitCodesHelp();
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return commandHelp(command);
  const group = COMMANDS.filter((candidate) => candidate.name.startsWith(`${name} `));
  return group.length > 0 ? groupHelp(name, group) : undefined;
}

function topHelp(): string {
  return lines(
    "litally-ops: backups that can be trusted, judged against one policy file",
    "",
    "Usage: litally-ops <noun> <verb> [names...] [flags]",
    "",
    "Commands:",
    ...columns(COMMANDS.map((command) => [command.name, command.summary])),
    "",
    "Flags everywhere:",
    ...options(GLOBAL_OPTIONS),
    "",
    "Start here, without any account:  litally-ops backup verify --sandbox",
    "More: litally-ops help <noun> <verb>, litally-ops help exit-codes",
  );
}

function groupHelp(name: string, group: readonly CommandSpec[]): string {
  const noun = commonWords(group) || name;
  return lines(
    `Usage: litally-ops ${noun} <verb> [names...] [flags]`,
    "",
    "Commands:",
    ...columns(group.map((command) => [command.name, command.summary])),
    "",
    `More: litally-ops help ${noun} <verb>`,
  );
}

/** What all names of a group begin with: of `audit` that is `audit log`. */
function commonWords(group: readonly CommandSpec[]): string {
  const nouns = new Set(group.map(({ name }) => name.split(" ").slice(0, -1).join(" ")));
  return nouns.size === 1 ? [...nouns].join("") : "";
}

function commandHelp(command: CommandSpec): string {
  const words = command.arguments ?? [];
  return lines(
    `Usage: litally-ops ${command.name}${words.map(({ syntax }) => ` ${syntax}`).join("")} [flags]`,
    "",
    `${command.summary[0]?.toUpperCase()}${command.summary.slice(1)}.`,
    ...wrap(command.details, WIDTH),
    ...(words.length === 0
      ? []
      : ["", "Arguments:", ...columns(words.map(({ name, description }) => [name, description]))]),
    ...(command.options.length === 0 ? [] : ["", "Flags:", ...options(command.options)]),
    "",
    "Flags everywhere:",
    ...options(globalOptionsFor(command)),
    "",
    "Examples:",
    ...command.examples.map((example) => `  ${example}`),
    "",
    ...wrap(`Exit codes: ${exits(command)}; all of them: litally-ops help exit-codes`, WIDTH),
  );
}

/** Of a command that looks and judges. */
const USUAL_EXITS: readonly ExitCode[] = [0, 1, 2, 64, 130];

function exits({ exits: codes = USUAL_EXITS }: CommandSpec): string {
  return codes.map((code) => `${code} ${EXIT_WORDS[code]}`).join(", ");
}

function options(specs: readonly OptionSpec[]): readonly string[] {
  return columns(specs.map((option) => [option.flags, option.description]));
}

/** Two columns: names left, texts wrapped right. */
function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, text]) =>
    wrap(text, WIDTH - left).map((line, index) => (index === 0 ? `  ${name}` : "").padEnd(left) + line),
  );
}

function lines(...all: readonly string[]): string {
  return `${all.join("\n")}\n`;
}
