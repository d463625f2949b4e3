/** The audit of Atlas's alerts: which live one is which declared one, and what is wrong with it. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlertConfig, AlertNotification, AlertThreshold } from "../../../src/ports/atlas-alerts.ts";
import { judgeAlerts } from "../../../src/rules/alarms/checks.ts";
import type { AlertFacts } from "../../../src/rules/alarms/facts.ts";
import { GONE } from "../build.ts";
import { driftBy } from "./edits.ts";
import { ALL, alertFacts, anAlertOf, configOf, told } from "./live.ts";
import { firesWhere } from "./observer.ts";

const CPU = anAlertOf("o-cpu");
const DISK = configOf(anAlertOf("o-disk"), { id: "config-2" });
const { threshold: THRESHOLD } = CPU.order;
const LIVE = configOf(CPU);
if (!LIVE.notifications.known) throw new Error("known");
const [PAGER, MAIL] = LIVE.notifications.value;
if (PAGER === undefined || MAIL === undefined) throw new Error("two are told");

/** What is not well with the alert on the CPU where its configuration is as given; null: there is none. */
function said(given: Partial<AlertConfig> | null, more: Partial<AlertFacts> = {}): readonly string[] {
  const configs = [...(given === null ? [] : [configOf(CPU, given)]), DISK];
  return told(judgeAlerts(alertFacts(ALL, { configs: known(configs), ...more }))).map((line) =>
    line.replace(" atlas-alert/o-cpu", ""),
  );
}

const limit = (change: Partial<AlertThreshold>) => ({ threshold: known({ ...THRESHOLD, ...change }) });
const notifying = (...all: readonly AlertNotification[]) => ({ notifications: known(all) });

describe("an alert", () => {
  it("that is not there fails, and the rest of it is not known", () => {
    expect(said(null)).toEqual([
      "fail alerts/present: Atlas has no alert on CPU: nothing watches what it should",
      ...["drift", "enabled", "recipients", "duplicate"].map(
        (check) => `unknown alerts/${check}: could not find out: there is no such alert`,
      ),
    ]);
    expect(said({ event: known("ANOTHER") })[0]).toMatch(/^fail alerts\/present/);
    expect(said({ threshold: known(null) })[0]).toMatch(/^fail alerts\/present/);
    expect(said(limit({ metric: "MEMORY" }))[0]).toMatch(/^fail alerts\/present/);
  });

  it("that cannot be read may be it", () => {
    expect(said({ event: GONE }).map((line) => line.split(":")[0])).toEqual(
      ["present", "drift", "enabled", "recipients", "duplicate"].map((check) => `unknown alerts/${check}`),
    );
    expect(said({ threshold: GONE })[0]).toBe(
      "unknown alerts/present: could not find out: alert configuration config-1 cannot be read and might be it",
    );
    expect(said({ event: GONE, ...limit({ metric: "MEMORY" }) })[0]).toMatch(/^fail alerts\/present/);
  });

  it("that is off fails", () => {
    expect(said({ isEnabled: known(false) })).toEqual(["fail alerts/enabled: it is off: Atlas tells nobody"]);
    expect(said({ isEnabled: GONE })).toHaveLength(1);
  });

  it("is told to all whom the policy names", () => {
    expect(said(notifying(PAGER))).toEqual([
      "fail alerts/recipients: it tells PAGER_DUTY, the policy says EMAIL ops@b.example, PAGER_DUTY",
    ]);
    expect(said(notifying(PAGER, { ...MAIL, target: "OPS@b.example" }))).toEqual([]);
    expect(said(notifying(PAGER, MAIL, { ...MAIL, target: "else@b.example" }))[0]).toMatch(
      /^warn alerts\/recipients: /,
    );
    expect(said({ notifications: GONE }).map((line) => line.split(":")[0])).toEqual([
      "unknown alerts/drift",
      "unknown alerts/recipients",
    ]);
  });

  it("shows no number, and tells two that show the same apart", () => {
    const facts = alertFacts(ALL, {
      configs: known([
        LIVE,
        { ...DISK, ...notifying({ ...MAIL, delayMinutes: 1, type: "SMS", target: "+15559994567" }) },
      ]),
    });
    const [line] = told(judgeAlerts(facts));
    expect(line).toMatch(/^fail alerts\/recipients atlas-alert\/o-disk: /);
    expect(line).not.toContain("555");
  });

  it("needs the connection by which it goes", () => {
    expect(said({}, { integrations: known([]) })).toEqual([
      "fail alerts/recipients (PAGER_DUTY): the project is not connected to PAGER_DUTY",
    ]);
    expect(said({}, { integrations: known([{ id: known("another"), type: "PAGER_DUTY" }]) })).toEqual([
      "fail alerts/recipients (PAGER_DUTY): it goes by a connection to PAGER_DUTY that the project no longer has",
    ]);
    expect(said({}, { integrations: known([{ id: GONE, type: "PAGER_DUTY" }]) })[0]).toMatch(
      /^unknown alerts\/recipients \(integrations\): .* connections to PAGER_DUTY/,
    );
    expect(said({}, { integrations: GONE })).toEqual([
      "unknown alerts/recipients (integrations): could not find out: this field is gone",
    ]);
    expect(said(notifying({ ...PAGER, integrationId: null }, MAIL))).toEqual([]);
  });
});

describe("of several", () => {
  const other = (given: Partial<AlertConfig>) => configOf(CPU, { id: "config-9", ...given });
  const judged = (...configs: readonly AlertConfig[]) =>
    told(judgeAlerts(alertFacts(ALL, { configs: known([...configs, DISK]) })));

  it("it is the one that differs least, wherever it stands", () => {
    expect(judged(other(limit({ threshold: 90 })), LIVE)).toEqual([]);
    expect(judged(LIVE, other(limit({ threshold: 90 })))).toEqual([]);
    expect(
      judged(other({ ...limit({ threshold: 90 }), isEnabled: known(false) }), configOf(CPU, limit({ threshold: 70 }))),
    ).toEqual(["warn alerts/drift atlas-alert/o-cpu: threshold is > 70, the policy says > 80 (p.yaml:31): stricter"]);
  });

  it("those that are the same are warned of", () => {
    expect(judged(LIVE, other({}))).toEqual([
      "warn alerts/duplicate atlas-alert/o-cpu: Atlas has it 2 times: everybody is told as often",
    ]);
    expect(judged(LIVE, other({ matchers: GONE }))[0]).toMatch(/^unknown alerts\/duplicate/);
    expect(judged(LIVE, other({ event: GONE }))[0]).toMatch(/^unknown alerts\/duplicate/);
    expect(judged(LIVE, other({ event: GONE, isEnabled: known(false) }))).toEqual([]);
  });

  it("none is taken for two", () => {
    const twice = {
      ...ALL,
      alerts: [
        CPU,
        { ...CPU, name: "o-cpu-high", order: { ...CPU.order, threshold: { ...THRESHOLD, threshold: 95 } } },
      ],
    };
    const facts = (...configs: readonly AlertConfig[]) =>
      told(judgeAlerts(alertFacts(twice, { configs: known(configs) })));
    expect(facts(other(limit({ threshold: 95 })), LIVE)).toEqual([]);
    expect(facts(LIVE)[0]).toMatch(/^fail alerts\/present atlas-alert\/o-cpu-high/);
  });

  it("one that cannot be read may fit better than one that does not", () => {
    expect(judged(other({ event: GONE }), configOf(CPU, limit({ threshold: 70 })))[0]).toMatch(
      /^unknown alerts\/present/,
    );
  });
});

describe("any edit of a setting", () => {
  const drift = (given: Partial<AlertConfig>) => said(given).filter((line) => line.includes("alerts/drift"));

  it("of the threshold is classed by what fires", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("GREATER_THAN" as const, "LESS_THAN" as const),
        fc.integer({ min: 77, max: 83 }),
        (operator, threshold) => {
          const grid = Array.from({ length: 80 }, (_, index) => 70 + index / 4);
          const fires = (one: Pick<AlertThreshold, "operator" | "threshold">) =>
            firesWhere(grid, {
              comparison: one.operator === "LESS_THAN" ? "LessThanThreshold" : "GreaterThanThreshold",
              threshold: one.threshold,
            });
          const isSame = operator === THRESHOLD.operator && threshold === THRESHOLD.threshold;
          const way = driftBy(fires({ operator, threshold }), fires(THRESHOLD));
          const lines = said(limit({ operator, threshold }));
          expect(lines.map((line) => line.split(":").at(-1)?.trim())).toEqual(isSame ? [] : [way]);
          expect(lines.map((line) => line.split(" ")[0])).toEqual(isSame ? [] : [way === "stricter" ? "warn" : "fail"]);
        },
      ),
    );
  });

  it.each([
    [
      "fewer hosts",
      { matchers: known(["HOSTNAME EQUALS a", "PORT EQUALS 1"]) },
      "fail alerts/drift: hosts is HOSTNAME EQUALS a and PORT EQUALS 1, the policy says all (p.yaml:27): looser",
    ],
    [
      "mode",
      limit({ mode: "TOTAL" }),
      "fail alerts/drift: metric.mode is TOTAL, the policy says AVERAGE (p.yaml:30): different",
    ],
    [
      "units",
      limit({ units: "GIGABYTES" }),
      "fail alerts/drift: metric.units is GIGABYTES, the policy says RAW (p.yaml:30): different",
    ],
    [
      "later",
      notifying(PAGER, { ...MAIL, delayMinutes: 20 }),
      "fail alerts/drift: for is 20m, the policy says 10m (p.yaml:32): looser",
    ],
    [
      "sooner",
      notifying({ ...PAGER, delayMinutes: 0 }, MAIL),
      "warn alerts/drift: for is 0m, the policy says 10m (p.yaml:32): stricter",
    ],
    [
      "both",
      notifying({ ...PAGER, delayMinutes: 5 }, { ...MAIL, delayMinutes: 15 }),
      "fail alerts/drift: for is 5m, 15m, the policy says 10m (p.yaml:32): different",
    ],
    ["no words", { matchers: GONE }, "unknown alerts/drift: could not compare hosts: this field is gone"],
  ])("%s", (_, given, line) => {
    expect(drift(given)).toEqual([line]);
    expect(said(given)).toEqual([line]);
  });
});
