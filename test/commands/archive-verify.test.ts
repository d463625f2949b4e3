/** Archives looked at and read back, over real HTTP, in the sandbox's S3: what is asked, what is written, and what is said. */
import { describe, expect, test } from "vitest";
import * as list from "../../src/commands/archive-list.ts";
import * as verify from "../../src/commands/archive-verify.ts";
import type { Report } from "../../src/core/report.ts";
import { BUCKET_CHECKS } from "../../src/rules/archive/bucket.ts";
import { inWorld, POLICY, type WorldOptions, type WorldRun } from "../support/world.ts";

const ARCHIVES = (more = "") => `${POLICY}    archive: financial
aws: { accountId: "111122223333", region: us-east-1 }
archives:
  - name: financial
    bucket: litally-archive
    prefix: atlas/
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots: [{ frequency: monthly, retain: 5y }, { frequency: quarterly, retain: 5y }]
    since: 2026-07
    dueWithin: 5d
${more}`;

const inArchives = (options: WorldOptions = {}) => inWorld({ policy: ARCHIVES(), hasArchives: true, ...options });
const ALL = { databases: [], deep: "1/1" };
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What is not well, as `fail archive/lock 2026-10: ...`. */
function troubles({ findings }: Report): readonly string[] {
  return findings
    .filter(({ status }) => status !== "pass")
    .map(({ status, check, subject, message }) => `${status} ${check} ${subject.split("/").at(-1)}: ${message}`);
}

function steps({ change }: Report): readonly string[] {
  return change?.steps.map(({ state, summary }) => `${state} ${summary.split(":")[0]}`) ?? [];
}

function stateOf(world: WorldRun, month: string): Promise<unknown> {
  const address = { bucket: "litally-archive", key: `atlas/core/deep/${month}.json` };
  return world.context.s3().then(async (s3) => JSON.parse((await s3.getText(address, 10_000)).text));
}

describe("archive verify", () => {
  test("asks for the bucket once, for a list once, and twice for each object; nothing is written", async () => {
    const world = await inArchives();
    const report = await world.run(verify, { databases: [] });
    expect(troubles(report)).toEqual([]);
    const [reads, others] = [world.s3.filter(({ method }) => method === "GET" || method === "HEAD"), world.s3.length];
    expect(reads).toHaveLength(others);
    const asked = (pattern: RegExp) => world.s3.filter(({ method, path }) => pattern.test(`${method} ${path}`)).length;
    expect(asked(/\?.*versions/)).toBe(1);
    expect(asked(/\?.*uploads/)).toBe(1);
    expect(asked(/^GET .*manifest\.json/)).toBe(4);
    expect(asked(/^HEAD .*tar\.gz/)).toBe(4);
    expect(asked(/^GET .*tar\.gz\?.*attributes/)).toBe(4);
    expect(asked(/\?.*versioning/)).toBe(1);
    expect(world.s3.length).toBeLessThanOrEqual(7 + 2 + 4 * 4);
  });

  test("of two databases in one bucket, the bucket and who we are are asked for once", async () => {
    const two = ARCHIVES().replace(
      "aws:",
      "  - { name: ledger, cluster: litally-ledger, archive: financial, snapshots: [{ frequency: daily, retain: 30d }] }\naws:",
    );
    const world = await inArchives({ policy: two });
    const { findings } = await world.run(verify, { databases: [] });
    expect(findings.filter(({ check }) => check === "archive/account")).toHaveLength(1);
    expect(findings.filter(({ check }) => check === "archive/strays")).toHaveLength(2);
    expect(world.s3.filter(({ path }) => path.includes("versioning"))).toHaveLength(1);
    expect(world.requests.filter((line) => line.startsWith("POST / "))).toHaveLength(1);
  });

  test("of very many objects under one key, KMS is asked for it once, whatever the bucket calls it", async () => {
    for (const name of ["archive-key-pending-deletion", "archive-key-disabled"]) {
      const world = await inArchives({ world: name });
      const { findings } = await world.run(verify, { databases: [] });
      expect(findings.filter(({ check }) => check === "archive/object-keys").length).toBeGreaterThan(0);
      expect(world.aws.filter(({ operation }) => operation === "DescribeKey")).toHaveLength(1);
    }
  });

  test("is unknown throughout where the bucket may not be listed", async () => {
    const world = await inArchives({ world: "archive-forbidden" });
    const { findings } = await world.run(verify, { databases: [] });
    const of = findings.filter(({ check }) => !BUCKET_CHECKS.some(({ id }) => id === check));
    expect(of.map(({ check, status }) => `${status} ${check}`)).toEqual([
      "unknown archive/slot",
      "pass archive/orphaned-uploads",
      "unknown archive/strays",
      "unknown archive/known-slots",
    ]);
  });

  test("judges reading back where the policy promises it, or the flag", async () => {
    const promised = await inArchives({ policy: ARCHIVES("    reread: 2mo\n") });
    const late = ["2026-07", "2026-08"].map(
      (month, index) =>
        `fail archive/deep-read ${month}: never read back; it was due by 2026-${10 + index}-01 12:00:00 UTC`,
    );
    expect(troubles(await promised.run(verify, { databases: [] }))).toEqual(late);
    expect(troubles(await promised.run(verify, { databases: [], within: "1y" }))).toEqual([]);
    const not = await inArchives();
    const { findings } = await not.run(verify, { databases: [] });
    expect(findings.filter(({ check }) => check === "archive/deep-read")).toEqual([]);
  });
});

describe("archive verify --deep", () => {
  test("thaws first, waits, reads, and then leaves them be", async () => {
    const world = await inArchives({ policy: ARCHIVES("    reread: 1y\n") });
    const asked = await world.run(verify, { ...ALL, maxCost: "0.01" });
    expect(steps(asked)).toEqual(MONTHS.map((month) => `done ask S3 to thaw core ${month}`));
    expect(asked.change).toMatchObject({ state: "done", isAside: true });
    expect(await stateOf(world, "2026-10")).toMatchObject({
      thawAskedAt: expect.stringMatching(/^2026/),
      lastRead: null,
    });

    world.sandbox.advance(HOUR_MS);
    const waiting = await world.run(verify, ALL);
    expect(steps(waiting)).toEqual([]);
    expect(said(waiting, "archive/deep-turn")).toMatch(/^4 of this turn: 4 thawing since 2026-11-22 02:00:\d\d UTC/);

    world.sandbox.advance(2 * DAY_MS);
    const read = await world.run(verify, ALL);
    expect(steps(read)).toEqual(MONTHS.map((month) => `done read core ${month} back`));
    expect(troubles(read)).toEqual([]);
    const ofMonth = read.findings.filter(({ check }) => check === "archive/deep-read").map(({ message }) => message);
    expect(ofMonth).toEqual(MONTHS.map(() => expect.stringMatching(/^last read back on 2026-11-24 /)));
    expect(await stateOf(world, "2026-10")).toMatchObject({ thawAskedAt: null, lastRead: { wrong: [] } });

    const again = await world.run(verify, ALL);
    expect(steps(again)).toEqual([]);
    expect(said(again, "archive/deep-turn")).toBe("4 of this turn: 4 read back not long ago");
  });

  test("finds what S3 does not know, names the part, and keeps finding it", async () => {
    const world = await inArchives({ world: "archive-rotten" });
    expect(troubles(await world.run(verify, ALL))).toEqual([]);
    world.sandbox.advance(3 * DAY_MS);
    const named =
      /^fail archive\/deep-read 2026-10: what was read on .* is not what was archived: atlas\/core\/2026-10\/.*\.tar\.gz: part 1$/;
    expect(troubles(await world.run(verify, ALL))).toEqual([expect.stringMatching(named)]);
    expect(troubles(await world.run(verify, { databases: [] }))).toEqual([expect.stringMatching(named)]);
  });

  test("asks for nothing beyond --max-cost, and for nothing in a dry run", async () => {
    const world = await inArchives();
    const dear = await world.run(verify, { ...ALL, maxCost: "0" });
    expect(dear.change?.state).toBe("refused");
    expect(troubles(dear)).toEqual([
      expect.stringMatching(/^fail archive\/deep-cost archive: \$0\.01 .* more than \$0\.00$/),
    ]);
    expect((await world.run(verify, { ...ALL, dryRun: true })).change?.state).toBe("planned");
    expect(world.s3.filter(({ method }) => method !== "GET" && method !== "HEAD")).toEqual([]);
  });

  test("of two runs that read at once, one writes; the other says so", async () => {
    let isWatched = false;
    const world: WorldRun = await inArchives({
      onS3: async ({ method, path }) => {
        if (!isWatched || method !== "PUT" || !path.includes("/deep/")) return;
        isWatched = false;
        await (await inArchives({ at: world.sandbox })).run(verify, ALL);
      },
    });
    await world.run(verify, ALL);
    world.sandbox.advance(3 * DAY_MS);
    isWatched = true;
    const { change } = await world.run(verify, ALL);
    expect(change?.state).toBe("failed");
    expect(change?.steps[0]).toMatchObject({ state: "failed", message: expect.stringContaining("another run") });
    expect(await stateOf(world, "2026-07")).toMatchObject({ lastRead: { wrong: [] } });
  });

  test("every archive has its turn in one of them", async () => {
    const world = await inArchives();
    const turns = [];
    for (const turn of [1, 2, 3])
      turns.push(steps(await world.run(verify, { ...ALL, deep: `${turn}/3`, dryRun: true })));
    expect(turns.flat().toSorted()).toEqual(MONTHS.map((month) => `planned ask S3 to thaw core ${month}`));
  });
});

describe("archive list", () => {
  test("has a row for each slot, the newest first, from the manifests alone", async () => {
    const world = await inArchives({ world: "archive-missing" });
    const { items, findings } = await list.run(list.input.parse({ databases: [] }), world.context);
    expect(items.map(({ slot, state }) => `${slot} ${state}`)).toEqual([
      "2026-10 missing",
      "2026-09 complete",
      "2026-Q3 complete",
      "2026-08 complete",
      "2026-07 complete",
    ]);
    expect(items[1]).toMatchObject({
      via: "download",
      storageClass: "DEEP_ARCHIVE",
      lockedUntil: "2031-10-01T00:00:00.000Z",
    });
    expect(items[0]).toMatchObject({ snapshotId: null, sizeBytes: null });
    expect(findings).toEqual([]);
    expect(world.s3.filter(({ method }) => method === "HEAD")).toEqual([]);
  });

  test.each([
    ["archive-late", "2026-07 late"],
    ["archive-hidden", "2026-10 hidden"],
    ["archive-manifest-damaged", "2026-10 unknown"],
    ["archive-forbidden", "2026-10 unknown"],
  ])("in the world %s: %s", async (name, expected) => {
    const world = await inArchives({ world: name });
    const { items, findings, missing } = await list.run(list.input.parse({ databases: [] }), world.context);
    expect(items.map(({ slot, state }) => `${slot} ${state}`)).toContain(expected);
    const unknown = items.filter(({ state }) => state === "unknown");
    expect(findings.map(({ status }) => status)).toEqual(unknown.map(() => "unknown"));
    expect(missing).toHaveLength(name === "archive-forbidden" ? 1 : 0);
  });

  test("before the end of a period's time it is due, and of an archive that no slot asks for it says what it is", async () => {
    const world = await inArchives({
      world: "archive-missing",
      policy: ARCHIVES().replace("dueWithin: 5d", "dueWithin: 27d"),
    });
    const rows = async () => (await list.run(list.input.parse({ databases: [] }), world.context)).items;
    expect((await rows())[0]).toMatchObject({ slot: "2026-10", state: "due" });
    world.sandbox.advance(10 * DAY_MS);
    expect((await rows()).map(({ slot, state }) => `${slot} ${state}`).slice(0, 2)).toEqual([
      "2026-11 due",
      "2026-10 missing",
    ]);
    const younger = await inArchives({ at: world.sandbox, policy: ARCHIVES().replace("2026-07", "2026-09") });
    const { items } = await list.run(list.input.parse({ databases: [] }), younger.context);
    expect(items.at(-1)).toMatchObject({ slot: "2026-07", state: "complete" });
  });
});

const MONTHS = ["2026-07", "2026-08", "2026-09", "2026-10"];

function said({ findings }: Report, check: string): string | undefined {
  return findings.find((finding) => finding.check === check)?.message;
}
