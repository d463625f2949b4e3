/**
 * What keeps archives from being made: a push refuses a bucket that is not as the policy wants it, its key, its locks, or what its
 * rules would do to the archive.
 */
import type { Observed } from "../../core/observed.ts";
import { BUCKET_CHECKS, type BucketFacts } from "../archive/bucket.ts";
import type { Place } from "../archive/keys.ts";
import type { Period } from "../archive/slots.ts";
import { judgeToBe } from "../archive/to-be.ts";
import { wrongIn } from "./archived-month.ts";

/** Why the archive of a period, pushed at an instant, is refused; null: it is not. */
export type Hurdle = (period: Period, createdAt: Date) => Observed<string | null>;

export function hurdleOf(facts: BucketFacts, place: Place): Hurdle {
  const ofBucket = BUCKET_CHECKS.flatMap(({ judge }) => judge(facts));
  return (period, createdAt) =>
    wrongIn([...ofBucket, judgeToBe(facts, { place, period, createdAt, sizesBytes: [null] })]);
}
