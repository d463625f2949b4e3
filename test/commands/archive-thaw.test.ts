/** Thawing an archive of the sandbox's S3, under its clock: what is asked for, what is told, and what is refused. */
import { describe, expect, test } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as status from "../../src/commands/archive-status.ts";
import * as thaw from "../../src/commands/archive-thaw.ts";
import { HOUR_MS } from "../../src/core/duration.ts";
import type { Listing, Report } from "../../src/core/report.ts";
import type { Fate, Sent } from "../support/counter.ts";
import {
  type ArchiveGiven,
  aBody,
  PERIOD,
  policyIn,
  SHARD_0,
  SHARD_1,
  storeArchive,
} from "../support/stored-archives.ts";
import { inWorld, type WorldOptions, type WorldRun } from "../support/world.ts";

const DAY_MS = 24 * HOUR_MS;

interface Archive {
  readonly world: WorldRun;
  thaw(given?: object): Promise<Report>;
  status(): Promise<Listing>;
  /** Requests for readable copies that reached S3. */
  asked(): number;
}

async function anArchive(given: ArchiveGiven = {}, options: WorldOptions = {}): Promise<Archive> {
  const world = await inWorld({ policy: policyIn(), ...options });
  await storeArchive(world.context, given);
  const names = { database: "core", slot: PERIOD };
  return {
    world,
    thaw: (more = {}) => world.run(thaw, { ...names, ...more }),
    status: () => status.run(status.input.parse(names), world.context),
    asked: () => world.s3.filter(isThaw).length,
  };
}

const isThaw = ({ method, path }: Sent) => method === "POST" && path.includes("restore");
const states = ({ items }: Listing) => items.map(({ state }) => state);
const failed = ({ findings }: Report) => findings.filter((one) => one.status !== "pass").map(({ check }) => check);
const firstStep = ({ change }: Report) => change?.steps[0];

describe("a frozen archive", () => {
  test("is asked for whole, thaws, is readable, and is frozen again", async () => {
    const archive = await anArchive();
    expect(states(await archive.status())).toEqual(["frozen", "frozen"]);
    const report = await archive.thaw();
    expect(report.change?.state).toBe("running");
    expect(exitCodeOf(report, false)).toBe(0);
    expect(firstStep(report)).toMatchObject({
      result: { started: [SHARD_0, SHARD_1] },
      next: `litally-ops archive status core ${PERIOD}`,
    });
    expect(states(await archive.status())).toEqual(["thawing", "thawing"]);
    archive.world.sandbox.advance(48 * HOUR_MS);
    const ready = await archive.status();
    expect(states(ready)).toEqual(["readable", "readable"]);
    expect(ready.summary).toContain("2 of 2 objects readable");
    expect(ready.items[0]?.["readableUntil"]).toBe("2026-12-02T00:00:00.000Z");
    expect(exitCodeOf(ready, false)).toBe(0);
    archive.world.sandbox.advance(9 * DAY_MS);
    expect(states(await archive.status())).toEqual(["frozen", "frozen"]);
  });

  test("is said to be how frozen, how long and how dear before anything is asked", async () => {
    const archive = await anArchive({}, { policy: policyIn("us-east-1") });
    const report = await archive.thaw({ dryRun: true, days: "30" });
    expect(exitCodeOf(report, false)).toBe(5);
    const { details = [] } = firstStep(report) ?? {};
    expect(details.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      "objects: 2 of 2: 6.5 KB of DEEP_ARCHIVE",
      "readable: within 48 h: by 2026-11-24 02:00:00 UTC",
      "copies: each stays 30 days once it is there; none goes before 2026-12-22 02:00:00 UTC",
      expect.stringMatching(/^cost: at most \$0\.01 by the prices of /),
    ]);
    expect(archive.asked()).toBe(0);
  });

  test("fills a quarter too", async () => {
    const archive = await anArchive();
    expect((await archive.thaw({ slot: "2026-Q2" })).change?.state).toBe("running");
    expect(archive.asked()).toBe(2);
  });
});

describe("asked again", () => {
  test("while it thaws: nothing is asked for, but in a faster tier", async () => {
    const archive = await anArchive();
    await archive.thaw();
    const again = await archive.thaw();
    expect(again.change?.state).toBe("none");
    expect(exitCodeOf(again, false)).toBe(0);
    expect(archive.asked()).toBe(2);
    expect(firstStep(await archive.thaw({ tier: "standard" }))?.result).toEqual({ started: [SHARD_0, SHARD_1] });
    expect(firstStep(await archive.thaw({ tier: "standard" }))?.result).toEqual({ inProgress: [SHARD_0, SHARD_1] });
    archive.world.sandbox.advance(12 * HOUR_MS);
    expect(states(await archive.status())).toEqual(["readable", "readable"]);
  });

  test("once it is readable: only where the copies would go too soon", async () => {
    const archive = await anArchive();
    await archive.thaw();
    archive.world.sandbox.advance(48 * HOUR_MS);
    expect((await archive.thaw()).change?.state).toBe("none");
    expect((await archive.thaw({ days: "3" })).change?.state).toBe("none");
    const longer = await archive.thaw({ days: "30" });
    expect(longer.change?.state).toBe("done");
    expect(exitCodeOf(longer, false)).toBe(0);
    expect(firstStep(longer)?.result).toEqual({ extended: [SHARD_0, SHARD_1] });
    expect((await archive.status()).items[0]?.["readableUntil"]).toBe("2026-12-25T00:00:00.000Z");
  });

  test("of a class that is always at hand: there is nothing to do", async () => {
    const archive = await anArchive({ storageClass: "GLACIER_IR" });
    expect(states(await archive.status())).toEqual(["at-hand", "at-hand"]);
    const report = await archive.thaw();
    expect(report.change?.state).toBe("none");
    expect(failed(report)).toEqual([]);
  });
});

describe("is refused, and nothing is asked for", () => {
  test.each<[string, string, ArchiveGiven | null, object, string?]>([
    ["where there is no archive", "archive/complete", null, {}],
    ["in a tier that the class has not", "archive/thaw-tier", {}, { tier: "expedited" }],
    ["where nobody knows the cost", "archive/thaw-cost", {}, { maxCost: "1000" }],
    ["where it costs more", "archive/thaw-cost", {}, { maxCost: "0" }, "us-east-1"],
    [
      "where the manifest is another's",
      "archive/manifest-sound",
      { lie: (one) => ({ ...one, period: "2026-05" }) },
      {},
    ],
    [
      "where the manifest names what is no object of it",
      "archive/manifest-sound",
      {
        lie: (one) => ({
          ...one,
          objects: one.objects.map((object) => ({ ...object, key: "atlas/other/secret.tar.gz" })).slice(0, 1),
        }),
      },
      {},
    ],
    [
      "where an object is gone",
      "archive/objects-there",
      { lie: (one) => ({ ...one, objects: one.objects.map((object) => ({ ...object, versionId: "gone" })) }) },
      {},
    ],
  ])("%s", async (_, check, given, flags, region) => {
    const world = await inWorld({ policy: policyIn(region) });
    if (given !== null) await storeArchive(world.context, given);
    const report = await world.run(thaw, { database: "core", slot: PERIOD, ...flags });
    expect(failed(report)).toContain(check);
    expect(exitCodeOf(report, false)).toBe(3);
    expect(world.s3.filter(isThaw)).toEqual([]);
  });

  test("where S3 does not say how frozen it is", async () => {
    const heads = (sent: Sent): Fate => (sent.method === "HEAD" ? "lost" : "passes");
    const archive = await anArchive({}, { onS3: heads });
    const report = await archive.thaw();
    expect(exitCodeOf(report, false)).toBe(2);
    expect(archive.asked()).toBe(0);
    const shown = await archive.status();
    expect(exitCodeOf(shown, false)).toBe(2);
    expect(shown.missing.length).toBe(2);
  });

  test.each<[object, RegExp]>([
    [{ slot: "June" }, /is no slot/],
    [{ tier: "quick" }, /is no tier/],
    [{ days: "0" }, /is no number of days/],
    [{ days: "1.5" }, /is no number of days/],
    [{ maxCost: "-1" }, /no amount of US dollars/],
    [{ database: "reports" }, /keeps database reports in no archive/],
  ])("with wrong words: %o", async (given, message) => {
    await expect((await anArchive()).thaw(given)).rejects.toThrow(message);
  });
});

describe("where it does not go well", () => {
  const onFirst = (fate: Fate) => {
    let turns = 0;
    return (sent: Sent): Fate => {
      if (!isThaw(sent)) return "passes";
      turns += 1;
      return turns === 1 ? fate : "passes";
    };
  };

  test("a request that was lost leaves the rest asked for, and the same command again does what is left", async () => {
    const archive = await anArchive({}, { onS3: onFirst("lost") });
    const report = await archive.thaw();
    expect(exitCodeOf(report, false)).toBe(4);
    const step = firstStep(report);
    expect(step?.message).toMatch(/^asked for 1 of 2 objects; the same command again asks for the rest: /);
    const { started, notAsked } = step?.result ?? {};
    expect([started, notAsked].flat().sort()).toEqual([SHARD_0, SHARD_1]);
    expect(firstStep(await archive.thaw())?.result).toEqual({ started: notAsked });
  });

  test("an answer that nobody heard is looked up, and nothing is asked for twice", async () => {
    const archive = await anArchive({}, { onS3: onFirst("unheard") });
    const report = await archive.thaw();
    expect(report.change?.state).toBe("running");
    expect(firstStep(report)?.result).toEqual({ started: [SHARD_0, SHARD_1] });
    expect(archive.asked()).toBe(2);
  });

  test("none that was heard: a person must look", async () => {
    const archive = await anArchive({}, { onS3: (sent) => (isThaw(sent) ? "lost" : "passes") });
    const report = await archive.thaw();
    expect(exitCodeOf(report, false)).toBe(4);
    expect(firstStep(report)?.state).toBe("unclear");
  });
});

test("the status of what is there in part tells of each object, and of what is not there", async () => {
  const bodies = { [SHARD_0]: aBody("one") };
  const archive = await anArchive({
    bodies,
    lie: (one) => ({
      ...one,
      objects: [
        ...one.objects,
        ...one.objects.map((object) => ({ ...object, key: object.key.replace("rs-0", "rs-9") })),
      ],
    }),
  });
  const shown = await archive.status();
  expect(states(shown)).toEqual(["frozen", "missing"]);
  expect(exitCodeOf(shown, false)).toBe(1);
});

test("there is no status of what is not there", async () => {
  const world = await inWorld({ policy: policyIn() });
  const asked = status.run({ database: "core", slot: PERIOD }, world.context);
  await expect(asked).rejects.toMatchObject({ kind: "not-found", message: "there is no archive of core for 2026-06" });
});
