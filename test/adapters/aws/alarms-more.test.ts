import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { connected, json, TARGET } from "./alarms-harness.ts";
import { always, failure, type Handler } from "./harness.ts";

const refusal = (code: string) => json({ __type: code, message: "secret words of AWS" }, 400);

describe("mute rules", () => {
  const arnOf = (name: string) => `arn:aws:cloudwatch:ap-south-1:111122223333:alarm-mute-rule:${name}`;
  const RULE = {
    Name: "nightly",
    AlarmMuteRuleArn: arnOf("nightly"),
    Rule: { Schedule: { Expression: "cron(0 2 * * SUN)", Duration: "PT4H", Timezone: "Asia/Kolkata" } },
    MuteTargets: { AlarmNames: ["LiTally/cpu"] },
    Status: "ACTIVE",
  };
  const listed = (names: readonly string[], NextToken?: string) =>
    json({ AlarmMuteRuleSummaries: names.map((name) => ({ AlarmMuteRuleArn: arnOf(name) })), NextToken });
  const rulesFrom =
    (list: (token: string | undefined) => Handler, one: (name: string) => Handler): Handler =>
    (request, response) => {
      const { NextToken, AlarmMuteRuleName } = JSON.parse(request.body);
      (AlarmMuteRuleName === undefined ? list(NextToken) : one(AlarmMuteRuleName))(request, response);
    };

  it("are those in force now or later, each asked for once", async () => {
    const { cloudwatch, server } = await connected(
      rulesFrom(
        (token) => (token === undefined ? listed(["nightly"], "two") : listed(["later"])),
        (name) => json(name === "nightly" ? RULE : { ...RULE, Status: "SCHEDULED", Rule: undefined }),
      ),
    );
    expect(await cloudwatch.listMuteRules()).toEqual([
      {
        name: "nightly",
        isActive: known(true),
        alarmNames: known(["LiTally/cpu"]),
        schedule: known("cron(0 2 * * SUN) for PT4H, Asia/Kolkata"),
      },
      { name: "later", isActive: known(false), alarmNames: known(["LiTally/cpu"]), schedule: known(null) },
    ]);
    const asked = server.seen.map(({ headers, body }) => [headers["x-amz-target"], JSON.parse(body)]);
    expect(asked.slice(0, 2)).toEqual([
      [`${TARGET}ListAlarmMuteRules`, { Statuses: ["ACTIVE", "SCHEDULED"] }],
      [`${TARGET}ListAlarmMuteRules`, { Statuses: ["ACTIVE", "SCHEDULED"], NextToken: "two" }],
    ]);
    expect(asked).toHaveLength(4);
  });

  it("that are gone when they are asked for mute nothing", async () => {
    const { cloudwatch } = await connected(
      rulesFrom(
        () => listed(["nightly", "gone"]),
        (name) => (name === "gone" ? refusal("ResourceNotFoundException") : json(RULE)),
      ),
    );
    expect((await cloudwatch.listMuteRules()).map(({ name }) => name)).toEqual(["nightly"]);
  });

  it.each(["UnknownOperationException", "InvalidAction"])("are none where they are not known: %s", async (code) => {
    const { cloudwatch } = await connected(refusal(code));
    expect(await cloudwatch.listMuteRules()).toEqual([]);
  });

  it.each([
    ["AccessDenied", "auth"],
    ["UnsupportedOperation", "rejected"],
    ["ValidationError", "rejected"],
  ])("are not known to be none after %s", async (code, kind) => {
    const { cloudwatch } = await connected(refusal(code));
    expect(await failure(cloudwatch.listMuteRules())).toMatchObject({ kind });
  });

  it("that cannot be looked at stay in the list", async () => {
    const { cloudwatch } = await connected(
      rulesFrom(
        () => listed(["nightly"]),
        () => refusal("AccessDenied"),
      ),
    );
    const reason = { known: false, reason: expect.objectContaining({ kind: "auth" }) };
    expect(await cloudwatch.listMuteRules()).toEqual([
      { name: "nightly", isActive: reason, alarmNames: reason, schedule: reason },
    ]);
  });

  it.each([
    ["Status", "isActive", [undefined, null, "ASLEEP", 7]],
    ["MuteTargets", "alarmNames", [undefined, null, {}, { AlarmNames: "all" }, { AlarmNames: [7] }]],
    ["Rule", "schedule", [{}, { Schedule: {} }, "daily"]],
  ])("%s leaves %s not known, and nothing else", async (field, name, damages) => {
    for (const damage of damages) {
      const { cloudwatch } = await connected(
        rulesFrom(
          () => listed(["nightly"]),
          () => json({ ...RULE, [field]: damage }),
        ),
      );
      const [rule] = await cloudwatch.listMuteRules();
      expect(Object.entries(rule ?? {}).flatMap(([key, seen]) => (seen.known === false ? [key] : []))).toEqual([name]);
    }
  });

  it.each([
    ["no list", json({})],
    ["a rule without an ARN", json({ AlarmMuteRuleSummaries: [{}] })],
    [
      "an ARN of something else",
      json({ AlarmMuteRuleSummaries: [{ AlarmMuteRuleArn: "arn:aws:sns:x:111122223333:y" }] }),
    ],
    ["a list that leads to itself", listed(["nightly"], "again")],
  ])("in %s cannot be read", async (_what, handler) => {
    const { cloudwatch } = await connected(handler);
    expect(await failure(cloudwatch.listMuteRules())).toMatchObject({ kind: "protocol" });
  });

  it("that may not be listed are not known", async () => {
    const { cloudwatch } = await connected(refusal("AccessDenied"));
    expect(await failure(cloudwatch.listMuteRules())).toMatchObject({ kind: "auth" });
  });
});

describe("whether metrics report", () => {
  const SINCE = new Date("2026-11-08T02:00:00Z"); // the clock stands at the 22nd, at the same time
  const metric = (name: string) => ({ namespace: "N", metric: name, dimensions: { A: "b" } });
  const asked = (body: string): readonly { Id: string; MetricStat: { Metric: { MetricName: string } } }[] =>
    JSON.parse(body).MetricDataQueries;
  const result = (Id: string, values: readonly number[], StatusCode = "Complete") => ({
    Id,
    Timestamps: values.map((_, index) => index),
    Values: values,
    StatusCode,
  });

  it("is asked for 500 at once, by days", async () => {
    const { cloudwatch, server } = await connected((request, response) =>
      json({
        MetricDataResults: asked(request.body).map(({ Id, MetricStat }) =>
          result(Id, MetricStat.Metric.MetricName.endsWith("7") ? [3] : []),
        ),
      })(request, response),
    );
    const metrics = Array.from({ length: 1_200 }, (_, index) => metric(`M${index}`));
    const reported = await cloudwatch.reportedSince(metrics, SINCE);
    expect(reported).toEqual(metrics.map((one) => one.metric.endsWith("7")));
    expect(server.seen.map(({ body }) => asked(body).length)).toEqual([500, 500, 200]);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toMatchObject({
      StartTime: Date.parse("2026-11-08T00:00:00Z") / 1000,
      EndTime: Date.parse("2026-11-23T00:00:00Z") / 1000,
      MetricDataQueries: [
        {
          MetricStat: {
            Metric: { Namespace: "N", MetricName: "M0", Dimensions: [{ Name: "A", Value: "b" }] },
            Period: 86_400,
            Stat: "SampleCount",
          },
        },
        ...Array.from({ length: 499 }, () => expect.anything()),
      ],
    });
  });

  it("is said over pages", async () => {
    const { cloudwatch } = await connected((request, response) => {
      const isFirst = JSON.parse(request.body).NextToken === undefined;
      const MetricDataResults = isFirst
        ? [result("m0", [], "PartialData"), result("m1", [1], "PartialData"), result("m2", [], "PartialData")]
        : [result("m0", [1]), result("m1", []), result("m2", [])];
      json({ MetricDataResults, ...(isFirst ? { NextToken: "two" } : {}) })(request, response);
    });
    expect(await cloudwatch.reportedSince(["a", "b", "c"].map(metric), SINCE)).toEqual([true, true, false]);
  });

  it.each([
    ["half of it", [result("m0", [], "PartialData")]],
    ["an error", [result("m0", [], "InternalError")]],
    ["that it may not be told", [result("m0", [], "Forbidden")]],
    ["nothing of it", []],
    ["something else", [result("m7", [])]],
    ["no values", [{ Id: "m0", Timestamps: [], StatusCode: "Complete" }]],
    ["no status", [{ Id: "m0", Timestamps: [], Values: [] }]],
    ["no numbers", [{ Id: "m0", Timestamps: [1], Values: ["1"], StatusCode: "Complete" }]],
  ])("is not known where the answer is %s", async (_what, MetricDataResults) => {
    const { cloudwatch } = await connected(json({ MetricDataResults }));
    expect(await failure(cloudwatch.reportedSince([metric("a")], SINCE))).toMatchObject({ kind: "protocol" });
  });

  it("is not asked where there are none", async () => {
    const { cloudwatch, server } = await connected(always(500, ""));
    expect(await cloudwatch.reportedSince([], SINCE)).toEqual([]);
    expect(server.seen).toEqual([]);
  });
});

describe("the history of an alarm", () => {
  const SINCE = new Date("2026-11-22T01:00:00.5Z");
  const item = (Timestamp: number, HistoryItemType: string) => ({
    AlarmName: "LiTally/cpu",
    Timestamp,
    HistoryItemType,
    HistorySummary: "it went on",
    HistoryData: "{}",
  });

  it("is read to its end, newest first", async () => {
    const { cloudwatch, server } = await connected((request, response) => {
      const isFirst = JSON.parse(request.body).NextToken === undefined;
      const AlarmHistoryItems = isFirst ? [item(20, "Action"), item(10, "Dance")] : [item(30.25, "StateUpdate")];
      json({ AlarmHistoryItems, ...(isFirst ? { NextToken: "two" } : {}) })(request, response);
    });
    const common = { summary: "it went on", data: "{}" };
    expect(await cloudwatch.listHistory("LiTally/cpu", SINCE)).toEqual([
      { at: new Date(30_250), kind: "StateUpdate", ...common },
      { at: new Date(20_000), kind: "Action", ...common },
      { at: new Date(10_000), kind: "other", ...common },
    ]);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual({
      AlarmName: "LiTally/cpu",
      StartDate: SINCE.getTime() / 1000,
      ScanBy: "TimestampDescending",
      MaxRecords: 100,
    });
  });

  it.each([
    ["of another alarm", { ...item(10, "Action"), AlarmName: "LiTally/errors" }],
    ["without a time", { ...item(10, "Action"), Timestamp: undefined }],
    ["at a time that is none", { ...item(10, "Action"), Timestamp: "soon" }],
    ["of no kind", { ...item(10, "Action"), HistoryItemType: undefined }],
    ["without data", { ...item(10, "Action"), HistoryData: undefined }],
  ])("with an event %s cannot be read", async (_what, event) => {
    const { cloudwatch } = await connected(json({ AlarmHistoryItems: [event] }));
    expect(await failure(cloudwatch.listHistory("LiTally/cpu", SINCE))).toMatchObject({ kind: "protocol" });
  });
});
