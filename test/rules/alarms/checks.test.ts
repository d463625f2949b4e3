/** The audit of alarms: what is said of each fault, and that nothing else is said. */
import { describe, expect, it, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlarmSettings, LiveMetricAlarm } from "../../../src/ports/cloudwatch.ts";
import { ALARM_CHECKS, judgeAlarms, judgeAlerts } from "../../../src/rules/alarms/checks.ts";
import type { AlarmFacts, CompositeFacts, StrayAlarm } from "../../../src/rules/alarms/facts.ts";
import { printOf } from "../../../src/rules/alarms/print.ts";
import { ago, GONE } from "../build.ts";
import { declared, only } from "./declared.ts";
import { seen } from "./edits.ts";
import { ALL, alarmFacts, alertFacts, anAlarmOf, liveOf, told } from "./live.ts";

const [RATE, THROTTLES] = [anAlarmOf("o-rate"), anAlarmOf("o-throttles")];

/** All well but for the rate alarm. */
function withRate(given: Partial<LiveMetricAlarm>, more: Partial<AlarmFacts> = {}): AlarmFacts {
  const live = new Map([
    ["o-rate", liveOf(RATE, given)],
    ["o-throttles", liveOf(THROTTLES)],
  ]);
  return alarmFacts(ALL, { live: known(live), ...more });
}

const edited = (change: Partial<AlarmSettings>) => ({ settings: seen({ ...RATE.settings, ...change }) });

test("what is as declared is all well, and everything is said of it", () => {
  const findings = [...judgeAlarms(alarmFacts(ALL)), ...judgeAlerts(alertFacts(ALL))];
  expect(told(findings)).toEqual([]);
  expect(new Set(findings.map(({ check }) => check))).toEqual(new Set(ALARM_CHECKS.map(({ id }) => id)));
  expect(findings.filter(({ subject }) => subject === "alarm/o-rate").map(({ check }) => check)).toEqual([
    "alarms/present",
    "alarms/drift",
    "alarms/actions-enabled",
    "alarms/minimum",
    "alarms/state",
    "alarms/muted",
  ]);
});

test("without access nothing is well", () => {
  const findings = judgeAlarms(
    alarmFacts(ALL, { live: GONE, strays: GONE, composites: GONE, muteRules: GONE, reported: GONE }),
  );
  expect(findings.filter(({ status, check }) => status !== "unknown" && check !== "alarms/minimum")).toEqual([]);
  expect(judgeAlerts(alertFacts(ALL, { configs: GONE, integrations: GONE })).map(({ status }) => status)).toEqual(
    Array(10).fill("unknown"),
  );
});

describe("an alarm that is not there", () => {
  const without = (strays: readonly StrayAlarm[] = []) =>
    judgeAlarms(alarmFacts(ALL, { live: known(new Map([["o-throttles", liveOf(THROTTLES)]])), strays: known(strays) }));

  it("fails, and the rest of it is not known", () => {
    expect(told(without())).toEqual([
      "fail alarms/present alarm/o-rate: there is no such alarm: nothing watches what it should",
      ...["drift", "actions-enabled", "state", "muted"].map(
        (check) => `unknown alarms/${check} alarm/o-rate: could not find out: there is no such alarm`,
      ),
    ]);
  });

  it("fails where another kind of alarm has its name, which then is not told as undeclared", () => {
    const findings = without([{ name: "o-rate", kind: "composite", print: null }]);
    expect(told(findings, "alarms/present")[0]).toBe(
      "fail alarms/present alarm/o-rate: the composite alarm of this name watches something else than the policy says",
    );
    expect(findings.find(({ check }) => check === "alarms/present")?.remedy).toContain("delete-alarms");
    expect(told(findings, "alarms/undeclared")[0]).toContain("pass");
  });
});

describe("drift", () => {
  const drift = (given: Partial<LiveMetricAlarm>) =>
    judgeAlarms(withRate(given)).find(({ check, subject }) => check === "alarms/drift" && subject === "alarm/o-rate");

  it("fails where it is looser or different, with the line of the policy", () => {
    const finding = drift(edited({ threshold: 5 }));
    expect(finding).toMatchObject({
      status: "fail",
      message: "threshold is > 5, the policy says > 1 (p.yaml:18): looser",
    });
    expect(finding?.evidence).toEqual({
      differences: [expect.stringMatching(/^threshold: > 1 \(p\.yaml:\d+\), live > 5, looser$/)],
    });
    expect(finding?.remedy).toContain("litally-ops alarms plan");
    expect(drift(edited({ missingData: "ignore" }))?.status).toBe("fail");
  });

  it("warns where it is stricter only, or says something else of itself", () => {
    expect(drift(edited({ threshold: 0.5 }))).toMatchObject({
      status: "warn",
      message: "threshold is > 0.5, the policy says > 1 (p.yaml:18): stricter",
    });
    const described = only(`description: one
  metric: { namespace: N, metric: A, statistic: Sum }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
    const live = liveOf(described, { settings: seen({ ...described.settings, description: "two" }) });
    const facts = alarmFacts({ alarms: [described] }, { live: known(new Map([["o-a", live]])) });
    expect(told(judgeAlarms(facts))).toEqual([
      "warn alarms/drift alarm/o-a: description is two, the policy says one (p.yaml:16): different",
    ]);
  });

  it("names all settings, and fails for one of them", () => {
    const finding = drift(edited({ threshold: 0.5, okActions: [] }));
    expect(finding).toMatchObject({
      status: "fail",
      message: expect.stringMatching(
        /^2 settings are not as declared: threshold is > 0\.5, .+ > 1 \(p\.yaml:18\): stricter; notify\.ok is none, .+: looser$/,
      ),
    });
  });

  it("is not known where a setting is not, unless another fails", () => {
    const settings = { ...seen({ ...RATE.settings, threshold: 0.5 }), missingData: GONE };
    expect(drift({ settings })).toMatchObject({
      status: "unknown",
      message: "could not compare missingData: this field is gone",
      evidence: { unreadable: ["missingData"] },
    });
    expect(drift({ settings: { ...settings, threshold: known(5) } })?.status).toBe("fail");
  });

  it("names what no policy can say", () => {
    expect(drift({ beyond: { EvaluationWindow: { kind: "x" } } })).toMatchObject({
      status: "pass",
      evidence: { beyondThePolicy: ["EvaluationWindow"] },
    });
  });
});

describe("actions", () => {
  const said = (given: Partial<LiveMetricAlarm>) => told(judgeAlarms(withRate(given)), "alarms/actions-enabled")[0];
  it("that are off fail", () => {
    expect(said(edited({ actionsEnabled: false }))).toBe(
      "fail alarms/actions-enabled alarm/o-rate: its actions are off: it changes its state and tells nobody",
    );
    expect(said({ settings: { ...seen(RATE.settings), actionsEnabled: GONE } })).toContain("unknown");
  });
});

describe("state", () => {
  const WINDOW_MS = 300_000;
  const state = (given: Partial<LiveMetricAlarm>, reported: AlarmFacts["reported"] = known(new Map())) =>
    told(judgeAlarms(withRate({ state: known("INSUFFICIENT_DATA"), ...given }, { reported })), "alarms/state")[0];
  const since = (ms: number) => ({ stateSince: known(ago(ms)) });

  it("of an alarm that fires is well: it sees", () => {
    expect(state({ state: known("ALARM"), ...since(60_000) })).toBe(
      "pass alarms/state alarm/o-rate: it is firing since 2026-11-22 01:59:00 UTC",
    );
  });

  it.each([
    [WINDOW_MS, "pass"],
    [WINDOW_MS + 1, "warn"],
  ])("without data for %s ms is %s", (ms, status) => {
    expect(state(since(ms), known(new Map([["o-rate", true]])))).toMatch(new RegExp(`^${status} `));
  });

  it("without data fails where the metric never reported, and is not known where nobody can tell", () => {
    expect(state(since(3_600_000), known(new Map([["o-rate", false]])))).toBe(
      "fail alarms/state alarm/o-rate: no data since 2026-11-22 01:00:00 UTC, longer than its window of 5 m 00 s, and its metric has not reported in two weeks: it watches nothing",
    );
    expect(state(since(3_600_000), GONE)).toMatch(/^unknown /);
    expect(state(since(3_600_000))).toMatch(/^unknown /);
    expect(state({ stateSince: GONE })).toMatch(/^unknown /);
    expect(state(since(-3_600_000))).toMatch(/^unknown /);
    expect(state({ state: GONE })).toMatch(/^unknown /);
  });

  it("has the window of all its datapoints", () => {
    const live = new Map([
      ["o-rate", liveOf(RATE)],
      ["o-throttles", liveOf(THROTTLES, { state: known("INSUFFICIENT_DATA"), ...since(3 * WINDOW_MS) })],
    ]);
    expect(told(judgeAlarms(alarmFacts(ALL, { live: known(live) })))).toEqual([]);
  });
});

describe("what mutes an alarm", () => {
  const rule = {
    name: "night",
    isActive: known(true),
    alarmNames: known(["o-rate"]),
    schedule: known("cron(0 2 * * *)"),
  };
  const muted = (given: Partial<AlarmFacts>, live: Partial<LiveMetricAlarm> = {}) =>
    told(judgeAlarms(withRate(live, given)));

  it("is a rule in force, and one to come", () => {
    expect(muted({ muteRules: known([rule]) })).toEqual([
      "fail alarms/muted alarm/o-rate (mute rule night): mute rule night mutes it now: it fires and nobody is told",
    ]);
    expect(muted({ muteRules: known([{ ...rule, isActive: known(false) }]) })).toEqual([
      "warn alarms/muted alarm/o-rate (mute rule night): mute rule night will mute it",
    ]);
    expect(muted({ muteRules: known([{ ...rule, isActive: GONE }]) })[0]).toMatch(
      /^unknown alarms\/muted alarm\/o-rate /,
    );
    expect(muted({ muteRules: known([{ ...rule, alarmNames: GONE }]) }).map((line) => line.split(":")[0])).toEqual([
      "unknown alarms/muted alarm/o-rate (mute rule night)",
      "unknown alarms/muted alarm/o-throttles (mute rule night)",
    ]);
    expect(muted({ muteRules: GONE })).toHaveLength(2);
  });

  const composite: CompositeFacts = {
    name: "o-all",
    children: ["o-rate"],
    suppressor: "o-maintenance",
    isSuppressorInAlarm: known(true),
    hasActions: true,
  };

  it("is another that mutes the composite alarm which pages for it", () => {
    expect(muted({ composites: known([composite]) })).toEqual([
      "warn alarms/muted alarm/o-rate (o-all): composite alarm o-all, which pages for it, is muted by o-maintenance now",
    ]);
    expect(muted({ composites: known([{ ...composite, isSuppressorInAlarm: known(false) }]) })).toEqual([]);
    expect(muted({ composites: known([{ ...composite, hasActions: false }]) })).toEqual([]);
    expect(muted({ composites: known([{ ...composite, suppressor: null }]) })).toEqual([]);
    expect(muted({ composites: known([{ ...composite, isSuppressorInAlarm: GONE }]) })[0]).toMatch(/^unknown /);
    expect(muted({ composites: GONE })).toHaveLength(2);
  });

  it("fails where nobody else tells of it", () => {
    const silent = declared(`- name: o-rate
  severity: critical
  metric: { namespace: N, metric: A, statistic: Sum }
  notify: { alarm: [] }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
    expect(told(judgeAlarms(alarmFacts(silent, { composites: known([composite]) })))[0]).toMatch(/^fail alarms\/muted/);
  });

  it("is told of one of ours that fires and so mutes others, by its name or ARN", () => {
    for (const suppressor of ["o-rate", "arn:aws:cloudwatch:ap-south-1:123456789012:alarm:o-rate"]) {
      const composites = known([{ ...composite, children: [], suppressor }]);
      expect(muted({ composites }, { state: known("ALARM") })).toEqual([
        "warn alarms/muted alarm/o-rate (o-all): it is firing, and so mutes composite alarm o-all",
      ]);
      expect(muted({ composites })).toEqual([]);
      expect(muted({ composites }, { state: GONE })).toHaveLength(2);
    }
  });
});

test("a percentage without a minimum is warned of, with what to write", () => {
  const alarm = only(`ratio: { part: { namespace: N, metric: A }, whole: { namespace: N, metric: B } }
  threshold: "> 1"
  period: 5m
  datapoints: 1 of 1`);
  const findings = judgeAlarms(alarmFacts({ alarms: [alarm] }));
  expect(told(findings)).toEqual([
    "warn alarms/minimum alarm/o-a: a percentage without a minimum: one error fires it while there is hardly any traffic",
  ]);
  expect(findings.find(({ check }) => check === "alarms/minimum")?.remedy).toContain("minimum: N under ratio of o-a");
});

describe("alarms that nobody declared", () => {
  const stray = (name: string, given: Partial<StrayAlarm> = {}): StrayAlarm => ({
    name,
    kind: "metric",
    print: name,
    ...given,
  });
  const judged = (strays: readonly StrayAlarm[], exceptions: readonly string[] = []) =>
    judgeAlarms(alarmFacts(ALL, { strays: known(strays), exceptions })).filter(({ subject }) => subject === "alarms");

  it("are named, whatever their kind, but for those that something else looks after", () => {
    const findings = judged([stray("o-x"), stray("o-y", { kind: "composite", print: null }), stray("o-z")], ["o-z"]);
    expect(told(findings)).toEqual(["fail alarms/undeclared alarms: 2 alarms are not declared"]);
    expect(findings[0]?.evidence).toEqual({ count: 2, alarms: ["o-x", "o-y"] });
    expect(told(judged([stray("o-z")], ["o-z"]))).toEqual([]);
    expect(told(judged([stray("o-x")]))).toEqual(["fail alarms/undeclared alarms: o-x is not declared"]);
  });

  it("are counted where they are many", () => {
    const evidence = (count: number) =>
      judged(Array.from({ length: count }, (_, index) => stray(`o-${index}`)))[0]?.evidence?.["alarms"];
    expect(evidence(20)).toHaveLength(20);
    expect(evidence(25)).toEqual([...Array.from({ length: 20 }, (_, index) => `o-${index}`), "and 5 more"]);
  });

  it("and watch what another watches, are warned of", () => {
    const print = printOf(liveOf(THROTTLES));
    expect(told(judged([stray("o-x", { print })], ["o-x"]))).toEqual([
      "warn alarms/duplicate alarms: these watch the same: o-throttles = o-x",
    ]);
    expect(told(judged([stray("o-x", { print: null })]))).toContain(
      "unknown alarms/duplicate alarms: what some alarms watch cannot be read",
    );
    // what no policy can say is adopted as an exception: that must not leave the audit unclear for ever
    expect(told(judged([stray("o-x", { print: null })], ["o-x"]))).toEqual([]);
    expect(told(judged([stray("o-x", { print: null }), stray("o-y", { print })], ["o-x", "o-y"]))).toHaveLength(1);
  });
});

test("what two alarms watch is the same in other words, and not with another limit or window", () => {
  const base = printOf(liveOf(RATE));
  const print = (change: Partial<AlarmSettings>) => printOf(liveOf(RATE, edited(change)));
  const { measure } = RATE.settings;
  if (measure.kind !== "math") throw new Error("a ratio is math");
  const renamed = {
    kind: "math" as const,
    queries: JSON.parse(JSON.stringify(measure.queries).replaceAll("part", "m1").replaceAll("whole", "m2")),
  };
  expect(print({ measure: renamed, alarmActions: [], description: "x", datapointsToAlarm: null })).toBe(base);
  for (const change of [
    { threshold: 2 },
    { comparison: "LessThanThreshold" },
    { evaluationPeriods: 2 },
    { measure: THROTTLES.settings.measure },
  ] as const)
    expect(print(change)).not.toBe(base);
  const other = { measure: { kind: "other", words: "a band" }, comparison: "other", threshold: null } as const;
  expect(printOf(liveOf(RATE, edited(other)))).not.toBe(
    printOf(liveOf(THROTTLES, { settings: seen({ ...RATE.settings, ...other }) })),
  );
  expect(printOf(liveOf(RATE, { settings: { ...seen(RATE.settings), threshold: GONE } }))).toBeNull();
});
