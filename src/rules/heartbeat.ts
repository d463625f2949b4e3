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
  readonly start: readonly Delivery[];
  readonly end: readonly Delivery[];
}

/** One lost way is enough: it may be the one that pages. */
const delivered: Check<HeartbeatFacts> = {
  id: "heartbeat/delivered",
  title: "the outside was told of this run",
  remedy: ({ start, end }) => {
    const ways = new Set([...start, ...end].filter(({ failure }) => failure !== null).map(({ way }) => way));
    return [...ways].map((way) => REMEDIES[way]).join("; ");
  },
  judge: ({ start, end }) => {
    const [lostStart, lostEnd] = [lost(start), lost(end)];
    const evidence = Object.fromEntries(end.map(({ way, failure }) => [way, failure === null ? "told" : "lost"]));
    if (lostEnd.length > 0) return fail(`the end of this run was not told: ${lostEnd.join("; ")}`, evidence);
    if (lostStart.length > 0) return warn(`only its end was told, not its start: ${lostStart.join("; ")}`, evidence);
    return pass(`told: ${end.map(({ way }) => WORDS[way]).join(", ")}`, evidence);
  },
};

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

export function deliveryFindings(command: string, facts: HeartbeatFacts): readonly Finding[] {
  return runChecks([delivered], facts, `schedule/${command}`);
}

export const HEARTBEAT_CHECKS: readonly Check<HeartbeatFacts>[] = [delivered];
