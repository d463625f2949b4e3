import { HOUR_MS, longestMs, shortestMs } from "../core/duration.ts";
import { FREQUENCIES, type Frequency } from "../core/frequency.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import { invariantProblems } from "./rules-invariants.ts";
import { namesOf, notDeclared, usedTwice } from "./rules-names.ts";
import { atMostProblems, PERIOD_MS, surelyShorter } from "./rules-periods.ts";
import type { DatabasePolicy, Draft } from "./schema.ts";

/**
 * Databases that cannot be kept as declared. What Atlas refuses of a schedule:
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/
 */
export function databaseProblems(judged: Judged): readonly Problem[] {
  const databases = judged.policy.databases;
  const archives = namesOf(judged.policy.archives, ["archives"], "name");
  return [
    ...usedTwice(judged, namesOf(databases, ["databases"], "name")),
    ...usedTwice(judged, namesOf(databases, ["databases"], "cluster")),
    ...(databases ?? []).flatMap((database, index) => {
      if (database === undefined) return [];
      const path = ["databases", index];
      const archive = database.archive && { name: database.archive, path: [...path, "archive"] };
      return [
        ...notDeclared(judged, archive || undefined, archives, "archives"),
        ...snapshotProblems(judged, database, path),
        ...copyProblems(judged, database, path),
        ...continuousProblems(judged, database, path),
        ...graceProblems(judged, database, path),
        ...drillProblems(judged, database, path),
        ...invariantProblems(judged, database, path),
      ];
    }),
  ];
}

type Database = Draft<DatabasePolicy>;
type Snapshot = NonNullable<NonNullable<Database["snapshots"]>[number]>;

/** Atlas's intervals between hourly snapshots. */
const HOURLY_INTERVALS_MS = [1, 2, 4, 6, 8, 12].map((hours) => hours * HOUR_MS);
const SHORTEST_HOURLY_MS = HOUR_MS;
const LONGEST_HOURLY_MS = 12 * HOUR_MS;

function snapshotProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const snapshots = database.snapshots;
  const nothing = snapshots?.length === 0 && database.continuousBackup === undefined;
  if (nothing && !judged.unclear([...path, "continuousBackup"])) {
    return [{ path, text: "asks for no backup at all; write snapshots, or continuousBackup" }];
  }
  return (snapshots ?? []).flatMap((snapshot, index) => {
    if (snapshot === undefined) return [];
    const at = [...path, "snapshots", index];
    const earlier = (snapshots ?? []).slice(0, index).some((other) => other?.frequency === snapshot.frequency);
    const twice = `${judged.quote([...at, "frequency"])} stands above already; keep one entry for each frequency`;
    return [
      ...(earlier && snapshot.frequency !== undefined ? [{ path: [...at, "frequency"], text: twice }] : []),
      ...intervalProblems(judged, snapshot, at),
      ...retentionProblems(judged, database, snapshot, path, at),
      ...atMostProblems(judged, snapshot, at),
    ];
  });
}

function intervalProblems(judged: Judged, { frequency, every }: Snapshot, at: Path): readonly Problem[] {
  if (every === undefined || frequency === undefined) return [];
  const path = [...at, "every"];
  if (frequency !== "hourly") return [{ path, text: "only hourly snapshots take an interval; remove it" }];
  if (HOURLY_INTERVALS_MS.includes(longestMs(every))) return [];
  return [{ path, text: `${judged.quote(path)} is no interval that Atlas has; write 1h, 2h, 4h, 6h, 8h or 12h` }];
}

/** Whoever writes more means something else; and each of its days is proved. */
const MAX_RETENTION = { value: 100, unit: "y" } as const;

const LEAST_RETENTION = { weekly: "7d", monthly: "31d", yearly: "365d" } as const;

function retentionProblems(
  judged: Judged,
  database: Database,
  { frequency, retain }: Snapshot,
  path: Path,
  at: Path,
): readonly Problem[] {
  if (frequency === undefined || retain === undefined) return [];
  const where = [...at, "retain"];
  const written = judged.quote(where);
  if (longestMs(retain) > longestMs(MAX_RETENTION))
    return [{ path: where, text: `${written} is longer than a century; write at most 100y` }];
  if (frequency !== "hourly" && frequency !== "daily" && longestMs(retain) < PERIOD_MS[frequency]) {
    const least = LEAST_RETENTION[frequency];
    return [{ path: where, text: `${written} is shorter than the ${frequency} period; write at least ${least}` }];
  }
  return (database.snapshots ?? []).flatMap((other, index) => {
    if (other?.frequency === undefined || other.retain === undefined) return [];
    const rarer = FREQUENCIES.indexOf(frequency) > FREQUENCIES.indexOf(other.frequency);
    if (!rarer || !surelyShorter(retain, other.retain)) return [];
    const longer = judged.quote([...path, "snapshots", index, "retain"]);
    const text = `${written} is shorter than the ${longer} of the ${other.frequency} snapshots, which Atlas refuses; write at least as much`;
    return [{ path: where, text }];
  });
}

function copyProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const declared = database.snapshots?.map((snapshot) => snapshot?.frequency);
  const known = declared !== undefined && !declared.includes(undefined);
  return (database.copies ?? []).flatMap((copy, index) => {
    if (copy === undefined) return [];
    const at = [...path, "copies", index];
    const regionTwice = (database.copies ?? [])
      .slice(0, index)
      .some((other) => copy.region !== undefined && other?.region === copy.region);
    const region = `${judged.quote([...at, "region"])} stands above already; keep one entry for each region`;
    const noOplog = copy.oplogs === true && database.continuousBackup === undefined;
    const oplogs = "there is no oplog to copy without continuousBackup; declare it, or write false";
    return [
      ...(regionTwice ? [{ path: [...at, "region"], text: region }] : []),
      ...(noOplog && !judged.unclear([...path, "continuousBackup"]) ? [{ path: [...at, "oplogs"], text: oplogs }] : []),
      ...(copy.frequencies ?? []).flatMap((frequency, item) => {
        if (!known || frequency === undefined || declared.includes(frequency)) return [];
        const where = [...at, "frequencies", item];
        const text = `no ${frequencyWords(judged, where)} snapshots are declared; declare them, or remove this`;
        return [{ path: where, text }];
      }),
    ];
  });
}

function frequencyWords(judged: Judged, path: Path): string {
  return judged.written(path) ?? "such";
}

/** Point-in-time recovery stands on the hourly snapshots, and without it nothing is finer than a snapshot. */
function continuousProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const window = database.continuousBackup?.window;
  const windowProblems = (database.snapshots ?? []).flatMap((snapshot, index) => {
    const short = window !== undefined && snapshot?.retain !== undefined && surelyShorter(snapshot.retain, window);
    if (snapshot?.frequency !== "hourly" || !short) return [];
    const where = [...path, "continuousBackup", "window"];
    const kept = judged.quote([...path, "snapshots", index, "retain"]);
    const text = `${judged.quote(where)} reaches further back than the hourly snapshots are kept (${kept}), which Atlas refuses; keep them at least as long`;
    return [{ path: where, text }];
  });
  return [...windowProblems, ...rpoProblems(judged, database, path)];
}

function rpoProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const rpo = database.objectives?.rpo;
  const intervals = database.snapshots?.map((snapshot) => intervalMs(snapshot, SHORTEST_HOURLY_MS));
  if (rpo === undefined || database.continuousBackup !== undefined) return [];
  if (judged.unclear([...path, "continuousBackup"]) || !allKnown(intervals)) return [];
  if (intervals.length === 0 || longestMs(rpo) >= Math.min(...intervals)) return [];
  const where = [...path, "objectives", "rpo"];
  const text = `${judged.quote(where)} is less than lies between two snapshots; declare continuousBackup, or allow more`;
  return [{ path: where, text }];
}

function graceProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const intervals = database.snapshots?.map((snapshot) => intervalMs(snapshot, LONGEST_HOURLY_MS));
  if (database.grace === undefined || !allKnown(intervals) || intervals.length === 0) return [];
  if (shortestMs(database.grace) < Math.min(...intervals)) return [];
  const where = [...path, "grace"];
  const written = judged.written(where) === undefined ? "2h, which counts when it is absent," : judged.quote(where);
  return [{ path: where, text: `${written} is not shorter than the time between two snapshots; write less` }];
}

/** The time between two snapshots; `hourlyMs` where the live schedule decides. */
function intervalMs(snapshot: Snapshot | undefined, hourlyMs: number): number | undefined {
  const frequency: Frequency | undefined = snapshot?.frequency;
  if (frequency === undefined) return undefined;
  if (frequency !== "hourly") return PERIOD_MS[frequency];
  return snapshot?.every === undefined ? hourlyMs : longestMs(snapshot.every);
}

function allKnown(intervals: readonly (number | undefined)[] | undefined): intervals is readonly number[] {
  return intervals !== undefined && !intervals.includes(undefined);
}

/** A drill overwrites its target. Names of clusters are host names too, where letters have no case. */
function drillProblems(judged: Judged, database: Database, path: Path): readonly Problem[] {
  const target = database.drill?.target;
  if (target === undefined) return [];
  const where = [...path, "drill", "target"];
  const isTarget = (cluster: unknown) => typeof cluster === "string" && cluster.toLowerCase() === target.toLowerCase();
  if (isTarget(database.cluster)) {
    return [{ path: where, text: `${judged.quote(where)} is the cluster of this database itself; write another` }];
  }
  const hit = (judged.policy.databases ?? []).some((other) => other?.protected === true && isTarget(other.cluster));
  if (!hit) return [];
  return [{ path: where, text: `${judged.quote(where)} is the cluster of a protected database; write another` }];
}
