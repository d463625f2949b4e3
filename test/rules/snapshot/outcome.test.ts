/** What came out of a snapshot by hand: each check at its boundary, and what it says where it cannot know. */
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import { snapshotOutcome } from "../../../src/rules/snapshot/outcome.ts";
import {
  aCluster,
  aCopySetting,
  ago,
  aSchedule,
  aSnapshot,
  dailies,
  facts,
  GONE,
  KEY,
  members,
  REGION,
  ZONE,
} from "../build.ts";

type Given = Parameters<typeof aSnapshot>[2];

const mine = (given: Given = {}): Snapshot =>
  aSnapshot("daily", HOUR_MS, {
    id: "mine",
    kind: "onDemand",
    frequency: null,
    policyItemIds: [],
    copyRegions: [],
    expiresAt: new Date(ago(HOUR_MS).getTime() + 3 * DAY_MS),
    ...given,
  });

type World = NonNullable<Parameters<typeof facts>[0]>;

function outcome(given: Given = {}, world: World = {}, retentionDays: number | null = 3) {
  const backup: BackupFacts = facts({ snapshots: [...dailies(5), mine(given)], ...world });
  return snapshotOutcome({ backup, snapshotId: "mine", retentionDays }, "cluster/litally-core");
}

const only = (findings: ReturnType<typeof outcome>, id: string) =>
  findings.filter(({ check }) => check === `snapshot/${id}`);
const said = (findings: ReturnType<typeof outcome>, id: string) =>
  only(findings, id).map(({ status, message }) => `${status}: ${message}`);
const COULD_NOT = "unknown: could not find out: this field is gone";

it("a good one passes everything that is asked of it, under its own name", () => {
  const findings = outcome();
  expect(findings.map(({ check, status }) => [check, status])).toEqual([
    ["snapshot/completed", "pass"],
    ["snapshot/size", "pass"],
    ["snapshot/expiry", "pass"],
  ]);
  expect(new Set(findings.map(({ subject, scope }) => `${subject} ${scope}`))).toEqual(
    new Set(["cluster/litally-core mine"]),
  );
});

describe("completed", () => {
  it.each([
    ["completed", {}, "pass: completed, taken 2026-11-22 01:00:00 UTC"],
    ["completed, nobody can say when", { createdAt: GONE }, "pass: completed"],
    ["of a kind that cannot be read", { kind: GONE }, COULD_NOT],
    [
      "a fallback",
      { kind: "fallback" },
      "fail: completed, but as a fallback, which may be inconsistent: it is no backup to rely on",
    ],
    ["failed", { status: "failed" }, "fail: Atlas says that it failed"],
    ["queued", { status: "queued" }, "unknown: it is still queued"],
    ["in progress", { status: "inProgress" }, "unknown: it is still inProgress"],
    ["unreadable", { status: GONE }, COULD_NOT],
  ] as const)("where it is %s", (_, given, expected) => {
    expect(said(outcome(given), "completed")).toEqual([expected]);
  });

  it("tells what to do next: watch it, or find out why and take another", () => {
    expect(only(outcome({ status: "queued" }), "completed")[0]?.remedy).toBe(
      "look at it again: litally-ops backup watch core mine",
    );
    expect(only(outcome({ status: "failed" }), "completed")[0]?.remedy).toBe(
      "find out why: atlas events projects list; then take another: litally-ops backup snapshot core",
    );
  });

  it.each(["failed", "queued", "inProgress"] as const)("nothing else is said of one that is %s", (status) => {
    expect(outcome({ status }).map(({ check }) => check)).toEqual(["snapshot/completed"]);
  });

  it("where it cannot be told which or whether, nothing passes", () => {
    const missing = "unknown: could not find out: snapshot mine is not among the cluster's snapshots";
    for (const id of ["completed", "size", "shards", "expiry", "encryption", "copies"]) {
      expect(said(outcome({}, { snapshots: GONE }), id)).toEqual([COULD_NOT]);
      expect(said(outcome({}, { snapshots: dailies(5) }), id)).toEqual([missing]);
    }
    expect(
      outcome({ status: GONE })
        .filter(({ status }) => status === "pass")
        .map(({ check }) => check),
    ).toEqual(["snapshot/expiry"]);
  });
});

describe("size", () => {
  it.each([
    ["none", 0, "fail: it holds 0 bytes"],
    ["untold", null, "unknown: Atlas does not tell the size of snapshot mine"],
    ["unreadable", GONE, COULD_NOT],
  ])("%s", (_, sizeBytes, expected) => {
    expect(said(outcome({ sizeBytes }), "size")).toEqual([expected]);
  });

  it("far below those before it fails, and it is not to be relied on", () => {
    const [finding] = only(outcome({ sizeBytes: 1_000_000_000 }), "size");
    expect(finding).toMatchObject({
      status: "fail",
      message: expect.stringContaining("2 % of the median of the 5 days before it"),
      remedy: "if data was dropped on purpose, note it; if not, do not rely on this snapshot",
    });
  });

  it("is compared with those alone whose size is known and more than nothing", () => {
    const snapshots = [
      ...dailies(3),
      ...[0, null, GONE].map((sizeBytes, n) => aSnapshot("daily", (6 + n) * DAY_MS, { sizeBytes })),
      mine(),
    ];
    expect(said(outcome({}, { snapshots }), "size")[0]).toMatch(/^pass: .* the median of the 3 days before it/);
  });
});

describe("shards", () => {
  const cluster = aCluster({ type: "SHARDED", shards: [{ zoneId: ZONE }, { zoneId: ZONE }] });
  const on = (given: Given, of = cluster) => only(outcome(given, { cluster: of }), "shards");

  it("all of them, some, or nobody can say", () => {
    expect(on({ members: members(1, 2) })[0]).toMatchObject({
      status: "pass",
      message: "all 2 shards",
      evidence: { expected: 2, actual: 2 },
    });
    expect(on({ members: members(1) })[0]).toMatchObject({
      status: "fail",
      message: "it holds 1 of 2 shards",
      evidence: { expected: 2, actual: 1 },
      remedy: "take another: this one cannot be restored to the cluster as it is",
    });
    expect(on({ members: GONE })[0]).toMatchObject({
      status: "unknown",
      message: "which shards it holds cannot be read",
    });
    expect(on({ members: members(1, 2) }, aCluster({ type: GONE }))[0]?.status).toBe("unknown");
    expect(on({ members: members(1, 2) }, aCluster({ type: "SHARDED", shards: GONE }))[0]?.status).toBe("unknown");
  });

  it("are no question of a replica set, whatever is said of them", () => {
    expect(on({ members: GONE }, aCluster({ shards: GONE }))).toEqual([]);
  });
});

describe("expiry", () => {
  const keptMs = (ms: number) => ({ expiresAt: new Date(ago(HOUR_MS).getTime() + ms) });

  it.each([
    ["to the hour", 3 * DAY_MS - HOUR_MS, "pass: kept until 2026-11-25 00:00:00 UTC"],
    ["an instant less", 3 * DAY_MS - HOUR_MS - 1, "fail: it expires after 70 h 59 m, 3 days were asked for"],
    ["longer", 10 * DAY_MS, "pass: kept until 2026-12-02 01:00:00 UTC"],
  ])("as long as was asked: %s", (_, ms, expected) => {
    expect(said(outcome(keptMs(ms)), "expiry")).toEqual([expected]);
  });

  it("tells both lengths, and where it is lengthened", () => {
    expect(only(outcome(keptMs(DAY_MS)), "expiry")[0]).toMatchObject({
      evidence: { expected: "3d", actual: "24 h" },
      remedy: "lengthen it in Atlas: cluster litally-core, Backup, snapshot mine, Change Retention",
    });
    expect(only(outcome(keptMs(3 * DAY_MS)), "expiry")[0]?.evidence).toEqual({ expected: "3d", actual: "3 d" });
  });

  it("of one that somebody else asked for is told, not judged", () => {
    const [finding] = only(outcome(keptMs(HOUR_MS + 1000), {}, null), "expiry");
    expect(finding).toMatchObject({ status: "pass", message: "kept until 2026-11-22 02:00:01 UTC" });
    expect(finding?.evidence).toBeUndefined();
  });

  it("that is over fails, whoever asked", () => {
    for (const days of [null, 1])
      expect(said(outcome(keptMs(HOUR_MS), {}, days), "expiry")).toEqual(["fail: it expired 2026-11-22 02:00:00 UTC"]);
  });

  it.each([
    ["the expiry", { expiresAt: GONE }, COULD_NOT],
    ["any expiry", { expiresAt: null }, "unknown: Atlas names no expiry"],
    ["the time it was taken", { createdAt: GONE }, COULD_NOT],
  ])("is not known without %s", (_, given, expected) => {
    expect(said(outcome(given), "expiry")).toEqual([expected]);
  });
});

describe("encryption", () => {
  const database = { encryption: { masterKeys: ["other", KEY.toUpperCase()] } };
  const on = (masterKeyId: NonNullable<Given>["masterKeyId"]) =>
    only(outcome({ masterKeyId: masterKeyId ?? null }, { database }), "encryption");
  const expected = ["other", KEY];

  it("with a key that the policy names, in whatever case", () => {
    expect(on(KEY)[0]).toMatchObject({
      status: "pass",
      message: `with key ${KEY}`,
      evidence: { expected, actual: KEY },
    });
    expect(on(KEY.toUpperCase())[0]?.status).toBe("pass");
  });

  it("with another, with none, or nobody can say", () => {
    expect(on("strange")[0]).toMatchObject({
      status: "fail",
      message: "with key strange, which the policy does not name",
      evidence: { expected, actual: "strange" },
      remedy: "see encryption at rest of the project, and databases[name=core].encryption.masterKeys",
    });
    expect(on(null)[0]).toMatchObject({
      status: "fail",
      message: "it is not encrypted with a customer key",
      evidence: { expected, actual: null },
    });
    expect(on(GONE)[0]?.status).toBe("unknown");
  });
});

describe("copies", () => {
  const settings = (...copySettings: readonly ReturnType<typeof aCopySetting>[]) => ({
    schedule: aSchedule({ copySettings }),
  });
  const byHand = aCopySetting({ frequencies: ["daily", "onDemand"] });
  const counted = aCopySetting({ region: "eu-west-1", frequencies: [], lastNumberOfSnapshots: 5 });
  const on = (copyRegions: readonly string[] | null | typeof GONE, world: World) =>
    only(outcome({ copyRegions }, world), "copies");

  it("are a question only where the schedule copies what is taken by hand", () => {
    expect(on([], settings())).toEqual([]);
    expect(on([], settings(aCopySetting()))).toEqual([]);
    expect(on([], settings(aCopySetting({ frequencies: GONE, lastNumberOfSnapshots: GONE })))).toEqual([]);
  });

  it("are there", () => {
    expect(on([REGION, "eu-west-1"], settings(byHand, counted))[0]).toMatchObject({
      status: "pass",
      message: `copied to ${REGION}, eu-west-1`,
    });
  });

  it("come later: what is missing is named once, and how to look again", () => {
    expect(on([REGION], settings(byHand, counted))[0]).toMatchObject({
      status: "warn",
      message: "not copied to eu-west-1 yet: copies come after the snapshot itself",
      evidence: { expected: [REGION, "eu-west-1"], actual: [REGION] },
      remedy: "look at it again: litally-ops backup watch core mine",
    });
    expect(on([], settings(byHand, byHand, counted))[0]?.message).toMatch(`not copied to ${REGION}, eu-west-1 yet`);
  });

  it("are not known where Atlas does not tell of them, or of the settings", () => {
    expect(on(null, settings(byHand))[0]).toMatchObject({
      status: "unknown",
      message: "Atlas does not tell of its copies",
    });
    expect(on(GONE, settings(byHand))[0]?.status).toBe("unknown");
    expect(on([], { schedule: GONE })[0]?.status).toBe("unknown");
    expect(on([], { schedule: aSchedule({ copySettings: GONE }) })[0]?.status).toBe("unknown");
  });
});

it("a snapshot whose own id cannot be read is not taken for the one that was asked for", () => {
  const findings = outcome({}, { snapshots: [...dailies(2), mine({ id: GONE })] });
  expect(findings.map(({ status }) => status)).not.toContain("pass");
});
