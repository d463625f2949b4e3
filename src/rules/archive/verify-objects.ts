/** The objects of an archive are all there, as they were written, and hold what the manifest says. */
import type { Check } from "../../core/check.ts";
import type { OpsError } from "../../core/error.ts";
import { unknown } from "../../core/verdict.ts";
import type { ObjectAttributes, ObjectVersion } from "../../ports/s3.ts";
import type { ManifestObject } from "./manifest.ts";
import { compositeOf, merkleRoot, type Sha256 } from "./merkle.ts";
import { type ArchiveFacts, attributesOf, headOf, overAll, type Trouble, versionsOf } from "./verify-facts.ts";

export const objects: Check<ArchiveFacts> = {
  id: "archive/objects",
  title: "every object of the archive is there, in the version that was written",
  remedy: ({ archive, month, database }) =>
    `look at its versions, and remove what hides the one of the manifest: aws s3api list-object-versions --bucket ${archive.bucket} --prefix ${archive.prefix}${database.name}/${month}/`,
  judge: ({ manifest, versions }) => {
    if (!manifest.known) return unknown(manifest.reason);
    if (!versions.known) return unknown(versions.reason);
    const all = versions.value;
    const troubles = manifest.value.objects.map((object) => presence(object, versionsOf(all, object.key)));
    return overAll(troubles, `all ${troubles.length} objects`);
  },
};

function presence({ key, versionId }: ManifestObject, stored: readonly ObjectVersion[]): Trouble {
  const data = stored.filter(({ isDeleteMarker }) => !isDeleteMarker);
  const own = versionId === null ? data.at(-1) : data.find((version) => version.versionId === versionId);
  const latest = stored.find(({ isLatest }) => isLatest);
  if (own === undefined)
    return { key, wrong: data.length === 0 ? "it is not there" : "its version is gone, another stands there" };
  if (latest?.isDeleteMarker === true) return { key, wrong: "a delete marker hides it" };
  if (!own.isLatest || data.length > 1) return { key, wrong: `it was overwritten: ${data.length} versions` };
  return null;
}

export const content: Check<ArchiveFacts> = {
  id: "archive/content",
  title: "sizes, checksums and Merkle roots are those of the manifest",
  remedy: ({ archive }) =>
    `do not rely on it, and keep it as evidence; find out who wrote there: aws cloudtrail lookup-events --lookup-attributes AttributeKey=ResourceName,AttributeValue=${archive.bucket}`,
  judge: (facts) => {
    if (!facts.manifest.known) return unknown(facts.manifest.reason);
    const { objects: all, merkleRoot: whole } = facts.manifest.value;
    if (all.length === 0) return unknown("the manifest names no object: there is nothing to check");
    const root = merkleRoot(
      all.map((object) => object.root),
      facts.sha256,
    );
    const troubles: readonly Trouble[] = [
      ...all.flatMap((object) => contentTroubles(facts, object)),
      ...(root === whole ? [] : [{ key: facts.manifestKey, wrong: "its Merkle root is not that of its objects" }]),
    ];
    return overAll(troubles, `all ${all.length} objects agree with Merkle root ${whole}`);
  },
};

/** One entry for an object that is as it must be. */
function contentTroubles(facts: ArchiveFacts, object: ManifestObject): readonly Trouble[] {
  const { key, sizeBytes, versionId, partSha256s, root } = object;
  const head = headOf(facts, key);
  const attributes = attributesOf(facts, key);
  const wrong: readonly (string | OpsError | null)[] = [
    merkleRoot(partSha256s, facts.sha256) === root ? null : "its Merkle root is not that of its parts",
    head.known ? sizeTrouble(sizeBytes, head.value.sizeBytes) : head.reason,
    head.known && versionId !== null && head.value.versionId !== versionId ? "another version was looked at" : null,
    attributes.known ? sizeTrouble(sizeBytes, attributes.value.sizeBytes) : attributes.reason,
    attributes.known ? checksumTrouble(object, attributes.value, facts.sha256) : null,
  ];
  const found = [...new Set(wrong)].flatMap((what) => (what === null ? [] : [{ key, wrong: what }]));
  return found.length === 0 ? [null] : found;
}

function sizeTrouble(expected: number, actual: number): string | null {
  return actual === expected ? null : `it has ${actual} bytes, the manifest says ${expected}`;
}

/** Part by part where S3 gives them; else by what S3 makes of them all. */
function checksumTrouble(object: ManifestObject, { checksum, parts }: ObjectAttributes, sha256: Sha256): string | null {
  const { partSha256s, sizeBytes, partSizeBytes } = object;
  if (checksum === null) return "S3 keeps no SHA-256 of it";
  if (checksum.kind === "whole")
    return partSha256s.length === 1 && partSha256s[0] === checksum.sha256 ? null : "its SHA-256 is another one";
  if (
    checksum.sha256 !== compositeOf(partSha256s, sha256) ||
    (checksum.parts ?? partSha256s.length) !== partSha256s.length
  )
    return "its checksum is another one";
  if (parts === null || parts.length === 0) return null;
  const wrong = parts.findIndex(
    (part, index) =>
      part.number !== index + 1 ||
      part.sha256 !== partSha256s[index] ||
      part.sizeBytes !== Math.min(partSizeBytes, sizeBytes - index * partSizeBytes),
  );
  if (wrong !== -1) return `part ${wrong + 1} is another one`;
  return parts.length === partSha256s.length ? null : `S3 has ${parts.length} parts of it`;
}
