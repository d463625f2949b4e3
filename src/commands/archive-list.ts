/** `archive list`: every slot that is owed with the archive that fills it, newest first. Changes nothing. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import { formatInstant } from "../core/instant.ts";
import { mapObserved } from "../core/observed.ts";
import type { Finding, ListColumn, Listing } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import type { Manifest } from "../rules/archive/manifest.ts";
import { SLOT_STATES, type StandingSlot, slotSeen, standingSlots } from "../rules/archive/slot-state.ts";
import { archivedMonths } from "../rules/archive/verify.ts";
import type { Outline, SeriesFacts } from "../rules/archive/verify-facts.ts";
import { type Archived, archiveSubject, selectArchived } from "./archives.ts";
import type { Context } from "./context.ts";
import { gatherSeries, readManifest } from "./gather-archives.ts";

export const input = z.strictObject({ databases: z.array(z.string()) });

/** Databases that are looked at side by side, and manifests of one that are read at a time. */
const MAX_DATABASES = 4;
const MAX_MANIFESTS = 4;

export async function run({ databases }: z.output<typeof input>, context: Context): Promise<Listing> {
  const { policy } = await context.policy("aws", "databases", "archives");
  const selected = selectArchived(policy, databases);
  context.progress.phase("reading manifests");
  const listed = await mapBounded(selected, MAX_DATABASES, (archived) => listArchives(context, archived));
  const items = listed.flatMap(({ rows }) => rows);
  return {
    kind: "list",
    command: "archive list",
    environment: policy.environment,
    observedAt: context.clock.now(),
    items,
    columns: selected.length === 1 ? COLUMNS : [{ key: "database", title: "DATABASE" }, ...COLUMNS],
    summary: summarise(items),
    missing: listed.flatMap(({ missing }) => missing),
    omitted: 0,
    findings: listed.flatMap(({ findings }) => findings),
  };
}

interface Listed extends Pick<Listing, "missing"> {
  readonly rows: Listing["items"];
  readonly findings: readonly Finding[];
}

/** What a manifest tells of its archive in one line: of its parts nothing is kept. */
interface Brief extends Outline, Pick<Manifest, "storageClass" | "lock" | "via" | "pushedBy"> {
  readonly sizeBytes: number;
}

async function listArchives(context: Pick<Context, "s3" | "clock">, archived: Archived): Promise<Listed> {
  const s3 = await context.s3();
  const listed = await gatherSeries({ context, archived });
  const manifests = new Map(
    await mapBounded(archivedMonths(listed), MAX_MANIFESTS, async (month) => {
      const manifest = await readManifest(s3, archived, month);
      return [month, mapObserved(manifest, briefOf)] as const;
    }),
  );
  const facts: SeriesFacts = { ...listed, manifests };
  const slots = standingSlots(facts);
  const rows = slots.map((standing) => {
    const brief = manifests.get(standing.month);
    return row(archived, standing, brief?.known === true ? brief.value : null);
  });
  const { versions } = facts;
  return {
    rows,
    missing: versions.known ? [] : [{ subject: archiveSubject(archived), reason: versions.reason.message }],
    findings: slots.flatMap((standing) => runChecks([slotSeen], standing, archiveSubject(archived, standing.slot))),
  };
}

function briefOf({ slots, snapshot, completedAt, objects, storageClass, lock, via, pushedBy }: Manifest): Brief {
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const keys = objects.map(({ key }) => ({ key }));
  return { slots, snapshot, completedAt, objects: keys, storageClass, lock, via, pushedBy, sizeBytes };
}

/** What is not there is null; of a manifest that cannot be read, nothing is said. */
function row({ database, archive }: Archived, { slot, month, state }: StandingSlot, brief: Brief | null) {
  return {
    database: database.name,
    archive: archive.name,
    slot,
    state,
    month,
    snapshotId: brief?.snapshot.id ?? null,
    snapshotAt: brief?.snapshot.createdAt.toISOString() ?? null,
    objects: brief?.objects.length ?? null,
    sizeBytes: brief?.sizeBytes ?? null,
    storageClass: brief?.storageClass ?? null,
    lockMode: brief?.lock?.mode ?? null,
    lockedUntil: brief?.lock?.retainUntil.toISOString() ?? null,
    completedAt: brief?.completedAt.toISOString() ?? null,
    via: brief?.via ?? null,
    pushedBy: brief?.pushedBy ?? null,
  };
}

const orDash = (value: unknown) => (value === null ? "-" : String(value));

const COLUMNS: readonly ListColumn[] = [
  { key: "slot", title: "SLOT" },
  { key: "state", title: "STATE", show: (value) => (value === "complete" ? "complete" : String(value).toUpperCase()) },
  { key: "snapshotAt", title: "SNAPSHOT OF (UTC)", show: (value) => instant(value) },
  {
    key: "sizeBytes",
    title: "SIZE",
    align: "right",
    show: (value) => (typeof value === "number" ? formatBytes(value) : "-"),
  },
  { key: "storageClass", title: "CLASS", show: orDash },
  { key: "lockedUntil", title: "LOCKED UNTIL", show: (value) => orDash(value).slice(0, 10) },
  { key: "completedAt", title: "ARCHIVED (UTC)", wide: true, show: (value) => instant(value) },
  { key: "via", title: "VIA", wide: true, show: orDash },
  { key: "pushedBy", title: "PUSHED BY", wide: true, show: orDash },
  { key: "snapshotId", title: "SNAPSHOT", wide: true, show: orDash },
];

function instant(value: unknown): string {
  return typeof value === "string" ? formatInstant(new Date(value)).slice(0, 16) : "-";
}

function summarise(items: Listing["items"]): string {
  const counts = SLOT_STATES.flatMap((word) => {
    const count = items.filter((item) => item["state"] === word).length;
    return count === 0 ? [] : [`${count} ${word}`];
  });
  return items.length === 0 ? "no slot is owed yet" : `${items.length} slots: ${counts.join(", ")}`;
}
