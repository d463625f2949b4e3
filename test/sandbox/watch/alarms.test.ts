import {
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetAlarmMuteRuleCommand,
  GetMetricDataCommand,
  ListAlarmMuteRulesCommand,
  ListMetricsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  paginateDescribeAlarmHistory,
  paginateDescribeAlarms,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, it } from "vitest";
import { advance } from "../client.ts";
import { alarm, type Clients, clients, METRIC, NOW, ORDER, refusal, TOPIC } from "./clients.ts";

async function namesOf({ cloudwatch }: Pick<Clients, "cloudwatch">, input: object): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const page of paginateDescribeAlarms({ client: cloudwatch }, input)) {
    const all = [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? []), ...(page.LogAlarms ?? [])];
    found.push(...all.map(({ AlarmName }) => AlarmName ?? ""));
  }
  return found;
}

async function one({ cloudwatch }: Pick<Clients, "cloudwatch">, name: string) {
  const { MetricAlarms: alarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
  return alarms?.[0];
}

async function history({ cloudwatch }: Pick<Clients, "cloudwatch">, AlarmName: string, more: object = {}) {
  const answer = await cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName, ...more }));
  return answer.AlarmHistoryItems ?? [];
}

const ALL = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];

describe("alarms are listed", () => {
  it("as they are, with instants and an ARN", async () => {
    const found = await one(await clients(), "a-1");
    expect(found).toMatchObject({
      AlarmArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:a-1",
      AlarmActions: [TOPIC],
      Statistic: "Sum",
      Threshold: 1,
      StateValue: "OK",
      StateUpdatedTimestamp: new Date("2026-08-01T00:00:00Z"),
      AlarmConfigurationUpdatedTimestamp: new Date("2026-08-01T00:00:00Z"),
    });
  });

  it("by prefix, by names, by state; of metrics alone unless other types are named", async () => {
    const composite = alarm("b-0", { kind: "composite", words: { AlarmRule: "ALARM(b-1)" } });
    const log = alarm("b-3", { kind: "log", words: {} });
    const all = await clients({ alarms: [alarm("a-1"), composite, alarm("b-1", { state: "ALARM" }), log] });
    expect(await namesOf(all, {})).toEqual(["a-1", "b-1"]);
    expect(await namesOf(all, { AlarmTypes: ALL, AlarmNamePrefix: "b-" })).toEqual(["b-1", "b-0", "b-3"]);
    expect(await namesOf(all, { AlarmTypes: ALL, AlarmNames: ["b-0", "nobody"] })).toEqual(["b-0"]);
    expect(await namesOf(all, { StateValue: "ALARM" })).toEqual(["b-1"]);
  });

  it.each([99, 100, 101, 200, 250])("%d of them in pages of a hundred, none lost and none twice", async (count) => {
    const names = Array.from({ length: count }, (_, index) => `x-${String(index).padStart(3, "0")}`);
    const all = await clients({ alarms: names.map((name) => alarm(name)) });
    const first = await all.cloudwatch.send(new DescribeAlarmsCommand({}));
    expect(first.MetricAlarms).toHaveLength(Math.min(count, 100));
    expect(first.NextToken === undefined).toBe(count <= 100);
    expect(await namesOf(all, {})).toEqual(names);
    expect(await namesOf(all, { MaxRecords: 7 })).toEqual(names);
  });

  it("with many more that are made up, of which one can be changed and deleted", async () => {
    const extras = { count: 250, prefix: "litally-x-", createdAt: NOW.toISOString(), gone: [] };
    const all = await clients({ extras });
    expect(await namesOf(all, {})).toHaveLength(253);
    const state = { AlarmName: "litally-x-000007", StateValue: "ALARM", StateReason: "x" } as const;
    await all.cloudwatch.send(new SetAlarmStateCommand(state));
    await all.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["litally-x-000250"] }));
    expect(await one(all, "litally-x-000007")).toMatchObject({ StateValue: "ALARM", Namespace: "AWS/EC2" });
    const names = await namesOf(all, { AlarmNamePrefix: "litally-x-" });
    expect(names).toHaveLength(249);
    expect(names).toEqual([...new Set(names)].toSorted());
    expect(await one(all, "litally-x-000251")).toBeUndefined();
  });

  it.each([
    ["names and a prefix", { AlarmNames: ["a"], AlarmNamePrefix: "a" }, "InvalidParameterCombinationException"],
    ["101 at once", { MaxRecords: 101 }, "ValidationException"],
    ["101 names", { AlarmNames: Array.from({ length: 101 }, String) }, "ValidationException"],
    ["a token of somebody else", { NextToken: "eA==" }, "InvalidNextToken"],
    ["what the sandbox does not know", { ActionPrefix: "arn" }, "ValidationException"],
  ])("not with %s", async (_what, input, name) => {
    const { cloudwatch } = await clients();
    expect(await refusal(cloudwatch.send(new DescribeAlarmsCommand(input)))).toEqual([name, 400]);
  });
});

describe("an alarm that is put", () => {
  it("begins without data, and is evaluated after a period of the world's clock", async () => {
    const all = await clients();
    await all.cloudwatch.send(new PutMetricAlarmCommand(ORDER));
    expect(await one(all, "new")).toMatchObject({ StateValue: "INSUFFICIENT_DATA", ActionsEnabled: true });
    await advance(all.target, "4m");
    expect(await one(all, "new")).toMatchObject({ StateValue: "INSUFFICIENT_DATA" });
    await advance(all.target, "1m");
    expect(await one(all, "new")).toMatchObject({
      StateValue: "OK",
      StateUpdatedTimestamp: new Date(NOW.getTime() + 300_000),
    });
    const kinds = (await history(all, "new")).map(({ HistoryItemType, HistorySummary }) => [
      HistoryItemType,
      HistorySummary,
    ]);
    expect(kinds).toEqual([
      ["StateUpdate", "Alarm updated from INSUFFICIENT_DATA to OK"],
      ["ConfigurationUpdate", 'Alarm "new" created'],
    ]);
  });

  it.each([
    ["missing", "INSUFFICIENT_DATA"],
    ["ignore", "INSUFFICIENT_DATA"],
    ["notBreaching", "OK"],
    ["breaching", "ALARM"],
  ])("over a silent metric comes, where missing data is %s, to %s", async (TreatMissingData, state) => {
    const all = await clients({ metrics: [] });
    await all.cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, TreatMissingData }));
    await advance(all.target, "1d");
    expect((await one(all, "new"))?.StateValue).toBe(state);
  });

  it("replaces the one of its name whole, but keeps its state and what happened to it", async () => {
    const all = await clients({ alarms: [alarm("new", { state: "ALARM", settlesAs: "ALARM" })] });
    await all.cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, Threshold: 5 }));
    const found = await one(all, "new");
    expect(found).toMatchObject({ StateValue: "ALARM", Threshold: 5, AlarmActions: [] });
    expect(found).not.toHaveProperty("TreatMissingData");
    expect(found).not.toHaveProperty("DatapointsToAlarm");
    expect(found?.AlarmConfigurationUpdatedTimestamp).toEqual(NOW);
    expect((await history(all, "new"))[0]?.HistorySummary).toBe('Alarm "new" updated');
  });

  it("that watched nothing, and now watches what reports, is soon without trouble", async () => {
    const all = await clients();
    const silent = [{ Name: "FunctionName", Value: "nobody" }];
    await all.cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, Dimensions: silent }));
    await advance(all.target, "1h");
    expect((await one(all, "new"))?.StateValue).toBe("INSUFFICIENT_DATA");
    await all.cloudwatch.send(new PutMetricAlarmCommand(ORDER));
    expect((await one(all, "new"))?.StateValue).toBe("INSUFFICIENT_DATA");
    await advance(all.target, "5m");
    expect((await one(all, "new"))?.StateValue).toBe("OK");
  });

  it("is given back as it was sent, also what the sandbox does not go by", async () => {
    const all = await clients();
    const { Namespace, MetricName, Statistic: _s, Dimensions: _d, Period: _p, ...rest } = ORDER;
    const order: PutMetricAlarmCommandInput = {
      ...rest,
      AlarmDescription: "words",
      Metrics: [
        {
          Id: "e",
          MetricStat: { Metric: { Namespace, MetricName, Dimensions: [] }, Period: 60, Stat: "Sum" },
          ReturnData: false,
        },
        { Id: "r", Expression: "100 * e", Label: "rate" },
      ],
      EvaluationInterval: 60,
    };
    await all.cloudwatch.send(new PutMetricAlarmCommand(order));
    expect(await one(all, "new")).toMatchObject(order);
  });

  const math = (Expression: string, more: object = {}): Partial<PutMetricAlarmCommandInput> => ({
    ...Object.fromEntries(Object.keys(METRIC).map((key) => [key, undefined])),
    Period: undefined,
    Metrics: [
      {
        Id: "m1",
        MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "Sum" },
        ReturnData: false,
      },
      { Id: "r", Expression, ...more },
    ],
  });
  const sums = (count: number) =>
    Array.from({ length: count }, (_, index) => ({
      Id: `m${index}`,
      MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "Sum" },
      ReturnData: index === 0,
    }));
  const NONE = Object.fromEntries([...Object.keys(METRIC), "Period"].map((key) => [key, undefined]));

  it.each<readonly [string, Partial<PutMetricAlarmCommandInput>]>([
    ["no name", { AlarmName: "" }],
    ["a name of 256 letters", { AlarmName: "x".repeat(256) }],
    ["a period of 45 s", { Period: 45 }],
    ["a day and a minute of short periods", { Period: 60, EvaluationPeriods: 1441 }],
    ["a week and an hour of long periods", { Period: 3600, EvaluationPeriods: 169 }],
    ["more datapoints than periods", { DatapointsToAlarm: 2 }],
    ["no threshold", { Threshold: undefined }],
    ["a band without its metric", { ComparisonOperator: "GreaterThanUpperThreshold", Threshold: undefined }],
    ["six actions", { AlarmActions: Array.from({ length: 6 }, (_, index) => `${TOPIC}${index}`) }],
    ["a topic of another region", { OKActions: [TOPIC.replace("ap-south-1", "eu-west-1")] }],
    ["an action that is no ARN", { AlarmActions: ["critical"] }],
    ["another treatment of missing data", { TreatMissingData: "zero" }],
    ["few samples of a sum", { EvaluateLowSampleCountPercentile: "ignore" }],
    ["a percentile as a statistic", { Statistic: "p99" as "Sum" }],
    ["nothing to measure", { MetricName: undefined }],
    ["no namespace", { Namespace: undefined }],
    ["a description that is too long", { AlarmDescription: "x".repeat(1025) }],
    ["two that return data", { ...NONE, Metrics: [...sums(1), ...sums(1).map((one) => ({ ...one, Id: "z" }))] }],
    ["none that returns data", math("m1", { ReturnData: false })],
    ["an id twice", { ...NONE, Metrics: [...sums(1), ...sums(1).map((one) => ({ ...one, ReturnData: false }))] }],
    ["an id that nobody knows", math("m2 * 2")],
    ["a search", math('SEARCH("{N} M", "Sum")')],
    ["11 metrics", { ...NONE, Metrics: sums(11) }],
  ])("is refused with %s", async (_what, change) => {
    const all = await clients();
    expect(await refusal(all.cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, ...change })))).toEqual([
      "ValidationException",
      400,
    ]);
    expect(await one(all, "new")).toBeUndefined();
  });

  it.each<readonly [string, Partial<PutMetricAlarmCommandInput>]>([
    ["a metric and math", { Metrics: sums(1) }],
    ["two statistics", { ExtendedStatistic: "p99" }],
    ["no statistic", { Statistic: undefined }],
  ])("is refused with %s at once", async (_what, change) => {
    const { cloudwatch } = await clients();
    expect(await refusal(cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, ...change })))).toEqual([
      "InvalidParameterCombinationException",
      400,
    ]);
  });

  it.each<readonly [string, Partial<PutMetricAlarmCommandInput>]>([
    ["a day of short periods", { Period: 60, EvaluationPeriods: 1440 }],
    ["a week of long periods", { Period: 3600, EvaluationPeriods: 168 }],
    ["ten seconds", { Period: 10 }],
    ["five actions", { AlarmActions: Array.from({ length: 5 }, (_, index) => `${TOPIC}${index}`) }],
    ["a percentile", { Statistic: undefined, ExtendedStatistic: "p99.9", EvaluateLowSampleCountPercentile: "ignore" }],
    ["10 metrics", { ...NONE, Metrics: sums(10) }],
    ["text in a formula", math("FILL(m1, REPEAT) + METRICS('x')")],
  ])("is taken with %s", async (_what, change) => {
    const all = await clients();
    await all.cloudwatch.send(new PutMetricAlarmCommand({ ...ORDER, ...change }));
    expect(await one(all, "new")).toBeDefined();
  });

  it("is refused where an alarm of another type has its name", async () => {
    const { cloudwatch } = await clients({ alarms: [alarm("new", { kind: "composite" })] });
    expect(await refusal(cloudwatch.send(new PutMetricAlarmCommand(ORDER)))).toEqual(["ValidationException", 400]);
  });
});

describe("alarms are deleted", () => {
  it("and what happened to them stays", async () => {
    const all = await clients();
    await all.cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: ["a-1", "b-2"] }));
    expect(await namesOf(all, {})).toEqual(["b-1"]);
    expect((await history(all, "a-1"))[0]?.HistorySummary).toBe('Alarm "a-1" deleted');
  });

  it("all of them or none", async () => {
    const all = await clients();
    const command = new DeleteAlarmsCommand({ AlarmNames: ["a-1", "nobody"] });
    expect(await refusal(all.cloudwatch.send(command))).toEqual(["ResourceNotFound", 404]);
    expect(await namesOf(all, {})).toHaveLength(3);
  });

  it("one composite alarm at a time", async () => {
    const alarms = ["c-1", "c-2"].map((name) => alarm(name, { kind: "composite" }));
    const { cloudwatch } = await clients({ alarms });
    const command = new DeleteAlarmsCommand({ AlarmNames: ["c-1", "c-2"] });
    expect(await refusal(cloudwatch.send(command))).toEqual(["ValidationException", 400]);
  });
});

it("actions are turned off and on, and that is written down", async () => {
  const all = await clients();
  await all.cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["a-1", "nobody"] }));
  expect((await one(all, "a-1"))?.ActionsEnabled).toBe(false);
  await all.cloudwatch.send(new EnableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
  await all.cloudwatch.send(new EnableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
  expect((await one(all, "a-1"))?.ActionsEnabled).toBe(true);
  expect(await history(all, "a-1")).toHaveLength(2);
});

describe("a state that is set", () => {
  const SET = { AlarmName: "a-1", StateValue: "ALARM", StateReason: "a test", StateReasonData: '{"by":"us"}' } as const;

  it("stands until the next evaluation, one period later, and sets off the actions of each", async () => {
    const all = await clients();
    await all.cloudwatch.send(new SetAlarmStateCommand(SET));
    expect(await one(all, "a-1")).toMatchObject({
      StateValue: "ALARM",
      StateReason: "a test",
      StateReasonData: '{"by":"us"}',
    });
    await advance(all.target, "299s");
    expect((await one(all, "a-1"))?.StateValue).toBe("ALARM");
    await advance(all.target, "1s");
    expect(await one(all, "a-1")).toMatchObject({ StateValue: "OK" });
    const items = await history(all, "a-1");
    expect(items.map(({ HistorySummary }) => HistorySummary)).toEqual([
      `Successfully executed action ${TOPIC}`,
      "Alarm updated from ALARM to OK",
      `Successfully executed action ${TOPIC}`,
      "Alarm updated from OK to ALARM",
    ]);
    expect(JSON.parse(items[3]?.HistoryData ?? "")).toMatchObject({
      oldState: { stateValue: "OK" },
      newState: { stateValue: "ALARM", stateReason: "a test", stateReasonData: { by: "us" } },
    });
    const published: string = JSON.parse(items[2]?.HistoryData ?? "").publishedMessage;
    expect(JSON.parse(JSON.parse(published).default)).toMatchObject({ AlarmName: "a-1", NewStateReason: "a test" });
    expect(JSON.parse(items[2]?.HistoryData ?? "")).toMatchObject({
      actionState: "Succeeded",
      notificationResource: TOPIC,
    });
  });

  it("that it has already sets nothing off", async () => {
    const all = await clients();
    await all.cloudwatch.send(new SetAlarmStateCommand({ ...SET, StateValue: "OK" }));
    expect(await history(all, "a-1")).toEqual([]);
  });

  it.each([
    ["a reason that is no JSON", { StateReasonData: "{" }, "InvalidFormatFault", 400],
    ["no such alarm", { AlarmName: "nobody" }, "ResourceNotFound", 404],
    ["no such state", { StateValue: "FINE" as "OK" }, "ValidationException", 400],
    ["a reason of 1,024 letters", { StateReason: "x".repeat(1024) }, "ValidationException", 400],
  ])("is refused with %s", async (_what, change, name, status) => {
    const { cloudwatch } = await clients();
    expect(await refusal(cloudwatch.send(new SetAlarmStateCommand({ ...SET, ...change })))).toEqual([name, status]);
  });

  it("sets nothing off where actions are off, or a rule mutes the alarm", async () => {
    const rule = {
      name: "r",
      alarmNames: ["b-1"],
      expression: "cron(0 2 * * *)",
      duration: "PT4H",
      updatedAt: NOW.toISOString(),
    };
    const all = await clients({
      muteRules: [
        { ...rule, status: "ACTIVE" },
        { ...rule, name: "s", alarmNames: ["b-2"], status: "SCHEDULED" },
      ],
    });
    await all.cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
    for (const AlarmName of ["a-1", "b-1", "b-2"])
      await all.cloudwatch.send(new SetAlarmStateCommand({ ...SET, AlarmName }));
    const acted = async (name: string) => (await history(all, name, { HistoryItemType: "Action" })).length;
    expect([await acted("a-1"), await acted("b-1"), await acted("b-2")]).toEqual([0, 0, 1]);
  });
});

describe("history", () => {
  it("is told in pages, by type, by time, from either end", async () => {
    const all = await clients();
    const states = ["ALARM", "OK"] as const;
    for (let index = 0; index < 60; index += 1) {
      await all.cloudwatch.send(
        new SetAlarmStateCommand({ AlarmName: "a-1", StateValue: states[index % 2], StateReason: `${index}` }),
      );
      await advance(all.target, "1s");
    }
    const found = [];
    const pages = paginateDescribeAlarmHistory(
      { client: all.cloudwatch },
      { AlarmName: "a-1", HistoryItemType: "StateUpdate", MaxRecords: 7 },
    );
    for await (const page of pages) found.push(...(page.AlarmHistoryItems ?? []));
    expect(found).toHaveLength(60);
    const times = found.map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
    const since = { StartDate: new Date(NOW.getTime() + 10_000), EndDate: new Date(NOW.getTime() + 19_000) };
    expect(await history(all, "a-1", { HistoryItemType: "StateUpdate", ...since })).toHaveLength(10);
    const oldest = await history(all, "a-1", { ScanBy: "TimestampAscending", MaxRecords: 1 });
    expect(oldest[0]?.Timestamp).toEqual(NOW);
  });

  it("is forgotten after 30 days", async () => {
    const all = await clients();
    await all.cloudwatch.send(new DisableAlarmActionsCommand({ AlarmNames: ["a-1"] }));
    await advance(all.target, "30d");
    expect(await history(all, "a-1")).toHaveLength(1);
    await advance(all.target, "1m");
    expect(await history(all, "a-1")).toEqual([]);
  });
});

describe("mute rules", () => {
  const rule = { alarmNames: ["a-1"], expression: "cron(0 2 * * *)", duration: "PT4H", updatedAt: NOW.toISOString() };
  const muteRules = [
    { ...rule, name: "nights", status: "ACTIVE" as const },
    { ...rule, name: "once", alarmNames: ["b-1"], expression: "at(2026-12-01T00:00)", status: "SCHEDULED" as const },
    { ...rule, name: "old", status: "EXPIRED" as const },
  ];

  it("are listed, by status and by alarm, and each is told in full", async () => {
    const { cloudwatch } = await clients({ muteRules });
    const listed = async (input: object) =>
      (await cloudwatch.send(new ListAlarmMuteRulesCommand(input))).AlarmMuteRuleSummaries?.map(
        ({ AlarmMuteRuleArn: arn, Status, MuteType }) => [arn?.split(":").at(-1), Status, MuteType],
      );
    expect(await listed({ Statuses: ["ACTIVE", "SCHEDULED"] })).toEqual([
      ["nights", "ACTIVE", "RECURRING"],
      ["once", "SCHEDULED", "ONE_TIME"],
    ]);
    expect(await listed({ AlarmName: "a-1" })).toHaveLength(2);
    const page = await cloudwatch.send(new ListAlarmMuteRulesCommand({ MaxRecords: 2 }));
    const rest = await cloudwatch.send(new ListAlarmMuteRulesCommand({ MaxRecords: 2, NextToken: page.NextToken }));
    expect([page.AlarmMuteRuleSummaries?.length, rest.AlarmMuteRuleSummaries?.length, rest.NextToken]).toEqual([
      2,
      1,
      undefined,
    ]);
    const arn = page.AlarmMuteRuleSummaries?.[0]?.AlarmMuteRuleArn;
    for (const AlarmMuteRuleName of ["nights", arn]) {
      expect(await cloudwatch.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName }))).toMatchObject({
        Name: "nights",
        Rule: { Schedule: { Expression: "cron(0 2 * * *)", Duration: "PT4H" } },
        MuteTargets: { AlarmNames: ["a-1"] },
        Status: "ACTIVE",
      });
    }
    const absent = cloudwatch.send(new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: "no" }));
    expect(await refusal(absent)).toEqual(["ResourceNotFoundException", 404]);
  });
});

describe("metrics", () => {
  const [StartTime, EndTime] = [new Date(NOW.getTime() - 14 * 86_400_000), NOW];
  const query = (Id: string, value: string, Period = 86_400) => ({
    Id,
    MetricStat: {
      Metric: { Namespace: "AWS/Lambda", MetricName: "Errors", Dimensions: [{ Name: "FunctionName", Value: value }] },
      Period,
      Stat: "SampleCount",
    },
  });

  it("have datapoints where they report, and none where they are silent", async () => {
    const { cloudwatch } = await clients();
    const MetricDataQueries = [query("a", "auth"), query("b", "other")];
    const { MetricDataResults: found } = await cloudwatch.send(
      new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }),
    );
    expect(found?.map(({ Id, Values, StatusCode }) => [Id, Values?.length, StatusCode])).toEqual([
      ["a", 14, "Complete"],
      ["b", 0, "Complete"],
    ]);
    const [newest, before] = found?.[0]?.Timestamps ?? [];
    expect((newest?.getTime() ?? 0) - (before?.getTime() ?? 0)).toBe(86_400_000);
  });

  it("come in pages where there are too many datapoints", async () => {
    const { cloudwatch } = await clients();
    const MetricDataQueries = [query("a", "auth"), query("b", "auth"), query("c", "auth")];
    const ask = { StartTime, EndTime, MetricDataQueries, MaxDatapoints: 30 };
    const first = await cloudwatch.send(new GetMetricDataCommand(ask));
    const second = await cloudwatch.send(new GetMetricDataCommand({ ...ask, NextToken: first.NextToken }));
    const ids = [first, second].map(({ MetricDataResults }) => MetricDataResults?.map(({ Id }) => Id));
    expect([...ids, second.NextToken]).toEqual([["a", "b"], ["c"], undefined]);
  });

  it.each([
    ["501 queries", { MetricDataQueries: Array.from({ length: 501 }, (_, index) => query(`q${index}`, "auth")) }],
    ["an id twice", { MetricDataQueries: [query("a", "auth"), query("a", "auth")] }],
    ["an end before the start", { EndTime: StartTime, StartTime: EndTime }],
    ["a minute's grain of what is older", { MetricDataQueries: [query("a", "auth", 30)] }],
    ["metric math", { MetricDataQueries: [{ Id: "a", Expression: "1" }] }],
  ])("are refused with %s", async (_what, change) => {
    const { cloudwatch } = await clients();
    const ask = { StartTime, EndTime, MetricDataQueries: [query("a", "auth")], ...change };
    expect(await refusal(cloudwatch.send(new GetMetricDataCommand(ask)))).toEqual(["ValidationException", 400]);
  });

  it("are answered for 500 at once", async () => {
    const { cloudwatch } = await clients();
    const MetricDataQueries = Array.from({ length: 500 }, (_, index) => query(`q${index}`, "auth"));
    const { MetricDataResults: found } = await cloudwatch.send(
      new GetMetricDataCommand({ StartTime, EndTime, MetricDataQueries }),
    );
    expect(found).toHaveLength(500);
  });

  it("are listed by namespace, name and dimensions", async () => {
    const { cloudwatch } = await clients();
    const count = async (input: object) => (await cloudwatch.send(new ListMetricsCommand(input))).Metrics?.length;
    expect(await count({ Namespace: "AWS/Lambda", MetricName: "Errors", RecentlyActive: "PT3H" })).toBe(1);
    expect(await count({ Dimensions: [{ Name: "FunctionName" }] })).toBe(1);
    expect(await count({ Dimensions: [{ Name: "FunctionName", Value: "other" }] })).toBe(0);
    expect(await count({ Namespace: "AWS/EC2" })).toBe(0);
  });
});

describe("rights", () => {
  it.each([
    ["DescribeAlarms", new DescribeAlarmsCommand({})],
    ["PutMetricAlarm", new PutMetricAlarmCommand(ORDER)],
    ["DeleteAlarms", new DeleteAlarmsCommand({ AlarmNames: ["a-1"] })],
    ["DescribeAlarmHistory", new DescribeAlarmHistoryCommand({})],
    ["ListAlarmMuteRules", new ListAlarmMuteRulesCommand({})],
  ])("%s can be denied", async (action, command) => {
    const { cloudwatch } = await clients({}, { denied: [`cloudwatch:${action}`] });
    const sent: Promise<unknown> = cloudwatch.send(command as DescribeAlarmsCommand); // one of several alike
    expect(await refusal(sent)).toEqual(["AccessDenied", 403]);
  });

  it("that only read change nothing", async () => {
    const all = await clients({}, {}, { world: "read-only" });
    expect(await refusal(all.cloudwatch.send(new PutMetricAlarmCommand(ORDER)))).toEqual(["AccessDenied", 403]);
    expect(await one(all, "a-1")).toBeDefined();
  });
});
