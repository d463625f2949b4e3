/** How snapshots leave Atlas: as files for one download, or as objects that Atlas writes into a bucket. */
import type { Observed } from "../core/observed.ts";

export interface AtlasExports {
  /** Sent once, like every write. The job lists its addresses once Atlas has them ready. */
  startDownload(projectId: string, clusterName: string, snapshotId: string): Promise<DownloadJob>;
  getDownload(projectId: string, clusterName: string, jobId: string): Promise<DownloadJob>;
  /** Download jobs of a cluster, in no promised order; cancelled as restore jobs are. */
  listDownloads(projectId: string, clusterName: string): Promise<readonly DownloadJob[]>;
  listExportBuckets(projectId: string): Promise<readonly ExportBucket[]>;
  /** Sent once, like every write. */
  startExport(projectId: string, clusterName: string, order: ExportOrder): Promise<ExportJob>;
  getExport(projectId: string, clusterName: string, exportId: string): Promise<ExportJob>;
  listExports(projectId: string, clusterName: string): Promise<readonly ExportJob[]>;
}

export interface DownloadJob {
  readonly id: Observed<string>;
  readonly snapshotId: Observed<string | null>;
  /** One per replica set, all of them or none: empty until Atlas has them ready. */
  readonly files: Observed<readonly DownloadFile[]>;
  readonly createdAt: Observed<Date>;
  readonly expiresAt: Observed<Date | null>;
  readonly cancelled: Observed<boolean>;
  readonly failed: Observed<boolean>;
  readonly expired: Observed<boolean>;
}

/** A gzipped tar of the files of a mongod. */
export interface DownloadFile {
  /** null where Atlas does not name it. */
  readonly replicaSet: string | null;
  /** Whoever has it has the data: it is never shown. */
  readonly url: string;
}

export interface ExportBucket {
  readonly id: Observed<string>;
  readonly bucket: Observed<string>;
  readonly provider: Observed<"AWS" | "AZURE" | "GCP">;
  /** In the form of AWS; null where Atlas does not say. */
  readonly region: Observed<string | null>;
}

export interface ExportOrder {
  readonly snapshotId: string;
  readonly exportBucketId: string;
  /** Labels that Atlas writes beside the export: how a lost order is found again. */
  readonly labels: Readonly<Record<string, string>>;
}

export const EXPORT_STATES = ["Queued", "InProgress", "Successful", "Failed", "Cancelled"] as const;

export interface ExportJob {
  readonly id: Observed<string>;
  readonly snapshotId: Observed<string>;
  readonly exportBucketId: Observed<string>;
  readonly state: Observed<(typeof EXPORT_STATES)[number]>;
  /** Why it failed, as Atlas words it; null where it does not say. */
  readonly stateReason: Observed<string | null>;
  /** Where its objects stand in the bucket: to be used as it is, never computed. */
  readonly prefix: Observed<string>;
  readonly createdAt: Observed<Date>;
  readonly finishedAt: Observed<Date | null>;
  readonly exportedCollections: Observed<number | null>;
  readonly totalCollections: Observed<number | null>;
  readonly labels: Observed<Readonly<Record<string, string>>>;
}
