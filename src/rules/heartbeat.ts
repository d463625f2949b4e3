/** Whether the outside was told of a run: a heartbeat that is lost in silence would be none. */
import { type Check, runChecks } from "../core/check.ts";
import type { OpsError } from "../core/error.ts";
import type { Finding } from "../core/report.ts";
import { fail, pass, warn } from "../core/verdict.ts";

export interface Delivery {
  readonly way: "CloudWatch" | "url";
  /** null: it was taken. */
  readonly failure: OpsError | null;
}

interface HeartbeatFacts {
  readonly command: string;
  readonly isScheduled: boolean;
  readonly start: readonly Delivery[];
  /** null: what was begun goes on, so its end is yet to be told. */
  readonly end: readonly Delivery[] | null;
}

/** One lost way is enough: it may be the one that pages. */
const delivered: Check<HeartbeatFacts> = {
  id: "heartbeat/delivered",
  title: "the outside was told of this run",
  remedy: ({ command, isScheduled, start, end }) => {
    const all = end === null ? start : [...start, ...end];
    const ways = new Set(all.filter(({ failure }) => failure !== null).map(({ way }) => way));
    const schedule = `name ${command} under heartbeat.schedules of the policy, or leave out --heartbeat`;
    return [...[...ways].map((way) => REMEDIES[way]), ...(isScheduled ? [] : [schedule])].join("; ");
  },
  judge: ({ command, isScheduled, start, end }) => {
    const last = end ?? start;
    if (last.length === 0) return fail(`nobody was told: the policy has neither a url nor a metric for ${command}`);
    const [lostStart, lostLast] = [lost(start), lost(last)];
    const evidence = Object.fromEntries(last.map(({ way, failure }) => [way, failure === null ? "told" : "lost"]));
    const what = end === null ? "that this run began" : "the end of this run";
    if (lostLast.length > 0) return fail(`${what} was not told: ${lostLast.join("; ")}`, evidence);
    if (lostStart.length > 0) return warn(`only its end was told, not its start: ${lostStart.join("; ")}`, evidence);
    const words = last.map(({ way }) => WORDS[way]).join(", ");
    const told = end === null ? `told that it began: ${words}; ${GOES_ON}` : `told: ${words}`;
    if (!isScheduled)
      return warn(`${told}; but the policy has no schedule of ${command}: nobody will miss it`, evidence);
    return pass(told, evidence);
  },
};

const GOES_ON = "its work goes on, and the run that sees it done tells the end";

const WORDS = { CloudWatch: "CloudWatch", url: "the dead man's switch" } as const satisfies Record<
  Delivery["way"],
  string
>;

const REMEDIES = {
  CloudWatch: "see that this run may do cloudwatch:PutMetricData in the policy's account: litally-ops doctor",
  url: "see that the url of the heartbeat is reached from here, and that the other side knows it",
} as const satisfies Record<Delivery["way"], string>;

/** What fails at the switch names it. */
function lost(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.flatMap(({ way, failure }) => {
    if (failure === null) return [];
    return [way === "url" ? failure.message : `${WORDS[way]}: ${failure.message}`];
  });
}

export function deliveryFindings(facts: HeartbeatFacts): readonly Finding[] {
  return runChecks([delivered], facts, `schedule/${facts.command}`);
}

export const HEARTBEAT_CHECKS: readonly Check<HeartbeatFacts>[] = [delivered];
