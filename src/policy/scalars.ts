import * as z from "zod/mini";
import { CLUSTER_NAME } from "../core/cluster-name.ts";
import { type Duration, type DurationUnit, tryParseDuration } from "../core/duration.ts";

/**
 * The smallest words of the policy, and the blocks and lists that hold them.
 *
 * Every `error` says what would be right, as "a duration; write 90s, 10m": the explanation of a problem puts
 * "is not" or "is missing" before it.
 */
export function text(pattern: RegExp, error: string) {
  return z.string({ error }).check(z.regex(pattern, { error }));
}

export function choice<const V extends readonly [string, ...string[]]>(noun: string, values: V) {
  return z.enum(values, { error: `${noun}; write ${eitherOf(values)}` });
}

/** A block whose keys are all known: another key is an error. */
export function block<S extends z.core.$ZodShape>(shape: S) {
  return z.strictObject(shape, { error: `a block of keys; write ${eitherOf(Object.keys(shape))}` });
}

export function list<S extends z.core.SomeType>(item: S) {
  return z.array(item, { error: "a list; write one item a line, each after a dash" });
}

export function nonEmptyList<S extends z.core.SomeType>(item: S, noun: string) {
  return list(item).check(z.minLength(1, { error: `a list of at least one ${noun}; write one` }));
}

/** Adds the help that editors show; not by `z.describe`, which would make every schema twice (2 ms). */
export function field<S extends z.ZodMiniType>(help: string, schema: S): S {
  z.globalRegistry.add(schema, { description: help });
  return schema;
}

/** `a, b or c` */
export function eitherOf(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

export const duration = () =>
  durationOf(["s", "m", "h", "d", "w", "mo", "y"], "a duration; write 90s, 10m, 26h, 7d, 4w, 6mo or 5y");

/** Atlas counts retention in days, weeks, months and years, nothing finer. */
export const retention = () =>
  durationOf(["d", "w", "mo", "y"], "a retention in whole days, weeks, months or years; write 30d, 4w, 12mo or 5y");

/** Atlas counts the continuous window in days. */
export const window = () => durationOf(["d", "w"], "a window of whole days; write 7d or 2w");

function durationOf(units: readonly DurationUnit[], error: string) {
  const pattern = new RegExp(`^\\d{1,6}(${units.join("|")})$`);
  return z.pipe(
    text(pattern, error),
    z.transform((written: string, payload): Duration => {
      const parsed = tryParseDuration(written);
      if (parsed !== undefined) return parsed;
      payload.issues.push({ code: "custom", input: written, message: error });
      return z.NEVER;
    }),
  );
}

export const name = () =>
  text(
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/,
    "a name; write letters, digits, dots, dashes and underscores, at most 64, a letter or digit first",
  );

/** The characters that Atlas allows in the name of a cluster. */
export const clusterName = () =>
  text(CLUSTER_NAME, "the name of an Atlas cluster; write letters, digits and inner dashes, at most 64");

/** The form of AWS; Atlas's own form (AP_SOUTH_1) gets a suggestion. */
export const region = () =>
  text(/^[a-z]{2}(?:-[a-z]+){1,3}-[1-9]\d?$/, "an AWS region; write it as AWS does, such as ap-southeast-1");

/** A time of day in UTC, `18:00`. */
export const timeOfDay = () =>
  z.pipe(
    text(/^(?:[01]\d|2[0-3]):[0-5]\d$/, "a time of day in UTC; write it as 18:00"),
    z.transform((written: string) => ({ hour: Number(written.slice(0, 2)), minute: Number(written.slice(3)) })),
  );

/** Any text on one line that says something. */
export const line = (noun: string, example: string) =>
  text(/^[^\s\p{Cc}](?:[^\p{Cc}]{0,1022}[^\s\p{Cc}])?$/u, `${noun}; write one line of text, such as ${example}`);

export const bucketName = () =>
  text(
    /^[a-z0-9](?:[a-z0-9.-]{1,61})[a-z0-9]$/,
    "the name of a bucket; write 3 to 63 lower-case letters, digits, dots and dashes",
  );

/** Folders in a bucket; none of them is one too. */
export const prefix = (example: string) =>
  text(/^(?:[A-Za-z0-9!_.*'()-]+\/)*$/, `a prefix; write folders that each end with a slash, such as ${example}`);
