/** Looks at the archives of a database as they stand in their bucket: one list of all, then each archive by itself. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { known, notKnown, type Observed, observe } from "../core/observed.ts";
import type { ObjectVersion, S3 } from "../ports/s3.ts";
import type { BucketFacts } from "../rules/archive/bucket.ts";
import type { DeepState } from "../rules/archive/deep.ts";
import { databaseFolder, formatKey } from "../rules/archive/keys.ts";
import type { Manifest } from "../rules/archive/manifest.ts";
import {
  type DeepFacts,
  keysOfObjects,
  type SeriesFacts,
  type StoredObject,
  type VerifyFacts,
} from "../rules/archive/verify-facts.ts";
import { readDeepState } from "./archive-deep-state.ts";
import { parseManifest } from "./archive-manifest.ts";
import type { Archived } from "./archives.ts";
import type { Context } from "./context.ts";
import type { KeyGatherer } from "./gather-keys.ts";
import { MAX_MANIFEST_BYTES } from "./gather-push.ts";

export interface ArchiveLooking {
  readonly context: Pick<Context, "s3" | "clock" | "sha256">;
  readonly projectId: string;
  readonly archived: Archived;
  /** Of the bucket, looked at once for all its databases. */
  readonly bucket: BucketFacts["bucket"];
  readonly keyOf: KeyGatherer;
  /** How often archives are read back; null: nobody promised it. */
  readonly within: DeepFacts["within"];
}

/** Objects of one archive that are asked about at a time, by two requests each. */
const MAX_OBJECTS = 8;

/** What is listed, before any archive is looked into. */
export async function gatherSeries({
  context,
  archived,
}: {
  readonly context: Pick<Context, "s3" | "clock">;
  readonly archived: Archived;
}): Promise<SeriesFacts> {
  const { archive, database, place } = archived;
  const s3 = await context.s3();
  const folder = databaseFolder(place);
  const [versions, uploads] = await Promise.all([
    observe(() => s3.listVersions(archive.bucket, folder)),
    observe(() => s3.listUploads(archive.bucket, folder)),
  ]);
  return { observedAt: context.clock.now(), archive, database, versions, uploads, manifests: new Map() };
}

/** The manifest of an archive, every object that it names, and how far the reading back of it has come. */
export async function gatherMonth(looking: ArchiveLooking, series: SeriesFacts, month: string): Promise<VerifyFacts> {
  const { context, projectId, archived, bucket, keyOf, within } = looking;
  const [s3, sha256] = await Promise.all([context.s3(), context.sha256()]);
  const [manifest, state] = await Promise.all([
    readManifest(s3, archived, month),
    stateOf(s3, archived, series, month),
  ]);
  const objects = await readObjects(s3, archived, month, manifest);
  const arns = keysOfObjects([...objects.values()].map(({ head }) => head)).flatMap((arn) =>
    arn.known ? [arn.value] : [],
  );
  return {
    ...series,
    projectId,
    bucket: settingsOf(bucket, archived.archive.bucket),
    manifests: new Map([[month, manifest]]),
    objects,
    keys: new Map(await Promise.all(arns.map(async (arn) => [arn, await keyOf(arn)] as const))),
    sha256,
    deep: { within, states: new Map([[month, state]]) },
  };
}

export function readManifest(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  month: string,
): Promise<Observed<Manifest>> {
  const key = formatKey(place, { kind: "manifest", month });
  return observe(async () => parseManifest((await s3.getText({ bucket, key }, MAX_MANIFEST_BYTES)).text, key));
}

function settingsOf(bucket: BucketFacts["bucket"], name: string): VerifyFacts["bucket"] {
  if (!bucket.known) return bucket;
  if (bucket.value !== null) return known(bucket.value);
  return notKnown(new OpsError("not-found", `there is no bucket ${name}`, { hint: "see archive/region" }));
}

/** Asked for only where the list shows one: most archives were never read back. */
async function stateOf(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  { versions }: SeriesFacts,
  month: string,
): Promise<Observed<DeepState | null>> {
  if (!versions.known) return versions;
  const key = formatKey(place, { kind: "deep", month });
  const isThere = ({ key: of, isLatest, isDeleteMarker }: ObjectVersion) => of === key && isLatest && !isDeleteMarker;
  if (!versions.value.some(isThere)) return known(null);
  return observe(async () => (await readDeepState({ s3, bucket, place }, month))?.state ?? null);
}

/** Each object in the version that its manifest names: what stands over it since is another matter. */
async function readObjects(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  month: string,
  manifest: Observed<Manifest>,
): Promise<ReadonlyMap<string, StoredObject>> {
  const key = formatKey(place, { kind: "manifest", month });
  const own = observe(() => s3.headObject({ bucket, key }));
  const named = manifest.known ? manifest.value.objects : NONE;
  const data = await mapBounded(named, MAX_OBJECTS, async (object): Promise<[string, StoredObject]> => {
    const { versionId } = object;
    const address = { bucket, key: object.key, ...(versionId === null ? {} : { versionId }) };
    const [head, attributes] = await Promise.all([
      observe(() => s3.headObject(address)),
      observe(() => s3.getAttributes(address)),
    ]);
    return [object.key, { head, attributes }];
  });
  return new Map([...data, [key, { head: await own, attributes: null }]]);
}

const NONE: Manifest["objects"] = [];
