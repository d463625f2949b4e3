/**
 * What a cluster's primaries do now, from Atlas's monitoring. Its processes are those of the whole project and do not
 * name their cluster, so they are matched by the hosts and the replica set of the cluster's connection strings, and by
 * the alias, which of older clusters begins with the name.
 */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { known, notKnown, type Observed } from "../../core/observed.ts";
import type { WireObject } from "../fields.ts";
import { PROCESS_ID } from "./params.ts";
import { text } from "./wire.ts";

/** The minutes looked at, one by one. */
export const ACTIVITY_QUERY = { granularity: "PT1M", period: "PT5M" } as const;
const WRITES = ["OPCOUNTER_INSERT", "OPCOUNTER_UPDATE", "OPCOUNTER_DELETE"] as const;
const CONNECTIONS = ["CONNECTIONS"] as const;
export const MEASUREMENTS = [...WRITES, ...CONNECTIONS] as const;

const connectionStrings = z.object({ standard: z.nullish(text), private: z.nullish(text) });
const hostView = z.object({
  id: z.string().check(z.regex(PROCESS_ID)),
  typeName: text,
  hostname: z.nullish(text),
  userAlias: z.nullish(text),
  replicaSetName: z.nullish(text),
});
const PRIMARIES = new Set(["REPLICA_PRIMARY", "SHARD_PRIMARY"]);

/** Ids of the primaries of a cluster; OpsError `protocol` where a process of the project cannot be read. */
export function primariesOf(cluster: WireObject, processes: readonly WireObject[]): readonly string[] {
  const { hosts, replicaSets } = addressesOf(cluster);
  const alias = aliasOf(cluster["name"]);
  return processes.flatMap((object) => {
    const parsed = z.safeParse(hostView, object);
    if (!parsed.success)
      throw new OpsError("protocol", "Atlas lists a process in a form that this version does not know");
    const { id, typeName, hostname, userAlias, replicaSetName } = parsed.data;
    const isOurs =
      [hostname, userAlias].some((host) => typeof host === "string" && hosts.has(host.toLowerCase())) ||
      (typeof replicaSetName === "string" && replicaSets.has(replicaSetName.toLowerCase())) ||
      (typeof userAlias === "string" && alias?.test(userAlias) === true);
    return isOurs && PRIMARIES.has(typeName) ? [id] : [];
  });
}

/** `mongodb://host:port,host:port/?...&replicaSet=name`; the ports are those of the routers in a sharded cluster. */
function addressesOf(cluster: WireObject): { readonly hosts: Set<string>; readonly replicaSets: Set<string> } {
  const parsed = z.safeParse(connectionStrings, cluster["connectionStrings"]);
  const { standard, private: inside } = parsed.success ? parsed.data : {};
  const all = [standard, inside].join(" ");
  const found = (pattern: RegExp) => new Set([...all.matchAll(pattern)].map(([, name = ""]) => name.toLowerCase()));
  return { hosts: found(/(?:\/\/|,)([\w.-]+):\d+/g), replicaSets: found(/[?&]replicaSet=([\w-]+)/g) };
}

/** `litally-core-shard-00-02.ab1cd.mongodb.net` */
function aliasOf(name: unknown): RegExp | undefined {
  return typeof name === "string" && /^[A-Za-z0-9-]+$/.test(name)
    ? new RegExp(`^${name}-shard-\\d+-\\d+\\.`, "i")
    : undefined;
}

const dataPoint = z.object({ value: z.nullish(z.number().check(z.nonnegative())) });
const measurements = z.object({
  measurements: z.array(z.object({ name: text, units: text, dataPoints: z.array(dataPoint) })),
});

/** Client writes per second of one primary: no minute looked at had more. */
export function writesOf(answer: unknown): Observed<number> {
  return peaks(answer, WRITES, "SCALAR_PER_SECOND");
}

/** The most connections that one primary had in the minutes looked at. */
export function connectionsOf(answer: unknown): Observed<number> {
  return peaks(answer, CONNECTIONS, "SCALAR");
}

/** The sum of the peaks of these series. The first and the last points are often null; a series of nothing else is not known. */
function peaks(answer: unknown, names: readonly string[], units: string): Observed<number> {
  const parsed = z.safeParse(measurements, answer);
  if (!parsed.success) return unreadable("the measurements are not in a form that this version knows");
  let sum = 0;
  for (const name of names) {
    const series = parsed.data.measurements.find((one) => one.name === name);
    if (series === undefined) return unreadable(`the measurement ${name} is missing`);
    if (series.units !== units) return unreadable(`the measurement ${name} is not in ${units}`);
    const values = series.dataPoints.flatMap(({ value }) => (typeof value === "number" ? [value] : []));
    if (values.length === 0) return unreadable(`the measurement ${name} has no value in the last minutes`);
    sum += Math.max(...values);
  }
  return known(sum);
}

/** Over all primaries; one that is not known leaves the sum not known. */
export function total(parts: readonly Observed<number>[]): Observed<number> {
  return parts.reduce(
    (sum, part) => {
      if (!sum.known) return sum;
      return part.known ? known(sum.value + part.value) : part;
    },
    known(0) as Observed<number>,
  ); // widened: what follows may be not known
}

export function unreadable(problem: string): Observed<never> {
  return notKnown(new OpsError("protocol", problem));
}
