/** The last line of every run: the verdict in words. */
import { type Finding, type Listing, type Report, type Status, worst } from "../core/report.ts";
import { EXIT_CODES, type ExitCode } from "./exit-code.ts";
import { wrap } from "./wrap.ts";

export const STATUS_WORDS = { pass: "PASS", warn: "WARN", fail: "FAIL", unknown: "UNKNOWN" } as const satisfies Record<
  Status,
  string
>;

function countByStatus(findings: readonly Finding[]): Readonly<Record<Status, number>> {
  const counts = { pass: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { status } of findings) counts[status] += 1;
  return counts;
}

/** Of a list that could be read whole there is nothing to judge: it is done. */
export function closingLine({ kind, findings }: Report | Listing, exitCode: ExitCode): string {
  return kind === "list" && findings.length === 0
    ? `verdict: DONE (exit ${exitCode})`
    : verdictLine(findings, exitCode);
}

/** `verdict: FAIL - 2 failed, 1 unknown, 16 passed (exit 1)` */
function verdictLine(findings: readonly Finding[], exitCode: ExitCode): string {
  if (findings.length === 0) return `verdict: UNKNOWN - nothing was checked (exit ${exitCode})`;
  const counts = countByStatus(findings);
  const parts = [
    counts.fail > 0 ? `${counts.fail} failed` : "",
    counts.unknown > 0 ? `${counts.unknown} unknown` : "",
    counts.warn > 0 ? `${counts.warn} ${counts.warn === 1 ? "warning" : "warnings"}` : "",
    counts.pass > 0 ? `${counts.pass} passed` : "",
  ].filter((part) => part !== "");
  return `verdict: ${STATUS_WORDS[worst(findings)]} - ${parts.join(", ")} (exit ${exitCode})`;
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
