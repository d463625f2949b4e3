/** What is printed where a run ends with an error instead of an outcome. */
import type { OpsError } from "../core/error.ts";
import { type ExitCode, exitCodeOfError } from "./exit-code.ts";
import { FORMATS, type Format, namedBy } from "./grammar.ts";
import type { Host, Run, Session } from "./host.ts";
import type { Invocation } from "./parse.ts";
import { renderError, type ToldError, type Written } from "./render-error.ts";
import { targetsAmong } from "./report-flag.ts";
import { wordsOf } from "./simple.ts";
import { errorVerdict } from "./verdict-line.ts";

/** What was known when it happened. */
export interface Failed {
  readonly error: OpsError;
  /** Absent: the words could not be parsed. */
  readonly invocation?: Invocation;
  /** Absent: it had not begun. */
  readonly session?: Session;
}

export async function reportError(run: Run, failed: Failed): Promise<ExitCode> {
  const { host, github, redactor } = run;
  const told = await toldOf(run, failed);
  const { kind, command, message, hint, verdict, exitCode, sandbox } = told;
  const troubles = await writeReports(run, failed, told);
  const format = formatAsked(host, failed.invocation);
  if (format !== "text" && format !== "markdown")
    host.stdout.write(await renderError(told, format, await written(run, failed)));
  if (kind !== "aborted")
    await github?.tellError({ command: `litally-ops ${command}`.trim(), message, hint, verdict, sandbox });
  const others = troubles.map((trouble) => redactor.apply(trouble)).filter((trouble) => trouble !== message);
  host.stderr.write([...others.map((trouble) => `error: ${trouble}\n`), told.text].join(""));
  return exitCode;
}

async function toldOf(run: Run, { error, invocation, session }: Failed): Promise<ToldError> {
  const { host, redactor } = run;
  const exitCode = exitCodeOfError(error.kind);
  const message = redactor.apply(error.message === "" ? error.name : error.message);
  const hint = error.hint === undefined ? undefined : redactor.apply(error.hint);
  const verdict = errorVerdict(exitCode);
  const world = session?.sandbox() ?? worldAsked(host, invocation);
  const lines = [
    `${error.kind === "bug" ? "bug in litally-ops" : "error"}: ${message}`,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(wantsStack(host, invocation) ? [redactor.apply(stackOf(error))] : []),
    verdict,
  ];
  return {
    kind: error.kind,
    command: invocation?.command.name ?? redactor.apply(askedFor(wordsOf(host.argv))),
    sandbox: world && redactor.apply(world),
    message,
    hint,
    verdict,
    exitCode,
    text: `${lines.join("\n")}\n`,
  };
}

/** Of an earlier run there may be reports in those places: they must not pass for this one. */
async function writeReports(run: Run, failed: Failed, told: ToldError): Promise<readonly string[]> {
  const targets = failed.invocation?.flags.reports ?? targetsAmong(run.host.argv);
  if (targets.length === 0) return [];
  const { reportName, writeEach } = await import("./report-files.ts");
  const plain = await written(run, failed);
  return writeEach(run.host, targets, ({ path, format }) =>
    renderError(told, format, { ...plain, report: run.redactor.apply(reportName(path)) }),
  );
}

async function written({ host, redactor, startedAt }: Run, failed: Failed): Promise<Written> {
  const environment = await environmentOf(host, failed);
  return { startedAt, endedAt: host.now(), environment: environment && redactor.apply(environment) };
}

/** By which alerts find the right people. Undefined where the policy is what could not be read; no world is built for it. */
async function environmentOf(host: Host, { session, invocation }: Failed): Promise<string | undefined> {
  if (session === undefined || (session.sandbox() === undefined && worldAsked(host, invocation) !== undefined))
    return undefined;
  try {
    return (await session.context.policy("databases")).policy.environment;
  } catch {
    return undefined;
  }
}

/** Where it is not known yet which world it is, or whether it would have been one. */
function worldAsked({ argv, env }: Host, invocation: Invocation | undefined): string | undefined {
  if (invocation?.flags.sandbox !== undefined) return invocation.flags.sandbox;
  if (env["LITALLY_OPS_SANDBOX"]) return "served elsewhere";
  return argv.some((word) => /^--sandbox(=|$)/.test(word)) ? "not known" : undefined;
}

/** The command, or what stands in its place. */
function askedFor(words: readonly string[]): string {
  return words.slice(0, Math.max(2, namedBy(words).length)).join(" ");
}

function stackOf(error: OpsError): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack ?? error.cause.message}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

function wantsStack({ argv }: Host, invocation: Invocation | undefined): boolean {
  return invocation?.flags.debug ?? argv.includes("--debug");
}

/** Also when the words could not be parsed: whoever asked for JSON gets JSON. */
function formatAsked({ argv }: Host, invocation: Invocation | undefined): Format {
  if (invocation !== undefined) return invocation.flags.format;
  if (argv.includes("--json")) return "json";
  const isAsked = (format: Format) =>
    argv.some((word, index) => word === `--format=${format}` || (word === "--format" && argv[index + 1] === format));
  return FORMATS.find(isAsked) ?? "text";
}
