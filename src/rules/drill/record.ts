/** The record of a drill, and what records prove: when a restore last succeeded, data and all. */
import type { Check } from "../../core/check.ts";
import { type Duration, formatDuration, formatSpan, shortestMs } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Observed } from "../../core/observed.ts";
import type { Finding, Status } from "../../core/report.ts";
import { pass, unknown, warn } from "../../core/verdict.ts";

export const DRILL_OUTCOMES = ["succeeded", "unverified", "failed", "stopped"] as const;

/** Instants are ISO 8601 in UTC. */
export interface DrillRecord {
  readonly kind: "drill";
  readonly schemaVersion: 1;
  readonly environment: string;
  readonly projectId: string;
  readonly database: string;
  readonly cluster: string;
  readonly target: string;
  /** Name of the world, of a rehearsal of the drill itself; null: it was of the real accounts. */
  readonly sandbox: string | null;
  readonly outcome: (typeof DRILL_OUTCOMES)[number];
  /** `tier`: the snapshot was chosen at random among those of it. */
  readonly point: {
    readonly askedAt: string | null;
    readonly snapshotId: string | null;
    readonly tier: Frequency | null;
  };
  readonly jobId: string | null;
  readonly startedAt: string;
  /** When the data had been looked at, or the attempt was over. */
  readonly endedAt: string;
  /** null, here and below: not measured. */
  readonly rtoMs: number | null;
  readonly rpoMs: number | null;
  readonly objectives: { readonly rtoMs: number | null; readonly rpoMs: number | null };
  readonly findings: readonly Pick<Finding, "check" | "status" | "message">[];
  readonly steps: readonly { readonly summary: string; readonly state: string }[];
  /** What is to become of the cluster. The record is written before: what became of it, the drill's report says. */
  readonly afterwards: "pause" | "keep";
  readonly toolVersion: string;
}

/** Whether anything but a restore that was seen to be right can call itself that: it cannot. */
export function outcomeOf(change: string, isVerified: boolean, judged: Status): DrillRecord["outcome"] {
  if (change === "interrupted") return "stopped";
  if (change !== "done" || judged === "fail" || judged === "unknown") return "failed";
  return isVerified ? "succeeded" : "unverified";
}

export interface DrillHistory {
  readonly every: Duration;
  readonly database: string;
  /** The folder that was looked in. */
  readonly folder: string;
  readonly now: Date;
  /** Of this database in this project, of the accounts that are asked now; in no promised order. */
  readonly records: Observed<readonly DrillRecord[]>;
}

/** The newest drill that succeeded; one that is dated after now counts for nothing. */
export function lastSuccess(records: readonly DrillRecord[], now: Date): DrillRecord | undefined {
  return pastOf(records, now).find(({ outcome }) => outcome === "succeeded");
}

/** The newest first. */
function pastOf(records: readonly DrillRecord[], now: Date): readonly DrillRecord[] {
  return records.filter((record) => ended(record) <= now.getTime()).toSorted((a, b) => ended(b) - ended(a));
}

function ended({ endedAt }: DrillRecord): number {
  return Date.parse(endedAt);
}

/** Only warns, as the policy's owner sees it: a backup that is late for its rehearsal is a backup still. */
export const drillRecent: Check<DrillHistory> = {
  id: "backup/drill-recent",
  title: "a restore has been rehearsed, and was right",
  remedy: ({ database }) => `rehearse one: litally-ops restore drill ${database}`,
  judge: ({ every, folder, now, records }) => {
    if (!records.known) return unknown(records.reason);
    const past = pastOf(records.value, now);
    const [last] = past;
    const success = lastSuccess(records.value, now);
    const evidence = { expected: `within ${formatDuration(every)}`, folder };
    const ahead = records.value.length - past.length;
    const since = [
      ...(last === undefined || last === success ? [] : [`; the last one, ${shown(last)}, ${last.outcome}`]),
      ...(ahead === 0 ? [] : [`; ${ahead} dated after now, which counts for nothing`]),
    ].join("");
    if (success === undefined) return warn(`no successful drill is on record in ${folder}${since}`, evidence);
    const ageMs = now.getTime() - ended(success);
    const words = `the last successful drill was ${formatSpan(ageMs)} ago`;
    const told = { ...evidence, actual: formatSpan(ageMs), endedAt: success.endedAt };
    if (ageMs > shortestMs(every))
      return warn(`${words}, the policy wants one every ${formatDuration(every)}${since}`, told);
    return last === success ? pass(words, told) : warn(`${words}${since}`, told);
  },
};

function shown({ endedAt }: DrillRecord): string {
  return `of ${formatInstant(new Date(endedAt))}`;
}

/** For people, and for those who ask for proof. */
export function recordText(record: DrillRecord): string {
  const { database, cluster, target, point, objectives } = record;
  const span = (ms: number | null) => (ms === null ? "not measured" : formatSpan(ms));
  const limit = (ms: number | null) => (ms === null ? "none declared" : formatSpan(ms));
  const rehearsal =
    record.sandbox === null
      ? []
      : [`**A rehearsal in the sandbox (world ${record.sandbox}): it proves nothing about the accounts.**`, ""];
  const from = point.snapshotId === null ? "" : `, from snapshot ${point.snapshotId}`;
  const tier = point.tier === null ? "" : ` (chosen at random among the ${point.tier} ones)`;
  return [
    `# Restore drill of ${database}: ${record.outcome}`,
    "",
    ...rehearsal,
    "| | |",
    "|---|---|",
    `| environment | ${record.environment} |`,
    `| source | ${cluster}, project ${record.projectId} |`,
    `| restored to | ${target} |`,
    `| as of | ${point.askedAt ?? "not known"}${from}${tier} |`,
    `| Atlas restore job | ${record.jobId ?? "none"} |`,
    `| from, to | ${record.startedAt}, ${record.endedAt} |`,
    `| RTO: request to verified | ${span(record.rtoMs)} (objective: ${limit(objectives.rtoMs)}) |`,
    `| RPO: instant asked for to newest data | ${span(record.rpoMs)} (objective: ${limit(objectives.rpoMs)}) |`,
    `| the cluster afterwards | ${AFTERWARDS[record.afterwards]} |`,
    `| tool | litally-ops ${record.toolVersion} |`,
    "",
    "## Steps",
    "",
    ...record.steps.map(({ summary, state }) => `- ${state}: ${cell(summary)}`),
    "",
    "## What was looked at",
    "",
    "| check | status | |",
    "|---|---|---|",
    ...record.findings.map(({ check, status, message }) => `| ${check} | ${status} | ${cell(message)} |`),
    "",
  ].join("\n");
}

const AFTERWARDS = {
  pause: "to be paused, once this is written",
  keep: "goes on running",
} as const satisfies Record<DrillRecord["afterwards"], string>;

function cell(text: string): string {
  return text.replaceAll("|", "\\|").replaceAll("\n", " ");
}
