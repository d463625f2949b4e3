/**
 * What Atlas does not do when it restores single collections.
 * https://www.mongodb.com/docs/atlas/backup/cloud-backup/restore-from-db-coll/
 */
import type { Check } from "../../core/check.ts";
import type { Verdict } from "../../core/report.ts";
import { didYouMean } from "../../core/suggest.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { ofCluster } from "../backup/facts.ts";
import { type CollectionRequest, isSource, ofTarget, type RestoreFacts } from "./facts.ts";
import { collectionState } from "./outcome.ts";

export const MAX_COLLECTIONS = 100;
const SYSTEM_DATABASES = ["admin", "config", "local"];
const MAX_NAMED = 5;

export const collectionLimits: Check<RestoreFacts> = {
  id: "restore/collection-limits",
  title: "Atlas restores these collections",
  remedy: () => "name other collections with --namespace, or restore the whole cluster elsewhere and copy from there",
  judge: (facts) => {
    const { collections } = facts.request;
    if (collections === null) return [];
    const refused = [refusedNames(collections), onNvme(facts), underWay(facts)].find(
      (verdict) => verdict !== undefined,
    );
    return refused ?? judgeNamespaces(facts, collections);
  },
};

function refusedNames({ namespaces, suffix }: CollectionRequest): Verdict | undefined {
  if (namespaces.length === 0) return fail("no collection is named");
  if (namespaces.length > MAX_COLLECTIONS)
    return fail(`${namespaces.length} collections are named, Atlas restores ${MAX_COLLECTIONS} at a time`, {
      expected: MAX_COLLECTIONS,
      actual: namespaces.length,
    });
  const wrong = namespaces.filter((name) => !/^[^.\s]+\.[^\s]+$/.test(name));
  if (wrong.length > 0) return fail(`not of the form db.collection: ${some(wrong)}`);
  if (new Set(namespaces).size < namespaces.length) return fail("a collection is named twice");
  const system = namespaces.filter((name) => isSystem(name));
  if (system.length > 0) return fail(`Atlas restores no system collections: ${some(system)}`);
  return suffix === "" ? fail("the suffix is empty") : undefined;
}

function isSystem(namespace: string): boolean {
  const [database = "", ...rest] = namespace.split(".");
  return SYSTEM_DATABASES.includes(database) || rest[0] === "system";
}

function onNvme({ source, ...facts }: RestoreFacts): Verdict | undefined {
  const disks = [ofCluster(source, ({ nvme }) => nvme), ofTarget({ source, ...facts }, ({ nvme }) => nvme)];
  if (disks.some((nvme) => nvme.known && nvme.value)) return fail("Atlas restores no collections where disks are NVMe");
  const unread = disks.find((nvme) => !nvme.known);
  return unread === undefined || unread.known ? undefined : unknown(unread.reason);
}

/** Atlas does one such restore at a time. */
function underWay({ collections, source }: RestoreFacts): Verdict | undefined {
  if (collections === null) return unknown("the source's restores of collections were not looked at");
  if (!collections.jobs.known) return unknown(collections.jobs.reason);
  const states = collections.jobs.value.map((job) => ({ job, state: collectionState(job, source.observedAt) }));
  const open = states.find(({ state }) => state === "running");
  if (open === undefined) {
    const unclear = states.find(({ job }) => !job.state.known)?.job;
    return unclear === undefined
      ? undefined
      : unknown("whether another restore of collections is under way cannot be read");
  }
  const id = open.job.id.known ? open.job.id.value : "(id not readable)";
  return {
    ...fail(`restore ${id} of collections is under way: Atlas does one at a time`, { jobId: id }),
    remedy: `wait for it: litally-ops restore watch ${source.database.name} ${id}`,
  };
}

/** A time series shows by its buckets. A collection may be younger than the snapshot that an instant begins with. */
function judgeNamespaces(facts: RestoreFacts, request: CollectionRequest): Verdict {
  const held = facts.collections?.namespaces;
  if (held === undefined || !held.known)
    return warn("which collections the snapshot holds cannot be read: Atlas refuses those that it does not hold");
  const series = request.namespaces.filter((name) => held.value.includes(name.replace(".", ".system.buckets.")));
  if (series.length > 0) return fail(`Atlas restores no time series: ${some(series)}`);
  const missing = request.namespaces.filter((name) => !held.value.includes(name));
  const [first] = missing;
  if (first !== undefined) {
    const message = `the snapshot does not hold ${some(missing)}${missing.length === 1 ? didYouMean(first, held.value) : ""}`;
    return facts.request.point.kind === "snapshot" ? fail(message) : warn(`${message}: it may have been made later`);
  }
  if (request.suffix === null && !request.overwrites && isSource(facts))
    return warn(
      "without a suffix the names must be free on the source: what Atlas does where one is taken, it does not say",
    );
  return pass(`${request.namespaces.length} of the snapshot's ${held.value.length}`);
}

function some(names: readonly string[]): string {
  const more = names.length - MAX_NAMED;
  return `${names.slice(0, MAX_NAMED).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
}
