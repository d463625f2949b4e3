/**
 * Restore points to come: five years hold very many, of which few are ever named. Each is two instants of its own, and shares
 * the rest with all that are made in the same way.
 */
import { MINUTE_MS } from "../../core/duration.ts";
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

/**
 * With accessors on its prototype: those of an object of its own each cost more than what they save. It keeps whole minutes, for
 * schedules know no finer instants, and V8 keeps small whole numbers where it would give each larger one a place of its own.
 */
export class PlannedPoint implements RestorePoint {
  readonly making: Making;
  private readonly dataMinutes: number;
  private readonly untilMinutes: number;

  constructor(making: Making, dataMs: number, untilMs: number) {
    this.making = making;
    this.dataMinutes = dataMs / MINUTE_MS;
    this.untilMinutes = untilMs / MINUTE_MS;
  }

  get isSeen(): boolean {
    return false;
  }
  get dataMs(): number {
    return this.dataMinutes * MINUTE_MS;
  }
  get untilMs(): number {
    return this.untilMinutes * MINUTE_MS;
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
