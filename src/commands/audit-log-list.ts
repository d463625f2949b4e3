/** `audit log list`: who did what, when, and how it ended; the newest first. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Cell, ListColumn, Listing } from "../core/report.ts";
import { stopReason } from "../core/stop.ts";
import type { ShelfEntry } from "../ports/shelf.ts";
import { unseal, unwrap } from "../rules/audit/chain.ts";
import { byWhom } from "./audit-look.ts";
import { choosePlaces, textDigest } from "./audit-places.ts";
import { type ActRecord, parseRecord } from "./audit-record.ts";
import { minute } from "./cells.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ from: z.optional(z.string()), limit: z.prefault(z.string(), "50") });

export async function run(given: z.output<typeof input>, context: Context): Promise<Listing> {
  const limit = limitOf(given.limit);
  const { environment, local, bucket } = await choosePlaces(context, given.from);
  const sha256 = await textDigest(context);
  const shelf = bucket === null ? local : await bucket.open();
  if (shelf === null) throw new OpsError("bug", "there is nowhere to look");
  context.progress.phase(`reading ${shelf.name}`);
  const items: Listing["items"][number][] = [];
  const unread: string[] = [];
  let older = 0; // records, of which an act has one or two
  const ends = new Map<string, string>();
  for await (const entry of shelf.entries(limit * 2 + 1)) {
    if (items.length === limit) {
      older = entry.seq;
      break;
    }
    if (context.signal.aborted) throw stopReason(context.signal, `reading ${shelf.name}`);
    const record = await recordIn(entry, bucket !== null, sha256);
    if (record === undefined) unread.push(entry.place);
    else if (record.kind === "ended") ends.set(record.act, endOf(record));
    else items.push(rowOf(record, entry, ends.get(record.act)));
  }
  const missing = unread.map((place) => ({
    subject: place,
    reason: "it is not what was written, or of a newer version",
  }));
  return {
    kind: "list",
    command: "audit log list",
    environment,
    observedAt: context.clock.now(),
    items,
    columns: COLUMNS,
    summary: `${items.length} ${items.length === 1 ? "act" : "acts"}, from ${shelf.name}${older === 0 ? "" : `; more with --limit: ${older} older records`}`,
    missing,
    omitted: older,
    findings: missing.map(({ subject, reason }) => ({ ...LISTED, subject, status: "unknown", message: reason })),
  };
}

const LISTED = {
  check: "audit/listed",
  title: "every record could be read",
  remedy: "see what is wrong with it: litally-ops audit log verify",
} as const;

async function recordIn(entry: ShelfEntry, isShared: boolean, sha256: (text: string) => string) {
  const outer = unseal((await entry.read()).text, sha256);
  if (outer === undefined || outer.stated !== outer.actual) return undefined;
  const inner = isShared ? unseal(unwrap(outer.body)?.record ?? "", sha256) : outer;
  return inner === undefined || inner.stated !== inner.actual ? undefined : parseRecord(inner.body);
}

function rowOf(record: ActRecord, { place }: ShelfEntry, ended: string | undefined): Record<string, Cell> {
  const { at, command, plan, who, act, kind, argv, tool } = record;
  return {
    at: at.toISOString(),
    command,
    what: [...new Set(plan?.steps.map(({ subject }) => subject))],
    by: byWhom(record),
    ended: kind === "refused" ? endOf(record) : (ended ?? "never"),
    aws: who.aws,
    atlas: who.atlas,
    act,
    argv,
    tool,
    place,
  };
}

function endOf({ outcome }: ActRecord): string {
  return outcome?.state ?? "not told";
}

const COLUMNS: readonly ListColumn[] = [
  { key: "at", title: "WHEN", show: minute },
  { key: "command", title: "COMMAND" },
  { key: "what", title: "WHAT" },
  { key: "ended", title: "ENDED" },
  { key: "by", title: "BY" },
  { key: "aws", title: "AS", wide: true },
];

const MAX_LIMIT = 10_000;

function limitOf(text: string): number {
  const limit = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_LIMIT) return limit;
  throw new OpsError("usage", `--limit: "${text}" is no number of acts`, { hint: `write 1 to ${MAX_LIMIT}` });
}
