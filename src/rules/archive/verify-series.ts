/** What stands in the folder of a database beside its archives. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatSpan } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ObjectVersion } from "../../ports/s3.ts";
import { pastInstant } from "../backup/facts.ts";
import { parseKey } from "./keys.ts";
import { endOf, periodOf } from "./slots.ts";
import { MAX_SHOWN, placeOf, type SeriesFacts, several } from "./verify-facts.ts";

/** A push that has not ended after this long is not under way any more. */
const MAX_PUSH_MS = DAY_MS;

const uploads: Check<SeriesFacts> = {
  id: "archive/orphaned-uploads",
  title: "no upload was left behind",
  remedy: ({ database }) =>
    `take the push up again: litally-ops archive push ${database.name}; or give it up: litally-ops archive abort ${database.name}`,
  judge: ({ uploads: found, observedAt }) => {
    if (!found.known) return unknown(found.reason);
    for (const { initiatedAt, key } of found.value) {
      const begun = pastInstant(known(initiatedAt), observedAt, `the upload of ${key}`);
      if (!begun.known) return unknown(begun.reason);
    }
    const old = found.value.filter(({ initiatedAt }) => observedAt.getTime() - initiatedAt.getTime() > MAX_PUSH_MS);
    const words = old.map(
      ({ key, initiatedAt, initiator }) =>
        `${key} since ${formatInstant(initiatedAt)}${initiator === null ? "" : ` by ${initiator}`}`,
    );
    const evidence = { uploads: found.value.length, actual: words.slice(0, MAX_SHOWN) };
    return old.length > 0
      ? warn(`${old.length} begun more than ${formatSpan(MAX_PUSH_MS)} ago: ${several(words)}`, evidence)
      : pass(found.value.length === 0 ? "none" : `${found.value.length} under way`, evidence);
  },
};

/** Data of no archive: what a push left that did not end, or what somebody else put there. */
const strays: Check<SeriesFacts> = {
  id: "archive/strays",
  title: "every object belongs to an archive",
  remedy: ({ database, archive }) =>
    `end the push that left them: litally-ops archive push ${database.name}; or look at them: aws s3api list-object-versions --bucket ${archive.bucket} --prefix ${archive.prefix}${database.name}/`,
  judge: (facts) => {
    if (!facts.versions.known) return unknown(facts.versions.reason);
    const named = namedKeys(facts);
    const found: string[] = [];
    for (const version of facts.versions.value) {
      if (!version.isLatest || version.isDeleteMarker) continue;
      const stray = isStray(facts, version, named);
      if (stray instanceof OpsError) return unknown(stray);
      if (stray) found.push(version.key);
    }
    return found.length === 0
      ? pass("all of them")
      : warn(`${found.length} of no archive: ${several(found)}`, { actual: found.slice(0, MAX_SHOWN) });
  },
};

function namedKeys({ manifests }: SeriesFacts): ReadonlySet<string> {
  const known = [...manifests.values()].flatMap((manifest) => (manifest.known ? [manifest.value] : []));
  return new Set(known.flatMap(({ objects }) => objects.map(({ key }) => key)));
}

/** Or why that cannot be said. */
function isStray(
  facts: SeriesFacts,
  { key, lastModifiedAt }: ObjectVersion,
  named: ReadonlySet<string>,
): boolean | OpsError {
  const parsed = parseKey(placeOf(facts), key);
  if (parsed === undefined) return true;
  if (parsed.kind === "manifest" || parsed.kind === "ledger" || parsed.kind === "deep" || named.has(key)) return false;
  const manifest = facts.manifests.get(parsed.month);
  if (manifest === undefined) return facts.observedAt.getTime() - lastModifiedAt.getTime() > MAX_PUSH_MS;
  return manifest.known ? true : manifest.reason;
}

const knownSlots: Check<SeriesFacts> = {
  id: "archive/known-slots",
  title: "every archive is of a slot that the policy knows",
  remedy: ({ archive }) =>
    `nothing is lost by it: it is kept as its lock says; if it is wanted, declare its slots under archives[name=${archive.name}].slots`,
  judge: (facts) => {
    if (!facts.versions.known) return unknown(facts.versions.reason);
    const months = monthsWithManifest(facts, facts.versions.value);
    return judgeMonths(facts, months);
  },
};

function judgeMonths({ archive, observedAt }: SeriesFacts, months: readonly string[]): Verdict {
  const early = months.filter((month) => endOf(month) > observedAt);
  if (early.length > 0)
    return {
      ...fail(`of a month that has not ended: ${several(early)}`, { actual: early }),
      remedy: "find out who wrote it: no push of ours archives a month before its end",
    };
  const foreign = months.filter((month) => periodOf(archive, month) === undefined);
  return foreign.length > 0
    ? warn(`of months that close no slot of the policy: ${several(foreign)}`, { actual: foreign })
    : pass(`all ${months.length} archives`);
}

/** The months that have an archive, in order. */
export function monthsWithManifest(facts: SeriesFacts, versions: readonly ObjectVersion[]): readonly string[] {
  const place = placeOf(facts);
  const months = versions.flatMap(({ key, isLatest, isDeleteMarker }) => {
    const parsed = isLatest && !isDeleteMarker ? parseKey(place, key) : undefined;
    return parsed?.kind === "manifest" ? [parsed.month] : [];
  });
  return months.toSorted();
}

export const SERIES_CHECKS: readonly Check<SeriesFacts>[] = [uploads, strays, knownSlots];
