/**
 * Text for people: by subject, worst first, aligned, within 80 columns, in words that a screen reader can say.
 * The last line is always the verdict.
 */
import { formatInstant } from "../core/instant.ts";
import {
  bySeverity,
  type Finding,
  type ListColumn,
  type Listing,
  type Report,
  rehearsalOf,
  type Status,
  worst,
} from "../core/report.ts";
import { wrap } from "../core/wrap.ts";
import { showCell } from "./cell.ts";
import { changeLines } from "./change-text.ts";
import type { ExitCode } from "./exit-code.ts";
import { type Merged, mergeSame } from "./merge.ts";
import { remedyLines } from "./remedy.ts";
import type { Style } from "./style.ts";
import { closingLine, STATUS_WORDS, verdictOf } from "./verdict-line.ts";

export interface TextOptions {
  readonly style: Style;
  readonly verbose: boolean;
  readonly exitCode: ExitCode;
  /** Columns of the terminal; null: not a terminal, which is read as one of 80. */
  readonly width: number | null;
}

const TEXT_WIDTH = 80;
const LABEL_WIDTH = 9;
/** With more subjects than this, what passes is counted rather than listed, unless there is little of it in all. */
const MAX_SUBJECTS_IN_FULL = 3;
const MAX_FINDINGS_IN_FULL = 16;

export function renderReport(report: Report, options: TextOptions): string {
  const groups = [...Map.groupBy(report.findings, (finding) => finding.subject)].sort(([, a], [, b]) =>
    bySeverity({ status: worst(a) }, { status: worst(b) }),
  );
  const inFull =
    options.verbose || groups.length <= MAX_SUBJECTS_IN_FULL || report.findings.length <= MAX_FINDINGS_IN_FULL;
  const head = [
    ...rehearsal(report),
    `${report.command}, ${report.environment}, as seen ${formatInstant(report.observedAt)}`,
  ];
  const inBrief = inFull ? [] : groups.filter(([, findings]) => worst(findings) === "pass");
  const body = together(
    groups.filter((group) => !inBrief.includes(group)),
    (findings) => renderSubject(findings, inFull, options),
  ).flatMap(({ subjects, status, lines }) => ["", ...heading(subjects, status, options), ...lines]);
  const passed = inBrief.map(([subject, findings]) => briefly(subject, findings, options));
  const verdict = options.style.status(verdictOf(report).tone, closingLine(report, options.exitCode));
  return `${[...head, ...body, ...(passed.length > 0 ? ["", ...passed] : []), ...changeOf(report, options), "", verdict].join("\n")}\n`;
}

/** What is about to be done, for the person who is asked: what speaks against it, and the steps. */
export function renderPreview(report: Report, style: Style): string {
  const doubts = mergeSame(report.findings.filter(({ status }) => status !== "pass"));
  return `${[...doubts.flatMap((finding) => renderFinding(finding, style)), ...changeOf(report, { style })].join("\n")}\n\n`;
}

function changeOf({ change }: Report, { style }: Pick<TextOptions, "style">): readonly string[] {
  const lines = change === undefined ? [] : changeLines(change, style);
  return lines.length === 0 ? [] : ["", ...lines];
}

/** Before anything else is read. */
function rehearsal({ sandbox }: Report | Listing): readonly string[] {
  return sandbox === undefined ? [] : [rehearsalOf(sandbox)];
}

/** Of years of archives, each that is well is a line. */
function briefly(subject: string, findings: readonly Finding[], { style }: TextOptions): string {
  return `${style.strong(subject)}: ${style.status("pass", STATUS_WORDS.pass)}, ${checks(findings.length)}`;
}

function checks(count: number): string {
  return count === 1 ? "1 check" : `${count} checks`;
}

interface Alike {
  readonly subjects: readonly string[];
  readonly status: Status;
  readonly lines: readonly string[];
}

/** Subjects of which the same is to be said, word by word, are told of together: a thousand alarms fall silent by one link. */
function together(
  groups: readonly (readonly [string, readonly Finding[]])[],
  render: (findings: readonly Finding[]) => readonly string[],
): readonly Alike[] {
  const said = groups.map(([subject, findings]) => ({ subject, status: worst(findings), lines: render(findings) }));
  return [...Map.groupBy(said, ({ status, lines }) => `${status}\n${lines.join("\n")}`).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined) return [];
    return [{ subjects: alike.map(({ subject }) => subject), status: first.status, lines: first.lines }];
  });
}

/** So many subjects are named, the rest is counted. */
const MAX_SUBJECTS_NAMED = 20;

function heading(subjects: readonly string[], status: Status, { style }: TextOptions): readonly string[] {
  const word = style.status(status, STATUS_WORDS[status]);
  const [only] = subjects;
  if (subjects.length === 1) return [`${style.strong(only ?? "")}: ${word}`];
  const named = subjects.slice(0, MAX_SUBJECTS_NAMED);
  const more = subjects.length - named.length;
  const words = `${named.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
  const lines = wrap(words, TEXT_WIDTH - `: ${STATUS_WORDS[status]}`.length);
  return lines.map((line, index) => `${style.strong(line)}${index === lines.length - 1 ? `: ${word}` : ""}`);
}

function renderSubject(
  findings: readonly Finding[],
  inFull: boolean,
  { style, verbose }: TextOptions,
): readonly string[] {
  const sorted = findings.toSorted(bySeverity);
  const problems = sorted.filter((finding) => finding.status !== "pass");
  const passes = sorted.filter((finding) => finding.status === "pass");
  return [
    ...mergeSame(problems).flatMap((finding) => renderFinding(finding, style)),
    ...(inFull
      ? passLines(passes, verbose, style)
      : passes.length === 0
        ? []
        : [`  ${style.status("pass", "PASS".padEnd(LABEL_WIDTH))}${checks(passes.length)}`]),
  ];
}

/** A check that passes more often than this, in many scopes, is counted unless all is to be seen. */
const MAX_PASSES_IN_FULL = 12;

function passLines(passes: readonly Finding[], verbose: boolean, style: Style): readonly string[] {
  const counts = new Map([...Map.groupBy(passes, ({ check }) => check)].map(([check, alike]) => [check, alike.length]));
  const isCounted = (check: string) => !verbose && (counts.get(check) ?? 0) > MAX_PASSES_IN_FULL;
  const label = `  ${style.status("pass", "PASS".padEnd(LABEL_WIDTH))}`;
  return [
    ...mergeSame(passes.filter(({ check }) => !isCounted(check))).flatMap((one) => renderFinding(one, style)),
    ...[...counts]
      .filter(([check]) => isCounted(check))
      .map(([check, count]) => `${label}${check}: ${count} times; --verbose shows each`),
  ];
}

function renderFinding(finding: Merged, style: Style): readonly string[] {
  const names = finding.names.join(", ");
  const indent = " ".repeat(LABEL_WIDTH + 2);
  const width = TEXT_WIDTH - indent.length;
  const label = style.status(finding.status, STATUS_WORDS[finding.status].padEnd(LABEL_WIDTH));
  if (finding.status === "pass") return hang(`  ${label}`, indent, wrap(`${names}: ${finding.message}`, width));
  const remedy = finding.remedy === undefined ? [] : remedyLines(finding.remedy, width);
  const waiver = finding.waiver === undefined ? [] : wrap(finding.waiver, width);
  const [name, ...moreNames] = wrap(names, width);
  return [
    `  ${label}${style.strong(name ?? "")}`,
    ...[...moreNames, ...wrap(finding.message, width), ...waiver].map((line) => `${indent}${line}`),
    ...remedy.map((line) => `${indent}${style.dim(line)}`),
  ];
}

function hang(label: string, indent: string, lines: readonly string[]): readonly string[] {
  return lines.map((line, index) => `${index === 0 ? label : indent}${line}`);
}

export function renderListing(listing: Listing, options: TextOptions): string {
  const table = renderTable(listing, options);
  const problems = mergeSame(listing.findings).flatMap((finding) => renderFinding(finding, options.style));
  const closing = ["", ...wrap(listing.summary, TEXT_WIDTH), closingLine(listing, options.exitCode)];
  return `${[...rehearsal(listing), ...table, ...(problems.length > 0 ? ["", ...problems] : []), ...closing].join("\n")}\n`;
}

/** Where there is too little room, columns that may be left out go one by one, the last first. */
function renderTable(listing: Listing, { style, verbose, width }: TextOptions): readonly string[] {
  if (listing.items.length === 0) return listing.missing.length === 0 ? ["(none)"] : ["(not known)"];
  let columns = listing.columns;
  let lines = layOut(listing, columns);
  while (!verbose && Math.max(...lines.map((line) => line.length)) > (width ?? TEXT_WIDTH)) {
    const last = columns.findLastIndex((column) => column.wide === true);
    if (last === -1) break;
    columns = columns.toSpliced(last, 1);
    lines = layOut(listing, columns);
  }
  const [head = "", ...rows] = fold(lines, columns, width ?? TEXT_WIDTH);
  const gone = listing.columns.filter((column) => !columns.includes(column)).map((column) => column.title);
  const more = gone.length === 0 ? [] : ["", style.dim(`more columns with --verbose: ${gone.join(", ")}`)];
  return [style.strong(head), ...rows, ...more];
}

/** Room for a sentence, however narrow the terminal. */
const MIN_SENTENCE_WIDTH = 20;

/** Sentences in the last column go on below, in their column. */
function fold(lines: readonly string[], columns: readonly ListColumn[], width: number): readonly string[] {
  const last = columns.at(-1);
  if (last?.wrap !== true) return lines;
  const start = lines[0]?.lastIndexOf(last.title) ?? 0;
  const room = Math.max(width - start, MIN_SENTENCE_WIDTH);
  return lines.flatMap((line) => hang(line.slice(0, start), " ".repeat(start), wrap(line.slice(start), room)));
}

function layOut(listing: Listing, columns: readonly ListColumn[]): readonly string[] {
  const cells = listing.items.map((item) => columns.map((column) => showCell(column, item[column.key] ?? null)));
  const widths = columns.map((column, index) =>
    Math.max(column.title.length, ...cells.map((row) => row[index]?.length ?? 0)),
  );
  const align = (text: string, index: number) =>
    columns[index]?.align === "right" ? text.padStart(widths[index] ?? 0) : text.padEnd(widths[index] ?? 0);
  return [columns.map((column) => column.title), ...cells].map((row) => row.map(align).join("  ").trimEnd());
}
