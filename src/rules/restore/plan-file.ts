/**
 * A plan that is saved, so that it can be looked at by one person and carried out by another. It binds the request to
 * the target that was seen, holds no secret, and is good once and for a short time. It is read strictly and its text
 * hashed above; here is what it holds, how it is written, and whether it may still be carried out.
 */
import { HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import type { Frequency } from "../../core/frequency.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import { ofCluster } from "../backup/facts.ts";
import type { RestoreFacts, RestoreRequest } from "./facts.ts";
import { type Fingerprint, targetFingerprint } from "./fingerprint.ts";
import { sameOrders } from "./same-orders.ts";
import { chosenPoint } from "./snapshot-choice.ts";

/** How long a saved plan is good. */
export const PLAN_LIFE_MS = 30 * MINUTE_MS;
/** The same of a drill: its target is there to be erased, and whoever approves it may be asleep. */
const DRILL_PLAN_LIFE_MS = 24 * HOUR_MS;

/** How long a plan for such a request is good. */
export function planLifeMs({ drill }: Pick<RestoreRequest, "drill">): number {
  return drill === undefined ? PLAN_LIFE_MS : DRILL_PLAN_LIFE_MS;
}

export interface PlanFile {
  readonly kind: "restore-plan";
  readonly schemaVersion: 1;
  readonly environment: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly source: {
    readonly projectId: string;
    readonly database: string;
    readonly clusterName: string;
    readonly clusterId: string;
  };
  readonly request: PlannedRequest;
  readonly target: Fingerprint;
  /** Restores of the same that were ordered before: any other one is a use of this plan. */
  readonly sameBefore: readonly string[];
  /** Of a drill alone. */
  readonly drill?: PlannedDrill;
}

/** What a drill is besides a restore: the tier of its snapshot, and whether it looks at the data. */
export interface PlannedDrill {
  readonly tier: Frequency | null;
  readonly verify: boolean;
}

/** The request with one snapshot in place of a selector, and instants as text. */
interface PlannedRequest extends Omit<RestoreRequest, "point"> {
  readonly point:
    | { readonly kind: "instant"; readonly at: string; readonly asked: string }
    | { readonly kind: "snapshot"; readonly snapshotId: string };
}

/** The plan to be saved; not known where what it would bind cannot be read. */
export function planFile(facts: RestoreFacts, environment: string, drill?: PlannedDrill): Observed<PlanFile> {
  const { source, sourceProjectId, request } = facts;
  const { database, observedAt } = source;
  const id = ofCluster(source, (cluster) => cluster.id);
  const target = targetFingerprint(facts);
  const point = plannedPoint(facts);
  if (!id.known) return id;
  if (!target.known) return target;
  if (!point.known) return point;
  return mapObserved(sameBefore(facts), (ids) => ({
    kind: "restore-plan",
    schemaVersion: 1,
    environment,
    createdAt: observedAt.toISOString(),
    expiresAt: new Date(observedAt.getTime() + planLifeMs(request)).toISOString(),
    source: { projectId: sourceProjectId, database: database.name, clusterName: database.cluster, clusterId: id.value },
    request: { ...request, point: point.value },
    target: target.value,
    sameBefore: ids,
    ...(drill === undefined ? {} : { drill }),
  }));
}

/** The same plan is always the same text: keys stand in the order of the alphabet. */
export function serialisePlan(file: PlanFile): string {
  return `${JSON.stringify(file, sorted, 2)}\n`;
}

/** What a saved plan asks for, to be planned anew from what is seen now. */
export function requestOf({ request }: PlanFile): RestoreRequest {
  const { point } = request;
  return {
    ...request,
    point:
      point.kind === "instant"
        ? { ...point, at: new Date(point.at) }
        : { kind: "snapshot", selector: { by: "id", id: point.snapshotId } },
  };
}

function plannedPoint(facts: RestoreFacts): Observed<PlannedRequest["point"]> {
  const asked = facts.request.point;
  if (asked.kind === "instant") return known({ ...asked, at: asked.at.toISOString() });
  return mapObserved(chosenPoint(facts), ({ name }) => ({ kind: "snapshot", snapshotId: name }));
}

function sameBefore(facts: RestoreFacts): Observed<readonly string[]> {
  const same = sameOrders(facts);
  if (!same.known) return same;
  const ids = same.value.map(({ id }) => id);
  return ids.every((id) => id !== null)
    ? known(ids)
    : notKnown(new OpsError("protocol", "which restores were ordered before cannot be read: one has no readable id"));
}

/** For `JSON.stringify`: an object's keys in the order of the alphabet. */
function sorted(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
