/**
 * GitHub Actions: what is not well becomes annotations (workflow commands on stderr, so that stdout stays the result)
 * and a summary of the step. No other word of ours is taken for a command, whoever put it there.
 */
import { toOpsError } from "../core/error.ts";
import type { Listing, Report, Status } from "../core/report.ts";
import { stepFindings } from "./change-text.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Host, Sink } from "./host.ts";
import { type Merged, mergeSame } from "./merge.ts";
import { type ErrorText, markdownError, markdownListing, markdownReport } from "./render-markdown.ts";
import { inSandbox } from "./verdict-line.ts";

export interface Github {
  /** The same host, with streams that say no commands. */
  readonly host: Host;
  tellOutcome(outcome: Report | Listing, exitCode: ExitCode): Promise<void>;
  tellError(error: ErrorText): Promise<void>;
}

export function underGithub(host: Host): Github {
  const harmless = { ...host, stdout: withoutCommands(host.stdout), stderr: withoutCommands(host.stderr) };
  /** The verdict has been given: a summary that cannot be written is told and changes nothing about it. */
  const tell = async (annotations: readonly string[], summary: string) => {
    for (const line of annotations) host.stderr.write(`${line}\n`);
    const file = host.env["GITHUB_STEP_SUMMARY"];
    if (file === undefined || file === "") return;
    try {
      await host.append(file, fitted(summary));
    } catch (thrown) {
      harmless.stderr.write(`warning: no step summary: ${toOpsError(thrown).message}\n`);
    }
  };
  return {
    host: harmless,
    tellOutcome: (outcome, exitCode) => {
      const toMarkdown =
        outcome.kind === "report" ? markdownReport(outcome, exitCode) : markdownListing(outcome, exitCode);
      return tell(annotations(outcome), toMarkdown);
    },
    tellError: (error) => tell(errorAnnotations(error), markdownError(error)),
  };
}

/** Of a summary that is larger than 1 MiB GitHub shows nothing (see workflow commands, step isolation and limits). */
const SUMMARY_BYTES_MAX = 1_000_000;

/** The worst stands first, and the verdict last: what is left out is between them. */
export function fitted(summary: string): string {
  const sizeBytes = (text: string) => new TextEncoder().encode(text).length;
  if (sizeBytes(summary) <= SUMMARY_BYTES_MAX) return summary;
  const lines = summary.trimEnd().split("\n");
  let roomBytes = SUMMARY_BYTES_MAX - SPARE_BYTES;
  const from = lines.findIndex((line) => {
    roomBytes -= sizeBytes(line) + 1;
    return roomBytes < 0;
  });
  const left = lines.length - from - 1;
  return [...lines.slice(0, from), "", `${left} more lines: see the report, or the log.`, "", lines.at(-1), ""].join(
    "\n",
  );
}

/** For the last lines. */
const SPARE_BYTES = 10_000;

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function annotations(outcome: Pick<Report, "findings" | "sandbox" | "change">): readonly string[] {
  const problems = [...outcome.findings, ...stepFindings(outcome)].filter((finding) => finding.status !== "pass");
  return [...Map.groupBy(problems, ({ subject }) => subject)].flatMap(([subject, ofIt]) =>
    mergeSame(ofIt).map((merged) => annotation(`${subject}${inSandbox(outcome)}`, merged)),
  );
}

function annotation(subject: string, { status, names, message, remedy, waiver }: Merged): string {
  const [first, ...more] = names;
  const title = `${first}${more.length === 0 ? "" : ` and ${more.length} more`} ${subject}`;
  const also = more.length === 0 ? [] : [`checks: ${names.join(", ")}`];
  const advice = remedy === undefined ? [] : [`remedy: ${remedy}`];
  const text = [message, ...(waiver === undefined ? [] : [waiver]), ...also, ...advice].join("\n");
  return `::${LEVELS[status]} title=${property(title)}::${data(text)}`;
}

const LEVELS = {
  pass: "notice",
  waived: "notice",
  warn: "warning",
  fail: "error",
  unknown: "error",
} as const satisfies Record<Status, string>;

/** `file:line:column: what is wrong`, as the policy's problems are told. */
const PLACED = /^([^\n:]+):(\d+):(\d+): (.*)$/;

/** One for each problem that has a place; else one for the error. */
function errorAnnotations({ command, message, hint }: ErrorText): readonly string[] {
  const placed = message.split("\n").flatMap((line) => {
    const [, file, row, column, text] = PLACED.exec(line) ?? [];
    if (file === undefined || text === undefined) return [];
    return [`::error file=${property(file)},line=${row},col=${column},title=${property(command)}::${data(text)}`];
  });
  if (placed.length > 0) return placed;
  const text = hint === undefined ? message : `${message}\nhint: ${hint}`;
  return [`::error title=${property(command)}::${data(text)}`];
}

/**
 * The runner takes a line that begins with `::` for a command, spaces before it or not, and one of the older kind,
 * `##[`, anywhere in it (https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs).
 */
function withoutCommands(sink: Sink): Sink {
  const harmless = (text: string) => text.replaceAll(/^([^\S\n]*):(?=:)/gm, "$1: ").replaceAll("##[", "## [");
  return { ...sink, write: (text) => sink.write(harmless(text)) };
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
