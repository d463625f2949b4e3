/** Archives to come, under the rules of their bucket. */
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import type { LifecycleRule } from "../../../src/ports/s3.ts";
import { archiveSupply } from "../../../src/rules/retention/supply-archives.ts";
import type { Reading } from "../../../src/rules/retention/supply-snapshots.ts";
import { anArchive, aRule } from "../archive/build.ts";
import { aDatabase } from "../build.ts";
import { HOME } from "./build.ts";

const NOW_MS = Date.parse("2026-11-23T04:00:00Z");

function planned(rule: Partial<LifecycleRule>, reading: Reading = "pessimistic") {
  const archive = anArchive();
  const { supply } = archiveSupply({
    archive,
    series: { archive, database: aDatabase() },
    madeFrom: HOME,
    months: new Map(),
    bucket: known({
      versioning: known("enabled"),
      objectLock: known({ defaultRetention: null }),
      lifecycle: known([aRule(rule)]),
      publicAccessBlocked: known(true),
      region: known("ap-south-1"),
      encryption: known(null),
    }),
    region: "ap-south-1",
    accountId: "111122223333",
    nowMs: NOW_MS,
    untilMs: NOW_MS + 365 * DAY_MS,
    reading,
  });
  return supply.points;
}

describe("archives to come", () => {
  it.each([["atlas/"], ["atlas/core/"], ["atlas/core/2026-12/"], ["atlas/core/2026-12/manifest.json"]])(
    "are hidden by a rule for %s, which is where they will stand",
    (prefix) => {
      const december = planned({ prefix, expiration: { days: 30 } }).find(({ month }) => month === "2026-12");
      expect(december?.removedBy).toContain("lifecycle rule");
    },
  );

  it("are left alone by a rule for another database", () => {
    const points = planned({ prefix: "atlas/ledger/", expiration: { days: 30 } });
    expect(points.length).toBeGreaterThan(10);
    expect(points.every(({ removedBy }) => removedBy === null)).toBe(true);
  });

  it("are counted by rules from the day on which they come: at worst early, at best late", () => {
    const december = (reading: Reading) =>
      planned({ prefix: "atlas/", expiration: { days: 30 } }, reading).find(({ month }) => month === "2026-12");
    expect(december("pessimistic")).toMatchObject({
      fromMs: Date.parse("2027-01-06T00:00:00Z"),
      untilMs: Date.parse("2027-02-01T00:00:00Z"),
    });
    expect(december("optimistic")).toMatchObject({
      fromMs: Date.parse("2027-01-01T12:00:00Z"),
      untilMs: Date.parse("2027-02-05T00:00:00Z"),
    });
  });

  it("are made of the cluster, and no more once that is lost", () => {
    expect(planned({ prefix: "other/" }).every(({ madeFrom }) => madeFrom === HOME)).toBe(true);
  });
});
