/** One run of the command line, from words to exit code. It prints one result, and the exit code comes from the same object. */
import type { Context } from "../commands/context.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import type { Outcome } from "../core/report.ts";
import { stopReason } from "../core/stop.ts";
import type { Operator } from "../ports/operator.ts";
import type { Output } from "../ports/output.ts";
import type { Progress } from "../ports/progress.ts";
import { type ExitCode, exitCodeOf, exitCodeOfError } from "./exit-code.ts";
import type { Github } from "./github.ts";
import type { Format } from "./grammar.ts";
import { helpFor } from "./help.ts";
import { withOutput } from "./output.ts";
import type { GlobalFlags, Invocation } from "./parse.ts";
import { lineProgress, type ProgressDisplay, spinnerProgress } from "./progress.ts";
import { createRedactor, type Redactor, redactOutcome, redactReport, secretsIn } from "./redact.ts";
import { simpleAnswer, wordsOf } from "./simple.ts";
import { closingLine } from "./verdict-line.ts";

export interface Host {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** To stdout, as they are; resolves once they are out of our hands. */
  readonly writeBytes: (bytes: Uint8Array) => Promise<void>;
  readonly version: string;
  /** Aborts on Ctrl-C, SIGTERM and when the terminal is closed. */
  readonly interrupted: AbortSignal;
  /** Aborts when a time is over. */
  readonly after: (ms: number) => AbortSignal;
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
  close(): Promise<void>;
}

export async function runCli(host: Host): Promise<ExitCode> {
  const simple = simpleAnswer(host.argv, host.version);
  if (simple !== undefined) {
    host.stdout.write(simple);
    return 0;
  }
  const redactor = createRedactor();
  redactor.add(secretsIn(host.env));
  const { host: own, output } = withOutput(host);
  const github = host.env["GITHUB_ACTIONS"] === "true" ? (await import("./github.ts")).underGithub(own) : undefined;
  const run = { host: github?.host ?? own, output, github, redactor };
  let invocation: Invocation | undefined;
  try {
    if (host.argv.length === 0) host.stderr.write(`${helpFor([])}\n`);
    const { parse } = await import("./parse.ts");
    invocation = parse(host.argv);
    return await runCommand(run, invocation);
  } catch (thrown) {
    return reportError(run, invocation, toOpsError(thrown));
  }
}

/** What one run speaks through. */
interface Run {
  readonly host: Host;
  readonly output: Output;
  readonly github: Github | undefined;
  readonly redactor: Redactor;
}

async function runCommand(run: Run, { command, flags, input }: Invocation): Promise<ExitCode> {
  const { host, redactor } = run;
  const timeout = flags.timeoutMs ?? (command.endures === true ? undefined : DEFAULT_TIMEOUT_MS);
  const signal =
    timeout === undefined ? host.interrupted : AbortSignal.any([host.interrupted, deadline(host, timeout)]);
  const progress = progressFor(host, redactor);
  const log = (line: string) => (flags.debug ? host.stderr.write(redactor.apply(`debug: ${line}\n`)) : undefined);
  const session = await host.open({
    flags,
    signal,
    progress,
    operator: operatorAt({ host, signal, progress, redactor }),
    output: run.output,
    log,
    secrets: redactor,
  });
  try {
    const module = await command.load();
    const parsed = module.input.parse(input) as never; // the module's own schema has just made its own input type
    const outcome = marked(await module.run(parsed, session.context), session.sandbox());
    progress.end();
    return await print(run, flags, outcome);
  } finally {
    progress.end();
    await session.close();
  }
}

interface Terminal {
  readonly host: Host;
  readonly signal: AbortSignal;
  readonly progress: ProgressDisplay;
  readonly redactor: Redactor;
}

/** Plan and question stand on stderr: stdout is the result's. */
function operatorAt({ host, signal, progress, redactor }: Terminal): Operator {
  return {
    async ask(plan, question) {
      if (host.ask === null) return null;
      progress.pause();
      if (plan !== null) {
        const { PLAIN_STYLE } = await import("./style.ts");
        const { renderPreview } = await import("./render-text.ts");
        host.stderr.write(renderPreview(redactReport(plan, redactor.apply), PLAIN_STYLE));
      }
      const typed = await host.ask(redactor.apply(question), signal);
      if (!signal.aborted) return typed;
      host.stderr.write("\n"); // the question stands on a line that nobody has ended
      throw stopReason(signal, "asking");
    },
  };
}

/** Here for all commands, so that none can forget it. */
function marked(outcome: Outcome, sandbox: string | undefined): Outcome {
  return sandbox === undefined || outcome.kind === "artifact" ? outcome : { ...outcome, sandbox };
}

const DEFAULT_TIMEOUT_MS = 600_000;

/** Aborts when the time is over, with the reason that whatever is still open then is given. */
function deadline(host: Host, ms: number): AbortSignal {
  const controller = new AbortController();
  const over = host.after(ms);
  const end = () =>
    controller.abort(
      new OpsError("timeout", `not done within --timeout (${ms / 1000} s)`, { hint: "give it longer: --timeout 30m" }),
    );
  if (over.aborted) end();
  over.addEventListener("abort", end, { once: true });
  return controller.signal;
}

function progressFor({ stderr, env }: Host, redactor: Redactor): ProgressDisplay {
  const write = (text: string) => stderr.write(redactor.apply(text));
  const canDraw = stderr.isTerminal && stderr.columns !== null && env["CI"] === undefined;
  return canDraw ? spinnerProgress(write, redactor.apply) : lineProgress(write);
}

/** stdout gets the result. Where that is a document for programs, stderr gets the verdict in words. */
async function print({ host, github, redactor }: Run, flags: GlobalFlags, outcome: Outcome): Promise<ExitCode> {
  const exitCode = exitCodeOf(outcome, flags.strict);
  const shown = redactOutcome(outcome, redactor.apply);
  const { render } = await import("./render.ts");
  const options = { ...flags, exitCode, colour: wantsColour(host, flags), width: host.stdout.columns };
  host.stdout.write(await render(shown, options));
  if (shown.kind === "report" || (shown.kind === "list" && shown.findings.length > 0))
    await github?.tellOutcome(shown, exitCode);
  const isForPrograms = flags.format === "json" || flags.format === "junit";
  if (isForPrograms && shown.kind !== "artifact") host.stderr.write(`${closingLine(shown, exitCode)}\n`);
  return exitCode;
}

/** https://no-color.org and https://force-color.org: set and not empty. The flag outranks both. */
function wantsColour({ env, stdout }: Host, flags: GlobalFlags): boolean {
  if (!flags.color || flags.format !== "text") return false;
  if (isSet(env["NO_COLOR"])) return false;
  if (isSet(env["FORCE_COLOR"])) return env["FORCE_COLOR"] !== "0";
  return stdout.isTerminal && env["TERM"] !== "dumb";
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== "";
}

async function reportError(run: Run, invocation: Invocation | undefined, error: OpsError): Promise<ExitCode> {
  const { host, github, redactor } = run;
  const exitCode = exitCodeOfError(error.kind);
  const message = redactor.apply(error.message === "" ? error.name : error.message);
  const hint = error.hint === undefined ? undefined : redactor.apply(error.hint);
  const command = invocation?.command.name ?? redactor.apply(wordsOf(host.argv).slice(0, 2).join(" "));
  const verdict = `verdict: ${ERROR_VERDICTS[exitCode] ?? "ERROR"} (exit ${exitCode})`;
  if (wantsJson(host, invocation)) {
    const { documentOfError, jsonText } = await import("./document.ts");
    host.stdout.write(jsonText(documentOfError(command, error.kind, message, hint)));
  }
  if (error.kind !== "aborted")
    await github?.tellError({ command: `litally-ops ${command}`.trim(), message, hint, verdict });
  const lines = [
    `${error.kind === "bug" ? "bug in litally-ops" : "error"}: ${message}`,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(wantsStack(host, invocation) ? [redactor.apply(stackOf(error))] : []),
    verdict,
  ];
  host.stderr.write(`${lines.join("\n")}\n`);
  return exitCode;
}

const ERROR_VERDICTS: Partial<Record<ExitCode, string>> = {
  2: "UNKNOWN - could not find out",
  64: "ERROR - wrong flags or policy",
  70: "ERROR - a bug of ours, not an answer",
  130: "INTERRUPTED - nothing was changed",
};

function stackOf(error: OpsError): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack ?? error.cause.message}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

function wantsStack({ argv }: Host, invocation: Invocation | undefined): boolean {
  return invocation?.flags.debug ?? argv.includes("--debug");
}

/** Also when the words could not be parsed: whoever asked for JSON gets JSON. */
function wantsJson({ argv }: Host, invocation: Invocation | undefined): boolean {
  const format: Format | undefined = invocation?.flags.format;
  if (format !== undefined) return format === "json";
  const asked = argv.some((word, index) => word === "--format" && argv[index + 1] === "json");
  return asked || argv.includes("--json") || argv.includes("--format=json");
}
