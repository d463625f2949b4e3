/**
 * The record in a bucket: one object each, under a key that counts down, so that the newest is listed first and the end of
 * the chain is one request away, whatever its length. A key is only ever created: of two who want the same number, S3 lets
 * one have it. https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
 */
import { addDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { quoted } from "../core/shell.ts";
import type { Policy } from "../policy/schema.ts";
import type { ObjectVersion, S3 } from "../ports/s3.ts";
import type { NewRecord, Shelf, ShelfEntry } from "../ports/shelf.ts";

export type AuditLogPolicy = NonNullable<Policy["auditLog"]>;

const MAX_SEQ = 999_999_999_999;
const KEY_DIGITS = 12;
/** Of what follows the folder: a folder in it holds nothing of ours. */
const NAME = /^(\d{12})\.json$/;
/** The SDK's own limit of a page. */
const MAX_PAGE = 1_000;
/** Versions asked for beyond those that are likely to be looked at: somebody may have put more under a key. */
const SPARE_VERSIONS = 20;
/** Above that of what a record may have, with room for its wrapping. */
const MAX_TEXT_BYTES = 256 * 1024;
const SECOND_MS = 1_000;

export function s3Shelf(s3: S3, { bucket, prefix, retain, objectLock }: AuditLogPolicy, environment: string): Shelf {
  const folder = `${prefix}${environment}/`;
  const keyOf = (seq: number) => `${folder}${String(MAX_SEQ - seq).padStart(KEY_DIGITS, "0")}.json`;
  return {
    name: `s3://${bucket}/${folder}`,
    entries: (about) => entriesOf(s3, bucket, folder, Math.min(about + SPARE_VERSIONS, MAX_PAGE)),
    create: async ({ seq, text, at }: NewRecord) => {
      const put = await s3.putText({
        bucket,
        key: keyOf(seq),
        text,
        contentType: "application/json",
        storageClass: "STANDARD",
        lock: { mode: objectLock, retainUntil: wholeSecond(addDuration(at, retain)) },
        condition: "absent",
      });
      return put === "taken" ? "taken" : "created";
    },
  };
}

/** S3 may keep no more than seconds: a record is never locked for less than it was promised. */
function wholeSecond(at: Date): Date {
  return new Date(Math.ceil(at.getTime() / SECOND_MS) * SECOND_MS);
}

/** What else lies in the folder is nobody's record. */
async function* entriesOf(s3: S3, bucket: string, folder: string, pageSize: number): AsyncGenerator<ShelfEntry> {
  let ofKey: ObjectVersion[] = [];
  for await (const page of s3.versionPages(bucket, folder, pageSize)) {
    for (const version of page) {
      if (ofKey[0] !== undefined && ofKey[0].key !== version.key) {
        yield entryOf(s3, bucket, folder, ofKey);
        ofKey = [];
      }
      if (NAME.test(version.key.slice(folder.length))) ofKey.push(version);
    }
  }
  if (ofKey.length > 0) yield entryOf(s3, bucket, folder, ofKey);
}

/** What was put there first is the record, whatever was put over it. */
function entryOf(s3: S3, bucket: string, folder: string, versions: readonly ObjectVersion[]): ShelfEntry {
  const key = versions[0]?.key ?? "";
  const first = versions.findLast(({ isDeleteMarker }) => !isDeleteMarker);
  return {
    seq: MAX_SEQ - Number(NAME.exec(key.slice(folder.length))?.[1]),
    place: `s3://${bucket}/${key}`,
    tampering: tampering(bucket, versions),
    read: async () => {
      if (first === undefined) throw new OpsError("not-found", `s3://${bucket}/${key} is deleted`);
      return s3.getLockedText({ bucket, key, versionId: first.versionId }, MAX_TEXT_BYTES);
    },
  };
}

function tampering(bucket: string, versions: readonly ObjectVersion[]): ShelfEntry["tampering"] {
  const marker = versions.find(({ isDeleteMarker }) => isDeleteMarker);
  const [newest] = versions;
  if (marker !== undefined)
    return {
      message: `somebody deleted it: a delete marker of ${marker.lastModifiedAt.toISOString()} hides it`,
      remedy: `look in CloudTrail who did; to take it back: aws s3api delete-object --bucket ${bucket} --key ${quoted(marker.key)} --version-id ${marker.versionId}`,
    };
  if (newest === undefined || versions.length === 1) return null;
  return {
    message: `somebody put another text over it at ${newest.lastModifiedAt.toISOString()}; the first is what counts`,
    remedy: `look in CloudTrail who did: version ${newest.versionId} of ${newest.key}`,
  };
}
