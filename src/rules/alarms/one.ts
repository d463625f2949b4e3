/** One declared alarm among the live ones, as its checks look at it. */
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { LiveMetricAlarm } from "../../ports/cloudwatch.ts";
import type { AlarmFacts, DeclaredAlarm } from "./facts.ts";

export interface OneAlarm {
  readonly declared: DeclaredAlarm;
  readonly facts: AlarmFacts;
}

export function alarmSubject(name: string): string {
  return `alarm/${name}`;
}

/** Of one alarm, what it takes to find it. */
interface Sought {
  readonly declared: Pick<DeclaredAlarm, "name">;
  readonly facts: Pick<AlarmFacts, "live">;
}

/** null: there is no metric alarm of that name. */
export function findLive({ declared, facts }: Sought): Observed<LiveMetricAlarm | null> {
  return facts.live.known ? known(facts.live.value.get(declared.name) ?? null) : facts.live;
}

/** For all that can be asked only of an alarm that is there. */
export function liveAlarm(one: Sought): Observed<LiveMetricAlarm> {
  const live = findLive(one);
  if (!live.known) return live;
  return live.value === null ? notKnown(ABSENT) : known(live.value);
}

const ABSENT = new OpsError("not-found", "there is no such alarm", { hint: "see alarms/present" });

/** Names of a set that may be very large: the first of them. */
export function someOf(names: readonly string[]): readonly string[] {
  const more = names.length - MAX_SHOWN;
  return more > 0 ? [...names.slice(0, MAX_SHOWN), `and ${more} more`] : names;
}

const MAX_SHOWN = 20;
