/** How far a restore of collections has come, by the documents that Atlas counts. */
import type { CollectionRestore } from "../../ports/atlas-restores.ts";

export interface RestoreProgress {
  /** 0 to 1. */
  readonly part: number;
  /** At the pace so far; null: there is none yet. */
  readonly leftMs: number | null;
}

/** null: Atlas does not tell, or what it tells cannot be. */
export function collectionProgress(
  { restoredDocuments, totalDocuments, createdAt }: CollectionRestore,
  now: Date,
): RestoreProgress | null {
  if (!restoredDocuments.known || !totalDocuments.known) return null;
  if (restoredDocuments.value === null || totalDocuments.value === null) return null;
  const part = restoredDocuments.value / totalDocuments.value;
  if (!(part >= 0 && part <= 1)) return null;
  const ranMs = createdAt.known ? now.getTime() - createdAt.value.getTime() : 0;
  return { part, leftMs: part > 0 && ranMs > 0 ? (ranMs * (1 - part)) / part : null };
}
