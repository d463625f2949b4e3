/** What must hold of the record of acts, wherever it is kept. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Agreement, Found, ShelfFacts, ShelfSight } from "./facts.ts";
import type { Break } from "./walk.ts";

const KEEP =
  "keep what is there as evidence, and ask who could write to it; compare with the other place: litally-ops audit log list";

/** Nothing more is said of a place that could not be looked at. */
function seen(facts: ShelfFacts, judge: (sight: ShelfSight) => Verdict | readonly Verdict[]) {
  return facts.sight.known ? judge(facts.sight.value) : [];
}

export const SHELF_CHECKS: readonly Check<ShelfFacts>[] = [
  {
    id: "audit/chain",
    title: "the record is whole: nothing in it was changed, removed or put in",
    remedy: () => KEEP,
    judge: (facts) => {
      const { sight, name, from } = facts;
      if (!sight.known) return unknown(sight.reason);
      const { count, breaks, firstBreak, unseen, unseenReason, newest, isEndRemembered } = sight.value.chain;
      if (firstBreak !== null) return brokenAt(firstBreak, breaks);
      if (unseenReason !== null) return unknown(unseenReason, { unseen, records: count });
      if (count > 0 && from === "local" && !isEndRemembered) return unknown(endUnknown(count, name));
      return count > 0 ? pass(`records 1 to ${newest}, in ${name}`, { records: count }) : nothingIn(facts);
    },
  },
  {
    id: "audit/machines",
    title: "each machine's own records are all there, in order",
    remedy: () => KEEP,
    judge: (facts) =>
      seen(facts, ({ machines, chain }) => {
        if (machines === null || chain.count === 0) return [];
        return machines.firstBreak === null ? pass("none is missing") : brokenAt(machines.firstBreak, machines.breaks);
      }),
  },
  {
    id: "audit/untouched",
    title: "nobody has deleted a record, or put another over it",
    remedy: () => KEEP,
    judge: (facts) =>
      seen(facts, ({ tampered, chain }) =>
        facts.from === "s3" && chain.count > 0 ? noneOf(tampered, "every object has one version", fail) : [],
      ),
  },
  {
    id: "audit/locked",
    title: "every record is locked for as long as the policy says",
    remedy: () => "a lock can be made longer: aws s3api put-object-retention",
    judge: (facts) =>
      seen(facts, ({ locks, chain }) => {
        if (locks === null || chain.count === 0) return [];
        if (locks.weak.count > 0) return fail(words(locks.weak));
        if (locks.unseen.count > 0)
          return { ...unknown(`could not find out: ${words(locks.unseen)}`), remedy: "grant s3:GetObjectRetention" };
        return pass("all of them");
      }),
  },
  {
    id: "audit/ended",
    title: "whatever was begun has ended",
    remedy: () => "look whether it is under way; if not, look what became of it, by the plan in its record",
    judge: (facts) => seen(facts, ({ open, chain }) => (chain.count > 0 ? noneOf(open, "all of it", warn) : [])),
  },
  {
    id: "audit/time",
    title: "no record is of the future",
    remedy: () => "set the clock of that machine",
    judge: (facts) => seen(facts, ({ future }) => (future.count > 0 ? warn(words(future)) : [])),
  },
  {
    id: "audit/readable",
    title: "every record can be read by this version",
    remedy: () => "read it with the version that wrote it, or a newer one",
    judge: (facts) => seen(facts, ({ foreign }) => (foreign.count > 0 ? unknown(words(foreign)) : [])),
  },
];

export const AGREEMENT: Check<Agreement> = {
  id: "audit/agree",
  title: "this machine and the bucket keep the same",
  remedy: () => KEEP,
  judge: ({ log, newestHere, newestThere, newestSent, differing }) => {
    if (log === null) return [];
    if (differing.count > 0) return fail(words(differing));
    if (newestThere > newestHere)
      return fail(`the bucket has records of this machine up to ${newestThere}, here they end with ${newestHere}`, {
        expected: newestThere,
        actual: newestHere,
      });
    if (newestThere < newestSent)
      return fail(`records of this machine up to ${newestSent} were sent, the bucket has them up to ${newestThere}`, {
        expected: newestSent,
        actual: newestThere,
      });
    const missing = newestHere - newestThere;
    if (missing === 0) return pass(`chain ${log}, records 1 to ${newestHere}`);
    return {
      ...warn(`${missing} of ${newestHere} records ${missing === 1 ? "is" : "are"} not in the bucket yet`),
      remedy: "the next command that changes something sends them",
    };
  },
};

/** Where nothing stands nothing is proved: that is well only where the other place has the proof, and nothing is missed here. */
function nothingIn({ name, from, isKeptElsewhere, sentElsewhere }: ShelfFacts): Verdict {
  const nothing = `nothing is recorded in ${name}`;
  if (sentElsewhere !== null)
    return {
      ...unknown(`${nothing}: it proves nothing; this machine has sent its records to ${sentElsewhere}`),
      remedy: "was auditLog changed? what was recorded before is proved with the policy as it was",
    };
  if (!isKeptElsewhere) return { ...unknown(`${nothing}: it proves nothing`), remedy: WHERE_ELSE[from] };
  return from === "local"
    ? {
        ...warn(`${nothing}: nothing was changed from here, or the folder was removed`),
        remedy:
          "a machine that changes nothing looks at the bucket alone: litally-ops audit log verify --from s3; on any other, ask who removed the folder",
      }
    : {
        ...warn(`${nothing} yet: what this machine keeps was never sent`),
        remedy: "the next command that changes something sends it",
      };
}

const WHERE_ELSE = {
  local:
    "was anything ever changed from here, by this user? the first change makes a record; otherwise ask who removed the folder, or changed XDG_STATE_HOME or the environment's name",
  s3: "are bucket, prefix and environment what they were? what was recorded elsewhere is proved with the policy as it was; otherwise the first change makes a record",
} as const satisfies Record<ShelfFacts["from"], string>;

/** Whatever is recorded is noted there too: it is gone where somebody removed it, or the first record of all was never noted. */
function endUnknown(count: number, folder: string): OpsError {
  return new OpsError(
    "not-found",
    `${count} records follow one another, but whether more came after them cannot be told: the note of the newest, .head in ${folder}, is gone or damaged`,
    { hint: `${KEEP}; the next change notes it anew` },
  );
}

function brokenAt({ place, message, expected, actual }: Break, breaks: number): Verdict {
  const more = breaks > 1 ? `; ${breaks} breaks in all, this is the first` : "";
  return fail(`${place}: ${message}: expected ${expected}, found ${actual}${more}`, {
    expected,
    actual,
    place,
    breaks,
  });
}

function noneOf(found: Found, good: string, bad: (message: string) => Verdict): Verdict {
  if (found.count === 0) return pass(good);
  return { ...bad(words(found)), ...(found.remedy === undefined ? {} : { remedy: found.remedy }) };
}

function words({ count, shown }: Found): string {
  const more = count > shown.length ? `; and ${count - shown.length} more` : "";
  return `${shown.join("; ")}${more}`;
}

/** `backup snapshot of 2026-11-22 02:00:00 UTC by anna@build-7` */
export function actWords(act: { readonly command: string; readonly at: Date; readonly by: string }): string {
  return `${act.command} of ${formatInstant(act.at)} by ${act.by}`;
}
