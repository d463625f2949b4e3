/** What happened to alarms, as CloudWatch writes it down and gives it back. */
import { DAY_MS } from "../../core/duration.ts";
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { type AlarmRecord, at, type HistoryRecord, type Words } from "../watch.ts";
import { invalid } from "./metric-rules.ts";
import { instantMs, isPageSize, seconds, textsOf } from "./words.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html */
const KEPT_MS = 30 * DAY_MS;
const KINDS = ["Action", "StateUpdate", "ConfigurationUpdate"];
const TYPES = { metric: "MetricAlarm", composite: "CompositeAlarm", log: "LogAlarm" };

export function describeHistory({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const {
    AlarmName: name,
    HistoryItemType: kind,
    ScanBy: order = "TimestampDescending",
    MaxRecords: size = 100,
  } = input;
  if (!isPageSize(size)) return invalid("MaxRecords must be 1 to 100.");
  if (kind !== undefined && !KINDS.some((one) => one === kind)) return invalid(`There is no HistoryItemType ${kind}.`);
  if (order !== "TimestampDescending" && order !== "TimestampAscending") return invalid(`There is no ScanBy ${order}.`);
  const types = input["AlarmTypes"] === undefined ? ["MetricAlarm"] : textsOf(input["AlarmTypes"]);
  const from = at(Math.max(instantMs(input["StartDate"]) ?? 0, nowMs - KEPT_MS));
  const until = at(instantMs(input["EndDate"]) ?? nowMs);
  const items = aws.history.filter(
    (item) =>
      (name === undefined || item.alarm === name) &&
      (kind === undefined || item.kind === kind) &&
      types.includes(TYPES[item.alarmKind]) &&
      item.at >= from &&
      item.at <= until,
  );
  const paged = pageAfter(order === "TimestampAscending" ? items.toReversed() : items, input["NextToken"], size);
  if (paged === null) return refusal("InvalidNextToken", "The NextToken is none of this sandbox.");
  return { result: { AlarmHistoryItems: paged.page.map(body), NextToken: paged.next } };
}

export function configured(alarm: AlarmRecord, type: "Create" | "Update" | "Delete", instant: string): HistoryRecord {
  const verb = `${type.toLowerCase()}d`;
  const settings = { alarmName: alarm.name, ...alarm.words };
  return {
    ...itemOf(alarm, instant),
    kind: "ConfigurationUpdate",
    summary: `Alarm "${alarm.name}" ${verb}`,
    data: JSON.stringify({ version: "1.0", type, [`${verb}Alarm`]: settings }),
  };
}

export function stateUpdated(before: AlarmRecord, after: AlarmRecord): HistoryRecord {
  const side = ({ state, reason, reasonData }: AlarmRecord) => ({
    stateValue: state,
    stateReason: reason,
    ...(reasonData === null ? {} : { stateReasonData: JSON.parse(reasonData) as unknown }),
  });
  return {
    ...itemOf(after, after.stateAt),
    kind: "StateUpdate",
    summary: `Alarm updated from ${before.state} to ${after.state}`,
    data: JSON.stringify({ version: "1.0", oldState: side(before), newState: side(after) }),
  };
}

interface Action {
  readonly target: string;
  /** What kept the message from being taken; null: nothing did. */
  readonly error: string | null;
}

/** `before` is the alarm before the change of state that set the action off. */
export function acted(before: AlarmRecord, alarm: AlarmRecord, { target, error }: Action): HistoryRecord {
  const summary =
    error === null
      ? `Successfully executed action ${target}`
      : `Failed to execute action ${target}. Received error: "${error}"`;
  const data = {
    actionState: error === null ? "Succeeded" : "Failed",
    stateUpdateTimestamp: Date.parse(alarm.stateAt),
    notificationResource: target,
    publishedMessage: JSON.stringify({ default: JSON.stringify(message(before, alarm)) }),
    error,
  };
  return { ...itemOf(alarm, alarm.stateAt), kind: "Action", summary, data: JSON.stringify(data) };
}

/** As far as it can matter to who looks for it. */
function message(before: AlarmRecord, { name, words, state, reason, stateAt }: AlarmRecord): Words {
  return {
    AlarmName: name,
    AlarmDescription: words["AlarmDescription"] ?? null,
    NewStateValue: state,
    NewStateReason: reason,
    StateChangeTime: stateAt,
    OldStateValue: before.state,
  };
}

function itemOf({ name, kind }: AlarmRecord, instant: string): Pick<HistoryRecord, "alarm" | "alarmKind" | "at"> {
  return { alarm: name, alarmKind: kind, at: instant };
}

function body(item: HistoryRecord): Words {
  return {
    AlarmName: item.alarm,
    AlarmType: TYPES[item.alarmKind],
    Timestamp: seconds(item.at),
    HistoryItemType: item.kind,
    HistorySummary: item.summary,
    HistoryData: item.data,
  };
}
