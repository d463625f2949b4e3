/** Every slot that is owed has one complete archive. */
import type { Check } from "../../core/check.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { periodFolder } from "./keys.ts";
import { isOver, type Period, type Slot } from "./slots.ts";
import { placeOf, type SeriesFacts, standing } from "./verify-facts.ts";

export interface SlotFacts extends SeriesFacts {
  readonly slot: Slot;
  readonly period: Period;
}

export const slotFilled: Check<SlotFacts> = {
  id: "archive/slot",
  title: "the slot has one complete archive",
  remedy: ({ database, slot }) =>
    `litally-ops archive push ${database.name} --slot ${slot.name}; where no good snapshot of that time is left, note the gap for the auditor`,
  judge: (facts) => {
    const { slot, period, observedAt } = facts;
    const found = standing(facts, slot.month);
    if (!found.known) return unknown(found.reason);
    const evidence = { dueAt: period.dueAt.toISOString() };
    switch (found.value) {
      case "complete":
        return judgeComplete(facts);
      case "hidden":
        return {
          ...fail("its manifest is hidden by a delete marker", evidence),
          remedy: `remove the delete marker, which brings it back: aws s3api list-object-versions --bucket ${facts.archive.bucket} --prefix ${periodFolder(placeOf(facts), slot.month)}`,
        };
      case "absent":
        if (isOver(facts.archive, slot, observedAt)) return pass("none, and its retention is over", evidence);
        if (observedAt <= period.dueAt) return pass(`not due yet: due by ${formatInstant(period.dueAt)}`, evidence);
        return fail(`none${remains(facts)}; it was due by ${formatInstant(period.dueAt)}`, evidence);
    }
  },
};

function judgeComplete(facts: SlotFacts): Verdict {
  const { slot, manifests } = facts;
  const own = manifests.get(slot.month);
  if (own === undefined || !own.known) return unknown(own?.reason ?? `the manifest of ${slot.month} was not looked at`);
  const others = [...manifests].flatMap(([month, manifest]) =>
    month !== slot.month && manifest.known && manifest.value.slots.includes(slot.name) ? [month] : [],
  );
  if (others.length > 0)
    return {
      ...fail(`it has ${others.length + 1} archives: those of ${[slot.month, ...others].join(", ")}`, {
        expected: slot.month,
        actual: others,
      }),
      remedy: "see archive/manifest of the archives that say so: only the one of the slot's closing month counts",
    };
  const { snapshot, completedAt } = own.value;
  return pass(`snapshot ${snapshot.id}, archived on ${formatInstant(completedAt)}`, { snapshotId: snapshot.id });
}

/** Data without a manifest are no archive, but worth a word. */
function remains(facts: SlotFacts): string {
  const folder = periodFolder(placeOf(facts), facts.slot.month);
  const versions = facts.versions.known ? facts.versions.value : [];
  const count = versions.filter(({ key, isDeleteMarker }) => key.startsWith(folder) && !isDeleteMarker).length;
  return count === 0 ? "" : ` (${count} objects stand there without a manifest: a push did not end)`;
}
