/** Looks at one archive: its manifest, and by HEAD what S3 says of each object that it names. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import type { ObjectAddress, ObjectHead, S3 } from "../ports/s3.ts";
import { formatKey } from "../rules/archive/keys.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import type { HeldObject, OneArchive } from "../rules/archive/one.ts";
import { parseManifest } from "./archive-manifest.ts";
import type { Archived } from "./archives.ts";
import type { Context } from "./context.ts";
import { MAX_MANIFEST_BYTES } from "./gather-push.ts";

export interface ArchiveLook {
  readonly facts: OneArchive;
  /** The manifest to the letter; null where there is none that can be read. */
  readonly text: string | null;
}

/** Requests under way at a time. */
export const MAX_OBJECT_REQUESTS = 16;

export async function gatherArchive(
  { s3: connect, clock, sha256 }: Pick<Context, "s3" | "clock" | "sha256">,
  { archive: { bucket }, place }: Archived,
  month: string,
): Promise<ArchiveLook> {
  const s3 = await connect();
  const key = formatKey(place, { kind: "manifest", month });
  const read = await observe(() => unlessAbsent(() => s3.getText({ bucket, key }, MAX_MANIFEST_BYTES)));
  const manifest = await observe(async () => {
    if (!read.known) throw read.reason;
    return read.value === null ? null : parseManifest(read.value.text, key);
  });
  const named = manifest.known && manifest.value !== null ? manifest.value.objects : [];
  const objects = await mapBounded(named, MAX_OBJECT_REQUESTS, (object) => look(s3, bucket, object));
  return {
    facts: { place, month, observedAt: clock.now(), manifest, objects, sha256: await sha256() },
    text: manifest.known && read.known ? (read.value?.text ?? null) : null,
  };
}

/** The very version that the manifest names, whatever stands over it. */
export function addressOf(bucket: string, { key, versionId }: ManifestObject): ObjectAddress {
  return { bucket, key, ...(versionId === null ? {} : { versionId }) };
}

async function look(s3: S3, bucket: string, object: ManifestObject): Promise<HeldObject> {
  const head = await observe(() => unlessAbsent((): Promise<ObjectHead> => s3.headObject(addressOf(bucket, object))));
  return { object, head };
}

/** null: S3 knows no such object. */
async function unlessAbsent<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}
