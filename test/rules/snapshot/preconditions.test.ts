/** What must hold before a snapshot is taken by hand: what stands against it is named, with the way out. */
import { describe, expect, it } from "vitest";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { snapshotPreconditions } from "../../../src/rules/snapshot/preconditions.ts";
import { aCluster, aSnapshot, dailies, facts, GONE } from "../build.ts";

const judged = (of: BackupFacts) => snapshotPreconditions(of, "cluster/litally-core");
const said = (of: BackupFacts) => judged(of).map(({ check, status, message }) => `${status} ${check}: ${message}`);
const bad = (of: BackupFacts) => said(of).filter((line) => !line.startsWith("pass"));
const remedies = (of: BackupFacts) => judged(of).flatMap(({ remedy }) => (remedy === undefined ? [] : [remedy]));

it("all hold where all is well", () => {
  expect(said(facts())).toEqual([
    "pass snapshot/cluster: idle",
    "pass snapshot/backups-on: on",
    "pass snapshot/none-unfinished: none",
  ]);
  expect(judged(facts()).map(({ subject }) => subject)).toEqual(Array(3).fill("cluster/litally-core"));
});

describe("the cluster", () => {
  it.each([
    ["flex", aCluster({ offering: "flex" }), "fail", "a flex cluster: snapshots of it cannot be taken by hand"],
    ["free", aCluster({ freeTier: true }), "fail", "a free or shared cluster: Atlas takes no snapshots of it"],
    ["paused", aCluster({ paused: true }), "fail", "the cluster is paused: no snapshot can be taken of it"],
    ["created", aCluster({ state: "CREATING" }), "fail", "the cluster is creating"],
    ["deleted", aCluster({ state: "DELETING" }), "fail", "the cluster is deleting"],
    ["updated", aCluster({ state: "UPDATING" }), "warn", "the cluster is updating: Atlas may ask to wait"],
    ["repaired", aCluster({ state: "REPAIRING" }), "warn", "the cluster is repairing: Atlas may ask to wait"],
    ["of an unreadable type", aCluster({ type: GONE }), "unknown", "could not find out: this field is gone"],
    ["unreadably paused", aCluster({ paused: GONE }), "unknown", "could not find out: this field is gone"],
    ["in an unreadable state", aCluster({ state: GONE }), "unknown", "could not find out: this field is gone"],
  ])("that is %s", (_, cluster, status, message) => {
    const of = facts({ cluster });
    expect(bad(of)).toEqual([`${status} snapshot/cluster: ${message}`]);
    expect(remedies(of)).toEqual(["look at the cluster: atlas clusters describe litally-core"]);
  });

  it("that Atlas does not know, or does not tell about, has no backups that are known to be on", () => {
    expect(bad({ ...facts(), cluster: known(null) })).toEqual([
      'fail snapshot/cluster: Atlas knows no cluster "litally-core" in this project',
      "unknown snapshot/backups-on: could not find out: the cluster does not exist",
    ]);
    expect(bad(facts({ cluster: GONE }))).toEqual([
      "unknown snapshot/cluster: could not find out: this field is gone",
      "unknown snapshot/backups-on: could not find out: this field is gone",
    ]);
  });

  it("whose backups are off, with the command that turns them on", () => {
    const off = facts({ cluster: aCluster({ backupEnabled: false }) });
    expect(bad(off)).toEqual(["fail snapshot/backups-on: cloud backup is off: Atlas takes no snapshots"]);
    expect(remedies(off)).toEqual(["litally-ops backup apply core --confirm litally-core"]);
    expect(bad(facts({ cluster: aCluster({ backupEnabled: GONE }) }))).toEqual([
      "unknown snapshot/backups-on: could not find out: this field is gone",
    ]);
  });
});

describe("another snapshot", () => {
  const byHand = (given: Parameters<typeof aSnapshot>[2] = {}) =>
    aSnapshot("daily", HOUR_MS, { id: "mine", kind: "onDemand", frequency: null, status: "inProgress", ...given });
  const beside = (given: Parameters<typeof aSnapshot>[2]) => facts({ snapshots: [...dailies(2), byHand(given)] });
  const waiting = "wait for it: litally-ops backup watch core mine";
  const naming = "wait for it: litally-ops backup list core names it, litally-ops backup watch core <id> waits";

  it.each(["queued", "inProgress"] as const)("by hand that is %s is named, and how to wait for it", (status) => {
    const of = beside({ status });
    expect(bad(of)).toEqual([
      `fail snapshot/none-unfinished: snapshot mine is still ${status}, taken 2026-11-22 01:00:00 UTC`,
    ]);
    expect(judged(of).at(-1)?.evidence).toEqual({ snapshotId: "mine", actual: status });
    expect(remedies(of)).toEqual([waiting]);
  });

  it("whose time cannot be read stands in the way all the same", () => {
    expect(bad(beside({ createdAt: GONE }))).toEqual([
      "fail snapshot/none-unfinished: snapshot mine is still inProgress",
    ]);
  });

  it.each([
    ["is completed", { status: "completed" }],
    ["has failed", { status: "failed" }],
    ["is the schedule's own", { kind: "scheduled" }],
    ["is completed, of a kind that cannot be read", { kind: GONE, status: "completed" }],
    ["is the schedule's own, in a state that cannot be read", { kind: "scheduled", status: GONE }],
  ] as const)("that %s does not stand in the way", (_, given) => {
    expect(bad(beside(given))).toEqual([]);
  });

  it.each([
    ["kind", { kind: GONE }],
    ["state", { status: GONE }],
  ] as const)("whose %s cannot be read may stand in the way", (_, given) => {
    const of = beside(given);
    expect(bad(of)).toEqual(["unknown snapshot/none-unfinished: whether snapshot mine is under way cannot be read"]);
    expect(remedies(of)).toEqual([naming]);
  });

  it("is looked for in vain where the snapshots cannot be read", () => {
    const of = facts({ snapshots: GONE });
    expect(bad(of)).toEqual(["unknown snapshot/none-unfinished: could not find out: this field is gone"]);
  });
});
