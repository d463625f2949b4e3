/** `audit log verify`: proves the record of acts whole, here and in the bucket, or names the first link that does not hold. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { type Observed, observe } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import type { LocalShelf } from "../ports/shelf.ts";
import { linkTo, type Sha256 } from "../rules/audit/chain.ts";
import { AGREEMENT, SHELF_CHECKS } from "../rules/audit/checks.ts";
import type { ShelfSight } from "../rules/audit/facts.ts";
import { type Comparison, compareOurs } from "./audit-compare.ts";
import { type Looking, lookAt } from "./audit-look.ts";
import { choosePlaces, type Places, textDigest } from "./audit-places.ts";
import { logOf } from "./audit-record.ts";
import type { Context } from "./context.ts";
import { HEAD_NOTE } from "./record-acts.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ from: z.optional(z.string()) });

export async function run({ from }: z.output<typeof input>, context: Context): Promise<Report> {
  const places = await choosePlaces(context, from);
  const now = (await context.world()) === null ? context.clock.now() : null;
  const { environment } = places;
  const comparison = compareOurs();
  const look = { sha256: await textDigest(context), signal: context.signal, now, environment, context, comparison };
  const here = places.local === null ? undefined : await lookHere(places.local, look);
  const there = places.bucket === null ? undefined : await lookThere(places.bucket, look);
  const isComparable = here?.sight.known === true && there?.sight.known === true;
  if (isComparable && places.local !== null) await lookSince(places.local, look);
  return reporter(
    "audit log verify",
    environment,
    context,
  )([
    ...(here?.findings ?? NONE),
    ...(there?.findings ?? NONE),
    ...(isComparable ? runChecks([AGREEMENT], comparison.end(), "audit-log") : NONE),
  ]);
}

const NONE: readonly Finding[] = [];

interface Looked {
  readonly sight: Observed<ShelfSight>;
  readonly findings: readonly Finding[];
}

interface Look extends Pick<Looking, "sha256" | "signal" | "now" | "environment"> {
  readonly context: Context;
  readonly comparison: Comparison;
}

async function lookHere(shelf: LocalShelf, { context, comparison, ...common }: Look): Promise<Looked> {
  context.progress.phase(`reading ${shelf.name}`);
  const remembered = headIn(await shelf.notes.read(HEAD_NOTE), common.sha256);
  const looking = { ...common, shelf, remembered, shared: null, onRecord: comparison.here };
  const sight = await observe(() => lookAt(looking));
  const facts = { from: "local", name: shelf.name, sight } as const;
  return { sight, findings: runChecks(SHELF_CHECKS, facts, "audit-log/local", "make it readable, and verify again") };
}

async function lookThere(bucket: NonNullable<Places["bucket"]>, look: Look): Promise<Looked> {
  const { context, comparison, ...common } = look;
  const { retain, objectLock: mode } = bucket.policy;
  const name = `s3://${bucket.policy.bucket}/${bucket.policy.prefix}${common.environment}/`;
  context.progress.phase(`reading ${name}`);
  const sight = await observe(async () => {
    const shelf = await bucket.open();
    return lookAt({ ...common, shelf, remembered: null, shared: { mode, retain }, onRecord: comparison.there });
  });
  const facts = { from: "s3", name, sight } as const;
  return { sight, findings: runChecks(SHELF_CHECKS, facts, "audit-log/s3", "see what is missing: litally-ops doctor") };
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
