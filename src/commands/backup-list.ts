/** `backup list`: the restore points of databases, newest first, each with what it is worth. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import { formatSpan } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { formatInstant } from "../core/instant.ts";
import type { Observed } from "../core/observed.ts";
import type { Cell, Finding, ListColumn, Listing } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import { clusterExists } from "../rules/backup/cluster.ts";
import type { BackupFacts } from "../rules/backup/facts.ts";
import { pointVerdict } from "../rules/backup/point-verdict.ts";
import { type Point, restorePoints } from "../rules/backup/points.ts";
import { readable } from "../rules/backup/readable.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { backupGatherer, MAX_GATHERS } from "./gather-backups.ts";

export const input = z.strictObject({ databases: z.array(z.string()), limit: z.optional(z.string()) });

export async function run({ databases, limit }: z.output<typeof input>, context: Context): Promise<Listing> {
  const most = limit === undefined ? Number.POSITIVE_INFINITY : parseLimit(limit);
  const { policy } = await context.policy("atlas", "databases");
  const selected = selectDatabases(policy, databases);
  const atlas = await context.atlas();
  const gatherer = backupGatherer(atlas, policy.atlas.projectId);
  context.progress.phase("reading snapshots");
  const gathered = await mapBounded(selected, MAX_GATHERS, (database) =>
    gatherer.gather(database, () => context.clock.now(), null),
  );
  const all = gathered.map(rows);
  const items = all.flatMap((ofDatabase) => ofDatabase.slice(0, most));
  const missing = gathered.flatMap(notSeen);
  return {
    kind: "list",
    command: "backup list",
    environment: policy.environment,
    observedAt: context.clock.now(),
    items,
    columns: selected.length === 1 ? COLUMNS : [{ key: "database", title: "DATABASE" }, ...COLUMNS],
    summary: summarise(all.flat(), items.length, missing.length),
    missing,
    omitted: all.flat().length - items.length,
    findings: gathered.flatMap(lookingProblems),
  };
}

/** A list says what is there; what it could not see it must say too. */
function lookingProblems(facts: BackupFacts): readonly Finding[] {
  return runChecks([clusterExists, readable], facts, subjectOf(facts.database)).filter(
    (finding) => finding.status !== "pass",
  );
}

/** That there is none may be said only where Atlas has listed them. */
function notSeen({ database, snapshots }: BackupFacts): Listing["missing"] {
  return snapshots.known ? [] : [{ subject: subjectOf(database), reason: snapshots.reason.message }];
}

function rows(facts: BackupFacts): Listing["items"] {
  if (!facts.snapshots.known) return [];
  return restorePoints(facts, facts.snapshots.value)
    .toReversed()
    .map((point) => row(facts.database, facts, point));
}

function row(database: DatabasePolicy, facts: BackupFacts, point: Point): Listing["items"][number] {
  const { snapshot } = point;
  const verdict = pointVerdict(point);
  return {
    database: database.name,
    cluster: database.cluster,
    id: text(snapshot.id, (id) => id),
    createdAt: point.createdAt === null ? UNREADABLE : point.createdAt.toISOString(),
    ageSeconds:
      point.createdAt === null ? null : Math.floor((facts.observedAt.getTime() - point.createdAt.getTime()) / 1000),
    kind: kindOf(point),
    frequency: text(snapshot.frequency, (frequency) => frequency),
    status: text(snapshot.status, (status) => status),
    sizeBytes: snapshot.sizeBytes.known ? snapshot.sizeBytes.value : UNREADABLE,
    expiresAt: text(snapshot.expiresAt, (at) => at?.toISOString() ?? null),
    copies: text(snapshot.copyRegions, (regions) => regions),
    verdict: verdict.status,
    reason: verdict.reason,
  };
}

const UNREADABLE = "not readable";

function text<T>(observed: Observed<T>, show: (value: T) => Cell): Cell {
  return observed.known ? show(observed.value) : UNREADABLE;
}

function kindOf({ snapshot }: Point): string {
  if (!snapshot.kind.known) return UNREADABLE;
  if (snapshot.kind.value !== "scheduled")
    return snapshot.kind.value === "onDemand" ? "on demand" : snapshot.kind.value;
  return snapshot.frequency.known ? (snapshot.frequency.value ?? "scheduled") : UNREADABLE;
}

/** `13 h`: when to the minute stands beside it. */
function coarsely(ms: number): string {
  return formatSpan(ms).split(" ").slice(0, 2).join(" ");
}

const COLUMNS: readonly ListColumn[] = [
  { key: "verdict", title: "VERDICT", show: (value) => (value === "good" ? "good" : String(value).toUpperCase()) },
  {
    key: "createdAt",
    title: "TAKEN (UTC)",
    show: (value) => (value === UNREADABLE ? UNREADABLE : formatInstant(new Date(String(value))).slice(0, 16)),
  },
  {
    key: "ageSeconds",
    title: "AGE",
    align: "right",
    show: (value) => (typeof value === "number" ? coarsely(value * 1000) : "?"),
  },
  { key: "kind", title: "KIND" },
  {
    key: "sizeBytes",
    title: "SIZE",
    align: "right",
    show: (value) => (typeof value === "number" ? formatBytes(value) : value === null ? "-" : "?"),
  },
  {
    key: "copies",
    title: "COPIES",
    wide: true,
    show: (value) => (Array.isArray(value) ? value.join(",") || "none" : value === null ? "-" : "?"),
  },
  {
    key: "expiresAt",
    title: "EXPIRES",
    wide: true,
    show: (value) => (value === null ? "-" : String(value).slice(0, 10)),
  },
  { key: "status", title: "STATUS", wide: true },
  { key: "id", title: "ID", wide: true },
];

function summarise(all: Listing["items"], shown: number, missing: number): string {
  const good = all.filter((item) => item["verdict"] === "good").length;
  const seen = `${all.length} ${all.length === 1 ? "snapshot" : "snapshots"}, ${good} of them good restore points`;
  const cut = shown < all.length ? `; ${shown} shown (--limit)` : "";
  const unseen = missing === 1 ? "one database" : `${missing} databases`;
  if (missing === 0) return seen + cut;
  return all.length === 0
    ? `the snapshots of ${unseen} could not be listed`
    : `${seen}${cut}; ${unseen} could not be listed`;
}

function parseLimit(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new OpsError("usage", `--limit: "${text}" is not a number of snapshots`, { hint: "write 10, or leave it out" });
}
