/** Schedules and their heartbeats, as tests of their rules need them. */
import { DAY_MS, HOUR_MS, MINUTE_MS, tryParseDuration } from "../../../src/core/duration.ts";
import { known, type Observed } from "../../../src/core/observed.ts";
import type { Datapoint } from "../../../src/ports/cloudwatch.ts";
import type { Heard, ScheduleFacts, WorkflowFacts } from "../../../src/rules/schedules/facts.ts";

export const NOW = new Date("2026-11-22T06:00:00Z");

export function earlier(ms: number): Date {
  return new Date(NOW.getTime() - ms);
}

/** A run as it is heard of: when it began, and how it ended; absent: it has not. */
export interface Run {
  readonly startedAt: Date;
  readonly end?: { readonly at: Date; readonly exitCode: number };
}

export function run(agoMs: number, exitCode?: number, tookMs = 2 * MINUTE_MS): Run {
  const startedAt = earlier(agoMs);
  return exitCode === undefined
    ? { startedAt }
    : { startedAt, end: { at: new Date(startedAt.getTime() + tookMs), exitCode } };
}

/** What CloudWatch answers to each question about these runs. */
export function answersAbout(runs: readonly Run[], periodMs = MINUTE_MS): readonly Observed<readonly Datapoint[]>[] {
  const starts = runs.map(({ startedAt }) => ({ at: startedAt, value: 1 }));
  const ends = runs.flatMap(({ startedAt, end }) =>
    end === undefined ? [] : [{ ...end, seconds: (end.at.getTime() - startedAt.getTime()) / 1000 }],
  );
  const count = (values: readonly number[]) => values.length;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const most = (values: readonly number[]) => Math.max(...values);
  const points = (of: readonly { readonly at: Date; readonly value: number }[], by: typeof sum) =>
    known(
      [...Map.groupBy(of, ({ at }) => Math.floor(at.getTime() / periodMs) * periodMs)]
        .map(([ms, some]) => ({ at: new Date(ms), value: by(some.map(({ value }) => value)) }))
        .toSorted((a, b) => a.at.getTime() - b.at.getTime()),
    );
  const good = ends.map(({ at, exitCode }) => ({ at, value: exitCode === 0 ? 1 : 0 }));
  return [
    points(starts, count),
    points(good, count),
    points(good, sum),
    points(
      ends.map(({ at, exitCode }) => ({ at, value: exitCode })),
      most,
    ),
    points(
      ends.map(({ at, seconds }) => ({ at, value: seconds })),
      most,
    ),
  ];
}

export const MINUTELY = { backMs: 14 * DAY_MS, periodMs: MINUTE_MS };
export const HOURLY = { backMs: 450 * DAY_MS, periodMs: HOUR_MS };

export function facts(heard: Observed<Heard>, changes: Partial<ScheduleFacts> = {}): ScheduleFacts {
  return {
    command: "backup verify",
    every: duration("1d"),
    grace: duration("3h"),
    now: NOW,
    heard,
    workflow: null,
    ...changes,
  };
}

export function workflow(changes: Partial<WorkflowFacts> = {}): WorkflowFacts {
  const found = known({ id: 7, path: ".github/workflows/nightly.yml", state: known("active" as const) });
  return { file: "nightly.yml", repository: "litally/ops", found, lastRun: null, ...changes };
}

export function duration(text: string) {
  const parsed = tryParseDuration(text);
  if (parsed === undefined) throw new Error(`${text} is no duration`);
  return parsed;
}
