/**
 * The archive of a month as retention looks at it. What `archive verify` would not call whole is no restore point, however long
 * S3 keeps its bytes: it was judged once, with every hash at hand, and the hashes are not kept.
 */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, unknown, whyUnknown } from "../../core/verdict.ts";
import { type ArchiveFacts, ofMonth, type VerifyFacts } from "../archive/verify-facts.ts";
import { objectKeys } from "../archive/verify-keeping.ts";
import { manifest } from "../archive/verify-manifest.ts";
import { content, objects } from "../archive/verify-objects.ts";
import { pastInstant } from "../backup/facts.ts";

export interface ArchivedMonth extends VerifyFacts {
  /** Why it restores nothing that a policy is owed; null: it is whole. */
  readonly flaw: Observed<Flaw | null>;
}

interface Flaw {
  readonly words: string;
  /** What whoever judged it advises. */
  readonly remedy: string;
}

export function archivedMonth(facts: VerifyFacts, month: string): ArchivedMonth {
  return { ...withoutHashes(facts), flaw: flawOf(ofMonth(facts, month)) };
}

/** Without the key nothing else can be mended, and it may be gone in a week: it comes first. */
const WHOLE: readonly Check<ArchiveFacts>[] = [objectKeys, manifest, objects, content];

function flawOf(facts: ArchiveFacts): Observed<Flaw | null> {
  const verdicts = WHOLE.flatMap(({ judge, remedy }) =>
    [judge(facts)].flat().map((verdict) => ({ remedy: remedy(facts), ...verdict })),
  );
  const judged = [...verdicts, ...mistimed(facts).map((verdict) => ({ ...verdict, remedy: ANOTHER }))];
  const remedies = judged.flatMap(({ status, remedy }) => (status === "fail" ? [remedy] : []));
  return mapObserved(wrongIn(judged), (words) =>
    words === null ? null : { words, remedy: [...new Set(remedies)].join("; ") },
  );
}

/** What is wrong outranks what is not known. */
export function wrongIn(verdicts: readonly Verdict[]): Observed<string | null> {
  const wrong = verdicts.filter(({ status }) => status === "fail").map(({ message }) => message);
  if (wrong.length > 0) return known([...new Set(wrong)].join("; "));
  const open = verdicts.find(({ status }) => status === "unknown");
  return open === undefined ? known(null) : notKnown(new OpsError("unavailable", whyUnknown(open)));
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

const ANOTHER = "keep it, and look for a snapshot of after that end: litally-ops backup list";

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
