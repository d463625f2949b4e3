/** What keeps archives from being made: a push refuses a bucket that is not as the policy wants it, its key or its locks. */
import type { Observed } from "../../core/observed.ts";
import { BUCKET_CHECKS, type BucketFacts } from "../archive/bucket.ts";
import { wrongIn } from "./archived-month.ts";

/** In words; null: nothing does. */
export function hurdleOf(facts: BucketFacts): Observed<string | null> {
  return wrongIn(BUCKET_CHECKS.flatMap(({ judge }) => judge(facts)));
}
