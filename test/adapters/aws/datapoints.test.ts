/** Datapoints as CloudWatch gives them, over pages, in part, with another clock, or in forms that this version does not know. */
import { describe, expect, it } from "vitest";
import { connected, HEADERS } from "./alarms-harness.ts";
import { always, failure, type Handler } from "./harness.ts";

const NOW = new Date("2026-11-22T02:00:00Z"); // what the clock of the harness shows
const WINDOW = { since: new Date("2026-11-08T02:00:00Z"), until: new Date("2026-11-22T05:00:00Z") };
const stat = (metric: string) => ({
  namespace: "LiTallyOps",
  metric,
  dimensions: { Environment: "production", Command: "backup verify" },
  statistic: "Sum",
  periodSeconds: 60,
  unit: null,
});

const answer =
  (body: unknown, date: string | null = NOW.toUTCString()): Handler =>
  (request, response) => {
    response.sendDate = false;
    always(200, JSON.stringify(body), { ...HEADERS, ...(date === null ? {} : { date }) })(request, response);
  };
const result = (Id: string, points: readonly (readonly [number, number])[], StatusCode = "Complete") => ({
  Id,
  Timestamps: points.map(([seconds]) => seconds),
  Values: points.map(([, value]) => value),
  StatusCode,
});

describe("datapoints", () => {
  it("are asked for at once, and come oldest first, over pages", async () => {
    const { cloudwatch, server } = await connected((request, response) => {
      const isFirst = JSON.parse(request.body).NextToken === undefined;
      const MetricDataResults = isFirst
        ? [
            result(
              "m0",
              [
                [120, 2],
                [60, 1],
              ],
              "PartialData",
            ),
            result("m1", []),
          ]
        : [result("m0", [[180, 3]])];
      answer({ MetricDataResults, ...(isFirst ? { NextToken: "two" } : {}) })(request, response);
    });
    expect(await cloudwatch.datapoints([stat("RunStarted"), stat("ExitCode")], WINDOW)).toEqual([
      {
        known: true,
        value: [60, 120, 180].map((seconds, index) => ({ at: new Date(seconds * 1000), value: index + 1 })),
      },
      { known: true, value: [] },
    ]);
    expect(JSON.parse(server.seen[0]?.body ?? "")).toMatchObject({
      StartTime: WINDOW.since.getTime() / 1000,
      EndTime: WINDOW.until.getTime() / 1000,
      MetricDataQueries: [
        { Id: "m0", MetricStat: { Metric: { MetricName: "RunStarted" }, Stat: "Sum", Period: 60 } },
        { Id: "m1", MetricStat: { Metric: { MetricName: "ExitCode" } } },
      ],
    });
  });

  it.each([
    ["a part", [result("m0", [[60, 1]], "PartialData"), result("m1", [])]],
    ["an error", [result("m0", [], "InternalError"), result("m1", [])]],
    ["nothing", [result("m1", [])]],
  ])("of which there is %s are not known, and the others are", async (_title, MetricDataResults) => {
    const { cloudwatch } = await connected(answer({ MetricDataResults }));
    const all = await cloudwatch.datapoints([stat("RunStarted"), stat("ExitCode")], WINDOW);
    expect(all.map(({ known }) => known)).toEqual([false, true]);
  });

  it.each([
    ["more times than values", { ...result("m0", [[60, 1]]), Values: [] }],
    ["a time that is none", { ...result("m0", [[60, 1]]), Timestamps: ["noon"] }],
    ["a time beyond all calendars", result("m0", [[1e20, 1]])],
    ["a value that is none", { ...result("m0", [[60, 1]]), Values: [null] }],
    ["no times", { ...result("m0", []), Timestamps: undefined }],
  ])("with %s cannot be read", async (_title, one) => {
    const { cloudwatch } = await connected(answer({ MetricDataResults: [one] }));
    expect(await failure(cloudwatch.datapoints([stat("RunStarted")], WINDOW))).toMatchObject({ kind: "protocol" });
  });

  it.each<readonly [string, string | null, RegExp]>([
    ["six minutes ahead", new Date(NOW.getTime() + 6 * 60_000).toUTCString(), /AWS's clock is 6 m 00 s ahead of ours/],
    ["a day behind", new Date(NOW.getTime() - 24 * 3_600_000).toUTCString(), /AWS's clock is 24 h behind ours/],
    ["no clock at all", null, /AWS does not say what time it is/],
    ["no time", "noon", /AWS does not say what time it is/],
  ])("from one with %s confirm no age", async (_title, date, message) => {
    const { cloudwatch } = await connected(answer({ MetricDataResults: [result("m0", [])] }, date));
    expect(await failure(cloudwatch.datapoints([stat("RunStarted")], WINDOW))).toMatchObject({
      kind: "protocol",
      message: expect.stringMatching(message),
      hint: expect.stringContaining("NTP"),
    });
  });

  it("from a clock that is four minutes off are as good as any", async () => {
    const date = new Date(NOW.getTime() - 4 * 60_000).toUTCString();
    const { cloudwatch } = await connected(answer({ MetricDataResults: [result("m0", [])] }, date));
    expect(await cloudwatch.datapoints([stat("RunStarted")], WINDOW)).toEqual([{ known: true, value: [] }]);
  });
});
