/** What a drill restores: the latest point that the objectives promise, or any snapshot of a tier. */
import { formatSpan, MINUTE_MS, shortestMs } from "../../core/duration.ts";
import type { Frequency } from "../../core/frequency.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";
import type { BackupFacts } from "../backup/facts.ts";
import { type DatedPoint, isDated, isOf, restorePoints } from "../backup/points.ts";
import type { AskedPoint } from "../restore/facts.ts";

/** An instant younger than this may not have reached the oplog that Atlas keeps. */
const LEAST_LAG_MS = 2 * MINUTE_MS;
/** Where an objective allows for more: what continuous backup is for. */
const MOST_LAG_MS = 10 * MINUTE_MS;
/** Where no objective says how much may be lost. */
const USUAL_RPO_MS = 10 * MINUTE_MS;

/**
 * With continuous backup, half as long ago as the objective (RPO) allows, so that the plan may take its time: whole
 * seconds, as Atlas restores. Otherwise the latest good snapshot.
 */
export function latestPoint({ continuousBackup, objectives }: DatabasePolicy, now: Date): AskedPoint {
  if (continuousBackup === undefined) return { kind: "snapshot", selector: { by: "latest" } };
  const allowedMs = objectives === undefined ? USUAL_RPO_MS : shortestMs(objectives.rpo);
  const lagMs = Math.max(LEAST_LAG_MS, Math.min(allowedMs / 2, MOST_LAG_MS));
  const at = new Date(Math.floor((now.getTime() - lagMs) / 1000) * 1000);
  return { kind: "instant", at, asked: `the latest, ${formatSpan(lagMs)} ago` };
}

/** Good snapshots of a tier, oldest first; what cannot be read is none of them. */
export function tierPoints(facts: BackupFacts, tier: Frequency): readonly DatedPoint[] {
  if (!facts.snapshots.known) return [];
  const isOfTier = isOf(facts, tier);
  return restorePoints(facts, facts.snapshots.value)
    .filter(isDated)
    .filter((point) => point.good === "yes" && point.snapshot.id.known && isOfTier(point) === "yes");
}

/** One of them, by a word that nobody has chosen: the same word chooses the same one again. */
export function chosenBy<T>(word: string, candidates: readonly T[]): T | undefined {
  let hash = 2_166_136_261; // FNV-1a: http://www.isthe.com/chongo/tech/comp/fnv/
  for (const char of word) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  return candidates[hash % candidates.length];
}
