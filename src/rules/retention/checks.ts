/** `retention check`: today's truth, slot by slot, and what the settings can and cannot deliver. */
import { type Check, runChecks } from "../../core/check.ts";
import { formatSpan } from "../../core/duration.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { type Budget, failureBudgets, type Misses } from "./budget.ts";
import { ARCHIVE_CHECKS } from "./check-archives.ts";
import { LOCK_CHECKS } from "./check-locks.ts";
import { slotName } from "./demand.ts";
import { idealOf } from "./ideal.ts";
import { assumeLost } from "./losses.ts";
import type { Breach, RestorePoint } from "./model.ts";
import { goneMs, type OverRetained, overRetained } from "./over.ts";
import { prove } from "./proof.ts";
import type { Question } from "./question.ts";
import { heldBesides } from "./supply-held.ts";
import type { Reading } from "./supply-snapshots.ts";
import { instant, type Outcome, todayOf } from "./today.ts";
import { windowNow } from "./window.ts";
import { breachEvidence, breachWords, doubtOf, flawWords } from "./words.ts";

export function judgeToday(question: Question): readonly Finding[] {
  return runChecks(TODAY_CHECKS, question, retentionSubject(question));
}

export function retentionSubject({ facts }: Pick<Question, "facts">): string {
  return `database/${facts.backup.database.name}`;
}

const LOOK = "see what is wrong there: litally-ops backup verify; of archives: litally-ops archive verify";

export const readable: Check<Question> = {
  id: "retention/readable",
  title: "everything that keeps the data could be read",
  remedy: () => "nothing is proved until it can be read; see what is missing: litally-ops doctor",
  judge: ({ unreadable }) => {
    const [first] = unreadable;
    if (first === undefined) return pass("schedule, snapshots, copies, archives, rules and locks were read");
    const more = unreadable.length === 1 ? "" : `, and ${unreadable.length - 1} more`;
    return unknown(`could not be read: ${first.message}${more}`);
  },
};

/** One verdict for each slot that is owed today: its point is there, and is kept for as long as it is owed. */
const slots: Check<Question> = {
  id: "retention/slot",
  title: "every slot that is owed today has its restore point, for as long as it is owed",
  remedy: () => LOOK,
  judge: (question) => {
    const { tiers, supplies, nowMs, horizon } = question;
    const worst = todayOf(supplies.pessimistic, tiers, nowMs, horizon.bornMs);
    const best = todayOf(supplies.optimistic, tiers, nowMs, horizon.bornMs);
    return worst.map((outcome, index) => slotVerdict(question, outcome, best[index]));
  },
};

function slotVerdict({ unreadable, facts }: Question, worst: Outcome, best: Outcome | undefined): Verdict {
  const scope = `${worst.slot.tier.id}: ${slotName(worst.slot)}`;
  const { source } = worst.slot.tier;
  const evidence = {
    ...(source === null ? {} : { policy: source }),
    satisfiedBy: worst.satisfiedBy.map(({ id }) => id),
  };
  if (worst.breaksAtMs === null) return { ...pass(worst.why, evidence), scope };
  const isOpen = unreadable.length > 0 || best?.breaksAtMs === null;
  const flaw = worst.satisfiedBy.length + worst.others.length === 0 ? flawWords(facts, worst.slot) : null;
  const why = flaw ?? (isOpen ? `at worst ${worst.why}` : worst.why);
  const verdict = isOpen ? unknown(why, evidence) : fail(why, evidence);
  return { ...verdict, scope, ...(flaw === null ? {} : { remedy: "do what retention/archive says of that archive" }) };
}

/** Whether the settings would deliver the policy if nothing ever went wrong, whatever is there today. */
const schedule: Check<Question> = {
  id: "retention/schedule",
  title: "the settings deliver the policy if all goes well",
  remedy: () => "see the settings beside the policy: litally-ops backup plan; then mend them: litally-ops backup apply",
  judge: (question) => {
    const { unreadable } = question;
    const { supplies, tiers, horizon } = idealOf(question);
    const proofs = [supplies.pessimistic, supplies.optimistic].map((supply) => prove(supply, tiers, horizon));
    return tiers.map((tier, index): Verdict => {
      const [worst, best] = proofs.map((proof) => proof.tiers[index]);
      const scope = tier.id;
      if (worst === undefined || best === undefined) return { ...unknown("it was not proved"), scope };
      if (worst.breach === null && unreadable.length > 0)
        return { ...unknown("not everything could be read: see retention/readable"), scope };
      if (worst.owed === 0) return { ...unknown("it never owes anything, so nothing is proved"), scope };
      if (worst.breach === null) return { ...pass("every slot to come is kept as long as it is owed"), scope };
      const evidence = breachEvidence(worst.breach);
      const isOpen = best.breach === null || unreadable.length > 0;
      const doubt = isOpen ? doubtOf(worst.breach, question) : null;
      const words = breachWords(worst.breach, question, doubt);
      const verdict = { ...(isOpen ? unknown(`at worst ${words}`, evidence) : fail(words, evidence)), scope };
      if (doubt !== null) return { ...verdict, remedy: doubt.remedy };
      return tier.by.kind === "archive" ? { ...verdict, remedy: archiveRemedy(worst.breach) } : verdict;
    });
  },
};

/** One that is never made, no rule removes. */
function archiveRemedy({ others }: Breach): string {
  return others.some(({ fromMs, untilMs }) => fromMs < untilMs)
    ? "take the rule away that removes them, or archive in time; see what is wrong with the bucket: litally-ops archive verify"
    : "mend what keeps them from being made: of the bucket see retention/archiving; of snapshots have one taken from the end of a month to dueWithin after it, and kept until then: litally-ops backup plan";
}

/** A policy that is younger than its span owes less than that. */
const rampUp: Check<Question> = {
  id: "retention/ramp-up",
  title: "what is not owed yet is named",
  remedy: () => "nothing: it grows by itself",
  judge: ({ tiers, nowMs, horizon, supplies }) =>
    prove(supplies.pessimistic, tiers, { ...horizon, untilMs: nowMs + 1 }).tiers.flatMap(({ tier, wholeFromMs }) =>
      wholeFromMs <= nowMs
        ? []
        : [{ ...pass(`its whole span is owed from ${instant(wholeFromMs)} on; until then less`), scope: tier.id }],
    ),
};

/** How many runs may fail one after the other before the first breach. */
const budget: Check<Question> = {
  id: "retention/budget",
  title: "how many runs in a row may be missed",
  remedy: () => LOOK,
  judge: (question) => {
    if (question.unreadable.length > 0) return [];
    const { supplies, tiers, horizon } = idealOf(question);
    const { pessimistic, optimistic } = supplies;
    const makers = [...new Set(optimistic.points.flatMap(({ makers: all, tier }) => all ?? [tier]))];
    const worst = failureBudgets(pessimistic, tiers, makers, horizon);
    const holdsAtBest =
      worst.some(({ kind }) => kind === "broken") && prove(optimistic, tiers, horizon).breach === null;
    return makers.flatMap((maker, index) => {
      const atWorst = worst[index];
      if (atWorst === undefined) return [];
      const isOpen = atWorst.kind === "broken" && holdsAtBest;
      const verdict = isOpen ? AT_WORST_BROKEN : budgetVerdict(atWorst, maker);
      return verdict === null ? [] : [{ ...verdict, scope: maker }];
    });
  },
};

const AT_WORST_BROKEN: Verdict = {
  ...unknown("at worst it breaks although none is missed"),
  remedy: "end the doubt that retention/schedule names",
};

/** null: the check of the schedule says that it breaks anyway. */
function budgetVerdict(found: Budget, maker: string): Verdict | null {
  switch (found.kind) {
    case "broken":
      return null;
    case "unneeded":
      return pass("any number: no slot of the policy needs it");
    case "misses": {
      const { mayMiss, breaking } = found;
      const after = formatSpan(breaking.afterMs);
      const how =
        mayMiss === 0 ? "none may be missed: without one" : `${mayMiss} in a row may be missed: with one more`;
      return pass(
        `${how}${joinedWords(breaking, maker)}, ${slotName(breaking.breach.slot)} (${breaking.breach.slot.tier.id}) is not there ${after} later`,
        { mayMiss, breaksAfterHours: Math.round(breaking.afterMs / 3_600_000) },
      );
    }
  }
}

/** Who is told of hourly runs may not think of the one that is the daily snapshot as well. */
function joinedWords({ runsMs, breach }: Misses, maker: string): string {
  const missed = breach.others.filter(({ dataMs }) => runsMs.includes(dataMs));
  const others = new Set(missed.flatMap(({ makers, tier }) => makers ?? [tier]).filter((other) => other !== maker));
  return others.size === 0 ? "" : ` (it is one snapshot with that of ${[...others].join(" and ")})`;
}

/** A promise to delete is one too; and what nobody needs costs money. */
const over: Check<Question> = {
  id: "retention/over",
  title: "nothing is kept longer than the policy allows",
  remedy: () =>
    "shorten what keeps it: litally-ops backup plan --allow-loosening; a lock in COMPLIANCE mode nobody can shorten",
  judge: ({ supplies, tiers, horizon, unreadable, nowMs, facts: { archives }, lost }) => {
    // what may be removed may also stay: the longest lives are the worst here
    const overOf = (reading: Reading) => {
      const { points } = supplies[reading];
      const held = archives === null ? [] : heldBesides(archives, points, reading);
      const left = assumeLost({ points: held, continuous: [] }, lost, nowMs).points;
      const there = [...points, ...left].filter((point) => point.isSeen && goneMs(point) > nowMs);
      return overRetained(there, tiers, horizon.bornMs);
    };
    const found = overOf("optimistic");
    const sure = overOf("pessimistic");
    const isSure = (over: OverRetained) =>
      sure.some(({ madeBy, limit }) => madeBy === over.madeBy && limit === over.limit);
    if (found.length === 0) return unreadable.length > 0 ? unknown("not everything could be read") : pass("nothing is");
    return found.map((over) => {
      const { madeBy, limit, count, example, limitMs } = over;
      const words = `${count} of ${madeBy}, as ${example.id}: ${keptWords(example)}`;
      const verdict =
        limit === "maximum"
          ? (isSure(over) ? warn : unknown)(`${words}; the policy allows it until ${instant(limitMs)}`, { count })
          : pass(`${words}; the policy needs it until ${instant(limitMs)}`, { count });
      return { ...verdict, scope: `${madeBy}, ${limit}` };
    });
  },
};

function keptWords(point: RestorePoint): string {
  const isHidden = goneMs(point) > point.untilMs;
  const held = isHidden ? `hidden from ${instant(point.untilMs)} on, but held` : "kept";
  if (goneMs(point) < Number.POSITIVE_INFINITY) return `${held} until ${instant(goneMs(point))}`;
  return isHidden ? `${held}, and nothing removes it` : "and nothing removes it";
}

export const TODAY_CHECKS: readonly Check<Question>[] = [
  readable,
  ...ARCHIVE_CHECKS, // what a slot lacks may hang on these
  slots,
  windowNow,
  schedule,
  ...LOCK_CHECKS,
  over,
  budget,
  rampUp,
];
