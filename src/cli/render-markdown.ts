/** Markdown, for step summaries and tickets. */
import type { Change, Step } from "../core/change.ts";
import { formatInstant } from "../core/instant.ts";
import { bySeverity, type Finding, type Listing, type Report, rehearsalOf, worst } from "../core/report.ts";
import { showCell } from "./cell.ts";
import { STEP_WORDS, stepWords } from "./change-text.ts";
import type { ExitCode } from "./exit-code.ts";
import { mergeSame } from "./merge.ts";
import { closingLine, inSandbox, STATUS_WORDS, verdictOf } from "./verdict-line.ts";

export function markdownReport(report: Report, exitCode: ExitCode): string {
  const groups = [...Map.groupBy(report.findings, (finding) => finding.subject)].sort(([, a], [, b]) =>
    bySeverity({ status: worst(a) }, { status: worst(b) }),
  );
  return `${[
    `## ${plainText(report.command)}: ${verdictOf(report).word}${inSandbox(report)}`,
    "",
    ...rehearsal(report),
    `Environment ${plainText(report.environment)}, as seen ${formatInstant(report.observedAt)}.`,
    ...groups.flatMap(([subject, findings]) => [
      "",
      `### ${plainText(subject)}: ${STATUS_WORDS[worst(findings)]}`,
      "",
      ...findingsTable(findings),
    ]),
    ...(report.change === undefined ? [] : changeTables(report.change)),
    "",
    `**${plainText(closingLine(report, exitCode))}**`,
  ].join("\n")}\n`;
}

function rehearsal({ sandbox }: { readonly sandbox?: string | undefined }): readonly string[] {
  return sandbox === undefined ? [] : [`**${plainText(rehearsalOf(sandbox))}**`, ""];
}

function findingsTable(findings: readonly Finding[]): readonly string[] {
  const rows = mergeSame(findings.toSorted(bySeverity)).map(
    ({ status, names, message, remedy, waiver }) =>
      `| ${STATUS_WORDS[status]} | ${plainText(names.join(", "))} | ${plainText(waiver === undefined ? message : `${message} (${waiver})`)} | ${plainText(remedy ?? "")} |`,
  );
  return ["| status | check | finding | remedy |", "| --- | --- | --- | --- |", ...rows];
}

function changeTables({ reason, steps }: Change): readonly string[] {
  const why = reason === undefined ? [] : ["", plainText(`${reason}.`)];
  return [...why, ...steps.flatMap(stepTable)];
}

function stepTable(step: Step): readonly string[] {
  const { state, summary, differences, next } = step;
  const rows = differences.map(
    ({ setting, live, wanted, effect, source, because }) =>
      `| ${[setting, live, wanted, because === undefined ? effect : `${effect}: ${because}`, source ?? ""].map(plainText).join(" | ")} |`,
  );
  const table = ["", "| setting | live | wanted | effect | policy |", "| --- | --- | --- | --- | --- |", ...rows];
  const words = [...stepWords(step), ...(next === undefined ? [] : [`next: ${next}`])];
  return [
    "",
    `### ${plainText(summary)}: ${STEP_WORDS[state].word}`,
    ...(rows.length === 0 ? [] : table),
    ...words.flatMap((line) => ["", plainText(line)]),
  ];
}

export function markdownListing(listing: Listing, exitCode: ExitCode): string {
  const head = `| ${listing.columns.map((column) => plainText(column.title)).join(" | ")} |`;
  const rule = `| ${listing.columns.map((column) => (column.align === "right" ? "---:" : "---")).join(" | ")} |`;
  const rows = listing.items.map(
    (item) =>
      `| ${listing.columns.map((column) => plainText(showCell(column, item[column.key] ?? null))).join(" | ")} |`,
  );
  const problems = listing.findings.length === 0 ? [] : ["", ...findingsTable(listing.findings)];
  const closing = ["", plainText(listing.summary), ...problems, "", `**${plainText(closingLine(listing, exitCode))}**`];
  const title = `## ${plainText(listing.command)}${inSandbox(listing)}`;
  return `${[title, "", ...rehearsal(listing), head, rule, ...rows, ...closing].join("\n")}\n`;
}

/** What is told of a run that gave no result; the verdict is its last line. */
export interface ErrorText {
  readonly command: string;
  readonly message: string;
  readonly hint: string | undefined;
  readonly verdict: string;
  /** The world of a rehearsal. */
  readonly sandbox: string | undefined;
}

export function markdownError({ command, message, hint, verdict, sandbox }: ErrorText): string {
  const problems = message.split("\n").map((line) => `- ${plainText(line)}`);
  const advice = hint === undefined ? [] : ["", `hint: ${plainText(hint)}`];
  const title = `## ${plainText(command)}: ERROR${inSandbox({ sandbox })}`;
  return `${[title, "", ...rehearsal({ sandbox }), ...problems, ...advice, "", `**${plainText(verdict)}**`].join("\n")}\n`;
}

/** Nothing that came from outside may form markup: a table cell stays one cell. */
function plainText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`).replaceAll(/\s*\n\s*/g, " ");
}
