/** What is changed so that alarms are as declared, what must hold before, and what is said after. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Difference } from "../../../src/core/change.ts";
import { known } from "../../../src/core/observed.ts";
import type { AlertConfig, AlertNotification } from "../../../src/ports/atlas-alerts.ts";
import type { AlarmSettings } from "../../../src/ports/cloudwatch.ts";
import { judgeAlarmsApplied } from "../../../src/rules/alarms/applied.ts";
import { judgeAlarms, judgeAlerts } from "../../../src/rules/alarms/checks.ts";
import type { AlarmFacts, AlertFacts } from "../../../src/rules/alarms/facts.ts";
import { type AlarmStep, planAlarms } from "../../../src/rules/alarms/plan.ts";
import { GONE } from "../build.ts";
import { anAlarm, editsOf, seen } from "./edits.ts";
import { ALL, alarmFacts, alertFacts, anAlarmOf, anAlertOf, configOf, liveOf, told } from "./live.ts";

interface Given {
  readonly alarms?: Partial<AlarmFacts>;
  readonly alerts?: Partial<AlertFacts>;
  readonly prune?: boolean;
}

function plan({ alarms, alerts, prune = false }: Given = {}) {
  return planAlarms({
    alarms: alarmFacts(ALL, alarms),
    alerts: alertFacts(ALL, alerts),
    environment: "production",
    prune,
  });
}

const moves = (differences: readonly Difference[]) =>
  differences.map(({ setting, wanted, live, effect }) => `${setting}: ${live} -> ${wanted}, ${effect}`);
const steps = (given: Given) => plan(given).steps.map((step) => ({ ...step, differences: moves(step.differences) }));
const RATE = anAlarmOf("o-rate");
const THROTTLES = anAlarmOf("o-throttles");
const CPU = anAlertOf("o-cpu");
const liveRate = (change: Partial<AlarmSettings>, beyond = {}) =>
  known(
    new Map([
      ["o-rate", liveOf(RATE, { settings: seen({ ...RATE.settings, ...change }), beyond })],
      ["o-throttles", liveOf(THROTTLES)],
    ]),
  );

describe("where all is as declared", () => {
  it("there is nothing to change", () => {
    expect(plan().steps).toEqual([]);
    expect(plan().preconditions.map(({ check, status, message }) => `${status} ${check}: ${message}`)).toEqual([
      "pass alarms/readable: 2 of 2 declared alarms exist",
      "pass alarms/names: 0 names are to be taken, and free",
      "pass alerts/readable: 2 alert configurations",
    ]);
  });
});

describe("an alarm", () => {
  it("that is not there is created without consent", () => {
    const given = { alarms: { live: known(new Map([["o-throttles", liveOf(THROTTLES)]])) } };
    expect(steps(given)).toEqual([
      {
        kind: "put-alarm",
        subject: "alarm/o-rate",
        summary: "create alarm o-rate",
        done: "created alarm o-rate",
        confirm: null,
        order: { name: "o-rate", settings: RATE.settings, beyond: {} },
        differences: [
          "alarm: none -> A > 1 % of B over 5m, 1 of 1, from 20 B on, adds",
          "notify.alarm: none -> arn:aws:sns:ap-south-1:123456789012:critical, adds",
        ],
      },
    ]);
    expect(plan(given).steps[0]?.differences[0]?.source).toMatch(/^p\.yaml:\d+$/);
  });

  it("that differs is changed in the name of the environment, and each setting moves the other way", () => {
    const [step] = steps({
      alarms: {
        live: liveRate(
          { threshold: 5, okActions: [], missingData: "breaching", description: "by hand" },
          { Window: 1 },
        ),
      },
    });
    expect(step).toMatchObject({
      kind: "put-alarm",
      confirm: "production",
      summary: "change alarm o-rate",
      order: { settings: { ...RATE.settings, description: "by hand" }, beyond: { Window: 1 } },
      differences: [
        "threshold: > 5 -> > 1, tightens",
        "missingData: breaching -> notBreaching, loosens",
        "notify.ok: none -> arn:aws:sns:ap-south-1:123456789012:critical, tightens",
      ],
    });
  });

  it("that is only half known is not replaced", () => {
    const half = (change: object) =>
      known(
        new Map([
          ["o-rate", liveOf(RATE, { settings: { ...seen(RATE.settings), ...change } })],
          ["o-throttles", liveOf(THROTTLES)],
        ]),
      );
    const unclear = (change: object) => {
      const { steps: planned, preconditions } = plan({ alarms: { live: half(change) } });
      return [planned.length, ...told(preconditions)];
    };
    expect(unclear({ missingData: GONE, threshold: known(5) })).toEqual([
      0,
      "unknown alarms/readable alarms (o-rate): could not find out: this field is gone",
    ]);
    expect(unclear({ description: GONE, threshold: known(5) })).toEqual([
      0,
      "unknown alarms/readable alarms (o-rate): could not find out: this field is gone",
    ]);
    expect(unclear({ description: GONE })).toEqual([0]); // there is nothing to replace
  });

  it("whose name another kind of alarm has is not to be created", () => {
    const live = known(new Map([["o-throttles", liveOf(THROTTLES)]]));
    const obstacles = (strays: AlarmFacts["strays"]) => told(plan({ alarms: { live, strays } }).preconditions);
    expect(obstacles(known([{ name: "o-rate", kind: "log", print: null }]))).toEqual([
      "fail alarms/names alarms (o-rate): a log alarm has the name o-rate",
    ]);
    expect(obstacles(GONE)).toEqual(["unknown alarms/names alarms: could not find out: this field is gone"]);
  });
});

describe("what nobody declared", () => {
  const strays = known([
    { name: "o-x", kind: "metric", print: null },
    { name: "o-all", kind: "composite", print: null },
    { name: "o-kept", kind: "metric", print: null },
  ] as const);
  const exceptions = ["o-kept"];

  it("stays, unless that was asked for: then each goes by its own name, what rests on others first", () => {
    expect(steps({ alarms: { strays, exceptions } })).toEqual([]);
    expect(
      steps({ alarms: { strays, exceptions }, prune: true }).map(({ kind, summary, confirm, differences }) => [
        kind,
        summary,
        confirm,
        ...differences,
      ]),
    ).toEqual([
      ["delete-alarm", "delete alarm o-all", "o-all", "alarm: composite alarm -> none, loosens"],
      ["delete-alarm", "delete alarm o-x", "o-x", "alarm: metric alarm -> none, loosens"],
    ]);
  });

  it("must be known to go", () => {
    const { steps: planned, preconditions } = plan({ alarms: { strays: GONE }, prune: true });
    expect([planned, told(preconditions)]).toEqual([
      [],
      ["unknown alarms/readable alarms (undeclared alarms): could not find out: this field is gone"],
    ]);
    expect(told(plan({ alarms: { strays: GONE } }).preconditions)).toEqual([]);
  });
});

describe("an alert of Atlas", () => {
  const configs = (given: Partial<AlertConfig> | null) => ({
    configs: known([
      ...(given === null ? [] : [configOf(CPU, given)]),
      configOf(anAlertOf("o-disk"), { id: "config-2" }),
    ]),
  });
  const integrationId = "integration-PAGER_DUTY";

  it("that is not there is created, by the project's connection", () => {
    const [first, second] = CPU.order.notifications;
    expect(steps({ alerts: configs(null) })).toEqual([
      {
        kind: "create-alert",
        subject: "atlas-alert/o-cpu",
        summary: "create alert o-cpu in Atlas",
        done: "created alert o-cpu in Atlas",
        confirm: null,
        order: { ...CPU.order, notifications: [{ ...first, integrationId }, second] },
        differences: ["alert: none -> CPU > 80 for 10m, adds"],
      },
    ]);
  });

  it("that differs is replaced, and keeps what Atlas knows of its channels", () => {
    const live = configOf(CPU).notifications;
    if (!live.known) throw new Error("known");
    const notifications = known([
      ...live.value.map((one) => ({ ...one, delayMinutes: 30 }) satisfies AlertNotification),
    ]);
    const [step] = steps({
      alerts: configs({ notifications, isEnabled: known(false), matchers: known(["PORT EQUALS 1"]) }),
    });
    expect(step).toMatchObject({
      kind: "replace-alert",
      id: "config-1",
      confirm: "production",
      order: {
        isEnabled: true,
        notifications: [
          { type: "PAGER_DUTY", delayMinutes: 10, notifierId: "notifier-0", intervalMinutes: 60, integrationId },
          { type: "EMAIL", delayMinutes: 10, notifierId: "notifier-1", intervalMinutes: 60 },
        ],
      },
      differences: [
        "hosts: PORT EQUALS 1 -> all, tightens",
        "for: 30m -> 10m, tightens",
        "enabled: off -> on, tightens",
      ],
    });
  });

  it("goes by another connection where its own is gone", () => {
    const integrations = known([{ id: known("new"), type: "PAGER_DUTY" }]);
    const [step] = steps({ alerts: { integrations } });
    expect(step?.differences).toEqual([
      "recipients: PAGER_DUTY by a connection that is gone -> PAGER_DUTY by the project's connection, tightens",
    ]);
    expect(step).toHaveProperty("order.notifications.0.integrationId", "new");
  });

  it("keeps its own connection where there are several", () => {
    const integrations = known([
      { id: known("new"), type: "PAGER_DUTY" },
      { id: known(integrationId), type: "PAGER_DUTY" },
    ]);
    const [step] = steps({ alerts: { ...configs({ isEnabled: known(false) }), integrations } });
    expect(step).toHaveProperty("order.notifications.0.integrationId", integrationId);
    const [created] = steps({ alerts: { ...configs(null), integrations } });
    expect(created).not.toHaveProperty("order.notifications.0.integrationId"); // nobody says which
  });

  it("cannot be ordered where the project is not connected, or nobody can tell", () => {
    const obstacles = (given: Partial<AlertConfig> | null, integrations: AlertFacts["integrations"]) =>
      told(plan({ alerts: { ...configs(given), integrations } }).preconditions);
    expect(obstacles(null, known([]))).toEqual([
      "fail alerts/connected alarms (PAGER_DUTY): the project is not connected to PAGER_DUTY: Atlas would take no alert that names it",
    ]);
    expect(obstacles(null, GONE)).toEqual(["unknown alerts/connected alarms: could not find out: this field is gone"]);
    expect(obstacles({}, known([]))).toEqual([]);
    expect(obstacles({}, GONE)).toEqual([
      "unknown alerts/readable alarms (o-cpu): could not find out: this field is gone",
    ]);
    expect(
      obstacles({ matchers: GONE, isEnabled: known(false) }, known([{ id: known(integrationId), type: "PAGER_DUTY" }])),
    ).toEqual(["unknown alerts/readable alarms (o-cpu): could not find out: this field is gone"]);
  });
});

it("nothing is planned where nothing could be read", () => {
  const { steps: planned, preconditions } = plan({
    alarms: { live: GONE, strays: GONE },
    alerts: { configs: GONE, integrations: GONE },
    prune: true,
  });
  expect(planned).toEqual([]);
  expect(preconditions.map(({ check, status }) => `${status} ${check}`)).toEqual([
    "unknown alarms/readable",
    "unknown alarms/names",
    "unknown alerts/readable",
  ]);
});

describe("after a change", () => {
  const given = {
    alarms: {
      live: liveRate({ threshold: 5 }, { Window: 1 }),
      strays: known([{ name: "o-x", kind: "metric", print: null }] as const),
    },
    alerts: { configs: known([configOf(CPU, { isEnabled: known(false) })]) },
    prune: true,
  };
  const done = plan(given).steps;
  const judged = (now: Given = {}) =>
    told(
      judgeAlarmsApplied(done, { alarms: alarmFacts(ALL, now.alarms), alerts: alertFacts(ALL, now.alerts) }),
      "alarms/applied",
    ).map((line) => line.replace(" alarms/applied", ""));

  it("all is as ordered", () => {
    expect(done.map(({ kind }) => kind)).toEqual(["put-alarm", "replace-alert", "create-alert", "delete-alarm"]);
    expect(judged({ alarms: { live: liveRate({}, { Window: 1 }) } })).toEqual([
      "pass alarm/o-rate: CloudWatch took every setting",
      "pass atlas-alert/o-cpu: Atlas took every setting",
      "pass atlas-alert/o-disk: Atlas took every setting",
      "pass alarm/o-x: it is gone",
    ]);
  });

  it("what was not taken is named, setting by setting", () => {
    expect(judged(given)).toEqual([
      "fail alarm/o-rate (threshold): CloudWatch did not take it: threshold should be > 1, and is > 5",
      "fail atlas-alert/o-cpu (enabled): Atlas did not take it: enabled should be on, and is off",
      "fail atlas-alert/o-disk: Atlas has no such alert",
      "fail alarm/o-x: it is still there",
    ]);
    expect(judged({ alarms: { live: liveRate({ description: "new" }) } })[0]).toBe(
      "fail alarm/o-rate (Window): Window, which the policy cannot say, did not stay as it was",
    );
    expect(judged({ alarms: { live: known(new Map()) } })[0]).toBe("fail alarm/o-rate: CloudWatch has no such alarm");
  });

  it("what cannot be read is not known", () => {
    expect(
      judged({ alarms: { live: GONE, strays: GONE }, alerts: { configs: GONE } }).map((line) => line.split(" ")[0]),
    ).toEqual(Array(4).fill("unknown"));
    expect(judged({ alerts: { integrations: GONE } })[1]).toMatch(/^unknown /);
  });
});

describe("any edits of live alarms", () => {
  it("are planned back one by one, and once they are carried out there is nothing left", () => {
    fc.assert(
      fc.property(anAlarm, fc.nat(), (declared, at) => {
        const edits = editsOf(declared);
        const edit = edits[at % edits.length];
        if (edit === undefined) throw new Error("there is always one");
        const world = (settings: AlarmSettings) =>
          alarmFacts(
            { alarms: [declared] },
            { live: known(new Map([[declared.name, liveOf(declared, { settings: seen(settings) })]])) },
          );
        const rest = { alerts: alertFacts({ alerts: [] }), environment: "e", prune: true };
        const { steps: planned } = planAlarms({ alarms: world(edit.settings), ...rest });
        const [step] = planned;
        expect(planned).toHaveLength(1);
        expect(step?.differences.map(({ setting }) => setting)).toEqual([edit.key]);
        const alarms = world(step?.kind === "put-alarm" ? step.order.settings : edit.settings);
        expect(planAlarms({ alarms, ...rest }).steps).toEqual([]);
        expect(told(judgeAlarmsApplied(planned, { alarms, alerts: rest.alerts }))).toEqual([]);
        expect(told(judgeAlarms(alarms)).filter((line) => !line.includes("alarms/minimum"))).toEqual([]);
      }),
    );
  });

  it("and of alerts too", () => {
    const edit = fc.record(
      {
        isEnabled: fc.boolean().map(known),
        matchers: fc.constantFrom(known([]), known(["PORT EQUALS 1"])),
        threshold: fc.constantFrom(60, 80, 90).map((threshold) => known({ ...CPU.order.threshold, threshold })),
      },
      { requiredKeys: [] },
    );
    const asDone = (config: AlertConfig, step: AlarmStep | undefined): AlertConfig => {
      if (step?.kind !== "replace-alert") return config;
      const { order } = step;
      const notifications = order.notifications.map((one) => ({
        notifierId: null,
        integrationId: null,
        intervalMinutes: null,
        ...one,
      }));
      return {
        ...config,
        isEnabled: known(order.isEnabled),
        threshold: known(order.threshold),
        matchers: known([]),
        notifications: known(notifications),
      };
    };
    fc.assert(
      fc.property(edit, (given) => {
        const config = configOf(CPU, given);
        const world = (one: AlertConfig) => alertFacts({ alerts: [CPU] }, { configs: known([one]) });
        const rest = { alarms: alarmFacts({ alarms: [] }), environment: "e", prune: false };
        const { steps: planned } = planAlarms({ alerts: world(config), ...rest });
        expect(planned.length === 0).toBe(told(judgeAlerts(world(config))).length === 0);
        const alerts = world(asDone(config, planned[0]));
        expect(planAlarms({ alerts, ...rest }).steps).toEqual([]);
        expect(told(judgeAlarmsApplied(planned, { alarms: rest.alarms, alerts }))).toEqual([]);
        expect(told(judgeAlerts(alerts))).toEqual([]);
      }),
    );
  });
});
