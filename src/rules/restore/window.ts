/**
 * To which instants the source can be restored. Atlas tells neither edge of the window: the earliest is taken from the
 * schedule and the oldest good snapshot, the latest is now less a margin, for nobody tells how far the oplog has come.
 * After a restore onto a cluster none of its instants can be reached until its next snapshot is completed.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/dedicated-cluster-backup/
 */
import { DAY_MS, formatSpan, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { RestoreJob } from "../../ports/atlas-restores.ts";
import { ofCluster, ofSchedule } from "../backup/facts.ts";
import { type DatedPoint, isDated, restorePoints } from "../backup/points.ts";
import { isOnto, type RestoreFacts } from "./facts.ts";
import { restoreState } from "./outcome.ts";
import { chooseBase } from "./snapshot-choice.ts";

/** How far the oplog may lag behind now. Atlas documents no figure; its alert on a late oplog is another matter. */
export const OPLOG_MARGIN_MS = MINUTE_MS;
/** Within which a snapshot that was taken is certainly completed: Atlas tells when it was taken, not when it was done. */
export const COMPLETION_MARGIN_MS = HOUR_MS;
/** An instant that leaves the window so soon may be gone before the restore begins. */
const LEAVES_SOON_MS = HOUR_MS;
/** Atlas takes hourly snapshots while continuous backup is on: a longer replay means that some are missing. */
const LONG_REPLAY_MS = DAY_MS + 2 * HOUR_MS;

export interface RestorableWindow {
  /** Instants before this are gone. */
  readonly from: Date;
  /** Instants after this may not be there yet. */
  readonly until: Date;
  readonly blackouts: readonly Blackout[];
}

/** Instants that a restore onto the source has made unreachable. */
interface Blackout {
  readonly jobId: string;
  readonly from: Date;
  /** When the next good snapshot was taken; null: there is none yet. */
  readonly to: Date | null;
  /** False: a job that cannot be read, or a snapshot that may not be good, decides. */
  readonly certain: boolean;
}

/** null: continuous backup is off. Not known: what it hangs on cannot be read. */
export function restorableWindow(facts: RestoreFacts): Observed<RestorableWindow | null> {
  const { source, sourceJobs, targetJobs } = facts;
  const pit = ofCluster(source, ({ pitEnabled }) => pitEnabled);
  if (!pit.known) return pit;
  if (!pit.value) return known(null);
  const days = ofSchedule(source, ({ restoreWindowDays }) => restoreWindowDays);
  if (!days.known) return days;
  if (days.value === null)
    return notKnown(new OpsError("protocol", "Atlas does not say how long the restore window is"));
  if (!sourceJobs.known) return sourceJobs;
  if (!targetJobs.known) return targetJobs;
  if (!source.snapshots.known) return source.snapshots;
  const nowMs = source.observedAt.getTime();
  const startMs = nowMs - days.value * DAY_MS;
  const hopeful = restorePoints(source, source.snapshots.value).filter(({ good }) => good !== "no");
  const [oldest] = hopeful.every(isDated) ? hopeful.filter(isDated) : [];
  const fromMs = Math.max(startMs, oldest?.createdAt.getTime() ?? startMs);
  const jobs = [...sourceJobs.value, ...targetJobs.value];
  return known({
    from: new Date(fromMs),
    until: new Date(nowMs - OPLOG_MARGIN_MS),
    blackouts: blackouts(facts, jobs, hopeful.filter(isDated)).filter(
      ({ to }) => to === null || to.getTime() + COMPLETION_MARGIN_MS > fromMs,
    ),
  });
}

/** Whether the source can be restored to an instant, with the edges and by how much it misses them. */
export function judgeInstant(facts: RestoreFacts, at: Date): Verdict {
  const nowMs = facts.source.observedAt.getTime();
  if (Number.isNaN(at.getTime())) return fail("this is not an instant");
  if (at.getTime() > nowMs)
    return fail(`it lies ${formatSpan(at.getTime() - nowMs)} in the future`, { actual: at.toISOString() });
  if (at.getTime() % SECOND_MS !== 0)
    return fail("Atlas restores to whole seconds", { expected: "a whole second", actual: at.toISOString() });
  const window = restorableWindow(facts);
  if (!window.known) return unknown(window.reason);
  if (window.value === null) return fail("continuous backup is off: only a snapshot can be restored");
  return judgeWithin(facts, window.value, at);
}

/** The ranges in words: `2026-11-15 02:00:00 UTC to 2026-11-22 01:59:00 UTC, except ...`. */
export function describeWindow({ from, until, blackouts: gaps }: RestorableWindow): string {
  const except = gaps.map((gap) => describeBlackout(gap)).join("; ");
  return `${formatInstant(from)} to ${formatInstant(until)}${except === "" ? "" : `, except ${except}`}`;
}

function judgeWithin(facts: RestoreFacts, window: RestorableWindow, at: Date): Verdict {
  const { from, until } = window;
  const evidence = { expected: `${from.toISOString()} to ${until.toISOString()}`, actual: at.toISOString() };
  const words = `the window reaches from ${describeWindow(window)}`;
  if (at < from)
    return fail(`it lies ${formatSpan(from.getTime() - at.getTime())} before the window: ${words}`, evidence);
  const dark = window.blackouts.filter((blackout) => whether(blackout, at) !== "clear");
  const certain = dark.find((blackout) => whether(blackout, at) === "dark");
  if (certain !== undefined)
    return fail(
      `it lies in the blackout after a restore onto the source: ${describeBlackout(certain)}; ${words}`,
      evidence,
    );
  const base = chooseBase(facts, at);
  if (base.kind === "none") return fail(`${base.message}; ${words}`, evidence);
  if (base.kind === "unclear") return unknown(base.reason, evidence);
  const [unsure] = dark;
  if (unsure !== undefined)
    return unknown(`whether it lies in a blackout cannot be read: ${describeBlackout(unsure)}`, evidence);
  if (at > until)
    return {
      ...unknown(
        `it is ${formatSpan(facts.source.observedAt.getTime() - at.getTime())} old: Atlas does not tell whether the oplog has come so far`,
        evidence,
      ),
      remedy: `ask again in ${formatSpan(at.getTime() - until.getTime() + SECOND_MS)}, or name ${formatInstant(until)} or earlier`,
    };
  return judgeInside(window, at, base.point, { ...evidence, snapshotId: base.point.name });
}

function judgeInside(
  { from, until }: RestorableWindow,
  at: Date,
  base: DatedPoint,
  evidence: Verdict["evidence"],
): Verdict {
  const replayMs = at.getTime() - base.createdAt.getTime();
  if (replayMs > LONG_REPLAY_MS)
    return warn(
      `inside the window, but its snapshot ${base.name} is ${formatSpan(replayMs)} older: so much oplog must be there without a gap, which Atlas does not tell`,
      evidence,
    );
  const leftMs = at.getTime() - from.getTime();
  if (leftMs < LEAVES_SOON_MS) return warn(`inside the window, which it leaves in ${formatSpan(leftMs)}`, evidence);
  return pass(
    `inside the window: ${formatSpan(leftMs)} after its start, ${formatSpan(until.getTime() - at.getTime())} before its end (as far as Atlas tells: it names neither)`,
    evidence,
  );
}

function blackouts(facts: RestoreFacts, jobs: readonly RestoreJob[], good: readonly DatedPoint[]): readonly Blackout[] {
  const { source, sourceProjectId } = facts;
  return jobs.flatMap((job): readonly Blackout[] => {
    const onto = isOnto(job, sourceProjectId, source.database.cluster);
    if (onto === "no") return [];
    const state = restoreState(job, source.observedAt);
    const from = job.createdAt.known ? job.createdAt.value : new Date(0);
    const end = job.finishedAt.known ? (job.finishedAt.value ?? from) : from;
    const after = state === "running" ? [] : good.filter(({ createdAt }) => createdAt > end);
    const next = after.find((point) => point.good === "yes");
    return [
      {
        jobId: job.id.known ? job.id.value : "(id not readable)",
        from,
        to: next?.createdAt ?? null,
        certain: onto === "yes" && state !== "unknown" && after[0] === next,
      },
    ];
  });
}

/** `unsure`: also while the snapshot that ends it may not have been completed. */
function whether({ from, to, certain }: Blackout, at: Date): "dark" | "unsure" | "clear" {
  if (at < from) return "clear";
  if (to === null || at < to) return certain ? "dark" : "unsure";
  return at.getTime() < to.getTime() + COMPLETION_MARGIN_MS ? "unsure" : "clear";
}

function describeBlackout({ jobId, from, to, certain }: Blackout): string {
  const end = to === null ? "until a snapshot is taken" : `to ${formatInstant(to)}, when the next snapshot was taken`;
  return `${formatInstant(from)} ${end} (restore ${jobId}${certain ? "" : ", which cannot be read whole"})`;
}
