/** What if: what is left when domains are lost, and the smallest sets of domains whose loss leaves nothing. */
import type { ContinuousWindow, Domain, Place, RestorePoint, Supply } from "./model.ts";

/**
 * The supply without everything that lies in one of the domains, which are lost at `atMs`, and without all that would have
 * been made from them later: of a cluster that is gone nothing new is copied or archived, wherever that would lie.
 */
export function assumeLost(supply: Supply, domains: readonly Domain[], atMs: number): Supply {
  const lost = new Set(domains.map(domainKey));
  const isLost = (place: Place) => place.domains.some((domain) => lost.has(domainKey(domain)));
  const isMade = ({ madeFrom }: { readonly madeFrom?: Place }) => madeFrom === undefined || !isLost(madeFrom);
  return {
    points: supply.points.filter((point) => !isLost(point.place) && (point.fromMs <= atMs || isMade(point))),
    continuous: supply.continuous
      .filter(({ place }) => !isLost(place))
      .map((window) => (isMade(window) ? window : { ...window, untilMs: Math.min(window.untilMs, atMs + 1) })),
  };
}

/** The newest instant that can be restored at `atMs`: the RPO is how long ago it was. Null: there is none. */
export function newestMs(supply: Supply, atMs: number): number | null {
  const { points, continuous } = availableAt(supply, atMs);
  const instants = [...points.map(({ dataMs }) => dataMs), ...continuous.map(({ lagMs }) => atMs - lagMs)];
  return instants.length === 0 ? null : instants.reduce((newest, instant) => Math.max(newest, instant));
}

/** What can be restored from at `atMs`. */
export function availableAt(supply: Supply, atMs: number): Supply {
  const points = supply.points.filter((point) => isPointThere(point, atMs));
  return { points, continuous: supply.continuous.filter((window) => isWindowThere(window, points, atMs)) };
}

/** Whether a restore to an instant of the window can start from the point. */
export function carries({ kind, place }: RestorePoint, window: ContinuousWindow): boolean {
  return kind !== "archive" && place.label === window.place.label;
}

function isPointThere({ fromMs, untilMs, dataMs }: RestorePoint, atMs: number): boolean {
  return fromMs <= atMs && atMs < untilMs && dataMs <= atMs;
}

/** One whose oldest snapshot was taken just now reaches back no further than its lag: nothing can be restored from it yet. */
function isWindowThere(window: ContinuousWindow, points: readonly RestorePoint[], atMs: number): boolean {
  const { untilMs, windowMs, lagMs } = window;
  if (atMs >= untilMs || windowMs <= lagMs) return false;
  return points.some((point) => carries(point, window) && point.dataMs < atMs - lagMs);
}

/** `key/arn:aws:kms:...`: one name for one domain. */
export function domainKey({ kind, name }: Domain): string {
  return `${kind}/${name}`;
}

/** In the order of their keys, each once. */
export function domainsOf(supply: Supply): readonly Domain[] {
  const places = [...supply.points, ...supply.continuous].map(({ place }) => place);
  const byKey = new Map(places.flatMap(({ domains }) => domains.map((domain) => [domainKey(domain), domain] as const)));
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, domain]) => domain);
}

/** More losses at once than that nobody plans for. */
const MAX_LOSSES = 4;

/**
 * The sets of domains, none larger than `maxSize`, whose loss leaves no restore point at `atMs` while every part of them
 * leaves one: small sets first. Empty: so few losses always leave something. Where there is nothing to lose, the answer is the
 * empty set.
 */
export function minimalLosses(supply: Supply, atMs: number, maxSize = MAX_LOSSES): readonly (readonly Domain[])[] {
  const available = availableAt(supply, atMs);
  const byKey = new Map(domainsOf(available).map((domain) => [domainKey(domain), domain]));
  const places = smallestOf(available.points.map(({ place }) => place)); // a window is lost with its last point
  return hittingSets(places, maxSize)
    .map((keys) => keys.toSorted())
    .sort((a, b) => a.length - b.length || (a.join("\n") < b.join("\n") ? -1 : 1))
    .map((keys) => keys.map((key) => byKey.get(key)).filter((domain) => domain !== undefined));
}

/** Those sets in sentences; `maxSize` is what they were looked for with. */
export function lossWords(losses: readonly (readonly Domain[])[], maxSize = MAX_LOSSES): readonly string[] {
  if (losses.length === 0) return [`No ${maxSize} losses at once leave nothing.`];
  return losses.map((domains) =>
    domains.length === 0 ? "There is no restore point to lose." : domains.map(domainKey).join(" and "),
  );
}

type Keys = readonly string[];

/** The places' domains, each set once and without those that hold another: whatever loses the other loses them too. */
function smallestOf(places: readonly Place[]): readonly Keys[] {
  const sets = places.map(({ domains }) => [...new Set(domains.map(domainKey))].sort());
  const distinct = [...new Map(sets.map((keys) => [keys.join("\n"), keys])).values()];
  return distinct
    .filter((keys) => !distinct.some((other) => other !== keys && other.every((key) => keys.includes(key))))
    .sort((a, b) => a.length - b.length);
}

/**
 * Branch and bound: some domain of the first place that is still whole must be lost, so each is tried, and those tried before
 * are spared from then on: no set is found twice. A branch ends where a loss has become needless, for more losses never make
 * it needed again.
 */
function hittingSets(places: readonly Keys[], maxSize: number): readonly Keys[] {
  const found: Keys[] = [];
  const extend = (lost: Keys, spared: ReadonlySet<string>): void => {
    if (lost.some((key) => isNeedless(key, lost, places))) return;
    const whole = places.find((keys) => !keys.some((key) => lost.includes(key)));
    if (whole === undefined) found.push(lost);
    if (whole === undefined || lost.length >= maxSize) return;
    for (const [index, key] of whole.entries()) {
      if (!spared.has(key)) extend([...lost, key], new Set([...spared, ...whole.slice(0, index)]));
    }
  };
  extend([], new Set());
  return found;
}

/** No place is lost by it alone. */
function isNeedless(key: string, lost: Keys, places: readonly Keys[]): boolean {
  return !places.some((keys) => keys.includes(key) && keys.every((other) => other === key || !lost.includes(other)));
}
