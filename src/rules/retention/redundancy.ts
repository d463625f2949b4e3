/**
 * 3-2-1 as a computed fact: three copies of the data, the live database being one, on two kinds of storage, one of them in
 * another region; and the domains in which all of it, or all of one kind, lies.
 */
import { formatInstant } from "../../core/instant.ts";
import { availableAt, domainKey, domainsOf } from "./losses.ts";
import type { ContinuousWindow, Domain, Place, RestorePoint, Supply } from "./model.ts";

export interface Redundancy {
  readonly places: readonly PlaceFact[];
  /** With the live database. */
  readonly copies: number;
  readonly storages: readonly Storage[];
  readonly isThreeTwoOne: boolean;
  readonly shared: readonly SharedDomain[];
}

/** A place from which something can be restored. */
interface PlaceFact {
  readonly place: string;
  readonly storage: Storage;
  /** In none of the live database's regions. */
  readonly isOffSite: boolean;
  readonly newestMs: number;
}

type Storage = "Atlas" | "S3";

/** All of something lies in this one domain, and is lost with it. */
interface SharedDomain {
  readonly domain: Domain;
  readonly of: "restore points" | "archives" | "snapshots";
  readonly points: number;
}

/** `homeRegions`: where the live database is. A place that is in no region at all is not called off-site. */
export function redundancyAt(supply: Supply, atMs: number, homeRegions: readonly string[]): Redundancy {
  const available = availableAt(supply, atMs);
  const places = placesOf(available, atMs, homeRegions);
  const storages = [...new Set(["Atlas" as const, ...places.map(({ storage }) => storage)])];
  const copies = places.length + 1;
  const isThreeTwoOne = copies >= 3 && storages.length >= 2 && places.some(({ isOffSite }) => isOffSite);
  return { places, copies, storages, isThreeTwoOne, shared: sharedIn(available) };
}

/** In sentences. */
export function redundancyWords({ places, copies, storages, isThreeTwoOne, shared }: Redundancy): readonly string[] {
  const offSite = places.filter(({ isOffSite }) => isOffSite).map(({ place }) => place);
  const facts = [
    `${copies} ${copies === 1 ? "copy" : "copies"} with the live database`,
    `on ${storages.length} ${storages.length === 1 ? "kind" : "kinds"} of storage (${storages.join(", ")})`,
    offSite.length === 0 ? "none in another region" : `${offSite.length} in another region (${offSite.join(", ")})`,
  ];
  return [
    `3-2-1 is ${isThreeTwoOne ? "kept" : "not kept"}: ${facts.join(", ")}.`,
    ...places.map((one) => `${one.place}, ${one.storage}: restores up to ${formatInstant(new Date(one.newestMs))}.`),
    ...sharedWords(shared),
  ];
}

function sharedWords(shared: readonly SharedDomain[]): readonly string[] {
  return [...Map.groupBy(shared, whose)].flatMap(([all, domains]) => {
    const names = domains.map(({ domain }) => domainKey(domain));
    const keys = domains.filter(({ domain, points }) => domain.kind === "key" && points > 1);
    return [
      `${all} would be lost with ${names.length === 1 ? names[0] : `any one of ${names.join(", ")}`}.`,
      ...keys.map(({ domain }) => `${all} are under one KMS key: without ${domain.name} none of them can be read.`),
    ];
  });
}

function whose({ of, points }: SharedDomain): string {
  return points === 1 ? `The only ${of.slice(0, -1)}` : `All ${points} ${of}`;
}

type Held = RestorePoint | ContinuousWindow;

function kindOf(held: Held): RestorePoint["kind"] | "continuous" {
  return "kind" in held ? held.kind : "continuous";
}

function heldIn({ points, continuous }: Supply): readonly Held[] {
  return [...points, ...continuous];
}

function placesOf(available: Supply, atMs: number, homeRegions: readonly string[]): readonly PlaceFact[] {
  const byPlace = [...Map.groupBy(heldIn(available), (held) => `${storageOf(held)} ${held.place.label}`)];
  return byPlace
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, [first, ...others]]) => {
      if (first === undefined) return [];
      const all = [first, ...others];
      const isOffSite = all.every(({ place }) => isElsewhere(place, homeRegions));
      const newest = Math.max(...all.map((held) => ("kind" in held ? held.dataMs : atMs - held.lagMs)));
      return [{ place: first.place.label, storage: storageOf(first), isOffSite, newestMs: newest }];
    });
}

function storageOf(held: Held): Storage {
  return kindOf(held) === "archive" ? "S3" : "Atlas";
}

function isElsewhere({ domains }: Place, homeRegions: readonly string[]): boolean {
  const regions = domains.filter(({ kind }) => kind === "region").map(({ name }) => name);
  return regions.length > 0 && !regions.some((region) => homeRegions.includes(region));
}

/** What all have in common is not said again of a part of them. */
function sharedIn(available: Supply): readonly SharedDomain[] {
  const held = heldIn(available);
  const archives = held.filter((one) => kindOf(one) === "archive");
  const snapshots = held.filter((one) => kindOf(one) === "snapshot" || kindOf(one) === "copy");
  const byAll = commonTo(held, available).map((domain) => ({
    domain,
    of: "restore points" as const,
    points: held.length,
  }));
  const known = new Set(byAll.map(({ domain }) => domainKey(domain)));
  const byPart = [
    ...commonTo(archives, available).map((domain) => ({ domain, of: "archives" as const, points: archives.length })),
    ...commonTo(snapshots, available).map((domain) => ({ domain, of: "snapshots" as const, points: snapshots.length })),
  ];
  return [...byAll, ...byPart.filter(({ domain }) => !known.has(domainKey(domain)))];
}

function commonTo(held: readonly Held[], available: Supply): readonly Domain[] {
  if (held.length === 0) return [];
  const isIn = (domain: Domain) => (one: Held) =>
    one.place.domains.some((other) => domainKey(other) === domainKey(domain));
  return domainsOf(available).filter((domain) => held.every(isIn(domain)));
}
