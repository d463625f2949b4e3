/** How far the reading back of an archive has come, in its bucket: read strictly, written only over what was read. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { S3 } from "../ports/s3.ts";
import type { DeepState } from "../rules/archive/deep.ts";
import { formatKey, type Place } from "../rules/archive/keys.ts";

const instant = () =>
  z.codec(z.iso.datetime(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() });

const schema = z.strictObject({
  version: z.literal(1),
  database: z.string(),
  period: z.string(),
  thawAskedAt: z.nullable(instant()),
  lastRead: z.nullable(
    z.strictObject({
      at: instant(),
      merkleRoot: z.string().check(z.regex(/^[0-9a-f]{64}$/)),
      wrong: z.array(z.string()),
    }),
  ),
});

const MAX_STATE_BYTES = 1024 * 1024;

export interface ReadDeepState {
  readonly state: DeepState;
  readonly etag: string;
}

interface Shelf {
  readonly s3: S3;
  readonly bucket: string;
  readonly place: Place;
}

/** null: there is none. OpsError `protocol` for what is no such state, or is another archive's. */
export async function readDeepState({ s3, bucket, place }: Shelf, month: string): Promise<ReadDeepState | null> {
  const key = formatKey(place, { kind: "deep", month });
  try {
    const { text, etag } = await s3.getText({ bucket, key }, MAX_STATE_BYTES);
    return { state: parse(text, key, { database: place.database, period: month }), etag };
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}

/** OpsError `rejected` where another run has written since `before` was read; null: there must be none. */
export async function writeDeepState(
  { s3, bucket, place }: Shelf,
  state: DeepState,
  before: ReadDeepState | null,
): Promise<ReadDeepState> {
  const put = await s3.putText({
    bucket,
    key: formatKey(place, { kind: "deep", month: state.period }),
    text: `${JSON.stringify(z.encode(schema, state as z.output<typeof schema>), null, 2)}\n`, // differs in readonly alone
    contentType: "application/json",
    storageClass: "STANDARD",
    lock: null,
    condition: before === null ? "absent" : { etag: before.etag },
  });
  if (put !== "taken") return { state, etag: put.etag };
  throw new OpsError("rejected", `another run has read ${state.period} back meanwhile, or is about to`, {
    hint: "run again: what it did is found in the bucket",
  });
}

function parse(text: string, key: string, { database, period }: Pick<DeepState, "database" | "period">): DeepState {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new OpsError("protocol", `${key} is no state of deep reading: it is no JSON`);
  }
  const parsed = z.safeDecode(schema, json as z.input<typeof schema>); // checked by what it is given to
  if (parsed.success && parsed.data.database === database && parsed.data.period === period) return parsed.data;
  throw new OpsError("protocol", `${key} is no state of deep reading that this litally-ops knows`, {
    hint: "upgrade litally-ops; or look at the object: without it, the archive counts as never read back",
  });
}
