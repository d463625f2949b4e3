/** Live alarms and their history as CloudWatch writes them. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import {
  ALARM_STATES,
  type AlarmEvent,
  type AlarmSettings,
  type Beyond,
  COMPARISONS,
  type Comparison,
  type LiveAlarm,
  type LiveCompositeAlarm,
  type LiveMetricAlarm,
  type Measure,
  MISSING_DATA,
  type Seen,
} from "../../ports/cloudwatch.ts";
import { type Fields, fieldsOf, type WireObject } from "../fields.ts";
import { parseMeasure } from "./alarms-measure.ts";
import type { Page } from "./link.ts";
import { listOf, positive, text } from "./s3-wire.ts";

/** Seconds since 1970, with a fraction. */
const epoch = z.pipe(
  z.number().check(z.minimum(0), z.maximum(1e11)),
  z.transform((seconds) => new Date(Math.round(seconds * 1000))),
);

export const nextToken = z.pipe(
  z.optional(z.string()),
  z.transform((token) => token || null),
);

const listedAlarm = z.looseObject({ AlarmName: text });
const listed = z.array(listedAlarm);

/** The list of log alarms is younger than the others, and what does not know them leaves it out. */
export const alarmsPage = z.pipe(
  z.object({ MetricAlarms: listed, CompositeAlarms: listed, LogAlarms: listOf(listedAlarm), NextToken: nextToken }),
  z.transform(
    (wire): Page<LiveAlarm> => ({
      items: [
        ...wire.MetricAlarms.map((alarm) => parseMetricAlarm(alarm.AlarmName, alarm)),
        ...wire.CompositeAlarms.map((alarm) => parseCompositeAlarm(alarm.AlarmName, alarm)),
        ...wire.LogAlarms.map(({ AlarmName: name }) => ({ kind: "log", name }) as const),
      ],
      next: wire.NextToken,
    }),
  ),
);

const state = z.enum(ALARM_STATES);
const missingData = z.enum(MISSING_DATA);
const flag = z.boolean();
const number = z.number();
const words = z.string();
const arns = z.array(text);

const alarmArn = z.string().check(z.regex(/^arn:[\w-]+:cloudwatch:[\w-]+:\d{12}:alarm:./));

/** Its name is a part of the ARN of an alarm. */
function arnOf(name: string, { required }: Fields): Observed<string> {
  const arn = required("AlarmArn", alarmArn);
  if (!arn.known || arn.value.endsWith(`:alarm:${name}`)) return arn;
  return notKnown(new OpsError("protocol", `alarm ${name}: AlarmArn is that of another one`));
}

function parseMetricAlarm(name: string, alarm: WireObject): LiveMetricAlarm {
  const subject = `alarm ${name}`;
  const fields = fieldsOf(subject, alarm);
  const { required, optional } = fields;
  return {
    kind: "metric",
    name,
    arn: arnOf(name, fields),
    settings: parseSettings(fields, parseMeasure(subject, alarm)),
    beyond: beyondOf(alarm),
    state: required("StateValue", state),
    stateSince: required("StateTransitionedTimestamp", epoch),
    stateReason: optional("StateReason", words),
  };
}

function parseSettings({ required, optional }: Fields, measure: Observed<Measure>): Seen<AlarmSettings> {
  const isOther = measure.known && measure.value.kind === "other";
  const comparison: Observed<Comparison> = isOther ? known("other") : required("ComparisonOperator", comparisons);
  const hasNone = comparison.known && comparison.value === "other";
  return {
    description: optional("AlarmDescription", emptyIsNull),
    actionsEnabled: required("ActionsEnabled", flag),
    alarmActions: required("AlarmActions", arns),
    okActions: required("OKActions", arns),
    insufficientDataActions: required("InsufficientDataActions", arns),
    measure,
    comparison,
    threshold: hasNone ? known(null) : required("Threshold", number),
    evaluationPeriods: required("EvaluationPeriods", positive),
    datapointsToAlarm: optional("DatapointsToAlarm", positive),
    missingData: orElse(optional("TreatMissingData", missingData), "missing"),
    lowSamples: optional("EvaluateLowSampleCountPercentile", lowSamples),
  };
}

/** What CloudWatch does where nothing was said. */
function orElse<T>(seen: Observed<T | null>, otherwise: T): Observed<T> {
  return seen.known ? known(seen.value ?? otherwise) : seen;
}

const emptyIsNull = z.pipe(
  z.string(),
  z.transform((given) => (given === "" ? null : given)),
);

const lowSamples = z.pipe(
  z.enum(["evaluate", "ignore", ""]),
  z.transform((given) => (given === "" ? null : given)),
);

/** Of bands, which have no threshold. */
const BAND_COMPARISONS = [
  "LessThanLowerOrGreaterThanUpperThreshold",
  "LessThanLowerThreshold",
  "GreaterThanUpperThreshold",
] as const;

const comparisons = z.pipe(
  z.enum([...COMPARISONS, ...BAND_COMPARISONS]),
  z.transform((given): Comparison => COMPARISONS.find((one) => one === given) ?? "other"),
);

/**
 * All that stands neither for a setting of ours nor for what CloudWatch alone writes. `EvaluationInterval` and
 * `EvaluationCriteria` belong to a PromQL alarm, and are refused beside metrics:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function beyondOf(alarm: WireObject): Beyond {
  return Object.fromEntries(Object.entries(alarm).filter(([name]) => !OURS.has(name)));
}

const OURS = new Set([
  ...["AlarmName", "AlarmArn", "AlarmDescription", "AlarmConfigurationUpdatedTimestamp", "ActionsEnabled"],
  ...["OKActions", "AlarmActions", "InsufficientDataActions", "MetricName", "Namespace", "Statistic"],
  ...["ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold"],
  ...["ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Metrics", "ThresholdMetricId"],
  ...["EvaluationCriteria", "EvaluationInterval"],
  ...["StateValue", "StateReason", "StateReasonData", "StateUpdatedTimestamp", "StateTransitionedTimestamp"],
  "EvaluationState",
]);

function parseCompositeAlarm(name: string, alarm: WireObject): LiveCompositeAlarm {
  const fields = fieldsOf(`composite alarm ${name}`, alarm);
  const { required, optional } = fields;
  return {
    kind: "composite",
    name,
    arn: arnOf(name, fields),
    rule: required("AlarmRule", text),
    actionsEnabled: required("ActionsEnabled", flag),
    alarmActions: required("AlarmActions", arns),
    suppressor: optional("ActionsSuppressor", emptyIsNull),
    state: required("StateValue", state),
  };
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html */
export function historyPage(alarmName: string) {
  const item = z.pipe(
    z.object({
      AlarmName: z.literal(alarmName),
      Timestamp: epoch,
      HistoryItemType: text,
      HistorySummary: z.string(),
      HistoryData: z.string(),
    }),
    z.transform(
      (wire): AlarmEvent => ({
        at: wire.Timestamp,
        kind: KINDS.find((kind) => kind === wire.HistoryItemType) ?? "other",
        summary: wire.HistorySummary,
        data: wire.HistoryData,
      }),
    ),
  );
  return z.pipe(
    z.object({ AlarmHistoryItems: z.array(item), NextToken: nextToken }),
    z.transform((wire): Page<AlarmEvent> => ({ items: wire.AlarmHistoryItems, next: wire.NextToken })),
  );
}

const KINDS = ["Action", "StateUpdate", "ConfigurationUpdate"] as const;
