/** `restore pitr`, `snapshot` and `collections` against the sandbox: what is sent, how often, and what is told of it. */
import { describe, expect, it } from "vitest";
import { connectMongo } from "../../src/adapters/mongo/mongo.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { renderReport } from "../../src/cli/render-text.ts";
import { PLAIN_STYLE } from "../../src/cli/style.ts";
import { closingLine } from "../../src/cli/verdict-line.ts";
import * as collections from "../../src/commands/restore-collections.ts";
import * as pitr from "../../src/commands/restore-pitr.ts";
import * as snapshot from "../../src/commands/restore-snapshot.ts";
import * as watch from "../../src/commands/restore-watch.ts";
import { OpsError } from "../../src/core/error.ts";
import { PROJECT } from "../sandbox/client.ts";
import {
  isOrder,
  jobIdOf,
  orderedByAnother,
  orders,
  restoreWorld,
  snapshotsTaken,
  stepsOf,
} from "../support/restores.ts";

const DRILL = "litally-drill";
const ASKED = { database: "core", at: "12m ago", to: DRILL };
const AGREED = { ...ASKED, confirm: [DRILL] };
/** Of a small snapshot, in the sandbox. */
const SHORTEST_RESTORE_MS = 120_000;
const ID = /^[0-9a-f]{24}$/;
const STATUS = /^litally-ops restore status core [0-9a-f]{24}$/;
const PLAN_AGAIN = /^litally-ops restore pitr core --at 2026-11-22T01:48:00Z --to litally-drill --dry-run$/;
const WATCH = /^litally-ops restore watch core [0-9a-f]{24}$/;

describe("a restore that goes well", () => {
  it("is ordered once, after a snapshot of the target, and the target is looked at again", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, AGREED);
    expect([report.change?.state, exitCodeOf(report, false), stepsOf(report)]).toEqual(["done", 0, ["done", "done"]]);
    expect(snapshotsTaken(world.sent)).toEqual([DRILL]);
    expect(JSON.parse(orders(world.sent)[0]?.body ?? "")).toEqual({
      deliveryType: "pointInTime",
      pointInTimeUTCSeconds: Date.parse("2026-11-22T01:48:00Z") / 1000,
      targetClusterName: DRILL,
      targetGroupId: PROJECT,
    });
    expect(orders(world.sent)).toHaveLength(1);
    expect(jobIdOf(report)).toMatch(ID);
    const judged = report.findings.filter(({ check }) => check.startsWith("restore/restored-"));
    expect(judged.map(({ status }) => status)).toEqual(["pass", "pass"]);
  });

  it("ends with a snapshot where one is asked for", async () => {
    const world = await restoreWorld();
    const report = await world.run(snapshot, {
      database: "core",
      snapshot: "latest",
      to: DRILL,
      confirm: [DRILL],
      undo: false,
      closingSnapshot: true,
    });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([0, ["done", "done"]]);
    expect([orders(world.sent).length, snapshotsTaken(world.sent)]).toEqual([1, [DRILL]]);
    expect(world.sent.findIndex(({ path }) => isOrder(path))).toBeLessThan(
      world.sent.findIndex(({ method, path }) => method === "POST" && path.endsWith("/backup/snapshots")),
    );
  });

  it("of collections is told by the documents that it has restored", async () => {
    const world = await restoreWorld();
    const asked = { database: "core", namespace: ["ledger.entries"], snapshot: "latest", to: DRILL, confirm: [DRILL] };
    await world.run(collections, asked);
    const told = world.notes.filter((note) => note.includes("running"));
    expect(told[0]).toMatch(/running, 0 s so far, 0 % of the documents$/);
    expect(told.find((note) => /[1-9]\d % of the documents, about .* to go \(estimate\)$/.test(note))).toBeDefined();
  });

  it("reads as done once it is", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, { ...AGREED, closingSnapshot: true });
    expect(report.change?.steps.map(({ summary }) => summary)).toEqual([
      "took a snapshot of litally-drill as it was",
      "erased litally-drill and restored litally-core to it, as of 2026-11-22 01:48:00 UTC",
      "took a snapshot of litally-drill as restored",
    ]);
    const text = renderReport(report, { style: PLAIN_STYLE, verbose: false, exitCode: 0, width: null });
    expect(text).toMatch(/ {2}DONE +erased litally-drill[^:]*:48:00 UTC\n +jobId: .*\n +status: finished\n +undo: /);
    expect(text).not.toMatch(/lost there|unavailable/);
  });

  it("of collections goes beside what there is", async () => {
    const world = await restoreWorld();
    const namespaces = ["ledger.entries"];
    const asked = { database: "core", namespace: namespaces, snapshot: "latest", to: "litally-core" };
    const refused = await world.run(collections, asked);
    expect([exitCodeOf(refused, false), orders(world.sent)]).toEqual([3, []]);
    const report = await world.run(collections, { ...asked, to: DRILL, confirm: [DRILL] });
    expect([report.change?.reason, exitCodeOf(report, false), orders(world.sent).length]).toEqual([undefined, 0, 1]);
    expect(snapshotsTaken(world.sent)).toEqual([]);
  });

  it("is left alone where nobody is to wait, with the command that does", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, { ...AGREED, wait: false });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["running", 0]);
    expect(report.change?.steps.at(-1)?.next).toMatch(WATCH);
    const watched = await world.run(watch, { database: "core", job: jobIdOf(report) });
    expect(exitCodeOf(watched, false)).toBe(0);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("cannot both be left alone and be followed by a snapshot", async () => {
    const world = await restoreWorld();
    await expect(world.run(pitr, { ...AGREED, wait: false, closingSnapshot: true })).rejects.toMatchObject({
      kind: "usage",
    });
    expect(orders(world.sent)).toEqual([]);
  });

  it("is only shown on a dry run, which still refuses", async () => {
    const world = await restoreWorld();
    const shown = await world.run(pitr, { ...ASKED, dryRun: true });
    expect([shown.change?.state, exitCodeOf(shown, false)]).toEqual(["planned", 5]);
    const refused = await world.run(pitr, { ...ASKED, to: "litally-core", dryRun: true });
    expect([refused.change?.state, exitCodeOf(refused, false)]).toEqual(["refused", 3]);
    expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
  });

  it("is possible onto the source itself, where that is said", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, { ...ASKED, to: "litally-core", inPlace: true, confirm: ["litally-core"] });
    expect([exitCodeOf(report, false), orders(world.sent).length]).toEqual([0, 1]);
  });
});

describe("a restore that does not go well", () => {
  it.each([
    ["restore-fails", "failed", /failed: what the target holds/, PLAN_AGAIN],
    ["restore-cancelled-by-atlas", "failed", /it was cancelled/, PLAN_AGAIN],
    ["restore-expires", "failed", /it expired/, PLAN_AGAIN],
    [
      "restore-wrong-target",
      "failed",
      /is not what was ordered: target cluster litally-core instead of litally-drill/,
      STATUS,
    ],
    ["restore-unknown-state", "unclear", /cannot be read/, WATCH],
    ["restore-hangs", "unwatched", /; it goes on in Atlas$/, WATCH],
  ])("in the world %s is exit 4, with the job and how to go on", async (name, state, message, next) => {
    const world = await restoreWorld({ world: name });
    const report = await world.run(pitr, { ...AGREED, undo: false, closingSnapshot: true });
    expect(exitCodeOf(report, false)).toBe(4);
    expect(stepsOf(report)).toEqual([state, "not-done"]);
    expect(report.change?.steps[0]?.message).toMatch(message);
    expect(report.change?.steps[0]?.next).toMatch(next);
    expect(jobIdOf(report)).toMatch(ID);
    expect([orders(world.sent).length, snapshotsTaken(world.sent)]).toEqual([1, []]);
  });

  it.each(["target-busy", "target-paused", "target-older-version", "target-small-disk", "target-other-topology"])(
    "is not begun in the world %s",
    async (name) => {
      const world = await restoreWorld({ world: name });
      const report = await world.run(pitr, AGREED);
      expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
      expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
    },
  );

  it.each([
    ["forbidden-snapshots", "undecided", 2],
    ["read-only", "refused", 3],
    ["no-cluster", "refused", 3],
    ["no-history", "done", 0],
    ["sharded", "done", 0],
  ])("in the world %s is %s", async (name, state, exitCode) => {
    const world = await restoreWorld({ world: name });
    const report = await world.run(snapshot, { database: "core", snapshot: "latest", to: DRILL, confirm: [DRILL] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual([state, exitCode]);
    expect(orders(world.sent)).toHaveLength(state === "done" ? 1 : 0);
  });

  it("is not begun where the snapshot that would undo it fails", async () => {
    const world = await restoreWorld({ world: "snapshot-fails" });
    const report = await world.run(pitr, {
      ...ASKED,
      to: "litally-core",
      inPlace: true,
      confirm: ["litally-core"],
    });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([4, ["failed", "not-done"]]);
    expect(orders(world.sent)).toEqual([]);
  });
});

describe("one order, one restore", () => {
  it.each([
    ["reset-before-write=1", 4, ["unclear"]],
    ["reset-after-write=1", 0, ["done"]],
    ["500-after-write=1", 0, ["done"]],
    ["hang-write=1", 0, ["done"]],
  ])("with the fault %s", async (fault, exitCode, steps) => {
    const world = await restoreWorld({ faults: [fault], headersMs: 1_000 });
    const report = await world.run(pitr, { ...AGREED, undo: false });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([exitCode, steps]);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it.each(["reset-before-write=1", "reset-after-write=1"])("of collections, with the fault %s", async (fault) => {
    const world = await restoreWorld({ faults: [fault] });
    const asked = { database: "core", namespace: ["ledger.entries"], at: "1h ago", to: DRILL, confirm: [DRILL] };
    const report = await world.run(collections, asked);
    expect(exitCodeOf(report, false)).toBe(fault === "reset-after-write=1" ? 0 : 4);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("that never arrived is not taken for an older one of the same", async () => {
    const world = await restoreWorld({ world: "size-drop" });
    const target = { targetClusterName: DRILL, targetGroupId: PROJECT };
    await orderedByAnother(world, { deliveryType: "automated", ...target });
    world.sandbox.advance(SHORTEST_RESTORE_MS);
    await fetch(`${world.sandbox.url}/sandbox/faults`, {
      method: "POST",
      body: JSON.stringify({ faults: ["reset-before-write=1"] }),
    });
    const asked = { database: "core", snapshot: "latest", to: DRILL, confirm: [DRILL], undo: false };
    const report = await world.run(snapshot, asked);
    expect([report.change?.reason, exitCodeOf(report, false), stepsOf(report)]).toEqual([undefined, 4, ["unclear"]]);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("that went to another cluster, its answer lost, is no success", async () => {
    const world = await restoreWorld({ world: "restore-wrong-target", faults: ["reset-after-write=1"] });
    const report = await world.run(pitr, { ...AGREED, undo: false });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([4, ["unclear"]]);
    expect(orders(world.sent)).toHaveLength(1);
    const [step] = report.change?.steps ?? [];
    expect(step?.message).toMatch(
      /job [0-9a-f]{24} of the same was started since, with target cluster litally-core instead of litally-drill: it may be/,
    );
    expect(step?.next).toBe(`litally-ops restore status core ${jobIdOf(report)}`);
    expect(world.sent.filter(({ method }) => method === "DELETE")).toEqual([]);
  });
});

describe("consent", () => {
  it.each([
    ["the source without --in-place", { to: "litally-core" }],
    ["the source in capitals", { to: "LITALLY-CORE" }],
    ["a protected cluster", { to: "litally-ledger", allowBusy: true }],
    ["a protected cluster with --in-place", { to: "litally-ledger", inPlace: true, allowBusy: true }],
    ["no cluster at all", { to: "litally-dirll" }],
    ["an instant to come", { at: "2026-11-22T03:00:00Z" }],
    ["an instant that is gone", { at: "2026-11-01T00:00:00Z" }],
  ])("does not help with %s", async (_, flags) => {
    const world = await restoreWorld();
    const asked = { ...ASKED, ...flags };
    const report = await world.run(pitr, { ...asked, confirm: [asked.to] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
  });

  it.each([
    ["no terminal", {}, undefined, /there is nobody to ask/],
    ["another name", { confirm: ["litally-core"] }, [DRILL], /--confirm names litally-core/],
    ["two names", { confirm: [DRILL, "litally-core"] }, [DRILL], /--confirm names litally-core/],
    ["another name typed", {}, ["litally-core"], /"litally-core" is not litally-drill/],
    ["yes", {}, ["yes"], /"yes" is not litally-drill/],
    ["nothing", {}, [""], /"" is not litally-drill/],
  ])("is not given by %s", async (_, flags, answers, reason) => {
    const world = await restoreWorld(answers === undefined ? {} : { answers: [...answers] });
    const report = await world.run(pitr, { ...ASKED, ...flags });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["declined", 3]);
    expect(report.change?.reason).toMatch(reason);
    expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
  });

  it("is given by the name that is typed", async () => {
    const world = await restoreWorld({ answers: [DRILL] });
    const report = await world.run(pitr, ASKED);
    expect([exitCodeOf(report, false), orders(world.sent).length]).toEqual([0, 1]);
  });

  it("that comes too late is none: what was seen has gone stale", async () => {
    const world = await restoreWorld({ answers: [DRILL], thinksMs: 31 * 60_000 });
    const report = await world.run(pitr, ASKED);
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect(report.change?.steps[0]?.message).toMatch(/was made 31 m 00 s ago/);
    expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
  });
});

describe("an instant at the edge of the window", () => {
  it("that is gone when the target's snapshot is taken is not ordered", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, { ...AGREED, at: "2026-11-15T02:02:00Z" });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([4, ["done", "refused"]]);
    expect(report.change?.steps[1]?.message).toMatch(
      /^the instant cannot be reached any more: it lies .* before the window/,
    );
    expect(orders(world.sent)).toEqual([]);
  });

  it("may go while it is restored: the snapshot afterwards is taken all the same", async () => {
    const world = await restoreWorld();
    const report = await world.run(pitr, { ...AGREED, at: "2026-11-15T02:10:00Z", closingSnapshot: true });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([0, ["done", "done", "done"]]);
    expect(snapshotsTaken(world.sent)).toEqual([DRILL, DRILL]);
  });
});

describe("Ctrl-C", () => {
  it("before anything is sent is 130", async () => {
    const stop = new AbortController();
    const world = await restoreWorld({ signal: stop.signal, onSent: () => stop.abort() });
    await expect(world.run(pitr, AGREED)).rejects.toMatchObject({ kind: "aborted" });
    expect([orders(world.sent), snapshotsTaken(world.sent)]).toEqual([[], []]);
  });

  it("while the target's snapshot is taken begins no restore, and names the snapshot", async () => {
    const world = await restoreWorld({ abortAfterMs: 30_000 });
    const report = await world.run(pitr, AGREED);
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([4, ["unwatched", "not-done"]]);
    const [step] = report.change?.steps ?? [];
    const snapshotId = step?.result?.["snapshotId"];
    expect(snapshotId).toMatch(ID);
    expect(step?.message).toMatch(
      /the snapshot goes on in Atlas; nothing has been restored, and the target is as it was$/,
    );
    expect(step?.next).toBe(`atlas backups snapshots watch ${snapshotId} --clusterName ${DRILL}`);
    expect(closingLine(report, 4)).toBe(
      "verdict: INTERRUPTED - the end of what was begun was not seen, 1 of 2 steps not begun (exit 4)",
    );
    expect(orders(world.sent)).toEqual([]);
  });

  it("while the snapshot of a database's own cluster is taken is followed by our own command", async () => {
    const world = await restoreWorld({ abortAfterMs: 30_000 });
    const itself = { to: "litally-core", inPlace: true, confirm: ["litally-core"] };
    const [step] = (await world.run(pitr, { ...ASKED, ...itself })).change?.steps ?? [];
    expect(step?.next).toBe(`litally-ops backup watch core ${step?.result?.["snapshotId"]}`);
  });

  it("while the order is under way lets it arrive, and names the job", async () => {
    const stop = new AbortController();
    const world = await restoreWorld({
      signal: stop.signal,
      onSent: ({ method, path }) => void (method === "POST" && isOrder(path) && stop.abort()),
    });
    const report = await world.run(pitr, { ...AGREED, undo: false });
    expect([report.change?.state, exitCodeOf(report, false), stepsOf(report)]).toEqual([
      "interrupted",
      4,
      ["unwatched"],
    ]);
    expect(report.change?.steps[0]?.next).toMatch(WATCH);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("while the order's answer is lost is exit 4, not 130", async () => {
    const stop = new AbortController();
    const world = await restoreWorld({
      faults: ["reset-after-write=1"],
      signal: stop.signal,
      onSent: ({ method, path }) => void (method === "POST" && isOrder(path) && stop.abort()),
    });
    const report = await world.run(pitr, { ...AGREED, undo: false });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([4, ["unclear"]]);
    expect(report.change?.steps[0]?.message).toMatch(/whether it was started is not known.*litally-ops restore list/);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("while it is waited for is exit 4 with the job and the command, and anybody can go on", async () => {
    const world = await restoreWorld({ abortAfterMs: 120_000 });
    const report = await world.run(pitr, { ...AGREED, undo: false });
    expect([report.change?.state, exitCodeOf(report, false), stepsOf(report)]).toEqual([
      "interrupted",
      4,
      ["unwatched"],
    ]);
    expect(report.change?.steps[0]?.message).toMatch(/; it goes on in Atlas$/);
    expect(report.change?.steps[0]?.next).toBe(`litally-ops restore watch core ${jobIdOf(report)}`);
    expect(orders(world.sent)).toHaveLength(1);
  });
});

describe("the look after a restore that has finished", () => {
  it.each<[string, () => Error]>([
    ["a stop", () => new OpsError("aborted", "stopped while asking MongoDB")],
    ["a bug", () => new TypeError("x is not a function")],
  ])("that %s ends is exit 4, with the job's id", async (_what, trouble) => {
    let asked = 0;
    const world = await restoreWorld({
      mongo: async () => {
        asked += 1;
        if (asked > 1) throw trouble();
        const { signal } = new AbortController();
        return connectMongo({ uri: "mongodb://127.0.0.1:1/", variable: "LITALLY_OPS_VERIFY_URI", signal });
      },
    });
    const given = {
      database: "core",
      snapshot: "latest",
      to: "litally-drill",
      confirm: ["litally-drill"],
      verify: true,
    };
    const report = await world.run(snapshot, given);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(jobIdOf(report)).toMatch(/^[0-9a-f]{24}$/);
    expect(report.findings.find(({ check }) => check === "change/looked-again")).toMatchObject({ status: "unknown" });
    expect(asked).toBeGreaterThan(1);
  });
});
