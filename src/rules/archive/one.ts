/** One archive, before anybody thaws or fetches it: that it is there, agrees with itself, and its objects stand. */
import type { Check } from "../../core/check.ts";
import type { Observed } from "../../core/observed.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { ObjectHead } from "../../ports/s3.ts";
import { type Place, parseKey, periodFolder } from "./keys.ts";
import type { Manifest, ManifestObject } from "./manifest.ts";
import { merkleRoot, type Sha256 } from "./merkle.ts";
import { overAll, type Trouble } from "./verify-facts.ts";

export interface OneArchive {
  readonly place: Place;
  readonly month: string;
  readonly observedAt: Date;
  /** null: there is none. */
  readonly manifest: Observed<Manifest | null>;
  /** Those of the manifest, in its order; empty where there is none. */
  readonly objects: readonly HeldObject[];
  readonly sha256: Sha256;
}

export interface HeldObject {
  readonly object: ManifestObject;
  /** Of the version that the manifest names; null: S3 does not find it. */
  readonly head: Observed<ObjectHead | null>;
}

/** `2 objects` */
export function objectCount(count: number): string {
  return `${count} ${count === 1 ? "object" : "objects"}`;
}

/** How an object is called within its archive: what follows the folder of the period. */
export function nameInArchive({ place, month }: Pick<OneArchive, "place" | "month">, key: string): string {
  return key.slice(periodFolder(place, month).length);
}

const complete: Check<OneArchive> = {
  id: "archive/complete",
  title: "there is a complete archive",
  remedy: ({ place }) => `see which there are: litally-ops archive list ${place.database}`,
  judge: ({ manifest, month }) => {
    if (!manifest.known) return unknown(manifest.reason);
    if (manifest.value === null)
      return fail(`there is no manifest of ${month}: no archive, or a delete marker hides it`);
    const { snapshot, merkleRoot: root } = manifest.value;
    return pass(`of snapshot ${snapshot.id}`, { snapshotId: snapshot.id, merkleRoot: root });
  },
};

const sound: Check<OneArchive> = {
  id: "archive/manifest-sound",
  title: "the manifest is this archive's, and its parts lead to its Merkle root",
  remedy: ({ place }) => `look at it with litally-ops archive verify ${place.database}, and keep it as evidence`,
  judge: (facts) => {
    const { manifest } = facts;
    if (!manifest.known || manifest.value === null) return [];
    const wrong = unsoundness(facts, manifest.value);
    return wrong === undefined ? pass(`Merkle root ${manifest.value.merkleRoot}`) : fail(wrong);
  },
};

const standing: Check<OneArchive> = {
  id: "archive/objects-there",
  title: "every object of the manifest is there, as long as it says",
  remedy: ({ place }) => `look at it with litally-ops archive verify ${place.database}`,
  judge: ({ manifest, objects }) => {
    if (!manifest.known || manifest.value === null) return [];
    return overAll(objects.map(absence), objectCount(objects.length));
  },
};

/** What must hold of an archive before anything is done with it. */
export const ONE_ARCHIVE_CHECKS: readonly Check<OneArchive>[] = [complete, sound, standing];

function unsoundness({ place, month, sha256 }: OneArchive, manifest: Manifest): string | undefined {
  const { database, period, objects } = manifest;
  if (database !== place.database || period !== month) return `it is that of ${database}/${period}`;
  if (new Set(objects.map(({ key }) => key)).size !== objects.length) return "it names an object twice";
  for (const { key, sizeBytes, partSizeBytes, partSha256s, root } of objects) {
    const parsed = parseKey(place, key);
    if (parsed?.month !== month || (parsed.kind !== "body" && parsed.kind !== "export"))
      return `${JSON.stringify(key)} is no object of such an archive`;
    if (partSha256s.length !== Math.max(1, Math.ceil(sizeBytes / partSizeBytes)))
      return `${key} has ${sizeBytes} bytes, which are not ${partSha256s.length} parts of ${partSizeBytes}`;
    if (merkleRoot(partSha256s, sha256) !== root) return `the Merkle root of ${key} is not that of its parts`;
  }
  const whole = merkleRoot(
    objects.map(({ root }) => root),
    sha256,
  );
  return whole === manifest.merkleRoot ? undefined : "its Merkle root is not that of its objects";
}

function absence({ object: { key, sizeBytes }, head }: HeldObject): Trouble {
  if (!head.known) return { key, wrong: head.reason };
  if (head.value === null) return { key, wrong: "it is not there" };
  const { sizeBytes: actual } = head.value;
  return actual === sizeBytes ? null : { key, wrong: `it has ${actual} bytes, the manifest says ${sizeBytes}` };
}
