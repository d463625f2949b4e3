/** What one run is given: the process in our own words, and the ports that are opened for it. */
import type { Context } from "../commands/context.ts";
import type { Finding } from "../core/report.ts";
import type { Operator } from "../ports/operator.ts";
import type { Output } from "../ports/output.ts";
import type { Progress } from "../ports/progress.ts";
import type { ReportFile } from "../ports/report-file.ts";
import type { Github } from "./github.ts";
import type { GlobalFlags } from "./parse.ts";
import type { Redactor } from "./redact.ts";

export interface Host {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** To stdout, as they are; resolves once they are out of our hands. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
  /** Resolves once what was written to stdout is out of our hands: false where it could not be written. */
  readonly isOut: () => Promise<boolean>;
  readonly version: string;
  /** Aborts on Ctrl-C, SIGTERM and when the terminal is closed. */
  readonly interrupted: AbortSignal;
  /** The machine's time, also where an embedded world has its own. */
  readonly now: () => Date;
  /** Aborts when a time is over. */
  readonly after: (ms: number) => AbortSignal;
  readonly reportFile: (path: string) => Promise<ReportFile>;
  readonly append: (path: string, text: string) => Promise<void>;
  /** Asks the person at the terminal; null when they end the input, or `signal` aborts. null itself: nobody is there. */
  readonly ask: ((question: string, signal: AbortSignal) => Promise<string | null>) | null;
  readonly open: (request: OpenRequest) => Promise<Session>;
}

export interface Sink {
  write(text: string): void;
  readonly isTerminal: boolean;
  readonly columns: number | null;
}

export interface OpenRequest {
  /** `backup verify`: every request says that it is made for it. */
  readonly command: string;
  readonly argv: readonly string[];
  readonly flags: GlobalFlags;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  readonly operator: Operator;
  readonly output: Output;
  readonly log: (line: string) => void;
  readonly secrets: Redactor;
}

/** The ports of one run; `close` ends connections and the embedded sandbox. */
export interface Session {
  readonly context: Context;
  /** Name of the world that was asked; undefined: the accounts were, or nothing was. */
  readonly sandbox: () => string | undefined;
  /** What is wrong with the record of what this run has done; empty: nothing, or nothing was to be recorded. */
  readonly unrecorded: () => readonly Finding[];
  close(): Promise<void>;
}

/** What one run speaks through. */
export interface Run {
  readonly host: Host;
  readonly output: Output;
  readonly github: Github | undefined;
  readonly redactor: Redactor;
  readonly startedAt: Date;
}
