import type { Change } from "./change.ts";

/**
 * The vocabulary of results. A report is the only thing a command returns, the only thing that is printed,
 * and the only thing the exit code looks at.
 */

/**
 * `unknown`: could not find out. It is never a pass. `waived`: not as it must be, known, and answered for until a date
 * that the policy names.
 */
export type Status = "pass" | "waived" | "warn" | "fail" | "unknown";

/** Severity order: `fail` outranks `unknown`, both outrank `warn`. */
const SEVERITY = { pass: 0, waived: 1, warn: 2, unknown: 3, fail: 4 } as const satisfies Record<Status, number>;

type EvidenceValue = string | number | boolean | null | readonly string[];
/** What was expected and what was seen, by name; units come last in names (`ageHours`, `sizeBytes`). */
export type Evidence = { readonly [name: string]: EvidenceValue };

/** What a check says about its subject. None can waive what it finds: the policy alone does, at the end of a run. */
export interface Verdict {
  readonly status: Exclude<Status, "waived">;
  readonly message: string;
  readonly evidence?: Evidence;
  /** Which part of the subject this verdict is about, where one check gives several: `daily`, `ap-southeast-1`. */
  readonly scope?: string;
  /** Replaces the check's own remedy where the verdict knows a better one. */
  readonly remedy?: string;
}

/** A verdict with its check and its subject (`cluster/litally-core`). */
export interface Finding {
  readonly check: string;
  readonly title: string;
  readonly subject: string;
  readonly scope?: string;
  readonly status: Status;
  readonly message: string;
  readonly evidence?: Evidence;
  /** What to do about it; present on every finding that is not `pass`. */
  readonly remedy?: string;
  /** On every finding that is `waived`, and on no other. */
  readonly waiver?: Waiver;
}

/** Why a finding does not count for now, and what it is without that. */
export interface Waiver {
  readonly found: "fail" | "warn";
  /** As the policy has it: a day, which counts to its end in UTC, or an instant. */
  readonly until: string;
  /** Whole days that are left; 0 on the last. */
  readonly leftDays: number;
  readonly reason: string;
  readonly owner: string;
}

/** Where and when was looked. */
interface Looked {
  readonly command: string;
  readonly environment: string;
  readonly observedAt: Date;
  /** Name of the world that was asked in place of the accounts: a rehearsal, which says nothing about them. */
  readonly sandbox?: string;
}

/** The words for `sandbox`, wherever a person may see the result. */
export function rehearsalOf(world: string): string {
  return `SANDBOX (world ${world}): a rehearsal, not your accounts`;
}

/** What every `verify`, `audit`, `check` and `doctor` ends with. */
export interface Report extends Looked {
  readonly kind: "report";
  readonly findings: readonly Finding[];
  /** What was to be changed and what became of it; absent where a command changes nothing. */
  readonly change?: Change;
}

/** A cell of a list: text for people and the plain value for programs come from the same field. */
export type Cell = string | number | boolean | null | readonly string[];

/** What every `list` and `show` ends with: rows under stable keys. */
export interface Listing extends Looked {
  readonly kind: "list";
  readonly items: readonly { readonly [key: string]: Cell }[];
  /** Columns of the human table in order; a key that stands in no column is shown in JSON only. */
  readonly columns: readonly ListColumn[];
  /** The closing line. */
  readonly summary: string;
  /** What belongs into the list and could not be looked at, and why: without it, an empty list would look like none. */
  readonly missing: readonly { readonly subject: string; readonly reason: string }[];
  /** Rows that a limit of the user's left out. */
  readonly omitted: number;
  /** Findings about the looking itself: what could not be read. Empty when all was read. */
  readonly findings: readonly Finding[];
}

export interface ListColumn {
  readonly key: string;
  readonly title: string;
  readonly align?: "left" | "right";
  /** Sentences, in the last column: they go on below where there is too little room. */
  readonly wrap?: boolean;
  /** Left out on a terminal that is too narrow for all columns. */
  readonly wide?: boolean;
  readonly show?: (value: Cell) => string;
}

/** A document or text the user asked for by name (a schema, a script, a file): printed as it is. */
export interface Artifact {
  readonly kind: "artifact";
  readonly command: string;
  readonly mediaType: "text/plain" | "application/json" | "application/yaml";
  /** What is printed for people. */
  readonly body: string;
  /** What `--json` prints: a plain value. */
  readonly content: unknown;
}

export type Outcome = Report | Listing | Artifact;

/** The worst status of a set; `worst([])` is `unknown`, because nothing was checked. */
export function worst(findings: readonly { readonly status: Status }[]): Status {
  let result: Status | undefined;
  for (const { status } of findings) {
    if (result === undefined || SEVERITY[status] > SEVERITY[result]) result = status;
  }
  return result ?? "unknown";
}

export function countByStatus(findings: readonly { readonly status: Status }[]): Readonly<Record<Status, number>> {
  const counts = { pass: 0, waived: 0, warn: 0, fail: 0, unknown: 0 };
  for (const { status } of findings) counts[status] += 1;
  return counts;
}

/** Orders findings worst first (for `Array.sort`); equal severities keep their order. */
export function bySeverity(a: { readonly status: Status }, b: { readonly status: Status }): number {
  return SEVERITY[b.status] - SEVERITY[a.status];
}
