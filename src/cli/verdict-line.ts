/** The last line of every run: the verdict in words. */
import type { Step } from "../core/change.ts";
import { countByStatus, type Finding, type Listing, type Report, type Status, worst } from "../core/report.ts";
import { wrap } from "../core/wrap.ts";
import { CHANGE_WORDS } from "./change-text.ts";
import { EXIT_CODES, type ExitCode } from "./exit-code.ts";

export const STATUS_WORDS = {
  pass: "PASS",
  waived: "WAIVED",
  warn: "WARN",
  fail: "FAIL",
  unknown: "UNKNOWN",
} as const satisfies Record<Status, string>;

/** Of a list that could be read whole there is nothing to judge: it is done. */
export function closingLine(outcome: Report | Listing, exitCode: ExitCode): string {
  const { word, says } = verdictOf(outcome);
  return `verdict: ${word}${inSandbox(outcome)}${says === "" ? "" : ` - ${says}`} (exit ${exitCode})`;
}

/** Of a run that ended with an error instead. */
export function errorVerdict(exitCode: ExitCode): string {
  return `verdict: ${ERROR_VERDICTS[exitCode] ?? "ERROR"} (exit ${exitCode})`;
}

const ERROR_VERDICTS: Partial<Record<ExitCode, string>> = {
  2: "UNKNOWN - could not find out",
  64: "ERROR - wrong flags or policy",
  70: "ERROR - a bug of ours, not an answer",
  130: "INTERRUPTED - nothing was changed",
};

/** The word that a verdict begins with, how it is coloured, and what it counts. */
export function verdictOf(outcome: Report | Listing): {
  readonly word: string;
  readonly tone: Status;
  readonly says: string;
} {
  const { kind, findings } = outcome;
  const status = worst(findings);
  if (kind === "list" && findings.length === 0) return { word: "DONE", tone: "pass", says: "" };
  const counts = countsOf(findings);
  if (kind === "list" || outcome.change === undefined)
    return { word: STATUS_WORDS[status], tone: status, says: counts };
  const { word, tone, says } = CHANGE_WORDS[outcome.change.state];
  const { state, steps } = outcome.change;
  if (word === null || (state === "running" && (status === "fail" || status === "unknown")))
    return { word: STATUS_WORDS[status], tone: status, says: `${says}; ${counts}` };
  return { word, tone, says: state === "interrupted" ? stoppedAt(steps) : says };
}

/** Where it stopped: at something whose end was not seen, before something that was not begun, or both. */
function stoppedAt(steps: readonly Step[]): string {
  const notBegun = steps.filter(({ state }) => state === "not-done").length;
  return [
    ...(steps.some(({ state }) => state === "unwatched") ? ["the end of what was begun was not seen"] : []),
    ...(notBegun > 0 ? [`${notBegun} of ${steps.length} steps not begun`] : []),
  ].join(", ");
}

/** Follows a verdict wherever one is given, so that no rehearsal passes for the truth. */
export function inSandbox({ sandbox }: { readonly sandbox?: string | undefined }): string {
  return sandbox === undefined ? "" : " in the sandbox";
}

/** `2 failed, 1 unknown, 16 passed` */
function countsOf(findings: readonly Finding[]): string {
  if (findings.length === 0) return "nothing was checked";
  const counts = countByStatus(findings);
  const parts = [
    counts.fail > 0 ? `${counts.fail} failed` : "",
    counts.unknown > 0 ? `${counts.unknown} unknown` : "",
    counts.warn > 0 ? `${counts.warn} ${counts.warn === 1 ? "warning" : "warnings"}` : "",
    counts.waived > 0 ? `${counts.waived} waived` : "",
    counts.pass > 0 ? `${counts.pass} passed` : "",
  ].filter((part) => part !== "");
  return parts.join(", ");
}

/** 80 columns without the codes. */
const HELP_WIDTH = 73;

export function exitCodesHelp(): string {
  const lines = Object.entries(EXIT_CODES).flatMap(([code, meaning]) =>
    wrap(meaning, HELP_WIDTH).map((line, index) => `${(index === 0 ? code : "").padStart(5)}  ${line}`),
  );
  return [
    "Exit codes",
    "",
    ...lines,
    "",
    "fail outranks unknown, both outrank warn. A report with no finding is unknown.",
    "",
  ].join("\n");
}
