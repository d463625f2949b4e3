/** What the policy wants of a cluster and Atlas cannot be told, or would silently not take. */
import { HOUR_MS, shortestMs } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail } from "../../core/verdict.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";
import type { LiveSettings } from "./live.ts";
import { NVME_HOURS } from "./wanted.ts";

/** `isCopied`: whether what is set for a region suffices as it is. */
export function obstacles(
  live: LiveSettings,
  wanted: LiveSettings,
  database: DatabasePolicy,
  isCopied: (region: string) => boolean,
): readonly Verdict[] {
  return [
    ...hourlyOnNvme(live, database),
    ...automaticCopies(live, wanted),
    ...tooManyCopies(live, wanted),
    ...countedCopies(live, database).filter(({ scope }) => !isCopied(scope)),
    ...foreignCopies(live, database),
  ];
}

function hourlyOnNvme({ nvme }: LiveSettings, { snapshots }: DatabasePolicy): readonly Verdict[] {
  const every = snapshots.find(({ frequency }) => frequency === "hourly")?.every;
  if (!nvme || every === undefined || shortestMs(every) >= NVME_HOURS * HOUR_MS) return [];
  return [
    fail(`the cluster has NVMe disks: Atlas takes hourly snapshots of it every ${NVME_HOURS} hours only`, {
      expected: shortestMs(every) / HOUR_MS,
      actual: NVME_HOURS,
    }),
  ];
}

/** Atlas writes the list itself then, and would undo ours. */
function automaticCopies(live: LiveSettings, wanted: LiveSettings): readonly Verdict[] {
  if (!live.copiesAutomatically || JSON.stringify(live.copies) === JSON.stringify(wanted.copies)) return [];
  return [
    {
      ...fail("Atlas keeps the copy settings in step with the cluster's regions by itself, and would undo ours"),
      remedy: "turn automatic copies off in Atlas (Backup, Edit Policy), then plan again",
    },
  ];
}

/** So many kinds of snapshots there are, those on demand included: `maxItems` of `copyPolicyItems` in Atlas's own specification. */
const MAX_COPY_ITEMS = 6;

/** Where a kind stands there twice: which of the two is meant is for a person to say, and neither is taken away unasked. */
function tooManyCopies(live: LiveSettings, wanted: LiveSettings): readonly Verdict[] {
  const before = new Set(live.copies.map((setting) => JSON.stringify(setting)));
  return wanted.copies.flatMap((setting) => {
    const { copies, region } = setting;
    if (copies.by !== "items" || copies.items.length <= MAX_COPY_ITEMS || before.has(JSON.stringify(setting)))
      return [];
    return [
      {
        ...fail(
          `the copies to ${region} would be ${copies.items.length} items, some of one kind, and Atlas takes ${MAX_COPY_ITEMS} at most`,
          { expected: MAX_COPY_ITEMS, actual: copies.items.length },
        ),
        scope: region,
        remedy: "take the items of a kind that is there twice away in Atlas (Backup, Edit Policy), then plan again",
      },
    ];
  });
}

/** A setting goes by a number of snapshots or by frequencies, never both. */
function countedCopies(
  live: LiveSettings,
  database: DatabasePolicy,
): readonly (Verdict & { readonly scope: string })[] {
  const counted = live.copies.filter(
    ({ copies, region, zoneId }) =>
      copies.by === "count" && live.zoneIds.includes(zoneId) && database.copies.some((copy) => copy.region === region),
  );
  return counted.map(({ region }) => ({
    ...fail(`the copies to ${region} go by a number of snapshots, the policy by frequencies`),
    scope: region,
    remedy: `decide which: change that setting in Atlas to frequencies, or take ${region} out of the policy`,
  }));
}

/** The policy's regions are those of AWS, and copies stay with one provider. */
function foreignCopies(live: LiveSettings, database: DatabasePolicy): readonly Verdict[] {
  const foreign = live.copies.filter(
    ({ provider, region }) => provider !== "AWS" && database.copies.some((copy) => copy.region === region),
  );
  return foreign.map(({ provider, region }) => ({
    ...fail(`the copies to ${region} are at ${provider}, the policy speaks of AWS`),
    scope: region,
  }));
}
