/** The alarms that a heartbeat becomes: for each schedule one for a run that was missed, and one for a run that failed. */
import { formatDuration } from "../../core/duration.ts";
import { HEARTBEAT_NAMESPACE, heartbeatAlarmNames, type Silence, silenceOf } from "../../core/heartbeat.ts";
import type { Policy, SchedulePolicy } from "../../policy/schema.ts";
import type { CloudWatchPolicy } from "./facts.ts";

type Heartbeat = Pick<Policy, "aws" | "environment" | "heartbeat">;

export interface HeartbeatAlarm {
  readonly alarm: CloudWatchPolicy;
  /** Where it comes from: see compile. */
  readonly path: string;
}

/** Whether runs are told to CloudWatch. */
export function isMeasured({ aws, heartbeat }: Pick<Policy, "aws" | "heartbeat">): boolean {
  return heartbeat !== undefined && aws !== undefined && heartbeat.cloudwatch !== false;
}

export function heartbeatAlarms(policy: Heartbeat, owned: string): readonly HeartbeatAlarm[] {
  const { heartbeat, environment } = policy;
  if (heartbeat === undefined || !isMeasured(policy)) return [];
  return heartbeat.schedules.flatMap((schedule, index) => {
    const { missed, failed } = heartbeatAlarmNames(owned, schedule.command);
    const { severity } = heartbeat;
    const metric = succeededBy(schedule, environment);
    const silence = silenceOf(schedule);
    return [
      ...(silence === undefined ? [] : [missedAlarm({ name: missed, severity, metric }, schedule, silence)]),
      failedAlarm({ name: failed, severity, metric }, schedule),
    ].map((alarm) => ({ alarm, path: `heartbeat.schedules[${index}]` }));
  });
}

type Metric = NonNullable<CloudWatchPolicy["metric"]>;
type Head = Pick<CloudWatchPolicy, "name" | "severity"> & { readonly metric: Metric };

function succeededBy({ command }: SchedulePolicy, environment: string): Metric {
  const dimensions = { Environment: environment, Command: command };
  return { namespace: HEARTBEAT_NAMESPACE, metric: "RunSucceeded", statistic: "Sum", dimensions };
}

const LESS_THAN_ONE = { operator: "<", value: 1 } as const;

/** Every period without a success crosses the threshold, and all of them must: one success in the window is enough. */
function missedAlarm(head: Head, { command, every, grace }: SchedulePolicy, silence: Silence): CloudWatchPolicy {
  const { periodSeconds, periods } = silence;
  const rhythm = `it runs every ${formatDuration(every)}, with a grace of ${formatDuration(grace)}`;
  return {
    engine: "cloudwatch",
    ...head,
    threshold: LESS_THAN_ONE,
    period: { value: periodSeconds, unit: "s" },
    datapoints: { m: periods, n: periods },
    missingData: "breaching",
    description: `litally-ops ${command} has not succeeded in time: ${rhythm}`,
  };
}

/** Just above what a run takes to tell its end twice. */
const FAILED_PERIOD = { value: 5, unit: "m" } as const;

/**
 * It is over when nothing has been heard for a while, which says nothing: only that a run fails is told, and a person
 * closes the incident. The next failure tells again.
 */
function failedAlarm(head: Head, { command }: SchedulePolicy): CloudWatchPolicy {
  return {
    engine: "cloudwatch",
    ...head,
    metric: { ...head.metric, statistic: "Minimum" },
    threshold: LESS_THAN_ONE,
    period: FAILED_PERIOD,
    datapoints: { m: 1, n: 1 },
    missingData: "notBreaching",
    description: `litally-ops ${command} has run, and did not end well`,
    notify: { ok: [] },
  };
}
