/** Restore points by what they can fill: for a slot, the points whose data is its own, and how long they cover it. */
import type { OwedSlot, Place, RestorePoint, Tier } from "./model.ts";

/** Points by shelf, on each in the order of their data. */
export type Shelves = ReadonlyMap<string, readonly RestorePoint[]>;

export function shelve(points: readonly RestorePoint[]): Shelves {
  const shelves = new Map<string, RestorePoint[]>();
  for (const point of points) {
    const key = shelfOfPoint(point);
    const shelf = shelves.get(key);
    if (shelf === undefined) shelves.set(key, [point]);
    else shelf.push(point);
  }
  for (const shelf of shelves.values()) shelf.sort(byData);
  return shelves;
}

/** The points that satisfy a slot while they live: of its kind and place, and with data of its period. */
export function fillers(shelves: Shelves, slot: OwedSlot): readonly RestorePoint[] {
  const shelf = shelves.get(shelfOfSlot(slot));
  if (shelf === undefined) return NOTHING;
  if (slot.tier.by.kind === "archive") return shelf;
  const within = shelf.slice(firstFrom(shelf, slot.startsMs), firstFrom(shelf, slot.endsMs));
  return within.filter((point) => latestMs(point) < slot.endsMs);
}

/**
 * For the slots of a tier, asked for in their order: whether one point alone is there over a stretch of time, which is what
 * holds nearly always. The newest of a period is looked at first, for most often it is the one that is kept longest.
 */
export function coverOf(shelves: Shelves, tier: Tier): (slot: OwedSlot, fromMs: number, untilMs: number) => boolean {
  const shelf = shelves.get(shelfOfSlot({ tier })) ?? NOTHING; // of archives there is one for each month
  let end = 0;
  return (slot, fromMs, untilMs) => {
    while ((shelf[end]?.dataMs ?? Number.POSITIVE_INFINITY) < slot.endsMs) end += 1;
    for (let index = end - 1; index >= 0; index -= 1) {
      const point = shelf[index];
      if (point === undefined || point.dataMs < slot.startsMs) return false;
      if (point.untilMs >= untilMs && point.fromMs <= fromMs && latestMs(point) < slot.endsMs) return true;
    }
    return false;
  };
}

/** Whether a point satisfies a slot while it lives, looked at alone. */
export function satisfies(point: RestorePoint, slot: OwedSlot): boolean {
  if (!isOfKind(point, slot.tier)) return false;
  if (slot.tier.by.kind === "archive") return point.month === slot.month;
  return slot.startsMs <= point.dataMs && latestMs(point) < slot.endsMs;
}

export function isOfKind({ kind, place }: RestorePoint, { by }: Tier): boolean {
  return kind === by.kind && (by.kind !== "copy" || regionOf(place) === by.region);
}

type Life = Pick<RestorePoint, "fromMs" | "untilMs">;

/** The first instant in `[fromMs, untilMs)` that no life covers; `untilMs` where there is none. */
export function firstGapMs(lives: readonly Life[], fromMs: number, untilMs: number): number {
  let reachMs = fromMs;
  for (let isFurther = true; isFurther && reachMs < untilMs; ) {
    isFurther = false;
    for (const life of lives) {
      if (life.fromMs > reachMs || life.untilMs <= reachMs) continue;
      reachMs = life.untilMs;
      isFurther = true;
    }
  }
  return Math.min(reachMs, untilMs);
}

function latestMs({ dataMs, dataLatestMs }: RestorePoint): number {
  return dataLatestMs ?? dataMs;
}

const NOTHING: readonly RestorePoint[] = [];

/** The order of the points given is not one to rely on. */
function byData(a: RestorePoint, b: RestorePoint): number {
  if (a.dataMs !== b.dataMs) return a.dataMs - b.dataMs;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}

function regionOf({ domains }: Place): string | undefined {
  return domains.find(({ kind }) => kind === "region")?.name;
}

function shelfOfPoint({ kind, place, month }: RestorePoint): string {
  switch (kind) {
    case "snapshot":
      return kind;
    case "copy":
      return `copy ${regionOf(place)}`;
    case "archive":
      return `archive ${month}`;
  }
}

function shelfOfSlot({ tier: { by }, month }: Pick<OwedSlot, "tier" | "month">): string {
  switch (by.kind) {
    case "snapshot":
      return by.kind;
    case "copy":
      return `copy ${by.region}`;
    case "archive":
      return `archive ${month}`;
  }
}

/** How many of the points, in the order of their data, have older data. */
export function firstFrom(shelf: readonly RestorePoint[], dataMs: number): number {
  let low = 0;
  let high = shelf.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const point = shelf[middle];
    if (point !== undefined && point.dataMs < dataMs) low = middle + 1;
    else high = middle;
  }
  return low;
}
