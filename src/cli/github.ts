/** GitHub Actions: failures become annotations (workflow commands on stderr, so that stdout stays the result). */
import type { Finding, Report } from "../core/report.ts";
import { inSandbox } from "./verdict-line.ts";

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function annotations(report: Report): readonly string[] {
  return report.findings
    .filter((finding) => finding.status !== "pass")
    .map((finding) => annotation(finding, inSandbox(report)));
}

function annotation({ status, check, subject, message, remedy }: Finding, mark: string): string {
  const level = status === "warn" ? "warning" : "error";
  const text = remedy === undefined ? message : `${message}\nremedy: ${remedy}`;
  return `::${level} title=${property(`${check} ${subject}${mark}`)}::${data(text)}`;
}

function data(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function property(text: string): string {
  return data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}
