/** One link of a way from an alarm to a person, and what is said of it. */
import { runChecks } from "../../core/check.ts";
import type { Evidence, Finding, Verdict } from "../../core/report.ts";
import type { Tri } from "../../core/tri.ts";
import type { AlarmOnItsWay } from "./facts.ts";

export interface Link {
  readonly check: LinkCheck;
  /** Whether it carries this alarm. */
  readonly holds: (alarm: AlarmOnItsWay) => Tri;
  readonly verdict: Verdict;
}

/** Titles by check, in the order in which an alarm goes. */
const TITLES = {
  "notify/topic": "the topic exists, in the right account and region",
  "notify/topic-policy": "the topic's policy admits CloudWatch",
  "notify/topic-key": "CloudWatch may use the key that encrypts the topic",
  "notify/subscription": "the subscription is there, and confirmed",
  "notify/filter": "the subscription's filter lets the alarms through",
  "notify/endpoint": "the endpoint can take an alarm",
  "notify/undeclared-subscription": "only those hear the topic whom the policy names",
  "alarms/heard": "somebody hears the alarm",
  "alarms/single-points": "a critical alarm does not hang on one endpoint",
} as const;

type CheckId = keyof typeof TITLES;
/** For `--only`, and for the docs. */
export const WAY_CHECKS: readonly { readonly id: string; readonly title: string }[] = Object.entries(TITLES).map(
  ([id, title]) => ({ id, title }),
);
export type LinkCheck = Extract<CheckId, `notify/${string}`>;

export function findingOf(id: CheckId, subject: string, verdict: Verdict): Finding[] {
  const remedy = () => verdict.remedy ?? "allow the reading, then look again";
  return runChecks([{ id, title: TITLES[id], remedy, judge: () => verdict }], null, subject);
}

/** The same for every alarm. */
export function always(check: LinkCheck, holds: Tri, verdict: Verdict): Link {
  return { check, holds: () => holds, verdict };
}

/** What hangs on the alarm is found out once for each. */
export function remembered(judge: (alarm: AlarmOnItsWay) => Tri): (alarm: AlarmOnItsWay) => Tri {
  const known = new Map<string, Tri>();
  return (alarm) => {
    const before = known.get(alarm.name);
    if (before !== undefined) return before;
    const answer = judge(alarm);
    known.set(alarm.name, answer);
    return answer;
  };
}

export function withRemedy(verdict: Verdict, remedy: string): Verdict {
  return { ...verdict, remedy };
}

export function withEvidence(verdict: Verdict, evidence: Evidence): Verdict {
  return { ...verdict, evidence: { ...verdict.evidence, ...evidence } };
}

/** At most so many names stand in a message; the evidence has all. */
const MAX_NAMED = 3;

/** `a, b, c and 7 more` */
export function named(names: readonly string[]): string {
  const first = names.slice(0, MAX_NAMED).join(", ");
  return names.length > MAX_NAMED ? `${first} and ${names.length - MAX_NAMED} more` : first;
}

/** `1 alarm`, `2 alarms` */
export function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? "" : "s"}`;
}
