/**
 * Reads single fields of answers. A field that is missing, of another type or of a value that we do not know is not
 * known, with the reason; nothing is coerced, nothing has a default, and the other fields stay readable.
 */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import { known, notKnown, type Observed } from "../core/observed.ts";

export type WireObject = Readonly<Record<string, unknown>>;
export const wireObject = z.record(z.string(), z.unknown());

/** Reads fields of one object; `subject` names it in reasons. Services write null for what they leave out elsewhere. */
export interface Fields {
  /** Missing: not known. */
  required<T>(name: string, type: z.ZodMiniType<T>): Observed<T>;
  /** Missing: null. */
  optional<T>(name: string, type: z.ZodMiniType<T>): Observed<T | null>;
}

export function fieldsOf(subject: string, object: WireObject): Fields {
  const read = <T, M>(name: string, type: z.ZodMiniType<T>, missing: () => Observed<M>): Observed<T | M> => {
    const value = object[name];
    if (value === undefined || value === null) return missing();
    const parsed = z.safeParse(type, value);
    return parsed.success ? known(parsed.data) : unreadable(`${subject}: ${name} is ${shown(value)}`);
  };
  return {
    required: (name, type) => read(name, type, () => missing(subject, name)),
    optional: (name, type) => read(name, type, () => known(null)),
  };
}

export function missing(subject: string, name: string): Observed<never> {
  return notKnown(new OpsError("protocol", `${subject}: ${name} is missing`));
}

/** `snapshot 66f0...` or, without an id that reads like one, `snapshot`. */
export function subjectOf(noun: string, object: WireObject, key = "id"): string {
  const name = object[key];
  return typeof name === "string" && name.length <= SHOWN_CHARS_MAX ? `${noun} ${name}` : noun;
}

function unreadable(problem: string): Observed<never> {
  return notKnown(new OpsError("protocol", `${problem}, which this version does not know`));
}

/** As long as the name of a cluster may be. What is longer is not cut but left out: half a secret is not recognised. */
const SHOWN_CHARS_MAX = 64;

/** Lists, objects and long texts are not printed: they may be large, or too deep to print at all. */
function shown(value: unknown): string {
  if (typeof value === "object") return Array.isArray(value) ? "a list of another form" : "an object of another form";
  if (typeof value === "string" && value.length > SHOWN_CHARS_MAX) return `a text of ${value.length} characters`;
  return JSON.stringify(value);
}
