/** Records as they are read back: nothing is taken for one that does not say what every record says. */
import * as z from "zod/mini";

const text = z.string();
const count = z.int().check(z.positive());
const hash = z.string().check(z.regex(/^[0-9a-f]{64}$/));

const recordSchema = z.object({
  version: z.literal(1),
  log: text.check(z.minLength(1)),
  seq: count,
  prev: hash,
  at: z.pipe(
    z.iso.datetime(),
    z.transform((at) => new Date(at)),
  ),
  kind: z.enum(["begun", "ended", "refused"]),
  act: text.check(z.minLength(1)),
  environment: text,
  sandbox: z.optional(text),
  command: text,
  argv: z.array(text),
  tool: text,
  who: z.object({
    os: text,
    github: z.optional(z.object({ actor: text, triggeredBy: text, run: text })),
    aws: text,
    atlas: text,
  }),
  plan: z.optional(z.object({ steps: z.array(z.object({ subject: text })) })),
  outcome: z.optional(z.object({ state: text, reason: z.optional(text) })),
});

export type ActRecord = z.output<typeof recordSchema>;

/** undefined: this version cannot read it. */
export function parseRecord(body: string): ActRecord | undefined {
  const read = z.safeParse(recordSchema, json(body));
  return read.success ? read.data : undefined;
}

/** Which chain a record is of, and where it stands there, as far as it says so. */
export function logOf(record: string): { readonly log: string; readonly seq: number } | undefined {
  return z.safeParse(z.object({ log: text, seq: count }), json(record)).data;
}

function json(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
