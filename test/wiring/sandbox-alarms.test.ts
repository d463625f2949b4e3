/** The alarms of a world are those of the policy, and a broken link of a world is one that CloudWatch itself stumbles over. */
import { readFileSync } from "node:fs";
import {
  type AlarmType,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, onTestFinished, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { SANDBOX_VARIABLES, serveWorld } from "../../src/wiring/sandbox.ts";
import { clientsOf } from "../sandbox/watch/clients.ts";

const FILE = new URL("../../config/litally-ops.yaml", import.meta.url);
const { policy } = parsePolicy(readFileSync(FILE, "utf8"), "litally-ops.yaml", SANDBOX_VARIABLES);
const NOW = new Date("2026-11-22T02:00:00Z");
const TYPES: AlarmType[] = ["MetricAlarm", "CompositeAlarm"];
const FIRST = "litally-api-5xx-rate";

async function served(world: string, more: Partial<Parameters<typeof serveWorld>[0]> = {}) {
  const plain = { world, policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {}, hasNoArchives: true };
  const target = await serveWorld({ ...plain, ...more });
  onTestFinished(() => target.close());
  return clientsOf(target.url);
}

/** What became of the actions of an alarm that is set to ALARM. */
async function actions(world: string, AlarmName = FIRST): Promise<readonly string[]> {
  const { cloudwatch } = await served(world);
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: "ALARM", StateReason: "a test" }));
  const ask = new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: "Action", AlarmTypes: TYPES });
  const { AlarmHistoryItems: items = [] } = await cloudwatch.send(ask);
  return items.map(({ HistoryData: data = "" }) => JSON.parse(data).actionState);
}

/** Two of each schedule that CloudWatch can watch, else one. */
const HEARTBEATS = [
  ...["alarms-audit-failed", "alarms-audit-missed", "archive-push-failed"],
  ...["backup-verify-failed", "backup-verify-missed", "doctor-failed", "doctor-missed", "restore-drill-failed"],
  ...["retention-check-failed", "retention-check-missed"],
];

test("every declared alarm is there, without trouble, and tells its topic", async () => {
  const { cloudwatch } = await served("healthy");
  const { MetricAlarms: alarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({}));
  expect(alarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue])).toEqual([
    [FIRST, "OK"],
    ...HEARTBEATS.map((name) => [`litally-heartbeat-${name}`, "OK"]),
    ...["accounts", "auth", "reports", "transactions"].map((name) => [`litally-lambda-error-rate-${name}`, "OK"]),
    ["litally-lambda-throttles", "OK"],
  ]);
  for (const { AlarmName } of alarms) expect(await actions("healthy", AlarmName), AlarmName).toEqual(["Succeeded"]);
});

test("the metrics of declared alarms report", async () => {
  const { cloudwatch } = await served("healthy");
  const { MetricAlarms: alarms = [] } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [FIRST] }));
  const MetricDataQueries = alarms.flatMap(({ Metrics }) => Metrics ?? []).filter(({ MetricStat }) => MetricStat);
  const window = { StartTime: new Date(NOW.getTime() - 3_600_000), EndTime: NOW };
  const { MetricDataResults: found } = await cloudwatch.send(
    new GetMetricDataCommand({ ...window, MetricDataQueries }),
  );
  expect(found?.map(({ Values }) => Values?.length)).toEqual([12, 12]);
});

const BROKEN: Readonly<Record<string, readonly string[]>> = {
  "alarm-actions-off": [],
  "alarm-no-action": [],
  "alarm-muted": [],
  "alarm-firing": [], // it is in that state already
  "alarm-foreign-action": ["Failed"],
  "topic-missing": ["Failed"],
  "topic-policy-closed": ["Failed"],
  "topic-policy-one-alarm": ["Failed"],
  "topic-aws-key": ["Failed"],
  "topic-key-closed": ["Failed"],
  "topic-key-disabled": ["Failed"],
};

describe("what CloudWatch makes of the first alarm's action", () => {
  const there = listWorlds().filter(({ command, name }) => command === "alarms audit" && name !== "alarm-missing");
  test.each(there)("in $name", async ({ name }) => {
    expect(await actions(name)).toEqual(BROKEN[name] ?? ["Succeeded"]);
  });
});

test.each(["litally-extra-", "other-"])(
  "two thousand more whose names begin with %s are told in pages",
  async (prefix) => {
    const { cloudwatch } = await served("healthy", { extraAlarms: { count: 2_000, prefix } });
    const names = new Set<string>();
    let pages = 0;
    for await (const { MetricAlarms: alarms = [] } of paginateDescribeAlarms({ client: cloudwatch }, {})) {
      pages += 1;
      for (const { AlarmName = "" } of alarms) names.add(AlarmName);
    }
    expect([names.size, pages]).toEqual([2_016, 21]);
  },
);

test("a policy without alarms and topics has none", async () => {
  const { alarms: _alarms, ...rest } = policy;
  for (const world of ["healthy", "alarm-looser", "topic-missing", "subscription-pending-old", "alert-off"]) {
    const { cloudwatch } = await served(world, { policy: { ...rest, topics: [] } });
    expect((await cloudwatch.send(new DescribeAlarmsCommand({}))).MetricAlarms).toEqual([]);
  }
});
