/** `restore watch` and `restore cancel` against the sandbox, of jobs that somebody else has started. */
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as cancel from "../../src/commands/restore-cancel.ts";
import * as snapshot from "../../src/commands/restore-snapshot.ts";
import * as watch from "../../src/commands/restore-watch.ts";
import type { Report } from "../../src/core/report.ts";
import { PROJECT } from "../sandbox/client.ts";
import { jobIdOf, orderedByAnother, orders, restoreWorld } from "../support/restores.ts";
import type { WorldOptions, WorldRun } from "../support/world.ts";

const DRILL = "litally-drill";
const UNKNOWN = "fedcba9876543210fedcba98";

/** A restore that is under way, and the world in which it is. */
async function underWay(options: WorldOptions = {}): Promise<{ world: WorldRun; job: string }> {
  const world = await restoreWorld(options);
  const job = await orderedByAnother(world, {
    deliveryType: "automated",
    targetClusterName: DRILL,
    targetGroupId: PROJECT,
  });
  return { world, job };
}

const watched = (world: WorldRun, job: string): Promise<Report> => world.run(watch, { database: "core", job });

describe("watching", () => {
  it.each([
    ["healthy", 0],
    ["restore-fails", 4],
    ["restore-cancelled-by-atlas", 4],
    ["restore-expires", 4],
    ["restore-hangs", 4],
    ["restore-unknown-state", 2],
  ])("a restore of the world %s ends with %d", async (name, exitCode) => {
    const { world, job } = await underWay({ world: name });
    const report = await watched(world, job);
    expect(exitCodeOf(report, false)).toBe(exitCode);
    expect(report.findings.map(({ scope }) => scope)).toEqual([job]);
    expect(orders(world.sent)).toEqual([]);
  });

  it("tells of one that hangs how to go on", async () => {
    const { world, job } = await underWay({ world: "restore-hangs" });
    const step = (await watched(world, job)).change?.steps[0];
    expect(step).toMatchObject({ state: "unwatched", result: { jobId: job } });
    expect(step?.next).toBe(`litally-ops restore watch core ${job}`);
  });

  it("goes through passing failures", async () => {
    const { world, job } = await underWay();
    await fetch(`${world.sandbox.url}/sandbox/faults`, {
      method: "POST",
      body: JSON.stringify({ faults: ["500=12"] }),
    });
    expect(exitCodeOf(await watched(world, job), false)).toBe(0);
  });

  it("that is interrupted has changed nothing: 130", async () => {
    const { world, job } = await underWay({ abortAfterMs: 30_000 });
    await expect(watched(world, job)).rejects.toMatchObject({ kind: "aborted" });
  });

  it.each([
    [UNKNOWN, "not-found"],
    ["latest", "usage"],
    ["../snapshots", "usage"],
  ])("the job %s is an error", async (job, kind) => {
    const world = await restoreWorld();
    await expect(watched(world, job)).rejects.toMatchObject({ kind });
  });
});

describe("cancelling", () => {
  it("a restore onto a cluster is refused, and says why", async () => {
    const { world, job } = await underWay();
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect(report.findings[0]?.message).toMatch(/Atlas cancels downloads only/);
    expect(cancelled(world)).toHaveLength(0);
  });

  it("one that is over is refused", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", snapshot: "latest", to: DRILL, confirm: [DRILL], undo: false };
    const job = jobIdOf(await world.run(snapshot, asked));
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([exitCodeOf(report, false), report.findings[0]?.message]).toEqual([3, "it is over: finished"]);
    expect(cancelled(world)).toHaveLength(0);
  });

  it("one that cannot be read is undecided", async () => {
    const { world, job } = await underWay({ world: "restore-unknown-state" });
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([report.change?.state, exitCodeOf(report, false), cancelled(world).length]).toEqual(["undecided", 2, 0]);
  });

  it("one that there is not is an error", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", job: UNKNOWN, confirm: [UNKNOWN] };
    await expect(world.run(cancel, asked)).rejects.toMatchObject({ kind: "not-found" });
  });

  it("a download needs its id, and is done once", async () => {
    const world = await restoreWorld();
    const job = await orderedByAnother(world, { deliveryType: "download" });
    const cancelling = (given: object) => world.run(cancel, { database: "core", job, ...given });
    expect(exitCodeOf(await cancelling({}), false)).toBe(3);
    expect(exitCodeOf(await cancelling({ confirm: [UNKNOWN] }), false)).toBe(3);
    expect(exitCodeOf(await cancelling({ dryRun: true }), false)).toBe(5);
    expect(cancelled(world)).toHaveLength(0);
    const report = await cancelling({ confirm: [job] });
    expect([report.change?.state, exitCodeOf(report, false), cancelled(world).length]).toEqual(["done", 0, 1]);
    expect(exitCodeOf(await cancelling({ confirm: [job] }), false)).toBe(3);
    expect(cancelled(world)).toHaveLength(1);
  });
});

function cancelled({ sent }: WorldRun): readonly unknown[] {
  return sent.filter(({ method, status }) => method === "DELETE" && status !== 401);
}
