/** What cannot be read is never all well, but for what nothing rests on. */
import { expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { worst } from "../../../src/core/report.ts";
import { judgeAlarms, judgeAlerts } from "../../../src/rules/alarms/checks.ts";
import type { AlarmFacts, AlertFacts } from "../../../src/rules/alarms/facts.ts";
import { planAlarms } from "../../../src/rules/alarms/plan.ts";
import { ago, GONE } from "../build.ts";
import { ALL, alarmFacts, alertFacts, anAlarmOf, liveOf } from "./live.ts";

/** With something of every kind that there can be, and all of it well. */
const ALARMS = alarmFacts(ALL, {
  live: known(
    new Map([
      ["o-rate", liveOf(anAlarmOf("o-rate"))],
      [
        "o-throttles",
        liveOf(anAlarmOf("o-throttles"), { state: known("INSUFFICIENT_DATA"), stateSince: known(ago(1000)) }),
      ],
    ]),
  ),
  muteRules: known([
    { name: "other", isActive: known(true), alarmNames: known(["elsewhere"]), schedule: known("cron(0 2 * * *)") },
  ]),
  composites: known([
    {
      name: "o-all",
      children: ["o-rate"],
      suppressor: "o-throttles",
      isSuppressorInAlarm: known(false),
      hasActions: true,
    },
  ]),
});
const ALERTS = alertFacts(ALL);

/** Nothing rests on these where all is well; a description is compared only where the policy has one. */
const IRRELEVANT = [
  /^live\.o-(?:rate|throttles)\.(?:arn|stateReason)$/,
  /^live\.o-rate\.stateSince$/, // of a state that lasts as long as it likes
  /^live\.o-(?:rate|throttles)\.settings\.description$/,
  /^muteRules\.0\.(?:isActive|schedule)$/, // of a rule that mutes none of ours
  /^reported$/, // asked only of alarms without data for too long
];

interface Place {
  readonly path: string;
  readonly without: unknown;
}

/** Every observed field below, each with a copy of the whole in which it alone is not known. */
function places(value: unknown, path: string, rebuild: (changed: unknown) => unknown): readonly Place[] {
  if (typeof value !== "object" || value === null || value instanceof Date) return [];
  const at = (key: string) => (path === "" ? key : `${path}.${key}`);
  if ("known" in value && "value" in value)
    return [
      { path, without: rebuild(GONE) },
      ...places(value.value, path, (changed) => rebuild({ ...value, value: changed })),
    ];
  if (value instanceof Map)
    return [...value].flatMap(([key, one]) =>
      places(one, at(key), (changed) => rebuild(new Map(value).set(key, changed))),
    );
  if (Array.isArray(value))
    return value.flatMap((one, index) =>
      places(one, at(String(index)), (changed) => rebuild(value.with(index, changed))),
    );
  return Object.entries(value).flatMap(([key, one]) =>
    places(one, at(key), (changed) => rebuild({ ...value, [key]: changed })),
  );
}

const alarmPlaces = places(ALARMS, "", (changed) => changed);
const alertPlaces = places(ALERTS, "", (changed) => changed);

test("all is well while all can be read", () => {
  expect([worst(judgeAlarms(ALARMS)), worst(judgeAlerts(ALERTS))]).toEqual(["pass", "pass"]);
  expect([alarmPlaces.length, alertPlaces.length]).toEqual([41, 13]);
});

test.each(alarmPlaces)("$path", ({ path, without }) => {
  const facts = without as AlarmFacts; // but for one field, a copy
  const isIrrelevant = IRRELEVANT.some((pattern) => pattern.test(path));
  expect(worst(judgeAlarms(facts))).toBe(isIrrelevant ? "pass" : "unknown");
});

test.each(alertPlaces)("of alerts: $path", ({ path, without }) => {
  const facts = without as AlertFacts; // but for one field, a copy
  expect({ path, status: worst(judgeAlerts(facts)) }).toEqual({ path, status: "unknown" });
});

test.each([...alarmPlaces, ...alertPlaces])("a plan changes nothing for $path", ({ without }) => {
  const isAlerts = Object.hasOwn(Object(without), "configs");
  const alarms = isAlerts ? ALARMS : (without as AlarmFacts); // but for one field, a copy
  const alerts = isAlerts ? (without as AlertFacts) : ALERTS; // but for one field, a copy
  expect(planAlarms({ alarms, alerts, environment: "e", prune: true }).steps).toEqual([]);
});
