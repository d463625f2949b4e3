/** Archives from the look to the manifest, over real HTTP, in the sandbox's Atlas and S3; cut off at every request. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import { parseManifest } from "../../src/commands/archive-manifest.ts";
import * as push from "../../src/commands/archive-push.ts";
import type { Report } from "../../src/core/report.ts";
import type { Manifest } from "../../src/rules/archive/manifest.ts";
import { ARCHIVE_POLICY, ARCHIVE_WORLD, archiveWorld } from "../support/archives.ts";
import type { Fate, Sent } from "../support/counter.ts";
import { stepsOf } from "../support/restores.ts";
import { openWorld, type WorldRun } from "../support/world.ts";

const BUCKET = "litally-archive";
const GIVEN = { databases: ["core"] };

async function versionsIn({ context }: WorldRun) {
  return (await context.s3()).listVersions(BUCKET, "");
}

async function manifestIn(world: WorldRun): Promise<Manifest> {
  const key = "atlas/core/2026-10/manifest.json";
  const { text } = await (await world.context.s3()).getText({ bucket: BUCKET, key }, 1e6);
  return parseManifest(text, key);
}

const finding = (report: Report, check: string) => report.findings.find((one) => one.check === check);
const partsSent = (s3: readonly Sent[]) =>
  s3.filter(({ method, path, status }) => method === "PUT" && path.includes("partNumber=") && status === 200);
const ordered = (sent: readonly Sent[]) =>
  sent.filter(({ method, path, status }) => method === "POST" && path.endsWith("/restoreJobs") && status !== 401);

describe("a push", () => {
  it("archives the period that ended last, whole, locked and proved", async () => {
    const world = await archiveWorld();
    const report = await world.run(push, GIVEN);
    expect(report.findings.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(exitCodeOf(report, true)).toBe(0);
    expect(stepsOf(report)).toEqual(["done", "done", "done"]);
    const manifest = await manifestIn(world);
    expect(manifest).toMatchObject({
      period: "2026-10",
      slots: ["2026-10"],
      via: "download",
      storageClass: "DEEP_ARCHIVE",
      lock: { mode: "COMPLIANCE", retainUntil: new Date("2031-11-01T00:00:00Z") },
      pushedBy: "anna@build-7",
    });
    const [object] = manifest.objects;
    expect(object).toMatchObject({ sizeBytes: expect.any(Number), isStructureChecked: true });
    expect(object?.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(object?.partSha256s).toHaveLength(3);
    expect(partsSent(world.s3)).toHaveLength(3);
    expect(ordered(world.sent)).toHaveLength(1);
  });

  it("finds nothing to do the next night, and asks Atlas for nothing", async () => {
    const world = await archiveWorld();
    await world.run(push, GIVEN);
    const again = await world.run(push, GIVEN);
    expect(again.change).toEqual({ state: "none", steps: [] });
    expect(exitCodeOf(again, true)).toBe(0);
    expect(ordered(world.sent)).toHaveLength(1);
  });

  it("only shows what it would do in a dry run", async () => {
    const world = await archiveWorld();
    expect(exitCodeOf(await world.run(push, { ...GIVEN, dryRun: true }), false)).toBe(5);
    expect(await versionsIn(world)).toEqual([]);
    expect(ordered(world.sent)).toEqual([]);
  });

  it("owes nothing before the first period has ended", async () => {
    const world = await archiveWorld({ policy: ARCHIVE_POLICY.replace("since: 2026-10", "since: 2026-11") });
    const report = await world.run(push, GIVEN);
    expect(finding(report, "archive/owed")).toMatchObject({ status: "pass" });
    expect(exitCodeOf(report, false)).toBe(0);
  });

  it.each<[object, string]>([
    [{ slot: "2026-09" }, "before the first month"],
    [{ slot: "2026" }, "the policy declares no yearly slots"],
    [{ slot: "October" }, "no slot"],
    [{ via: "road" }, "no road"],
  ])("%j is a usage error: %s", async (given) => {
    const world = await archiveWorld();
    await expect(world.run(push, { ...GIVEN, ...given })).rejects.toMatchObject({ kind: "usage" });
  });

  it("is refused where the source was missed, and makes nothing of a later snapshot", async () => {
    const world = await archiveWorld({ policy: ARCHIVE_POLICY.replace("dueWithin: 25d", "dueWithin: 1h") });
    const report = await world.run(push, GIVEN);
    expect(finding(report, "archive/snapshot")).toMatchObject({ status: "fail" });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(ordered(world.sent)).toEqual([]);
    expect(await versionsIn(world)).toEqual([]);
  });

  it("is refused in another account than the policy's", async () => {
    const world = await archiveWorld({
      policy: ARCHIVE_POLICY.replace("111122223333", "999988887777"),
      seed: ARCHIVE_POLICY,
    });
    const report = await world.run(push, GIVEN);
    expect(finding(report, "archive/account")).toMatchObject({ status: "fail" });
    expect(exitCodeOf(report, false)).toBe(3);
    expect(ordered(world.sent)).toEqual([]);
  });
});

/** A machine that dies with a request: before the server has it, or before the answer is here. Then it says nothing more. */
function deathAt(index: number, how: Fate): { readonly fate: () => Fate } {
  let seen = 0;
  return {
    fate: () => {
      seen += 1;
      if (seen < index) return "passes";
      return seen === index ? how : "lost";
    },
  };
}

/** Every request in turn takes minutes: some of them, others every day, and as many as are asked for. */
const KILLS = Number(process.env["ARCHIVE_KILLS"] ?? 12);

describe("a push that is cut off", () => {
  it(`at any of ${KILLS} requests is gone on with: one archive, the same root, nothing sent twice`, async () => {
    const reference = await openWorld(ARCHIVE_WORLD);
    await reference.run(push, GIVEN);
    const whole = reference.sent.length + reference.s3.length;
    const { merkleRoot } = await manifestIn(reference);
    await reference.close();
    const points = fc.sample(fc.tuple(fc.integer({ min: 1, max: whole }), fc.constantFrom(...HOWS)), KILLS);
    for (const [index, how] of points) {
      const at = `${how} at request ${index} of ${whole}`;
      const { fate } = deathAt(index, how);
      const dying = await openWorld({ ...ARCHIVE_WORLD, onSent: fate, onS3: fate });
      await dying.run(push, GIVEN).catch(() => undefined);
      const survivor = await openWorld({ ...ARCHIVE_WORLD, at: dying.sandbox });
      await assertNoHollowManifest(survivor, at);
      const report = await survivor.run(push, { ...GIVEN, takeOver: true });
      expect(exitCodeOf(report, false), `${at}: ${JSON.stringify(report.change)}`).toBe(0);
      expect((await manifestIn(survivor)).merkleRoot, at).toBe(merkleRoot);
      const manifests = (await versionsIn(survivor)).filter(({ key }) => key.endsWith("manifest.json"));
      expect(manifests, at).toHaveLength(1);
      const arrived = partsSent([...dying.s3, ...survivor.s3]).map(({ path }) => path);
      expect(new Set(arrived).size, at).toBe(arrived.length);
      await survivor.close();
      await dying.close();
    }
  }, 1_800_000);
});

it("that is stopped says how it goes on", async () => {
  const world = await archiveWorld({ abortAfterMs: 1 });
  const report = await world.run(push, GIVEN);
  expect(exitCodeOf(report, false)).toBe(4);
  expect(stepsOf(report)).toEqual(["unwatched", "not-done", "not-done"]);
  expect(report.change?.steps[0]?.next).toBe("litally-ops archive push core --slot 2026-10");
});

const HOWS = ["lost", "unheard"] as const;

/** All parts have arrived; nothing has become of them. */
function diesAtTheEnd(): (sent: Sent) => Fate {
  let isDead = false;
  return ({ method, path }) => {
    isDead ||= method === "POST" && path.includes("uploadId=");
    return isDead ? "lost" : "passes";
  };
}

/** A manifest names nothing that is not there. */
async function assertNoHollowManifest(looking: WorldRun, at: string): Promise<void> {
  const versions = await versionsIn(looking);
  if (!versions.some(({ key }) => key.endsWith("manifest.json"))) return;
  const { objects } = await manifestIn(looking);
  for (const { key, versionId } of objects)
    expect(
      versions.some((one) => one.key === key && one.versionId === versionId),
      `${at}: ${key}`,
    ).toBe(true);
}

describe("two pushes at once", () => {
  it("the second is refused, and says who is at work", async () => {
    const first = await archiveWorld({ onS3: diesAtTheEnd() });
    await first.run(push, GIVEN).catch(() => undefined);
    const second = await archiveWorld({ at: first.sandbox });
    const report = await second.run(push, GIVEN);
    expect(finding(report, "archive/nobody-else")).toMatchObject({
      status: "fail",
      message: expect.stringMatching(/^anna@build-7 is at work on it/),
    });
    expect(exitCodeOf(report, false)).toBe(3);
    second.sandbox.advance(11 * 60_000);
    expect(exitCodeOf(await second.run(push, GIVEN), false)).toBe(0);
  });

  it("side by side leave one archive, whoever was first", async () => {
    const one = await archiveWorld();
    const other = await archiveWorld({ at: one.sandbox });
    const reports = await Promise.all([one, other].map((world) => world.run(push, { ...GIVEN, takeOver: true })));
    expect(reports.map((report) => exitCodeOf(report, false)).toSorted()[0]).toBe(0);
    const manifests = (await versionsIn(one)).filter(({ key }) => key.endsWith("manifest.json"));
    expect(manifests).toHaveLength(1);
    expect(exitCodeOf(await one.run(push, GIVEN), false)).toBe(0);
  });
});

describe("by the export road", () => {
  const BY_EXPORT = { ...GIVEN, via: "export" };
  const exportsOrdered = (sent: readonly Sent[]) =>
    sent.filter(({ method, path, status }) => method === "POST" && path.endsWith("/exports") && status !== 401);

  it("S3 copies what Atlas has written; nothing of it flows through here", async () => {
    const world = await archiveWorld();
    const report = await world.run(push, BY_EXPORT);
    expect(report.findings.filter(({ status }) => status !== "pass")).toEqual([]);
    expect(exitCodeOf(report, true)).toBe(0);
    const { via, objects } = await manifestIn(world);
    expect(via).toBe("export");
    expect(objects.some(({ key }) => key.endsWith("/.complete"))).toBe(true);
    expect(objects.filter(({ key }) => key.endsWith(".json.gz")).length).toBeGreaterThan(5);
    expect(exportsOrdered(world.sent)).toHaveLength(1);
    const read = world.s3.filter(
      ({ method, path }) => method === "GET" && path.includes(".json.gz") && !path.includes("?"),
    );
    expect(read).toEqual([]);
  });

  it.each([
    ["no-export-bucket", 3, /no export bucket/],
    ["export-fails", 4, /failed/i],
    ["export-unmarked", 4, /complete/i],
    ["export-miscounted", 4, /counts/],
  ])("in the world %s ends in %d, and no manifest is written", async (name, code, told) => {
    const world = await archiveWorld({ world: name });
    const report = await world.run(push, BY_EXPORT);
    expect(exitCodeOf(report, false), JSON.stringify(report.change)).toBe(code);
    const said = [...report.findings, ...(report.change?.steps ?? [])].map(({ message }) => message).join("\n");
    expect(said).toMatch(told);
    expect((await versionsIn(world)).some(({ key }) => key.endsWith("manifest.json"))).toBe(false);
  });

  it("that is not waited for ends well at once, and a later push goes on with it by its id", async () => {
    const world = await archiveWorld();
    const begun = await world.run(push, { ...BY_EXPORT, wait: false });
    expect([begun.change?.state, exitCodeOf(begun, true)]).toEqual(["running", 0]);
    expect(stepsOf(begun)).toEqual(["running", "planned", "planned"]);
    expect(begun.change?.steps[0]).toMatchObject({ next: "litally-ops archive push core --slot 2026-10" });
    const left = await world.run(push, { ...BY_EXPORT, wait: false, takeOver: true });
    expect([left.change?.state, left.change?.steps[0]?.result]).toEqual(["running", begun.change?.steps[0]?.result]);
    world.sandbox.advance(3_600_000);
    const done = await world.run(push, { ...BY_EXPORT, wait: false });
    expect([stepsOf(done), exitCodeOf(done, true)]).toEqual([["done", "done", "done"], 0]);
    expect(done.change?.steps[0]?.result).toMatchObject(begun.change?.steps[0]?.result ?? {});
    expect(exportsOrdered(world.sent)).toHaveLength(1);
  });

  it("that goes on hides no database beside it that was not archived", async () => {
    const second =
      "archive: financial\n  - { name: lost, cluster: litally-lost, snapshots: [{ frequency: daily, retain: 30d }], archive: financial }";
    const policy = ARCHIVE_POLICY.replace("archive: financial", second);
    const world = await archiveWorld({ policy, seed: ARCHIVE_POLICY });
    const report = await world.run(push, { databases: ["core", "lost"], via: "export", wait: false });
    expect(stepsOf(report)?.[0]).toBe("running");
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["failed", 4]);
  });

  it("that goes on hides no archive beside it that is not as the policy says", async () => {
    const second =
      "archive: financial\n  - { name: scratch, cluster: litally-scratch, snapshots: [{ frequency: daily, retain: 30d }], archive: financial }";
    const policy = ARCHIVE_POLICY.replace("archive: financial", second);
    const world = await archiveWorld({ policy });
    expect(exitCodeOf(await world.run(push, { ...BY_EXPORT }), false)).toBe(0);
    const longer = await archiveWorld({ at: world.sandbox, policy: policy.replace("retain: 5y", "retain: 6y") });
    const report = await longer.run(push, { databases: ["core", "scratch"], via: "export", wait: false });
    expect(stepsOf(report)?.[0]).toBe("running");
    expect(finding(report, "archive/lock")).toMatchObject({
      status: "fail",
      subject: "archive/financial/core/2026-10",
    });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["running", 4]);
  });

  it(`cut off at any of ${KILLS} requests is gone on with: one export, one archive, the same root`, async () => {
    const reference = await openWorld(ARCHIVE_WORLD);
    await reference.run(push, BY_EXPORT);
    const whole = reference.sent.length + reference.s3.length;
    const { merkleRoot } = await manifestIn(reference);
    await reference.close();
    for (const [index, how] of fc.sample(
      fc.tuple(fc.integer({ min: 1, max: whole }), fc.constantFrom(...HOWS)),
      KILLS,
    )) {
      const at = `${how} at request ${index} of ${whole}`;
      const { fate } = deathAt(index, how);
      const dying = await openWorld({ ...ARCHIVE_WORLD, onSent: fate, onS3: fate });
      await dying.run(push, BY_EXPORT).catch(() => undefined);
      const survivor = await openWorld({ ...ARCHIVE_WORLD, at: dying.sandbox });
      await assertNoHollowManifest(survivor, at);
      const report = await survivor.run(push, { ...BY_EXPORT, takeOver: true });
      expect(exitCodeOf(report, false), `${at}: ${JSON.stringify(report.change)}`).toBe(0);
      expect((await manifestIn(survivor)).merkleRoot, at).toBe(merkleRoot);
      const taken = exportsOrdered([...dying.sent, ...survivor.sent]).filter(({ status }) => status === 200);
      expect(taken, at).toHaveLength(1);
      await survivor.close();
      await dying.close();
    }
  }, 1_800_000);
});
