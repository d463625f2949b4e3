/**
 * JUnit XML: one test suite per subject, one test case per finding. `fail` is a failure, `unknown` an error, what is
 * waived is skipped, `warn` passes with its words in system-out (a failure under --strict).
 */
import { countByStatus, type Finding, type Report } from "../core/report.ts";
import { stepFindings } from "./change-text.ts";
import type { ToldError } from "./render-error.ts";
import { waiverWords } from "./waiver-text.ts";

export function junitReport(report: Report, strict: boolean): string {
  const suites = [...Map.groupBy(report.findings, (finding) => finding.subject)].map(([subject, findings]) =>
    suite(report, `${subject}${mark(report)}`, findings, strict),
  );
  const steps = changeSuite(report);
  const counts = totals([...report.findings, ...steps.findings], strict);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${xml(`${report.command}${mark(report)}`)}"${counts}>\n${suites.join("")}${steps.text}</testsuites>\n`;
}

/** A run that gave no result, as a test that could not be run. */
export function junitError({ command, message, hint, sandbox }: ToldError, endedAt: Date): string {
  const advice = hint === undefined ? {} : { remedy: hint };
  const finding: Finding = { check: "run", title: "", subject: command, status: "unknown", message, ...advice };
  const world = sandbox === undefined ? {} : { sandbox };
  return junitReport(
    { kind: "report", command, environment: "", observedAt: endedAt, findings: [finding], ...world },
    false,
  );
}

/** Each step of a change as a test case: one that did not end well is a failure, one whose end is open an error. */
function changeSuite(report: Report): { readonly text: string; readonly findings: readonly Finding[] } {
  const findings = stepFindings(report);
  return { text: findings.length === 0 ? "" : suite(report, `change${mark(report)}`, findings, false), findings };
}

/** In every name: collectors keep the history of a test by it, and a rehearsal is not to join that of the accounts. */
function mark({ sandbox }: Report): string {
  return sandbox === undefined ? "" : ` (sandbox: ${sandbox})`;
}

function suite(report: Report, subject: string, findings: readonly Finding[], strict: boolean): string {
  const cases = findings.map((finding) => testCase(subject, finding, strict)).join("");
  return `  <testsuite name="${xml(subject)}" timestamp="${report.observedAt.toISOString().slice(0, 19)}"${totals(findings, strict)}>\n${cases}  </testsuite>\n`;
}

function totals(findings: readonly Finding[], strict: boolean): string {
  const failures = findings.filter((finding) => isFailure(finding, strict)).length;
  const { unknown: errors, waived: skipped } = countByStatus(findings);
  return ` tests="${findings.length}" failures="${failures}" errors="${errors}" skipped="${skipped}"`;
}

function isFailure({ status }: Finding, strict: boolean): boolean {
  return status === "fail" || (strict && status === "warn");
}

function testCase(subject: string, finding: Finding, strict: boolean): string {
  const name = finding.scope === undefined ? finding.check : `${finding.check} (${finding.scope})`;
  const open = `    <testcase classname="${xml(subject)}" name="${xml(name)}">`;
  const text = xml(
    [finding.message, finding.remedy === undefined ? "" : `remedy: ${finding.remedy}`].filter(Boolean).join("\n"),
  );
  const element = elementOf(finding, strict);
  const why = xml(finding.waiver === undefined ? finding.message : waiverWords(finding.waiver));
  const inner =
    element === undefined ? `<system-out>${text}</system-out>` : `<${element} message="${why}">${text}</${element}>`;
  return `${open}${inner}</testcase>\n`;
}

/** undefined: it passes. */
function elementOf(finding: Finding, strict: boolean): string | undefined {
  if (finding.status === "unknown") return "error";
  if (finding.status === "waived") return "skipped";
  return isFailure(finding, strict) ? "failure" : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  "\n": "&#10;",
  "[": "&#91;",
};

/**
 * XML 1.0 admits no control characters, escaped or not: they are left out (https://www.w3.org/TR/xml/#charsets).
 * `##[` would be a command to GitHub Actions.
 */
function xml(text: string): string {
  return [...text]
    .filter(isXmlCharacter)
    .join("")
    .replaceAll(/[&<>"'\n]|(?<=##)\[/g, (character) => ENTITIES[character] ?? character);
}

function isXmlCharacter(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return code >= 0x20
    ? code !== 0xfffe && code !== 0xffff
    : character === "\t" || character === "\n" || character === "\r";
}
