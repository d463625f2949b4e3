/** What a run of deep reading does with each archive of its turn: read it, have it thawed, wait for it, or leave it be. */
import type { Check } from "../../core/check.ts";
import { DAY_MS, type Duration, formatSpan, shortestMs } from "../../core/duration.ts";
import type { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import type { Observed } from "../../core/observed.ts";
import { formatBytes } from "../../core/size.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { ObjectHead, StorageClass } from "../../ports/s3.ts";
import type { DeepState } from "./deep.ts";
import { type Readiness, readinessOf } from "./readable.ts";
import {
  formatUsd,
  judgeCost,
  type Market,
  type ThawCost,
  type ThawForecast,
  type ThawOrder,
  thawForecast,
} from "./thaw.ts";
import { headOf, type VerifyFacts } from "./verify-facts.ts";

/** An archive of the turn, small enough to keep of all of them. */
export interface DeepCandidate {
  readonly month: string;
  readonly state: Observed<DeepState | null>;
  /** Why nothing can be done with it; null: the objects are known. */
  readonly obstacle: OpsError | null;
  readonly objects: readonly DeepObject[];
}

export interface DeepObject extends Pick<ObjectHead, "sizeBytes"> {
  readonly key: string;
  readonly versionId: string | null;
  readonly storageClass: StorageClass;
  readonly readiness: Exclude<Readiness["state"], "unknown">;
}

/** `rests`: it was read not long ago, and well. `unseen`: what kept it from being looked at. */
export type DeepAction =
  | { readonly kind: "read" }
  | { readonly kind: "thaw"; readonly order: ThawOrder; readonly forecast: ThawForecast }
  | { readonly kind: "waits"; readonly since: Date | null }
  | { readonly kind: "rests"; readonly readAt: Date }
  | { readonly kind: "unseen"; readonly reason: OpsError };

/** Bulk is the cheapest, and nobody waits for it. The copy stays long enough for a run of every few days to find it. */
const TIER = "bulk";
const THAW_DAYS = 7;
/** A turn lasts a month or so, with a run every day or so: what was read in it is not read again. */
const REST_MS = 30 * DAY_MS;

/** What is to be known of an archive before it is forgotten again. */
export function candidateOf(facts: VerifyFacts, month: string): DeepCandidate {
  const manifest = facts.manifests.get(month);
  const state = facts.deep?.states.get(month);
  if (manifest === undefined || state === undefined) throw new TypeError(`${month} was not looked at`);
  if (!manifest.known) return { month, state, obstacle: manifest.reason, objects: [] };
  const objects: DeepObject[] = [];
  for (const { key, versionId } of manifest.value.objects) {
    const head = headOf(facts, key);
    if (!head.known) return { month, state, obstacle: head.reason, objects: [] };
    const { storageClass, sizeBytes } = head.value;
    if (!storageClass.known) return { month, state, obstacle: storageClass.reason, objects: [] };
    const readiness = readinessOf({ head }, facts.observedAt);
    if (readiness.state === "unknown") return { month, state, obstacle: readiness.reason, objects: [] };
    objects.push({ key, versionId, sizeBytes, storageClass: storageClass.value, readiness: readiness.state });
  }
  return { month, state, obstacle: null, objects };
}

interface Looked {
  readonly now: Date;
  readonly within: Duration | null;
  /** Of the bucket. */
  readonly market: Market;
}

/** An archive is read only when all its objects can be, so that one run proves it whole. */
export function deepAction(candidate: DeepCandidate, { now, within, market }: Looked): DeepAction {
  const { state, obstacle, objects } = candidate;
  if (obstacle !== null) return { kind: "unseen", reason: obstacle };
  if (!state.known) return { kind: "unseen", reason: state.reason };
  const read = state.value?.lastRead ?? null;
  const restMs = within === null ? REST_MS : Math.min(REST_MS, shortestMs(within) / 2);
  if (read !== null && read.wrong.length === 0 && now.getTime() - read.at.getTime() < restMs)
    return { kind: "rests", readAt: read.at };
  const frozen = objects.filter(({ readiness }) => readiness === "frozen");
  if (frozen.length > 0) {
    const order = orderOf(frozen, market);
    return { kind: "thaw", order, forecast: thawForecast(order) };
  }
  const isThawing = objects.some(({ readiness }) => readiness === "thawing");
  return isThawing ? { kind: "waits", since: state.value?.thawAskedAt ?? null } : { kind: "read" };
}

/** Archives of two classes are none that a push makes: the price is that of the first one. */
function orderOf(frozen: readonly DeepObject[], market: Market): ThawOrder {
  return {
    storageClass: frozen[0]?.storageClass ?? "DEEP_ARCHIVE",
    tier: TIER,
    days: THAW_DAYS,
    objects: frozen.length,
    sizeBytes: frozen.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
    market,
  };
}

/** All archives of a database that are of the turn, with what is done with each. */
export interface DeepTurnFacts {
  readonly actions: readonly DeepAction[];
}

/** Says what is left for the next run, too. */
export const deepTurn: Check<DeepTurnFacts> = {
  id: "archive/deep-turn",
  title: "the archives of this turn are read back, or on their way",
  remedy: () => "mend what kept them from being looked at, then run again",
  judge: ({ actions }) => {
    if (actions.length === 0) return pass("no archive is of this turn");
    const [unseen] = actions.flatMap((action) => (action.kind === "unseen" ? [action.reason] : []));
    if (unseen !== undefined) return unknown(unseen);
    const waiting = actions.flatMap((action) =>
      action.kind === "waits" && action.since !== null ? [action.since] : [],
    );
    const since = waiting.length === 0 ? "" : ` since ${formatInstant(earliest(waiting))}`;
    const words = {
      read: "at hand",
      thaw: "to be thawed, and read by a run after that",
      waits: `thawing${since}, and read by a run after that`,
      rests: "read back not long ago",
      unseen: "",
    } as const satisfies Record<DeepAction["kind"], string>;
    const byKind = Map.groupBy(actions, ({ kind }) => kind);
    const told = [...byKind].map(([kind, those]) => `${those.length} ${words[kind]}`);
    return pass(`${actions.length} of this turn: ${told.join("; ")}`);
  },
};

function earliest(instants: readonly Date[]): Date {
  return new Date(Math.min(...instants.map((at) => at.getTime())));
}

export interface DeepCostFacts {
  readonly orders: readonly Extract<DeepAction, { readonly kind: "thaw" }>[];
  /** null: no limit was set. */
  readonly maxUsd: number | null;
}

/** Of all archives together: the limit is one for the run. */
export const deepCost: Check<DeepCostFacts> = {
  id: "archive/deep-cost",
  title: "what the thaw costs is known, and within --max-cost",
  remedy: () => "take smaller turns, such as 1/24, or raise --max-cost; where the cost is not known, look it up",
  judge: ({ orders, maxUsd }) => {
    const [first] = orders;
    if (first === undefined) return pass("nothing has to be thawed");
    const refused = orders.find(({ forecast }) => forecast.kind !== "thaws");
    if (refused !== undefined) return fail(`S3 has no tier ${TIER} for ${refused.order.storageClass}`);
    return judgeCost(first.order, totalCost(orders), maxUsd);
  },
};

/** null where that of any is not known. */
function totalCost(orders: DeepCostFacts["orders"]): ThawCost | null {
  return orders
    .map(({ forecast }) => (forecast.kind === "thaws" ? forecast.cost : null))
    .reduce((sum, cost) =>
      sum === null || cost === null
        ? null
        : {
            retrievalUsd: sum.retrievalUsd + cost.retrievalUsd,
            requestsUsd: sum.requestsUsd + cost.requestsUsd,
            copiesUsd: sum.copiesUsd + cost.copiesUsd,
            totalUsd: sum.totalUsd + cost.totalUsd,
            asOf: cost.asOf,
          },
    );
}

/** What is asked of S3, for whoever reads the plan. */
export function thawWords({ order, forecast }: DeepCostFacts["orders"][number]): string {
  const { objects, sizeBytes, storageClass, tier, days } = order;
  const what = `${objects} ${objects === 1 ? "object" : "objects"}, ${formatBytes(sizeBytes)} of ${storageClass}`;
  const cost =
    forecast.kind === "thaws" && forecast.cost !== null ? formatUsd(forecast.cost.totalUsd) : "cost not known";
  const longest = forecast.kind === "thaws" ? `, readable within ${formatSpan(forecast.mostMs)}` : "";
  return `${what}, tier ${tier}, for ${days} days${longest} (${cost})`;
}
