/** `archive status`: whether an archive can be read now, object by object. HEAD decides. Changes nothing. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { formatInstant } from "../core/instant.ts";
import type { Cell, ListColumn, Listing } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import {
  type HeldObject,
  nameInArchive,
  ONE_ARCHIVE_CHECKS,
  type OneArchive,
  objectCount,
} from "../rules/archive/one.ts";
import { type Readiness, readableUntil, readinessOf, statesTold } from "../rules/archive/readable.ts";
import { archiveSubject, askedSlot, selectOneArchived } from "./archives.ts";
import { minute } from "./cells.ts";
import type { Context } from "./context.ts";
import { gatherArchive } from "./gather-archive.ts";

export const input = z.strictObject({ database: z.string(), slot: z.string() });

export async function run({ database, slot }: z.output<typeof input>, context: Context): Promise<Listing> {
  const { month } = askedSlot(slot);
  const { policy } = await context.policy("aws", "databases", "archives");
  const archived = selectOneArchived(policy, database);
  context.progress.phase(`looking at the archive of ${database} for ${month}`);
  const { facts } = await gatherArchive(context, archived, month);
  if (!facts.manifest.known) throw facts.manifest.reason;
  if (facts.manifest.value === null)
    throw new OpsError("not-found", `there is no archive of ${database} for ${month}`, {
      hint: `see which there are: litally-ops archive list ${database}`,
    });
  const judged = runChecks([...ONE_ARCHIVE_CHECKS, statesTold], facts, archiveSubject(archived, month));
  return {
    kind: "list",
    command: "archive status",
    environment: policy.environment,
    observedAt: facts.observedAt,
    items: facts.objects.map((held) => row(facts, held)),
    columns: COLUMNS,
    summary: summaryOf(facts),
    missing: facts.objects.flatMap((held) => notTold(held, facts.observedAt)),
    omitted: 0,
    findings: judged.filter(({ status }) => status !== "pass"),
  };
}

function notTold(held: HeldObject, now: Date): Listing["missing"] {
  const readiness = readinessOf(held, now);
  return readiness.state === "unknown"
    ? [{ subject: `object/${held.object.key}`, reason: readiness.reason.message }]
    : [];
}

function summaryOf({ objects, observedAt, month }: OneArchive): string {
  const states = objects.map((held) => readinessOf(held, observedAt).state);
  const open = states.filter((state) => state === "readable" || state === "at-hand").length;
  const others = [...Map.groupBy(states, (state) => state)]
    .filter(([state]) => state !== "readable" && state !== "at-hand")
    .map(([state, those]) => `, ${those.length} ${state}`);
  const until = readableUntil(objects, observedAt);
  const end = until === null ? "" : `; the first copy goes ${formatInstant(until)}`;
  return `${month}: ${open} of ${objectCount(objects.length)} readable${others.join("")}${end}`;
}

function row(facts: OneArchive, held: HeldObject): Listing["items"][number] {
  const { object, head } = held;
  const readiness = readinessOf(held, facts.observedAt);
  const storageClass = head.known && head.value?.storageClass.known === true ? head.value.storageClass.value : null;
  return {
    object: nameInArchive(facts, object.key),
    state: readiness.state,
    readableUntil: untilOf(readiness),
    storageClass,
    sizeBytes: object.sizeBytes,
    key: object.key,
    versionId: object.versionId,
  };
}

function untilOf(readiness: Readiness): string | null {
  return readiness.state === "readable" ? readiness.until.toISOString() : null;
}

const COLUMNS: readonly ListColumn[] = [
  { key: "state", title: "STATE" },
  { key: "readableUntil", title: "UNTIL (UTC)", show: (value: Cell) => minute(value) },
  { key: "storageClass", title: "CLASS" },
  { key: "sizeBytes", title: "SIZE", align: "right", show: (value) => formatBytes(Number(value)) },
  { key: "object", title: "OBJECT" },
];
