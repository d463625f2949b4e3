import type { BackupFacts } from "./facts.ts";
import type { Point } from "./points.ts";

/** What one snapshot is worth as a restore point, in a word and with the reason. */
export interface PointVerdict {
  /** `good`: can be restored and relied on. `no`: not a restore point. `unknown`: could not be read. */
  readonly status: "good" | "running" | "no" | "unknown";
  readonly reason: string;
}

export function pointVerdict(facts: BackupFacts, point: Point): PointVerdict {
  const { status, kind, expiresAt, sizeBytes } = point.snapshot;
  if (!status.known) return { status: "unknown", reason: status.reason.message };
  if (status.value === "failed") return { status: "no", reason: "failed" };
  if (status.value === "queued" || status.value === "inProgress")
    return { status: "running", reason: "not completed yet" };
  if (kind.known && kind.value === "fallback") return { status: "no", reason: "fallback: may be inconsistent" };
  if (sizeBytes.known && sizeBytes.value === 0) return { status: "no", reason: "holds 0 bytes" };
  if (expiresAt.known && expiresAt.value !== null && expiresAt.value <= facts.observedAt)
    return { status: "no", reason: "expired" };
  if (point.good === "no") return { status: "no", reason: "lacks a shard" };
  if (point.good === "maybe" || point.createdAt === null)
    return { status: "unknown", reason: "some of its fields cannot be read" };
  return { status: "good", reason: "completed" };
}
