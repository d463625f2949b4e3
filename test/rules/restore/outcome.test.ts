import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { RestoreOrder } from "../../../src/ports/atlas-restores.ts";
import { clusterFields, type Fingerprint } from "../../../src/rules/restore/fingerprint.ts";
import {
  collectionState,
  judgeRestored,
  readBack,
  readBackCollections,
  restoreState,
} from "../../../src/rules/restore/outcome.ts";
import { ago, GONE, NOW } from "../build.ts";
import { AT, aCollectionJob, aJob, COLLECTION_ORDER, DRILL, drill, PROJECT, SUBJECT } from "./build.ts";

const later = new Date(NOW.getTime() + DAY_MS);

test.each<[string, Parameters<typeof aJob>[0], string]>([
  ["finished", {}, "finished"],
  ["neither", { finishedAt: null }, "running"],
  ["failed", { failed: true, finishedAt: null }, "failed"],
  ["failed and finished", { failed: true }, "failed"],
  ["cancelled", { cancelled: true, finishedAt: null }, "cancelled"],
  ["cancelled and finished", { cancelled: true }, "cancelled"],
  ["expired", { expired: true }, "expired"],
  ["failed and cancelled", { failed: true, cancelled: true }, "unknown"],
  ["failed and expired", { failed: true, expired: true }, "unknown"],
  ["finished in the future", { finishedAt: later }, "unknown"],
  ["finished before it began", { finishedAt: ago(6 * HOUR_MS) }, "unknown"],
  ["finished when it began", { finishedAt: ago(5 * HOUR_MS) }, "finished"],
  ["failed unreadable", { failed: GONE }, "unknown"],
  ["cancelled unreadable", { cancelled: GONE }, "unknown"],
  ["expired unreadable", { expired: GONE }, "unknown"],
  ["finishedAt unreadable", { finishedAt: GONE }, "unknown"],
  ["createdAt unreadable", { createdAt: GONE }, "unknown"],
])("a job that says: %s", (_, given, expected) => expect(restoreState(aJob(given), NOW)).toBe(expected));

test("finished is only what has an end and no other mark, all of them readable", () => {
  const mark = fc.constantFrom(true, false, GONE);
  fc.assert(
    fc.property(
      mark,
      mark,
      mark,
      fc.constantFrom(ago(HOUR_MS), null, later, GONE),
      (failed, cancelled, expired, finishedAt) => {
        const isFinished =
          [failed, cancelled, expired].every((value) => value === false) &&
          finishedAt instanceof Date &&
          finishedAt < NOW;
        expect(restoreState(aJob({ failed, cancelled, expired, finishedAt }), NOW) === "finished").toBe(isFinished);
      },
    ),
  );
});

test.each<[string, Parameters<typeof aCollectionJob>[0], string]>([
  ["successful", {}, "finished"],
  ["successful, of uncounted documents", { restoredDocuments: null, totalDocuments: null }, "finished"],
  ["successful, of documents counted on one side", { restoredDocuments: null }, "unknown"],
  ["successful with less than all", { restoredDocuments: 9 }, "unknown"],
  ["successful with an error", { errorMessage: "disk" }, "unknown"],
  ["successful with an unreadable error", { errorMessage: GONE }, "unknown"],
  ["successful in the future", { finishedAt: later }, "unknown"],
  ["initializing", { state: "INITIALIZING" }, "running"],
  ["in progress", { state: "IN_PROGRESS" }, "running"],
  ["finalizing", { state: "FINALIZING" }, "running"],
  ["failed", { state: "FAILED" }, "failed"],
  ["cancelled", { state: "CANCELED" }, "cancelled"],
  ["unreadable", { state: GONE }, "unknown"],
])("a restore of collections that is %s", (_, given, expected) =>
  expect(collectionState(aCollectionJob(given), NOW)).toBe(expected),
);

describe("reading back", () => {
  const instant: RestoreOrder = { point: { kind: "instant", at: AT }, targetProjectId: PROJECT, targetName: DRILL };
  const snapshot: RestoreOrder = { ...instant, point: { kind: "snapshot", snapshotId: "s1" } };
  const what = (given: Parameters<typeof aJob>[0], order = instant) =>
    readBack(aJob(given), order).map((mismatch) => mismatch.what);

  test.each<[string, Parameters<typeof aJob>[0], readonly string[]]>([
    ["the same", {}, []],
    ["with the snapshot that it begins with", { snapshotId: "base" }, []],
    ["another target", { targetName: "litally-core" }, ["target cluster"]],
    ["a target in another case", { targetName: "Litally-drill" }, ["target cluster"]],
    ["no target", { targetName: null, targetProjectId: null }, ["target project", "target cluster"]],
    ["another project", { targetProjectId: "other" }, ["target project"]],
    ["a second off", { pointInTimeAt: new Date(AT.getTime() + 1000) }, ["instant"]],
    ["no instant", { pointInTimeAt: null }, ["instant"]],
    ["a download", { delivery: "download" }, ["delivery"]],
    [
      "unreadable",
      { targetName: GONE, pointInTimeAt: GONE, delivery: GONE, targetProjectId: GONE },
      ["target project", "target cluster", "delivery", "instant"],
    ],
  ])("%s", (_, given, expected) => expect(what(given)).toEqual(expected));

  test.each<[Parameters<typeof aJob>[0], readonly string[]]>([
    [{ snapshotId: "s1", delivery: "automated", pointInTimeAt: null }, []],
    [{ snapshotId: "s2", delivery: "automated" }, ["snapshot"]],
    [{ snapshotId: null, delivery: "automated" }, ["snapshot"]],
    [{ snapshotId: "s1" }, ["delivery"]],
  ])("a snapshot: %j", (given, expected) => expect(what(given, snapshot)).toEqual(expected));

  test("says what was asked and what was told", () => {
    expect(readBack(aJob({ targetName: "litally-core" }), instant)).toEqual([
      { what: "target cluster", asked: DRILL, told: known("litally-core") },
    ]);
  });

  test.each<[Parameters<typeof aCollectionJob>[0], readonly string[]]>([
    [{}, []],
    [{ namespaces: ["app.ledger"] }, ["collections"]],
    [{ namespaces: ["app.accounts", "app.ledger"] }, ["collections"]],
    [{ suffix: null }, ["suffix"]],
    [{ overwrites: true }, ["existing collections"]],
    [{ targetName: "litally-core" }, ["target cluster"]],
    [{ pointInTimeAt: GONE }, ["instant"]],
  ])("collections: %j", (given, expected) => {
    expect(readBackCollections(aCollectionJob(given), COLLECTION_ORDER).map((mismatch) => mismatch.what)).toEqual(
      expected,
    );
  });
});

describe("the target afterwards", () => {
  const fields = clusterFields(drill());
  const planned: Fingerprint = {
    projectId: PROJECT,
    newestSnapshotId: "none",
    ...(fields.known ? fields.value : (undefined as never)),
  }; // known: built here
  const statuses = (cluster: Parameters<typeof judgeRestored>[0]["cluster"]) =>
    judgeRestored({ cluster, planned }, SUBJECT).map(
      ({ check, status }) => `${check.replace("restore/restored-", "")} ${status}`,
    );

  test.each<[string, Parameters<typeof judgeRestored>[0]["cluster"], readonly string[]]>([
    ["as it was", known(drill()), ["idle pass", "same pass"]],
    ["with a disk that grew", known(drill({ diskSizeGb: 200 })), ["idle pass", "same pass"]],
    ["updating", known(drill({ state: "UPDATING" })), ["idle fail", "same pass"]],
    ["paused", known(drill({ paused: true })), ["idle fail", "same pass"]],
    ["another one", known(drill({ id: "eeeeeeeeeeeeeeeeeeeeeeee" })), ["idle pass", "same fail"]],
    ["of another version", known(drill({ mongodbVersion: "8.2.0" })), ["idle pass", "same fail"]],
    ["of unreadable version", known(drill({ mongodbVersion: GONE })), ["idle pass", "same unknown"]],
    ["of unreadable state", known(drill({ state: GONE })), ["idle unknown", "same unknown"]],
    ["gone", known(null), ["idle fail", "same fail"]],
    ["unreadable", GONE, ["idle unknown", "same unknown"]],
  ])("%s", (_, cluster, expected) => expect(statuses(cluster)).toEqual(expected));
});
