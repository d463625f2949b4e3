/** Archives that stand, and restore nothing that is owed; and what keeps others from being made. */
import type { Check } from "../../core/check.ts";
import { DAY_MS } from "../../core/duration.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { periodOf, retainUntil } from "../archive/slots.ts";
import type { ArchivedMonth } from "./archived-month.ts";
import { earliestMs, monthsToCome } from "./archives-to-come.ts";
import type { RetentionFacts } from "./facts.ts";
import type { Question } from "./question.ts";

const wholeArchives: Check<Question> = {
  id: "retention/archive",
  title: "every archive that is owed is what its manifest says",
  remedy: ({ facts }) => look(facts),
  judge: ({ facts, nowMs }) => {
    const { archives } = facts;
    if (archives === null) return [];
    const owed = [...archives.months].filter(([month]) => {
      const period = periodOf(archives.archive, month);
      return period !== undefined && retainUntil(archives.archive, period).getTime() > nowMs;
    });
    const flawed = owed.flatMap(([month, { flaw }]) =>
      verdictsOf(flaw, look(facts)).map((verdict) => ({ ...verdict, scope: month })),
    );
    if (flawed.length > 0 || owed.length === 0) return flawed;
    return pass(`all ${owed.length}`);
  },
};

/** A push looks at the same before it begins. */
const archiving: Check<Question> = {
  id: "retention/archiving",
  title: "archives can be made from now on",
  remedy: ({ facts }) =>
    `mend the bucket, for until then nothing is archived: litally-ops archive verify ${facts.backup.database.name}`,
  judge: ({ facts: { archives }, nowMs, horizon }) => {
    if (archives === null) return [];
    const { hurdle, archive, series } = archives;
    const untilMs = Math.max(horizon.untilMs, nowMs + SPAN_MS);
    const hurdles = monthsToCome({ archive, series, nowMs, untilMs }).map((period) =>
      hurdle(period, new Date(earliestMs(period, nowMs))),
    );
    const refused = hurdles.find((one) => one.known && one.value !== null);
    if (refused?.known === true) return fail(`a push refuses ${archive.bucket}: ${refused.value}`);
    const open = hurdles.find(({ known }) => !known);
    if (open?.known === false) return unknown(open.reason);
    return hurdles.length === 0 ? [] : pass(`${archive.bucket} is as a push wants it`);
  },
};

/** Whatever a policy archives, one comes in so long. */
const SPAN_MS = 400 * DAY_MS;

export const ARCHIVE_CHECKS: readonly Check<Question>[] = [wholeArchives, archiving];

function look({ backup }: RetentionFacts): string {
  return `see all that is wrong with it: litally-ops archive verify ${backup.database.name}`;
}

function verdictsOf(flaw: ArchivedMonth["flaw"], look: string): readonly Verdict[] {
  if (!flaw.known) return [unknown(flaw.reason)];
  if (flaw.value === null) return [];
  const { words, remedy } = flaw.value;
  return [{ ...fail(`it fills no slot: ${words}`), remedy: `${remedy}; ${look}` }];
}
