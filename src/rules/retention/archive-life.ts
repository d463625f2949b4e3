/** The life of one archive under the rules of its bucket: how long it can be restored, and from which class. */
import type { ArchivePolicy } from "../../policy/schema.ts";
import type { KeptObject } from "../archive/kept.ts";
import { type LifecycleEvent, lifecycleOf } from "../archive/lifecycle.ts";
import { slowestThawMs } from "../archive/thaw.ts";
import type { Place, RestorePoint, Stage } from "./model.ts";
import type { Reading } from "./supply-snapshots.ts";

/** What all archives of a database have in common. */
export interface Living {
  readonly archive: ArchivePolicy;
  /** The cluster that is archived. */
  readonly madeFrom: Place;
  readonly rules: Parameters<typeof lifecycleOf>[1];
  readonly versioning: Parameters<typeof lifecycleOf>[2];
  readonly reading: Reading;
}

export interface OneLife extends Pick<RestorePoint, "fromMs" | "dataMs" | "dataLatestMs" | "isSeen" | "place"> {
  readonly month: string;
  readonly kept: readonly KeptObject[];
}

/** It ends with the first of its objects; what a rule only may do, it does at worst. */
export function archiveLife({ archive, rules, versioning, madeFrom, reading }: Living, life: OneLife): RestorePoint {
  const { month, place, fromMs, dataMs, dataLatestMs, kept, isSeen } = life;
  const events = kept.flatMap((object) =>
    lifecycleOf(object.version, rules, versioning)
      .filter(({ isCertain }) => isCertain || reading === "pessimistic")
      .map((event) => ({ event, object })),
  );
  const ends = events
    .filter(({ event, object }) => event.kind !== "moves" || isOutOfHand(object, event))
    .toSorted((a, b) => a.event.earliestAt.getTime() - b.event.earliestAt.getTime());
  const end = ends[0]?.event;
  return {
    id: isSeen ? `archive ${month}` : `planned archive ${month}`,
    kind: "archive",
    tier: `archive ${archive.name}`,
    dataMs,
    ...(dataLatestMs === undefined ? {} : { dataLatestMs }),
    fromMs,
    untilMs: end?.earliestAt.getTime() ?? Number.POSITIVE_INFINITY,
    heldUntilMs: Math.max(...kept.map((object) => heldUntilMs(events, object))),
    removedBy: end === undefined ? null : removal(end),
    place,
    stages: stagesOf(life, events),
    isSeen,
    month,
    ...(isSeen ? {} : { madeFrom }),
  };
}

/** A manifest must be readable at once: without it nothing else is thawed. */
function isOutOfHand({ role }: KeptObject, { storageClass }: LifecycleEvent): boolean {
  return role === "manifest" && storageClass !== null && slowestThawMs(storageClass) !== 0;
}

interface ObjectEvent {
  readonly event: LifecycleEvent;
  readonly object: KeptObject;
}

function heldUntilMs(events: readonly ObjectEvent[], object: KeptObject): number {
  const end = events.find((one) => one.object === object && one.event.kind === "deletes");
  return end?.event.earliestAt.getTime() ?? Number.POSITIVE_INFINITY;
}

function removal({ kind, ruleId, storageClass }: LifecycleEvent): string {
  switch (kind) {
    case "hides":
      return `lifecycle rule ${ruleId} (a delete marker hides it)`;
    case "moves":
      return `lifecycle rule ${ruleId} (moves its manifest to ${storageClass})`;
    case "deletes":
      return `lifecycle rule ${ruleId}`;
  }
}

/** At each instant as slow as the slowest of its objects; the manifest is one, for nothing is restored without it. */
function stagesOf({ fromMs, kept }: OneLife, events: readonly ObjectEvent[]): readonly Stage[] {
  const moves = events.filter(({ event }) => event.kind === "moves");
  const changes = moves.map(({ event }) => Math.max(fromMs, event.earliestAt.getTime()));
  const instants = [...new Set([fromMs, ...changes])].sort((a, b) => a - b);
  const dataFirst = kept.toSorted((a, b) => Number(a.role === "manifest") - Number(b.role === "manifest"));
  return instants
    .map((atMs) => ({ fromMs: atMs, ...slowestOf(dataFirst.map((object) => classAt(object, moves, atMs))) }))
    .filter(({ storageClass }, index, all) => storageClass !== all[index - 1]?.storageClass);
}

function classAt(object: KeptObject, moves: readonly ObjectEvent[], atMs: number): string {
  const last = moves.findLast(({ object: moved, event }) => moved === object && event.earliestAt.getTime() <= atMs);
  return last?.event.storageClass ?? object.version.storageClass;
}

/** Of several that are equally slow, the first; of what nobody knows how slow it is, that. */
function slowestOf(classes: readonly string[]): Omit<Stage, "fromMs"> {
  const all = classes.map((storageClass) => ({ storageClass, firstByteMs: slowestThawMs(storageClass) }));
  const slowness = ({ firstByteMs }: Omit<Stage, "fromMs">) => firstByteMs ?? Number.POSITIVE_INFINITY;
  return all.reduce((a, b) => (slowness(b) > slowness(a) ? b : a));
}
