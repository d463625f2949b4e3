import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { fingerprintDifferences, targetFingerprint } from "../../../src/rules/restore/fingerprint.ts";
import { forecast } from "../../../src/rules/restore/forecast.ts";
import { planRestore } from "../../../src/rules/restore/plan.ts";
import { ago, duration, GONE } from "../build.ts";
import {
  AT,
  aJob,
  aRestorable,
  COLLECTIONS,
  CORE,
  cluster,
  DRILL,
  drill,
  inPlace,
  ofCollections,
  PROJECT,
  restore,
  SUBJECT,
} from "./build.ts";

const BY_SNAPSHOT = { point: { kind: "snapshot", selector: { by: "latest" } } } as const;
const steps = (facts: ReturnType<typeof restore>) => planRestore(facts, SUBJECT).steps;
const kinds = (facts: ReturnType<typeof restore>) => steps(facts).map(({ kind }) => kind);

describe("the steps", () => {
  test("undo, restore and closing, and the one that erases needs the target's name", () => {
    expect(steps(restore())).toEqual([
      {
        kind: "take-undo-snapshot",
        subject: SUBJECT,
        summary: "take a snapshot of litally-drill as it is now",
        done: "took a snapshot of litally-drill as it was",
        confirm: null,
        differences: [],
        projectId: PROJECT,
        clusterName: DRILL,
      },
      {
        kind: "restore",
        subject: SUBJECT,
        summary: "erase litally-drill and restore litally-core to it, as of 2026-11-22 01:48:00 UTC",
        done: "erased litally-drill and restored litally-core to it, as of 2026-11-22 01:48:00 UTC",
        confirm: DRILL,
        differences: [],
        order: { point: { kind: "instant", at: AT }, targetProjectId: PROJECT, targetName: DRILL },
      },
      {
        kind: "closing-snapshot",
        subject: SUBJECT,
        summary: "take a snapshot of litally-drill as restored, which ends its blackout",
        done: "took a snapshot of litally-drill as restored, which ended its blackout",
        confirm: null,
        differences: [],
        projectId: PROJECT,
        clusterName: DRILL,
      },
    ]);
  });

  test("latest becomes one snapshot", () => {
    expect(steps(restore({ request: BY_SNAPSHOT }))[1]).toMatchObject({
      order: { point: { kind: "snapshot", snapshotId: "hourly-2h" } },
    });
  });

  test.each<[string, ReturnType<typeof restore>, readonly string[]]>([
    ["without undo and closing", restore({ request: { undo: false, closing: false } }), ["restore"]],
    [
      "where the target has no backups",
      restore({ target: drill({ backupEnabled: false }) }),
      ["restore", "closing-snapshot"],
    ],
    ["of new collections", ofCollections(), ["restore-collections"]],
    [
      "of collections over others",
      ofCollections({ request: { collections: { ...COLLECTIONS, overwrites: true } } }),
      ["take-undo-snapshot", "restore-collections"],
    ],
    ["with no snapshot to choose", restore({ request: BY_SNAPSHOT, source: { snapshots: [] } }), []],
    ["onto a cluster that is not there", restore({ target: null }), []],
    ["with none that can be read", restore({ request: BY_SNAPSHOT, source: { snapshots: GONE } }), []],
  ])("%s", (_, facts, expected) => expect(kinds(facts)).toEqual(expected));

  test("collections carry their names, their suffix and the target to confirm", () => {
    expect(steps(ofCollections())[0]).toMatchObject({
      confirm: DRILL,
      summary: "restore app.accounts of litally-core to litally-drill, as of 2026-11-22 01:48:00 UTC",
      order: { namespaces: ["app.accounts"], suffix: "_restored", overwrites: false, targetName: DRILL },
    });
  });
});

describe("what a person is told", () => {
  const told = (facts: ReturnType<typeof restore>) =>
    Object.fromEntries(planRestore(facts, SUBJECT).details.map(({ label, value }) => [label, value]));

  test("of an instant", () => {
    const objectives = { rpo: duration("10m"), rto: duration("4h") };
    const facts = restore({
      request: { point: { kind: "instant", at: AT, asked: "2026-11-22T07:18:00+05:30" } },
      source: { database: { objectives } },
    });
    expect(told(facts)).toEqual({
      source: "litally-core (database core)",
      "to be as of": "2026-11-22 01:48:00 UTC, asked for as 2026-11-22T07:18:00+05:30: 12 m 00 s ago",
      window: "2026-11-21 00:00:00 UTC to 2026-11-22 01:59:00 UTC (as far as Atlas tells: it names neither edge)",
      path: expect.stringMatching(
        /^snapshot hourly-2h of 2026-11-22 00:00:00 UTC \(.*\), then 1 h 48 m of oplog; Atlas may begin with another one$/,
      ),
      target:
        "litally-drill (cluster dddddddddddddddddddddddd, created 2025-01-01): replica set, disk of 100 GB, MongoDB 8.0.16, idle; 0 writes per second, 12 connections",
      "lost there": "everything on litally-drill; no snapshot of it is seen",
      undo: "restore the snapshot of litally-drill of the first step",
      unavailable: "litally-drill, from the start of the restore to its end",
      takes: "no history; the objective (RTO) is 4 h",
      "data lost": "what was written in the last 12 m 00 s; BEYOND the objective (RPO) of 10 m 00 s",
      afterwards:
        "no instant of litally-drill from the start of the restore on can be restored until a snapshot of it is completed; the last step takes it",
    });
  });

  test("of a snapshot there is no window", () => {
    const details = told(restore({ request: BY_SNAPSHOT }));
    expect(details).not.toHaveProperty("window");
    expect(details["to be as of"]).toBe("2026-11-22 00:00:00 UTC: 2 h ago");
    expect(details["path"]).toMatch(/^snapshot hourly-2h \(.*\) as it is$/);
    expect(details["data lost"]).toBe("what was written in the last 2 h");
  });

  test("of collections, that nothing is lost, or what is", () => {
    expect(told(ofCollections())).toMatchObject({
      "lost there": "nothing: collections are made anew, their names end in _restored",
      undo: "drop the collections that were made",
    });
    const over = ofCollections({ request: { collections: { ...COLLECTIONS, overwrites: true } } });
    expect(told(over)["lost there"]).toBe("what stands in app.accounts of litally-drill");
  });

  test("where nothing can be undone, and where there is no blackout", () => {
    const details = told(restore({ target: drill({ backupEnabled: false, pitEnabled: false }) }));
    expect(details["undo"]).toBe("NONE: no snapshot of the target is taken first");
    expect(details["afterwards"]).toBe("no blackout: the target has no continuous backup");
  });

  test("no step ends a blackout that there is not", () => {
    const closing = (pitEnabled: boolean) => steps(restore({ target: drill({ pitEnabled }) })).at(-1);
    expect(closing(true)?.summary).toMatch(/ as restored, which ends its blackout$/);
    expect(closing(false)?.summary).toMatch(/ as restored$/);
    expect(closing(false)?.done).toMatch(/ as restored$/);
  });

  test("once it is begun, what undoes it and what follows, and no more", () => {
    const lasting = planRestore(restore(), SUBJECT).details.filter(({ lasts }) => lasts === true);
    expect(lasting.map(({ label }) => label)).toEqual(["undo", "afterwards"]);
  });

  test("also where nothing can be read", () => {
    const facts = restore({
      source: { snapshots: GONE, schedule: GONE },
      target: GONE,
      activity: GONE,
      targetSnapshots: GONE,
      sourceJobs: GONE,
    });
    expect(told(facts)).toMatchObject({
      window: expect.stringContaining("not known"),
      path: expect.stringContaining("not known"),
      target: expect.stringContaining("not known"),
    });
  });
});

describe("the forecast", () => {
  const took = (minutes: number, given: Parameters<typeof aJob>[0] = {}) =>
    aJob({ createdAt: ago(HOUR_MS), finishedAt: ago(HOUR_MS - minutes * MINUTE_MS), ...given });
  const of = (...sourceJobs: readonly ReturnType<typeof aJob>[]) => forecast(restore({ sourceJobs }));

  test.each<[string, ReturnType<typeof of>]>([
    ["no history", of()],
    ["running", of(took(1, { finishedAt: null }))],
    ["failed", of(took(1, { failed: true }))],
    ["a download", of(took(1, { delivery: "download" }))],
    ["unreadable", of(took(1, { expired: GONE }))],
    ["collections", forecast(ofCollections({ sourceJobs: [took(1)] }))],
    ["jobs that cannot be read", forecast(restore({ sourceJobs: GONE }))],
  ])("is none from %s", (_, is) => expect(is).toBeNull());

  test("is the median and what nine of ten did not exceed", () => {
    expect(of(took(10))).toEqual({ medianMs: 10 * MINUTE_MS, p90Ms: 10 * MINUTE_MS, count: 1, scaled: 0 });
    expect(of(...Array.from({ length: 10 }, (_, index) => took(10 - index)))).toMatchObject({
      medianMs: 5 * MINUTE_MS,
      p90Ms: 9 * MINUTE_MS,
      count: 10,
    });
  });

  test("grows with the size, and does not shrink with it", () => {
    const snapshots = [
      aRestorable(2, { sizeBytes: 300 }),
      aRestorable(8, { sizeBytes: 100 }),
      aRestorable(14, { sizeBytes: 900 }),
    ];
    const from = (snapshotId: string) =>
      forecast(restore({ source: { snapshots }, sourceJobs: [took(10, { snapshotId })] }));
    expect(from("hourly-8h")).toMatchObject({ medianMs: 30 * MINUTE_MS, scaled: 1 });
    expect(from("hourly-14h")).toMatchObject({ medianMs: 10 * MINUTE_MS, scaled: 1 });
    expect(from("gone")).toMatchObject({ medianMs: 10 * MINUTE_MS, scaled: 0 });
  });

  test("is held against the objective", () => {
    const takes = (minutes: number) =>
      planRestore(
        restore({
          sourceJobs: [took(minutes)],
          source: { database: { objectives: { rpo: duration("1h"), rto: duration("30m") } } },
        }),
        SUBJECT,
      ).details.find(({ label }) => label === "takes")?.value;
    expect(takes(30)).toBe(
      "half of them within 30 m 00 s, nine of ten within 30 m 00 s (from 1 past restore); within the objective (RTO) of 30 m 00 s",
    );
    expect(takes(31)).toContain("BEYOND the objective (RTO)");
  });
});

describe("the fingerprint", () => {
  const of = (given: Parameters<typeof restore>[0] = {}) => {
    const found = targetFingerprint(restore(given));
    if (!found.known) throw found.reason;
    return found.value;
  };
  test.each<[string, Parameters<typeof restore>[0], readonly string[]]>([
    ["nothing", {}, []],
    ["the id", { target: drill({ id: "e" }) }, ["id"]],
    ["the birth", { target: drill({ createdAt: ago(1) }) }, ["createdAt"]],
    ["the type", { target: drill({ type: "SHARDED" }) }, ["type"]],
    ["the shards", { target: drill({ shards: [] }) }, ["shards"]],
    ["the disk", { target: drill({ diskSizeGb: null }) }, ["diskSizeGb"]],
    ["the version", { target: drill({ mongodbVersion: "8.0.17" }) }, ["version"]],
    ["the state", { target: drill({ state: "UPDATING" }) }, ["state"]],
    ["a snapshot", { targetSnapshots: [aRestorable(1)] }, ["newestSnapshotId"]],
    ["the project", { request: { targetProjectId: "other" } }, ["projectId"]],
  ])("shows a change of %s", (_, given, expected) => {
    expect(fingerprintDifferences(of(), of(given)).map(({ field }) => field)).toEqual(expected);
  });

  test("names the newest snapshot in whatever order they come", () => {
    const snapshots = [aRestorable(3), aRestorable(1), aRestorable(2)];
    expect(of({ targetSnapshots: snapshots }).newestSnapshotId).toBe("hourly-1h");
    expect(of({ targetSnapshots: snapshots.toReversed() }).newestSnapshotId).toBe("hourly-1h");
  });
});

test("in place the plan names the source as its target", () => {
  expect(steps(inPlace())[1]).toMatchObject({
    confirm: CORE,
    summary: "erase litally-core and restore litally-core to it, as of 2026-11-22 01:48:00 UTC",
  });
  expect(planRestore(inPlace({ target: cluster({ id: GONE }) }), SUBJECT).fingerprint.known).toBe(false);
});
