/** Drills from the plan to the record, in the world and at a real driver; what is left behind in every ending. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ObjectId } from "bson";
import { describe, expect, it, onTestFinished } from "vitest";
import { files } from "../../src/adapters/files.ts";
import { connectMongo } from "../../src/adapters/mongo/mongo.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as verify from "../../src/commands/backup-verify.ts";
import type { Context } from "../../src/commands/context.ts";
import { pauseTarget } from "../../src/commands/drill-target.ts";
import * as apply from "../../src/commands/restore-apply.ts";
import * as drill from "../../src/commands/restore-drill.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Report } from "../../src/core/report.ts";
import type { Mongo } from "../../src/ports/mongo.ts";
import { COLLECTIONS } from "../../src/sandbox/collection-restores.ts";
import { change, get, PROJECT } from "../sandbox/client.ts";
import { serveMongo } from "../support/mongo-server.ts";
import { jobIdOf, orderedByAnother, orders, RESTORE_POLICY, stepsOf } from "../support/restores.ts";
import { inWorld, type WorldOptions, type WorldRun } from "../support/world.ts";

const TARGET = "litally-drill";
const ASKED_S = Date.parse("2026-11-22T01:55:00Z") / 1000;

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "drills-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface Given extends WorldOptions {
  readonly records?: string;
  readonly afterwards?: "pause" | "keep";
  /** How long before the instant that is restored the newest document was made. */
  readonly gapS?: number;
  /** One more document is so much younger than that instant. */
  readonly aheadS?: number;
  /** The same of the source; absent: it cannot be asked. */
  readonly sourceGapS?: number;
  /** The cluster that the source's connection string leads to. */
  readonly sourceCluster?: string;
  /** How long before that instant the newest document of another collection was made: restored, and at the source. */
  readonly staleS?: readonly [number, number];
  /** Done when somebody asks the target for its newest documents, which is the last look at them. */
  readonly meanwhile?: () => Promise<void>;
}

async function drillWorld(given: Given = {}): Promise<WorldRun & { readonly records: string }> {
  const {
    records = folder(),
    afterwards = "pause",
    gapS = 60,
    aheadS,
    sourceGapS,
    sourceCluster = "litally-core",
    staleS,
    meanwhile = async () => {},
    ...options
  } = given;
  const block = `    objectives: { rpo: 10m, rto: 4h }\n    drill: { target: ${TARGET}, every: 90d, afterwards: ${afterwards}, records: ${records} }\n`;
  const policy = RESTORE_POLICY.replace("    protected: true\n", `    protected: true\n${block}`);
  const deployed = await deployment(gapS, TARGET, { aheadS, staleS: staleS?.[0] });
  const target: Mongo = {
    ...deployed,
    newestDocument: async (name, until) => {
      if (name === "ledger.entries") await meanwhile();
      return deployed.newestDocument(name, until);
    },
  };
  const source =
    sourceGapS === undefined ? undefined : await deployment(sourceGapS, sourceCluster, { staleS: staleS?.[1] });
  const world = await inWorld({
    policy,
    mongo: async (role) => {
      const one = role === "target" ? target : source;
      if (one === undefined) throw new OpsError("config", `no connection string for the ${role}`);
      return one;
    },
    ...options,
  });
  return { ...world, records };
}

const NAMES = Object.entries(COLLECTIONS).flatMap(([database, names]) => names.map((name) => `${database}.${name}`));

/** A database over loopback that says of itself to be a cluster of the world. */
async function deployment(
  gapS: number,
  cluster: string,
  { aheadS, staleS }: { readonly aheadS?: number | undefined; readonly staleS?: number | undefined },
): Promise<Mongo> {
  const madeS = [0, 1, 2].map((index) => ASKED_S - gapS - index * 100);
  const ids = aheadS === undefined ? madeS : [...madeS, ASKED_S + aheadS];
  const documents = ids.map((at) => ({ _id: ObjectId.createFromTime(at) }));
  const server = await serveMongo({
    collections: {
      ...Object.fromEntries(NAMES.map((name) => [name, [{ _id: "a" }]])),
      "ledger.entries": documents,
      ...(staleS === undefined ? {} : { "ledger.stale": [{ _id: ObjectId.createFromTime(ASKED_S - staleS) }] }),
    },
    version: "8.0.16",
  });
  const { signal } = new AbortController();
  const mongo = connectMongo({ uri: server.uri, variable: "LITALLY_OPS_VERIFY_URI", signal });
  onTestFinished(() => mongo.close());
  return { ...mongo, hosts: [`${cluster}.sandbox.invalid`] };
}

const GIVEN = { database: "core", confirm: [TARGET] };

const pausedOf = async ({ sandbox }: WorldRun) => (await get(sandbox, `/clusters/${TARGET}`)).json.paused;
const pauses = ({ sent }: WorldRun) =>
  sent.filter(({ method, path, status }) => method === "PATCH" && path.endsWith(`/${TARGET}`) && status !== 401);

function recordsIn(world: { readonly records: string }) {
  const own = join(world.records, "core");
  const names = readdirSync(own).sort();
  const record = JSON.parse(readFileSync(join(own, names.find((name) => name.endsWith(".json")) ?? ""), "utf8"));
  return { names, record };
}

const finding = (report: Report, check: string) => report.findings.find((one) => one.check === check);
const failuresOf = ({ findings }: Report) =>
  findings.flatMap(({ status, check }) => (status === "fail" ? [check] : []));

describe("a drill", () => {
  it("restores, looks at the data, measures, pauses the cluster, and leaves its record", async () => {
    const world = await drillWorld();
    const report = await world.run(drill, GIVEN);
    expect(report.findings.filter(({ status }) => status !== "pass" && status !== "warn")).toEqual([
      expect.objectContaining({ check: "restore/counts" }),
    ]);
    expect(stepsOf(report)).toEqual(["done", "done"]);
    expect(orders(world.sent)).toHaveLength(1);
    expect(await pausedOf(world)).toBe(true);
    const { names, record } = recordsIn(world);
    expect(names).toEqual([
      expect.stringMatching(/^drill-2026-11-22T\d{6}Z\.json$/),
      expect.stringMatching(/^drill-2026-11-22T\d{6}Z\.md$/),
    ]);
    expect(record).toMatchObject({ database: "core", target: TARGET, rpoMs: 60_000, point: { tier: null } });
    expect(record.rtoMs).toBeGreaterThan(0);
  });

  it("succeeds where the source can be asked too, and verify knows of it", async () => {
    const world = await drillWorld({ sourceGapS: 60 });
    const before = finding(await world.run(verify, { databases: ["core"] }), "backup/drill-recent");
    expect(before).toMatchObject({ status: "warn", message: expect.stringMatching(/^no successful drill/) });
    const report = await world.run(drill, GIVEN);
    expect(exitCodeOf(report, false)).toBe(0);
    expect(recordsIn(world).record.outcome).toBe("succeeded");
    const after = finding(await world.run(verify, { databases: ["core"] }), "backup/drill-recent");
    expect(after).toMatchObject({ status: "pass" });
    const last = await world.run(drill, { database: "core", last: true });
    expect(last.findings).toEqual([expect.objectContaining({ check: "backup/drill-recent", status: "pass" })]);
    world.sandbox.advance(91 * 86_400_000);
    const late = finding(await world.run(verify, { databases: ["core"] }), "backup/drill-recent");
    expect(late).toMatchObject({ status: "warn", message: expect.stringContaining("the policy wants one every 90d") });
  });

  it("sets a cluster going that stands still, and waits the hour until it may be paused again", async () => {
    const world = await drillWorld({ world: "target-paused", sourceGapS: 60 });
    const report = await world.run(drill, GIVEN);
    expect(stepsOf(report)).toEqual(["done", "done", "done"]);
    expect(await pausedOf(world)).toBe(true);
    expect(world.notes.join("\n")).toContain("Atlas does not pause it yet");
    expect(exitCodeOf(report, false)).toBe(0);
  });

  it("is on record before the cluster is put to rest: nobody may be there to see that", async () => {
    const records = folder();
    const before: string[][] = [];
    const onSent = ({ method, path }: { readonly method: string; readonly path: string }) => {
      if (method === "PATCH" && path.endsWith(`/${TARGET}`)) before.push(readdirSync(join(records, "core")));
    };
    const world = await drillWorld({ sourceGapS: 60, records, onSent });
    await world.run(drill, GIVEN);
    const { names, record } = recordsIn(world);
    expect(before[0]?.sort()).toEqual(names);
    expect(record).toMatchObject({ outcome: "succeeded", afterwards: "pause", steps: [{ state: "done" }] });
  });

  it("leaves the cluster running where the policy says so", async () => {
    const world = await drillWorld({ afterwards: "keep", sourceGapS: 60 });
    expect(stepsOf(await world.run(drill, GIVEN))).toEqual(["done"]);
    expect(pauses(world)).toEqual([]);
  });

  it("of a tier takes one of its snapshots, and says which", async () => {
    const world = await drillWorld({ gapS: 20 * 86_400 });
    await world.run(drill, { ...GIVEN, tier: "daily" });
    const { record } = recordsIn(world);
    expect(record.point).toMatchObject({ tier: "daily", snapshotId: expect.stringMatching(/^[0-9a-f]{24}$/) });
  });

  it("of a tier that has no snapshot restores nothing", async () => {
    const world = await drillWorld();
    await expect(world.run(drill, { ...GIVEN, tier: "yearly" })).rejects.toMatchObject({ kind: "not-found" });
    await expect(world.run(drill, { ...GIVEN, tier: "dayly" })).rejects.toMatchObject({ kind: "usage" });
    expect(orders(world.sent)).toEqual([]);
  });

  it("without looking at the data counts as none", async () => {
    const world = await drillWorld();
    const report = await world.run(drill, { ...GIVEN, verify: false });
    expect(finding(report, "drill/verified")).toMatchObject({ status: "warn" });
    expect(recordsIn(world).record).toMatchObject({ outcome: "unverified", rtoMs: null, rpoMs: null });
    const last = await world.run(drill, { database: "core", last: true });
    expect(last.findings[0]).toMatchObject({ status: "warn" });
  });
});

describe("a drill that does not end well", () => {
  it("fails where data is missing that the source still has, and is on record as failed", async () => {
    const world = await drillWorld({ gapS: 3600, sourceGapS: 60 });
    const report = await world.run(drill, GIVEN);
    expect(finding(report, "drill/rpo")).toMatchObject({ status: "fail" });
    expect(exitCodeOf(report, false)).toBe(4);
    expect(recordsIn(world).record).toMatchObject({ outcome: "failed", rpoMs: 3_600_000 });
    expect(await pausedOf(world)).toBe(true);
  });

  it("also where one document of a clock that is ahead would hide it", async () => {
    const world = await drillWorld({ gapS: 3600, aheadS: 86_400, sourceGapS: 60 });
    const report = await world.run(drill, GIVEN);
    expect(finding(report, "drill/nothing-newer")).toMatchObject({ status: "warn" });
    expect(recordsIn(world).record).toMatchObject({ outcome: "failed", rpoMs: 3_600_000 });
  });

  it("also where one lively collection would hide it", async () => {
    const world = await drillWorld({ sourceGapS: 60, staleS: [3600, 60] });
    const report = await world.run(drill, GIVEN);
    expect(finding(report, "drill/rpo")).toMatchObject({
      status: "fail",
      message: expect.stringContaining("ledger.stale"),
    });
    expect(recordsIn(world).record).toMatchObject({ outcome: "failed", rpoMs: 3_540_000 });
    const quiet = await drillWorld({ sourceGapS: 60, staleS: [3600, 3600] });
    expect(finding(await quiet.run(drill, GIVEN), "drill/rpo")).toMatchObject({ status: "pass" });
  });

  it("proves nothing where somebody else restored onto the cluster while its data was looked at", async () => {
    let opened: (WorldRun & { readonly records: string }) | undefined;
    const meanwhile = async () => {
      if (opened === undefined) throw new Error("nobody looks before the world is open");
      const order = { deliveryType: "automated", targetClusterName: TARGET, targetGroupId: PROJECT };
      await orderedByAnother(opened, order);
    };
    opened = await drillWorld({ sourceGapS: 60, meanwhile });
    const report = await opened.run(drill, GIVEN);
    expect(finding(report, "drill/undisturbed")).toMatchObject({ status: "fail" });
    expect(recordsIn(opened).record).toMatchObject({ outcome: "failed", jobId: jobIdOf(report) });
    expect(exitCodeOf(report, false)).toBe(4);
  });

  it("nor where nobody can tell whether somebody did", async () => {
    const isOver = { yet: false };
    const meanwhile = async () => {
      isOver.yet = true;
    };
    const onSent = ({ method, path }: { readonly method: string; readonly path: string }) =>
      isOver.yet && method === "GET" && path.includes("/restoreJobs?") ? "lost" : "passes";
    const world = await drillWorld({ sourceGapS: 60, meanwhile, onSent });
    const report = await world.run(drill, GIVEN);
    expect(finding(report, "drill/undisturbed")).toMatchObject({ status: "unknown" });
    expect(recordsIn(world).record.outcome).toBe("failed");
  });

  it("asks no other cluster than the source whether the source was quiet", async () => {
    const quiet = { gapS: 3600, sourceGapS: 3600 };
    const ofSource = await drillWorld(quiet);
    expect(finding(await ofSource.run(drill, GIVEN), "drill/rpo")).toMatchObject({ status: "pass" });
    const ofAnother = await drillWorld({ ...quiet, sourceCluster: "litally-staging" });
    expect(finding(await ofAnother.run(drill, GIVEN), "drill/rpo")).toMatchObject({ status: "unknown" });
    expect(recordsIn(ofAnother).record.outcome).toBe("failed");
  });

  it("fails with the restore, and the cluster is paused all the same", async () => {
    const world = await drillWorld({ world: "restore-fails" });
    const report = await world.run(drill, GIVEN);
    expect(stepsOf(report)).toEqual(["failed", "done"]);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(await pausedOf(world)).toBe(true);
    expect(recordsIn(world).record).toMatchObject({ outcome: "failed", rtoMs: null });
  });

  it("that is stopped while Atlas restores says how it is cleaned up later, and that then works", async () => {
    const world = await drillWorld({ abortAfterMs: 60_000 });
    const report = await world.run(drill, GIVEN);
    expect(stepsOf(report)).toEqual(["unwatched", "refused"]);
    expect(report.change?.steps[1]).toMatchObject({
      message: expect.stringContaining("CLUSTER_RESTORE_IN_PROGRESS_CANNOT_UPDATE"),
      next: "litally-ops restore drill core --clean-up",
    });
    expect(exitCodeOf(report, false)).toBe(4);
    expect(recordsIn(world).record).toMatchObject({ outcome: "stopped", rtoMs: null });
    world.sandbox.advance(24 * 3_600_000);
    const cleaned = await (await again(world)).run(drill, { database: "core", cleanUp: true });
    expect(stepsOf(cleaned)).toEqual(["done"]);
    expect(exitCodeOf(cleaned, false)).toBe(0);
    expect(await pausedOf(world)).toBe(true);
  });

  it("that is stopped while the cluster is set going restores nothing, and is on record as stopped", async () => {
    const world = await drillWorld({ world: "target-paused", abortAfterMs: 20_000 });
    const report = await world.run(drill, GIVEN);
    expect(stepsOf(report)).toEqual(["unwatched", "not-done", "refused"]);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(orders(world.sent)).toEqual([]);
    expect(recordsIn(world).record).toMatchObject({ outcome: "stopped", jobId: null });
  });

  it("that is stopped while it waits until the cluster may be paused still tells all of it, and is on record", async () => {
    const world = await drillWorld({ world: "target-paused", sourceGapS: 60, abortAfterMs: 3_000_000 });
    const report = await world.run(drill, GIVEN);
    expect(world.notes.join("\n")).toContain("Atlas does not pause it yet");
    expect(stepsOf(report)).toEqual(["done", "done", "refused"]);
    expect(report.change?.steps[2]).toMatchObject({ next: "litally-ops restore drill core --clean-up" });
    expect(exitCodeOf(report, false)).toBe(4);
    expect(recordsIn(world).record).toMatchObject({ outcome: "succeeded" });
    expect(await pausedOf(world)).toBe(false);
  });

  it("leaves a cluster alone that has only the name of the one that was planned for", async () => {
    const world = await drillWorld();
    const later = {
      input: { parse: (value: unknown) => value },
      run: async (_: never, context: Context): Promise<Report> => {
        const { audit, clock, progress, signal } = context;
        const atlas = await context.atlas();
        const target = { atlas, audit, clock, progress, signal, projectId: PROJECT, name: TARGET };
        const subject = `cluster/${TARGET}`;
        const id = "of-another";
        const refused = await pauseTarget({ target, id, isResumed: false, dryRun: false, next: "look", subject });
        return { ...(await world.run(drill, { ...GIVEN, dryRun: true })), change: refused };
      },
    };
    expect(stepsOf(await world.run(later, {}))).toEqual(["refused"]);
    expect(pauses(world)).toEqual([]);
  });

  it("says when it cannot be put on record", async () => {
    const records = folder();
    writeFileSync(join(records, "core"), "in the way");
    const world = await drillWorld({ records, sourceGapS: 60 });
    const report = await world.run(drill, GIVEN);
    expect(finding(report, "drill/recorded")).toMatchObject({ status: "fail" });
    expect(exitCodeOf(report, false)).toBe(4);
  });
});

describe("a drill that does not begin", () => {
  it.each([
    ["without consent", { confirm: [] }, 3],
    ["with another name", { confirm: ["litally-core"] }, 3],
    ["as a dry run", { confirm: [], dryRun: true }, 5],
  ])("%s sends nothing and leaves no record", async (_, given, code) => {
    const world = await drillWorld();
    const report = await world.run(drill, { ...GIVEN, ...given });
    expect(exitCodeOf(report, false)).toBe(code);
    expect(orders(world.sent)).toEqual([]);
    expect(pauses(world)).toEqual([]);
    expect(readdirSync(world.records)).toEqual([]);
  });

  it("cleans nothing up as a dry run", async () => {
    const world = await drillWorld();
    const report = await world.run(drill, { database: "core", cleanUp: true, dryRun: true });
    expect([exitCodeOf(report, false), stepsOf(report), pauses(world)]).toEqual([5, ["planned"], []]);
    expect(await pausedOf(world)).toBe(false);
  });

  it("refuses a target that somebody works on", async () => {
    const world = await drillWorld({ world: "target-busy" });
    expect(exitCodeOf(await world.run(drill, GIVEN), false)).toBe(3);
    expect(orders(world.sent)).toEqual([]);
  });

  it("needs a drill in the policy", async () => {
    const world = await drillWorld();
    await expect(world.run(drill, { ...GIVEN, database: "scratch" })).rejects.toMatchObject({ kind: "config" });
    await expect(world.run(drill, { ...GIVEN, last: true, cleanUp: true })).rejects.toMatchObject({ kind: "usage" });
  });
});

describe("a drill that is planned by one and approved by another", () => {
  async function planned(given: Given = {}, flags: object = {}) {
    const world = await drillWorld(given);
    const planFile = join(world.records, "plan.json");
    const report = await world.run(drill, { database: "core", planFile, ...flags });
    const hash = /--confirm ([0-9a-f]{64})$/.exec(report.change?.reason ?? "")?.[1] ?? "";
    const carryOut = (more: object = {}) => world.run(apply, { file: planFile, confirm: [hash], ...more });
    return { world, report, planFile, hash, carryOut };
  }

  it("changes nothing until it is carried out, hours later, and then is a drill in every respect", async () => {
    const { world, report, carryOut } = await planned({ world: "target-paused", sourceGapS: 60 });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["planned", 5]);
    expect(report.change?.reason).toMatch(/good for 24 h and once: litally-ops restore apply /);
    expect(orders(world.sent)).toEqual([]);
    world.sandbox.advance(6 * 3_600_000);
    const done = await carryOut();
    expect(failuresOf(done)).toEqual([]);
    expect(stepsOf(done)).toEqual(["done", "done", "done"]);
    expect(finding(done, "drill/recorded")).toMatchObject({ status: "pass" });
    expect(recordsIn(world).record).toMatchObject({ outcome: "succeeded", database: "core", target: TARGET });
    expect(await pausedOf(world)).toBe(true);
  });

  it("is carried out once, from whatever copy of the file", async () => {
    const { world, carryOut, planFile } = await planned();
    expect(orders(world.sent)).toHaveLength(0);
    await carryOut();
    rmSync(`${planFile}.used`);
    const again = await carryOut();
    expect(again.change?.state).toBe("refused");
    expect(failuresOf(again)).toContain("restore/plan-unused");
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("keeps what it was planned with: the snapshot of a tier, and no look at the data", async () => {
    const { world, planFile, carryOut } = await planned({}, { tier: "daily", verify: false });
    const { request, drill: own } = JSON.parse(readFileSync(planFile, "utf8"));
    expect(own).toEqual({ tier: "daily", verify: false });
    await carryOut();
    expect(recordsIn(world).record).toMatchObject({
      outcome: "unverified",
      point: { tier: "daily", snapshotId: request.point.snapshotId },
    });
  });

  it("is refused after a day, or where the target is not as it was", async () => {
    const late = await planned();
    late.world.sandbox.advance(25 * 3_600_000);
    expect(failuresOf(await late.carryOut())).toContain("restore/plan-unexpired");
    const changed = await planned();
    await change(changed.world.sandbox, "POST", `/clusters/${TARGET}/backup/snapshots`, { retentionInDays: 1 });
    expect(failuresOf(await changed.carryOut())).toContain("restore/plan-target-unchanged");
    expect([...orders(late.world.sent), ...orders(changed.world.sent)]).toEqual([]);
  });

  it.each([
    ["onto another cluster", { targetName: "litally-scratch" }],
    ["with another end", { drill: "keep" }],
  ])("erases nothing %s than the policy says, whoever confirms it", async (_, altered) => {
    const { world, planFile } = await planned();
    const plan = JSON.parse(readFileSync(planFile, "utf8"));
    const text = JSON.stringify({ ...plan, request: { ...plan.request, ...altered } });
    writeFileSync(planFile, text);
    const run = world.run(apply, { file: planFile, confirm: [await files.digest(text)] });
    await expect(run).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining("another policy") });
    expect(orders(world.sent)).toEqual([]);
  });

  it.each([
    [{ last: true }, "--last"],
    [{ cleanUp: true }, "--clean-up"],
    [{ confirm: [TARGET] }, "--confirm"],
    [{ dryRun: true }, "--dry-run"],
  ])("is planned, and nothing else: %o", async (flags, named) => {
    const world = await drillWorld();
    const run = world.run(drill, { database: "core", planFile: join(world.records, "p.json"), ...flags });
    await expect(run).rejects.toMatchObject({ kind: "usage", message: expect.stringContaining(named) });
    expect(readdirSync(world.records)).toEqual([]);
  });

  it.each([{ wait: false }, { verify: true }])("takes no flags that would make another of it: %o", async (flags) => {
    const { carryOut, world } = await planned();
    await expect(carryOut(flags)).rejects.toMatchObject({ kind: "usage" });
    expect(orders(world.sent)).toEqual([]);
  });
});

describe("records", () => {
  it("that cannot be read, or are of other things, prove nothing", async () => {
    const world = await drillWorld({ sourceGapS: 60 });
    await world.run(drill, GIVEN);
    const { names, record } = recordsIn(world);
    const path = join(world.records, "core", names[0] ?? "");
    const last = async () => (await world.run(drill, { database: "core", last: true })).findings[0]?.status;
    expect(await last()).toBe("pass");
    for (const field of ["projectId", "cluster", "environment", "database"]) {
      writeFileSync(path, JSON.stringify({ ...record, [field]: "another" }));
      expect(await last(), field).toBe("warn");
    }
    writeFileSync(path, JSON.stringify({ ...record, sandbox: "healthy" }));
    expect(await last()).toBe("warn");
    const inside = async (name: string) => {
      const run = (given: never, context: Context) => drill.run(given, { ...context, world: async () => name });
      return (await world.run({ input: drill.input, run }, { database: "core", last: true })).findings[0]?.status;
    };
    expect([await inside("healthy"), await inside("target-paused")]).toEqual(["pass", "warn"]);
    writeFileSync(path, JSON.stringify({ ...record, outcome: "great" }));
    expect(await last()).toBe("unknown");
    writeFileSync(path, "{");
    expect(await last()).toBe("unknown");
  });
});

/** Another person's run in the same world, which nobody has stopped. */
async function again({ sandbox, records }: WorldRun & { readonly records: string }): Promise<WorldRun> {
  return drillWorld({ records, at: sandbox });
}

it("Atlas pauses nothing beside another change", async () => {
  const { sandbox } = await drillWorld();
  const both = await change(sandbox, "PATCH", `/clusters/${TARGET}`, { paused: true, pitEnabled: true });
  expect(both.json.errorCode).toBe("CANNOT_UPDATE_AND_PAUSE_CLUSTER");
});
