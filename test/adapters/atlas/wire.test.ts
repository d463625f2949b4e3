import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { WireObject } from "../../../src/adapters/atlas/wire.ts";
import { parseCluster, parseFlexCluster } from "../../../src/adapters/atlas/wire-clusters.ts";
import { parseSchedule } from "../../../src/adapters/atlas/wire-schedule.ts";
import { parseFlexSnapshot, parseShardedSnapshot, parseSnapshot } from "../../../src/adapters/atlas/wire-snapshots.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known } from "../../../src/core/observed.ts";

const CLUSTER = {
  id: "66f0aa11bb22cc33dd44ee01",
  name: "litally-core",
  clusterType: "REPLICASET",
  stateName: "IDLE",
  paused: false,
  createDate: "2024-03-01T10:20:30Z",
  backupEnabled: true,
  pitEnabled: true,
  encryptionAtRestProvider: "AWS",
  replicationSpecs: [{ id: "66f0aa11bb22cc33dd44ee02", zoneId: "66f0aa11bb22cc33dd44ee03", zoneName: "Zone 1" }],
};
const FLEX = {
  id: "66f0aa11bb22cc33dd44ee04",
  name: "litally-dev",
  stateName: "CREATING",
  createDate: "2026-01-01T00:00:00+08:00",
  backupSettings: { enabled: true },
};
const SNAPSHOT = {
  id: "66f0aa11bb22cc33dd44ee05",
  type: "replicaSet",
  status: "completed",
  snapshotType: "scheduled",
  frequencyType: "daily",
  policyItems: ["66f0aa11bb22cc33dd44ee06"],
  createdAt: "2026-11-21T18:00:00Z",
  expiresAt: "2026-12-21T18:00:00Z",
  storageSizeBytes: 5_000_000_000,
  copyRegions: ["AP_SOUTHEAST_2", "eu-west-1"],
  masterKeyUUID: "0d1f2a3b-0000-4000-8000-000000000000",
  mongodVersion: "8.0.4",
};
const SHARDED = {
  ...SNAPSHOT,
  type: "shardedCluster",
  members: [{ cloudProvider: "AWS", id: "66f0aa11bb22cc33dd44ee07", replicaSetName: "shard-0" }],
};
const FLEX_SNAPSHOT = {
  id: "66f0aa11bb22cc33dd44ee08",
  status: "COMPLETED",
  startTime: "2026-11-21T18:00:00Z",
  scheduledTime: "2026-11-21T17:59:00Z",
  expiration: "2026-11-29T18:00:00Z",
  mongoDBVersion: "8.0.4",
};
const ITEM = {
  id: "66f0aa11bb22cc33dd44ee06",
  frequencyType: "daily",
  frequencyInterval: 1,
  retentionUnit: "days",
  retentionValue: 30,
};
const COPY = {
  cloudProvider: "AWS",
  regionName: "AP_SOUTHEAST_2",
  zoneId: "66f0aa11bb22cc33dd44ee03",
  frequencies: ["DAILY", "ON_DEMAND"],
  shouldCopyOplogs: true,
};
const SCHEDULE = {
  policies: [{ id: "66f0aa11bb22cc33dd44ee09", policyItems: [ITEM] }],
  restoreWindowDays: 7,
  copySettings: [COPY],
  nextSnapshot: "2026-11-22T18:00:00Z",
};

type Parse = (object: WireObject) => object;
const PARSERS: Record<string, readonly [Parse, WireObject]> = {
  cluster: [parseCluster, CLUSTER],
  "flex cluster": [parseFlexCluster, FLEX],
  snapshot: [parseSnapshot, SNAPSHOT],
  "sharded snapshot": [parseShardedSnapshot, SHARDED],
  "flex snapshot": [parseFlexSnapshot, FLEX_SNAPSHOT],
  schedule: [(object) => parseSchedule("litally-core", object), SCHEDULE],
};

/** The names of the fields that are not known. */
function unknowns(parsed: object): readonly string[] {
  return Object.entries(parsed).flatMap(([name, field]) => (isObserved(field) && !field.known ? [name] : []));
}

function isObserved(field: unknown): field is { readonly known: boolean } {
  return typeof field === "object" && field !== null && "known" in field;
}

function reasonOf(field: { readonly known: boolean; readonly reason?: OpsError }): string {
  if (field.known || field.reason === undefined) throw new Error("is known");
  expect(field.reason.kind).toBe("protocol");
  return field.reason.message;
}

describe("well-formed answers are read whole", () => {
  it("a cluster", () => {
    expect(parseCluster(CLUSTER)).toEqual({
      name: "litally-core",
      id: known("66f0aa11bb22cc33dd44ee01"),
      type: known("REPLICASET"),
      state: known("IDLE"),
      paused: known(false),
      createdAt: known(new Date("2024-03-01T10:20:30Z")),
      backupEnabled: known(true),
      pitEnabled: known(true),
      encryptionAtRestProvider: known("AWS"),
      freeTier: false,
      shards: known([{ zoneId: "66f0aa11bb22cc33dd44ee03" }]),
    });
  });

  it("a flex cluster", () => {
    expect(parseFlexCluster(FLEX)).toMatchObject({
      state: known("CREATING"),
      createdAt: known(new Date("2025-12-31T16:00:00Z")),
      backupEnabled: known(true),
    });
  });

  it("a snapshot", () => {
    expect(parseSnapshot(SNAPSHOT)).toEqual({
      id: known("66f0aa11bb22cc33dd44ee05"),
      type: known("replicaSet"),
      status: known("completed"),
      kind: known("scheduled"),
      frequency: known("daily"),
      policyItemIds: known(["66f0aa11bb22cc33dd44ee06"]),
      createdAt: known(new Date("2026-11-21T18:00:00Z")),
      expiresAt: known(new Date("2026-12-21T18:00:00Z")),
      sizeBytes: known(5_000_000_000),
      copyRegions: known(["ap-southeast-2", "eu-west-1"]),
      masterKeyId: known("0d1f2a3b-0000-4000-8000-000000000000"),
      mongodVersion: known("8.0.4"),
      members: known(null),
    });
  });

  it.each([
    ["TENANT", true],
    ["AWS", false],
  ])("a cluster of the provider %s", (providerName, freeTier) => {
    const replicationSpecs = [{ zoneId: "66f0aa11bb22cc33dd44ee03", regionConfigs: [{ providerName }] }];
    expect(parseCluster({ ...CLUSTER, replicationSpecs }).freeTier).toBe(freeTier);
  });

  it.each([0, 29, 41, 99])("a schedule item of interval %d is not known", (frequencyInterval) => {
    const { items } = parseSchedule("litally-core", {
      ...SCHEDULE,
      policies: [{ policyItems: [{ ...ITEM, frequencyInterval }] }],
    });
    expect(items.known && items.value[0]?.interval.known).toBe(false);
  });

  it("a sharded snapshot", () => {
    expect(parseShardedSnapshot(SHARDED).members).toEqual(
      known([{ id: "66f0aa11bb22cc33dd44ee07", replicaSetName: "shard-0" }]),
    );
  });

  it("an on-demand snapshot, which was taken for no item", () => {
    const { frequencyType: _f, policyItems: _p, ...rest } = SNAPSHOT;
    const parsed = parseSnapshot({ ...rest, snapshotType: "onDemand" });
    expect(parsed).toMatchObject({ frequency: known(null), policyItemIds: known([]), kind: known("onDemand") });
  });

  it("a snapshot labelled as on demand has no frequency", () => {
    expect(parseSnapshot({ ...SNAPSHOT, frequencyType: "ondemand" }).frequency).toEqual(known(null));
  });

  it.each([
    ["COMPLETED", "completed"],
    ["FAILED", "failed"],
    ["RUNNING", "inProgress"],
    ["PENDING", "queued"],
    ["QUEUED", "queued"],
  ])("a flex snapshot that is %s", (status, ours) => {
    expect(parseFlexSnapshot({ ...FLEX_SNAPSHOT, status })).toMatchObject({
      status: known(ours),
      kind: known("scheduled"),
      frequency: known("daily"),
      createdAt: known(new Date("2026-11-21T18:00:00Z")),
      sizeBytes: known(null),
    });
  });

  it("a flex snapshot that has not begun", () => {
    const { startTime: _, ...rest } = FLEX_SNAPSHOT;
    expect(parseFlexSnapshot(rest).createdAt).toEqual(known(new Date("2026-11-21T17:59:00Z")));
  });

  it("a schedule", () => {
    expect(parseSchedule("litally-core", SCHEDULE)).toEqual({
      items: known([
        {
          id: known("66f0aa11bb22cc33dd44ee06"),
          frequency: known("daily"),
          interval: known(1),
          retention: known({ value: 30, unit: "days" }),
        },
      ]),
      restoreWindowDays: known(7),
      copySettings: known([
        {
          region: known("ap-southeast-2"),
          zoneId: known("66f0aa11bb22cc33dd44ee03"),
          frequencies: known(["daily", "onDemand"]),
          retentions: known([]),
          copiesOplogs: known(true),
          lastNumberOfSnapshots: known(null),
        },
      ]),
      nextSnapshotAt: known(new Date("2026-11-22T18:00:00Z")),
    });
  });
});

describe("copy settings come in three forms", () => {
  const { frequencies: _, ...bare } = COPY;
  const read = (setting: object, schedule: object = {}) => {
    const { copySettings } = parseSchedule("core", { ...SCHEDULE, copySettings: [setting], ...schedule });
    if (!copySettings.known || copySettings.value[0] === undefined) throw new Error("not read");
    return copySettings.value[0];
  };
  const items = {
    ...bare,
    copyPolicyItems: [
      { frequencyType: "weekly", retentionUnit: "days", retentionValue: 7 },
      { frequencyType: "ondemand" },
    ],
  };

  it("policy items, when the schedule says so", () => {
    expect(read(items, { copyPolicyItemsEnabled: true }).frequencies).toEqual(known(["weekly", "onDemand"]));
    expect(read(items, { copyPolicyItemsEnabled: true }).retentions).toEqual(
      known([{ frequency: "weekly", retention: { value: 7, unit: "days" } }]),
    );
  });

  it("the form that the flag does not name is not read", () => {
    expect(reasonOf(read(items).frequencies)).toBe("copy setting for AP_SOUTHEAST_2: frequencies is missing");
    expect(reasonOf(read(COPY, { copyPolicyItemsEnabled: true }).frequencies)).toMatch(/copyPolicyItems is missing/);
  });

  it("a flag that cannot be read leaves both unread", () => {
    expect(reasonOf(read(COPY, { copyPolicyItemsEnabled: "yes" }).frequencies)).toMatch(
      /copyPolicyItemsEnabled is "yes"/,
    );
  });

  it("a number of the latest snapshots", () => {
    const setting = read({ ...bare, lastNumberOfSnapshots: 5 });
    expect(setting).toMatchObject({ frequencies: known([]), lastNumberOfSnapshots: known(5) });
    expect(read({ ...bare, lastNumberOfSnapshots: 0 }).frequencies.known).toBe(false);
  });
});

describe("each field stands for itself", () => {
  const NULL_WHEN_MISSING = new Set([
    "encryptionAtRestProvider",
    "frequencyType",
    "expiresAt",
    "storageSizeBytes",
    "copyRegions",
    "masterKeyUUID",
    "mongodVersion",
    "startTime",
    "expiration",
    "mongoDBVersion",
    "restoreWindowDays",
    "nextSnapshot",
    "policyItems", // none
    "type",
  ]);
  const NOT_READ = new Set(["scheduledTime"]); // while startTime is there
  const cases = Object.entries(PARSERS).flatMap(([noun, [parse, whole]]) =>
    Object.keys(whole)
      .filter((field) => field !== "name" && !NOT_READ.has(field))
      .map((field) => ({ noun, field, parse, whole })),
  );

  it.each(cases)("$noun: $field missing or null", ({ field, parse, whole }) => {
    const { [field]: _, ...without } = whole;
    const lost = NULL_WHEN_MISSING.has(field) ? 0 : 1;
    expect(unknowns(parse(without))).toHaveLength(lost);
    expect(unknowns(parse({ ...whole, [field]: null }))).toHaveLength(lost);
  });

  it.each(cases)("$noun: $field of another type or value", ({ field, parse, whole }) => {
    const value = whole[field];
    const others: unknown[] = [{ no: 1 }, [[]], ""];
    if (typeof value !== "boolean") others.push(true);
    if (typeof value === "boolean") others.push(String(value), Number(value));
    if (typeof value === "number") others.push(String(value), value + 0.5, -1, 2 ** 60);
    if (typeof value === "string" && /id$|key|version/i.test(field)) others.push(7);
    else if (typeof value === "string") others.push("archived", 7, value.replace("Z", ""), "2026-02-30T00:00:00Z");
    for (const other of others) {
      if (other === value) continue;
      const parsed = parse({ ...whole, [field]: other });
      expect(unknowns(parsed), `${field} = ${JSON.stringify(other)}`).toHaveLength(1);
    }
  });

  it("says what was seen and where", () => {
    const status = "archived";
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, status }).status)).toBe(
      'snapshot 66f0aa11bb22cc33dd44ee05: status is "archived", which this version does not know',
    );
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, createdAt: undefined }).createdAt)).toBe(
      "snapshot 66f0aa11bb22cc33dd44ee05: createdAt is missing",
    );
  });

  it("a text that is too long to print is not cut but left out", () => {
    const long = "x".repeat(65);
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, status: long.slice(1) }).status)).toContain(`"${long.slice(1)}"`);
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, id: long, status: long }).status)).toBe(
      "snapshot: status is a text of 65 characters, which this version does not know",
    );
  });

  it("a value too deep to print is not printed", () => {
    const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, status: deep }).status)).toMatch(/status is a list of another form/);
    expect(reasonOf(parseSnapshot({ ...SNAPSHOT, copyRegions: deep }).copyRegions)).toMatch(/a list of another form/);
  });

  it("a cluster without a name is no cluster", () => {
    expect(() => parseCluster({ ...CLUSTER, name: undefined })).toThrow(OpsError);
    expect(() => parseFlexCluster({ ...FLEX, name: "" })).toThrow(OpsError);
  });

  it("arbitrary objects never throw", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.constantFrom(...Object.values(PARSERS)),
        (noise, [parse, whole]) => {
          const object = { ...noise, name: "n" };
          expect(parse(object)).toBeTypeOf("object");
          expect(parse({ ...whole, ...noise, name: "n" })).toBeTypeOf("object");
        },
      ),
    );
  });

  it("arbitrary values in known fields never throw, and a value is known only if it was like the one it replaced", () => {
    fc.assert(
      fc.property(fc.constantFrom(...cases), fc.jsonValue(), ({ field, parse, whole }, value) => {
        const parsed = parse({ ...whole, [field]: value });
        if (unknowns(parsed).length === 0 && value !== null) expect(typeof value).toBe(typeof whole[field]);
      }),
      { numRuns: 2000 },
    );
  });
});
