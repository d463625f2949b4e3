/** Whether an object can be read now. HEAD decides, never the error of a read: that comes too late, and says too little. */
import type { Check } from "../../core/check.ts";
import type { OpsError } from "../../core/error.ts";
import { formatInstant } from "../../core/instant.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { StorageClass } from "../../ports/s3.ts";
import { type HeldObject, nameInArchive, type OneArchive, objectCount } from "./one.ts";
import { overAll, type Trouble } from "./verify-facts.ts";

/** `at-hand`: of a class that is read as it is. `readable`: thawed, as long as the copy stays. */
export type Readiness =
  | { readonly state: "at-hand" | "frozen" | "thawing" | "missing" }
  | { readonly state: "readable"; readonly until: Date }
  | { readonly state: "unknown"; readonly reason: OpsError };

export function readinessOf({ head }: Pick<HeldObject, "head">, now: Date): Readiness {
  if (!head.known) return { state: "unknown", reason: head.reason };
  if (head.value === null) return { state: "missing" };
  const { storageClass, thaw } = head.value;
  if (!storageClass.known) return { state: "unknown", reason: storageClass.reason };
  if (!FREEZES[storageClass.value]) return { state: "at-hand" };
  if (!thaw.known) return { state: "unknown", reason: thaw.reason };
  if (thaw.value?.state === "ongoing") return { state: "thawing" };
  // S3 takes the copy away some time after that instant: it is not to be relied on
  if (thaw.value === null || thaw.value.until <= now) return { state: "frozen" };
  return { state: "readable", until: thaw.value.until };
}

const FREEZES = {
  STANDARD: false,
  STANDARD_IA: false,
  GLACIER_IR: false,
  GLACIER: true,
  DEEP_ARCHIVE: true,
} as const satisfies Record<StorageClass, boolean>;

/** The instant up to which all that is thawed stays readable; null: nothing has to be thawed. */
export function readableUntil(objects: readonly HeldObject[], now: Date): Date | null {
  const ends = objects.flatMap((object) => {
    const readiness = readinessOf(object, now);
    return readiness.state === "readable" ? [readiness.until.getTime()] : [];
  });
  return ends.length === 0 ? null : new Date(Math.min(...ends));
}

export const statesTold: Check<OneArchive> = {
  id: "archive/thaw-state",
  title: "S3 says of every object whether it is frozen",
  remedy: () => "run the command again; where it stays so, upgrade litally-ops",
  judge: ({ manifest, objects, observedAt }) => {
    if (!manifest.known || manifest.value === null) return [];
    const troubles = objects.map((held): Trouble => {
      const readiness = readinessOf(held, observedAt);
      return readiness.state === "unknown" ? { key: held.object.key, wrong: readiness.reason } : null;
    });
    return overAll(troubles, objectCount(objects.length));
  },
};

export const readable: Check<OneArchive> = {
  id: "archive/readable",
  title: "every object can be read now",
  remedy: ({ place, month }) =>
    `thaw it: litally-ops archive thaw ${place.database} ${month}; how far it is: litally-ops archive status ${place.database} ${month}`,
  judge: (facts) => {
    const { manifest, objects, observedAt } = facts;
    if (!manifest.known || manifest.value === null) return [];
    const closed = objects.flatMap((held) => {
      const readiness = readinessOf(held, observedAt);
      return readiness.state === "at-hand" || readiness.state === "readable" ? [] : [{ held, readiness }];
    });
    const [first] = closed;
    if (first === undefined) return allReadable(objects, observedAt);
    const byState = Map.groupBy(closed, ({ readiness }) => readiness.state);
    const { readiness } = first;
    if (byState.size === 1 && readiness.state === "unknown") return unknown(readiness.reason);
    const counts = [...byState].map(([state, those]) => `${those.length} ${state}`).join(", ");
    const name = nameInArchive(facts, first.held.object.key);
    return fail(`of ${objectCount(objects.length)}: ${counts} (${name}${closed.length === 1 ? "" : " and others"})`);
  },
};

function allReadable(objects: readonly HeldObject[], now: Date) {
  const until = readableUntil(objects, now);
  return until === null
    ? pass(`${objectCount(objects.length)}, of a class that needs no thaw`)
    : pass(`${objectCount(objects.length)}, until ${formatInstant(until)}`, { readableUntil: until.toISOString() });
}
