/** The real CloudWatch behind the port: alarms, what mutes them, their history, and whether metrics report. */
import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type DescribeAlarmsInput,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import type { Clock } from "../../core/clock.ts";
import { OpsError } from "../../core/error.ts";
import type { CloudWatch, LiveAlarm, MetricValue } from "../../ports/cloudwatch.ts";
import { type JsonCommand, jsonOf, nothing, openJsonClient } from "./alarms-client.ts";
import { alarmInput } from "./alarms-input.ts";
import { muteRules } from "./alarms-mutes.ts";
import { datapoints, reportedSince } from "./alarms-reports.ts";
import { alarmsPage, historyPage } from "./alarms-wire.ts";
import { type Link, linkTo, paceOf, pagesOf } from "./link.ts";
import type { AwsConnection } from "./settings.ts";

export type CloudWatchLink = Link<JsonCommand>;

/** AWS's own limit on each of the calls that change an alarm: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_limits.html */
const WRITES_PER_SECOND = 3;
/** The most that CloudWatch gives, or takes names of, at once. */
const PAGE_ALARMS_MAX = 100;

/** Nothing is read or sent before the first call. */
export function connectCloudWatch(connection: AwsConnection, clock: Clock): CloudWatch {
  const link = linkTo(connection, clock, openJsonClient);
  return {
    ...alarmReads(link),
    ...alarmWrites(link, paceOf(clock, connection.signal, WRITES_PER_SECOND)),
    listMuteRules: () => muteRules(link),
    putMetrics: async (namespace, values) => void (await putMetrics(link, namespace, values)),
    reportedSince: (metrics, since) => reportedSince(link, metrics, { since, until: clock.now() }),
    datapoints: (stats, window) => datapoints(link, stats, window, clock.now),
    close: link.close,
  };
}

type Reads = Pick<CloudWatch, "alarmPages" | "alarmsByName" | "listHistory">;

function alarmReads(link: CloudWatchLink): Reads {
  /** Alarms of kinds that are not asked for by name do not come: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
  const described = (call: string, input: DescribeAlarmsInput, isAsked: (name: string) => boolean) =>
    pagesOf(call, async (NextToken) => {
      const command = new DescribeAlarmsCommand({ ...input, MaxRecords: PAGE_ALARMS_MAX, NextToken });
      const page = await link.read({ name: call }, { command }, jsonOf(alarmsPage));
      if (page.items.every(({ name }) => isAsked(name))) return page;
      throw new OpsError("protocol", `${call}: the answer is about other alarms than were asked for`);
    });
  return {
    alarmPages: async function* (prefix, kinds) {
      const AlarmTypes: DescribeAlarmsInput["AlarmTypes"] = kinds === "all" ? ALL_KINDS : ["CompositeAlarm"];
      const input = { AlarmTypes, ...(prefix === "" ? {} : { AlarmNamePrefix: prefix }) };
      const pages = described(`cloudwatch:DescribeAlarms of ${prefix}*`, input, (name) => name.startsWith(prefix));
      for await (const page of pages) yield kinds === "all" ? page : page.filter(({ kind }) => kind === "composite");
    },
    alarmsByName: async (names) => {
      const alarms: LiveAlarm[] = [];
      for (let start = 0; start < names.length; start += PAGE_ALARMS_MAX) {
        const some = names.slice(start, start + PAGE_ALARMS_MAX);
        const asked = new Set(some);
        const call = `cloudwatch:DescribeAlarms of ${some.length === 1 ? some[0] : `${some.length} names`}`;
        const input = { AlarmTypes: ALL_KINDS, AlarmNames: some };
        for await (const page of described(call, input, (name) => asked.has(name))) alarms.push(...page);
      }
      return alarms;
    },
    listHistory: async (AlarmName, StartDate) => {
      const call = `cloudwatch:DescribeAlarmHistory of ${AlarmName}`;
      const events = [];
      for await (const page of pagesOf(call, (NextToken) => {
        const command = new DescribeAlarmHistoryCommand({ ...HISTORY, AlarmName, StartDate, NextToken });
        return link.read({ name: call }, { command }, jsonOf(historyPage(AlarmName)));
      }))
        events.push(...page);
      return events.toSorted((a, b) => b.at.getTime() - a.at.getTime());
    },
  };
}

const ALL_KINDS: DescribeAlarmsInput["AlarmTypes"] = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];
const HISTORY = { ScanBy: "TimestampDescending", MaxRecords: 100 } as const;

/** Again where it failed in passing, and not to its end where the run has none: a value that is counted twice does no harm. */
function putMetrics(link: CloudWatchLink, Namespace: string, values: readonly MetricValue[]): Promise<unknown> {
  const MetricData = values.map(({ metric: MetricName, dimensions, value: Value, unit: Unit }) => ({
    ...{ MetricName, Value, Unit },
    Dimensions: Object.entries(dimensions).map(([Name, of]) => ({ Name, Value: of })),
  }));
  const command = new PutMetricDataCommand({ Namespace, MetricData });
  return link.read({ name: "cloudwatch:PutMetricData" }, { command }, nothing);
}

type Writes = Pick<CloudWatch, "putAlarm" | "deleteAlarm" | "setAlarmState">;

function alarmWrites(link: CloudWatchLink, turn: () => Promise<void>): Writes {
  const write = async (name: string, sent: JsonCommand) => {
    await turn();
    await link.write({ name }, sent, nothing);
  };
  return {
    putAlarm: async ({ name, settings, beyond }) =>
      write(`cloudwatch:PutMetricAlarm on ${name}`, {
        command: new PutMetricAlarmCommand(alarmInput(name, settings)),
        beyond,
      }),
    deleteAlarm: (name) =>
      write(`cloudwatch:DeleteAlarms on ${name}`, { command: new DeleteAlarmsCommand({ AlarmNames: [name] }) }),
    setAlarmState: (name, state, reason) => {
      const command = new SetAlarmStateCommand({
        AlarmName: name,
        StateValue: state,
        StateReason: reason.text,
        StateReasonData: JSON.stringify(reason.data),
      });
      return write(`cloudwatch:SetAlarmState on ${name}`, { command });
    },
  };
}
