/** Whether the archives of a database are what the policy says: every slot, every archive, and what stands beside them. */
import { type Check, runChecks } from "../../core/check.ts";
import type { NotKnown } from "../../core/observed.ts";
import type { Finding } from "../../core/report.ts";
import { unknown } from "../../core/verdict.ts";
import { deepRead } from "./deep.ts";
import { owedPeriods } from "./slots.ts";
import { type ArchiveFacts, ofMonth, type SeriesFacts, type VerifyFacts } from "./verify-facts.ts";
import { lifecycle, lock, objectKeys, storageClass } from "./verify-keeping.ts";
import { inTime, manifest, source } from "./verify-manifest.ts";
import { content, objects } from "./verify-objects.ts";
import { monthsWithManifest, SERIES_CHECKS } from "./verify-series.ts";
import { slotFilled } from "./verify-slot.ts";

/** Of everything at once, about `archive/<name>/<database>/<slot>` each; what is about an archive stands under its month. */
export function verifyArchives(facts: VerifyFacts): readonly Finding[] {
  return inOrder(
    facts,
    archivedMonths(facts).flatMap((month) => verifyArchive(facts, month)),
  );
}

/** Of one archive; of the other months nothing needs to be at hand. */
export function verifyArchive(facts: VerifyFacts, month: string): readonly Finding[] {
  const [of, subject] = [ofMonth(facts, month), `${subjectOf(facts)}/${month}`];
  return [...runChecks([manifest], of, subject), ...runChecks(ARCHIVE_CHECKS, of, subject, READ_FIRST)];
}

/** What is said of the slots, then `archives`, which was said of each archive, then what is said of what stands beside them. */
export function inOrder(facts: SeriesFacts, archives: readonly Finding[]): readonly Finding[] {
  return [...verifySlots(facts), ...archives, ...runChecks(SERIES_CHECKS, facts, subjectOf(facts))];
}

/** Where nothing could be listed, that is said once, not of each slot. */
function verifySlots(facts: SeriesFacts): readonly Finding[] {
  const subject = subjectOf(facts);
  if (!facts.versions.known) return runChecks([slotsListed], facts.versions, subject, READ_FIRST);
  return owedPeriods(facts.archive, facts.observedAt).flatMap((period) =>
    period.slots.flatMap((slot) =>
      runChecks([slotFilled], { ...facts, slot, period }, `${subject}/${slot.name}`, READ_FIRST),
    ),
  );
}

/** The months that have an archive, in order; none where they could not be listed. */
export function archivedMonths(facts: SeriesFacts): readonly string[] {
  return facts.versions.known ? monthsWithManifest(facts, facts.versions.value) : [];
}

/** By these ids `--only` knows them. */
export function archiveCheckIds(): readonly string[] {
  return [slotFilled, manifest, ...ARCHIVE_CHECKS, ...SERIES_CHECKS].map(({ id }) => id);
}

function subjectOf({ archive, database }: SeriesFacts): string {
  return `archive/${archive.name}/${database.name}`;
}

const slotsListed: Check<NotKnown> = {
  ...slotFilled,
  remedy: () => READ_FIRST,
  judge: ({ reason }) => unknown(reason),
};

/** The remedy of a failure would be the wrong advice about what was not seen. */
export const READ_FIRST = "mend what kept it from being read, then run again: until then nothing is proved";

const ARCHIVE_CHECKS: readonly Check<ArchiveFacts>[] = [
  source,
  inTime,
  objects,
  content,
  storageClass,
  lock,
  objectKeys,
  lifecycle,
  deepRead,
];
