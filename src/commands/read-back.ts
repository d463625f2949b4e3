/** Reads an archive from the first byte to the last, and holds what came against its manifest. */
import { OpsError } from "../core/error.ts";
import type { Hashed } from "../ports/transfer.ts";
import type { DeepCandidate, DeepObject } from "../rules/archive/deep-plan.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { merkleRoot } from "../rules/archive/merkle.ts";
import type { Archived } from "./archives.ts";
import type { Context } from "./context.ts";
import { readManifest } from "./gather-archives.ts";

export interface ReadingBack {
  readonly context: Pick<Context, "s3" | "sha256" | "transfer" | "clock" | "progress">;
  readonly archived: Archived;
  readonly candidate: DeepCandidate;
}

export interface WasRead {
  /** Over everything as it was read. */
  readonly merkleRoot: string;
  /** What was not as archived. */
  readonly wrong: readonly string[];
}

/** OpsError where it could not be read to the end; what is not as archived is no error. */
export async function readBack(reading: ReadingBack): Promise<WasRead> {
  const { context, archived, candidate } = reading;
  const [s3, sha256] = await Promise.all([context.s3(), context.sha256()]);
  const manifest = await readManifest(s3, archived, candidate.month);
  if (!manifest.known) throw manifest.reason;
  const roots: string[] = [];
  const wrong: string[] = [];
  for (const object of manifest.value.objects) {
    const hashed = await hash(reading, object, storedOf(candidate, object));
    roots.push(merkleRoot(hashed.partSha256s, sha256));
    wrong.push(...differences(object, hashed));
  }
  return { merkleRoot: merkleRoot(roots, sha256), wrong };
}

/** As long as it is now, whatever the manifest says: also of what was cut off one wants to know which part is wrong. */
async function hash(
  { context, archived, candidate }: ReadingBack,
  { key, versionId, partSizeBytes }: ManifestObject,
  { sizeBytes }: DeepObject,
): Promise<Hashed> {
  const startedAt = context.clock.now();
  const what = `reading ${archived.database.name} ${candidate.month} back`;
  const transfer = await context.transfer();
  return transfer.hash({
    from: { bucket: archived.archive.bucket, key, ...(versionId === null ? {} : { versionId }) },
    sizeBytes,
    partSizeBytes,
    onProgress: (doneBytes) => {
      const share = sizeBytes === 0 ? 100 : Math.floor((doneBytes / sizeBytes) * 100);
      context.progress.waiting(`${what}: ${share}% of ${key}`, context.clock.now().getTime() - startedAt.getTime());
    },
  });
}

function storedOf({ objects, month }: DeepCandidate, { key, versionId }: ManifestObject): DeepObject {
  const found = objects.find((object) => object.key === key && object.versionId === versionId);
  if (found !== undefined) return found;
  throw new OpsError("rejected", `the manifest of ${month} has changed since it was looked at`);
}

/** The first part that differs, and how many more do. */
function differences({ key, partSha256s, sha256 }: ManifestObject, hashed: Hashed): readonly string[] {
  const count = Math.max(partSha256s.length, hashed.partSha256s.length);
  const parts = Array.from({ length: count }, (_, index) => index).filter(
    (index) => partSha256s[index] !== hashed.partSha256s[index],
  );
  const [first] = parts;
  if (first !== undefined)
    return [`${key}: part ${first + 1}${parts.length > 1 ? ` and ${parts.length - 1} more` : ""}`];
  return sha256 === null || sha256 === hashed.sha256 ? [] : [`${key}: the whole`];
}
