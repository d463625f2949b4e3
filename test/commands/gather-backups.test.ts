import { expect, test } from "vitest";
import { backupGatherer } from "../../src/commands/gather-backups.ts";
import { known } from "../../src/core/observed.ts";
import type { Atlas, Cluster, FlexCluster } from "../../src/ports/atlas.ts";
import { aCluster, aDatabase, aSchedule, dailies, findings, NOW } from "../rules/build.ts";

function atlasWith(dedicated: readonly Cluster[], flex: readonly FlexCluster[] = []): Atlas {
  const unused = () => Promise.reject(new Error("not used"));
  return {
    listClusters: () => Promise.resolve(dedicated),
    listFlexClusters: () => Promise.resolve(flex),
    getSchedule: () => Promise.resolve(aSchedule()),
    listSnapshots: () => Promise.resolve(dailies(7)),
    getCluster: unused,
    listShardedSnapshots: unused,
    listFlexSnapshots: unused,
    clockSkew: () => known({ skewMs: 0, uncertaintyMs: 0 }),
    probe: unused,
    getSnapshot: unused,
    listSnapshotEvents: unused,
    getCompliancePolicy: unused,
    takeSnapshot: unused,
    updateSchedule: unused,
    updateCluster: unused,
    setPaused: unused,
    listRestoreJobs: unused,
    getRestoreJob: unused,
    startRestore: unused,
    cancelRestoreJob: unused,
    listCollectionRestores: unused,
    getCollectionRestore: unused,
    startCollectionRestore: unused,
    listSnapshotNamespaces: unused,
    getActivity: unused,
    startDownload: unused,
    getDownload: unused,
    listDownloads: unused,
    listExportBuckets: unused,
    startExport: unused,
    getExport: unused,
    listExports: unused,
    listAlertConfigs: unused,
    listIntegrations: unused,
    createAlertConfig: unused,
    replaceAlertConfig: unused,
    close: () => Promise.resolve(),
  };
}

const FLEX: FlexCluster = {
  name: "litally-core",
  id: known("0123456789abcdef01234567"),
  state: known("IDLE"),
  createdAt: known(NOW),
  backupEnabled: known(true),
};

test.each([
  ["two dedicated clusters", atlasWith([aCluster(), aCluster()])],
  ["two flex clusters", atlasWith([], [FLEX, FLEX])],
])("%s of one name: which is meant is not known, and nothing that the name answers is judged", async (_, atlas) => {
  const facts = await backupGatherer(atlas, "project").gather(aDatabase(), () => NOW, null);
  const judged = ["cluster-exists", "enabled", "snapshot-age", "schedule-item"].flatMap((id) => findings(facts, id));
  expect(new Set(judged.map(({ status, message }) => `${status}: ${message}`))).toEqual(
    new Set(['unknown: could not find out: Atlas lists 2 clusters named "litally-core": nothing says which is meant']),
  );
  expect(judged[0]?.remedy).toBe("look at the project's clusters: atlas clusters list");
});

test("one cluster of the name, among others, is judged", async () => {
  const atlas = atlasWith([aCluster({ name: "litally-ledger" }), aCluster()]);
  const facts = await backupGatherer(atlas, "project").gather(aDatabase(), () => NOW, null);
  expect(findings(facts, "snapshot-age")).toMatchObject([{ status: "pass" }]);
  expect(facts.clusterNames).toEqual(["litally-ledger", "litally-core"]);
});
