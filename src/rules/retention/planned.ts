/**
 * Restore points to come: five years hold very many, of which few are ever named. Each is two instants of its own, and shares
 * the rest with all that are made in the same way.
 */
import type { Together } from "./firings.ts";
import type { Place, RestorePoint, Stage } from "./model.ts";

/** What all points that are made in one way have in common. */
export interface Making extends Pick<RestorePoint, "kind" | "tier" | "place" | "removedBy"> {
  /** The items that fire for them. */
  readonly of: Together;
  readonly madeFrom: Place;
  readonly stages: readonly Stage[];
  /** How long after the instant of their data they can be restored. */
  readonly readyAfterMs: number;
  /** By how much their data may turn out to be younger. */
  readonly lateByMs: number;
  /** Before the instant, which names them. */
  readonly name: string;
}

/** With accessors on its prototype: those of an object of its own each cost more than what they save. */
export class PlannedPoint implements RestorePoint {
  readonly making: Making;
  readonly dataMs: number;
  readonly untilMs: number;
  readonly isSeen = false;

  constructor(making: Making, dataMs: number, untilMs: number) {
    this.making = making;
    this.dataMs = dataMs;
    this.untilMs = untilMs;
  }

  get id(): string {
    return `${this.making.name} ${new Date(this.dataMs).toISOString().slice(0, 16)}Z`;
  }
  get kind(): Making["kind"] {
    return this.making.kind;
  }
  get tier(): string {
    return this.making.tier;
  }
  get makers(): readonly string[] {
    return this.making.of.frequencies;
  }
  get dataLatestMs(): number {
    return this.dataMs + this.making.lateByMs;
  }
  get fromMs(): number {
    return this.dataMs + this.making.readyAfterMs;
  }
  get removedBy(): string | null {
    return this.making.removedBy;
  }
  get place(): Place {
    return this.making.place;
  }
  get madeFrom(): Place {
    return this.making.madeFrom;
  }
  get stages(): readonly Stage[] {
    return this.making.stages;
  }
}

/** Made once for each key, and given again. */
export function once<K, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}
