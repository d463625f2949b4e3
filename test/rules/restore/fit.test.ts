import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { MAX_COLLECTIONS } from "../../../src/rules/restore/collections.ts";
import type { CollectionRequest } from "../../../src/rules/restore/facts.ts";
import { GONE, KEY, members, ZONE } from "../build.ts";
import {
  aCollectionJob,
  aRestorable,
  COLLECTION_FACTS,
  CORE,
  cluster,
  drill,
  type GivenRestore,
  ofCollections,
  restore,
  said,
} from "./build.ts";

const shards = (count: number) => Array.from({ length: count }, () => ({ zoneId: ZONE }));
const SHARDED = { type: "SHARDED", shards: shards(2), configServerType: "EMBEDDED" } as const;
const unit = (given: Parameters<typeof aRestorable>[1] = {}) =>
  aRestorable(2, { type: "shardedCluster", members: members(0, 1), configServerType: "EMBEDDED", ...given });
const one = (given: Parameters<typeof aRestorable>[1]): GivenRestore => ({
  source: { snapshots: [aRestorable(2, given)] },
});

describe("the topology", () => {
  const from = (snapshot: Parameters<typeof aRestorable>[1], target: Parameters<typeof drill>[0] = {}) =>
    restore({
      sourceCluster: cluster(SHARDED),
      source: { snapshots: [unit(snapshot)], cluster: cluster(SHARDED) },
      target: drill({ ...SHARDED, ...target }),
    });
  test.each<[string, ReturnType<typeof restore>, RegExp]>([
    ["two replica sets", restore(), /^pass: both are replica sets/],
    [
      "a replica set to shards",
      restore({ target: drill(SHARDED) }),
      /^fail: the snapshot is of a replica set, the target is a sharded cluster/,
    ],
    [
      "shards to a replica set",
      from({}, { type: "REPLICASET", shards: shards(1) }),
      /^fail: the snapshot is of a sharded cluster, the target is a replica set/,
    ],
    ["shards to as many", from({}), /^pass: 2 shards, embedded config servers/],
    ["shards to geo shards", from({}, { type: "GEOSHARDED" }), /^pass/],
    ["shards to more", from({}, { shards: shards(3) }), /^fail: the snapshot holds 2 shards, the target has 3/],
    [
      "other config servers",
      from({}, { configServerType: "DEDICATED" }),
      /^fail: the snapshot's config servers are embedded, the target's dedicated/,
    ],
    ["config servers untold", from({ configServerType: null }), /^unknown/],
    ["the target's untold", from({}, { configServerType: null }), /^unknown/],
    ["unreadable config servers", from({ configServerType: GONE }), /^unknown/],
    ["the target's unreadable", from({}, { configServerType: GONE }), /^unknown/],
    ["unreadable shards of the target", from({}, { shards: GONE }), /^unknown/],
    ["an unreadable type of the target", restore({ target: drill({ type: GONE }) }), /^unknown/],
    ["an unreadable type of the snapshot", restore(one({ type: GONE })), /^unknown/],
    ["an untold type of the snapshot", restore(one({ type: null })), /^pass: both are replica sets/],
    ["no snapshot", restore({ source: { snapshots: [] } }), /^unknown/],
    ["collections go anywhere", ofCollections({ target: drill(SHARDED) }), /^-$/],
  ])("%s", (_, facts, expected) => expect(said(facts, "topology")).toMatch(expected));
});

test.each<[string | null | typeof GONE, string | null | typeof GONE, RegExp]>([
  ["8.0.16", "8.0.16", /^pass: taken with 8.0.16, the target has 8.0.16/],
  ["8.0.16", "8.0.4", /^pass/],
  ["8.0.16", "8.2.0", /^pass/],
  ["8.2.0", "8.0.16", /^fail: .*, which is older/],
  ["7.0.1", "8.0.16", /^pass/],
  ["6.0.1", "8.0.16", /^fail: .*, more than one major version ahead/],
  ["8.0.16", "7.0.30", /^fail: .*, which is older/],
  [null, "7.0.30", /^fail: taken with 8.0.16/],
  [null, "8.0.16", /^pass/],
  ["8.0.16", null, /^unknown/],
  ["eight", "8.0.16", /^unknown/],
  [GONE, "8.0.16", /^unknown/],
  ["8.0.16", GONE, /^unknown/],
])("version %j to %j", (mongodVersion, mongodbVersion, expected) => {
  const facts = restore({ ...one({ mongodVersion }), target: drill({ mongodbVersion }) });
  expect(said(facts, "version")).toMatch(expected);
});

const GB = 1e9; // bytes
test.each<[number | null | typeof GONE, number | null | typeof GONE, number | null | typeof GONE, RegExp]>([
  [50 * GB, 100, 100, /^pass: 50.0 GB onto 100 GB/],
  [100 * GB, 100, 100, /^pass/],
  [100 * GB + 1, 100, 100, /^fail: .*: it does not fit/],
  [50 * GB, 99, 100, /^warn: .*the target's disk \(99 GB\) is smaller than the source's \(100 GB\)/],
  [50 * GB, 100, null, /^warn: .*the source's disk is not told/],
  [50 * GB, 100, GONE, /^warn/],
  [101 * GB, 100, null, /^fail/],
  [50 * GB, null, 100, /^warn: Atlas does not say/],
  [50 * GB, GONE, 100, /^unknown/],
])("disk: %j bytes to %j GB, from %j GB", (sizeBytes, diskSizeGb, sources, expected) => {
  const facts = restore({
    ...one({ sizeBytes }),
    target: drill({ diskSizeGb }),
    sourceCluster: cluster({ diskSizeGb: sources }),
  });
  expect(said(facts, "disk")).toMatch(expected);
});

test("the disks of all shards hold the whole together", () => {
  const facts = (sizeBytes: number) =>
    restore({ source: { cluster: cluster(SHARDED), snapshots: [unit({ sizeBytes })] }, target: drill(SHARDED) });
  expect(said(facts(200 * GB), "disk")).toMatch(/^pass/);
  expect(said(facts(200 * GB + 1), "disk")).toMatch(/^fail/);
});

test.each<[string | null | typeof GONE, "NONE" | "AWS" | null | typeof GONE, RegExp]>([
  [null, "NONE", /^pass: both with no customer key/],
  [KEY, "AWS", /^pass: both with a customer key/],
  [KEY, "NONE", /^fail: the snapshot has a customer key, the target no customer key/],
  [null, "AWS", /^fail: the snapshot has no customer key, the target a customer key/],
  [KEY, null, /^warn/],
  [GONE, "NONE", /^unknown/],
  [null, GONE, /^unknown/],
])("encryption: key %j to provider %j", (masterKeyId, encryptionAtRestProvider, expected) => {
  expect(said(restore({ ...one({ masterKeyId }), target: drill({ encryptionAtRestProvider }) }), "encryption")).toMatch(
    expected,
  );
});

describe("collections", () => {
  const id = "collection-limits";
  const asked = (given: Partial<CollectionRequest>, rest: GivenRestore = {}) =>
    said(
      ofCollections({
        ...rest,
        request: {
          collections: { namespaces: ["app.accounts"], suffix: "_r", overwrites: false, ...given },
          ...rest.request,
        },
      }),
      id,
    );
  const many = (count: number) => Array.from({ length: count }, (_, index) => `app.c${index}`);
  const holding = (...namespaces: readonly string[]) => ({
    collections: { ...COLLECTION_FACTS, namespaces: known(namespaces) },
  });
  const bySnapshot = { request: { point: { kind: "snapshot", selector: { by: "latest" } } } } as const;

  test.each<[string, string, RegExp]>([
    ["none asked for", said(restore(), id), /^-$/],
    ["one", asked({}), /^pass: 1 of the snapshot's 2/],
    [
      "as many as Atlas takes",
      asked({ namespaces: many(MAX_COLLECTIONS) }, holding(...many(MAX_COLLECTIONS))),
      /^pass/,
    ],
    [
      "one more",
      asked({ namespaces: many(MAX_COLLECTIONS + 1) }),
      /^fail: 101 collections are named, Atlas restores 100 at a time/,
    ],
    ["no names", asked({ namespaces: [] }), /^fail: no collection is named/],
    ["a database only", asked({ namespaces: ["app"] }), /^fail: not of the form db.collection: app/],
    ["twice the same", asked({ namespaces: ["app.accounts", "app.accounts"] }), /^fail: a collection is named twice/],
    ["of the system", asked({ namespaces: ["app.system.views"] }), /^fail: Atlas restores no system collections/],
    ["of a system database", asked({ namespaces: ["admin.users"] }), /^fail: Atlas restores no system collections/],
    ["an empty suffix", asked({ suffix: "" }), /^fail: the suffix is empty/],
    ["NVMe of the source", asked({}, { sourceCluster: cluster({ nvme: true }) }), /^fail: .*NVMe/],
    ["NVMe of the target", asked({}, { target: drill({ nvme: true }) }), /^fail: .*NVMe/],
    ["maybe NVMe", asked({}, { target: drill({ nvme: GONE }) }), /^unknown/],
    [
      "a time series",
      asked({}, holding("app.accounts", "app.system.buckets.accounts")),
      /^fail: Atlas restores no time series: app.accounts/,
    ],
    [
      "not in the snapshot",
      asked({}, { ...bySnapshot, ...holding("app.account") }),
      /^fail: the snapshot does not hold app.accounts \(did you mean "app.account"\?\)/,
    ],
    [
      "not in the snapshot before the instant",
      asked({}, holding("app.ledger")),
      /^warn: .*it may have been made later/,
    ],
    ["which there are unreadable", asked({}, { collections: { ...COLLECTION_FACTS, namespaces: GONE } }), /^warn/],
    [
      "another one under way",
      asked({}, { collections: { ...COLLECTION_FACTS, jobs: known([aCollectionJob({ state: "FINALIZING" })]) } }),
      /^fail: restore collections-1 of collections is under way/,
    ],
    ["another one done", asked({}, { collections: { ...COLLECTION_FACTS, jobs: known([aCollectionJob()]) } }), /^pass/],
    [
      "another one of unreadable state",
      asked({}, { collections: { ...COLLECTION_FACTS, jobs: known([aCollectionJob({ state: GONE })]) } }),
      /^unknown/,
    ],
    ["unreadable jobs", asked({}, { collections: { ...COLLECTION_FACTS, jobs: GONE } }), /^unknown/],
    ["without a suffix elsewhere", asked({ suffix: null }), /^pass/],
    [
      "without a suffix on the source",
      asked({ suffix: null }, { request: { targetName: CORE, inPlace: true }, target: cluster() }),
      /^warn: without a suffix/,
    ],
  ])("%s", (_, is, expected) => expect(is).toMatch(expected));
});
