/** Which snapshot a restore begins with: always one good snapshot, as `backup verify` counts them, or none at all. */
import { formatSpan } from "../../core/duration.ts";
import { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { pointVerdict } from "../backup/point-verdict.ts";
import { type DatedPoint, isDated, type Point, restorePoints } from "../backup/points.ts";
import type { RestoreFacts, SnapshotSelector } from "./facts.ts";

export type Choice =
  | { readonly kind: "chosen"; readonly point: DatedPoint }
  | { readonly kind: "none"; readonly message: string; readonly evidence: Evidence }
  | { readonly kind: "unclear"; readonly reason: OpsError | string };

/** The one good snapshot that a selector means. */
export function chooseSnapshot({ source }: RestoreFacts, selector: SnapshotSelector): Choice {
  if (!source.snapshots.known) return { kind: "unclear", reason: source.snapshots.reason };
  const points = restorePoints(source, source.snapshots.value);
  switch (selector.by) {
    case "id":
      return byId(points, selector.id);
    case "latest":
      return newest(points, () => true, "");
    case "before":
      return newest(points, ({ createdAt }) => createdAt < selector.at, ` before ${formatInstant(selector.at)}`);
  }
}

/** The good snapshot from which Atlas replays the oplog up to an instant: the newest at or before it. */
export function chooseBase({ source }: RestoreFacts, at: Date): Choice {
  if (!source.snapshots.known) return { kind: "unclear", reason: source.snapshots.reason };
  const points = restorePoints(source, source.snapshots.value);
  return newest(points, ({ createdAt }) => createdAt <= at, ` at or before ${formatInstant(at)}`);
}

/** The snapshot that the request begins with, whichever way it was asked for. */
export function chosenPoint(facts: RestoreFacts): Observed<DatedPoint> {
  const { point } = facts.request;
  const choice = point.kind === "instant" ? chooseBase(facts, point.at) : chooseSnapshot(facts, point.selector);
  const hint = { hint: point.kind === "instant" ? "see restore/window" : "see restore/snapshot" };
  switch (choice.kind) {
    case "chosen":
      return known(choice.point);
    case "none":
      return notKnown(new OpsError("not-found", choice.message, hint));
    case "unclear":
      return notKnown(
        typeof choice.reason === "string" ? new OpsError("protocol", choice.reason, hint) : choice.reason,
      );
  }
}

/** Judges a choice: only a chosen snapshot passes. */
export function judgeChoice(choice: Choice, now: Date): Verdict {
  switch (choice.kind) {
    case "chosen": {
      const { name, createdAt } = choice.point;
      const age = formatSpan(now.getTime() - createdAt.getTime());
      return pass(`snapshot ${name} of ${formatInstant(createdAt)}, ${age} old`, {
        snapshotId: name,
        createdAt: createdAt.toISOString(),
      });
    }
    case "none":
      return fail(choice.message, choice.evidence);
    case "unclear":
      return unknown(choice.reason);
  }
}

function byId(points: readonly Point[], id: string): Choice {
  const named = points.filter(({ snapshot }) => snapshot.id.known && snapshot.id.value === id);
  const [point, second] = named;
  if (second !== undefined) return { kind: "unclear", reason: `${named.length} snapshots bear the id ${id}` };
  if (point === undefined) return noSuch(points, id);
  const { status, reason } = pointVerdict(point);
  if (status === "good" && isDated(point)) return { kind: "chosen", point };
  if (status === "unknown" || status === "good")
    return { kind: "unclear", reason: `whether snapshot ${id} is good cannot be read: ${reason}` };
  return { kind: "none", message: `snapshot ${id} cannot be relied on: ${reason}`, evidence: { actual: reason } };
}

/** Without a guess: ids that look alike have nothing to do with each other. */
function noSuch(points: readonly Point[], id: string): Choice {
  if (points.some(({ snapshot }) => !snapshot.id.known))
    return { kind: "unclear", reason: `no snapshot is read to have the id ${id}, but some ids cannot be read` };
  return { kind: "none", message: `the source has no snapshot ${id}`, evidence: counts(points) };
}

/** One that may be good and newer than the chosen one, or has no date, might be the one that is meant. */
function newest(points: readonly Point[], fits: (point: DatedPoint) => boolean, where: string): Choice {
  const dated = points.filter(isDated);
  const candidates = dated.filter(fits);
  const chosen = candidates.findLast(({ good }) => good === "yes");
  const unsure =
    candidates.findLast((point) => point.good === "maybe" && (chosen === undefined || newer(point, chosen))) ??
    points.find((point) => !isDated(point) && point.good !== "no");
  if (unsure !== undefined)
    return { kind: "unclear", reason: `whether snapshot ${unsure.name} is the newest good one${where} cannot be read` };
  if (chosen?.snapshot.id.known === false) return { kind: "unclear", reason: chosen.snapshot.id.reason };
  if (chosen !== undefined) return { kind: "chosen", point: chosen };
  const oldest = dated.find(({ good }) => good === "yes");
  const other = oldest === undefined ? "" : `; the oldest good one is of ${formatInstant(oldest.createdAt)}`;
  return { kind: "none", message: `there is no good snapshot${where}${other}`, evidence: counts(points) };
}

function newer(a: DatedPoint, b: DatedPoint): boolean {
  return a.createdAt >= b.createdAt;
}

/** What there is instead: `40 failed`. */
function counts(points: readonly Point[]): Evidence {
  const kinds = Map.groupBy(points, (point) => pointVerdict(point).reason);
  return { snapshots: points.length, actual: [...kinds].map(([reason, ofThem]) => `${ofThem.length} ${reason}`) };
}
