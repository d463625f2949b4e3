/** Disaster recovery: are snapshots copied to each region, really there, and the oplog with them. */
import type { Check } from "../../core/check.ts";
import { formatSpan, longestMs, shortestMs } from "../../core/duration.ts";
import { FREQUENCIES, type Frequency } from "../../core/frequency.ts";
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { all, any, type Tri, tri } from "../../core/tri.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { CopyPolicy, SnapshotPolicy } from "../../policy/schema.ts";
import type { CopySetting, Snapshot } from "../../ports/atlas.ts";
import { type BackupFacts, ofCluster, ofSchedule } from "./facts.ts";
import { nothingOf } from "./owed.ts";
import { asTri, type DatedPoint, intervalMs, isOf, type Point } from "./points.ts";
import { applyPolicy } from "./remedies.ts";
import { atLeast, toDuration } from "./retention.ts";
import { seriesOf, seriesStart } from "./series.ts";

export const copiesConfigured: Check<BackupFacts> = {
  id: "backup/copies-configured",
  title: "copies are configured for every zone, region and frequency",
  remedy: applyPolicy,
  judge: (facts) => facts.database.copies.map((copy) => ({ ...judgeSettings(facts, copy), scope: copy.region })),
};

function judgeSettings(facts: BackupFacts, copy: CopyPolicy): Verdict {
  const zones = zoneIds(facts);
  const settings = ofSchedule(facts, (schedule) => schedule.copySettings);
  if (!zones.known) return unknown(zones.reason);
  if (!settings.known) return unknown(settings.reason);
  const gaps = zones.value.flatMap((zone) =>
    copy.frequencies.map((frequency) => ({
      zone,
      frequency,
      verdict: copies(facts, settings.value, copy, zone, frequency),
    })),
  );
  const evidence = { expected: copy.frequencies, zones: zones.value.length };
  const missing = gaps.filter(({ verdict }) => verdict === "no");
  if (missing.length > 0) {
    const what = missing
      .map(({ zone, frequency }) => (zones.value.length === 1 ? frequency : `${frequency} in zone ${zone}`))
      .join(", ");
    return fail(`no sufficient copy to ${copy.region} is configured for: ${what}`, evidence);
  }
  if (gaps.some(({ verdict }) => verdict === "maybe"))
    return unknown(`the copy settings for ${copy.region} cannot be read`, evidence);
  return pass(
    `${copy.frequencies.join(", ")} copied to ${copy.region}${zones.value.length === 1 ? "" : ` from all ${zones.value.length} zones`}`,
    evidence,
  );
}

function zoneIds(facts: BackupFacts): Observed<readonly string[]> {
  return mapObserved(
    ofCluster(facts, (cluster) => cluster.shards),
    (shards) => [...new Set(shards.map((shard) => shard.zoneId))],
  );
}

function copies(
  facts: BackupFacts,
  settings: readonly CopySetting[],
  copy: CopyPolicy,
  zone: string,
  frequency: Frequency,
): Tri {
  return any(...settings.map((setting) => all(concerns(setting, copy, zone), reaches(facts, setting, frequency))));
}

function concerns(setting: CopySetting, copy: CopyPolicy, zone: string): Tri {
  return all(
    asTri(setting.region, (region) => region === copy.region),
    asTri(setting.zoneId, (zoneId) => zoneId === zone),
  );
}

function reaches(facts: BackupFacts, setting: CopySetting, frequency: Frequency): Tri {
  if (!setting.lastNumberOfSnapshots.known) return "maybe";
  const last = setting.lastNumberOfSnapshots.value;
  if (last === null) {
    return all(
      asTri(setting.frequencies, (frequencies) => frequencies.includes(frequency)),
      keepsCopies(facts, setting, frequency),
    );
  }
  return asTri(countOver(facts, frequency), (count) => last >= count);
}

/** Whether copies are kept as long as the policy keeps the snapshots; without a retention of their own they are. */
function keepsCopies(facts: BackupFacts, setting: CopySetting, frequency: Frequency): Tri {
  const entry = facts.database.snapshots.find((candidate) => candidate.frequency === frequency);
  return asTri(setting.retentions, (retentions) => {
    const own = retentions.filter((item) => item.frequency === frequency);
    return entry === undefined || own.every((item) => atLeast(toDuration(item.retention), entry.retain) !== "no");
  });
}

/** How many snapshots of whatever frequency the schedule takes while the policy keeps one of `frequency`. */
function countOver(facts: BackupFacts, frequency: Frequency): Observed<number> {
  const items = ofSchedule(facts, (schedule) => schedule.items);
  if (!items.known) return items;
  const unreadable = items.value.find((item) => !item.frequency.known)?.frequency;
  if (unreadable !== undefined && !unreadable.known) return unreadable;
  const live = items.value
    .map((item) => item.frequency)
    .flatMap((observed) => (observed.known ? [observed.value] : []));
  const densest = FREQUENCIES.find((candidate) => live.includes(candidate)) ?? frequency;
  const entry = facts.database.snapshots.find((candidate) => candidate.frequency === frequency);
  return mapObserved(intervalMs(facts, densest), (ms) =>
    entry === undefined ? 1 : Math.floor(longestMs(entry.retain) / ms),
  );
}

export const copiesOplogs: Check<BackupFacts> = {
  id: "backup/copies-oplogs",
  title: "the oplog is copied along, so that the other region has point-in-time recovery too",
  remedy: applyPolicy,
  judge: (facts) =>
    facts.database.copies
      .filter((copy) => copy.oplogs)
      .map((copy) => ({ ...judgeOplogs(facts, copy), scope: copy.region })),
};

function judgeOplogs(facts: BackupFacts, copy: CopyPolicy): Verdict {
  const zones = zoneIds(facts);
  const settings = ofSchedule(facts, (schedule) => schedule.copySettings);
  if (!zones.known) return unknown(zones.reason);
  if (!settings.known) return unknown(settings.reason);
  const byZone = zones.value.map((zone) =>
    any(
      ...settings.value.map((setting) =>
        all(
          concerns(setting, copy, zone),
          asTri(setting.copiesOplogs, (yes) => yes),
        ),
      ),
    ),
  );
  if (byZone.includes("no"))
    return fail(`the oplog is not copied to ${copy.region}`, { expected: true, actual: false });
  return byZone.includes("maybe")
    ? unknown(`whether the oplog is copied to ${copy.region} cannot be read`)
    : pass(`oplog copied to ${copy.region}`);
}

export const copiesPresent: Check<BackupFacts> = {
  id: "backup/copies-present",
  title: "the copies are there, on the snapshots themselves",
  remedy: ({ database }) =>
    `an old snapshot is never copied later: this check passes again when those without a copy have expired. See to it that the next ones are copied: see backup/copies-configured; if that passes, open a case with MongoDB Support naming a snapshot id (atlas backups snapshots list ${database.cluster})`,
  judge: (facts) =>
    facts.database.copies.flatMap((copy) =>
      facts.database.snapshots
        .filter((entry) => copy.frequencies.includes(entry.frequency))
        .map((entry) => ({ ...judgePresence(facts, copy, entry), scope: `${copy.region} ${entry.frequency}` })),
    ),
};

/** A copy is made after its snapshot: one younger than the grace need not have it yet. */
function judgePresence(facts: BackupFacts, copy: CopyPolicy, entry: SnapshotPolicy): Verdict {
  const series = seriesOf(facts, entry);
  if (!series.known) return unknown(series.reason);
  const from = seriesStart(facts, entry).at;
  const graceMs = shortestMs(facts.database.grace);
  const own = isOf(facts, entry.frequency);
  const isDue = ({ createdAt }: DatedPoint) =>
    createdAt >= from && facts.observedAt.getTime() - createdAt.getTime() > graceMs;
  const owned = series.value.certain.filter((point) => own(point) === "yes");
  const due = owned.filter(isDue);
  const certain = new Set<Point>(due);
  const held = [...series.value.possible.filter(isDue), ...series.value.undated]
    .filter((point) => own(point) !== "no")
    .map((point) => ({ point, there: hasCopy(facts, point, copy.region) }));
  const missing = held.filter(({ point, there }) => certain.has(point) && there === "no");
  const unreadable = held.filter(({ point, there }) => there === "maybe" || (there === "no" && !certain.has(point)));
  const evidence = {
    expected: copy.region,
    snapshots: due.length,
    missing: missing.length,
    unreadable: unreadable.length,
  };
  if (missing.length > 0)
    return fail(
      `${missing.length} of ${due.length} ${entry.frequency} snapshots have no copy in ${copy.region}, newest ${missing.at(-1)?.point.name}`,
      evidence,
    );
  if (unreadable.length > 0)
    return unknown(
      `whether ${unreadable.length} of ${held.length} ${entry.frequency} snapshots have a copy in ${copy.region} cannot be read, newest ${unreadable.at(-1)?.point.name}`,
      evidence,
    );
  if (due.length === 0) return judgeNoneDue(facts, entry, owned, evidence);
  return pass(`all ${due.length} ${entry.frequency} snapshots have a copy in ${copy.region}`, evidence);
}

/** None is old enough to be copied: right while the cluster is young, or the one before is gone by then. */
function judgeNoneDue(facts: BackupFacts, entry: SnapshotPolicy, held: readonly Point[], evidence: Evidence): Verdict {
  const graceMs = shortestMs(facts.database.grace);
  const what = `good ${entry.frequency} snapshot old enough to have a copy (${formatSpan(graceMs)})`;
  const interval = intervalMs(facts, entry.frequency);
  const replaced = interval.known && shortestMs(entry.retain) <= interval.value + graceMs;
  return replaced && held.length > 0 ? pass(`no ${what}`, evidence) : nothingOf(facts, entry, what, evidence, graceMs);
}

/** A sharded unit does not tell about copies; its members' own snapshots do, and each must have one. */
function hasCopy(facts: BackupFacts, { snapshot }: Point, region: string): Tri {
  if (facts.cluster.known && facts.cluster.value?.offering === "flex") return "no";
  const own = copyIn(snapshot, region);
  if (own !== "maybe" || !snapshot.members.known || snapshot.members.value === null) return own;
  if (facts.memberSnapshots === null || !facts.memberSnapshots.known) return "maybe";
  const byId = new Map(
    facts.memberSnapshots.value.flatMap((member) => (member.id.known ? [[member.id.value, member] as const] : [])),
  );
  return all(
    ...snapshot.members.value.map(({ id }) => {
      const member = byId.get(id);
      return member === undefined ? "maybe" : copyIn(member, region);
    }),
  );
}

function copyIn({ copyRegions }: Snapshot, region: string): Tri {
  if (!copyRegions.known || copyRegions.value === null) return "maybe";
  return tri(copyRegions.value.includes(region));
}
