import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { RestoreFacts } from "../../../src/rules/restore/facts.ts";
import {
  PLAN_LIFE_MS,
  type PlanFile,
  planFile,
  requestOf,
  serialisePlan,
} from "../../../src/rules/restore/plan-file.ts";
import { CLOCK_TOLERANCE_MS, judgePlanFile } from "../../../src/rules/restore/plan-file-checks.ts";
import { GONE, NOW } from "../build.ts";
import {
  aCollectionJob,
  aJob,
  aRestorable,
  COLLECTION_FACTS,
  CORE,
  cluster,
  DRILL,
  drill,
  ofCollections,
  restore,
  SUBJECT,
} from "./build.ts";

const BY_SNAPSHOT = { point: { kind: "snapshot", selector: { by: "latest" } } } as const;

function saved(facts: RestoreFacts = restore()): PlanFile {
  const file = planFile(facts, "production");
  if (!file.known) throw file.reason;
  return file.value;
}

function judged(facts: RestoreFacts, file = saved(), afterMs = 0): readonly string[] {
  const later = { ...facts, source: { ...facts.source, observedAt: new Date(NOW.getTime() + afterMs) } };
  return judgePlanFile({ file, facts: later, usedBy: null }, SUBJECT)
    .filter(({ status }) => status !== "pass")
    .map(({ check, status }) => `${check.replace("restore/plan-", "")} ${status}`);
}

test("what is saved is what is asked for again, with one snapshot in place of latest", () => {
  const { request } = restore();
  expect(requestOf(saved())).toEqual(request);
  expect(requestOf(saved(restore({ request: BY_SNAPSHOT }))).point).toEqual({
    kind: "snapshot",
    selector: { by: "id", id: "hourly-2h" },
  });
  expect(requestOf(JSON.parse(serialisePlan(saved(ofCollections()))) as PlanFile)).toEqual(ofCollections().request); // written by us
});

test("the same plan is the same text, whatever the order of its keys", () => {
  const file = saved();
  const turned = Object.fromEntries(Object.entries(file).reverse()) as unknown as PlanFile; // the same keys
  expect(serialisePlan(turned)).toBe(serialisePlan(file));
  expect(serialisePlan(file)).toMatch(/^\{\n {2}"createdAt": "2026-11-22T02:00:00.000Z",\n/);
});

test("plans that differ anywhere are different texts", () => {
  const flags = fc.record({
    inPlace: fc.boolean(),
    allowBusy: fc.boolean(),
    undo: fc.boolean(),
    closing: fc.boolean(),
    targetName: fc.constantFrom(DRILL, CORE),
  });
  fc.assert(
    fc.property(flags, flags, (a, b) => {
      const text = (request: typeof a) => serialisePlan(saved(restore({ request })));
      expect(text(a) === text(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
    }),
  );
});

test.each([
  ["the target", restore({ target: GONE })],
  ["the target's id", restore({ target: drill({ id: GONE }) })],
  ["the source", restore({ source: { cluster: GONE } })],
  ["the source's id", restore({ sourceCluster: cluster({ id: GONE }) })],
  ["the snapshot", restore({ request: BY_SNAPSHOT, source: { snapshots: GONE } })],
  ["the jobs", restore({ sourceJobs: GONE })],
  ["the id of a job of the same", restore({ sourceJobs: [aJob({ id: GONE })] })],
])("none is saved where %s cannot be read", (_, facts) => expect(planFile(facts, "production").known).toBe(false));

describe("may be carried out", () => {
  test.each([
    [0, []],
    [PLAN_LIFE_MS - 1, []],
    [PLAN_LIFE_MS, ["unexpired fail"]],
    [-CLOCK_TOLERANCE_MS, []],
    [-CLOCK_TOLERANCE_MS - 1, ["unexpired fail"]],
  ])("%d ms later: %j", (afterMs, expected) => expect(judged(restore(), saved(), afterMs)).toEqual(expected));

  test.each<[string, Partial<PlanFile>]>([
    ["a longer life", { expiresAt: new Date(NOW.getTime() + PLAN_LIFE_MS + SECOND_MS).toISOString() }],
    ["no life", { expiresAt: NOW.toISOString() }],
    ["no date", { expiresAt: "tomorrow" }],
    ["no beginning", { createdAt: "" }],
  ])("not with %s", (_, given) => expect(judged(restore(), { ...saved(), ...given })).toEqual(["unexpired fail"]));

  test.each<[string, RestoreFacts, readonly string[]]>([
    ["another target of the name", restore({ target: drill({ id: "e" }) }), ["target-unchanged fail"]],
    ["a new snapshot of the target", restore({ targetSnapshots: [aRestorable(0.1)] }), ["target-unchanged fail"]],
    ["an unreadable target", restore({ target: GONE }), ["target-unchanged unknown"]],
    ["another source of the name", restore({ sourceCluster: cluster({ id: "e" }) }), ["source-unchanged fail"]],
    ["no source", restore({ source: { cluster: null } }), ["source-unchanged fail"]],
    ["an unreadable source", restore({ source: { cluster: GONE } }), ["source-unchanged unknown"]],
    ["another database", restore({ source: { database: { name: "ledger" } } }), ["source-unchanged fail"]],
    ["its own job", restore({ sourceJobs: [aJob({ finishedAt: null })] }), ["unused fail"]],
    ["its own job, failed", restore({ sourceJobs: [aJob({ failed: true })] }), ["unused fail"]],
    ["its own job, gone elsewhere", restore({ sourceJobs: [aJob({ targetName: "other" })] }), ["unused fail"]],
    ["a job of another instant", restore({ sourceJobs: [aJob({ pointInTimeAt: new Date(0) })] }), []],
    ["a job that may be its own", restore({ sourceJobs: [aJob({ pointInTimeAt: GONE })] }), ["unused unknown"]],
    ["its own job without a readable id", restore({ sourceJobs: [aJob({ id: GONE })] }), ["unused fail"]],
    ["unreadable jobs", restore({ sourceJobs: GONE }), ["unused unknown"]],
  ])("not, or so, with %s", (_, facts, expected) => expect(judged(facts)).toEqual(expected));

  test("where it is marked as used, whatever Atlas lists", () => {
    const used = judgePlanFile({ file: saved(), facts: restore(), usedBy: "plan.json.used" }, SUBJECT);
    expect(used.filter(({ status }) => status !== "pass")).toMatchObject([
      {
        check: "restore/plan-unused",
        status: "fail",
        message: "its order was sent, or about to be, as plan.json.used says: it is never sent a second time",
        remedy: "look whether it arrived: litally-ops restore list core; if it did not, plan anew",
      },
    ]);
  });

  test("again of the same, once it is planned again", () => {
    const sourceJobs = [aJob({ failed: true })];
    const again = saved(restore({ sourceJobs }));
    expect(again.sameBefore).toEqual(["job-1"]);
    expect(judged(restore({ sourceJobs }), again)).toEqual([]);
    expect(judged(restore({ sourceJobs: [...sourceJobs, aJob({ id: "job-2" })] }), again)).toEqual(["unused fail"]);
  });

  test("of a snapshot and of collections by their own jobs", () => {
    const bySnapshot = restore({ request: BY_SNAPSHOT });
    const job = aJob({ delivery: "automated", snapshotId: "hourly-2h", pointInTimeAt: null });
    expect(judged(restore({ request: BY_SNAPSHOT, sourceJobs: [job] }), saved(bySnapshot))).toEqual(["unused fail"]);
    const used = ofCollections({ collections: { ...COLLECTION_FACTS, jobs: known([aCollectionJob()]) } });
    expect(judged(used, saved(ofCollections()))).toEqual(["unused fail"]);
    expect(judged(ofCollections({ sourceJobs: [aJob()] }), saved(ofCollections()))).toEqual([]);
    expect(judged(ofCollections({ collections: { ...COLLECTION_FACTS, jobs: GONE } }), saved(ofCollections()))).toEqual(
      ["unused unknown"],
    );
  });

  test("what has changed is named", () => {
    const facts = restore({ target: drill({ mongodbVersion: "8.2.1", state: "UPDATING" }) });
    const found = judgePlanFile({ file: saved(), facts, usedBy: null }, SUBJECT);
    expect(found.find(({ check }) => check.endsWith("target-unchanged"))?.message).toBe(
      "version was 8.0.16, is 8.2.1; state was IDLE, is UPDATING",
    );
    expect(judgePlanFile({ file: saved(), facts: restore(), usedBy: null }, SUBJECT)[0]?.message).toBe(
      "good for another 30 m 00 s",
    );
    expect(PLAN_LIFE_MS).toBe(30 * MINUTE_MS);
  });
});
