/** The runs that a policy's schedules owe, as CloudWatch was told of them: all in time, and well. */
import { MINUTE_MS, shortestMs } from "../core/duration.ts";
import { HEARTBEAT_NAMESPACE } from "../core/heartbeat.ts";
import type { Policy } from "../policy/schema.ts";
import { at, type PointRecord } from "../sandbox/watch.ts";

const RUNS = 3;
const RUN_MS = MINUTE_MS;

export function seedBeats({ heartbeat, environment }: Policy, now: Date): readonly PointRecord[] {
  return (heartbeat?.schedules ?? []).flatMap(({ command, every }) => {
    const everyMs = shortestMs(every);
    const dimensions = { Environment: environment, Command: command };
    const point = (name: string, ms: number, value: number): PointRecord => {
      return { namespace: HEARTBEAT_NAMESPACE, name, dimensions, at: at(ms), value };
    };
    return Array.from({ length: RUNS }, (_, index) => now.getTime() - (index + 1 / 2) * everyMs).flatMap((endedMs) => [
      point("RunStarted", endedMs - RUN_MS, 1),
      point("RunSucceeded", endedMs, 1),
      point("ExitCode", endedMs, 0),
      point("Duration", endedMs, RUN_MS / 1000),
    ]);
  });
}
