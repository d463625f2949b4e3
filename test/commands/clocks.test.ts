/** A wrong clock makes no backup look fresh, and none stale: what the two clocks do not agree on is unknown. */
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../src/core/duration.ts";
import { SANDBOX_CREDENTIALS, startSandbox } from "../../src/sandbox/sandbox.ts";
import { policyText, verify } from "../support/verify.ts";

const NOW = new Date("2026-11-22T02:00:00Z");
const SEED = {
  projectId: "5a4db0c5a4db0c5a4db0c5a4",
  databases: [
    {
      cluster: "litally-core",
      continuousWindowDays: null,
      snapshots: [{ frequency: "daily", retentionValue: 30, retentionUnit: "days" }],
      copies: [],
      masterKeys: [],
    },
  ],
} as const;

/** What is said of the age where our clock is `ahead` of Atlas's. */
async function ageWithClock(world: string, aheadMs: number) {
  const sandbox = await startSandbox({ world, seed: SEED, startAt: NOW, elapsedMs: () => 0 });
  try {
    const { findings } = await verify({
      url: sandbox.url,
      now: new Date(NOW.getTime() + aheadMs),
      policy: policyText("snapshots: [{ frequency: daily, retain: 30d }]"),
      credentials: SANDBOX_CREDENTIALS,
      input: { only: ["snapshot-age"] },
    });
    return Object.fromEntries(findings.map(({ check, status }) => [check, status]));
  } finally {
    await sandbox.close();
  }
}

test.each([
  ["healthy", 0, { "backup/snapshot-age": "pass" }],
  ["healthy", 30 * MINUTE_MS, { "backup/snapshot-age": "pass", "backup/clock-skew": "unknown" }],
  ["healthy", 20 * HOUR_MS, { "backup/snapshot-age": "unknown", "backup/clock-skew": "unknown" }],
  ["stale", -60 * HOUR_MS, { "backup/snapshot-age": "unknown", "backup/clock-skew": "unknown" }],
  ["stale", 60 * HOUR_MS, { "backup/snapshot-age": "fail", "backup/clock-skew": "unknown" }],
])("%s, our clock %d ms ahead", async (world, aheadMs, expected) => {
  expect(await ageWithClock(world, aheadMs)).toEqual(expected);
});
