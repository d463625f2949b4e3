/** Commands that run regularly in a world: what CloudWatch has heard of their runs, and what GitHub knows of their workflows. */
import { DAY_MS, MINUTE_MS, SECOND_MS } from "../core/duration.ts";
import { HEARTBEAT_NAMESPACE } from "../core/heartbeat.ts";
import type { WorkflowRecord } from "./github.ts";
import { jitter, uuid } from "./ids.ts";
import { at, type PointRecord } from "./watch.ts";

/** What the policy says of a schedule. */
interface SeedSchedule {
  /** `backup verify` */
  readonly command: string;
  readonly everyMs: number;
  readonly graceMs: number;
  /** `nightly.yml`; null: none is named. */
  readonly workflow: string | null;
}

export interface SeedSchedules {
  readonly environment: string;
  /** Of the workflows: `owner/name` */
  readonly repository: string;
  readonly all: readonly SeedSchedule[];
}

export interface ScheduleRecord extends SeedSchedule {
  /** Newest first. */
  readonly runs: readonly PastRun[];
  /** Of its workflow, in GitHub's words. */
  readonly state: string;
}

interface PastRun {
  readonly startedMs: number;
  /** null: it never told. */
  readonly exitCode: number | null;
}

/** What has happened to the schedules since; the first one is what goes wrong. */
export type ScheduleDamage = (first: ScheduleRecord, nowMs: number) => ScheduleRecord;

/** Since its workflow was disabled, it has been silent. */
export const disabled: ScheduleDamage = (first, nowMs) => ({
  ...silentFor(first, nowMs, 2 * (first.everyMs + first.graceMs)),
  state: "disabled_inactivity",
});
export const neverRan: ScheduleDamage = (first) => ({ ...first, runs: [] });
/** Longer ago than its grace. */
export const diedHalfWay: ScheduleDamage = (first, nowMs) => {
  const startedMs = nowMs - first.graceMs - HALF_AN_HOUR_MS;
  const { runs } = silentFor(first, nowMs, nowMs - startedMs);
  return { ...first, runs: [{ startedMs, exitCode: null }, ...runs] };
};
export const lastFailed: ScheduleDamage = (first) => ({
  ...first,
  runs: first.runs.map((run, index) => (index === 0 ? { ...run, exitCode: 1 } : run)),
});

const HALF_AN_HOUR_MS = 30 * MINUTE_MS;

function silentFor(first: ScheduleRecord, nowMs: number, ms: number): ScheduleRecord {
  return { ...first, runs: first.runs.filter(({ startedMs }) => startedMs < nowMs - ms) };
}

/** Of a schedule there are at most so many runs, and none is older than CloudWatch keeps any. */
const MAX_RUNS = 30;
const MAX_AGE_MS = 440 * DAY_MS;
/** How much of the interval has passed since the newest run. */
const PASSED = 0.4;

/** Where all is well, or what `damage` makes of it. */
export function pastOf(seed: SeedSchedules, nowMs: number, damage?: ScheduleDamage): readonly ScheduleRecord[] {
  return seed.all.map((schedule, index) => {
    const agesMs = Array.from({ length: MAX_RUNS }, (_, back) => (back + PASSED) * schedule.everyMs);
    const runs = agesMs.filter((ms) => ms < MAX_AGE_MS).map((ms) => ({ startedMs: nowMs - ms, exitCode: 0 }));
    const sound = { ...schedule, runs, state: "active" };
    return index === 0 && damage !== undefined ? damage(sound, nowMs) : sound;
  });
}

const RUN_TOOK_MS = 42 * SECOND_MS;

export function pointsOf(past: readonly ScheduleRecord[], environment: string): readonly PointRecord[] {
  return past.flatMap(({ command, runs }) => {
    const dimensions = { Environment: environment, Command: command };
    const point = (name: string, ms: number, value: number): PointRecord => ({
      ...{ namespace: HEARTBEAT_NAMESPACE, name, dimensions },
      ...{ at: at(ms), value },
    });
    return runs.toReversed().flatMap(({ startedMs, exitCode }) => {
      const start = point("RunStarted", startedMs, 1);
      if (exitCode === null) return [start];
      const endedMs = startedMs + RUN_TOOK_MS;
      return [
        start,
        point("RunSucceeded", endedMs, exitCode === 0 ? 1 : 0),
        point("ExitCode", endedMs, exitCode),
        point("Duration", endedMs, RUN_TOOK_MS / SECOND_MS),
      ];
    });
  });
}

/** Each file once, whichever schedules it runs. */
export function workflowsOf(past: readonly ScheduleRecord[]): readonly WorkflowRecord[] {
  const files = new Map<string, ScheduleRecord>();
  for (const record of past) {
    if (record.workflow !== null && !files.has(record.workflow)) files.set(record.workflow, record);
  }
  return [...files].map(([file, { state, runs }]) => ({
    id: numberOf(file),
    file,
    state,
    runs: runs.map(({ startedMs, exitCode }) => ({
      id: numberOf(file, String(startedMs)),
      at: at(startedMs - MINUTE_MS), // the job is set up first
      conclusion: exitCode === 0 ? ("success" as const) : ("failure" as const),
    })),
  }));
}

const MAX_ID = 1_000_000_000;

function numberOf(...parts: readonly string[]): number {
  return 1 + Math.floor(jitter(uuid(...parts)) * MAX_ID);
}
