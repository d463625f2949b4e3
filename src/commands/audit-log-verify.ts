/** `audit log verify`: proves the record of acts whole, here and in the bucket, or names the first link that does not hold. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { observe } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import type { LocalShelf } from "../ports/shelf.ts";
import { linkTo, type Sha256 } from "../rules/audit/chain.ts";
import { AGREEMENT, SHELF_CHECKS } from "../rules/audit/checks.ts";
import type { ShelfFacts } from "../rules/audit/facts.ts";
import { type Comparison, compareOurs } from "./audit-compare.ts";
import { type Looking, lookAt } from "./audit-look.ts";
import { choosePlaces, type Places, textDigest } from "./audit-places.ts";
import { logOf } from "./audit-record.ts";
import type { Sent } from "./audit-send.ts";
import type { Context } from "./context.ts";
import { HEAD_NOTE } from "./record-acts.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ from: z.optional(z.string()) });

export async function run({ from }: z.output<typeof input>, context: Context): Promise<Report> {
  const { environment, local, bucket } = await choosePlaces(context, from);
  const now = (await context.world()) === null ? context.clock.now() : null;
  const comparison = compareOurs();
  const look = { sha256: await textDigest(context), signal: context.signal, now, environment, context, comparison };
  const here = local === null ? null : await lookHere(local, look);
  const there = bucket === null ? null : await lookThere(bucket, look);
  const isComparable = here?.sight.known === true && there?.sight.known === true;
  if (isComparable && local !== null) await lookSince(local, look);
  return reporter(
    "audit log verify",
    environment,
    context,
  )([
    ...judged(here, there, "make it readable, and verify again"),
    ...judged(there, here, "see what is missing: litally-ops doctor"),
    ...(isComparable ? runChecks([AGREEMENT], comparison.end(there.sent), "audit-log") : []),
  ]);
}

interface Looked extends Pick<ShelfFacts, "from" | "name" | "sight" | "sentElsewhere"> {
  /** What this machine remembers to have sent there. */
  readonly sent: Sent | undefined;
}

interface Look extends Pick<Looking, "sha256" | "signal" | "now" | "environment"> {
  readonly context: Context;
  readonly comparison: Comparison;
}

function judged(looked: Looked | null, other: Looked | null, findOut: string): readonly Finding[] {
  if (looked === null) return [];
  const isKeptElsewhere = other?.sight.known === true && other.sight.value.chain.count > 0;
  return runChecks(SHELF_CHECKS, { ...looked, isKeptElsewhere }, `audit-log/${looked.from}`, findOut);
}

async function lookHere(shelf: LocalShelf, { context, comparison, ...common }: Look): Promise<Looked> {
  context.progress.phase(`reading ${shelf.name}`);
  const remembered = headIn(await shelf.notes.read(HEAD_NOTE), common.sha256);
  const looking = { ...common, shelf, remembered, shared: null, onRecord: comparison.here };
  const sight = await observe(() => lookAt(looking));
  return { from: "local", name: shelf.name, sight, sent: undefined, sentElsewhere: null };
}

async function lookThere(bucket: NonNullable<Places["bucket"]>, look: Look): Promise<Looked> {
  const { context, comparison, ...common } = look;
  const { retain, objectLock: mode } = bucket.policy;
  const name = `s3://${bucket.policy.bucket}/${bucket.policy.prefix}${common.environment}/`;
  context.progress.phase(`reading ${name}`);
  const last = await bucket.sent();
  const sent = last?.to === name ? last : undefined;
  const remembered = sent === undefined ? null : { seq: sent.at, hash: sent.hash };
  const sight = await observe(async () => {
    const shelf = await bucket.open();
    return lookAt({ ...common, shelf, remembered, shared: { mode, retain }, onRecord: comparison.there });
  });
  return { from: "s3", name, sight, sent, sentElsewhere: sent === undefined ? (last?.to ?? null) : null };
}

/** A record stands here before it is sent: where the bucket has a newer one, it may have been made since the look. */
async function lookSince(shelf: LocalShelf, { comparison, ...common }: Look): Promise<void> {
  const newestSeen = comparison.behind();
  if (newestSeen === null) return;
  const newer = async function* (about: number) {
    for await (const entry of shelf.entries(about))
      if (entry.seq > newestSeen) yield entry;
      else return;
  };
  const looking = { ...common, shelf: { ...shelf, entries: newer }, remembered: null, shared: null };
  await lookAt({ ...looking, onRecord: comparison.since });
}

/** null: nothing is remembered. */
function headIn(text: string | null, sha256: Sha256): Looking["remembered"] {
  const seq = text === null ? undefined : logOf(text)?.seq;
  return seq === undefined ? null : { seq, hash: linkTo(text, sha256) };
}
