/** Looks at the archives of a database as they stand in their bucket: one list, then each manifest and what it names. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { known, notKnown, type Observed, observe } from "../core/observed.ts";
import type { ObjectVersion, S3 } from "../ports/s3.ts";
import type { BucketFacts } from "../rules/archive/bucket.ts";
import { databaseFolder, formatKey, parseKey } from "../rules/archive/keys.ts";
import type { Manifest } from "../rules/archive/manifest.ts";
import type { StoredObject, VerifyFacts } from "../rules/archive/verify-facts.ts";
import { parseManifest } from "./archive-manifest.ts";
import type { Archived } from "./archives.ts";
import type { Context } from "./context.ts";
import { MAX_MANIFEST_BYTES } from "./gather-push.ts";

export interface ArchiveLooking {
  readonly context: Pick<Context, "s3" | "clock" | "sha256">;
  readonly projectId: string;
  readonly archived: Archived;
  /** Of the bucket, looked at once for all its databases. */
  readonly bucket: BucketFacts["bucket"];
  /** The months that are looked into; null: all that stand there. */
  readonly months: readonly string[] | null;
}

/** Requests under way at a time: S3 gives far more, but a list of five years is no load to haste over. */
const MAX_READS = 16;

export async function gatherArchives(looking: ArchiveLooking): Promise<Omit<VerifyFacts, "deep">> {
  const { context, projectId, archived, bucket, months } = looking;
  const { archive, database, place } = archived;
  const s3 = await context.s3();
  const folder = databaseFolder(place);
  const [versions, uploads, sha256] = await Promise.all([
    observe(() => s3.listVersions(archive.bucket, folder)),
    observe(() => s3.listUploads(archive.bucket, folder)),
    context.sha256(),
  ]);
  const standing = versions.known ? monthsIn(archived, versions.value) : [];
  const asked = standing.filter((month) => months === null || months.includes(month));
  const manifests = await readManifests(s3, archived, asked);
  return {
    observedAt: context.clock.now(),
    archive,
    database,
    projectId,
    bucket: settingsOf(bucket, archive.bucket),
    versions,
    uploads,
    manifests,
    objects: await readObjects(s3, archived, manifests),
    sha256,
  };
}

function settingsOf(bucket: BucketFacts["bucket"], name: string): VerifyFacts["bucket"] {
  if (!bucket.known) return bucket;
  if (bucket.value !== null) return known(bucket.value);
  return notKnown(new OpsError("not-found", `there is no bucket ${name}`, { hint: "see archive/region" }));
}

/** Months of which the manifest is the newest version of its key. */
function monthsIn({ place }: Archived, versions: readonly ObjectVersion[]): readonly string[] {
  return versions
    .filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker)
    .flatMap(({ key }) => {
      const parsed = parseKey(place, key);
      return parsed?.kind === "manifest" ? [parsed.month] : [];
    });
}

async function readManifests(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  months: readonly string[],
): Promise<ReadonlyMap<string, Observed<Manifest>>> {
  const read = await mapBounded(months, MAX_READS, async (month) => {
    const key = formatKey(place, { kind: "manifest", month });
    return observe(async () => parseManifest((await s3.getText({ bucket, key }, MAX_MANIFEST_BYTES)).text, key));
  });
  return new Map(months.flatMap((month, index) => (read[index] === undefined ? [] : [[month, read[index]]])));
}

/** Each object in the version that its manifest names: what stands over it since is another matter. */
async function readObjects(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  manifests: ReadonlyMap<string, Observed<Manifest>>,
): Promise<ReadonlyMap<string, StoredObject>> {
  const named = [...manifests.values()].flatMap((manifest) => (manifest.known ? manifest.value.objects : []));
  const own = [...manifests.keys()].map((month) => formatKey(place, { kind: "manifest", month }));
  const data = await mapBounded(named, MAX_READS, async ({ key, versionId }): Promise<[string, StoredObject]> => {
    const address = { bucket, key, ...(versionId === null ? {} : { versionId }) };
    const [head, attributes] = await Promise.all([
      observe(() => s3.headObject(address)),
      observe(() => s3.getAttributes(address)),
    ]);
    return [key, { head, attributes }];
  });
  const heads = await mapBounded(own, MAX_READS, async (key): Promise<[string, StoredObject]> => {
    return [key, { head: await observe(() => s3.headObject({ bucket, key })), attributes: null }];
  });
  return new Map([...data, ...heads]);
}
