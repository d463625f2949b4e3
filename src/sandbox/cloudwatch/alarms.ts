/** Alarms as CloudWatch lists them, and as they go away again. */
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { type AlarmRecord, type AwsState, at, type ExtraAlarms, type Words } from "../watch.ts";
import { configured } from "./history.ts";
import { invalid } from "./metric-rules.ts";
import { alarmArn, isPageSize, isText, MAX_PAGE, seconds, textsOf } from "./words.ts";

const MAX_NAMES = 100;
const TYPES = { metric: "MetricAlarm", composite: "CompositeAlarm", log: "LogAlarm" } as const satisfies Record<
  AlarmRecord["kind"],
  string
>;

/** Without AlarmTypes, of metrics alone. */
export function describeAlarms({ aws, input }: AwsAsk): Done | Refusal {
  const { AlarmNamePrefix: prefix, AlarmNames: names, StateValue: state, MaxRecords: size = MAX_PAGE } = input;
  const types = input["AlarmTypes"] === undefined ? ["MetricAlarm"] : textsOf(input["AlarmTypes"]);
  const strange = types.find((type) => !Object.values(TYPES).some((one) => one === type));
  if (strange !== undefined) return invalid(`There is no type of alarms ${strange}.`);
  if (names !== undefined && prefix !== undefined)
    return refusal("InvalidParameterCombination", "AlarmNames and AlarmNamePrefix exclude each other.");
  if (textsOf(names).length > MAX_NAMES) return invalid(`AlarmNames must be at most ${MAX_NAMES}.`);
  if (!isPageSize(size)) return invalid(`MaxRecords must be 1 to ${MAX_PAGE}.`);
  const wanted = names === undefined ? null : new Set(textsOf(names));
  const stored = new Map(aws.alarms.map((alarm) => [alarm.name, alarm]));
  const fitting = allNames(aws).filter((name) => {
    const { kind, state: is } = stored.get(name) ?? EXTRA;
    const isNamed = (wanted?.has(name) ?? true) && (prefix === undefined || name.startsWith(String(prefix)));
    return isNamed && types.includes(TYPES[kind]) && (state === undefined || state === is);
  });
  const paged = pageAfter(fitting, input["NextToken"], size);
  if (paged === null) return refusal("InvalidNextToken", "The NextToken is none of this sandbox.");
  const page = paged.page.map((name) => stored.get(name) ?? extra(aws, name));
  const of = (kind: AlarmRecord["kind"]) => page.filter((one) => one.kind === kind).map((one) => body(one, aws));
  return {
    result: {
      MetricAlarms: of("metric"),
      CompositeAlarms: of("composite"),
      LogAlarms: of("log"),
      NextToken: paged.next,
    },
  };
}

/** Stored or made up; null: there is none. */
export function findAlarm(aws: AwsState, name: string): AlarmRecord | null {
  return aws.alarms.find((alarm) => alarm.name === name) ?? (isExtra(aws, name) ? extra(aws, name) : null);
}

/** The same alarm in the place of the one of its name, or beside the others. */
export function withAlarm(aws: AwsState, alarm: AlarmRecord): AwsState {
  const others = aws.alarms.filter(({ name }) => name !== alarm.name);
  return { ...aws, alarms: [...others, alarm].toSorted((a, b) => (a.name < b.name ? -1 : 1)) };
}

/** All or none of them: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html */
export function deleteAlarms({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const names = [...new Set(textsOf(input["AlarmNames"]))];
  if (names.length === 0 || names.length > MAX_NAMES) return invalid(`AlarmNames must be 1 to ${MAX_NAMES}.`);
  const found = names.map((name) => findAlarm(aws, name)).filter((alarm) => alarm !== null);
  if (found.length < names.length) return refusal("ResourceNotFound", "There is no such alarm.", 404);
  if (found.filter(({ kind }) => kind === "composite").length > 1)
    return invalid("One composite alarm can be deleted at once.");
  const history = found.map((alarm) => configured(alarm, "Delete", at(nowMs))).toReversed();
  const extras = aws.extras && {
    ...aws.extras,
    gone: [...aws.extras.gone, ...names.filter((one) => isExtra(aws, one))],
  };
  const alarms = aws.alarms.filter(({ name }) => !names.includes(name));
  return { result: {}, aws: { ...aws, alarms, extras, history: [...history, ...aws.history] } };
}

/** Names that nobody knows are passed over. */
export function turnActions({ aws, nowMs, input }: AwsAsk, enabled: boolean): Done | Refusal {
  const names = textsOf(input["AlarmNames"]);
  if (names.length === 0 || names.length > MAX_NAMES) return invalid(`AlarmNames must be 1 to ${MAX_NAMES}.`);
  if (!names.every((name) => isText(name, 255))) return invalid("AlarmNames must be names.");
  const changed = names.reduce((before, name) => {
    const alarm = findAlarm(before, name);
    if (alarm === null || alarm.words["ActionsEnabled"] === enabled) return before;
    const turned = { ...alarm, words: { ...alarm.words, ActionsEnabled: enabled }, configuredAt: at(nowMs) };
    const after = withAlarm(before, turned);
    return { ...after, history: [configured(turned, "Update", at(nowMs)), ...after.history] };
  }, aws);
  return { result: {}, aws: changed };
}

function body({ name, words, configuredAt, ...alarm }: AlarmRecord, aws: AwsState): Words {
  return {
    AlarmName: name,
    AlarmArn: alarmArn(name, aws),
    ...words,
    AlarmConfigurationUpdatedTimestamp: seconds(configuredAt),
    StateValue: alarm.state,
    StateReason: alarm.reason,
    ...(alarm.reasonData === null ? {} : { StateReasonData: alarm.reasonData }),
    StateUpdatedTimestamp: seconds(alarm.stateAt),
    StateTransitionedTimestamp: seconds(alarm.stateAt),
  };
}

function allNames({ alarms, extras }: AwsState): readonly string[] {
  const stored = alarms.map(({ name }) => name);
  if (extras === null) return stored;
  const known = new Set([...stored, ...extras.gone]);
  const made = Array.from({ length: extras.count }, (_, index) => extraName(extras, index));
  return [...stored, ...made.filter((name) => !known.has(name))].toSorted();
}

/** What all of them have in common until somebody changes one, which is stored from then on. */
const EXTRA = { kind: "metric", state: "OK" } as const;
const EXTRA_DIGITS = 6;

function extraName({ prefix }: ExtraAlarms, index: number): string {
  return `${prefix}${String(index + 1).padStart(EXTRA_DIGITS, "0")}`;
}

function isExtra({ extras }: AwsState, name: string): boolean {
  if (extras === null || !name.startsWith(extras.prefix) || extras.gone.includes(name)) return false;
  const digits = name.slice(extras.prefix.length);
  return /^\d{6}$/.test(digits) && Number(digits) >= 1 && Number(digits) <= extras.count;
}

function extra({ extras }: AwsState, name: string): AlarmRecord {
  const createdAt = extras?.createdAt ?? "";
  return {
    ...EXTRA,
    name,
    words: {
      ActionsEnabled: true,
      OKActions: [],
      AlarmActions: [],
      InsufficientDataActions: [],
      MetricName: "CPUUtilization",
      Namespace: "AWS/EC2",
      Statistic: "Average",
      Dimensions: [{ Name: "InstanceId", Value: `i-${name}` }],
      Period: 300,
      EvaluationPeriods: 3,
      Threshold: 90,
      ComparisonOperator: "GreaterThanThreshold",
    },
    configuredAt: createdAt,
    reason: "The datapoints were not greater than the threshold.",
    reasonData: null,
    stateAt: createdAt,
    settlesAs: "OK",
    settlesAt: null,
  };
}
