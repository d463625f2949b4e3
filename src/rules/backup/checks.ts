import type { Check } from "../../core/check.ts";
import { backupEnabled, clusterExists, clusterState } from "./cluster.ts";
import { continuousCoverage, continuousEnabled, continuousHourlyItem, continuousWindow } from "./continuous.ts";
import { copiesConfigured, copiesOplogs, copiesPresent } from "./copies.ts";
import { encryptionKey } from "./encryption.ts";
import type { BackupFacts } from "./facts.ts";
import { snapshotAge } from "./freshness.ts";
import { snapshotSeries } from "./gaps.ts";
import { snapshotFailed, snapshotInProgress } from "./incidents.ts";
import { shardsComplete, snapshotSize } from "./plausible.ts";
import { readable } from "./readable.ts";
import { scheduleItem, snapshotExpiry } from "./retention.ts";

/** Everything that must hold of a database's backups, in the order in which a person would ask. */
export const BACKUP_CHECKS: readonly Check<BackupFacts>[] = [
  clusterExists,
  clusterState,
  backupEnabled,
  snapshotAge,
  snapshotSeries,
  snapshotFailed,
  snapshotInProgress,
  snapshotSize,
  shardsComplete,
  scheduleItem,
  snapshotExpiry,
  continuousEnabled,
  continuousHourlyItem,
  continuousWindow,
  continuousCoverage,
  copiesConfigured,
  copiesPresent,
  copiesOplogs,
  encryptionKey,
  readable,
];
