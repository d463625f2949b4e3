/**
 * The archive of a month as retention looks at it. What `archive verify` would not call whole is no restore point, however long
 * S3 keeps its bytes: it was judged once, with every hash at hand, and the hashes are not kept.
 */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, unknown } from "../../core/verdict.ts";
import { type ArchiveFacts, ofMonth, type VerifyFacts } from "../archive/verify-facts.ts";
import { objectKeys } from "../archive/verify-keeping.ts";
import { manifest } from "../archive/verify-manifest.ts";
import { content, objects } from "../archive/verify-objects.ts";
import { pastInstant } from "../backup/facts.ts";

export interface ArchivedMonth extends VerifyFacts {
  /** Why it restores nothing that a policy is owed, in words; null: it is whole. */
  readonly flaw: Observed<string | null>;
}

export function archivedMonth(facts: VerifyFacts, month: string): ArchivedMonth {
  return { ...withoutHashes(facts), flaw: flawOf(ofMonth(facts, month)) };
}

const WHOLE: readonly Check<ArchiveFacts>[] = [manifest, objects, content, objectKeys];

function flawOf(facts: ArchiveFacts): Observed<string | null> {
  const verdicts = WHOLE.flatMap(({ judge }) => judge(facts));
  return wrongIn([...verdicts, ...mistimed(facts)]);
}

/** What is wrong outranks what is not known. */
export function wrongIn(verdicts: readonly Verdict[]): Observed<string | null> {
  const wrong = verdicts.filter(({ status }) => status === "fail").map(({ message }) => message);
  if (wrong.length > 0) return known([...new Set(wrong)].join("; "));
  const open = verdicts.find(({ status }) => status === "unknown");
  return open === undefined ? known(null) : notKnown(new OpsError("unavailable", open.message));
}

/** Data of before the end of a month are not what the month ended with, and nobody has any of times to come. */
function mistimed({ manifest: of, period, observedAt }: ArchiveFacts): readonly Verdict[] {
  if (!of.known) return [];
  const { createdAt, id } = of.value.snapshot;
  const taken = pastInstant(known(createdAt), observedAt, `snapshot ${id}`);
  if (!taken.known) return [unknown(taken.reason.message)];
  return period !== undefined && createdAt < period.endsAt
    ? [fail(`snapshot ${id} was taken before the period ended`)]
    : [];
}

/** There may be very many. */
function withoutHashes(facts: VerifyFacts): VerifyFacts {
  const manifests = [...facts.manifests].map(([month, observed]) => {
    const light = mapObserved(observed, (one) => ({
      ...one,
      objects: one.objects.map((object) => ({ ...object, partSha256s: [] })),
    }));
    return [month, light] as const;
  });
  const heads = [...facts.objects].map(([key, { head }]) => [key, { head, attributes: null }] as const);
  return { ...facts, manifests: new Map(manifests), objects: new Map(heads) };
}
