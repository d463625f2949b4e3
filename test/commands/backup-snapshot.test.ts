/** `backup snapshot` and `backup watch` against the sandbox: what Atlas ends up with, and what is told about it. */
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as snapshot from "../../src/commands/backup-snapshot.ts";
import * as watch from "../../src/commands/backup-watch.ts";
import type { Report } from "../../src/core/report.ts";
import { worst } from "../../src/core/report.ts";
import { inWorld, type WorldRun } from "../support/world.ts";

const orders = ({ requests }: WorldRun) =>
  requests.filter((line) => line.startsWith("POST ") && line.includes("/backup/snapshots"));
const taken = ({ requests }: WorldRun) => orders({ requests } as WorldRun).filter((line) => line.endsWith(" 200"));
const stepOf = (report: Report) => report.change?.steps[0];

describe("a snapshot by hand", () => {
  it("is taken, waited for and judged", async () => {
    const world = await inWorld();
    const report = await world.run(snapshot, { databases: ["core"], retain: "3d" });
    expect(report.change?.state).toBe("done");
    expect(exitCodeOf(report, false)).toBe(0);
    expect(taken(world)).toHaveLength(1);
    const judged = report.findings.filter(({ scope }) => scope !== undefined);
    expect(judged.map(({ check, status }) => [check, status])).toEqual([
      ["snapshot/completed", "pass"],
      ["snapshot/size", "pass"],
      ["snapshot/expiry", "pass"],
    ]);
    expect(stepOf(report)?.result?.["snapshotId"]).toBe(judged[0]?.scope);
    expect(
      world.notes.some((note) =>
        /in progress, .* so far, about .* to go \(estimate: .* is usual, from the last \d+\)/.test(note),
      ),
    ).toBe(true);
  });

  it("of a sharded cluster holds every shard", async () => {
    const report = await (await inWorld({ world: "sharded" })).run(snapshot, { databases: ["core"] });
    expect(report.findings.find(({ check }) => check === "snapshot/shards")).toMatchObject({
      status: "pass",
      message: "all 3 shards",
    });
    expect(exitCodeOf(report, false)).toBe(0);
  });

  it("is left alone at once where nobody is to wait, with the command that does", async () => {
    const world = await inWorld();
    const report = await world.run(snapshot, { databases: ["core"], wait: false });
    expect(report.change?.state).toBe("running");
    expect(exitCodeOf(report, false)).toBe(0);
    const id = String(stepOf(report)?.result?.["snapshotId"]);
    expect(stepOf(report)?.next).toBe(`litally-ops backup watch core ${id}`);
    const watched = await world.run(watch, { database: "core", snapshot: id });
    expect(worst(watched.findings)).toBe("pass");
    expect(exitCodeOf(watched, false)).toBe(0);
  });

  it("that fails is exit 4, and so is watching it", async () => {
    const world = await inWorld({ world: "snapshot-fails" });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(report.change?.state).toBe("failed");
    expect(exitCodeOf(report, false)).toBe(4);
    const id = String(stepOf(report)?.result?.["snapshotId"]);
    expect(id).toMatch(/^[0-9a-f]{24}$/);
    expect(exitCodeOf(await world.run(watch, { database: "core", snapshot: id }), false)).toBe(4);
  });

  it("that hangs ends at the limit with exit 4 and its id", async () => {
    const world = await inWorld({ world: "snapshot-hangs" });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(report.change?.state).toBe("interrupted");
    expect(exitCodeOf(report, false)).toBe(4);
    const id = String(stepOf(report)?.result?.["snapshotId"]);
    expect(stepOf(report)?.next).toBe(`litally-ops backup watch core ${id}`);
    expect(exitCodeOf(await world.run(watch, { database: "core", snapshot: id }), false)).toBe(4);
  });

  it("goes on when the waiting is interrupted, which says so", async () => {
    const world = await inWorld({ abortAfterMs: 30_000 });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(report.change?.state).toBe("interrupted");
    expect(exitCodeOf(report, false)).toBe(4);
    expect(stepOf(report)?.state).toBe("unwatched");
    expect(stepOf(report)?.message).toMatch(/; it goes on in Atlas$/);
    expect(stepOf(report)?.next).toMatch(/^litally-ops backup watch core [0-9a-f]{24}$/);
    expect(taken(world)).toHaveLength(1);
  });

  it("is not taken while another is under way, which is named", async () => {
    const world = await inWorld({ world: "snapshot-in-the-way" });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(report.change?.state).toBe("refused");
    expect(exitCodeOf(report, false)).toBe(3);
    const finding = report.findings.find(({ check }) => check === "snapshot/none-unfinished");
    expect(finding).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/^snapshot [0-9a-f]{24} is still /),
    });
    expect(finding?.remedy).toMatch(/^wait for it: litally-ops backup watch core [0-9a-f]{24}$/);
    expect(orders(world)).toEqual([]);
  });

  it.each([
    ["paused", 3],
    ["backups-off", 3],
    ["flex", 3],
    ["no-cluster", 3],
    ["forbidden-snapshots", 2],
    ["read-only", 3],
  ])("in the world %s ends with %d", async (name, exitCode) => {
    const world = await inWorld({ world: name });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(exitCodeOf(report, false)).toBe(exitCode);
    expect(taken(world)).toEqual([]);
  });

  it("is only shown on a dry run", async () => {
    const world = await inWorld();
    const report = await world.run(snapshot, { databases: ["core"], dryRun: true });
    expect([report.change?.state, exitCodeOf(report, false), orders(world)]).toEqual(["planned", 5, []]);
  });
});

describe("one order, one snapshot", () => {
  const marker = (world: WorldRun) => world.requests.length;

  it.each([
    ["a connection reset before Atlas took it", ["reset-before-write=1"], 2],
    ["a connection reset after Atlas took it", ["reset-after-write=1"], 1],
    ["a 500 after Atlas took it", ["500-after-write=1"], 1],
  ])("%s", async (_, faults, sent) => {
    const world = await inWorld({ faults });
    const report = await world.run(snapshot, { databases: ["core"], description: "before the release" });
    expect(report.change?.state).toBe("done");
    expect(exitCodeOf(report, false)).toBe(0);
    expect(marker(world)).toBeGreaterThan(sent);
    expect(await byHand(world, "before the release")).toHaveLength(1);
  });

  it("goes on through a storm of 429", async () => {
    const world = await inWorld({ faults: ["429=6"] });
    const report = await world.run(snapshot, { databases: ["core"] });
    expect(exitCodeOf(report, false)).toBe(0);
    expect(await byHand(world, "on demand")).toHaveLength(1);
  });

  it("never gets a second one where it cannot be seen whether there is a first", async () => {
    const world = await inWorld({ faults: ["reset-after-write=9"] });
    const run = world.run(snapshot, { databases: ["core"] });
    const report = await run;
    expect(exitCodeOf(report, false)).toBe(0);
    expect(await byHand(world, "on demand")).toHaveLength(1);
  });
});

/** What the sandbox itself holds, asked without the tool. */
async function byHand({ sandbox, requests }: WorldRun, description: string): Promise<readonly string[]> {
  const before = requests.length;
  const { connectAtlas } = await import("../../src/adapters/atlas/atlas.ts");
  const { SANDBOX_CREDENTIALS } = await import("../../src/sandbox/sandbox.ts");
  await fetch(`${sandbox.url}/sandbox/faults`, { method: "POST", body: JSON.stringify({ faults: [] }) });
  const atlas = connectAtlas({
    baseUrl: new URL(sandbox.url),
    credentials: { kind: "api-key", ...SANDBOX_CREDENTIALS },
    env: {},
    clock: { now: sandbox.now, sleep: () => Promise.resolve() },
    signal: new AbortController().signal,
    log: () => {},
    tokenCacheDir: "/nonexistent",
    userAgent: "test",
    secrets: { add: () => {}, apply: (text) => text },
  });
  const snapshots = await atlas.listSnapshots("5a4db0c5a4db0c5a4db0c5a4", "litally-core");
  await atlas.close();
  expect(requests.length).toBeGreaterThan(before);
  return snapshots.flatMap(({ description: said, id }) =>
    said.known && said.value?.startsWith(`${description} [litally-ops `) && id.known ? [id.value] : [],
  );
}

describe("watching", () => {
  it("an id that Atlas does not know is an error", async () => {
    const world = await inWorld();
    await expect(world.run(watch, { database: "core", snapshot: "0123456789abcdef01234567" })).rejects.toMatchObject({
      kind: "not-found",
    });
  });

  it("goes through 503s", async () => {
    const world = await inWorld();
    const taking = await world.run(snapshot, { databases: ["core"], wait: false });
    const id = String(stepOf(taking)?.result?.["snapshotId"]);
    await fetch(`${world.sandbox.url}/sandbox/faults`, {
      method: "POST",
      body: JSON.stringify({ faults: ["500=12"] }),
    });
    expect(exitCodeOf(await world.run(watch, { database: "core", snapshot: id }), false)).toBe(0);
  });
});
