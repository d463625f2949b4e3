/** The worlds in which all is well with backups, and something is wrong with archives: `archive verify` must say it. */
import * as damage from "./archive-damages.ts";
import type { World } from "./worlds.ts";

const world = (
  name: string,
  summary: string,
  verdict: World["verdict"],
  check: string | null,
  archives: damage.ArchiveDamage,
): World => ({ name, summary, command: "archive verify", verdict, check, archives });

export const ARCHIVE_WORLDS: readonly World[] = [
  world("archive-missing", "the newest archive is missing", "fail", "archive/slot", damage.missing),
  world("archive-late", "an archive came a month late", "warn", "archive/in-time", damage.late),
  world("archive-unlocked", "the newest archive is not locked", "fail", "archive/lock", damage.unlocked),
  world(
    "archive-short-lock",
    "the lock of the newest archive ended after a week",
    "fail",
    "archive/lock",
    damage.shortLock,
  ),
  world(
    "archive-wrong-class",
    "the newest archive is in the class STANDARD",
    "fail",
    "archive/storage-class",
    damage.wrongClass,
  ),
  world(
    "archive-flipped",
    "somebody has put another body over that of the newest archive",
    "fail",
    "archive/objects",
    damage.flipped,
  ),
  world(
    "archive-truncated",
    "the newest archive has lost its second half",
    "fail",
    "archive/content",
    damage.truncated,
  ),
  world(
    "archive-hidden",
    "a delete marker hides the manifest of the newest archive",
    "fail",
    "archive/slot",
    damage.hidden,
  ),
  world(
    "archive-manifest-damaged",
    "the manifest of the newest archive cannot be read",
    "unknown",
    "archive/manifest",
    damage.damagedManifest,
  ),
  world(
    "archive-orphaned-upload",
    "an upload was left behind three days ago",
    "warn",
    "archive/orphaned-uploads",
    damage.orphanedUpload,
  ),
  world(
    "archive-lifecycle",
    "a rule of the bucket expires archives after a year",
    "fail",
    "archive/lifecycle",
    damage.expiringRule,
  ),
  world("archive-no-lock", "the bucket has no Object Lock", "fail", "archive/object-lock", damage.noLock),
  world("archive-public", "the bucket may be made public", "fail", "archive/public-access", damage.publicAccess),
  world(
    "archive-key-pending-deletion",
    "the key that encrypts the bucket will be deleted in a week",
    "fail",
    "archive/key",
    damage.keyPendingDeletion,
  ),
  world(
    "archive-key-disabled",
    "the key that the newest archive is under is disabled, and the bucket has another by now",
    "fail",
    "archive/object-keys",
    damage.keyDisabled,
  ),
  world(
    "archive-forbidden",
    "these credentials may not list what is in the bucket",
    "unknown",
    "archive/slot",
    damage.forbidden,
  ),
  world(
    "archive-rotten",
    "the newest archive has rotted, and S3 does not know: only reading it back tells",
    "pass",
    null,
    damage.rotten,
  ),
];
