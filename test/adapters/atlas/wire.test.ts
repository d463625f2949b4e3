import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCluster, parseFlexCluster } from "../../../src/adapters/atlas/wire-clusters.ts";
import { parseCollectionRestore, parseRestoreJob } from "../../../src/adapters/atlas/wire-restores.ts";
import { parseSchedule } from "../../../src/adapters/atlas/wire-schedule.ts";
import {
  parseFlexSnapshot,
  parseShardedSnapshot,
  parseSnapshot,
  parseTakenSnapshot,
} from "../../../src/adapters/atlas/wire-snapshots.ts";
import type { WireObject } from "../../../src/adapters/fields.ts";
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
  mongoDBVersion: "8.0.15",
  configServerType: "EMBEDDED",
  connectionStrings: {
    standard: "mongodb://Core-00.ab12c.mongodb.net:27017,core-01.ab12c.mongodb.net:27017/?ssl=true&replicaSet=x",
    standardSrv: "mongodb+srv://core.ab12c.mongodb.net",
    private: null,
  },
  replicationSpecs: [
    {
      id: "66f0aa11bb22cc33dd44ee02",
      zoneId: "66f0aa11bb22cc33dd44ee03",
      zoneName: "Zone 1",
      regionConfigs: [
        {
          providerName: "AWS",
          regionName: "AP_SOUTH_1",
          priority: 7,
          electableSpecs: { instanceSize: "M30", diskSizeGB: 80.5 },
        },
      ],
    },
  ],
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
  description: "before the release",
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
  configServerType: "DEDICATED",
  members: [{ cloudProvider: "AWS", id: "66f0aa11bb22cc33dd44ee07", replicaSetName: "shard-0" }],
};
const RESTORE = {
  id: "66f0aa11bb22cc33dd44ee0a",
  deliveryType: "pointInTime",
  targetGroupId: "66f0aa11bb22cc33dd44ee0b",
  targetClusterName: "litally-drill",
  snapshotId: "66f0aa11bb22cc33dd44ee05",
  pointInTimeUTCSeconds: 1_795_300_000,
  cancelled: false,
  failed: false,
  expired: false,
  finishedAt: "2026-11-22T02:30:00Z",
};
const COLLECTIONS = {
  id: "66f0aa11bb22cc33dd44ee0c",
  state: "IN_PROGRESS",
  targetGroupId: "66f0aa11bb22cc33dd44ee0b",
  targetClusterName: "litally-drill",
  snapshotId: "66f0aa11bb22cc33dd44ee05",
  pointInTimeUtcSeconds: 1_795_300_000,
  collections: [{ sourceNamespace: "ledger.entries" }, { sourceNamespace: "ledger.a.b", targetNamespace: "x.y" }],
  collectionSuffix: "_restored",
  writeStrategy: "CREATE_NEW",
  indexStrategy: "ALL",
  restoredDocuments: 12,
  totalDocuments: 5_000_000_000,
  errorMessage: "the disk is full",
  createdAt: "2026-11-22T02:00:00Z",
  finishedAt: "2026-11-22T02:30:00Z",
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
  referenceHourOfDay: 18,
  referenceMinuteOfHour: 30,
  autoCopySettingsEnabled: false,
};

type Parse = (object: WireObject) => object;
const PARSERS: Record<string, readonly [Parse, WireObject]> = {
  cluster: [parseCluster, CLUSTER],
  "flex cluster": [parseFlexCluster, FLEX],
  snapshot: [parseSnapshot, SNAPSHOT],
  "sharded snapshot": [parseShardedSnapshot, SHARDED],
  "flex snapshot": [parseFlexSnapshot, FLEX_SNAPSHOT],
  "restore job": [parseRestoreJob, RESTORE],
  "collection restore": [parseCollectionRestore, COLLECTIONS],
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
      hosts: known(["core-00.ab12c.mongodb.net:27017", "core-01.ab12c.mongodb.net:27017", "core.ab12c.mongodb.net"]),
      nvme: known(false),
      mongodbVersion: known("8.0.15"),
      diskSizeGb: known(80.5),
      configServerType: known("EMBEDDED"),
      regions: known([["ap-south-1"]]),
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
      description: known("before the release"),
      frequency: known("daily"),
      policyItemIds: known(["66f0aa11bb22cc33dd44ee06"]),
      createdAt: known(new Date("2026-11-21T18:00:00Z")),
      expiresAt: known(new Date("2026-12-21T18:00:00Z")),
      sizeBytes: known(5_000_000_000),
      copyRegions: known(["ap-southeast-2", "eu-west-1"]),
      masterKeyId: known("0d1f2a3b-0000-4000-8000-000000000000"),
      mongodVersion: known("8.0.4"),
      configServerType: known(null),
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

  it.each([
    [["M40_NVME"], known(true)],
    [["M30", "M40_NVME"], known(true)],
    [["M30", null], known(false)],
  ])("the hardware %j", (sizes, nvme) => {
    const regionConfigs = sizes.map((size) => ({ electableSpecs: size === null ? null : { instanceSize: size } }));
    const replicationSpecs = [{ zoneId: "66f0aa11bb22cc33dd44ee03", regionConfigs }];
    expect(parseCluster({ ...CLUSTER, replicationSpecs }).nvme).toEqual(nvme);
  });

  it("hardware that nothing is said about is not known", () => {
    for (const regionConfigs of [undefined, [], [{}], [{ electableSpecs: { instanceSize: 30 } }]]) {
      const replicationSpecs = [{ zoneId: "66f0aa11bb22cc33dd44ee03", regionConfigs }];
      const parsed = parseCluster({ ...CLUSTER, replicationSpecs });
      expect([parsed.nvme.known, parsed.shards.known]).toEqual([false, true]);
    }
  });

  it.each([0, 2])("with %d policies, which one is meant is not known", (count) => {
    const policies = Array.from({ length: count }, () => ({ id: "66f0aa11bb22cc33dd44ee09", policyItems: [ITEM] }));
    const parsed = parseSchedule("litally-core", { ...SCHEDULE, policies });
    expect([parsed.policyId.known, parsed.items.known]).toEqual([false, true]);
  });

  it("a schedule without a time of day, and one with half of it", () => {
    const { referenceHourOfDay: _h, referenceMinuteOfHour: _m, ...rest } = SCHEDULE;
    expect(parseSchedule("core", rest).referenceTime).toEqual(known(null));
    expect(reasonOf(parseSchedule("core", { ...rest, referenceHourOfDay: 18 }).referenceTime)).toBe(
      "schedule of core: referenceMinuteOfHour is missing",
    );
    expect(parseSchedule("core", { ...SCHEDULE, referenceHourOfDay: 24 }).referenceTime.known).toBe(false);
    expect(parseSchedule("core", { ...SCHEDULE, referenceMinuteOfHour: 60 }).referenceTime.known).toBe(false);
  });

  it("a snapshot that nothing was said about", () => {
    expect(parseSnapshot({ ...SNAPSHOT, description: "" }).description).toEqual(known(null));
  });

  it("a snapshot just taken of a sharded cluster is the unit", () => {
    expect(parseTakenSnapshot(SHARDED).members).toEqual(parseShardedSnapshot(SHARDED).members);
    expect(parseTakenSnapshot(SNAPSHOT).members).toEqual(known(null));
  });

  it.each([0, 29, 41, 99])("a schedule item of interval %d is not known", (frequencyInterval) => {
    const { items } = parseSchedule("litally-core", {
      ...SCHEDULE,
      policies: [{ policyItems: [{ ...ITEM, frequencyInterval }] }],
    });
    expect(items.known && items.value[0]?.interval.known).toBe(false);
  });

  it.each([
    ["hourly", [1, 2, 4, 6, 8, 12], [3, 5, 9, 13, 24, 28, 40]],
    ["daily", [1], [2, 13, 40]],
    ["weekly", [1, 7], [8, 28, 40]],
    ["monthly", [1, 28, 40], []],
    ["yearly", [1, 12], [13, 28, 40]],
  ])("when a %s item falls due is known of intervals that mean something", (frequencyType, meant, others) => {
    const isKnown = (frequencyInterval: number) => {
      const item = { ...ITEM, frequencyType, frequencyInterval };
      const { items } = parseSchedule("litally-core", { ...SCHEDULE, policies: [{ policyItems: [item] }] });
      return items.known && items.value[0]?.interval.known;
    };
    expect(meant.filter((interval) => !isKnown(interval))).toEqual([]);
    expect(others.filter(isKnown)).toEqual([]);
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

  it("a restore job, made in the second that its id holds", () => {
    expect(parseRestoreJob(RESTORE)).toEqual({
      id: known("66f0aa11bb22cc33dd44ee0a"),
      delivery: known("pointInTime"),
      targetProjectId: known("66f0aa11bb22cc33dd44ee0b"),
      targetName: known("litally-drill"),
      snapshotId: known("66f0aa11bb22cc33dd44ee05"),
      pointInTimeAt: known(new Date(1_795_300_000_000)),
      cancelled: known(false),
      failed: known(false),
      expired: known(false),
      finishedAt: known(new Date("2026-11-22T02:30:00Z")),
      createdAt: known(new Date(0x66f0aa11 * 1000)),
    });
  });

  it("the instant of a restore job, however Atlas says it", () => {
    const { pointInTimeUTCSeconds, ...rest } = RESTORE;
    const desiredTimestamp = { date: "2026-11-21T00:00:00Z", increment: 1 };
    const at = (fields: object) => parseRestoreJob({ ...rest, ...fields }).pointInTimeAt;
    expect(at({ oplogTs: pointInTimeUTCSeconds, desiredTimestamp })).toEqual(known(new Date(1_795_300_000_000)));
    expect(at({ desiredTimestamp })).toEqual(known(new Date("2026-11-21T00:00:00Z")));
    expect(at({}).known).toBe(false);
    expect(at({ oplogTs: "soon", desiredTimestamp }).known).toBe(false);
    expect(at({ deliveryType: "automated", desiredTimestamp })).toEqual(known(null));
    expect(at({ deliveryType: "by hand" }).known).toBe(false);
  });

  it("a restore of collections", () => {
    expect(parseCollectionRestore(COLLECTIONS)).toEqual({
      id: known("66f0aa11bb22cc33dd44ee0c"),
      state: known("IN_PROGRESS"),
      targetProjectId: known("66f0aa11bb22cc33dd44ee0b"),
      targetName: known("litally-drill"),
      snapshotId: known("66f0aa11bb22cc33dd44ee05"),
      pointInTimeAt: known(new Date(1_795_300_000_000)),
      namespaces: known(["ledger.entries", "ledger.a.b"]),
      suffix: known("_restored"),
      overwrites: known(false),
      restoredDocuments: known(12),
      totalDocuments: known(5_000_000_000),
      errorMessage: known("the disk is full"),
      createdAt: known(new Date("2026-11-22T02:00:00Z")),
      finishedAt: known(new Date("2026-11-22T02:30:00Z")),
    });
    expect(parseCollectionRestore({ ...COLLECTIONS, collectionSuffix: "", errorMessage: "" })).toMatchObject({
      suffix: known(null),
      errorMessage: known(null),
    });
    expect(parseCollectionRestore({ ...COLLECTIONS, writeStrategy: "OVERWRITE_EXISTING" }).overwrites).toEqual(
      known(true),
    );
  });

  it("of a restore of whole databases, the collections are not known", () => {
    const parsed = parseCollectionRestore({ ...COLLECTIONS, databases: [{ sourceNamespace: "ledger" }] });
    expect(unknowns(parsed)).toEqual(["namespaces"]);
    expect(unknowns(parseCollectionRestore({ ...COLLECTIONS, databases: [] }))).toEqual([]);
  });

  it.each([
    [[{ electableSpecs: { instanceSize: "M30", diskSizeGB: 80 }, readOnlySpecs: { diskSizeGB: 40 } }], known(40)],
    [
      [{ electableSpecs: { instanceSize: "M30", diskSizeGB: 80 }, analyticsSpecs: { nodeCount: 0, diskSizeGB: 9 } }],
      known(80),
    ],
    [[{ electableSpecs: { instanceSize: "M30" }, readOnlySpecs: null }], known(null)],
  ])("the smallest disk that holds data: %j", (regionConfigs, diskSizeGb) => {
    const replicationSpecs = [{ zoneId: "66f0aa11bb22cc33dd44ee03", regionConfigs }];
    expect(parseCluster({ ...CLUSTER, replicationSpecs }).diskSizeGb).toEqual(diskSizeGb);
  });

  it("a disk of no size is not known, and the rest is", () => {
    const place = { regionName: "AP_SOUTH_1", providerName: "AWS" };
    const regionConfigs = [{ ...place, electableSpecs: { instanceSize: "M30", diskSizeGB: "80" } }];
    const replicationSpecs = [{ zoneId: "66f0aa11bb22cc33dd44ee03", regionConfigs }];
    expect(unknowns(parseCluster({ ...CLUSTER, replicationSpecs }))).toEqual(["diskSizeGb"]);
  });

  it("a schedule", () => {
    expect(parseSchedule("litally-core", SCHEDULE)).toEqual({
      policyId: known("66f0aa11bb22cc33dd44ee09"),
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
          provider: known("AWS"),
          zoneId: known("66f0aa11bb22cc33dd44ee03"),
          copies: known({ by: "frequencies", frequencies: ["daily", "onDemand"] }),
          frequencies: known(["daily", "onDemand"]),
          retentions: known([]),
          copiesOplogs: known(true),
          lastNumberOfSnapshots: known(null),
        },
      ]),
      nextSnapshotAt: known(new Date("2026-11-22T18:00:00Z")),
      referenceTime: known({ hour: 18, minute: 30 }),
      copiesAutomatically: known(false),
      copiesByItems: known(null),
      extraRetention: known([]),
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
    expect(read(items, { copyPolicyItemsEnabled: true }).copies).toEqual(
      known({
        by: "items",
        items: [
          { frequency: "weekly", retention: { value: 7, unit: "days" } },
          { frequency: "onDemand", retention: null },
        ],
      }),
    );
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
    expect(setting.copies).toEqual(known({ by: "count", lastNumberOfSnapshots: 5 }));
    expect(read({ ...bare, frequencies: [], lastNumberOfSnapshots: 5 }).copies).toEqual(setting.copies);
    expect(read({ ...bare, lastNumberOfSnapshots: 0 }).frequencies.known).toBe(false);
  });

  it("a number beside a list of frequencies leaves open which counts", () => {
    const both = read({ ...COPY, lastNumberOfSnapshots: 5 });
    expect(reasonOf(both.copies)).toBe(
      "copy setting for AP_SOUTHEAST_2: has both frequencies and lastNumberOfSnapshots",
    );
    expect(both.frequencies.known).toBe(false);
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
    "description",
    "autoCopySettingsEnabled",
    "type",
    "configServerType",
    "targetGroupId",
    "targetClusterName",
    "snapshotId",
    "pointInTimeUtcSeconds",
    "finishedAt",
    "collectionSuffix",
    "restoredDocuments",
    "totalDocuments",
    "errorMessage",
  ]);
  const NOT_READ = new Set(["scheduledTime", "indexStrategy"]); // the first while startTime is there
  /** How many of ours come from it. */
  const readTimes = (noun: string, field: string) =>
    field === "replicationSpecs" ? 4 : field === "policies" || (noun === "restore job" && field === "id") ? 2 : 1;
  const cases = Object.entries(PARSERS).flatMap(([noun, [parse, whole]]) =>
    Object.keys(whole)
      .filter((field) => field !== "name" && !NOT_READ.has(field))
      .map((field) => ({ noun, field, parse, whole })),
  );

  it.each(cases)("$noun: $field missing or null", ({ noun, field, parse, whole }) => {
    const { [field]: _, ...without } = whole;
    const isNull = NULL_WHEN_MISSING.has(field) && !(noun === "collection restore" && field.startsWith("target"));
    const lost = isNull ? 0 : readTimes(noun, field);
    expect(unknowns(parse(without))).toHaveLength(lost);
    expect(unknowns(parse({ ...whole, [field]: null }))).toHaveLength(lost);
  });

  it.each(cases)("$noun: $field of another type or value", ({ noun, field, parse, whole }) => {
    const value = whole[field];
    const others: unknown[] = [{ no: 1 }, [[]], ...(/description|suffix|message/i.test(field) ? [] : [""])];
    if (typeof value !== "boolean") others.push(true);
    if (typeof value === "boolean") others.push(String(value), Number(value));
    if (typeof value === "number") others.push(String(value), value + 0.5, -1, 2 ** 60);
    const isWord =
      /id$|key|mongodVersion|description|clusterName|suffix|message/i.test(field) ||
      (noun === "flex snapshot" && field === "mongoDBVersion"); // any word will do there
    if (typeof value === "string" && isWord) others.push(7);
    else if (typeof value === "string") others.push("archived", 7, value.replace("Z", ""), "2026-02-30T00:00:00Z");
    for (const other of others) {
      if (other === value) continue;
      const parsed = parse({ ...whole, [field]: other });
      expect(unknowns(parsed), `${field} = ${JSON.stringify(other)}`).toHaveLength(readTimes(noun, field));
    }
  });

  it("the regions of a cluster, of each shard by priority", () => {
    const of = (...shards: readonly (readonly object[])[]) =>
      parseCluster({ ...CLUSTER, replicationSpecs: shards.map((regionConfigs) => ({ zoneId: "z", regionConfigs })) })
        .regions;
    const [low, high] = [
      { regionName: "EU_WEST_1", providerName: "AWS", priority: 6 },
      { regionName: "AP_SOUTH_1", providerName: "AWS", priority: 7 },
    ];
    expect(of([low, high])).toEqual(known([["ap-south-1", "eu-west-1"]]));
    expect(of([high], [low])).toEqual(known([["ap-south-1"], ["eu-west-1"]]));
    expect(of([{ priority: 7 }]).known).toBe(false);
    expect(of([high], [{ priority: 7 }]).known).toBe(false);
    expect(of().known).toBe(false);
    const { priority: _, ...only } = high;
    expect(of([only])).toEqual(known([["ap-south-1"]]));
    expect(of([low, only]).known).toBe(false); // it may come first, or last
  });

  it("the regions of another provider, which may have the name of one of AWS", () => {
    const of = (providerName: unknown) =>
      parseCluster({
        ...CLUSTER,
        replicationSpecs: [{ zoneId: "z", regionConfigs: [{ regionName: "US_EAST_2", providerName, priority: 7 }] }],
      }).regions;
    expect(of("AWS")).toEqual(known([["us-east-2"]]));
    expect(of("AZURE")).toEqual(known([["us-east-2 of AZURE"]]));
    for (const unclear of [undefined, null, 7, "quarantined"]) expect(of(unclear).known).toBe(false);
  });

  it("extra retention by frequency; that of snapshots by hand is no matter of the schedule", () => {
    const of = (extraRetentionSettings: unknown) =>
      parseSchedule("c", { ...SCHEDULE, extraRetentionSettings }).extraRetention;
    expect(of([{ frequencyType: "DAILY", retentionDays: 5 }])).toEqual(known([{ frequency: "daily", days: 5 }]));
    expect(of([{ frequencyType: "ON_DEMAND", retentionDays: 5 }])).toEqual(known([]));
    for (const odd of [[{ frequencyType: "FORTNIGHTLY", retentionDays: 5 }], [{ frequencyType: "DAILY" }], "5"])
      expect(of(odd).known).toBe(false);
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
