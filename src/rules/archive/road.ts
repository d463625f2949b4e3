/**
 * The road of a push. Downloading, every byte flows through this machine while the address of the snapshot lives; exporting,
 * Atlas and S3 do the work, and it takes as long as it takes. So a download must fit, with a margin, before it is begun.
 */
import type { Check } from "../../core/check.ts";
import { formatSpan, HOUR_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import { awsRegion } from "../../core/region.ts";
import type { Verdict } from "../../core/report.ts";
import { formatBytes } from "../../core/size.ts";
import { type Tri, tri } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ExportBucket } from "../../ports/atlas-exports.ts";
import type { Manifest, Road } from "./manifest.ts";

/** https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-from-local-file/ */
const ADDRESS_LIFE_MS = HOUR_MS;
/** What a forecast may be wrong by, and what comes before the first byte. */
const MAX_SHARE_OF_LIFE = 0.6;
/** Where no archive tells how fast this road is: what a runner with a modest line gets. */
const ASSUMED_BYTES_PER_SECOND = 40e6;
/** How many of the newest downloads are asked. */
const ASKED_DOWNLOADS = 3;

export interface RoadFacts {
  readonly via: Road | "auto";
  readonly sizeBytes: Observed<number | null>;
  /** One address for each; all of them die at once. */
  readonly shards: Observed<number>;
  /** Of earlier archives of this database: what they tell about the speed. */
  readonly past: readonly Manifest[];
  readonly exportBuckets: Observed<readonly ExportBucket[]>;
  /** The one that is named, where Atlas has several; null: none is. */
  readonly exportBucketId: string | null;
  /** Of the archive's bucket. */
  readonly region: string;
}

interface Forecast {
  readonly expectedMs: number;
  readonly limitMs: number;
  readonly bytesPerSecond: number;
  readonly isMeasured: boolean;
}

/** `because`: `asked` by --via, it `fits` the life of an address, or it is `too-large` for that. */
export type RoadChoice =
  | { readonly road: "download"; readonly because: "asked" | "fits"; readonly forecast: Forecast }
  | {
      readonly road: "export";
      readonly because: "asked" | "too-large";
      readonly exportBucketId: string;
      /** In the archive's own region. */
      readonly isNear: Tri;
    }
  | { readonly road: null; readonly message: string }
  | { readonly road: "unclear"; readonly reason: OpsError | string };

export function chooseRoad(facts: RoadFacts): RoadChoice {
  if (facts.via === "export") return exportRoad(facts, "asked");
  const expected = forecast(facts);
  if (!expected.known) return { road: "unclear", reason: expected.reason };
  const isFitting = expected.value.expectedMs <= expected.value.limitMs;
  if (isFitting)
    return { road: "download", because: facts.via === "download" ? "asked" : "fits", forecast: expected.value };
  if (facts.via === "download") return { road: null, message: `a download ${tooSlow(expected.value)}` };
  const other = exportRoad(facts, "too-large");
  if (other.road !== null) return other;
  return { road: null, message: `a download ${tooSlow(expected.value)}, and ${other.message}` };
}

export const road: Check<RoadFacts> = {
  id: "archive/road",
  title: "there is a road on which the archive can be made",
  remedy: () =>
    "give Atlas a bucket to export to (atlas backups exports buckets create), or push from a machine with a faster line",
  judge: (facts) => judgeRoad(chooseRoad(facts), facts),
};

function judgeRoad(choice: RoadChoice, { shards }: RoadFacts): Verdict {
  switch (choice.road) {
    case "download": {
      const { expectedMs, limitMs, isMeasured, bytesPerSecond } = choice.forecast;
      if (!shards.known) return unknown(shards.reason);
      const addresses = shards.value === 1 ? "its address lives" : `its ${shards.value} addresses live`;
      const speed = `${formatBytes(bytesPerSecond)}/s${isMeasured ? " as before" : ", an assumption"}`;
      return pass(`download: about ${formatSpan(expectedMs)} (${speed}), ${addresses} ${formatSpan(ADDRESS_LIFE_MS)}`, {
        expected: formatSpan(limitMs),
        actual: formatSpan(expectedMs),
      });
    }
    case "export": {
      const why = choice.because === "asked" ? "as asked" : "a download would not be done in time";
      const words = `export to bucket ${choice.exportBucketId} of Atlas, ${why}`;
      if (choice.isNear === "yes") return pass(words);
      const where = choice.isNear === "no" ? "it is" : "Atlas does not say where it is, and it may be";
      return warn(`${words}; ${where} in another region, and copies from there cost`);
    }
    case null:
      return fail(choice.message);
    case "unclear":
      return unknown(choice.reason);
  }
}

function tooSlow({ expectedMs, limitMs }: Forecast): string {
  return `takes about ${formatSpan(expectedMs)}, and must be done in ${formatSpan(limitMs)}`;
}

/** All parts flow through one line, and the addresses of all shards die together: so the sum counts. */
function forecast({ sizeBytes, past }: RoadFacts): Observed<Forecast> {
  if (!sizeBytes.known) return sizeBytes;
  if (sizeBytes.value === null)
    return notKnown(
      new OpsError("protocol", "Atlas does not say how large the snapshot is", { hint: "push it with --via export" }),
    );
  const measured = measuredBytesPerSecond(past);
  const bytesPerSecond = measured ?? ASSUMED_BYTES_PER_SECOND;
  return known({
    expectedMs: (sizeBytes.value / bytesPerSecond) * SECOND_MS,
    limitMs: ADDRESS_LIFE_MS * MAX_SHARE_OF_LIFE,
    bytesPerSecond,
    isMeasured: measured !== null,
  });
}

/** The slowest of the newest downloads, each from its begin to its end, pauses and all; null: there are none. */
export function measuredBytesPerSecond(past: readonly Manifest[]): number | null {
  const speeds = past
    .filter(({ via }) => via === "download")
    .toSorted((a, b) => b.completedAt.getTime() - a.completedAt.getTime())
    .slice(0, ASKED_DOWNLOADS)
    .flatMap(({ objects, startedAt, completedAt }) => {
      const tookMs = completedAt.getTime() - startedAt.getTime();
      const bytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
      return tookMs > 0 && bytes > 0 ? [(bytes / tookMs) * SECOND_MS] : [];
    });
  return speeds.length === 0 ? null : Math.min(...speeds);
}

/** The bucket that is named; or the only one; or the only one in the archive's own region. */
function exportRoad(facts: RoadFacts, because: "asked" | "too-large"): RoadChoice {
  if (!facts.exportBuckets.known) return { road: "unclear", reason: facts.exportBuckets.reason };
  const buckets: { readonly id: string; readonly isNear: Tri }[] = [];
  for (const { id, provider, region } of facts.exportBuckets.value) {
    if (!id.known) return { road: "unclear", reason: id.reason };
    if (!provider.known) return { road: "unclear", reason: provider.reason };
    const where = region.known ? region.value : null;
    const isNear = where === null ? "maybe" : tri(awsRegion(where) === awsRegion(facts.region));
    if (provider.value === "AWS") buckets.push({ id: id.value, isNear });
  }
  const named = facts.exportBucketId;
  const near = buckets.filter(({ isNear }) => isNear === "yes");
  const candidates = named !== null ? buckets.filter(({ id }) => id === named) : buckets.length > 1 ? near : buckets;
  const [chosen, second] = candidates;
  if (chosen !== undefined && second === undefined)
    return { road: "export", because, exportBucketId: chosen.id, isNear: chosen.isNear };
  if (named !== null) return { road: null, message: `Atlas has no export bucket ${named} in AWS` };
  if (buckets.length === 0) return { road: null, message: "Atlas has no export bucket in AWS" };
  const ids = buckets.map(({ id }) => id).join(", ");
  return { road: null, message: `Atlas has several export buckets: name one with --export-bucket (${ids})` };
}
