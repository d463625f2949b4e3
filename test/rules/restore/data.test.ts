/** The checks of restored data, at each boundary, and that nothing unknown ever passes. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runChecks } from "../../../src/core/check.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, notKnown, type Observed } from "../../../src/core/observed.ts";
import type { Finding, Status } from "../../../src/core/report.ts";
import type { InvariantPolicy } from "../../../src/policy/schema.ts";
import type { Namespace } from "../../../src/ports/mongo.ts";
import {
  DATA_CHECKS,
  type DataFacts,
  type DeploymentFacts,
  type InvariantAnswer,
} from "../../../src/rules/restore/data.ts";

const RESTORED_AT = new Date("2026-11-22T02:00:00Z");
const LOST = notKnown(new OpsError("unavailable", "no connection"));
const minutesBefore = (minutes: number) => new Date(RESTORED_AT.getTime() - minutes * 60_000);

type Counts = Readonly<Record<string, number | null | "unreadable">>;

function namespaces(counts: Counts): Observed<readonly Namespace[]> {
  const documentsOf = (count: Counts[string]) => (count === null ? null : count === "unreadable" ? LOST : known(count));
  return known(Object.entries(counts).map(([name, count]) => ({ name, documents: documentsOf(count ?? null) })));
}

function deployment(host: string, counts: Counts, version = "8.0.4"): DeploymentFacts {
  return {
    hosts: known([host]),
    answers: known(undefined),
    deployment: known({ version, members: [`${host}:27017`] }),
    namespaces: namespaces(counts),
  };
}

const SILENT: DeploymentFacts = { hosts: LOST, answers: LOST, deployment: LOST, namespaces: LOST };
const COUNTS: Counts = { "ledger.accounts": 1000, "ledger.entries": 50_000, "ledger.open": null };

const INVARIANT: InvariantPolicy = {
  name: "no-debt",
  namespace: "ledger.accounts",
  pipeline: [],
  expect: { exactly: 0 },
};

function facts(change: Partial<DataFacts> = {}): DataFacts {
  return {
    restoredAt: RESTORED_AT,
    targetHosts: known(["drill.example", "drill-shard-00-00.example"]),
    target: deployment("drill.example", COUNTS),
    source: {
      live: deployment("core.example", COUNTS),
      restoredNames: known(Object.keys(COUNTS)),
      version: known("8.0.4"),
    },
    invariants: [{ invariant: INVARIANT, answer: known(0) }],
    ...change,
  };
}

const all = (change: Partial<DataFacts>): readonly Finding[] => runChecks(DATA_CHECKS, facts(change), "cluster/drill");

function judged(check: string, change: Partial<DataFacts>): Finding {
  const [finding] = all(change).filter((one) => one.check === `restore/${check}`);
  if (finding === undefined) throw new Error(`no verdict of ${check}`);
  return finding;
}

const status = (check: string, change: Partial<DataFacts>): Status => judged(check, change).status;
const restored = (counts: Counts) => ({ target: deployment("drill.example", counts) });
const source = (change: Partial<DataFacts["source"]>) => ({ source: { ...facts().source, ...change } });

test("all is well", () => {
  expect(all({}).map((finding) => [finding.check, finding.status])).toEqual(
    ["right-target", "answers", "running-version", "namespaces", "counts", "invariant"].map((id) => [
      `restore/${id}`,
      "pass",
    ]),
  );
});

describe("right-target", () => {
  test.each<[string, Partial<DataFacts>, Status]>([
    ["another host", { target: deployment("core.example", COUNTS) }, "fail"],
    [
      "one host of several is another's",
      { target: { ...facts().target, hosts: known(["drill.example", "x"]) } },
      "fail",
    ],
    ["no host at all", { target: { ...facts().target, hosts: known([]) } }, "fail"],
    ["hosts that Atlas does not tell", { targetHosts: LOST }, "unknown"],
    ["no connection string", { target: SILENT }, "unknown"],
    ["the source is the target by name", source({ live: deployment("drill-shard-00-00.example", COUNTS) }), "fail"],
    [
      "the source is the target by its members",
      source({ live: { ...facts().source.live, deployment: facts().target.deployment } }),
      "fail",
    ],
    ["no source", source({ live: SILENT }), "pass"],
  ])("%s", (_what, change, expected) => expect(status("right-target", change)).toBe(expected));
});

describe("running-version", () => {
  const running = (version: string) => ({ target: deployment("drill.example", COUNTS, version) });
  test.each<[string, Partial<DataFacts>, Status]>([
    ["another patch", running("8.0.17"), "pass"],
    ["a newer minor", running("8.1.0"), "warn"],
    ["a newer major", running("10.0.0"), "warn"],
    ["an older minor", { ...running("7.3.9"), ...source({ version: known("7.4.0") }) }, "fail"],
    ["an older major, written longer", { ...running("8.0.0"), ...source({ version: known("10.0.0") }) }, "fail"],
    ["one that Atlas does not tell, but the source does", source({ version: known(null) }), "pass"],
    ["one that cannot be read from Atlas, but from the source", source({ version: LOST }), "pass"],
    ["one that nobody tells", source({ version: known(null), live: SILENT }), "unknown"],
    ["one that cannot be read", source({ version: LOST, live: SILENT }), "unknown"],
    ["one that is none", source({ version: known("eight") }), "unknown"],
    ["a target that does not tell", { target: SILENT }, "unknown"],
  ])("%s", (_what, change, expected) => expect(status("running-version", change)).toBe(expected));
});

describe("namespaces", () => {
  const without = { "ledger.accounts": 1000, "ledger.open": null };
  const emptied = { ...COUNTS, "ledger.entries": 0 };
  const noSource = source({ live: SILENT });
  test.each<[string, Partial<DataFacts>, Status]>([
    ["one is missing", restored(without), "fail"],
    ["one is missing, by the source alone", { ...restored(without), ...source({ restoredNames: LOST }) }, "fail"],
    ["one is missing, by the snapshot alone", { ...restored(without), ...noSource }, "fail"],
    ["one is new at the source", source({ live: deployment("core.example", { ...COUNTS, "ledger.new": 1 }) }), "pass"],
    ["one is gone at the source", source({ live: deployment("core.example", without) }), "pass"],
    ["one has become empty", restored(emptied), "fail"],
    [
      "one is empty on both sides",
      { ...restored(emptied), ...source({ live: deployment("core.example", emptied) }) },
      "pass",
    ],
    ["one is empty, and nobody says of the source", { ...restored(emptied), ...noSource }, "unknown"],
    [
      "one is empty, and gone at the source",
      { ...restored(emptied), ...source({ live: deployment("core.example", without) }) },
      "unknown",
    ],
    ["one cannot be counted", restored({ ...COUNTS, "ledger.entries": "unreadable" }), "unknown"],
    [
      "one cannot be counted at the source, and holds some",
      source({ live: deployment("core.example", { ...COUNTS, "ledger.entries": "unreadable" }) }),
      "pass",
    ],
    ["none is empty, and nobody says of the source", noSource, "pass"],
    [
      "the server's own do not count",
      source({ restoredNames: known([...Object.keys(COUNTS), "admin.x", "ledger.system.views"]) }),
      "pass",
    ],
    ["nobody knows what was there", source({ live: SILENT, restoredNames: LOST }), "unknown"],
    ["nothing was there", source({ restoredNames: known(["admin.system.version"]) }), "unknown"],
    ["the target says nothing", { target: SILENT }, "unknown"],
  ])("%s", (_what, change, expected) => expect(status("namespaces", change)).toBe(expected));

  test("names what is missing and what is empty, a few of them", () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, index) => [`db.c${index}`, 1]));
    const change = { ...restored({ "ledger.entries": 0 }), ...source({ restoredNames: known(Object.keys(many)) }) };
    expect(judged("namespaces", change).message).toBe(
      "missing: db.c0, db.c1, db.c2, db.c3, db.c4 and 3 more; empty, and not so at the source: ledger.entries",
    );
  });
});

describe("counts", () => {
  const beside = (after: Counts[string], before: Counts[string]) => ({
    ...restored({ "a.b": after ?? null }),
    ...source({ live: deployment("core.example", { "a.b": before ?? null }) }),
  });
  test.each<[number, number, Status]>([
    [1000, 1000, "pass"],
    [750, 1000, "pass"],
    [749, 1000, "warn"],
    [500, 1000, "warn"],
    [499, 1000, "fail"],
    [0, 1000, "fail"],
    [2000, 1000, "pass"],
    [2001, 1000, "warn"],
    [0, 20, "pass"],
    [0, 21, "fail"],
    [21, 0, "warn"],
    [0, 0, "pass"],
  ])("%i beside %i at the source", (after, before, expected) => {
    expect(status("counts", beside(after, before))).toBe(expected);
  });

  test.each<[string, Partial<DataFacts>, Status]>([
    ["not readable on the target", beside("unreadable", 5), "unknown"],
    ["not readable at the source", beside(5, "unreadable"), "unknown"],
    ["views alone", beside(null, null), "unknown"],
    ["no source", source({ live: SILENT }), "unknown"],
    ["no target", { target: SILENT }, "unknown"],
    [
      "a failure outranks what is not known",
      {
        ...restored({ "a.b": 0, "a.c": "unreadable" }),
        ...source({ live: deployment("core.example", { "a.b": 500, "a.c": 1 }) }),
      },
      "fail",
    ],
  ])("%s", (_what, change, expected) => expect(status("counts", change)).toBe(expected));
});

describe("invariant", () => {
  const asking = (expectation: InvariantPolicy["expect"], answer: Observed<InvariantAnswer>) => ({
    invariants: [{ invariant: { ...INVARIANT, expect: expectation }, answer }],
  });
  const number = (value: number) => known({ kind: "number", value } as const);
  const instant = (value: Date) => known({ kind: "instant", value } as const);
  const within = { field: "_id", newestWithin: { value: 10, unit: "m" } } as const;
  test.each<[string, Partial<DataFacts>, Status]>([
    ["exactly as many", asking({ exactly: 3 }, known(3)), "pass"],
    ["one more", asking({ exactly: 3 }, known(4)), "fail"],
    ["at least", asking({ atLeast: 3 }, known(3)), "pass"],
    ["fewer", asking({ atLeast: 3 }, known(2)), "fail"],
    ["at most", asking({ atMost: 3 }, known(3)), "pass"],
    ["more", asking({ atMost: 3 }, known(4)), "fail"],
    ["above a range", asking({ atLeast: 1, atMost: 3 }, known(4)), "fail"],
    ["below a range", asking({ atLeast: 1, atMost: 3 }, known(0)), "fail"],
    ["nothing expected", asking({}, known(0)), "fail"],
    ["a field as expected", asking({ field: "total", exactly: 0.5 }, number(0.5)), "pass"],
    ["a field beyond", asking({ field: "total", atMost: 0.5 }, number(0.6)), "fail"],
    ["a field of no document", asking({ field: "total", atMost: 9 }, known({ kind: "none" })), "fail"],
    ["a field of several documents", asking({ field: "total", atMost: 9 }, known({ kind: "several" })), "unknown"],
    ["a field of another type", asking({ field: "total", atMost: 9 }, known({ kind: "other", type: "null" })), "fail"],
    ["an instant where a number belongs", asking({ field: "total", atMost: 9 }, instant(RESTORED_AT)), "fail"],
    ["a number where an instant belongs", asking(within, number(3)), "fail"],
    ["the newest at the limit", asking(within, instant(minutesBefore(10))), "pass"],
    ["the newest too old", asking(within, instant(new Date(minutesBefore(10).getTime() - 1))), "fail"],
    ["the newest a little later, by another clock", asking(within, instant(minutesBefore(-5))), "pass"],
    [
      "the newest of after the restored instant",
      asking(within, instant(new Date(minutesBefore(-5).getTime() + 1))),
      "fail",
    ],
    ["an answer that could not be had", asking({ exactly: 0 }, LOST), "unknown"],
    ["a collection that is not there", restored({ "ledger.other": 1 }), "fail"],
    ["an empty collection", restored({ ...COUNTS, "ledger.accounts": 0 }), "unknown"],
    ["a collection that cannot be counted", restored({ ...COUNTS, "ledger.accounts": "unreadable" }), "unknown"],
    ["a view", restored({ ...COUNTS, "ledger.accounts": null }), "pass"],
    ["collections that cannot be listed", { target: { ...facts().target, namespaces: LOST } }, "unknown"],
    [
      "a breach that is certain, whatever else is not",
      { target: { ...facts().target, namespaces: LOST }, ...asking({ exactly: 0 }, known(1)) },
      "fail",
    ],
  ])("%s", (_what, change, expected) => expect(status("invariant", change)).toBe(expected));

  test("each has its own verdict; none where none is declared", () => {
    const two = ["a", "b"].map((name) => ({ invariant: { ...INVARIANT, name }, answer: known(0) }));
    expect(all({ invariants: two }).flatMap(({ scope }) => scope ?? [])).toEqual(["a", "b"]);
    expect(all({ invariants: [] }).map(({ check }) => check)).not.toContain("restore/invariant");
  });

  test("the newest data's instant stands in the evidence, for the data loss of a drill", () => {
    const finding = judged("invariant", asking(within, instant(minutesBefore(4))));
    expect(finding.evidence?.["newestAt"]).toBe(minutesBefore(4).toISOString());
  });
});

const observed = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 3, arbitrary: value.map(known) }, fc.constant(LOST));
const size = fc.oneof(fc.integer({ min: 0, max: 60 }), fc.constantFrom<Counts[string]>(null, "unreadable"));
const counts = fc.dictionary(fc.constantFrom("ledger.accounts", "a.b", "a.c"), size);
const anyDeployment = (host: string) =>
  fc.oneof(
    fc.constant(SILENT),
    counts.map((all) => deployment(host, all)),
    counts.map((all) => ({ ...deployment(host, all), namespaces: LOST })),
  );
const anyFacts: fc.Arbitrary<DataFacts> = fc.record({
  restoredAt: fc.constant(RESTORED_AT),
  targetHosts: observed(fc.constant(["drill.example"])),
  target: anyDeployment("drill.example"),
  source: fc.record({
    live: anyDeployment("core.example"),
    restoredNames: observed(fc.subarray(["ledger.accounts", "a.b", "a.c"])),
    version: observed(fc.constantFrom("8.0.0", "7.0.0", null)),
  }),
  invariants: fc.array(
    observed(fc.nat(2)).map((answer) => ({ invariant: INVARIANT, answer })),
    { maxLength: 2 },
  ),
});

describe("whatever is seen", () => {
  test("a target that is not readable never passes but by its name", () => {
    fc.assert(
      fc.property(anyFacts, (seen) => {
        const findings = runChecks(DATA_CHECKS, { ...seen, target: SILENT }, "cluster/drill");
        expect(findings.filter((finding) => finding.status === "pass")).toEqual([]);
      }),
    );
  });

  test("learning more never turns a pass into a failure, nor a failure into a pass", () => {
    fc.assert(
      fc.property(anyFacts, counts, (seen, more) => {
        const learnt = { ...seen.source, live: seen.source.live.answers.known ? seen.source.live : SILENT };
        const before = runChecks(DATA_CHECKS, { ...seen, source: { ...learnt, live: SILENT } }, "cluster/drill");
        const live = deployment("core.example", more);
        const after = runChecks(DATA_CHECKS, { ...seen, source: { ...learnt, live } }, "cluster/drill");
        for (const [index, { check, status: earlier }] of before.entries()) {
          const later = after[index]?.status;
          // a live source is a witness of its own only of what became empty and of counts
          if (check === "restore/invariant" || check === "restore/answers") expect(later).toBe(earlier);
          if (earlier === "fail") expect(later).toBe("fail");
          if (earlier === "pass") expect(later).not.toBe("unknown");
        }
      }),
    );
  });
});
