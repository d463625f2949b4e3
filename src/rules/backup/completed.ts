import type { Verdict } from "../../core/report.ts";
import { unknown } from "../../core/verdict.ts";
import type { Snapshot } from "../../ports/atlas.ts";
import type { BackupFacts } from "./facts.ts";
import { type Point, restorePoints } from "./points.ts";

interface Completed {
  /** Completed and consistent snapshots, oldest first, whether or not all shards are in. */
  readonly points: readonly Point[];
  /** One that may be completed or not: with it, good news about the others is no news about all. */
  readonly unclear: Point | undefined;
}

export function completedPoints(facts: BackupFacts, snapshots: readonly Snapshot[]): Completed {
  const points = restorePoints(facts, snapshots);
  return {
    points: points.filter((point) => point.completed === "yes"),
    unclear: points.find((point) => point.completed === "maybe"),
  };
}

export function whetherCompleted(point: Point): Verdict {
  return unknown(`whether snapshot ${point.name} is completed cannot be read`);
}
