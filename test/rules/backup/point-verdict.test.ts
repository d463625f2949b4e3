import { expect, test } from "vitest";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { pointVerdict } from "../../../src/rules/backup/point-verdict.ts";
import { restorePoints } from "../../../src/rules/backup/points.ts";
import { aCluster, ago, aSnapshot, facts, GONE, members } from "../build.ts";

const SHARDED = aCluster({ type: "SHARDED", shards: [{ zoneId: "a" }, { zoneId: "b" }] });

test.each([
  ["completed", {}, "good", "completed"],
  ["on demand", { kind: "onDemand", frequency: null }, "good", "completed"],
  ["failed", { status: "failed" }, "no", "failed"],
  ["queued", { status: "queued" }, "running", "not completed yet"],
  ["in progress", { status: "inProgress", expiresAt: ago(HOUR_MS) }, "running", "not completed yet"],
  ["fallback", { kind: "fallback" }, "no", "fallback, which may be inconsistent"],
  ["empty", { sizeBytes: 0 }, "no", "of 0 bytes"],
  ["expired this instant", { expiresAt: ago(0) }, "no", "expired"],
  ["about to expire", { expiresAt: ago(-1) }, "good", "completed"],
  ["of unreadable status", { status: GONE }, "unknown", "this field is gone"],
  ["of unreadable kind", { kind: GONE }, "unknown", "some of its fields cannot be read"],
  ["of unreadable expiry", { expiresAt: GONE }, "unknown", "some of its fields cannot be read"],
  ["of unreadable time", { createdAt: GONE }, "unknown", "some of its fields cannot be read"],
  ["dated in the future", { createdAt: ago(-HOUR_MS) }, "unknown", "some of its fields cannot be read"],
] as const)("a snapshot %s is worth: %s", (_, given, status, reason) => {
  const world = facts({ snapshots: [aSnapshot("daily", HOUR_MS, given)] });
  const points = world.snapshots.known ? restorePoints(world, world.snapshots.value) : [];
  expect(points.map((point) => pointVerdict(point))).toEqual([{ status, reason }]);
});

test("a unit that lacks a shard is no restore point", () => {
  const world = facts({ cluster: SHARDED, snapshots: [aSnapshot("daily", HOUR_MS, { members: members(1) })] });
  const points = world.snapshots.known ? restorePoints(world, world.snapshots.value) : [];
  expect(points.map((point) => pointVerdict(point))).toEqual([{ status: "no", reason: "without every shard" }]);
});
