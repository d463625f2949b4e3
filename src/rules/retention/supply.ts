/** All restore points of a database, from whatever machine keeps them, at the worst and at the best of what is uncertain. */

import { OpsError } from "../../core/error.ts";
import type { Observed } from "../../core/observed.ts";
import type { BucketSettings } from "../../ports/s3.ts";
import type { BackupFacts } from "../backup/facts.ts";
import type { ArchiveRetentionFacts, RetentionFacts } from "./facts.ts";
import type { RestorePoint } from "./model.ts";
import { archiveSupply } from "./supply-archives.ts";
import { homeOf } from "./supply-place.ts";
import { isBeingDeleted, type Reading, reader, type Supplied, snapshotSupply } from "./supply-snapshots.ts";

/** Up to an instant; what is to come included. */
export function supplyOf(facts: RetentionFacts, untilMs: number, reading: Reading): Supplied {
  const { backup, projectId, rehearsedMs, archives } = facts;
  const asked = { backup, projectId, untilMs, reading, firstByteMs: rehearsedMs };
  const snapshots = snapshotSupply(asked);
  if (archives === null) return snapshots;
  const stored = archiveSupply({
    ...archives,
    bucket: bucketOf(archives),
    sources: sourcesOf(backup, snapshots.supply.points),
    madeFrom: homeOf(asked, reader()), // what cannot be read of it, the snapshots have told
    nowMs: backup.observedAt.getTime(),
    untilMs,
    reading,
  });
  const isGoing = isBeingDeleted(backup);
  return {
    supply: {
      points: [...snapshots.supply.points, ...stored.supply.points.filter(({ isSeen }) => isSeen || !isGoing)],
      continuous: snapshots.supply.continuous,
    },
    unreadable: [...snapshots.unreadable, ...unlisted(archives), ...stored.unreadable],
  };
}

/** Of a flex cluster nothing is archived: Atlas gives its snapshots out in another way. */
function sourcesOf({ cluster }: BackupFacts, points: readonly RestorePoint[]): readonly RestorePoint[] {
  if (cluster.known && cluster.value?.offering === "flex") return [];
  return points.filter(({ kind }) => kind === "snapshot").sort((a, b) => a.dataMs - b.dataMs);
}

function bucketOf({ archive, bucket }: ArchiveRetentionFacts): Observed<BucketSettings> {
  if (!bucket.known || bucket.value !== null) return bucket as Observed<BucketSettings>; // not null, as was just seen
  return { known: false, reason: new OpsError("not-found", `there is no bucket ${archive.bucket}`) };
}

function unlisted({ series }: ArchiveRetentionFacts): readonly OpsError[] {
  return series.versions.known ? [] : [series.versions.reason];
}
