import { longestMs } from "../core/duration.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import { namesOf, usedTwice } from "./rules-names.ts";
import { atMostProblems, PERIOD_MS } from "./rules-periods.ts";
import type { ArchivePolicy, Draft } from "./schema.ts";

/** Archives that cannot be kept as declared. */
export function archiveProblems(judged: Judged): readonly Problem[] {
  const { archives } = judged.policy;
  return [
    ...usedTwice(judged, namesOf(archives, ["archives"], "name")),
    ...(archives ?? []).flatMap((archive, index) => {
      if (archive === undefined) return [];
      const path = ["archives", index];
      return [...slotProblems(judged, archive, path), ...dueProblems(judged, archive, path)];
    }),
  ];
}

type Archive = Draft<ArchivePolicy>;

/** The furthest that Object Lock can reach: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html */
const MAX_LOCK = { value: 100, unit: "y" } as const;

function slotProblems(judged: Judged, archive: Archive, path: Path): readonly Problem[] {
  const slots = archive.slots ?? [];
  const locked = archive.objectLock === "COMPLIANCE" || archive.objectLock === "GOVERNANCE";
  return slots.flatMap((slot, index) => {
    if (slot?.frequency === undefined) return [];
    const at = [...path, "slots", index];
    const { frequency, retain } = slot;
    const twice = slots.slice(0, index).some((other) => other?.frequency === frequency);
    const tooShort = retain !== undefined && longestMs(retain) < PERIOD_MS[frequency];
    const tooLong = retain !== undefined && locked && longestMs(retain) > longestMs(MAX_LOCK);
    const written = judged.quote([...at, "retain"]);
    return [
      ...(twice
        ? [
            {
              path: [...at, "frequency"],
              text: `${judged.quote([...at, "frequency"])} stands above already; keep one slot for each period`,
            },
          ]
        : []),
      ...(tooShort
        ? [{ path: [...at, "retain"], text: `${written} is shorter than the ${frequency} period; write at least that` }]
        : []),
      ...(tooLong
        ? [{ path: [...at, "retain"], text: `${written} is longer than a lock can last; write at most 100y` }]
        : []),
      ...atMostProblems(judged, slot, at),
    ];
  });
}

function dueProblems(judged: Judged, archive: Archive, path: Path): readonly Problem[] {
  const frequencies = archive.slots?.map((slot) => slot?.frequency);
  if (archive.dueWithin === undefined || frequencies === undefined) return [];
  const periods = frequencies.flatMap((frequency) => (frequency === undefined ? [] : [PERIOD_MS[frequency]]));
  if (periods.length < frequencies.length || longestMs(archive.dueWithin) <= Math.min(...periods)) return [];
  const where = [...path, "dueWithin"];
  return [{ path: where, text: `${judged.quote(where)} is longer than the shortest period of the slots; write less` }];
}
