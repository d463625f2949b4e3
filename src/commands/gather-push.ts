/** Looks at everything that an archive of a period depends on, side by side: account, bucket, key, what stands there, the source. */
import { OpsError } from "../core/error.ts";
import { known, type Observed, observe } from "../core/observed.ts";
import { once } from "../core/once.ts";
import type { Policy } from "../policy/schema.ts";
import type { BucketSettings, ObjectVersion, S3, Upload } from "../ports/s3.ts";
import type { BucketFacts } from "../rules/archive/bucket.ts";
import { databaseFolder, parseKey, periodFolder } from "../rules/archive/keys.ts";
import { lastSign } from "../rules/archive/ledger.ts";
import type { Manifest, Road } from "../rules/archive/manifest.ts";
import type { PushFacts } from "../rules/archive/preconditions.ts";
import type { Period } from "../rules/archive/slots.ts";
import { type ReadLedger, readLedger } from "./archive-ledger.ts";
import { parseManifest } from "./archive-manifest.ts";
import { type Archived, awsOf } from "./archives.ts";
import type { Context } from "./context.ts";
import { backupGatherer } from "./gather-backups.ts";
import { type KeyGatherer, keyGatherer } from "./gather-keys.ts";

export interface PushLooking {
  readonly context: Context;
  readonly policy: Pick<Policy, "atlas" | "aws">;
  readonly archived: Archived;
  readonly period: Period;
  readonly via: Road | "auto";
  readonly exportBucketId: string | null;
}

export interface PushLook {
  readonly facts: PushFacts;
  /** null: nobody has begun. `lastSignAt`: of whoever has, by the clock of S3. */
  readonly begun: Observed<(ReadLedger & { readonly lastSignAt: Date }) | null>;
}

export async function gatherPush(looking: PushLooking): Promise<PushLook> {
  const { context, policy, archived, period, via, exportBucketId } = looking;
  const { archive, database, place } = archived;
  const { projectId } = policy.atlas;
  const [atlas, s3] = await Promise.all([context.atlas(), context.s3()]);
  const gatherer = backupGatherer(atlas, projectId);
  const [account, all, uploads, source, exportBuckets] = await Promise.all([
    gatherBucket(context, policy, archived),
    observe(() => s3.listVersions(archive.bucket, databaseFolder(place))),
    observe(() => s3.listUploads(archive.bucket, periodFolder(place, period.month))),
    gatherer.gather(database, () => context.clock.now(), null),
    observe(() => atlas.listExportBuckets(projectId)),
  ]);
  const versions = within(all, periodFolder(place, period.month));
  const [past, begun] = await Promise.all([
    pastManifests(s3, archived, all),
    observe(() => readBegun(s3, archived, { period, versions, uploads })),
  ]);
  const facts = { ...account, source, period, versions, uploads, road: { via, past, exportBuckets, exportBucketId } };
  return { facts, begun };
}

/** What every command of archives wants to know of the bucket. */
export async function gatherBucket(
  context: Pick<Context, "aws" | "s3" | "keys">,
  policy: Pick<Policy, "aws">,
  { archive }: Archived,
  keyOf: KeyGatherer = keyGatherer(context),
): Promise<BucketFacts> {
  const aws = awsOf(policy);
  const [identity, bucket] = await Promise.all([
    observe(async () => (await context.aws()).identity()),
    observe(async () => settingsOf(await context.s3(), archive.bucket)),
  ]);
  return { archive, aws, identity, bucket, key: await defaultKey(bucket, keyOf) };
}

/** For several databases: who we are is asked once, and each bucket once, with its key. */
export function bucketGatherer(
  context: Pick<Context, "aws" | "s3" | "keys">,
  policy: Pick<Policy, "aws">,
  keyOf: KeyGatherer,
): (archived: Archived) => Promise<BucketFacts> {
  const aws = once(async () => {
    const asked = await context.aws();
    return { ...asked, identity: once(() => asked.identity()) };
  });
  const buckets = new Map<string, Promise<BucketFacts>>();
  return async (archived) => {
    const { archive } = archived;
    const gathered = buckets.get(archive.bucket) ?? gatherBucket({ ...context, aws }, policy, archived, keyOf);
    buckets.set(archive.bucket, gathered);
    return { ...(await gathered), archive };
  };
}

async function settingsOf(s3: S3, bucket: string): Promise<BucketSettings | null> {
  try {
    return await s3.getBucket(bucket);
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}

async function defaultKey(bucket: BucketFacts["bucket"], keyOf: KeyGatherer): Promise<BucketFacts["key"]> {
  if (!bucket.known) return bucket;
  if (bucket.value === null) return known(null);
  const { encryption } = bucket.value;
  if (!encryption.known) return encryption;
  const id = encryption.value?.kmsKeyId;
  return id === undefined || id === null ? known(null) : keyOf(id);
}

function within(versions: Observed<readonly ObjectVersion[]>, folder: string): Observed<readonly ObjectVersion[]> {
  return versions.known ? known(versions.value.filter(({ key }) => key.startsWith(folder))) : versions;
}

/** How many earlier archives are asked how fast they were. */
const PAST_MANIFESTS = 3;
export const MAX_MANIFEST_BYTES = 64 * 1024 * 1024;

/** Those that can be read: they serve an estimate, and no verdict rests on one. */
async function pastManifests(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  versions: Observed<readonly ObjectVersion[]>,
): Promise<readonly Manifest[]> {
  if (!versions.known) return NONE;
  const keys = versions.value
    .filter(({ isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker)
    .map(({ key }) => key)
    .filter((key) => parseKey(place, key)?.kind === "manifest")
    .slice(-PAST_MANIFESTS);
  const read = await Promise.all(
    keys.map((key) =>
      observe(async () => parseManifest((await s3.getText({ bucket, key }, MAX_MANIFEST_BYTES)).text, key)),
    ),
  );
  return read.flatMap((manifest) => (manifest.known ? [manifest.value] : []));
}

const NONE: readonly Manifest[] = [];

/** An upload's parts are a sign of life too; of one that has ended meanwhile there are none. */
async function readBegun(
  s3: S3,
  { archive: { bucket }, place }: Archived,
  {
    period,
    versions,
    uploads,
  }: {
    readonly period: Period;
    readonly versions: Observed<readonly ObjectVersion[]>;
    readonly uploads: Observed<readonly Upload[]>;
  },
): Promise<(ReadLedger & { readonly lastSignAt: Date }) | null> {
  if (!versions.known) throw versions.reason;
  const written = versions.value.find(
    ({ key, isLatest, isDeleteMarker }) => isLatest && !isDeleteMarker && parseKey(place, key)?.kind === "ledger",
  );
  if (written === undefined) return null;
  const read = await readLedger({ s3, bucket, place }, period.month);
  if (read === null) return null;
  if (!uploads.known) throw uploads.reason;
  const open = new Set(uploads.value.map(({ uploadId }) => uploadId));
  const parts = await Promise.all(
    read.ledger.objects
      .filter(({ uploadId }) => open.has(uploadId))
      .map(({ key, uploadId }) => s3.listParts({ bucket, key, uploadId })),
  );
  const lastSignAt = lastSign(
    written.lastModifiedAt,
    parts.flat().map(({ uploadedAt }) => uploadedAt),
  );
  return { ...read, lastSignAt };
}
