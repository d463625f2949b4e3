/** What the end of a run comes to in a job. Pure: what is not certainly well fails. */

export interface Ended {
  readonly command: string;
  readonly exitCode: number;
  /** What the report says, as it was parsed; undefined: there is none, or it cannot be read. */
  readonly report: unknown;
}

export interface Outcome {
  /** As the report says: pass, waived, warn, fail, unknown; how a change stands where it did not end well; or error. */
  readonly status: string;
  /** What the step ends with. */
  readonly exitCode: number;
  /** What is to be said besides what the run itself said. */
  readonly tell?: { readonly level: "warning" | "error"; readonly text: string };
}

export function outcomeOf(ended: Ended, warnOn: ReadonlySet<number>): Outcome {
  const { command, exitCode } = ended;
  const report = reportOf(ended);
  if (report === null) {
    const text = `it ended with ${exitCode} and left no report of that: nothing is known`;
    return { status: "unknown", exitCode: exitCode === 0 ? LEFT_NO_REPORT : exitCode, tell: { level: "error", text } };
  }
  const status = statusOf(report, exitCode);
  if (exitCode === 0 || !warnOn.has(exitCode)) return { status, exitCode };
  const text = `${command} ended with ${exitCode} (${status}), which warn-on makes a warning: the step does not fail`;
  return { status, exitCode: 0, tell: { level: "warning", text } };
}

/** A run that claims to be well and cannot show it: as where something could not be found out. */
const LEFT_NO_REPORT = 2;

type Json = Readonly<Record<string, unknown>>;

/** The report, where it is of this command and of this very end: a crash has the exit code of a finding. */
function reportOf({ command, exitCode, report }: Ended): Json | null {
  if (!isJson(report)) return null;
  return report["exitCode"] === exitCode && report["command"] === command ? report : null;
}

const KNOWN = ["pass", "waived", "warn", "fail", "unknown"];
const CHANGES = ["planned", "refused", "declined", "undecided", "running", "interrupted", "failed"];

function statusOf({ kind, status, change }: Json, exitCode: number): string {
  if (exitCode === 1) return "fail";
  if (exitCode === 2) return "unknown";
  const begun = isJson(change) ? change["state"] : undefined;
  const state = begun === "running" && exitCode !== 0 ? "failed" : begun; // something beside it is not well
  const named = [...(kind === "error" ? ["error"] : []), state, status].find((word) => isOneOf(word));
  return typeof named === "string" ? named : exitCode === 0 ? "pass" : "error";
}

function isOneOf(word: unknown): boolean {
  return word === "error" || CHANGES.includes(String(word)) || KNOWN.includes(String(word));
}

function isJson(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
