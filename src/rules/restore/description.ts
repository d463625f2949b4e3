/** What a person must know before consenting to a restore, in words. */
import type { Detail } from "../../core/change.ts";
import { formatSpan, shortestMs } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import { formatBytes } from "../../core/size.ts";
import type { DatedPoint } from "../backup/points.ts";
import { adds, ofTarget, type RestoreFacts } from "./facts.ts";
import { targetFingerprint } from "./fingerprint.ts";
import { against, describeForecast } from "./forecast.ts";
import { takesUndo } from "./preconditions.ts";
import { chosenPoint } from "./snapshot-choice.ts";
import { describeWindow, restorableWindow } from "./window.ts";

/** Everything that the plan has to say, in the order in which it is asked. */
export function describeRestore(facts: RestoreFacts): readonly Detail[] {
  const { source, request } = facts;
  return [
    { label: "source", value: `${source.database.cluster} (database ${source.database.name})` },
    { label: "to be as of", value: asOf(facts) },
    ...(request.point.kind === "instant" ? [{ label: "window", value: windowOf(facts) }] : []),
    { label: "path", value: path(facts) },
    { label: "target", value: target(facts) },
    { label: "lost there", value: lost(facts) },
    { label: "undo", value: undo(facts), lasts: true },
    { label: "unavailable", value: unavailable(facts) },
    { label: "takes", value: describeForecast(facts) },
    { label: "data lost", value: dataLoss(facts) },
    { label: "afterwards", value: afterwards(facts), lasts: true },
  ];
}

/** The point in few words, for a step: `as of 2026-11-22 01:47:56 UTC`, `from snapshot 66f0...`. */
export function describePoint(facts: RestoreFacts): string {
  const { point } = facts.request;
  if (point.kind === "instant") return `as of ${formatInstant(point.at)}`;
  const chosen = chosenPoint(facts);
  return chosen.known
    ? `from snapshot ${chosen.value.name} of ${formatInstant(chosen.value.createdAt)}`
    : "from no snapshot";
}

function asOf(facts: RestoreFacts): string {
  const { point } = facts.request;
  if (point.kind === "instant")
    return `${formatInstant(point.at)}, asked for as ${point.asked}: ${since(facts, point.at)} ago`;
  const chosen = chosenPoint(facts);
  if (!chosen.known) return `not known: ${chosen.reason.message}`;
  const asked = point.selector.by === "before" ? `, asked for as before ${point.selector.asked}` : "";
  return `${formatInstant(chosen.value.createdAt)}${asked}: ${since(facts, chosen.value.createdAt)} ago`;
}

function windowOf(facts: RestoreFacts): string {
  const window = restorableWindow(facts);
  if (!window.known) return `not known: ${window.reason.message}`;
  if (window.value === null) return "none: continuous backup is off";
  return `${describeWindow(window.value)} (as far as Atlas tells: it names neither edge)`;
}

function path(facts: RestoreFacts): string {
  const { point } = facts.request;
  const chosen = chosenPoint(facts);
  if (!chosen.known) return `not known: ${chosen.reason.message}`;
  const { name, createdAt } = chosen.value;
  if (point.kind === "snapshot") return `snapshot ${name}${size(chosen.value)} as it is`;
  const replayMs = point.at.getTime() - createdAt.getTime();
  return `snapshot ${name} of ${formatInstant(createdAt)}${size(chosen.value)}, then ${formatSpan(replayMs)} of oplog; Atlas may begin with another one`;
}

function size({ snapshot: { sizeBytes } }: DatedPoint): string {
  return sizeBytes.known && sizeBytes.value !== null ? ` (${formatBytes(sizeBytes.value)})` : "";
}

function target(facts: RestoreFacts): string {
  const found = targetFingerprint(facts);
  if (!found.known) return `${facts.request.targetName}: not known: ${found.reason.message}`;
  const { name, id, createdAt, type, shards, diskSizeGb, version, state } = found.value;
  const shape = type === "REPLICASET" ? "replica set" : `${shards} shards`;
  const disk = diskSizeGb === "none" ? "disk of unknown size" : `disk of ${diskSizeGb} GB`;
  return `${name} (cluster ${id}, created ${createdAt.slice(0, 10)}): ${shape}, ${disk}, MongoDB ${version}, ${state.toLowerCase()}; ${activity(facts)}`;
}

function activity({ target: { activity: seen } }: RestoreFacts): string {
  if (!seen.known) return "what it does now is not known";
  const { writesPerSecond, connections } = seen.value;
  const writes = writesPerSecond.known ? `${writesPerSecond.value} writes per second` : "writes not known";
  return `${writes}, ${connections.known ? `${connections.value} connections` : "connections not known"}`;
}

function lost({ request, target: { snapshots } }: RestoreFacts): string {
  const { collections, targetName } = request;
  if (collections !== null) {
    if (!collections.overwrites)
      return collections.suffix === null
        ? "nothing: collections are made anew"
        : `nothing: collections are made anew, their names end in ${collections.suffix}`;
    return `what stands in ${collections.namespaces.join(", ")} of ${targetName}`;
  }
  const newest = snapshots.known
    ? snapshots.value.flatMap(({ createdAt }) => (createdAt.known ? [createdAt.value] : []))
    : [];
  const latest = newest.toSorted((a, b) => a.getTime() - b.getTime()).at(-1);
  const kept =
    latest === undefined ? "no snapshot of it is seen" : `its newest snapshot is of ${formatInstant(latest)}`;
  return `everything on ${targetName}; ${kept}`;
}

function undo(facts: RestoreFacts): string {
  const { request } = facts;
  if (request.drill !== undefined) return "none: the cluster is there for drills";
  if (takesUndo(facts)) return `restore the snapshot of ${request.targetName} of the first step`;
  if (adds(request)) return "drop the collections that were made";
  return "NONE: no snapshot of the target is taken first";
}

function unavailable({ request }: RestoreFacts): string {
  if (request.collections !== null) return "nothing but the collections that are restored";
  return `${request.targetName}, from the start of the restore to its end`;
}

/** From the point that is restored up to now: what was written since is not there. */
function dataLoss(facts: RestoreFacts): string {
  const { point } = facts.request;
  const chosen = chosenPoint(facts);
  const at = point.kind === "instant" ? point.at : chosen.known ? chosen.value.createdAt : undefined;
  if (at === undefined) return "not known";
  const ms = facts.source.observedAt.getTime() - at.getTime();
  const rpo = facts.source.database.objectives?.rpo;
  const words = `what was written in the last ${formatSpan(ms)}`;
  return rpo === undefined ? words : `${words}; ${against(ms, shortestMs(rpo), "RPO")}`;
}

function afterwards(facts: RestoreFacts): string {
  const { request } = facts;
  if (request.collections !== null) return "look at the collections before anything uses them";
  if (request.drill === "pause") return `${request.targetName} is paused, with what was restored on it`;
  if (request.drill === "keep") return `${request.targetName} goes on running, with what was restored on it`;
  if (!mayHaveBlackout(facts)) return "no blackout: the target has no continuous backup";
  const ending = request.closing
    ? "the last step takes it"
    : `take it: atlas backups snapshots create ${request.targetName}`;
  return `no instant of ${request.targetName} from the start of the restore on can be restored until a snapshot of it is completed; ${ending}`;
}

/** A cluster without continuous backup has no instants that a restore could make unreachable. */
export function mayHaveBlackout(facts: RestoreFacts): boolean {
  const pit = ofTarget(facts, ({ pitEnabled }) => pitEnabled);
  return !pit.known || pit.value;
}

function since({ source }: RestoreFacts, at: Date): string {
  return formatSpan(source.observedAt.getTime() - at.getTime());
}
