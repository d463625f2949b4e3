/** Fetching an archive of the sandbox's S3: into a folder, through stdout, again after a death, and never what it is not. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as fetch from "../../src/commands/archive-fetch.ts";
import * as thaw from "../../src/commands/archive-thaw.ts";
import type { Context } from "../../src/commands/context.ts";
import { HOUR_MS } from "../../src/core/duration.ts";
import type { Report } from "../../src/core/report.ts";
import type { Sent } from "../support/counter.ts";
import {
  type ArchiveGiven,
  aBody,
  BODIES,
  describe as describeObject,
  PERIOD,
  policyIn,
  rootOver,
  SHARD_0,
  SHARD_1,
  storeArchive,
} from "../support/stored-archives.ts";
import { inWorld, type WorldRun } from "../support/world.ts";

/** At hand unless told otherwise. */
async function anArchive(given: ArchiveGiven = {}): Promise<WorldRun> {
  const world = await inWorld({ policy: policyIn() });
  await storeArchive(world.context, { storageClass: "GLACIER_IR", ...given });
  return world;
}

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-fetch-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, "to");
}

const fetchTo = (world: WorldRun, to: string, given: object = {}) =>
  world.run(fetch, { database: "core", slot: PERIOD, to, ...given });

/** With stdout as a pipe. */
async function stream(world: WorldRun, given: object = {}, change: Partial<Context> = {}) {
  const got: Buffer[] = [];
  const output = { forBytes: () => async (chunk: Uint8Array) => void got.push(Buffer.from(chunk)) };
  const input = fetch.input.parse({ database: "core", slot: PERIOD, to: "-", ...given });
  const report = await fetch.run(input, { ...world.context, output, ...change });
  return { report, got: Buffer.concat(got).toString() };
}

const bodyReads = (sent: readonly Sent[]) =>
  sent.filter(({ method, path }) => method === "GET" && /\.tar\.gz\?(?!retention)/.test(path)).length;
const failed = ({ findings }: Report) => findings.filter((one) => one.status !== "pass").map(({ check }) => check);
const firstStep = ({ change }: Report) => change?.steps[0];

describe("into a folder", () => {
  test("it stands there as in its bucket, proved, with its manifest", async () => {
    const world = await anArchive();
    const to = aFolder();
    const report = await fetchTo(world, `${to}/`);
    expect(exitCodeOf(report, true)).toBe(0);
    expect(report.findings.find(({ check }) => check === "archive/fetched")).toMatchObject({ status: "pass" });
    for (const [name, text] of Object.entries(BODIES)) expect(readFileSync(join(to, name), "utf8")).toBe(text);
    const key = `atlas/core/${PERIOD}/manifest.json`;
    const { text } = await (await world.context.s3()).getText({ bucket: "litally-archive", key }, 1e6);
    expect(readFileSync(join(to, "manifest.json"), "utf8")).toBe(text);
    expect(readdirSync(to, { recursive: true }).filter((name) => String(name).endsWith(".partial"))).toEqual([]);
  });

  test("again, it is checked where it lies, and nothing is read from S3", async () => {
    const world = await anArchive();
    const to = aFolder();
    await fetchTo(world, to);
    const before = bodyReads(world.s3);
    const again = await fetchTo(world, to);
    expect(exitCodeOf(again, true)).toBe(0);
    expect(firstStep(again)?.result).toEqual({ sizeBytes: 6500, reusedBytes: 6500 });
    expect(bodyReads(world.s3)).toBe(before);
  });

  test.each([
    ["of another length", "short"],
    ["with one byte that is not right", `${aBody("one").slice(0, -1)}!`],
  ])("a file %s that lies there is left as it is", async (_, text) => {
    const world = await anArchive();
    const to = aFolder();
    await fetchTo(world, to);
    writeFileSync(join(to, SHARD_0), text);
    const report = await fetchTo(world, to);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(firstStep(report)?.message).toMatch(/rs-0\.tar\.gz: .* is there already and is left as it is/);
    expect(readFileSync(join(to, SHARD_0), "utf8")).toBe(text);
  });

  test("what an earlier run left is gone on with, as far as it is right", async () => {
    const world = await anArchive();
    const to = aFolder();
    mkdirSync(join(to, SHARD_0, ".."), { recursive: true });
    writeFileSync(join(to, `${SHARD_0}.partial`), `${BODIES[SHARD_0]?.slice(0, 3000)}rubbish`);
    const report = await fetchTo(world, to);
    expect(firstStep(report)?.result).toEqual({ sizeBytes: 6500, reusedBytes: 3000 });
    expect(readFileSync(join(to, SHARD_0), "utf8")).toBe(BODIES[SHARD_0]);
  });

  test("once it is thawed", async () => {
    const world = await anArchive({ storageClass: "DEEP_ARCHIVE" });
    const to = aFolder();
    const frozen = await fetchTo(world, to);
    expect(exitCodeOf(frozen, false)).toBe(3);
    expect(frozen.findings.find(({ check }) => check === "archive/readable")).toMatchObject({
      status: "fail",
      message: `of 2 objects: 2 frozen (${SHARD_0} and others)`,
      remedy: expect.stringContaining(`litally-ops archive thaw core ${PERIOD}`),
    });
    await world.run(thaw, { database: "core", slot: PERIOD, tier: "standard" });
    expect(exitCodeOf(await fetchTo(world, to), false)).toBe(3);
    expect(bodyReads(world.s3)).toBe(0);
    world.sandbox.advance(12 * HOUR_MS);
    expect(exitCodeOf(await fetchTo(world, to), false)).toBe(0);
  });
});

describe("is refused", () => {
  test("where another archive lies", async () => {
    const world = await anArchive();
    const to = aFolder();
    mkdirSync(to);
    writeFileSync(join(to, "manifest.json"), "{}");
    const report = await fetchTo(world, to);
    expect([exitCodeOf(report, false), failed(report)]).toEqual([3, ["archive/fetch-place"]]);
    expect(readdirSync(to)).toEqual(["manifest.json"]);
  });

  test("where there is too little room, but for what is there", async () => {
    const world = await anArchive();
    const to = aFolder();
    const withRoom = (bytes: number) => ({
      ...world.context,
      files: { ...world.context.files, room: async () => bytes },
    });
    const given = fetch.input.parse({ database: "core", slot: PERIOD, to });
    const report = await fetch.run(given, withRoom(6499));
    expect([exitCodeOf(report, false), failed(report)]).toEqual([3, ["archive/fetch-room"]]);
    expect(exitCodeOf(await fetch.run(given, withRoom(6500)), false)).toBe(0);
    expect(exitCodeOf(await fetch.run(given, withRoom(0)), false)).toBe(0);
  });

  test("where there is none", async () => {
    const world = await inWorld({ policy: policyIn() });
    const report = await fetchTo(world, aFolder());
    expect([exitCodeOf(report, false), failed(report)]).toEqual([3, ["archive/complete"]]);
  });

  test("with words that leave open what is meant", async () => {
    const world = await anArchive();
    await expect(fetchTo(world, "")).rejects.toMatchObject({ kind: "usage" });
    await expect(fetchTo(world, aFolder(), { object: SHARD_0 })).rejects.toThrow("--object goes with --to - alone");
    await expect(stream(world)).rejects.toThrow("the archive has 2 objects");
    await expect(stream(world, { object: "rs-7" })).rejects.toThrow("--object: no rs-7");
  });
});

describe("what is not what was archived", () => {
  const damaged: ArchiveGiven = {
    bodies: { [SHARD_0]: `${aBody("one").slice(0, 2500)}!${aBody("one").slice(2501)}`, [SHARD_1]: aBody("another") },
    lie: (manifest) => {
      const objects = manifest.objects.map((object) =>
        object.key.endsWith(SHARD_0) ? describeObject(object.key, aBody("one"), object.versionId) : object,
      );
      return { ...manifest, objects, merkleRoot: rootOver(objects) };
    },
  };

  test("never gets its name in a folder, and is named by object and part", async () => {
    const to = aFolder();
    const report = await fetchTo(await anArchive(damaged), to);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(firstStep(report)).toMatchObject({ state: "failed", message: expect.stringMatching(/rs-0.*part 3 of 5/) });
    expect(
      readdirSync(to, { recursive: true })
        .map(String)
        .filter((name) => /\.tar\.gz$|manifest/.test(name)),
    ).toEqual([]);
    expect(report.findings.map(({ check }) => check)).not.toContain("archive/fetched");
  });

  test("ends a stream before its damaged part is over", async () => {
    const { report } = await stream(await anArchive(damaged), { object: SHARD_0 });
    expect(exitCodeOf(report, false)).toBe(4);
  });
});

test("an archive of which S3 does not know that it has rotted is found out by fetching it", async () => {
  const policy = policyIn().replace("since: 2026-11", "since: 2026-10");
  const world = await inWorld({ world: "archive-rotten", policy, hasArchives: true });
  const names = { database: "core", slot: "2026-10" };
  await world.run(thaw, { ...names, tier: "standard" });
  world.sandbox.advance(12 * HOUR_MS);
  const report = await world.run(fetch, { ...names, to: aFolder() });
  expect(report.findings.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(exitCodeOf(report, false)).toBe(4);
  expect(firstStep(report)?.message).toMatch(/part 1 of 1 .* is not what was archived/);
});

describe("through stdout", () => {
  test("one object comes whole and proved", async () => {
    const { report, got } = await stream(await anArchive(), { object: SHARD_1 });
    expect(got).toBe(BODIES[SHARD_1]);
    expect(exitCodeOf(report, true)).toBe(0);
    expect(report.findings.at(-1)).toMatchObject({ check: "archive/fetched", status: "pass" });
  });

  test("the only one needs no name, and is proved by the root of the archive", async () => {
    const world = await inWorld({ policy: policyIn() });
    const bodies = { [SHARD_0]: aBody("one") };
    const { merkleRoot } = await storeArchive(world.context, { storageClass: "STANDARD_IA", bodies });
    const { report, got } = await stream(world);
    expect(got).toBe(bodies[SHARD_0]);
    expect(report.findings.at(-1)?.evidence).toEqual({ expected: merkleRoot, actual: merkleRoot });
  });

  test("whoever ends it early has a fetch that failed", async () => {
    const output = { forBytes: () => () => Promise.reject(new Error("EPIPE")) };
    const { report } = await stream(await anArchive(), { object: SHARD_0 }, { output });
    expect(exitCodeOf(report, false)).toBe(4);
  });
});
