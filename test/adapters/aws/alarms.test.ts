import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlarmOrder, AlarmSettings } from "../../../src/ports/cloudwatch.ts";
import { collect, connected, HEADERS, json, METRIC, page, TARGET } from "./alarms-harness.ts";
import { always, failure, type Handler } from "./harness.ts";

const SETTINGS: AlarmSettings = {
  description: "too busy",
  actionsEnabled: true,
  alarmActions: ["arn:aws:sns:ap-south-1:111122223333:litally-critical"],
  okActions: [],
  insufficientDataActions: [],
  measure: {
    kind: "metric",
    stat: {
      namespace: "AWS/ECS",
      metric: "CPUUtilization",
      dimensions: { ServiceName: "api" },
      statistic: "Average",
      periodSeconds: 60,
      unit: "Percent",
    },
  },
  comparison: "GreaterThanThreshold",
  threshold: 80,
  evaluationPeriods: 10,
  datapointsToAlarm: 8,
  missingData: "breaching",
  lowSamples: null,
};

const MATH = [
  {
    Id: "part",
    MetricStat: { Metric: { Namespace: "N", MetricName: "Errors", Dimensions: [] }, Period: 300, Stat: "Sum" },
    ReturnData: false,
  },
  { Id: "percent", Expression: "100 * part", Label: "errors in percent", ReturnData: true },
];

const { MetricName: _m, Namespace: _n, Statistic: _s, Dimensions: _d, Period: _p, Unit: _u, ...UNMEASURED } = METRIC;

const readAlarm = async (alarm: object) => {
  const { cloudwatch } = await connected(json(page(alarm)));
  const [read] = await collect(cloudwatch.alarmPages("LiTally/", "all"));
  if (read?.kind !== "metric") throw new Error("no metric alarm");
  return read;
};

describe("a live alarm", () => {
  it("is read whole", async () => {
    expect(await readAlarm(METRIC)).toEqual({
      kind: "metric",
      name: "LiTally/cpu",
      arn: known(METRIC.AlarmArn),
      settings: Object.fromEntries(Object.entries(SETTINGS).map(([name, value]) => [name, known(value)])),
      beyond: {},
      state: known("OK"),
      stateSince: known(new Date(1_795_000_050_125)),
      stateReason: known("Threshold Crossed"),
    });
  });

  it("on metric math has its queries", async () => {
    const { settings } = await readAlarm({ ...UNMEASURED, Metrics: MATH });
    expect(settings.measure).toEqual(
      known({
        kind: "math",
        queries: [
          {
            id: "part",
            label: null,
            returnsData: false,
            accountId: null,
            of: {
              kind: "stat",
              stat: {
                namespace: "N",
                metric: "Errors",
                dimensions: {},
                statistic: "Sum",
                periodSeconds: 300,
                unit: null,
              },
            },
          },
          {
            id: "percent",
            label: "errors in percent",
            returnsData: true,
            accountId: null,
            of: { kind: "expression", expression: "100 * part", periodSeconds: null },
          },
        ],
      }),
    );
  });

  it.each([
    ["PromQL", { EvaluationCriteria: { PromQLCriteria: { Query: "up == 0" } } }, "PromQL: up == 0"],
    ["a band", { Metrics: MATH, ThresholdMetricId: "percent" }, "a band of anomaly detection"],
  ])("on %s looks at what no policy can say", async (_what, measured, words) => {
    const { Threshold: _t, ComparisonOperator: _c, ...rest } = UNMEASURED;
    const ComparisonOperator = "GreaterThanUpperThreshold";
    const { settings } = await readAlarm({ ...rest, ComparisonOperator, ...measured });
    expect(settings).toMatchObject({
      measure: known({ kind: "other", words }),
      comparison: known("other"),
      threshold: known(null),
    });
  });

  it("has CloudWatch's own defaults where nothing was said", async () => {
    const { AlarmDescription: _a, DatapointsToAlarm: _b, TreatMissingData: _c, Unit: _e, ...bare } = METRIC;
    const { settings } = await readAlarm({ ...bare, EvaluateLowSampleCountPercentile: "" });
    expect(settings).toMatchObject({
      description: known(null),
      datapointsToAlarm: known(null),
      missingData: known("missing"),
      lowSamples: known(null),
    });
  });

  it("keeps what no policy can say, also what is younger than this version", async () => {
    const more = {
      EvaluationWindow: { WallClockWindow: { Timezone: "Asia/Kolkata" } },
      WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 },
      ActionConfiguration: { AlarmTagsPropagation: { Enabled: true } },
      Snooze: { Until: 7 },
    };
    const { beyond } = await readAlarm({ ...METRIC, ...more, EvaluationState: "PARTIAL_DATA", EvaluationInterval: 60 });
    expect(beyond).toEqual(more);
  });
});

describe("a field that cannot be read", () => {
  const REQUIRED = {
    AlarmArn: "arn",
    StateValue: "state",
    StateTransitionedTimestamp: "stateSince",
    ActionsEnabled: "actionsEnabled",
    OKActions: "okActions",
    AlarmActions: "alarmActions",
    InsufficientDataActions: "insufficientDataActions",
    MetricName: "measure",
    Namespace: "measure",
    Statistic: "measure",
    Dimensions: "measure",
    Period: "measure",
    EvaluationPeriods: "evaluationPeriods",
    Threshold: "threshold",
    ComparisonOperator: "comparison",
  } as const;
  const OPTIONAL = {
    AlarmDescription: "description",
    StateReason: "stateReason",
    Unit: "measure",
    DatapointsToAlarm: "datapointsToAlarm",
    TreatMissingData: "missingData",
    EvaluateLowSampleCountPercentile: "lowSamples",
  } as const;
  const unknownsOf = async (alarm: object) => {
    const { settings, arn, state, stateSince, stateReason } = await readAlarm(alarm);
    return Object.entries({ ...settings, arn, state, stateSince, stateReason })
      .filter(([, seen]) => !seen.known)
      .map(([name]) => name);
  };
  const WRONG = [{ an: "object" }, [1], true, "1", 1.5e300, "soon"];

  it.each(Object.entries(REQUIRED))("%s leaves %s not known, and nothing else", async (field, setting) => {
    for (const damage of [undefined, null, ...WRONG]) {
      if (field === "ActionsEnabled" && damage === true) continue;
      if (field === "Threshold" && damage === 1.5e300) continue;
      if (["MetricName", "Namespace"].includes(field) && typeof damage === "string") continue;
      expect(await unknownsOf({ ...METRIC, [field]: damage }), JSON.stringify(damage)).toEqual([setting]);
    }
  });

  it.each(Object.entries(OPTIONAL))("%s leaves %s not known where it is there", async (field, setting) => {
    expect(await unknownsOf({ ...METRIC, [field]: null })).toEqual([]);
    for (const damage of WRONG) {
      if (["AlarmDescription", "StateReason", "Unit"].includes(field) && typeof damage === "string") continue;
      expect(await unknownsOf({ ...METRIC, [field]: damage }), JSON.stringify(damage)).toEqual([setting]);
    }
  });

  it.each([
    ["a member that nobody knows", { Id: "a", Expression: "b", Offset: 3600 }],
    ["neither metric nor expression", { Id: "a" }],
    ["both", { ...MATH[0], Expression: "b" }],
    ["a metric with a member that nobody knows", { Id: "a", MetricStat: { ...MATH[0]?.MetricStat, Shift: 1 } }],
    ["no id", { Expression: "b" }],
  ])("a query with %s leaves the measure not known", async (_what, query) => {
    expect(await unknownsOf({ ...UNMEASURED, Metrics: [query] })).toEqual(["measure"]);
  });

  it("a metric and metric math at once is not known", async () => {
    expect(await unknownsOf({ ...METRIC, Metrics: MATH })).toEqual(["measure"]);
  });
});

describe("pages of alarms", () => {
  it("are asked for by kinds, prefix and token, and end where no token is left", async () => {
    const { cloudwatch, server } = await connected((request, response) => {
      const { NextToken: token } = JSON.parse(request.body);
      const numbered = { ...METRIC, AlarmName: `LiTally/${token ?? 0}` };
      json({ ...page(numbered), ...(token === "2" ? {} : { NextToken: String(Number(token ?? 0) + 1) }) })(
        request,
        response,
      );
    });
    const alarms = await collect(cloudwatch.alarmPages("LiTally/", "all"));
    expect(alarms.map(({ name }) => name)).toEqual(["LiTally/0", "LiTally/1", "LiTally/2"]);
    expect(server.seen.map(({ body }) => JSON.parse(body))).toEqual(
      [undefined, "1", "2"].map((NextToken) => ({
        AlarmTypes: ["MetricAlarm", "CompositeAlarm", "LogAlarm"],
        AlarmNamePrefix: "LiTally/",
        MaxRecords: 100,
        ...(NextToken === undefined ? {} : { NextToken }),
      })),
    );
    expect(server.seen[0]?.headers["x-amz-target"]).toBe(`${TARGET}DescribeAlarms`);
  });

  it("of composite ones alone ask for no other", async () => {
    const composite = {
      AlarmName: "any",
      AlarmArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:any",
      AlarmRule: 'ALARM("LiTally/cpu")',
      ActionsEnabled: true,
      AlarmActions: [],
      StateValue: "ALARM",
      ActionsSuppressor: "LiTally/cpu",
    };
    const { cloudwatch, server } = await connected(json({ MetricAlarms: [], CompositeAlarms: [composite] }));
    expect(await collect(cloudwatch.alarmPages("", "composite"))).toEqual([
      {
        kind: "composite",
        name: "any",
        arn: known(composite.AlarmArn),
        rule: known(composite.AlarmRule),
        actionsEnabled: known(true),
        alarmActions: known([]),
        suppressor: known("LiTally/cpu"),
        state: known("ALARM"),
      },
    ]);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({ AlarmTypes: ["CompositeAlarm"], MaxRecords: 100 });
  });

  it("that lead in a circle, or on for ever, are no list", async () => {
    const circle = await connected(json({ ...page(METRIC), NextToken: "again" }));
    expect(await failure(collect(circle.cloudwatch.alarmPages("LiTally/", "all")))).toMatchObject({ kind: "protocol" });
    expect(circle.server.seen).toHaveLength(2);
  });

  it.each([
    ["without a name", page({ ...METRIC, AlarmName: undefined })],
    ["with a name that is none", page({ ...METRIC, AlarmName: 7 })],
    ["of another prefix", page({ ...METRIC, AlarmName: "other" })],
    ["that is nothing", { ...page(), MetricAlarms: [null] }],
    ["in a list that is none", { ...page(), MetricAlarms: { a: METRIC } }],
    ["in no list", { CompositeAlarms: [] }],
    ["beside no list of composite ones", { MetricAlarms: [METRIC] }],
    ["with a token that is none", { ...page(METRIC), NextToken: 7 }],
    ["in an answer that is none", []],
    ["in an answer that is nothing", null],
  ])("with an alarm %s cannot be read", async (_what, body) => {
    const { cloudwatch } = await connected(json(body));
    expect(await failure(collect(cloudwatch.alarmPages("LiTally/", "all")))).toMatchObject({ kind: "protocol" });
  });

  it.each([
    ["cut short", '{"MetricAlarms":[', HEADERS],
    ["a page of HTML", "<html></html>", HEADERS],
    ["empty", "", HEADERS],
    ["somebody else's", JSON.stringify(page(METRIC)), { "content-type": "application/json" }],
  ])("in an answer that is %s cannot be read", async (_what, body, headers) => {
    const { cloudwatch } = await connected(always(200, body, headers));
    const error = await failure(collect(cloudwatch.alarmPages("LiTally/", "all")));
    expect(error).toMatchObject({ kind: "protocol" });
    expect(error.message).not.toContain("html");
  });

  it("are asked for again, for nothing changes by it", async () => {
    const { cloudwatch, server } = await connected(
      (request, response) => (server.seen.length === 1 ? always(503, "") : json(page(METRIC)))(request, response),
      2,
    );
    expect(await collect(cloudwatch.alarmPages("LiTally/", "all"))).toHaveLength(1);
    expect(server.seen).toHaveLength(2);
  });

  it("break off where the answer does", async () => {
    const { cloudwatch } = await connected((_request, response) => {
      response.writeHead(200, { ...HEADERS, "content-length": 1000 });
      response.write('{"MetricAlarms":[', () => response.destroy());
    });
    const error = await failure(collect(cloudwatch.alarmPages("LiTally/", "all")));
    expect(error).toMatchObject({ kind: "unavailable" });
  });
});

describe("alarms by name", () => {
  it("are asked for a hundred at a time", async () => {
    const names = Array.from({ length: 250 }, (_, index) => `LiTally/${index}`);
    const { cloudwatch, server } = await connected((request, response) => {
      const asked: readonly string[] = JSON.parse(request.body).AlarmNames;
      json(page(...asked.filter((name) => name.endsWith("7")).map((AlarmName) => ({ ...METRIC, AlarmName }))))(
        request,
        response,
      );
    });
    expect(await cloudwatch.alarmsByName(names)).toHaveLength(25);
    expect(server.seen.map(({ body }) => JSON.parse(body).AlarmNames.length)).toEqual([100, 100, 50]);
  });

  it("are nobody else's", async () => {
    const { cloudwatch } = await connected(json(page(METRIC)));
    expect(await failure(cloudwatch.alarmsByName(["LiTally/errors"]))).toMatchObject({ kind: "protocol" });
  });

  it("are not asked for where there are none", async () => {
    const { cloudwatch, server } = await connected(json({}));
    expect(await cloudwatch.alarmsByName([])).toEqual([]);
    expect(server.seen).toEqual([]);
  });
});

const ORDER: AlarmOrder = { name: "LiTally/cpu", settings: SETTINGS, beyond: {} };

describe("a write", () => {
  it("puts the alarm as it is ordered", async () => {
    const { cloudwatch, server } = await connected(json({}));
    await cloudwatch.putAlarm(ORDER);
    const sent = JSON.parse(server.seen[0]?.body ?? "");
    const { StateValue: _1, StateReason: _2, StateReasonData: _3, StateUpdatedTimestamp: _4, ...rest } = METRIC;
    const { AlarmArn: _5, AlarmConfigurationUpdatedTimestamp: _6, StateTransitionedTimestamp: _7, ...settings } = rest;
    expect(sent).toEqual(settings);
  });

  it("puts back what was read, and what is beyond it, as it was", async () => {
    const more = { EvaluationWindow: { SlidingWindow: {} }, Snooze: { Until: 7 } };
    const source = { ...UNMEASURED, ...more, Metrics: MATH };
    const { name, settings, beyond } = await readAlarm(source);
    const { cloudwatch, server } = await connected(json({}));
    const values = Object.entries(settings).map(([key, seen]) => [key, seen.known ? seen.value : undefined]);
    await cloudwatch.putAlarm({ name, settings: Object.fromEntries(values), beyond });
    expect(JSON.parse(server.seen[0]?.body ?? "")).toMatchObject({ ...more, Metrics: MATH, Threshold: 80 });
    expect(server.seen[0]?.headers["content-length"]).toBe(String(server.seen[0]?.body.length));
  });

  it("names a percentile where percentiles are named", async () => {
    const { cloudwatch, server } = await connected(json({}));
    const { measure } = SETTINGS;
    if (measure.kind !== "metric") throw new Error("no metric");
    const settings: AlarmSettings = {
      ...SETTINGS,
      measure: { kind: "metric", stat: { ...measure.stat, statistic: "p99.9" } },
      lowSamples: "ignore",
    };
    await cloudwatch.putAlarm({ ...ORDER, settings });
    const sent = JSON.parse(server.seen[0]?.body ?? "");
    expect(sent).toMatchObject({ ExtendedStatistic: "p99.9", EvaluateLowSampleCountPercentile: "ignore" });
    expect(sent).not.toHaveProperty("Statistic");
  });

  it("says what is to be deleted, or set", async () => {
    const { cloudwatch, server } = await connected(json({}));
    await cloudwatch.deleteAlarm("LiTally/cpu");
    await cloudwatch.setAlarmState("LiTally/cpu", "ALARM", { text: "a test", data: { id: "7" } });
    expect(server.seen.map(({ body, headers }) => [headers["x-amz-target"], JSON.parse(body)])).toEqual([
      [`${TARGET}DeleteAlarms`, { AlarmNames: ["LiTally/cpu"] }],
      [
        `${TARGET}SetAlarmState`,
        { AlarmName: "LiTally/cpu", StateValue: "ALARM", StateReason: "a test", StateReasonData: '{"id":"7"}' },
      ],
    ]);
  });

  it.each([
    ["a 500", always(500, "", HEADERS), "unavailable"],
    ["a 503 of a proxy", always(503, ""), "unavailable"],
    ["a reset", ((_q, response) => void response.socket?.resetAndDestroy()) satisfies Handler, "unavailable"],
    ["silence", (() => {}) satisfies Handler, "timeout"],
    ["a page of HTML", always(200, "<html>", HEADERS), "protocol"],
    ["a refusal", json({ __type: "ValidationError", message: "secret words of AWS" }, 400), "rejected"],
    ["no such alarm", json({ __type: "ResourceNotFound", message: "secret words of AWS" }, 400), "not-found"],
  ])("is sent once, whatever comes of it: %s", async (_what, handler, kind) => {
    const { cloudwatch, server } = await connected(handler, 3);
    const error = await failure(cloudwatch.putAlarm(ORDER));
    expect(error).toMatchObject({ kind });
    expect(error.message).not.toContain("secret words");
    expect(server.seen).toHaveLength(1);
  });

  it("that AWS has no time for is sent again later", async () => {
    const busy = json({ __type: "ThrottlingException", message: "" }, 400);
    const { cloudwatch, server, clock } = await connected(
      (request, response) => (server.seen.length < 3 ? busy : json({}))(request, response),
      3,
    );
    await cloudwatch.putAlarm(ORDER);
    expect(server.seen).toHaveLength(3);
    expect(clock.slept).toEqual([1_000, 2_000]);
  });

  it("that AWS never has time for ends as throttled", async () => {
    const { cloudwatch, server } = await connected(json({ __type: "ThrottlingException", message: "" }, 400), 3);
    expect(await failure(cloudwatch.putAlarm(ORDER))).toMatchObject({ kind: "throttled" });
    expect(server.seen).toHaveLength(5);
  });

  it("waits for its turn: three a second, of whatever kind", async () => {
    const { cloudwatch, clock } = await connected(json({}));
    await cloudwatch.putAlarm(ORDER);
    await cloudwatch.deleteAlarm("LiTally/cpu");
    await Promise.all([
      cloudwatch.putAlarm(ORDER),
      cloudwatch.setAlarmState("LiTally/cpu", "OK", { text: "", data: {} }),
    ]);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(1_000);
    clock.advance(60_000);
    const before = clock.slept.length;
    await cloudwatch.putAlarm(ORDER);
    expect(clock.slept).toHaveLength(before);
  });

  it("is not sent once the run is stopped", async () => {
    const { cloudwatch, server, stop } = await connected(json({}));
    await cloudwatch.putAlarm(ORDER);
    stop.abort();
    expect(await failure(cloudwatch.putAlarm(ORDER))).toMatchObject({ kind: "aborted" });
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    { ...SETTINGS, measure: { kind: "other", words: "" } } as const,
    { ...SETTINGS, comparison: "other", threshold: null } as const,
  ])("of what an order cannot say is a bug of ours", async (settings) => {
    const { cloudwatch, server } = await connected(json({}));
    expect(await failure(cloudwatch.putAlarm({ ...ORDER, settings }))).toMatchObject({ kind: "bug" });
    expect(server.seen).toEqual([]);
  });
});
