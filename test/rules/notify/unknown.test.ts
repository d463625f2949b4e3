/** Whatever cannot be read of the ways of alarms never makes a verdict better. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Status, worst } from "../../../src/core/report.ts";
import type { WayFacts } from "../../../src/rules/notify/facts.ts";
import { ways } from "../../../src/rules/notify/ways.ts";
import { UNSEEN } from "./build.ts";
import { breakers, choice, type Topology, topology } from "./topologies.ts";

/** How good a verdict is: what failed may turn out not to be known, and that is no better. */
const RANK = { pass: 0, waived: 0, warn: 1, unknown: 2, fail: 2 } as const satisfies Record<Status, number>;

interface Hidden {
  /** `topics.arn….topic.policy` */
  readonly path: string;
  readonly facts: WayFacts;
}

/** The facts once for each field that can be unknown, with that field unknown. */
function* hiding(facts: WayFacts): Generator<Hidden> {
  for (const { path, value } of without(facts, "facts")) yield { path, facts: value as WayFacts }; // the same but for one field
}

function* without(value: unknown, path: string): Generator<{ readonly path: string; readonly value: unknown }> {
  if (value instanceof Map) {
    for (const [key, inner] of value)
      for (const changed of without(inner, `${path}[${key}]`))
        yield { path: changed.path, value: new Map([...value, [key, changed.value]]) };
    return;
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return;
  if ("known" in value && value.known === true) yield { path, value: UNSEEN };
  for (const [key, inner] of Object.entries(value))
    for (const changed of without(inner, `${path}.${key}`))
      yield {
        path: changed.path,
        value: Array.isArray(value)
          ? value.map((each, index) => (String(index) === key ? changed.value : each))
          : { ...value, [key]: changed.value },
      };
}

const ofFinding = ({ check, subject, scope }: { check: string; subject: string; scope?: string }) =>
  `${check} ${subject} ${scope ?? ""}`;

function holdsFor({ facts }: Topology) {
  const before = ways(facts).findings;
  const statuses = new Map(before.map((finding) => [ofFinding(finding), finding.status]));
  for (const hidden of hiding(facts)) {
    const after = ways(hidden.facts).findings;
    expect(RANK[worst(after)], hidden.path).toBeGreaterThanOrEqual(RANK[worst(before)]);
    for (const finding of after) {
      const was = statuses.get(ofFinding(finding));
      if (was !== undefined)
        expect(RANK[finding.status], `${hidden.path}: ${ofFinding(finding)}`).toBeGreaterThanOrEqual(RANK[was]);
    }
    if (COUNTS.test(hidden.path)) expect(RANK[worst(after)], hidden.path).toBe(RANK.fail);
  }
}

/** What an alarm cannot be said to be heard without. */
const COUNTS =
  /\.(?:actionsEnabled|alarmActions|topic|ownerAccountId|policy|keyId|subscriptions|arn|isPending|filterPolicy)$/;

const RUNS = 8;

test("of whole topologies", () => {
  fc.assert(fc.property(topology, holdsFor), { numRuns: RUNS });
});

test("of broken ones", () => {
  const breaker = fc.constantFrom(...Object.values(breakers));
  fc.assert(
    fc.property(topology, breaker, choice, (whole, breaks, { topic, branch, alarm }) => {
      const broken = breaks(whole, {
        topic: topic % whole.plain.topics.length,
        branch,
        alarm: alarm % whole.plain.alarms.length,
      });
      fc.pre(broken !== null);
      holdsFor(broken);
    }),
    { numRuns: RUNS * 3 },
  );
});
