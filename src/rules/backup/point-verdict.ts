import type { Point } from "./points.ts";

/** What one snapshot is worth as a restore point, in a word and with the reason. */
export interface PointVerdict {
  /** `good`: can be restored and relied on. `no`: not a restore point. `unknown`: could not be read. */
  readonly status: "good" | "running" | "no" | "unknown";
  readonly reason: string;
}

export function pointVerdict(point: Point): PointVerdict {
  const { status, kind } = point.snapshot;
  if (!status.known) return { status: "unknown", reason: status.reason.message };
  if (status.value === "failed") return { status: "no", reason: "failed" };
  if (status.value === "queued" || status.value === "inProgress")
    return { status: "running", reason: "not completed yet" };
  if (kind.known && kind.value === "fallback") return { status: "no", reason: "fallback, which may be inconsistent" };
  if (point.holdsData === "no") return { status: "no", reason: "of 0 bytes" };
  if (point.expired === "yes") return { status: "no", reason: "expired" };
  if (point.good === "no") return { status: "no", reason: "without every shard" };
  if (point.good === "maybe" || point.createdAt === null)
    return { status: "unknown", reason: "some of its fields cannot be read" };
  return { status: "good", reason: "completed" };
}
