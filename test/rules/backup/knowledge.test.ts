/**
 * Three-valued truth of the rules as a whole: knowing less may turn a verdict into `unknown`, and into nothing else.
 * So a field that goes missing can neither make a bad backup pass nor a good one fail.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { runChecks } from "../../../src/core/check.ts";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import { type Finding, type Status, worst } from "../../../src/core/report.ts";
import type { Snapshot } from "../../../src/ports/atlas.ts";
import { BACKUP_CHECKS } from "../../../src/rules/backup/checks.ts";
import type { BackupFacts } from "../../../src/rules/backup/facts.ts";
import {
  aCluster,
  aCopySetting,
  aDatabase,
  ago,
  anItem,
  aSchedule,
  aSnapshot,
  dailies,
  duration,
  entry,
  facts,
  GONE,
  ITEM_IDS,
  KEY,
  members,
  NOW,
  REGION,
} from "../build.ts";

/** `facts` once for each observed field in them, with that field not known. */
function* weakened<T>(value: T, where = ""): Generator<{ readonly where: string; readonly value: T }> {
  if (typeof value !== "object" || value === null || value instanceof Date) return;
  if ("known" in value && value.known === true) yield { where, value: GONE as T }; // a NotKnown fits wherever a Known does
  if ("known" in value && value.known === false) return;
  for (const [key, child] of Object.entries(value)) {
    for (const next of weakened(child, `${where}.${key}`)) {
      const copy = Array.isArray(value) ? value.with(Number(key), next.value) : { ...value, [key]: next.value };
      yield { where: next.where, value: copy as T }; // the same shape with one field replaced
    }
  }
}

function verdicts(of: BackupFacts): ReadonlyMap<string, Finding> {
  const all = runChecks(BACKUP_CHECKS, of, "cluster/litally-core");
  return new Map(all.map((finding) => [`${finding.check} ${finding.scope ?? ""}`, finding]));
}

/** What knowing less changed that it must not. */
function violations(of: BackupFacts): readonly string[] {
  const full = verdicts(of);
  return [...weakened(of)].flatMap(({ where, value }) =>
    [...verdicts(value)].flatMap(([key, { status, message }]) => {
      const before: Status | undefined = full.get(key)?.status;
      if (status === "unknown" || status === before) return [];
      return [`without ${where}, ${key} turns from ${before} to ${status}: ${message}`];
    }),
  );
}

const SHARDED = { type: "SHARDED", shards: [{ zoneId: "zone-1" }, { zoneId: "zone-2" }] } as const;
const EVERYTHING = {
  snapshots: [entry("hourly", "2d"), entry("daily", "7d")],
  continuousBackup: { window: duration("2d") },
  copies: [{ region: REGION, frequencies: ["daily" as const], oplogs: true }],
};

const hourlies = (count: number) =>
  Array.from({ length: count }, (_, index) => aSnapshot("hourly", index * 6 * HOUR_MS + 2 * HOUR_MS));
const without = (snapshots: readonly Snapshot[], ...indexes: readonly number[]) =>
  snapshots.filter((_, index) => !indexes.includes(index));
const replaced = (snapshots: readonly Snapshot[], index: number, snapshot: Snapshot) => snapshots.with(index, snapshot);

const WORLDS: readonly (readonly [string, BackupFacts])[] = [
  ["healthy", facts()],
  ["healthy with everything", facts({ database: EVERYTHING, snapshots: [...hourlies(8), ...dailies(7)] })],
  ["no snapshot at all", facts({ snapshots: [] })],
  ["only hourly ones", facts({ snapshots: hourlies(20) })],
  ["a hole", facts({ snapshots: without(dailies(7), 3) })],
  ["the newest missing", facts({ snapshots: without(dailies(7), 0, 1) })],
  ["a young cluster", facts({ cluster: aCluster({ createdAt: ago(3 * DAY_MS) }), snapshots: dailies(3) })],
  ["a newborn cluster", facts({ cluster: aCluster({ createdAt: ago(HOUR_MS) }), snapshots: [] })],
  [
    "a young cluster with everything",
    facts({
      database: EVERYTHING,
      cluster: aCluster({ createdAt: ago(40 * HOUR_MS) }),
      snapshots: [...hourlies(6), ...dailies(1)],
    }),
  ],
  ["a failed newest", facts({ snapshots: [aSnapshot("daily", HOUR_MS, { status: "failed" }), ...dailies(7)] })],
  ["an old failure", facts({ snapshots: [aSnapshot("daily", 30 * HOUR_MS, { status: "failed" }), ...dailies(7)] })],
  [
    "a failed daily answered by a weekly",
    facts({
      snapshots: [
        aSnapshot("weekly", 8 * HOUR_MS, { policyItemIds: [ITEM_IDS.daily, ITEM_IDS.weekly] }),
        aSnapshot("daily", 9 * HOUR_MS, { status: "failed" }),
        ...without(dailies(7), 0),
      ],
    }),
  ],
  ["one in progress", facts({ snapshots: [aSnapshot("daily", HOUR_MS, { status: "inProgress" }), ...dailies(7)] })],
  ["one stuck", facts({ snapshots: [aSnapshot("daily", 3 * HOUR_MS, { status: "queued" }), ...dailies(7)] })],
  [
    "a fallback newest",
    facts({ snapshots: replaced(dailies(7), 0, aSnapshot("daily", 8 * HOUR_MS, { kind: "fallback" })) }),
  ],
  [
    "an empty snapshot",
    facts({ snapshots: replaced(dailies(7), 3, aSnapshot("daily", 80 * HOUR_MS, { sizeBytes: 0 })) }),
  ],
  [
    "a shrunken newest",
    facts({ snapshots: replaced(dailies(7), 0, aSnapshot("daily", 8 * HOUR_MS, { sizeBytes: 9 })) }),
  ],
  [
    "a short-lived snapshot",
    facts({ snapshots: replaced(dailies(7), 2, aSnapshot("daily", 56 * HOUR_MS, { expiresAt: ago(-HOUR_MS) })) }),
  ],
  ["too short a schedule", facts({ schedule: aSchedule({ items: [anItem("hourly", 7), anItem("daily", 6)] }) })],
  ["no daily item", facts({ schedule: aSchedule({ items: [anItem("hourly", 7)] }) })],
  [
    "a strange key",
    facts({ snapshots: replaced(dailies(7), 4, aSnapshot("daily", 104 * HOUR_MS, { masterKeyId: KEY })) }),
  ],
  ["paused", facts({ cluster: aCluster({ paused: true }) })],
  ["gone", facts({ cluster: null, schedule: GONE, snapshots: GONE })],
  ["no copies", facts({ database: EVERYTHING, snapshots: [...hourlies(8), ...dailies(7, { copyRegions: [] })] })],
  [
    "no copy settings",
    facts({
      database: EVERYTHING,
      schedule: aSchedule({ copySettings: [] }),
      snapshots: [...hourlies(8), ...dailies(7)],
    }),
  ],
  [
    "a count of copies",
    facts({
      database: EVERYTHING,
      schedule: aSchedule({ copySettings: [aCopySetting({ frequencies: [], lastNumberOfSnapshots: 2 })] }),
      snapshots: [...hourlies(8), ...dailies(7)],
    }),
  ],
  ["a sparse hourly series", facts({ database: EVERYTHING, snapshots: [...hourlies(2), ...dailies(7)] })],
  ["nothing since so lately", facts({ since: ago(5 * HOUR_MS) })],
  [
    "a failed hourly and dailies",
    facts({ snapshots: [aSnapshot("hourly", 9 * HOUR_MS, { status: "failed" }), ...dailies(7)] }),
  ],
  ["encrypted no more", facts({ snapshots: [...dailies(2), aSnapshot("daily", 80 * HOUR_MS, { masterKeyId: KEY })] })],
  [
    "no restore window, and none to be had",
    facts({
      database: EVERYTHING,
      cluster: aCluster({ pitEnabled: false }),
      schedule: aSchedule({ restoreWindowDays: null }),
    }),
  ],
  [
    "copies kept too short",
    facts({
      database: EVERYTHING,
      schedule: aSchedule({
        copySettings: [aCopySetting({ retentions: [{ frequency: "daily", retention: { value: 6, unit: "days" } }] })],
      }),
    }),
  ],
  [
    "sharded, the config server lacking",
    facts({
      cluster: aCluster(SHARDED),
      snapshots: replaced(
        dailies(3, { members: members(1, 2) }),
        1,
        aSnapshot("daily", 32 * HOUR_MS, {
          members: [...members(1, 2), { id: "c", replicaSetName: "litally-core-config-0" }],
        }),
      ),
    }),
  ],
  [
    "sharded, a member failed",
    facts({
      cluster: aCluster(SHARDED),
      snapshots: dailies(1, { members: members(1, 2) }),
      memberSnapshots: known([aSnapshot("daily", 8 * HOUR_MS, { id: "member-1", status: "failed" })]),
    }),
  ],
  [
    "sharded, the config server gone with the expired",
    facts({
      cluster: aCluster(SHARDED),
      snapshots: [
        aSnapshot("daily", 8 * HOUR_MS, { members: members(1, 2) }),
        aSnapshot("daily", 32 * HOUR_MS, {
          expiresAt: ago(HOUR_MS),
          members: [...members(1, 2), { id: "c", replicaSetName: "litally-core-config-0" }],
        }),
      ],
    }),
  ],
  [
    "a surplus item",
    facts({
      schedule: aSchedule({ items: [anItem("daily", 7), anItem("daily", 3, { id: "extra" })] }),
      snapshots: [
        ...dailies(7),
        aSnapshot("daily", 20 * HOUR_MS, { policyItemIds: ["extra"], expiresAt: ago(-2 * DAY_MS) }),
      ],
    }),
  ],
  [
    "by hand, and one stale hourly",
    facts({
      database: EVERYTHING,
      snapshots: [
        aSnapshot("hourly", 10 * HOUR_MS),
        ...[1, 25, 49].map((hours) =>
          aSnapshot("daily", hours * HOUR_MS, { kind: "onDemand", frequency: null, policyItemIds: [] }),
        ),
      ],
    }),
  ],
  [
    "newborn under since",
    facts({ cluster: aCluster({ createdAt: ago(HOUR_MS) }), snapshots: [], since: ago(10 * HOUR_MS) }),
  ],
  [
    "older than it says",
    facts({
      cluster: aCluster({ createdAt: ago(3 * DAY_MS) }),
      snapshots: [...dailies(3), aSnapshot("daily", 6 * DAY_MS, { status: "failed" })],
    }),
  ],
  ["sharded", facts({ cluster: aCluster(SHARDED), snapshots: dailies(7, { members: members(1, 2) }) })],
  [
    "sharded, one unit lacks a shard",
    facts({
      cluster: aCluster(SHARDED),
      snapshots: replaced(
        dailies(7, { members: members(1, 2) }),
        5,
        aSnapshot("daily", 128 * HOUR_MS, { members: members(1) }),
      ),
    }),
  ],
  [
    "sharded since lately",
    facts({
      cluster: aCluster(SHARDED),
      snapshots: [...dailies(3, { members: members(1, 2) }), ...dailies(7, { members: members(1) }).slice(3)],
    }),
  ],
  [
    "sharded, copies of members",
    facts({
      database: EVERYTHING,
      cluster: aCluster(SHARDED),
      schedule: aSchedule({ copySettings: [aCopySetting(), aCopySetting({ zoneId: "zone-2" })] }),
      snapshots: dailies(7, { members: members(1, 2), copyRegions: null }),
      memberSnapshots: known([
        aSnapshot("daily", 8 * HOUR_MS, { id: "member-1" }),
        aSnapshot("daily", 8 * HOUR_MS, { id: "member-2" }),
      ]),
    }),
  ],
];

describe("knowing less", () => {
  test.each(WORLDS)("turns no verdict but into unknown: %s", (_, world) => {
    expect(violations(world)).toEqual([]);
  });

  test("hides in every world at least the cluster, the schedule, the snapshots and their fields", () => {
    expect([...weakened(facts())].length).toBeGreaterThan(7 * 12);
  });
});

const aRandomSnapshot = fc
  .record({
    ageHours: fc.integer({ min: 0, max: 200 }),
    frequency: fc.constantFrom("hourly", "daily", "weekly"),
    status: fc.constantFrom("completed", "completed", "completed", "failed", "inProgress", "queued"),
    kind: fc.constantFrom("scheduled", "scheduled", "scheduled", "onDemand", "fallback"),
    items: fc.subarray([ITEM_IDS.hourly, ITEM_IDS.daily]),
    keptHours: fc.constantFrom(1, 100, 168, 400),
    sizeBytes: fc.constantFrom(0, 10e9, 30e9, 40e9, 48e9, 48e9, 50e9, 120e9),
    copied: fc.boolean(),
    key: fc.constantFrom(null, null, null, KEY),
    shards: fc.constantFrom([1], [1, 2], [1, 2], [1, 2, 3]),
  })
  .map((it) =>
    aSnapshot(it.frequency, it.ageHours * HOUR_MS, {
      status: it.status,
      kind: it.kind,
      frequency: it.kind === "onDemand" ? null : it.frequency,
      policyItemIds: it.kind === "onDemand" ? [] : [...new Set([ITEM_IDS[it.frequency], ...it.items])],
      expiresAt: ago((it.ageHours - it.keptHours) * HOUR_MS),
      sizeBytes: it.sizeBytes,
      copyRegions: it.copied ? [REGION] : [],
      masterKeyId: it.key,
      members: members(...it.shards),
    }),
  );

const ageDaysOf = ({ createdAt }: Snapshot) =>
  createdAt.known ? (NOW.getTime() - createdAt.value.getTime()) / DAY_MS : 0;

const aRandomWorld = fc
  .record({
    type: fc.constantFrom("REPLICASET", "SHARDED"),
    ageDays: fc.constantFrom(0.1, 1, 3, 6, 400),
    paused: fc.boolean(),
    state: fc.constantFrom("IDLE", "UPDATING", "REPAIRING", "DELETING"),
    provider: fc.constantFrom("NONE", "AWS", null),
    items: fc.subarray([
      anItem("hourly", 2, { interval: 1 }),
      anItem("daily", 7),
      anItem("daily", 3),
      anItem("weekly", 28),
    ]),
    settings: fc.subarray([
      aCopySetting(),
      aCopySetting({ zoneId: "zone-2" }),
      aCopySetting({ frequencies: ["hourly"] }),
    ]),
    snapshots: fc.array(aRandomSnapshot, { maxLength: 9 }),
    dailies: fc.constantFrom(0, 5, 7, 8),
    database: fc.record({
      snapshots: fc.subarray([entry("hourly", "2d"), entry("daily", "7d"), entry("weekly", "4w")], { minLength: 1 }),
      encryption: fc.constantFrom({}, {}, { encryption: { masterKeys: [KEY] } }),
    }),
  })
  .map((it) =>
    facts({
      database: {
        ...EVERYTHING,
        ...aDatabase().objectives,
        snapshots: it.database.snapshots,
        ...it.database.encryption,
      },
      cluster: aCluster({
        type: it.type,
        createdAt: ago(Math.max(it.ageDays, it.dailies, ...it.snapshots.map(ageDaysOf)) * DAY_MS),
        paused: it.paused,
        state: it.state,
        encryptionAtRestProvider: it.provider,
        shards: it.type === "SHARDED" ? SHARDED.shards : [{ zoneId: "zone-1" }],
      }),
      schedule: aSchedule({ items: it.items, copySettings: it.settings }),
      snapshots: [...dailies(it.dailies, { members: it.type === "SHARDED" ? members(1, 2) : null }), ...it.snapshots],
    }),
  );

describe("in any world", () => {
  test("knowing less turns no verdict but into unknown", () => {
    fc.assert(
      fc.property(aRandomWorld, (world) => {
        expect(violations(world)).toEqual([]);
      }),
      { numRuns: 120 },
    );
  }, 60_000);

  test("each check gives a verdict with a message, a remedy where it does not pass, and never throws", () => {
    fc.assert(
      fc.property(aRandomWorld, (world) => {
        const all = runChecks(BACKUP_CHECKS, world, "cluster/litally-core");
        expect(worst(all)).not.toBe(undefined);
        for (const { status, message, remedy } of all) {
          expect(message).not.toMatch(/undefined|NaN|\[object/);
          expect(remedy === undefined).toBe(status === "pass");
        }
      }),
    );
  });

  test("an order of the snapshots' own changes nothing", () => {
    fc.assert(
      fc.property(aRandomWorld, fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })), (world, random) => {
        if (!world.snapshots.known) return;
        const weights = new Map(world.snapshots.value.map((snapshot) => [snapshot, random.next().value]));
        const shuffled = [...world.snapshots.value].sort((a, b) => (weights.get(a) ?? 0) - (weights.get(b) ?? 0));
        const statuses = (of: BackupFacts) => [...verdicts(of)].map(([key, { status }]) => [key, status]);
        const ages = world.snapshots.value.map(({ createdAt }) => (createdAt.known ? createdAt.value.getTime() : NOW));
        fc.pre(new Set(ages).size === ages.length); // of two taken in one instant neither is the newest
        expect(statuses({ ...world, snapshots: known(shuffled) })).toEqual(statuses(world));
      }),
    );
  });
});
