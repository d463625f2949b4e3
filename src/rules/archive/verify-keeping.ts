/** An archive is kept as the policy wants: in its class, locked until the end, under keys that can be used, and left alone by every rule. */
import type { Check } from "../../core/check.ts";
import type { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { pass, unknown, warn } from "../../core/verdict.ts";
import type { ObjectHead } from "../../ports/s3.ts";
import { judgeKept, type KeptObject } from "./kept.ts";
import { judgeKey, keyRemedy } from "./key-state.ts";
import { retainUntil } from "./slots.ts";
import { type ArchiveFacts, headOf, keysOfObjects, overAll, type Trouble, versionsOf } from "./verify-facts.ts";

/** Classes whose objects can be read at once. */
const AT_HAND: readonly string[] = ["STANDARD", "STANDARD_IA", "GLACIER_IR"];

export const storageClass: Check<ArchiveFacts> = {
  id: "archive/storage-class",
  title: "the objects are in the policy's class, and the manifest is at hand",
  remedy: ({ archive }) =>
    `what has moved down stays there; take the rule away that moved it: aws s3api get-bucket-lifecycle-configuration --bucket ${archive.bucket}`,
  judge: (facts) => {
    const { manifest, archive } = facts;
    if (!manifest.known) return unknown(manifest.reason);
    const wanted = manifest.value.storageClass;
    const troubles = eachHead(facts, ({ storageClass: found }, isManifest) => {
      if (!found.known) return found.reason;
      const fits = isManifest ? AT_HAND.includes(found.value) : found.value === wanted;
      return fits ? null : `it is in ${found.value}, and belongs into ${isManifest ? "STANDARD" : wanted}`;
    });
    const verdict = overAll(troubles, `${wanted}, the manifest at hand`);
    return verdict.status === "pass" && wanted !== archive.storageClass
      ? {
          ...warn(`archived in ${wanted}; the policy says ${archive.storageClass} by now`),
          remedy: "nothing, if the policy was changed since; what is archived from now on goes into the new class",
        }
      : verdict;
  },
};

/** A lock can be longer and stricter than asked for, but not less. */
export const lock: Check<ArchiveFacts> = {
  id: "archive/lock",
  title: "everything is locked as the policy says, to the end of its retention",
  remedy: ({ archive, manifestKey }) =>
    `lock each object that is named, which can always be done: aws s3api put-object-retention --bucket ${archive.bucket} --key ${manifestKey} --retention Mode=${archive.objectLock},RetainUntilDate=...`,
  judge: (facts) => {
    const { archive, period, observedAt } = facts;
    const wanted = archive.objectLock;
    if (wanted === "none" || period === undefined) return [];
    if (!facts.manifest.known) return unknown(facts.manifest.reason);
    const until = retainUntil(archive, period);
    if (until <= observedAt) return pass(`its retention was over on ${formatInstant(until)}`);
    const troubles = eachHead(facts, ({ lock: found }) => {
      if (!found.known) return found.reason;
      if (found.value === null) return "it is not locked";
      const { mode, retainUntil: end } = found.value;
      if (mode !== wanted && mode !== "COMPLIANCE") return `it is locked in ${mode} mode, not in ${wanted} mode`;
      return end >= until ? null : `its lock ends on ${formatInstant(end)}, its retention on ${formatInstant(until)}`;
    });
    return overAll(troubles, `all locked until ${formatInstant(until)} or longer`);
  },
};

/** After the key of a bucket was changed, what came before stays under the old one. */
export const objectKeys: Check<ArchiveFacts> = {
  id: "archive/object-keys",
  title: "the keys that its objects are under can be used, and nobody deletes them",
  remedy: ({ keys }) => keyRemedy([...keys.keys()].join(" or ")),
  judge: (facts) =>
    keysOfObjects(keysOf(facts).map((key) => headOf(facts, key))).map((arn) => {
      if (!arn.known) return unknown(arn.reason);
      const key = facts.keys.get(arn.value);
      const found = { scope: arn.value, remedy: keyRemedy(arn.value) };
      if (key === undefined) return { ...unknown(`nobody asked for key ${arn.value}`), ...found };
      return key.known ? { ...judgeKey(key.value), ...found } : { ...unknown(key.reason), scope: arn.value };
    }),
};

export const lifecycle: Check<ArchiveFacts> = {
  id: "archive/lifecycle",
  title: "no lifecycle rule expires or moves the archive while it is to be kept",
  remedy: ({ archive }) =>
    `take the prefix "${archive.prefix}" out of that rule; changing rules replaces all of them, so look first: aws s3api get-bucket-lifecycle-configuration --bucket ${archive.bucket}`,
  judge: (facts) => {
    const { bucket, period, archive, manifest, observedAt } = facts;
    if (period === undefined) return [];
    if (!manifest.known) return unknown(manifest.reason);
    if (!bucket.known) return unknown(bucket.reason);
    const { lifecycle: rules, versioning } = bucket.value;
    if (!rules.known) return unknown(rules.reason);
    if (!versioning.known) return unknown(versioning.reason);
    const until = retainUntil(archive, period);
    if (until <= observedAt) return pass(`its retention was over on ${formatInstant(until)}`);
    const kept = keptObjects(facts);
    return Array.isArray(kept) ? judgeKept(kept, rules.value, versioning.value, until) : unknown(kept);
  },
};

/** The manifest and the objects, as rules see them; or why that cannot be said. */
export function keptObjects(facts: ArchiveFacts): KeptObject[] | OpsError {
  const { versions, manifestKey } = facts;
  if (!versions.known) return versions.reason;
  const kept: KeptObject[] = [];
  for (const key of keysOf(facts)) {
    const version = versionsOf(versions.value, key).find(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker);
    const head = headOf(facts, key);
    if (version === undefined) continue; // archive/objects says that it is not there
    if (!head.known) return head.reason;
    const { storageClass: found, lock: locked, sizeBytes } = head.value;
    if (!found.known) return found.reason;
    if (!locked.known) return locked.reason;
    kept.push({
      role: key === manifestKey ? "manifest" : "data",
      version: {
        key,
        sizeBytes,
        storageClass: found.value,
        tags: null,
        createdAt: version.lastModifiedAt,
        isNullVersion: version.versionId === "null",
        noncurrentSince: null,
        newerNoncurrent: 0,
        lockedUntil: locked.value?.retainUntil ?? null,
      },
    });
  }
  return kept;
}

function keysOf({ manifest, manifestKey }: ArchiveFacts): readonly string[] {
  return [manifestKey, ...(manifest.known ? manifest.value.objects.map(({ key }) => key) : [])];
}

function eachHead(
  facts: ArchiveFacts,
  judge: (head: ObjectHead, isManifest: boolean) => string | OpsError | null,
): readonly Trouble[] {
  return keysOf(facts).map((key) => {
    const head = headOf(facts, key);
    const wrong = head.known ? judge(head.value, key === facts.manifestKey) : head.reason;
    return wrong === null ? null : { key, wrong };
  });
}
