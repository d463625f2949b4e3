/** What must hold before a restore: what fails or is not known here, nothing is sent for. */
import { type Check, runChecks } from "../../core/check.ts";
import type { Finding } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import { collectionLimits } from "./collections.ts";
import { adds, isAbsent, ofTarget, type RestoreFacts } from "./facts.ts";
import { disk, encryption, topology, version } from "./fit.ts";
import { chooseSnapshot, judgeChoice } from "./snapshot-choice.ts";
import { sourceExists, sourceIsTarget, targetExists, targetProtected, targetQuiet, targetState } from "./target.ts";
import { judgeInstant } from "./window.ts";

/** Judges everything that must hold, in the order in which a person would ask. */
export function restorePreconditions(facts: RestoreFacts, subject: string): readonly Finding[] {
  const isOneAbsent = isAbsent(facts.source.cluster) || isAbsent(facts.target.cluster);
  return runChecks(isOneAbsent ? OF_CLUSTERS : PRECONDITIONS, facts, subject);
}

/** Whether a snapshot of the target is taken first: where something there is lost, and one can be taken. */
export function takesUndo(facts: RestoreFacts): boolean {
  const { undo: isWanted } = facts.request;
  const enabled = ofTarget(facts, ({ backupEnabled }) => backupEnabled);
  return isWanted && !adds(facts.request) && enabled.known && enabled.value;
}

const window: Check<RestoreFacts> = {
  id: "restore/window",
  title: "the source can be restored to the instant",
  remedy: ({ source }) =>
    `name an instant inside the window, or restore a snapshot: litally-ops backup list ${source.database.name}`,
  judge: (facts) => {
    const { point } = facts.request;
    return point.kind === "instant" ? judgeInstant(facts, point.at) : [];
  },
};

const snapshot: Check<RestoreFacts> = {
  id: "restore/snapshot",
  title: "there is one good snapshot as asked for",
  remedy: ({ source }) => `choose another: litally-ops backup list ${source.database.name}`,
  judge: (facts) => {
    const { point } = facts.request;
    return point.kind === "snapshot" ? judgeChoice(chooseSnapshot(facts, point.selector), facts.source.observedAt) : [];
  },
};

/** Where nothing there is lost, there is nothing to undo. */
const undo: Check<RestoreFacts> = {
  id: "restore/undo",
  title: "what is lost on the target can be brought back",
  remedy: ({ request }) =>
    request.undo
      ? "turn cloud backup of the target on first, or be sure that nothing there is needed"
      : "leave --no-undo out, or be sure that nothing there is needed",
  judge: (facts) => {
    const { request } = facts;
    if (adds(request)) return pass("nothing is lost");
    if (request.drill !== undefined) return pass("it is there for drills: what the last one left is not needed");
    if (!request.undo) return warn("no snapshot of the target is taken first, as asked");
    const enabled = ofTarget(facts, ({ backupEnabled }) => backupEnabled);
    if (!enabled.known) return unknown(enabled.reason);
    if (enabled.value) return pass("a snapshot of the target is taken first");
    return request.inPlace
      ? fail("cloud backup of the source is off: no snapshot of it can be taken first")
      : warn("cloud backup of the target is off: what stands there cannot be brought back");
  },
};

/** What can be judged where one of the two is not there. */
const OF_CLUSTERS: readonly Check<RestoreFacts>[] = [sourceExists, targetExists, sourceIsTarget, targetProtected];

const PRECONDITIONS: readonly Check<RestoreFacts>[] = [
  window,
  snapshot,
  ...OF_CLUSTERS,
  targetState,
  targetQuiet,
  undo,
  topology,
  version,
  disk,
  encryption,
  collectionLimits,
];
