/** Continuous backup: on, carried by an hourly item, wide enough, and truly covered by restore points. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, formatDuration, formatSpan, shortestMs, subtractDuration } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { all } from "../../core/tri.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { ContinuousPolicy } from "../../policy/schema.ts";
import { type BackupFacts, birth, ofCluster, ofSchedule } from "./facts.ts";
import { type DatedPoint, intervalMs, isDated, type Point, restorePoints, serves } from "./points.ts";
import { applyPolicy, awaitFirst, explainGap, mendSchedule, whyNone } from "./remedies.ts";
import { atLeast, describeRetention, toDuration } from "./retention.ts";
import { holesIn } from "./series.ts";

/** Judges only where the policy declares continuous backup. */
function whereDeclared(judge: (facts: BackupFacts, policy: ContinuousPolicy) => Verdict): Check<BackupFacts>["judge"] {
  return (facts) => {
    const policy = facts.database.continuousBackup;
    return policy === undefined ? [] : judge(facts, policy);
  };
}

export const continuousEnabled: Check<BackupFacts> = {
  id: "backup/continuous-enabled",
  title: "continuous backup is on",
  remedy: (facts) => {
    const backups = ofCluster(facts, (cluster) => cluster.backupEnabled);
    const first = backups.known && !backups.value ? "see backup/enabled; then: " : "";
    return `${first}${applyPolicy(facts)}; the window starts anew from then`;
  },
  judge: whereDeclared((facts) => {
    const pit = ofCluster(facts, (cluster) => cluster.pitEnabled);
    if (!pit.known) return unknown(pit.reason);
    return pit.value
      ? pass("on")
      : fail("continuous backup is off: no point-in-time restore", { expected: true, actual: false });
  }),
};

export const continuousWindow: Check<BackupFacts> = {
  id: "backup/continuous-window",
  title: "the restore window is as long as the policy's",
  remedy: applyPolicy,
  judge: whereDeclared((facts, policy) => {
    const days = ofSchedule(facts, (schedule) => schedule.restoreWindowDays);
    if (!days.known) return unknown(days.reason);
    const evidence = { expected: formatDuration(policy.window), actual: days.value === null ? null : `${days.value}d` };
    if (days.value === null) {
      const pit = ofCluster(facts, (cluster) => cluster.pitEnabled);
      const off = pit.known && !pit.value;
      return off
        ? fail("there is no restore window", evidence)
        : unknown("Atlas does not say how long the restore window is", evidence);
    }
    const enough = days.value * DAY_MS >= shortestMs(policy.window);
    return enough
      ? pass(`${days.value} days`, evidence)
      : fail(`the restore window is ${days.value} days, the policy wants ${formatDuration(policy.window)}`, evidence);
  }),
};

/** Atlas wants an hourly item while continuous backup is on, kept at least as long as the window. */
export const continuousHourlyItem: Check<BackupFacts> = {
  id: "backup/continuous-hourly-item",
  title: "an hourly schedule item carries the restore window",
  remedy: applyPolicy,
  judge: whereDeclared((facts, policy) => {
    const items = ofSchedule(facts, (schedule) => schedule.items);
    if (!items.known) return unknown(items.reason);
    const hourly = items.value.filter((item) => item.frequency.known && item.frequency.value === "hourly");
    const kept = hourly.flatMap((item) => (item.retention.known ? [item.retention.value] : []));
    const evidence = {
      expected: `kept ${formatDuration(policy.window)} or longer`,
      actual: kept.map(describeRetention),
    };
    if (kept.some((retention) => atLeast(toDuration(retention), policy.window) === "yes"))
      return pass(`kept ${kept.map(describeRetention).join(", ")}`, evidence);
    const unreadable = items.value.find(
      (item) => !item.frequency.known || (item.frequency.value === "hourly" && !item.retention.known),
    );
    if (unreadable !== undefined) return unknown("a schedule item cannot be read", evidence);
    if (kept.length === 0)
      return fail("there is no hourly schedule item: Atlas cannot keep continuous backup on", evidence);
    return fail(
      `hourly snapshots are kept ${kept.map(describeRetention).join(", ")}, the window is ${formatDuration(policy.window)}`,
      evidence,
    );
  }),
};

/**
 * A point-in-time restore starts from a snapshot at or before the instant, so the window is covered from the oldest
 * good snapshot on, and a hole in the snapshots is bridged by oplog alone.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-from-continuous/
 */
export const continuousCoverage: Check<BackupFacts> = {
  id: "backup/continuous-coverage",
  title: "good snapshots cover the whole restore window",
  remedy: mendSchedule,
  judge: whereDeclared((facts, policy) => {
    if (!facts.snapshots.known) return unknown(facts.snapshots.reason);
    const hourly = intervalMs(facts, "hourly");
    if (!hourly.known) return unknown(hourly.reason);
    const points = restorePoints(facts, facts.snapshots.value);
    const certain = points.filter(isDated).filter((point) => point.good === "yes");
    const born = birth(facts);
    const verdict = judgeCoverage(facts, policy, certain, hourly.value, born.known ? born.value : new Date(0));
    if (verdict.status === "pass") return judgeFreshness(facts, points, hourly.value) ?? verdict;
    const hopeful = points.filter((point) => point.good !== "no");
    const dated = hopeful.filter(isDated);
    if (dated.length < hopeful.length) return unknown(UNREADABLE, verdict.evidence);
    const youngest = born.known ? born.value : (dated[0]?.createdAt ?? facts.observedAt);
    const best = judgeCoverage(facts, policy, dated, hourly.value, youngest);
    return best.status === verdict.status ? verdict : unknown(UNREADABLE, verdict.evidence);
  }),
};

/**
 * Every point in time is restored from the snapshot before it: where those of the schedule stop coming, the oplog since
 * the last one grows, and with a second one missing the schedule stands still. With the points that may be good the
 * verdict must be the same, else it is unknown.
 */
function judgeFreshness(facts: BackupFacts, points: readonly Point[], hourlyMs: number): Verdict | undefined {
  const scheduled = serves(facts, "hourly");
  const value = (point: Point) => all(point.good, scheduled(point));
  const dated = points.filter(isDated);
  const certain = dated.findLast((point) => value(point) === "yes");
  const hopeful = dated.findLast((point) => value(point) !== "no");
  const undated = points.some((point) => !isDated(point) && value(point) !== "no");
  const verdict = judgeNewest(facts, certain?.createdAt, hourlyMs);
  const best = undated ? undefined : judgeNewest(facts, hopeful?.createdAt, hourlyMs);
  return verdict?.status === best?.status ? verdict : unknown(UNREADABLE);
}

/** Undefined: recent enough, or of a cluster too young to owe one. */
function judgeNewest(facts: BackupFacts, newestAt: Date | undefined, hourlyMs: number): Verdict | undefined {
  const graceMs = shortestMs(facts.database.grace);
  const limitMs = hourlyMs + graceMs;
  const born = birth(facts);
  if (newestAt === undefined && !born.known) return unknown(born.reason);
  const sinceMs = (newestAt ?? (born.known ? born.value : facts.observedAt)).getTime();
  const ageMs = facts.observedAt.getTime() - sinceMs;
  if (ageMs <= limitMs) return undefined;
  const evidence = { expected: `at most ${formatSpan(limitMs)}`, actual: formatSpan(ageMs) };
  const message =
    newestAt === undefined
      ? "no good snapshot of the schedule carries the window: it rests on those taken by hand"
      : `the newest good snapshot of the schedule is ${formatSpan(ageMs)} old, one is due every ${formatSpan(hourlyMs)}: since then the window rests on the oplog alone`;
  return ageMs > limitMs + hourlyMs ? fail(message, evidence) : warn(message, evidence);
}

const UNREADABLE =
  "whether snapshots cover the window cannot be read: some of them, or when the cluster was created, are unreadable";

function judgeCoverage(
  facts: BackupFacts,
  policy: ContinuousPolicy,
  good: readonly DatedPoint[],
  hourlyMs: number,
  born: Date,
): Verdict {
  const graceMs = shortestMs(facts.database.grace);
  const limitMs = Math.max(hourlyMs, DAY_MS) + graceMs;
  const windowStart = subtractDuration(facts.observedAt, policy.window);
  const young = born > windowStart;
  const start = young ? born : windowStart;
  const oldest = good[0];
  const evidence = {
    expected: `since ${start.toISOString()}`,
    actual: oldest === undefined ? "no good snapshot" : `since ${oldest.createdAt.toISOString()}`,
  };
  if (oldest === undefined)
    return facts.observedAt.getTime() - born.getTime() <= limitMs
      ? { ...warn("no good snapshot yet: nothing can be restored", evidence), remedy: awaitFirst(facts) }
      : { ...fail("no good snapshot: nothing can be restored", evidence), remedy: whyNone(facts) };
  const from = oldest.createdAt > start ? oldest.createdAt : start;
  const hole = holesIn([...good.map((point) => point.createdAt), facts.observedAt], from, limitMs)[0];
  if (hole !== undefined)
    return {
      ...fail(`between ${formatInstant(hole.from)} and ${formatInstant(hole.to)} there is no good snapshot`, evidence),
      ...(hole.to < facts.observedAt ? { remedy: explainGap([hole]) } : {}),
    };
  const missingMs = oldest.createdAt.getTime() - start.getTime();
  if (missingMs <= 0)
    return pass(`covered for the last ${formatSpan(facts.observedAt.getTime() - start.getTime())}`, evidence);
  const reach = formatSpan(facts.observedAt.getTime() - oldest.createdAt.getTime());
  if (young && missingMs <= limitMs)
    return pass(`covered since the first snapshot, ${reach} ago (the cluster is younger than the window)`, evidence);
  const message = `the oldest good snapshot is ${reach} old, the window is ${formatDuration(policy.window)}`;
  return missingMs <= hourlyMs + graceMs
    ? {
        ...warn(`${message}: its first hours are not covered`, evidence),
        remedy: `keep hourly snapshots a day longer than the window: write so under databases[name=${facts.database.name}].snapshots, then ${applyPolicy(facts)}`,
      }
    : {
        ...fail(message, evidence),
        remedy:
          "nothing brings back the older part: the window fills by itself, a day each day; until then only what is covered can be restored to a point in time",
      };
}
