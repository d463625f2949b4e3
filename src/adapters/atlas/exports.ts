/** The port's two ways out of Atlas over its operations: downloads, which are restore jobs there, and exports. */
import { OpsError } from "../../core/error.ts";
import type { AtlasExports } from "../../ports/atlas-exports.ts";
import type { WireObject } from "../fields.ts";
import type { Wire } from "./call.ts";
import { pathParams } from "./params.ts";
import { asObject, theOne } from "./wire.ts";
import { downloadBody, downloadSecrets, mayBeDownload, parseDownload } from "./wire-downloads.ts";
import { exportBody, parseExport, parseExportBucket } from "./wire-exports.ts";

export function snapshotExports(wire: Wire): AtlasExports {
  const { call, list } = wire;
  return {
    ...downloads(wire),
    listExportBuckets: async (projectId) =>
      (await list("listGroupBackupExportBuckets", pathParams(projectId))).map(parseExportBucket),
    startExport: async (projectId, name, order) => {
      const params = pathParams(projectId, name);
      const answer = await call("createGroupClusterBackupExport", params, undefined, exportBody(order));
      return parseExport(asObject("createGroupClusterBackupExport", answer));
    },
    getExport: async (projectId, name, exportId) => {
      const answer = await call("getGroupClusterBackupExport", pathParams(projectId, name, { exportId }));
      return parseExport(theOne("getGroupClusterBackupExport", answer, exportId));
    },
    listExports: async (projectId, name) =>
      (await list("listGroupClusterBackupExports", pathParams(projectId, name))).map(parseExport),
  };
}

type Downloads = Pick<AtlasExports, "startDownload" | "getDownload" | "listDownloads">;

function downloads({ call, list, keepSecret }: Wire): Downloads {
  /** Before anything is read of it: what cannot be read is told in messages. */
  const guarded = (object: WireObject) => {
    keepSecret(downloadSecrets(object));
    return object;
  };
  return {
    startDownload: async (projectId, name, snapshotId) => {
      const params = pathParams(projectId, name);
      const answer = await call("createGroupClusterBackupRestoreJob", params, undefined, downloadBody(snapshotId));
      return parseDownload(guarded(asObject("createGroupClusterBackupRestoreJob", answer)));
    },
    getDownload: async (projectId, name, jobId) => {
      const answer = await call("getGroupClusterBackupRestoreJob", pathParams(projectId, name, { jobId }));
      const job = guarded(theOne("getGroupClusterBackupRestoreJob", answer, jobId));
      if (mayBeDownload(job)) return parseDownload(job);
      throw new OpsError("protocol", `the restore job ${jobId} is no download`);
    },
    listDownloads: async (projectId, name) => {
      const jobs = (await list("listGroupClusterBackupRestoreJobs", pathParams(projectId, name))).map(guarded);
      return jobs.filter(mayBeDownload).map(parseDownload);
    },
  };
}
