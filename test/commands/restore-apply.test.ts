/** Saved plans: carried out once, in time, unaltered, and onto the target that they were made for. */
import { existsSync } from "node:fs";
import { copyFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { files } from "../../src/adapters/files.ts";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as apply from "../../src/commands/restore-apply.ts";
import * as pitr from "../../src/commands/restore-pitr.ts";
import * as snapshot from "../../src/commands/restore-snapshot.ts";
import type { Report } from "../../src/core/report.ts";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { PROJECT } from "../sandbox/client.ts";
import {
  isOrder,
  orderedByAnother,
  orders,
  RESTORE_POLICY,
  restoreWorld,
  snapshotsTaken,
  stepsOf,
} from "../support/restores.ts";
import type { WorldRun } from "../support/world.ts";

const DRILL = "litally-drill";
const ASKED = { database: "core", at: "12m ago", to: DRILL };

let folder = "";
let file = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "restore-plan-"));
  file = join(folder, "plan.json");
});
afterEach(() => rm(folder, { recursive: true }));

/** Saves a plan; its hash, as it was printed. */
async function save(world: WorldRun, flags: object = {}): Promise<string> {
  const report = await world.run(pitr, { ...ASKED, ...flags, planFile: file });
  expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["planned", 5]);
  return /--confirm ([0-9a-f]{64})$/.exec(report.change?.reason ?? "")?.[1] ?? "";
}

const hashOf = async (path: string) => files.digest(await readFile(path, "utf8"));

/** Writes the plan anew with a change in it; the hash by which somebody would consent to that. */
async function rewrite(change: (plan: SavedPlan) => object): Promise<string> {
  const plan: SavedPlan = JSON.parse(await readFile(file, "utf8"));
  await writeFile(file, JSON.stringify(change(plan)));
  return hashOf(file);
}

interface SavedPlan {
  readonly source: object;
  readonly request: object;
  readonly target: object;
}

function failures({ findings }: Report): readonly string[] {
  return findings.filter(({ status }) => status === "fail").map(({ check, message }) => `${check}: ${message}`);
}

function expectNothingSent({ sent }: WorldRun): void {
  expect([orders(sent), snapshotsTaken(sent)]).toEqual([[], []]);
}

describe("a saved plan", () => {
  it("changes nothing when it is saved, and restores when it is applied", async () => {
    const world = await restoreWorld();
    const hash = await save(world);
    expectNothingSent(world);
    const report = await world.run(apply, { file, confirm: [hash] });
    expect([exitCodeOf(report, false), stepsOf(report)]).toEqual([0, ["done", "done"]]);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("holds no secret, and is the same text for the same plan", async () => {
    const world = await restoreWorld();
    await save(world);
    const text = await readFile(file, "utf8");
    for (const secret of Object.values(SANDBOX_CREDENTIALS)) expect(text).not.toContain(secret);
    expect(text).not.toMatch(/https?:|mongodb(\+srv)?:|key|secret|password/i);
    await rm(file);
    await save(world);
    expect(await readFile(file, "utf8")).toBe(text);
  });

  it("is not saved where it would be refused, nor over a file that is there", async () => {
    const world = await restoreWorld();
    const refused = await world.run(pitr, { ...ASKED, to: "litally-ledger", planFile: file });
    expect(exitCodeOf(refused, false)).toBe(3);
    await expect(readFile(file)).rejects.toMatchObject({ code: "ENOENT" });
    await writeFile(file, "mine");
    await expect(world.run(pitr, { ...ASKED, planFile: file })).rejects.toMatchObject({ kind: "usage" });
    expect(await readFile(file, "utf8")).toBe("mine");
  });

  it.each([
    ["no hash", [], /it needs the hash of the plan/],
    ["the name of the target", [DRILL], /--confirm is not the hash of .*plan\.json: the file was altered, or/],
    ["the beginning of the hash", ["HASH8"], /--confirm is not the hash/],
    ["the hash and a name", ["HASH", DRILL], /--confirm is not the hash/],
  ])("is not consented to by %s", async (_, confirm, reason) => {
    const world = await restoreWorld({ answers: [DRILL, DRILL] });
    const hash = await save(world);
    const names = confirm.map((name) => name.replace("HASH8", hash.slice(0, 8)).replace("HASH", hash));
    const report = await world.run(apply, { file, confirm: names });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["declined", 3]);
    expect(report.change?.reason).toMatch(reason);
    expectNothingSent(world);
  });

  it("of which any single byte is altered is refused", async () => {
    const world = await restoreWorld();
    const hash = await save(world);
    const bytes = await readFile(file);
    for (let index = 0; index < bytes.length; index += 1) {
      const altered = Buffer.from(bytes);
      altered[index] = (bytes[index] ?? 0) ^ 1;
      await writeFile(file, altered);
      const report = await world.run(apply, { file, confirm: [hash] });
      if (report.change?.state !== "declined") throw new Error(`byte ${index} of the plan can be altered`);
      expect(exitCodeOf(report, false)).toBe(3);
    }
    expectNothingSent(world);
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, -3)],
    ["with a byte order mark", (text: string) => `\uFEFF${text}`],
    ["with a line more", (text: string) => `${text}\n`],
  ])("%s is refused", async (_, alter) => {
    const world = await restoreWorld();
    const hash = await save(world);
    await writeFile(file, alter(await readFile(file, "utf8")));
    const report = await world.run(apply, { file, confirm: [hash] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["declined", 3]);
    expectNothingSent(world);
  });

  it("that expired is refused", async () => {
    const world = await restoreWorld();
    const hash = await save(world);
    world.sandbox.advance(30 * 60_000);
    const report = await world.run(apply, { file, confirm: [hash] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect(failures(report)).toEqual([expect.stringMatching(/^restore\/plan-unexpired: it expired .* ago$/)]);
    expectNothingSent(world);
  });
});

describe("a plan is good once", () => {
  it.each([
    ["as it is", 1],
    ["moved to another folder", 2],
  ])("%s", async (where) => {
    const world = await restoreWorld();
    const hash = await save(world, { undo: false });
    expect(exitCodeOf(await world.run(apply, { file, confirm: [hash] }), false)).toBe(0);
    const elsewhere = join(folder, "other.json");
    if (where !== "as it is") await copyFile(file, elsewhere);
    const again = await world.run(apply, { file: where === "as it is" ? file : elsewhere, confirm: [hash] });
    expect(exitCodeOf(again, false)).toBe(3);
    expect(failures(again)).toEqual([
      expect.stringMatching(/^restore\/plan-unused: restore [0-9a-f]{24} of the same was started since it was made$/),
    ]);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("also where its first use ordered nothing that Atlas knows", async () => {
    const world = await restoreWorld({ faults: ["reset-before-write=1"] });
    const hash = await save(world, { undo: false });
    expect(exitCodeOf(await world.run(apply, { file, confirm: [hash] }), false)).toBe(4);
    const again = await world.run(apply, { file, confirm: [hash] });
    expect(exitCodeOf(again, false)).toBe(3);
    expect(failures(again)).toEqual([
      expect.stringMatching(/^restore\/plan-unused: its order was sent, or about to be, as .*plan\.json\.used says/),
    ]);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("and is marked before its order is sent, so that nothing can end us in between", async () => {
    const marked: boolean[] = [];
    const world = await restoreWorld({
      onSent: ({ method, path }) => {
        if (method === "POST") marked.push(isOrder(path) && existsSync(`${file}.used`));
      },
    });
    const hash = await save(world, { undo: false });
    expect(exitCodeOf(await world.run(apply, { file, confirm: [hash] }), false)).toBe(0);
    expect(marked).toEqual([true]);
  });

  it("but one of which nothing was sent stays good: Atlas refused the snapshot that comes first", async () => {
    const world = await restoreWorld({ world: "snapshot-in-the-way" });
    world.sandbox.advance(15 * 60_000); // it is in the way for half an hour, which is the life of a plan
    const hash = await save(world, { to: "litally-core", inPlace: true });
    const refused = await world.run(apply, { file, confirm: [hash] });
    expect([exitCodeOf(refused, false), stepsOf(refused)]).toEqual([3, ["refused", "not-done"]]);
    expect([existsSync(`${file}.used`), orders(world.sent)]).toEqual([false, []]);
    world.sandbox.advance(20 * 60_000);
    expect(exitCodeOf(await world.run(apply, { file, confirm: [hash] }), false)).toBe(0);
    expect(orders(world.sent)).toHaveLength(1);
  });

  it("and is not marked where another restore onto the target has begun since it was looked at", async () => {
    let looks = Number.NEGATIVE_INFINITY; // those of the plan are of no account
    const world = await restoreWorld({
      onSent: async ({ method, path }) => {
        if (method !== "GET" || !path.includes("/litally-core/backup/restoreJobs?")) return;
        looks += 1;
        const target = { targetClusterName: DRILL, targetGroupId: PROJECT };
        if (looks === 2) await orderedByAnother(world, { deliveryType: "automated", ...target });
      },
    });
    const hash = await save(world, { undo: false });
    looks = 0;
    const report = await world.run(apply, { file, confirm: [hash] });
    expect([looks, exitCodeOf(report, false), orders(world.sent)]).toEqual([2, 3, []]);
    expect(report.change?.steps[0]?.message).toMatch(
      /^restore [0-9a-f]{24} onto the target has begun since this was planned; look at it: litally-ops restore list core; then plan anew$/,
    );
    expect(existsSync(`${file}.used`)).toBe(false);
  });

  it("also where its first use went to another cluster", async () => {
    const world = await restoreWorld({ world: "restore-wrong-target" });
    const report = await world.run(snapshot, {
      database: "core",
      snapshot: "latest",
      to: DRILL,
      undo: false,
      planFile: file,
    });
    expect(report.change?.state).toBe("planned");
    const hash = await hashOf(file);
    expect(exitCodeOf(await world.run(apply, { file, confirm: [hash] }), false)).toBe(4);
    world.sandbox.advance(20 * 60_000);
    const elsewhere = join(folder, "other.json");
    await copyFile(file, elsewhere);
    const again = await world.run(apply, { file: elsewhere, confirm: [hash] });
    expect(exitCodeOf(again, false)).toBe(3);
    expect(orders(world.sent)).toHaveLength(1);
  });
});

describe("a plan that somebody altered and consented to as it is now", () => {
  const other = "fedcba9876543210fedcba98";
  it.each<[string, (plan: SavedPlan) => object, RegExp]>([
    [
      "another cluster of the same name",
      (plan) => ({ ...plan, target: { ...plan.target, id: other } }),
      /plan-target-unchanged: id was fedc/,
    ],
    [
      "another target",
      (plan) => ({ ...plan, request: { ...plan.request, targetName: "litally-scratch" } }),
      /plan-target-unchanged: name was litally-drill, is litally-scratch/,
    ],
    ["a longer life", (plan) => ({ ...plan, expiresAt: "2026-11-23T02:00:00.000Z" }), /its dates are none/],
    [
      "another source of the same name",
      (plan) => ({ ...plan, source: { ...plan.source, clusterId: other } }),
      /plan-source-unchanged: clusterId was fedc/,
    ],
  ])("is refused: %s", async (_, change, message) => {
    const world = await restoreWorld();
    await save(world);
    const report = await world.run(apply, { file, confirm: [await rewrite(change)] });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(failures(report).join("\n")).toMatch(message);
    expectNothingSent(world);
  });

  it.each<[string, (plan: SavedPlan) => object, RegExp]>([
    ["a field more", (plan) => ({ ...plan, more: 1 }), /is not a plan that litally-ops saved$/],
    ["a field less", ({ source: _, ...plan }) => plan, /is not a plan that litally-ops saved$/],
    ["another environment", (plan) => ({ ...plan, environment: "production" }), /was planned with another policy$/],
    [
      "a target in another project",
      (plan) => ({
        ...plan,
        request: { ...plan.request, targetProjectId: other },
        target: { ...plan.target, projectId: other },
      }),
      /was planned with another policy$/,
    ],
  ])("is an error: %s", async (_, change, message) => {
    const world = await restoreWorld();
    await save(world);
    const confirm = [await rewrite(change)];
    await expect(world.run(apply, { file, confirm })).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringMatching(message),
    });
    expectNothingSent(world);
  });
});

describe("a world that is another one when the plan is applied", () => {
  it("another target of the same name, a day younger", async () => {
    const world = await restoreWorld();
    const hash = await save(world);
    const other = await restoreWorld({ policy: RESTORE_POLICY, world: "target-small-disk" });
    const report = await other.run(apply, { file, confirm: [hash] });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(failures(report)).toContain("restore/plan-target-unchanged: diskSizeGb was 80, is 20");
    expectNothingSent(other);
  });

  it("another policy", async () => {
    const hash = await save(await restoreWorld());
    for (const policy of [
      RESTORE_POLICY.replace("environment: test", "environment: staging"),
      RESTORE_POLICY.replaceAll("litally-core", "litally-heart"),
      RESTORE_POLICY.replace("name: core", "name: heart"),
    ]) {
      const other = await restoreWorld({ policy });
      await expect(other.run(apply, { file, confirm: [hash] })).rejects.toMatchObject({
        kind: "usage",
        message: expect.stringMatching(/was planned with another policy$/),
      });
      expectNothingSent(other);
    }
  });

  it("a policy that protects the target now", async () => {
    const world = await restoreWorld();
    const hash = await save(world, { to: "litally-scratch", allowBusy: true });
    const other = await restoreWorld({
      seed: RESTORE_POLICY,
      policy: RESTORE_POLICY.replace("protected: false", "protected: true"),
    });
    const report = await other.run(apply, { file, confirm: [hash] });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(failures(report).join()).toMatch(/restore\/target-protected/);
    expectNothingSent(other);
  });

  it("a target that somebody took a snapshot of meanwhile", async () => {
    const world = await restoreWorld();
    const hash = await save(world);
    const first = await world.run(snapshot, { database: "ledger", snapshot: "latest", to: DRILL, confirm: [DRILL] });
    expect(exitCodeOf(first, false)).toBe(0);
    const report = await world.run(apply, { file, confirm: [hash] });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(failures(report).join()).toMatch(/plan-target-unchanged: newestSnapshotId was/);
    expect(orders(world.sent)).toHaveLength(1);
  });
});
