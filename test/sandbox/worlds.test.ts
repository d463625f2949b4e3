import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { get, sandbox } from "./client.ts";

const root = new URL("../../", import.meta.url);
const validate = specComparison();

const PATHS = [
  ["", "Group"],
  ["/clusters", "PaginatedClusterDescription20240805"],
  ["/clusters/litally-ledger", "ClusterDescription20240805"],
  ["/clusters/litally-core", "ClusterDescription20240805"],
  ["/clusters/litally-core/backup/schedule", "DiskBackupSnapshotSchedule20240805"],
  ["/clusters/litally-ledger/backup/schedule", "DiskBackupSnapshotSchedule20240805"],
  ["/clusters/litally-core/backup/snapshots?itemsPerPage=500", "PaginatedCloudBackupReplicaSetView"],
  ["/clusters/litally-ledger/backup/snapshots?itemsPerPage=500", "PaginatedCloudBackupReplicaSetView"],
  ["/clusters/litally-core/backup/snapshots/shardedClusters", "PaginatedCloudBackupShardedClusterSnapshotView"],
  ["/clusters/litally-core/backup/restoreJobs", "PaginatedCloudBackupRestoreJobView"],
  ["/clusters/litally-core/collectionRestoreJobs", "PaginatedApiAtlasCollectionRestoreJobView"],
  ["/clusters/litally-core/backup/exports", "PaginatedApiAtlasDiskBackupExportJobView"],
  ["/backup/exportBuckets", "PaginatedBackupSnapshotExportBucketsView"],
  ["/processes", "PaginatedHostView_Atlas"],
  ["/events?itemsPerPage=500", "GroupPaginatedEventView"],
  ["/alertConfigs", "PaginatedAlertConfigView"],
  ["/integrations", "PaginatedIntegrationView"],
  ["/flexClusters", "PaginatedFlexClusters20241113"],
  ["/flexClusters/litally-core", "FlexClusterDescription20241113"],
  ["/flexClusters/litally-core/backup/snapshots", "PaginatedApiAtlasFlexBackupSnapshot20241113View"],
] as const;

describe("every world", () => {
  it.each(listWorlds())("$name answers as the API is described", async ({ name }) => {
    const target = await sandbox({ world: name });
    const replies = await Promise.all(
      PATHS.map(async ([path, schema]) => ({ path, schema, reply: await get(target, path) })),
    );
    for (const { path, schema, reply } of replies) {
      expect([200, 400, 403, 404], `${path}: ${reply.text}`).toContain(reply.status);
      const problems = validate?.(reply.status === 200 ? schema : "ApiError", reply.json) ?? [];
      // one world is invalid on purpose, which also shows that the comparison can fail
      const isInvalid = validate !== undefined && name === "unknown-status" && path.includes("core/backup/snapshots?");
      if (isInvalid) expect(problems[0]).toMatch(/status must be equal to one of the allowed values/);
      else expect(problems, path).toEqual([]);
    }
    expect(replies.find(({ path }) => path === "/clusters")?.reply.status).toBe(200);
  });

  it("serves one snapshot and one unit by id, as the API is described", async () => {
    const target = await sandbox({ world: "sharded" });
    const base = "/clusters/litally-core/backup/snapshots";
    const members = await get(target, base);
    const units = await get(target, `${base}/shardedClusters`);
    const member = await get(target, `${base}/${members.json.results[0].id}`);
    const unit = await get(target, `${base}/shardedCluster/${units.json.results[0].id}`);
    expect(member.json).toEqual(members.json.results[0]);
    expect(unit.json).toEqual(units.json.results[0]);
    expect(validate?.("DiskBackupReplicaSet", member.json) ?? []).toEqual([]);
    expect(validate?.("DiskBackupShardedClusterSnapshot", unit.json) ?? []).toEqual([]);
  });

  it("serves a Backup Compliance Policy, as the API is described", async () => {
    const { json } = await get(await sandbox({ world: "compliance" }), "/backupCompliancePolicy");
    expect(json).toMatchObject({ state: "ACTIVE", pitEnabled: true, restoreWindowDays: 7 });
    expect(validate?.("DataProtectionSettings20231001", json) ?? []).toEqual([]);
  });

  it("is named once, and described once in docs/sandbox.md", () => {
    const names = listWorlds().map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const docs = readFileSync(new URL("docs/sandbox.md", root), "utf8");
    const rows = docs.split("\n").filter((line) => /^\| `[a-z-]+` \| .* \| (pass|warn|fail|unknown) \|/.test(line));
    const wanted = listWorlds().map(
      ({ name, summary, verdict, check }) =>
        `| \`${name}\` | ${summary} | ${verdict} | ${check === null ? "" : `\`${check}\``} |`,
    );
    expect(rows.map((row) => row.replaceAll(/ +/g, " "))).toEqual(wanted.map((row) => row.replaceAll(/ +/g, " ")));
  });
});

it("refuses a world that there is not, and guesses what was meant", async () => {
  await expect(sandbox({ world: "helthy" })).rejects.toMatchObject({
    kind: "usage",
    message: expect.stringContaining('did you mean "healthy"'),
    hint: expect.stringMatching(/litally-ops sandbox worlds lists them/),
  });
  await expect(sandbox({ world: "quite-another" })).rejects.toMatchObject({
    kind: "usage",
    hint: expect.stringMatching(/sandbox worlds/),
  });
});
