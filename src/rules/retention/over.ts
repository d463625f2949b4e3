/** What is kept longer than anybody asked for, and locks that do not fit what they lock. */
import { DAY_MS, longestMs } from "../../core/duration.ts";
import { isOwed, slotAt } from "./demand.ts";
import type { OwedSlot, RestorePoint, Tier } from "./model.ts";
import { isOfKind, satisfies } from "./shelves.ts";

/** The points of one maker (`RestorePoint.tier`) that outlive a limit. It is no breach: money, or a promise to delete. */
export interface OverRetained {
  readonly madeBy: string;
  /** `maximum`: longer than the policy allows; `need`: longer than the policy needs by more than a period. */
  readonly limit: "maximum" | "need";
  readonly count: number;
  /** The one that goes beyond the limit by most; when that was, and by how much: Infinity where nothing removes it. */
  readonly example: RestorePoint;
  readonly limitMs: number;
  readonly byMs: number;
}

/** Points that no slot needs at all are counted from the instant at which they are there. */
export function overRetained(
  points: readonly RestorePoint[],
  tiers: readonly Tier[],
  bornMs: number,
): readonly OverRetained[] {
  const found = new Map<string, OverRetained>();
  for (const point of points) {
    for (const over of excesses(point, slotsOf(point, tiers), bornMs)) {
      const key = `${over.limit} ${over.madeBy}`;
      const known = found.get(key);
      found.set(key, known === undefined ? over : { ...worse(known, over), count: known.count + 1 });
    }
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, over]) => over);
}

/** How the lock of an archive compares with the time for which it is owed. */
export type LockFit =
  | { readonly kind: "unlocked" }
  | { readonly kind: "shorter" | "longer"; readonly byMs: number }
  | { readonly kind: "fits" };

/** A lock holds until its instant and not beyond; longer by up to a day is how locks are rounded, and no finding. */
export function lockFit(lockedUntilMs: number | null, owedUntilMs: number): LockFit {
  if (lockedUntilMs === null) return { kind: "unlocked" };
  const spareMs = lockedUntilMs - owedUntilMs;
  if (spareMs < 0) return { kind: "shorter", byMs: -spareMs };
  return spareMs > DAY_MS ? { kind: "longer", byMs: spareMs } : { kind: "fits" };
}

/** Also those that nobody owes: what was before the birth, or before an archive's `since`, is promised to be deleted too. */
function slotsOf(point: RestorePoint, tiers: readonly Tier[]): readonly OwedSlot[] {
  const ofMs = point.month === undefined ? point.dataMs : Date.parse(`${point.month}-01T00:00:00Z`);
  return tiers
    .filter((tier) => isOfKind(point, tier))
    .map((tier) => slotAt(tier, ofMs))
    .filter((slot) => satisfies(point, slot));
}

function excesses(point: RestorePoint, slots: readonly OwedSlot[], bornMs: number): readonly OverRetained[] {
  const owed = slots.filter((slot) => isOwed(slot, bornMs));
  const maximumMs = latest(slots.map((slot) => allowedUntilMs(point, slot)));
  const needMs = latest(owed.map(({ owedUntilMs }) => owedUntilMs)) ?? point.fromMs;
  const spareMs = latest(owed.map(({ startsMs, endsMs }) => endsMs - startsMs)) ?? 0;
  const over = (limit: OverRetained["limit"], limitMs: number) => ({
    madeBy: point.tier,
    limit,
    count: 1,
    example: point,
    limitMs,
    byMs: goneMs(point) - limitMs,
  });
  return [
    ...(maximumMs !== undefined && goneMs(point) > maximumMs ? [over("maximum", maximumMs)] : []),
    ...(goneMs(point) > needMs + spareMs ? [over("need", needMs)] : []),
  ];
}

/** When nobody holds its bytes any more, which may be long after it can be restored. */
export function goneMs({ untilMs, heldUntilMs }: RestorePoint): number {
  return heldUntilMs ?? untilMs;
}

/** The life of a snapshot is counted from its data, that of an archive from the end of what it archives; surely too long. */
function allowedUntilMs({ kind, dataMs }: RestorePoint, { tier, endsMs }: OwedSlot): number {
  return tier.atMost === null
    ? Number.POSITIVE_INFINITY
    : (kind === "archive" ? endsMs : dataMs) + longestMs(tier.atMost);
}

/** The same whatever the order of the points. */
function worse(a: OverRetained, b: OverRetained): OverRetained {
  if (a.byMs !== b.byMs) return a.byMs > b.byMs ? a : b;
  const [one, other] = [a.example, b.example];
  if (one.dataMs !== other.dataMs) return one.dataMs < other.dataMs ? a : b;
  return `${one.id} ${one.place.label}` <= `${other.id} ${other.place.label}` ? a : b;
}

function latest(instants: readonly number[]): number | undefined {
  return instants.length === 0 ? undefined : Math.max(...instants);
}
