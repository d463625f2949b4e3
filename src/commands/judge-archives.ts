/** Judges archives as they stand now, each by itself, so that many of them need no more memory than one. */
import { mapBounded } from "../core/bounded.ts";
import { mapObserved } from "../core/observed.ts";
import type { Finding } from "../core/report.ts";
import type { Policy } from "../policy/schema.ts";
import type { Manifest } from "../rules/archive/manifest.ts";
import { archivedMonths, inOrder, verifyArchive } from "../rules/archive/verify.ts";
import type { Outline, VerifyFacts } from "../rules/archive/verify-facts.ts";
import { type Archived, archiveSubject } from "./archives.ts";
import type { Context } from "./context.ts";
import { type ArchiveLooking, gatherMonth, gatherSeries } from "./gather-archives.ts";
import { keyGatherer } from "./gather-keys.ts";
import { gatherBucket } from "./gather-push.ts";

/** Archives of a database that are looked into at a time. */
const MAX_ARCHIVES = 4;

/** Everything about the archives of one database. `seen` is told of each as it was found, before that is forgotten. */
export async function judgeArchives(
  looking: ArchiveLooking,
  seen: (facts: VerifyFacts, month: string) => void = () => {},
): Promise<readonly Finding[]> {
  const series = await gatherSeries(looking);
  const judged = await mapBounded(archivedMonths(series), MAX_ARCHIVES, async (month) => {
    const facts = await gatherMonth(looking, series, month);
    seen(facts, month);
    return { month, findings: verifyArchive(facts, month), outline: outlineOf(facts, month) };
  });
  const manifests = new Map(judged.flatMap(({ month, outline }) => (outline === undefined ? [] : [[month, outline]])));
  return inOrder(
    { ...series, manifests },
    judged.flatMap(({ findings }) => findings),
  );
}

/** What is said of single archives: right after they were made, or read. */
export async function judgeMonths(looking: ArchiveLooking, months: readonly string[]): Promise<readonly Finding[]> {
  const series = await gatherSeries(looking);
  const judged = await mapBounded(months, MAX_ARCHIVES, async (month) => {
    const facts = await gatherMonth(looking, series, month);
    const subject = archiveSubject(looking.archived, month);
    return inOrder(facts, verifyArchive(facts, month)).filter((finding) => finding.subject === subject);
  });
  return judged.flat();
}

/** What is said of the archive of one month, right after it was made. */
export async function judgeArchive(
  {
    context,
    policy,
    archived,
  }: { readonly context: Context; readonly policy: Pick<Policy, "atlas" | "aws">; readonly archived: Archived },
  month: string,
): Promise<readonly Finding[]> {
  const keyOf = keyGatherer(context);
  const { bucket } = await gatherBucket(context, policy, archived, keyOf);
  const { projectId } = policy.atlas;
  return judgeMonths({ context, projectId, archived, bucket, keyOf, within: null }, [month]);
}

/** A manifest has a line for each part of each object: all of that is not kept. */
function outlineOf({ manifests }: VerifyFacts, month: string) {
  const manifest = manifests.get(month);
  return manifest === undefined ? undefined : mapObserved(manifest, outline);
}

function outline({ slots, snapshot, completedAt, objects }: Manifest): Outline {
  return { slots, snapshot, completedAt, objects: objects.map(({ key }) => ({ key })) };
}
