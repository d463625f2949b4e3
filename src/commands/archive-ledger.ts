/** Ledgers of pushes in their bucket: read strictly, and written only over the version that was read. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { S3 } from "../ports/s3.ts";
import { formatKey, type Place } from "../rules/archive/keys.ts";
import type { Ledger } from "../rules/archive/ledger.ts";

const instant = () =>
  z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() });
const sha256 = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const schema = z.strictObject({
  version: z.literal(1),
  database: z.string(),
  period: z.string(),
  snapshotId: z.string(),
  via: z.enum(["download", "export"]),
  owner: z.string(),
  run: z.string(),
  startedAt: instant(),
  jobId: z.nullable(z.string()),
  objects: z.array(
    z.strictObject({
      key: z.string(),
      uploadId: z.string(),
      lengthBytes: z.int().check(z.nonnegative()),
      etag: z.nullable(z.string()),
      partSizeBytes: z.int().check(z.positive()),
      sha256: z.nullable(sha256),
      isStructureChecked: z.boolean(),
    }),
  ),
});

const MAX_LEDGER_BYTES = 4 * 1024 * 1024;

export interface ReadLedger {
  readonly ledger: Ledger;
  readonly etag: string;
}

interface Shelf {
  readonly s3: S3;
  readonly bucket: string;
  readonly place: Place;
}

/** null: there is none. OpsError `protocol` for what is no ledger. */
export async function readLedger({ s3, bucket, place }: Shelf, month: string): Promise<ReadLedger | null> {
  const key = formatKey(place, { kind: "ledger", month });
  try {
    const { text, etag } = await s3.getText({ bucket, key }, MAX_LEDGER_BYTES);
    const ledger = parse(text, key);
    if (ledger.database === place.database && ledger.period === month) return { ledger, etag };
    throw new OpsError(
      "protocol",
      `${key} is the ledger of ${ledger.database} ${ledger.period}: it was put there by mistake`,
      {
        hint: "look at the object, and move it away when nobody is at work",
      },
    );
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}

export interface LedgerKeeper {
  readonly current: () => Ledger;
  /** Writes the next version; OpsError `rejected` where another run has written since: the archive is its business now. */
  put(next: Ledger): Promise<void>;
}

/** `before`: the version that is gone on with; null: there must be none. Nothing is written before the first `put`. */
export function keepLedger(shelf: Shelf, ledger: Ledger, before: ReadLedger | null): LedgerKeeper {
  const { s3, bucket, place } = shelf;
  let current = ledger;
  let etag = before?.etag ?? null;
  return {
    current: () => current,
    put: async (next) => {
      current = next; // known here, whatever becomes of the writing: nobody may say then that nothing was ordered
      const put = await s3.putText({
        bucket,
        key: formatKey(place, { kind: "ledger", month: ledger.period }),
        text: serialise(next),
        contentType: "application/json",
        storageClass: "STANDARD",
        lock: null,
        condition: etag === null ? "absent" : { etag },
      });
      if (put === "taken") throw await overtaken(shelf, ledger.period);
      etag = put.etag;
    },
  };
}

async function overtaken(shelf: Shelf, month: string): Promise<OpsError> {
  const other = await readLedger(shelf, month);
  const who = other === null ? "another push" : other.ledger.owner;
  return new OpsError("rejected", `${who} has taken up the archive of ${month}: this push stops`, {
    hint: "look how it goes on: litally-ops archive list",
  });
}

function parse(text: string, key: string): Ledger {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OpsError("protocol", `${key} is no ledger of a push: it is no JSON`);
  }
  const parsed = z.safeDecode(schema, json as z.input<typeof schema>); // checked by what it is given to
  if (parsed.success) return parsed.data;
  throw new OpsError("protocol", `${key} is no ledger of a push that this litally-ops knows`, {
    hint: "upgrade litally-ops; or look at the object, and move it away when nobody is at work",
  });
}

function serialise(ledger: Ledger): string {
  return `${JSON.stringify(z.encode(schema, ledger as z.output<typeof schema>), null, 2)}\n`; // differs in readonly alone
}
