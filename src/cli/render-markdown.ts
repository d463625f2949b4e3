/** Markdown, for step summaries and tickets. */
import { formatInstant } from "../core/instant.ts";
import { bySeverity, type Finding, type Listing, type Report, rehearsalOf, worst } from "../core/report.ts";
import { showCell } from "./cell.ts";
import type { ExitCode } from "./exit-code.ts";
import { closingLine, inSandbox, STATUS_WORDS } from "./verdict-line.ts";

export function markdownReport(report: Report, exitCode: ExitCode): string {
  const groups = [...Map.groupBy(report.findings, (finding) => finding.subject)].sort(([, a], [, b]) =>
    bySeverity({ status: worst(a) }, { status: worst(b) }),
  );
  return `${[
    `## ${plainText(report.command)}: ${STATUS_WORDS[worst(report.findings)]}${inSandbox(report)}`,
    "",
    ...rehearsal(report),
    `Environment ${plainText(report.environment)}, as seen ${formatInstant(report.observedAt)}.`,
    ...groups.flatMap(([subject, findings]) => [
      "",
      `### ${plainText(subject)}: ${STATUS_WORDS[worst(findings)]}`,
      "",
      ...findingsTable(findings),
    ]),
    "",
    `**${plainText(closingLine(report, exitCode))}**`,
  ].join("\n")}\n`;
}

function rehearsal({ sandbox }: Report | Listing): readonly string[] {
  return sandbox === undefined ? [] : [`**${plainText(rehearsalOf(sandbox))}**`, ""];
}

function findingsTable(findings: readonly Finding[]): readonly string[] {
  const rows = findings.toSorted(bySeverity).map(({ status, check, scope, message, remedy }) => {
    const name = scope === undefined ? check : `${check} (${scope})`;
    return `| ${STATUS_WORDS[status]} | ${plainText(name)} | ${plainText(message)} | ${plainText(remedy ?? "")} |`;
  });
  return ["| status | check | finding | remedy |", "| --- | --- | --- | --- |", ...rows];
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

/** Nothing that came from outside may form markup: a table cell stays one cell. */
function plainText(text: string): string {
  return text.replaceAll(/[\\`*_{}[\]<>|#]/g, (character) => `\\${character}`).replaceAll(/\s*\n\s*/g, " ");
}
