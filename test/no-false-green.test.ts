/**
 * No false green: every field of every answer that `backup verify` reads is deleted, nulled, retyped, dated in the
 * future, truncated or set to another valid word, one at a time, and the verdict may stay green only for fields that were reviewed and found
 * irrelevant. A new field in an answer, or a new check, cannot slip past this without somebody looking.
 */
import { afterAll, describe, expect, test } from "vitest";
import { worst } from "../src/core/report.ts";
import { parsePolicy } from "../src/policy/load.ts";
import { SANDBOX_CREDENTIALS, type SeedDatabase, startSandbox } from "../src/sandbox/sandbox.ts";
import { covers, mutationsOf } from "./support/mutations.ts";
import { type Json, type Recording, recorder, replay, type Served } from "./support/replay.ts";
import { policyText, verify } from "./support/verify.ts";

const NOW = new Date("2026-11-22T02:00:00Z");
const PROJECT = "5a4db0c5a4db0c5a4db0c5a4";
const KEY = "11111111-2222-4333-8444-555555555555";

const FULL = `continuousBackup: { window: 7d }
snapshots: [{ frequency: daily, retain: 30d }]
copies: [{ region: ap-southeast-1, frequencies: [daily], oplogs: true }]`;

const SEED: SeedDatabase = {
  cluster: "litally-core",
  continuousWindowDays: 7,
  snapshots: [{ frequency: "daily", retentionValue: 30, retentionUnit: "days" }],
  copies: [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: true }],
  masterKeys: [],
};

interface Case {
  readonly name: string;
  readonly world: string;
  readonly seed: SeedDatabase;
  readonly policy: string;
  /** Patterns of paths whose loss or change may stay green, each with the reason; `| kinds`: for these changes only. */
  readonly irrelevant: Readonly<Record<string, string>>;
}

/** Reviewed for every case: what no verdict rests on. */
const ALWAYS_IRRELEVANT: Readonly<Record<string, string>> = {
  "*.links": "navigation; a lost `next` link shows as a short list, which the rest of the answer belies",
  "*.totalCount": "an estimate, by Atlas's own word",
  "clusters.results[#other]": "another cluster of the project",
  "clusters.results[].id": "clusters are found by name",
  "clusters.results[].groupId": "the request named the project",
  "clusters.results[].connectionStrings": "not a matter of backup",
  "clusters.results[].configServerType": "matters to a restore",
  "clusters.results[].diskSizeGB": "matters to a restore",
  "clusters.results[].mongoDBMajorVersion": "matters to a restore",
  "clusters.results[].mongoDBVersion": "matters to a restore",
  "clusters.results[].featureCompatibilityVersion": "matters to a restore",
  "clusters.results[].rootCertType": "not a matter of backup",
  "clusters.results[].tags": "not a matter of backup",
  "clusters.results[].labels": "not a matter of backup",
  "clusters.results[].terminationProtectionEnabled": "a setting of the cluster's life, not of its backups",
  "clusters.results[].versionReleaseSystem": "not a matter of backup",
  "clusters.results[].biConnector": "not a matter of backup",
  "clusters.results[].advancedConfiguration": "not a matter of backup",
  "clusters.results[].replicationSpecs[].id": "zones are told apart by zoneId",
  "clusters.results[].replicationSpecs[].zoneName": "zones are told apart by zoneId",
  "clusters.results[].replicationSpecs[].regionConfigs": "where nodes run; copies go by zone",
  "clusters.results[].stateName | as UPDATING, as REPAIRING, as CREATING": "backups go on; the last two warn",
  "clusters.results[].encryptionAtRestProvider | as AZURE, as GCP": "whose key it is, each snapshot says",
  "schedule.policies[].policyItems[].retentionUnit | as weeks, as months, as years": "kept longer is kept",
  "schedule.clusterId": "the request named the cluster",
  "schedule.clusterName": "the request named the cluster",
  "schedule.nextSnapshot": "an announcement; only what was taken counts",
  "schedule.referenceHourOfDay": "when snapshots fall due; their ages are judged as they are",
  "schedule.referenceMinuteOfHour": "the same",
  "schedule.autoExportEnabled": "exports are not backups",
  "schedule.useOrgAndGroupNamesInExportPrefix": "exports are not backups",
  "schedule.extraRetentionSettings": "can only lengthen; each snapshot's own expiry is judged",
  "schedule.autoCopySettingsEnabled": "how copy settings came about; the settings and the copies are judged",
  "schedule.copyPolicyItemsEnabled | deleted, null": "then the form with frequencies counts, and is judged",
  "schedule.copySettings[].cloudProvider": "Atlas copies within one provider only",
  "schedule.policies[].policyItems[].id | another word": "the snapshots' own labels say their frequency",
  "schedule.policies[].id": "names the policy when it is changed",
  "snapshots.results[].id | another word": "a name",
  "snapshots.results[].expiresAt | in the future": "kept longer is kept",
  "snapshots.results[].cloudProvider": "given with the cluster",
  "snapshots.results[].description": "words",
  "snapshots.results[].mongodVersion": "matters to a restore",
  "snapshots.results[].replicaSetName": "of one replica set there is one",
  "snapshots.results[].type": "follows from which list it stands in",
  "snapshots.results[].links": "navigation",
  "snapshots.results[].policyItems": "the snapshot's own label says its frequency",
  "snapshots.results[].frequencyType | as hourly": "it names the schedule's daily item, for which it was taken",
  "snapshots.results[].frequencyType | as weekly, as monthly, as yearly":
    "a rarer one is kept longer, and is that day's",
  "snapshots.results[#hourly].snapshotType | as onDemand, as fallback": "one hourly less; the window stays covered",
  "snapshots.results[#hourly].status | as queued, as inProgress, as failed":
    "the policy asks for daily ones: late within the grace passes, a failed one warns",
  "snapshots.results[#hourly].copyRegions": "the policy asks for copies of daily snapshots only",
};

const CASES: readonly Case[] = [
  {
    name: "a replica set with all that the policy can ask for",
    world: "healthy",
    seed: SEED,
    policy: FULL,
    irrelevant: {
      "clusters.results[].encryptionAtRestProvider":
        "no snapshot carries a customer key, and the policy asks for none (deleted or null only)",
    },
  },
  {
    name: "a replica set encrypted with a customer key",
    world: "healthy",
    seed: { ...SEED, masterKeys: [KEY] },
    policy: `${FULL}\nencryption: { masterKeys: ["${KEY}"] }`,
    irrelevant: {},
  },
  {
    name: "a sharded cluster",
    world: "sharded",
    seed: SEED,
    policy: FULL,
    irrelevant: {
      "clusters.results[].encryptionAtRestProvider | deleted, null": "as for a replica set",
      "clusters.results[].clusterType | as GEOSHARDED": "sharded all the same",
      "snapshots.results[].members[].replicaSetName | another word": "members are counted by name",
      "snapshots.results[#hourly].members[].id | another word": "the policy asks for copies of daily snapshots only",
      "snapshots.results[].configServerType": "matters to a restore",
      "snapshots.results[].snapshotIds": "the members say it with their names",
      "snapshots.results[].members[].cloudProvider": "given with the cluster",
      "snapshots.results[#hourly] | deleted": "the policy asks for daily ones; the window stays covered",
      "members.results[#hourly]": "the policy asks for copies of daily snapshots only",
      "members.results[].status": "the unit's own status is judged",
      "members.results[].snapshotType": "the unit's own kind is judged",
      "members.results[].frequencyType": "the unit's own label is judged",
      "members.results[].policyItems": "the unit's own label is judged",
      "members.results[].createdAt": "the unit's own time is judged",
      "members.results[].expiresAt": "the unit's own expiry is judged",
      "members.results[].storageSizeBytes": "the unit's own size is judged",
      "members.results[].masterKeyUUID": "the unit's own key is judged",
      "members.results[].mongodVersion": "matters to a restore",
      "members.results[].replicaSetName": "members are found by id",
      "members.results[].cloudProvider": "given with the cluster",
      "members.results[].type": "follows from which list it stands in",
    },
  },
];

const served: Served[] = [];
afterAll(() => Promise.all(served.map((server) => server.close())));

describe.each(CASES)("$name", ({ world, seed, policy, irrelevant }) => {
  test("no change of any field turns out green unless it was reviewed", async () => {
    const text = policyText(policy);
    const recording = await record(world, seed, text);
    let change: { readonly path: string; readonly body: Json } | undefined;
    const server = await replay(recording, NOW, () => change);
    served.push(server);
    const loaded = parsePolicy(text, "policy.yaml", {});
    const judge = async () => worst((await verify({ url: server.url, now: NOW, policy: loaded })).findings);
    expect(await judge(), "unchanged, it is green").toBe("pass");

    const reviewed = [...Object.keys(ALWAYS_IRRELEVANT), ...Object.keys(irrelevant)];
    const green = new Map<string, string[]>();
    let runs = 0;
    for (const [path, body] of recording.answers) {
      for (const mutation of mutationsOf(body)) {
        change = { path, body: mutation.body };
        const status = await judge().catch((error: Error) => `threw ${error.message}`);
        runs += 1;
        expect(["pass", "warn", "fail", "unknown"], `${path} ${mutation.where} ${mutation.kind}`).toContain(status);
        if (status !== "pass" && status !== "warn") continue;
        const where = `${resourceOf(path, world === "sharded")}${mutation.where}`;
        if (reviewed.some((pattern) => covers(pattern, where, mutation.kind))) continue;
        green.set(where, [...(green.get(where) ?? []), mutation.kind]);
      }
    }
    expect(runs).toBeGreaterThan(300);
    expect(Object.fromEntries(green)).toEqual({});
  }, 120_000);
});

async function record(world: string, seed: SeedDatabase, policy: string): Promise<Recording> {
  const sandbox = await startSandbox({
    world,
    seed: { projectId: PROJECT, databases: [seed] },
    startAt: NOW,
    elapsedMs: () => 0,
  });
  const proxy = await recorder(sandbox.url);
  try {
    const { publicKey, privateKey } = SANDBOX_CREDENTIALS;
    await verify({ url: proxy.url, now: NOW, policy, credentials: { publicKey, privateKey } });
    return proxy.recording;
  } finally {
    await proxy.close();
    await sandbox.close();
  }
}

/** `snapshots`, `clusters`, ...: what stands in the patterns before the first dot. */
function resourceOf(path: string, sharded: boolean): string {
  const [pathname = ""] = path.split("?");
  if (pathname.endsWith("/snapshots/shardedClusters")) return "snapshots";
  if (pathname.endsWith("/snapshots")) return sharded ? "members" : "snapshots";
  return pathname.split("/").at(-1) ?? "";
}
