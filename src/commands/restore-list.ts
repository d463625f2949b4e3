/** `restore list` and `restore status`: the restores of databases, newest first, each with how it stands. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { formatSpan } from "../core/duration.ts";
import { formatInstant } from "../core/instant.ts";
import { type Observed, observe } from "../core/observed.ts";
import type { Cell, Finding, ListColumn, Listing } from "../core/report.ts";
import type { DatabasePolicy } from "../policy/schema.ts";
import type { Atlas } from "../ports/atlas.ts";
import type { Context } from "./context.ts";
import { selectDatabases, subjectOf } from "./databases.ts";
import { MAX_GATHERS } from "./gather-backups.ts";
import { type AnyJob, anyCollectionJob, anyJob } from "./restore-jobs.ts";

export const input = z.strictObject({ databases: z.array(z.string()) });

export async function run({ databases }: z.output<typeof input>, context: Context): Promise<Listing> {
  const { policy } = await context.policy("atlas", "databases");
  const selected = selectDatabases(policy, databases);
  const atlas = await context.atlas();
  context.progress.phase("reading restore jobs");
  const now = context.clock.now();
  const read = await mapBounded(selected, MAX_GATHERS, (database) =>
    jobsOf(atlas, policy.atlas.projectId, database, now),
  );
  const items = read.flatMap(({ database, jobs }) => jobs.map((job) => row(database, job)));
  const missing = read.flatMap((one) => one.missing);
  return jobListing("restore list", {
    environment: policy.environment,
    now,
    items,
    missing,
    findings: missing.map(notSeen),
  });
}

interface Read {
  readonly database: DatabasePolicy;
  readonly jobs: readonly AnyJob[];
  readonly missing: Listing["missing"];
}

async function jobsOf(atlas: Atlas, projectId: string, database: DatabasePolicy, now: Date): Promise<Read> {
  const { cluster } = database;
  const [jobs, collections] = await Promise.all([
    observe(() => atlas.listRestoreJobs(projectId, cluster)),
    observe(() => atlas.listCollectionRestores(projectId, cluster)),
  ]);
  const all = [
    ...(jobs.known ? jobs.value.map((job) => anyJob(job, now)) : []),
    ...(collections.known ? collections.value.map((job) => anyCollectionJob(job, now)) : []),
  ];
  const missing = [jobs, collections].flatMap((part) =>
    part.known ? [] : [{ subject: subjectOf(database), reason: part.reason.message }],
  );
  const timeOf = ({ createdAt }: AnyJob) => (createdAt.known ? createdAt.value.getTime() : Number.POSITIVE_INFINITY);
  return { database, jobs: all.sort((a, b) => timeOf(b) - timeOf(a)), missing };
}

function notSeen({ subject, reason }: Listing["missing"][number]): Finding {
  return {
    check: "restore/readable",
    title: "the restore jobs can be read",
    subject,
    status: "unknown",
    message: `could not find out: ${reason}`,
    remedy: 'reading restore jobs takes "Project Backup Manager"',
  };
}

interface Told {
  readonly environment: string;
  readonly now: Date;
  readonly items: Listing["items"];
  readonly missing: Listing["missing"];
  readonly findings: readonly Finding[];
}

export function jobListing(command: string, { environment, now, items, missing, findings }: Told): Listing {
  const running = items.filter((item) => item["state"] === "running").length;
  const seen = missing.length === 0 ? "" : "; not all could be looked at";
  return {
    kind: "list",
    command,
    environment,
    observedAt: now,
    items,
    columns: COLUMNS,
    summary: `${items.length} ${items.length === 1 ? "restore" : "restores"}, ${running} running${seen}`,
    missing,
    omitted: 0,
    findings,
  };
}

const UNREADABLE = "(not readable)";

export function row(database: DatabasePolicy, job: AnyJob): Listing["items"][number] {
  const { createdAt, finishedAt } = job;
  const tookMs =
    createdAt.known && finishedAt.known && finishedAt.value !== null
      ? finishedAt.value.getTime() - createdAt.value.getTime()
      : null;
  return {
    state: job.state,
    database: database.name,
    id: text(job.id, (id) => id),
    kind: text(job.kind, (kind) => kind),
    target: text(job.target, (target) => target),
    point: pointOf(job),
    createdAt: text(createdAt, (at) => at.toISOString()),
    finishedAt: text(finishedAt, (at) => at?.toISOString() ?? null),
    took: tookMs === null ? null : formatSpan(tookMs),
  };
}

function pointOf({ snapshotId, pointInTimeAt }: AnyJob): Cell {
  if (pointInTimeAt.known && pointInTimeAt.value !== null) return formatInstant(pointInTimeAt.value);
  return text(snapshotId, (id) => id);
}

function text<T>(observed: Observed<T>, show: (value: T) => string | null): string | null {
  return observed.known ? show(observed.value) : UNREADABLE;
}

const minute = (value: Cell) => (typeof value === "string" ? value.slice(0, 16).replace("T", " ") : "");

const COLUMNS: readonly ListColumn[] = [
  { key: "state", title: "STATE" },
  { key: "id", title: "JOB" },
  { key: "kind", title: "FROM" },
  { key: "target", title: "TARGET" },
  { key: "createdAt", title: "STARTED (UTC)", show: minute },
  { key: "took", title: "TOOK", align: "right", wide: true },
  { key: "point", title: "POINT", wide: true },
  { key: "database", title: "DATABASE", wide: true },
];
