/**
 * Calls that commands make in worlds where no other test takes them, or only a random one that may miss them: see
 * src/rules/permissions/commands.ts.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { connectMongo } from "../../src/adapters/mongo/mongo.ts";
import * as take from "../../src/commands/backup-snapshot.ts";
import * as watch from "../../src/commands/backup-watch.ts";
import * as apply from "../../src/commands/restore-apply.ts";
import * as collections from "../../src/commands/restore-collections.ts";
import * as drill from "../../src/commands/restore-drill.ts";
import * as pitr from "../../src/commands/restore-pitr.ts";
import type { Report } from "../../src/core/report.ts";
import { serveMongo } from "../support/mongo-server.ts";
import { RESTORE_POLICY, restoreWorld, stepsOf } from "../support/restores.ts";
import type { WorldRun } from "../support/world.ts";

const DRILL = "litally-drill";
const AGREED = { database: "core", at: "12m ago", to: DRILL, confirm: [DRILL] };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "seldom-"));
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

async function saved(world: WorldRun, planFile: string): Promise<string> {
  return hashOf(await world.run(pitr, { ...AGREED, confirm: [], planFile }));
}

const hashOf = ({ change }: Report) => /--confirm ([0-9a-f]{64})$/.exec(change?.reason ?? "")?.[1] ?? "";

test("a snapshot of a sharded cluster is watched by its id", async () => {
  const world = await restoreWorld({ world: "sharded" });
  const taking = await world.run(take, { databases: ["core"], wait: false });
  const id = String(taking.change?.steps[0]?.result?.["snapshotId"]);
  const { findings } = await world.run(watch, { database: "core", snapshot: id });
  expect(findings.map(({ status }) => status)).not.toContain("fail");
});

test("the snapshot before a restore to a sharded cluster holds every shard", async () => {
  const world = await restoreWorld({ world: "sharded" });
  expect(stepsOf(await world.run(pitr, AGREED))).toEqual(["done", "done"]);
});

test("a saved plan takes it too", async () => {
  const file = join(folder(), "plan.json");
  const world = await restoreWorld({ world: "sharded" });
  const hash = await saved(world, file);
  expect(stepsOf(await world.run(apply, { file, confirm: [hash] }))).toEqual(["done", "done"]);
});

test.each([["sharded"], ["healthy"]])(
  "in the world %s, so does a restore that overwrites collections",
  async (name) => {
    const world = await restoreWorld({ world: name });
    const { at: _at, ...asked } = AGREED;
    const namespace = ["ledger.entries"];
    const report = await world.run(collections, { ...asked, snapshot: "latest", namespace, overwrite: true });
    expect(stepsOf(report)).toEqual(["done", "done"]);
  },
);

test("a saved plan restores collections, and follows their job", async () => {
  const file = join(folder(), "plan.json");
  const world = await restoreWorld();
  const namespace = ["ledger.entries"];
  const hash = hashOf(await world.run(collections, { ...AGREED, namespace, confirm: [], planFile: file }));
  expect(stepsOf(await world.run(apply, { file, confirm: [hash] }))).toEqual(["done"]);
});

test("a saved plan says no where the cluster has become a flex one", async () => {
  const file = join(folder(), "plan.json");
  const hash = await saved(await restoreWorld(), file);
  const { change } = await (await restoreWorld({ world: "flex" })).run(apply, { file, confirm: [hash] });
  expect(change?.state).toBe("refused");
});

test("a drill stops a job that Atlas begins on another cluster", async () => {
  const block = `    drill: { target: ${DRILL}, every: 90d, records: ${folder()} }\n`;
  const policy = RESTORE_POLICY.replace("protected: true\n", `protected: true\n${block}`);
  const world = await restoreWorld({ world: "restore-wrong-target", policy });
  const { change } = await world.run(drill, { database: "core", confirm: [DRILL], verify: false });
  expect(change?.steps.map(({ message }) => message).join()).toMatch(/is not what was ordered/);
});

test("what a restored snapshot holds is asked of Atlas where the data is looked at", async () => {
  const { signal } = new AbortController();
  const server = await serveMongo({ collections: {} });
  const mongo = connectMongo({ uri: server.uri, variable: "LITALLY_OPS_VERIFY_URI", signal });
  onTestFinished(() => mongo.close());
  const world = await restoreWorld({ mongo: async () => mongo });
  const { findings } = await world.run(pitr, { ...AGREED, verify: true });
  expect(findings.map(({ check }) => check)).toContain("restore/namespaces");
});
