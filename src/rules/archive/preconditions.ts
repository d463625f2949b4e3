/** What must hold before a period is archived: what fails or is not known here, nothing is asked of Atlas or S3 for. */
import { type Check, runChecks } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import type { ObjectVersion, Upload } from "../../ports/s3.ts";
import { shardCount } from "../backup/units.ts";
import { BUCKET_CHECKS, type BucketFacts } from "./bucket.ts";
import { formatKey, type Place } from "./keys.ts";
import { type RoadFacts, road } from "./road.ts";
import { chooseSource, type SourceFacts, snapshot, snapshotExpiry } from "./source.ts";
import { judgeToBe } from "./to-be.ts";

/** `source` is the database's backups; its `observedAt` is the instant by which everything here is judged. */
export interface PushFacts extends BucketFacts, SourceFacts {
  readonly road: Omit<RoadFacts, "sizeBytes" | "shards" | "region">;
  /** All versions under the folder of the period. */
  readonly versions: Observed<readonly ObjectVersion[]>;
  /** Uploads under the folder of the period. */
  readonly uploads: Observed<readonly Upload[]>;
}

export function pushPreconditions(facts: PushFacts, subject: string): readonly Finding[] {
  return runChecks(PRECONDITIONS, facts, subject);
}

/** What the choice of the road hangs on. */
export function roadFacts(facts: PushFacts): RoadFacts {
  const choice = chooseSource(facts);
  const chosen: Observed<Snapshot> =
    choice.kind === "chosen"
      ? known(choice.point.snapshot)
      : notKnown(new OpsError("not-found", "there is no snapshot to archive", { hint: "see archive/snapshot" }));
  return {
    ...facts.road,
    region: facts.aws.region,
    sizeBytes: chosen.known ? chosen.value.sizeBytes : chosen,
    shards: chosen.known ? mapObserved(chosen.value.members, () => shardCount(chosen.value) ?? 1) : chosen,
  };
}

function placeOf({ archive, source }: PushFacts): Place {
  return { prefix: archive.prefix, database: source.database.name };
}

/** A manifest under a delete marker is an archive all the same: its data are there, and locked. */
const slotFree: Check<PushFacts> = {
  id: "archive/slot-free",
  title: "the period has no complete archive yet",
  remedy: ({ source, archive }) =>
    `look at what there is: litally-ops archive list ${source.database.name}; one that is hidden is brought back by removing the delete marker: aws s3api list-object-versions --bucket ${archive.bucket}`,
  judge: (facts) => {
    if (!facts.versions.known) return unknown(facts.versions.reason);
    const { month } = facts.period;
    const key = formatKey(placeOf(facts), { kind: "manifest", month });
    const manifests = facts.versions.value.filter((version) => version.key === key);
    const stored = manifests.find(({ isDeleteMarker }) => !isDeleteMarker);
    if (stored === undefined) return pass(`${month} has none`);
    const hidden = manifests.some(({ isDeleteMarker, isLatest }) => isDeleteMarker && isLatest);
    return fail(
      `${month} was archived on ${formatInstant(stored.lastModifiedAt)}${hidden ? ", and its manifest hidden since" : ""}`,
      { key, versionId: stored.versionId },
    );
  },
};

const uploads: Check<PushFacts> = {
  id: "archive/uploads",
  title: "what an earlier push left under way is known",
  remedy: ({ archive }) => `allow s3:ListBucketMultipartUploads on ${archive.bucket}`,
  judge: ({ uploads: found }) => {
    if (!found.known) return unknown(found.reason);
    const keys = found.value.map(({ key }) => key);
    return keys.length === 0
      ? pass("nothing")
      : pass(`${keys.length} uploads, which this push takes up where it can`, { actual: keys });
  },
};

const lifecycle: Check<PushFacts> = {
  id: "archive/lifecycle",
  title: "no lifecycle rule expires or moves the archive while it is to be kept",
  remedy: ({ archive }) =>
    `take the prefix "${archive.prefix}" out of that rule; changing rules replaces all of them, so look first: aws s3api get-bucket-lifecycle-configuration --bucket ${archive.bucket}`,
  judge: (facts) => {
    const { period, source } = facts;
    const { sizeBytes } = roadFacts(facts);
    const sizesBytes = [sizeBytes.known ? sizeBytes.value : null, null];
    return judgeToBe(facts, { place: placeOf(facts), period, createdAt: source.observedAt, sizesBytes });
  },
};

const PRECONDITIONS: readonly Check<PushFacts>[] = [
  ...BUCKET_CHECKS,
  lifecycle,
  slotFree,
  snapshot,
  snapshotExpiry,
  { ...road, judge: (facts) => road.judge(roadFacts(facts)), remedy: (facts) => road.remedy(roadFacts(facts)) },
  uploads,
];
