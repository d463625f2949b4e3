/** The manifest of an archive can be read, and is true to its place and its time. */
import type { Check } from "../../core/check.ts";
import { formatSpan } from "../../core/duration.ts";
import { formatInstant } from "../../core/instant.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { parseKey } from "./keys.ts";
import type { Manifest, ManifestObject } from "./manifest.ts";
import { slotsOfMonth } from "./slots.ts";
import { type ArchiveFacts, cameAt, placeOf, versionsOf } from "./verify-facts.ts";

export const manifest: Check<ArchiveFacts> = {
  id: "archive/manifest",
  title: "the manifest can be read, stands alone and says what its place says",
  remedy: ({ archive, manifestKey }) =>
    `find out who wrote it: aws s3api list-object-versions --bucket ${archive.bucket} --prefix ${manifestKey}`,
  judge: (facts) => {
    if (!facts.manifest.known) return unknown(facts.manifest.reason);
    if (!facts.versions.known) return unknown(facts.versions.reason);
    const stored = versionsOf(facts.versions.value, facts.manifestKey);
    const wrong = [
      ...(stored.length > 1 ? [`it was overwritten or deleted: ${stored.length} versions`] : []),
      ...contradictions(facts, facts.manifest.value),
    ];
    if (wrong.length > 0) return fail(wrong.join("; "), { actual: wrong });
    const { cluster, projectId } = facts.manifest.value;
    return cluster === facts.database.cluster && projectId === facts.projectId
      ? pass(`version ${facts.manifest.value.version}, of cluster ${cluster}`)
      : warn(`it is of cluster ${cluster} in project ${projectId}, where the database does not live any more`, {
          expected: `${facts.database.cluster} in ${facts.projectId}`,
          actual: `${cluster} in ${projectId}`,
        });
  },
};

function contradictions(
  facts: ArchiveFacts,
  { database, period, slots, snapshot, objects }: Manifest,
): readonly string[] {
  const closed = slotsOfMonth(facts.month).map(({ name }) => name);
  const foreign = slots.filter((slot) => !closed.includes(slot));
  const keys = objects.map(({ key }) => key);
  return [
    ...(database === facts.database.name ? [] : [`it is of database ${database}`]),
    ...(period === facts.month ? [] : [`it is of ${period}`]),
    ...(foreign.length === 0 ? [] : [`${facts.month} does not close ${foreign.join(", ")}`]),
    ...(keys.length > 0 ? [] : ["it names no object"]),
    ...(new Set(keys).size === keys.length ? [] : ["it names an object twice"]),
    ...objects.flatMap((object) => [...misplaced(facts, object, snapshot.id), ...misparted(object)]),
  ];
}

function misplaced(facts: ArchiveFacts, { key }: ManifestObject, snapshotId: string): readonly string[] {
  const parsed = parseKey(placeOf(facts), key);
  const isData = parsed?.kind === "body" || parsed?.kind === "export";
  return isData && parsed.month === facts.month && parsed.snapshotId === snapshotId
    ? []
    : [`it names ${key}, which is no object of this archive`];
}

/** As many parts as the size asks for, one at least. */
function misparted({ key, sizeBytes, partSizeBytes, partSha256s }: ManifestObject): readonly string[] {
  const expected = Math.max(1, Math.ceil(sizeBytes / partSizeBytes));
  return partSha256s.length === expected
    ? []
    : [`${key}: ${partSha256s.length} parts where ${sizeBytes} bytes have ${expected}`];
}

/** Later than that, a snapshot does not say any more what the period ended with. */
export const source: Check<ArchiveFacts> = {
  id: "archive/source",
  title: "the snapshot was the right one for its period",
  remedy: ({ month }) =>
    `note for the auditor which moment this archive is of: it does not say what ${month} ended with`,
  judge: ({ manifest: of, period }) => {
    if (!of.known) return unknown(of.reason);
    if (period === undefined) return [];
    const { createdAt, id } = of.value.snapshot;
    const words = `snapshot ${id} of ${formatInstant(createdAt)}`;
    const evidence = {
      expected: `${period.endsAt.toISOString()} to ${period.dueAt.toISOString()}`,
      actual: createdAt.toISOString(),
    };
    if (createdAt < period.endsAt) return fail(`${words} was taken before the period ended`, evidence);
    return createdAt > period.dueAt
      ? fail(`${words} was taken too long after the period's end`, evidence)
      : pass(`${words}, ${formatSpan(createdAt.getTime() - period.endsAt.getTime())} after the period's end`, evidence);
  },
};

/** By the clock of S3, which says when the manifest came. */
export const inTime: Check<ArchiveFacts> = {
  id: "archive/in-time",
  title: "it was archived in time",
  remedy: ({ archive }) =>
    `nothing is lost; see that the next one is in time, or lengthen archives[name=${archive.name}].dueWithin`,
  judge: (facts) => {
    const { period, month } = facts;
    if (period === undefined) return [];
    const at = cameAt(facts, month);
    if (!at.known) return unknown(at.reason);
    if (at.value === null) return unknown("when the manifest came cannot be read");
    const lateMs = at.value.getTime() - period.dueAt.getTime();
    const evidence = { expected: period.dueAt.toISOString(), actual: at.value.toISOString() };
    return lateMs > 0
      ? warn(`archived ${formatSpan(lateMs)} after it was due`, evidence)
      : pass(`archived on ${formatInstant(at.value)}`, evidence);
  },
};
