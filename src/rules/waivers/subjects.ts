/** What a waiver can be about: a subject that no report on this policy can have is a mistake, and not only for now. */
import { heartbeatAlarmNames } from "../../core/heartbeat.ts";
import { suggest } from "../../core/suggest.ts";
import type { Draft, Policy } from "../../policy/schema.ts";
import { glob } from "../notify/glob.ts";

/** null: a report can be about it, or nobody can say. Else what was probably meant. */
export function strangeSubject(subject: string, policy: Draft<Policy>): { readonly meant: string | undefined } | null {
  const possible = possibleSubjects(policy);
  const [kind = ""] = subject.split("/");
  const patterns = possible.get(kind) ?? ALONE;
  if (patterns === "any" || patterns.some((pattern) => glob(pattern, subject))) return null;
  const all = [...ALONE, ...[...possible.values()].flatMap((some) => (some === "any" ? [] : some))];
  const whole = all.filter((one) => !one.includes("*"));
  return { meant: whole.find((one) => one.endsWith(`/${subject}`)) ?? suggest(subject, whole) };
}

/** Subjects without a name. */
const ALONE: readonly string[] = ["alarms", "atlas", "aws", "machine"];

/**
 * By the kind that a subject begins with; `*` stands for any text. `any`: the policy does not name all of them, or not all
 * could be read.
 */
function possibleSubjects(policy: Draft<Policy>): ReadonlyMap<string, readonly string[] | "any"> {
  const { databases, archives, alarms, heartbeat } = policy;
  const kept = databases?.flatMap((one) => (one?.archive === undefined ? [] : [`${one.archive}/${one.name}`]));
  const declared = alarms?.declared?.map((one) => one?.name?.replaceAll(/\{\w+\}/g, "*"));
  const schedules = heartbeat?.schedules?.map((one) => one?.command);
  const names = {
    cluster: databases?.map((one) => one?.cluster),
    database: databases?.map((one) => one?.name),
    archive: kept && archives?.flatMap((one) => [one?.name, ...kept, ...kept.map((name) => `${name}/*`)]),
    alarm: declared && [...declared, ...heartbeatNames(alarms?.owned, schedules)],
    alert: declared,
    schedule: schedules,
    topic: undefined, // an alarm may tell one that the policy does not name
  };
  return new Map(Object.entries(names).map(([kind, those]) => [kind, named(kind, those)]));
}

/** The alarms that the heartbeat becomes. */
function heartbeatNames(owned = "*", schedules: readonly (string | undefined)[] = []): readonly (string | undefined)[] {
  return schedules.flatMap((one) => (one === undefined ? [one] : Object.values(heartbeatAlarmNames(owned, one))));
}

function named(kind: string, names: readonly (string | undefined)[] | undefined): readonly string[] | "any" {
  if (names === undefined) return "any";
  const known = names.flatMap((name) => (name === undefined ? [] : [`${kind}/${name}`]));
  return known.length === names.length ? known : "any";
}
