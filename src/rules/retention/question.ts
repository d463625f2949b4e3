/** A question about the retention of one database: what is known, what the policy promises, and for which stretch of time. */
import { addDuration, longestMs, shortestMs } from "../../core/duration.ts";
import type { OpsError } from "../../core/error.ts";
import type { Observed } from "../../core/observed.ts";
import type { Policy } from "../../policy/schema.ts";
import type { ClockSkew } from "../../ports/atlas.ts";
import { birth, ofSchedule } from "../backup/facts.ts";
import { clockDoubt } from "../clock-skew.ts";
import { type Horizon, tiersOf } from "./demand.ts";
import type { RetentionFacts } from "./facts.ts";
import { assumeLost } from "./losses.ts";
import type { Domain, Supply, Tier } from "./model.ts";
import { supplyOf } from "./supply.ts";
import type { Reading } from "./supply-snapshots.ts";

export interface Asked {
  readonly facts: RetentionFacts;
  readonly policy: Pick<Policy, "databases" | "archives">;
  readonly lineOf: (path: string) => string | null;
  /** As if it were this instant. */
  readonly nowMs: number;
  readonly untilMs: number;
  /** What is assumed to be lost. */
  readonly lost: readonly Domain[];
  readonly skew: Observed<ClockSkew>;
}

export interface Question extends Asked {
  readonly tiers: readonly Tier[];
  readonly horizon: Horizon;
  /** At the worst and at the best of what is uncertain. */
  readonly supplies: Readonly<Record<Reading, Supply>>;
  /** With any of these nothing is proved. */
  readonly unreadable: readonly OpsError[];
}

export function questionOf(asked: Asked): Question {
  const { facts, policy, lineOf, untilMs, lost, skew } = asked;
  const doubt = clockDoubt(skew);
  const nowMs = Math.max(asked.nowMs, facts.backup.observedAt.getTime()); // nothing was seen any earlier
  const born = birth(facts.backup);
  const bornMs = born.known ? born.value.getTime() : nowMs;
  const supplied = (reading: Reading) => supplyOf(facts, untilMs, reading);
  const taken = (supply: Supply) => assumeLost(supply, lost, nowMs);
  const [worst, best] = [supplied("pessimistic"), supplied("optimistic")];
  return {
    ...asked,
    nowMs,
    tiers: tiersOf(policy, facts.backup.database, lineOf, liveHours(facts)),
    horizon: { fromMs: nowMs, untilMs, bornMs },
    supplies: { pessimistic: taken(worst.supply), optimistic: taken(best.supply) },
    unreadable: [...(doubt === null ? [] : [doubt]), ...(born.known ? [] : [born.reason]), ...worst.unreadable],
  };
}

/** Atlas's own, where nothing says otherwise: https://www.mongodb.com/docs/atlas/backup/cloud-backup/configure-backup-policy/ */
const USUAL_HOURS = 6;

/** What cannot be read may be as fine as Atlas allows: then each hour is owed. */
const FINEST_HOURS = 1;

function liveHours({ backup }: RetentionFacts): number {
  const items = ofSchedule(backup, (schedule) => schedule.items);
  if (!items.known || items.value.some(({ frequency }) => !frequency.known)) return FINEST_HOURS;
  const hourly = items.value.find(({ frequency }) => frequency.known && frequency.value === "hourly");
  if (hourly === undefined) return USUAL_HOURS;
  return hourly.interval.known ? hourly.interval.value : FINEST_HOURS;
}

/** So long after now every tier owes its whole span, whatever is there already. */
export function steadyMs(tiers: readonly Tier[], nowMs: number): number {
  const spans = tiers.map(({ retain, within }) => longestMs(retain) + longestMs(within));
  return addDuration(new Date(nowMs + Math.max(0, ...spans)), { value: 1, unit: "y" }).getTime();
}

/** The window of the policy; null: it promises none. */
export function windowMsOf({ facts }: Pick<Question, "facts">): number | null {
  const { continuousBackup } = facts.backup.database;
  return continuousBackup === undefined ? null : shortestMs(continuousBackup.window);
}
