/** `restore watch` and `restore cancel` against the sandbox, of jobs that somebody else has started. */
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as cancel from "../../src/commands/restore-cancel.ts";
import * as collections from "../../src/commands/restore-collections.ts";
import * as snapshot from "../../src/commands/restore-snapshot.ts";
import * as watch from "../../src/commands/restore-watch.ts";
import type { Report } from "../../src/core/report.ts";
import { PROJECT } from "../sandbox/client.ts";
import { jobIdOf, orderedByAnother, orders, restoreWorld, stepsOf } from "../support/restores.ts";
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

  it("gives up after some minutes where nothing has ever answered", async () => {
    const world = await restoreWorld({ onSent: () => "lost" });
    const startedMs = world.sandbox.now().getTime();
    await expect(watched(world, UNKNOWN)).rejects.toMatchObject({ kind: "timeout" });
    expect(world.sandbox.now().getTime() - startedMs).toBeLessThan(30 * 60_000);
  });

  it("tells of one that hangs how to go on", async () => {
    const { world, job } = await underWay({ world: "restore-hangs" });
    const step = (await watched(world, job)).change?.steps[0];
    expect(step).toMatchObject({ state: "unwatched", result: { jobId: job } });
    expect(step?.next).toBe(`litally-ops restore watch core ${job}`);
  });

  it("tells of one that failed how to begin anew, not to watch it again", async () => {
    const { world, job } = await underWay({ world: "restore-fails" });
    const report = await watched(world, job);
    const anew = /^litally-ops restore snapshot core --snapshot [0-9a-f]{24} --to litally-drill --dry-run$/;
    expect(report.change?.steps[0]?.next).toMatch(anew);
    expect(report.findings[0]?.remedy).toMatch(anew);
  });

  it("tells how far a restore of collections has come", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", namespace: ["ledger.entries"], snapshot: "latest", to: DRILL, confirm: [DRILL] };
    const job = jobIdOf(await world.run(collections, { ...asked, wait: false }));
    await watched(world, job);
    expect(world.notes.find((note) => / % of the documents, about /.test(note))).toBeDefined();
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

  it("a job that Atlas does not know is told by its id, with where to look for it", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", job: UNKNOWN, confirm: [UNKNOWN] };
    for (const command of [watch, cancel])
      await expect(
        world.run(command, command === watch ? { database: "core", job: UNKNOWN } : asked),
      ).rejects.toMatchObject({
        message: `Atlas knows no restore ${UNKNOWN} of litally-core`,
        hint: "a restore is found under the database that was restored: litally-ops restore list core",
      });
  });
});

describe("cancelling", () => {
  it("a restore onto a cluster is refused, and says why", async () => {
    const { world, job } = await underWay();
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect(report.findings[0]?.message).toMatch(/Atlas cancels downloads only/);
    expect(report.findings[0]?.remedy).toMatch(
      new RegExp(`^wait for its end: litally-ops restore watch core ${job}; `),
    );
    expect(cancelled(world)).toHaveLength(0);
  });

  it("one that is over is refused", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", snapshot: "latest", to: DRILL, confirm: [DRILL], undo: false };
    const job = jobIdOf(await world.run(snapshot, asked));
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([exitCodeOf(report, false), report.findings[0]?.message]).toEqual([3, "it is over: finished"]);
    expect(report.findings[0]?.remedy).toBe("there is nothing left to cancel");
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

describe("cancelling, where the answer is lost", () => {
  it.each([
    ["reset-after-write=1", 0, ["done"]],
    ["500-after-write=1", 0, ["done"]],
    ["reset-before-write=1", 4, ["unclear"]],
  ])("%s: the job itself is asked", async (fault, exitCode, steps) => {
    const world = await restoreWorld();
    const job = await orderedByAnother(world, { deliveryType: "download" });
    await fetch(`${world.sandbox.url}/sandbox/faults`, { method: "POST", body: JSON.stringify({ faults: [fault] }) });
    const report = await world.run(cancel, { database: "core", job, confirm: [job] });
    expect([exitCodeOf(report, false), stepsOf(report), jobIdOf(report)]).toEqual([exitCode, steps, job]);
    expect(cancelled(world)).toHaveLength(1);
    if (exitCode === 4) expect(report.change?.steps[0]?.message).toMatch(/; it is running$/);
  });
});

function cancelled({ sent }: WorldRun): readonly unknown[] {
  return sent.filter(({ method, status }) => method === "DELETE" && status !== 401);
}
