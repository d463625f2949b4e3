/** Whether a schedule runs as often as the policy says, and how its newest run ended. */
import type { Check } from "../../core/check.ts";
import { formatDuration, formatSpan, longestMs, MINUTE_MS } from "../../core/duration.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { Heard, ScheduleFacts } from "./facts.ts";

/** Custom metrics can be read a few minutes after they were sent. */
const VISIBLE_AFTER_MS = 5 * MINUTE_MS;

export const ran: Check<ScheduleFacts> = {
  id: "schedules/ran",
  title: "it ran as often as the policy says, and its newest run ended well",
  remedy: (facts) => `run it again: ${startOf(facts)}`,
  judge: (facts) => {
    if (!facts.heard.known) return unknown(facts.heard.reason);
    const verdict = judgeHeard(facts, facts.heard.value);
    return verdict.status === "pass" ? verdict : { ...verdict, message: `${verdict.message}${byGithub(facts)}` };
  },
};

function judgeHeard(facts: ScheduleFacts, heard: Heard): Verdict {
  const evidence = evidenceOf(facts, heard);
  const lateMs = longestMs(facts.every) + longestMs(facts.grace);
  const good = isOwn(facts) ? heard.ended : heard.succeeded;
  if (heard.startedAt === null && heard.ended === null) return judgeSilence(facts, heard, evidence);
  if (hasDied(facts, heard)) {
    const message = `its newest run began ${ago(facts, heard.startedAt)} and has not told of its end: it died half-way, or could not tell`;
    return { ...fail(message, evidence), remedy: `see the log of that run; then run it again: ${startOf(facts)}` };
  }
  const lastEnd = badEnd(facts, heard);
  const isUnderWay = heard.isOpen && !isOwn(facts);
  if (lastEnd !== null && !isUnderWay)
    return { ...fail(lastEnd, evidence), remedy: `see what is wrong: litally-ops ${facts.command}` };
  if (good === null) {
    const when = heard.lookedBackMs < lateMs ? "; CloudWatch keeps no more" : "";
    const message = `no run has ended well in the last ${formatSpan(heard.lookedBackMs)}${when}`;
    return heard.lookedBackMs < lateMs ? unknown(message, evidence) : fail(message, evidence);
  }
  const ageMs = facts.now.getTime() - good.at.getTime();
  const overdueMs = ageMs - heard.precisionMs - VISIBLE_AFTER_MS - lateMs;
  const done = `${isOwn(facts) ? "ended" : "succeeded"} ${formatSpan(ageMs)} ago`;
  if (overdueMs > (isUnderWay && isJustBegun(facts, heard) ? longestMs(facts.every) : 0))
    return fail(`last ${done}; the policy allows ${allowed(facts)}`, evidence);
  if (lastEnd !== null || overdueMs > 0) return judgeUnderWay(facts, heard, lastEnd ?? `last ${done}`);
  const took = heard.succeeded?.tookMs ?? null;
  const message = `${done}${took === null || isOwn(facts) ? "" : `, in ${formatSpan(took)}`}`;
  if (heard.startedAt !== null) return pass(heard.isOpen ? `${message}; it is running now` : message, evidence);
  return {
    ...warn(`${message}; but no run tells of its start: one that died half-way would not be seen`, evidence),
    remedy: "let both be told: give --heartbeat to the command itself",
  };
}

/** null: the last end that was told of was good, or is none of ours to judge. */
function badEnd(facts: ScheduleFacts, { ended }: Heard): string | null {
  if (ended === null || ended.isGood || isOwn(facts)) return null;
  const code = ended.exitCode === null ? "badly" : `with exit code ${ended.exitCode}`;
  return `its newest run ended ${code}, ${ago(facts, ended.at)}`;
}

/**
 * What was wrong may be mended by now: a run is under way, or ended so lately that CloudWatch does not show it yet. What is
 * overdue has no more than one round's time, so that runs that only ever begin are found.
 */
function judgeUnderWay(facts: ScheduleFacts, heard: Heard, before: string): Verdict {
  const message = `${before}; another began ${ago(facts, heard.startedAt)}, and has not told of its end yet`;
  return { ...warn(message, evidenceOf(facts, heard)), remedy: "look again once it is over" };
}

/** Who has never been heard of may be new: that is a failure all the same, until its first run. */
function judgeSilence(facts: ScheduleFacts, heard: Heard, evidence: Evidence): Verdict {
  const message = `nothing was heard of it in the last ${formatSpan(heard.lookedBackMs)}: it never ran, or its heartbeat does not arrive`;
  if (heard.lookedBackMs < longestMs(facts.every) + longestMs(facts.grace))
    return unknown(`${message}; CloudWatch keeps no more`, evidence);
  return {
    ...fail(message, evidence),
    remedy: `start it, with --heartbeat (a new schedule fails until its first run): ${startOf(facts)}`,
  };
}

/** One that runs longer than it may be late has been broken off, for all that anybody can see. */
function hasDied({ grace, now }: ScheduleFacts, { isOpen, startedAt, precisionMs }: Heard): boolean {
  if (!isOpen || startedAt === null) return false;
  return now.getTime() - startedAt.getTime() - precisionMs > Math.max(longestMs(grace), VISIBLE_AFTER_MS);
}

function isJustBegun({ now }: ScheduleFacts, { startedAt, precisionMs }: Heard): boolean {
  return startedAt !== null && now.getTime() - startedAt.getTime() - precisionMs <= VISIBLE_AFTER_MS;
}

/**
 * The schedule of `doctor` itself: if it failed because it has failed before, it would never pass again. So it is enough
 * that it ends: what it finds it says by itself.
 */
function isOwn({ command }: Pick<ScheduleFacts, "command">): boolean {
  return command === "doctor";
}

/** What to do where it has to be started by hand. */
function startOf({ command, workflow }: ScheduleFacts): string {
  if (workflow === null) return `litally-ops ${command}${isOwn({ command }) ? " --schedules" : ""} --heartbeat`;
  return `gh workflow run ${workflow.file}${workflow.repository === null ? "" : ` --repo ${workflow.repository}`}`;
}

/** What GitHub knows of it beside: whether it was begun at all is half of the answer. */
function byGithub({ workflow, now }: ScheduleFacts): string {
  const last = workflow?.lastRun ?? null;
  if (last === null || !last.known) return "";
  if (last.value === null) return "; GitHub has never begun it by schedule";
  const { at, conclusion, url } = last.value;
  const end = conclusion === null ? "has not ended" : conclusion;
  return `; GitHub last began it by schedule ${formatSpan(now.getTime() - at.getTime())} ago: ${end}, ${url}`;
}

function ago({ now }: ScheduleFacts, at: Date | null): string {
  return at === null ? "at some time" : `${formatSpan(now.getTime() - at.getTime())} ago`;
}

function allowed({ every, grace }: ScheduleFacts): string {
  return `${formatDuration(every)}, and ${formatDuration(grace)} of grace`;
}

function evidenceOf(facts: ScheduleFacts, { startedAt, ended, succeeded }: Heard): Evidence {
  return {
    expected: `success every ${allowed(facts)}`,
    lastStartedAt: startedAt?.toISOString() ?? null,
    lastEndedAt: ended?.at.toISOString() ?? null,
    lastSucceededAt: succeeded?.at.toISOString() ?? null,
    exitCode: ended?.exitCode ?? null,
    durationSeconds: succeeded === null || succeeded.tookMs === null ? null : Math.round(succeeded.tookMs / 1000),
  };
}
