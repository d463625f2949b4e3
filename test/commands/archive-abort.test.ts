/** Ending what a push left in the sandbox's S3: only with the period's name, only where nobody is at work, and looked at again. */
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as abort from "../../src/commands/archive-abort.ts";
import { keepLedger } from "../../src/commands/archive-ledger.ts";
import { HOUR_MS, MINUTE_MS } from "../../src/core/duration.ts";
import type { Report } from "../../src/core/report.ts";
import type { Ledger } from "../../src/rules/archive/ledger.ts";
import type { Sent } from "../support/counter.ts";
import { BUCKET, PERIOD, policyIn, storeArchive } from "../support/stored-archives.ts";
import { inWorld, type WorldOptions, type WorldRun } from "../support/world.ts";

const SNAPSHOT_ID = "66f0c2a5b3d94e0012ab34cd";
const place = { prefix: "atlas/", database: "core" };

async function begin({ context }: WorldRun, key: string): Promise<void> {
  const s3 = await context.s3();
  const kept = { storageClass: "DEEP_ARCHIVE", lock: null } as const;
  await s3.createUpload({ bucket: BUCKET, key, contentType: "application/gzip", metadata: {}, ...kept });
}

const bodyOf = (month: string) => `atlas/core/${month}/${SNAPSHOT_ID}/rs-0.tar.gz`;

/** Begun two hours ago. */
async function withUploads(keys: readonly string[], options: WorldOptions = {}): Promise<WorldRun> {
  const world = await inWorld({ policy: policyIn(), ...options });
  for (const key of keys) await begin(world, key);
  world.sandbox.advance(2 * HOUR_MS);
  return world;
}

async function leaveLedger({ context }: WorldRun, owner: string): Promise<void> {
  const ledger: Ledger = {
    ...{ version: 1, database: "core", period: PERIOD, snapshotId: SNAPSHOT_ID, via: "download", owner, run: "word" },
    ...{ startedAt: context.clock.now(), jobId: null, objects: [] },
  };
  await keepLedger({ s3: await context.s3(), bucket: BUCKET, place }, ledger, null).put(ledger);
}

const run = (world: WorldRun, given: object = {}) => world.run(abort, { database: "core", ...given });
const uploadsIn = async ({ context }: WorldRun) =>
  (await (await context.s3()).listUploads(BUCKET, "")).map(({ key }) => key);
const isAbort = ({ method, path }: Sent) => method === "DELETE" && path.includes("uploadId=");
const failed = ({ findings }: Report) => findings.filter((one) => one.status !== "pass").map(({ check }) => check);

describe("uploads that nobody goes on with", () => {
  test("are aborted by the name of their period, and nothing else is", async () => {
    const world = await withUploads([bodyOf(PERIOD), bodyOf("2026-07"), "atlas/reports/2026-06/x", "atlas/core/notes"]);
    await storeArchive(world.context);
    const report = await run(world, { slot: PERIOD, confirm: [`core/${PERIOD}`] });
    expect(exitCodeOf(report, true)).toBe(0);
    expect(report.findings.at(-1)).toMatchObject({ check: "archive/aborted", status: "pass" });
    expect(await uploadsIn(world)).toEqual([
      "atlas/core/2026-07/66f0c2a5b3d94e0012ab34cd/rs-0.tar.gz",
      "atlas/core/notes",
      "atlas/reports/2026-06/x",
    ]);
    expect(world.s3.filter(isAbort).length).toBe(1);
  });

  test("of all periods need the name of each", async () => {
    const world = await withUploads([bodyOf(PERIOD), bodyOf("2026-07")]);
    expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`] }), false)).toBe(3);
    expect((await uploadsIn(world)).length).toBe(2);
    expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`, "core/2026-07"] }), false)).toBe(0);
    expect(await uploadsIn(world)).toEqual([]);
  });

  test("are told with who began them, when, and how much is there", async () => {
    const world = await withUploads([bodyOf(PERIOD)]);
    const report = await run(world, { dryRun: true });
    expect(exitCodeOf(report, false)).toBe(5);
    expect(report.change?.steps[0]?.details).toEqual([
      { label: "begun", value: expect.stringMatching(/^2026-11-22 02:00:00 UTC by /) },
      { label: "deletes", value: "nothing: no part has come" },
    ]);
  });

  test.each([[[]], [["core/2026-07"]], [["core"]]])("stay without the name: %o", async (confirm) => {
    const world = await withUploads([bodyOf(PERIOD)]);
    const report = await run(world, { confirm });
    expect(report.change?.state).toBe("declined");
    expect(world.s3.filter(isAbort)).toEqual([]);
  });
});

describe("a push that is at work", () => {
  test("is seen by its ledger: its uploads stay, unless it is taken over", async () => {
    const world = await withUploads([bodyOf(PERIOD)]);
    await leaveLedger(world, "ben@build-8");
    world.sandbox.advance(9 * MINUTE_MS);
    const confirm = [`core/${PERIOD}`];
    const report = await run(world, { confirm });
    expect([exitCodeOf(report, false), failed(report)]).toEqual([3, ["archive/abort-quiet"]]);
    expect(report.findings[0]?.message).toContain("ben@build-8 is at work on it");
    expect(world.s3.filter(isAbort)).toEqual([]);
    expect(exitCodeOf(await run(world, { confirm, takeOver: true }), false)).toBe(0);
  });

  test("has stopped once it has shown no sign for ten minutes", async () => {
    const world = await withUploads([bodyOf(PERIOD)]);
    await leaveLedger(world, "ben@build-8");
    world.sandbox.advance(10 * MINUTE_MS);
    expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`] }), false)).toBe(0);
  });

  test("is seen by an upload that was only just begun", async () => {
    const world = await withUploads([bodyOf(PERIOD)]);
    await begin(world, bodyOf(PERIOD).replace("rs-0", "rs-1"));
    expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`] }), false)).toBe(3);
  });

  test("cannot be ruled out where its ledger cannot be read", async () => {
    const world = await withUploads([bodyOf(PERIOD)]);
    const key = `atlas/core/${PERIOD}/push.json`;
    const kept = { storageClass: "STANDARD", lock: null, condition: "absent" } as const;
    await (await world.context.s3()).putText({ bucket: BUCKET, key, text: "{", contentType: "text/plain", ...kept });
    world.sandbox.advance(HOUR_MS);
    expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`] }), false)).toBe(2);
    expect((await uploadsIn(world)).length).toBe(1);
  });
});

test("where there is none there is nothing to do", async () => {
  const report = await run(await withUploads([]));
  expect(report.change?.state).toBe("none");
  expect(exitCodeOf(report, true)).toBe(0);
});

test("an answer that nobody heard is looked up", async () => {
  const world = await withUploads([bodyOf(PERIOD)], { onS3: (sent) => (isAbort(sent) ? "unheard" : "passes") });
  expect(exitCodeOf(await run(world, { confirm: [`core/${PERIOD}`] }), false)).toBe(0);
  expect(world.s3.filter(isAbort).length).toBe(1);
});

test("a request that was lost is not sent again, and a person must look", async () => {
  const world = await withUploads([bodyOf(PERIOD)], { onS3: (sent) => (isAbort(sent) ? "lost" : "passes") });
  const report = await run(world, { confirm: [`core/${PERIOD}`] });
  expect(exitCodeOf(report, false)).toBe(4);
  expect(world.s3.filter(isAbort).length).toBe(1);
});
