/** What the grammar says of a command: enough to parse it, complete it, and print its help. */
import type { Context } from "../commands/context.ts";
import type { Outcome } from "../core/report.ts";
import type { ExitCode } from "./exit-code.ts";

export interface CommandSpec {
  /** `backup verify` */
  readonly name: string;
  /** It waits for what takes hours, or serves until it is stopped: without `--timeout` it has its own limit. */
  readonly endures?: true;
  readonly gives: Outcome["kind"];
  /** The exit codes that can come of it, but for a bug of ours; absent: those of a command that looks and judges. */
  readonly exits?: readonly ExitCode[];
  readonly summary: string;
  /** What else to know before it is run; sentences. */
  readonly details: string;
  readonly arguments?: readonly ArgumentSpec[];
  readonly options: readonly OptionSpec[];
  /** Only with this flag is it a run of its schedule. */
  readonly beatsWith?: string;
  readonly examples: readonly string[];
  readonly load: () => Promise<CommandModule>;
}

/** Of a command that changes the world after consent. */
export const EXITS_OF_CHANGE: readonly ExitCode[] = [0, 2, 3, 4, 5, 64, 130];
/** Of one that shows what is there. */
export const EXITS_OF_LIST: readonly ExitCode[] = [0, 2, 64, 130];
/** Of one that prints what it is asked for. */
export const EXITS_OF_TEXT: readonly ExitCode[] = [0, 64];

export interface ArgumentSpec {
  /** What the command's input calls it. */
  readonly name: string;
  /** commander's notation: `[databases...]`, `<shell>`. */
  readonly syntax: string;
  readonly description: string;
  readonly complete?: "databases" | readonly string[];
}

export interface OptionSpec {
  readonly flags: string;
  readonly description: string;
  /** The command cannot do without it. */
  readonly required?: true;
  /** With it the command looks at less, or does less, than by itself: that is no run of its schedule. */
  readonly partial?: boolean;
  /** May be given several times, or with commas: collected in a list. */
  readonly list?: boolean;
  /** May be given several times; a comma is part of a value. */
  readonly repeats?: true;
}

interface CommandModule {
  readonly input: { parse(value: unknown): unknown };
  readonly run: (input: never, context: Context) => Promise<Outcome>;
  /** The command whose schedule this is a run of, where that is not always the command itself; never rejects. */
  readonly beatsAs?: (input: never, context: Context) => Promise<string>;
}
