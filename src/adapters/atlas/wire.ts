/** The forms in which Atlas writes what all of its answers are made of. */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { type WireObject, wireObject } from "../fields.ts";

/** An answer that is to be one object; throws OpsError `protocol`. */
export function asObject(what: string, body: unknown): WireObject {
  const parsed = z.safeParse(wireObject, body);
  if (!parsed.success) throw new OpsError("protocol", `${what}: the answer is not an object`);
  return parsed.data;
}

/** The same, of the job that was asked about. */
export function theOne(what: string, answer: unknown, jobId: string): WireObject {
  const object = asObject(what, answer);
  if (object["id"] === jobId) return object;
  throw new OpsError("protocol", `Atlas answers about another job than ${jobId}`);
}

export const text = z.string().check(z.minLength(1));
export const flag = z.boolean();
export const count = z.int().check(z.nonnegative());
export const positive = z.int().check(z.positive());
/** ISO 8601 with an offset or Z: an instant without one is not an instant. */
export const instant = z.pipe(
  z.iso.datetime({ offset: true }),
  z.transform((iso) => new Date(iso)),
);
