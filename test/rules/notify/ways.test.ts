/** From an alarm to a person: one broken link is named, with exactly the alarms that it silences. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../../src/core/report.ts";
import { ways } from "../../../src/rules/notify/ways.ts";
import { breakers, type Cut, choice, type Plain, topology } from "./topologies.ts";

const RUNS = 60;

/** Every endpoint that an alarm reaches, found by walking all ways that `cut` leaves. */
function reached(plain: Plain, name: string, cut: Cut | null): ReadonlySet<number> {
  const ends = new Set<number>();
  for (const alarm of plain.alarms)
    for (const topic of alarm.topics)
      for (const endpoint of plain.topics[topic]?.behind ?? []) {
        const isCut =
          cut !== null &&
          (cut.alarm === undefined || cut.alarm === alarm.name) &&
          (cut.topic === undefined || cut.topic === topic) &&
          (cut.endpoint === undefined || cut.endpoint === endpoint);
        if (alarm.name === name && !isCut) ends.add(endpoint);
      }
  return ends;
}

function expected(plain: Plain, cut: Cut | null) {
  const silent: string[] = [];
  const weaker: string[] = [];
  const dark: string[] = [];
  const single: string[] = [];
  for (const { name, isCritical } of plain.alarms) {
    const now = reached(plain, name, cut).size;
    if (now === 0) silent.push(name);
    else if (now < reached(plain, name, null).size) weaker.push(name);
    if (isCritical && now === 0) dark.push(name);
    if (isCritical && now === 1) single.push(name);
  }
  return { silent, weaker, dark, single };
}

const isHeard = ({ check }: Finding) => check === "alarms/heard";
const named = (findings: readonly Finding[], status: string) =>
  findings.filter((finding) => isHeard(finding) && finding.status === status).map(({ subject }) => subject.slice(6));
const notPass = (findings: readonly Finding[]) =>
  findings.filter(({ check, status }) => check.startsWith("notify/") && status !== "pass");

describe("of random topologies", () => {
  test("a whole one has nothing but what passes, or hangs on one endpoint", () => {
    fc.assert(
      fc.property(topology, ({ plain, facts }) => {
        const { findings } = ways(facts);
        expect(findings.filter(({ check, status }) => check !== "alarms/single-points" && status !== "pass")).toEqual(
          [],
        );
        const points = findings.find(({ check }) => check === "alarms/single-points");
        const { single } = expected(plain, null);
        expect(points?.evidence?.["alarms"] ?? []).toEqual(single);
        expect(points?.status).toBe(
          plain.alarms.some(({ isCritical }) => isCritical) ? (single.length > 0 ? "warn" : "pass") : undefined,
        );
      }),
      { numRuns: RUNS * 3 },
    );
  });

  test.each(Object.entries(breakers))("%s", (name, breaker) => {
    let tried = 0;
    fc.assert(
      fc.property(topology, choice, (whole, { topic, branch, alarm }) => {
        const broken = breaker(whole, {
          topic: topic % whole.plain.topics.length,
          branch,
          alarm: alarm % whole.plain.alarms.length,
        });
        fc.pre(broken !== null);
        // of a topic that no alarm tells, nobody can say which alarms it would refuse
        const isTold = broken.plain.alarms.some(({ topics }) => topics.includes(broken.cut.topic ?? -1));
        fc.pre(isTold || !["topic policy for other alarms", "filter of another namespace"].includes(name));
        tried += 1;
        const { findings } = ways(broken.facts);
        const { silent, weaker, dark, single } = expected(broken.plain, broken.cut);
        const isOfAlarm = broken.named.check === "alarms/heard";
        expect(
          notPass(findings).map(({ check, subject, scope, status }) => ({ check, subject, scope, status })),
        ).toEqual(isOfAlarm ? [] : [{ scope: undefined, ...broken.named }]);
        const [link] = notPass(findings);
        const through = ({ topics }: Plain["alarms"][number]) => topics.includes(broken.cut.topic ?? -1);
        const touched = new Set(broken.plain.alarms.filter(through).map(({ name }) => name));
        if (link !== undefined && touched.size > 0) {
          expect(link.evidence?.["silences"]).toEqual(silent);
          expect(link.evidence?.["weakens"]).toEqual(weaker);
        }
        expect(named(findings, "fail")).toEqual(silent);
        expect(named(findings, "warn")).toEqual(weaker);
        expect(named(findings, "unknown")).toEqual([]);
        const points = findings.find(({ check }) => check === "alarms/single-points");
        expect(points?.evidence?.["alarms"] ?? []).toEqual([...dark, ...single]);
      }),
      { numRuns: RUNS },
    );
    expect(tried).toBeGreaterThan(RUNS / 2);
  });
});
