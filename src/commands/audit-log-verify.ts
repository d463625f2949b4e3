/** `audit log verify`: proves the record of acts whole, here and in the bucket, or names the first link that does not hold. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { type Observed, observe } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import type { LocalShelf } from "../ports/shelf.ts";
import { linkTo, type Sha256 } from "../rules/audit/chain.ts";
import { AGREEMENT, SHELF_CHECKS } from "../rules/audit/checks.ts";
import type { Agreement, ShelfSight } from "../rules/audit/facts.ts";
import type { MachineRecord } from "../rules/audit/machines.ts";
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
  const common = { sha256: await textDigest(context), signal: context.signal, now, environment };
  const comparison = compareOurs();
  const here = places.local === null ? undefined : await lookHere(places.local, { ...common, context, comparison });
  const there = places.bucket === null ? undefined : await lookThere(places.bucket, { ...common, context, comparison });
  const isComparable = here?.sight.known === true && there?.sight.known === true;
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
  readonly comparison: ReturnType<typeof compareOurs>;
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

/** null: nothing is remembered. */
function headIn(text: string | null, sha256: Sha256): Looking["remembered"] {
  const seq = text === null ? undefined : logOf(text)?.seq;
  return seq === undefined ? null : { seq, hash: linkTo(text, sha256) };
}

/** What this machine keeps comes first, then what the bucket keeps of the same chain. */
function compareOurs() {
  let hashes = Buffer.alloc(0); // as bytes: a text that was cut out of another would keep the whole of that one
  let log: string | null = null;
  let newestHere = 0;
  let count = 0;
  let newestThere = 0;
  const differing: string[] = [];
  return {
    here: (record: MachineRecord) => {
      if (log === null) {
        log = record.log;
        newestHere = record.seq; // the newest comes first
      }
      const index = newestHere - record.seq;
      if (record.log !== log || index !== count) return; // that there is a gap is told of the chain
      if (index * HASH_BYTES === hashes.length)
        hashes = Buffer.concat([hashes, Buffer.alloc(hashes.length || GROWTH_BYTES)]);
      hashes.write(record.hash, index * HASH_BYTES, "hex");
      count += 1;
    },
    there: (record: MachineRecord) => {
      if (record.log !== log) return;
      newestThere = Math.max(newestThere, record.seq);
      const index = newestHere - record.seq;
      if (index < 0 || index >= count) return;
      if (hashes.toString("hex", index * HASH_BYTES, (index + 1) * HASH_BYTES) !== record.hash)
        differing.push(`${record.place} holds another record ${record.seq} than this machine`);
    },
    end: (): Agreement => ({
      log,
      newestHere,
      newestThere,
      differing: { count: differing.length, shown: differing.slice(0, MAX_SHOWN) },
    }),
  };
}

const MAX_SHOWN = 5;
const HASH_BYTES = 32;
const GROWTH_BYTES = 1_024 * HASH_BYTES;
