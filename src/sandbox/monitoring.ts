/** The processes of the project's clusters, three to a shard, and what is measured at them. */
import { MINUTE_MS } from "../core/duration.ts";
import { type Answer, ok, refuse } from "./answer.ts";
import { type ClusterRecord, iso, type State } from "./model.ts";

type Body = Readonly<Record<string, unknown>>;

const NODES = 3;
const PORT = 27017;
/** Of the routers of a sharded cluster. */
const ROUTER_PORT = 27016;

function hostsOf({ name, shards }: ClusterRecord): readonly string[] {
  return shards.flatMap((_, shard) =>
    Array.from({ length: NODES }, (__, node) => `${name.toLowerCase()}-shard-0${shard}-0${node}.sandbox.invalid`),
  );
}

export function connectionStrings(cluster: ClusterRecord): Body {
  const { name, type, shards, mongo } = cluster;
  if (mongo !== undefined) return { standard: `mongodb://${mongo}/?directConnection=true` };
  const port = type === "REPLICASET" ? PORT : ROUTER_PORT;
  const hosts = hostsOf(cluster).map((host) => `${host}:${port}`);
  const replicaSet = type === "REPLICASET" ? `&replicaSet=${shards[0]?.replicaSetName}` : "";
  return {
    standard: `mongodb://${hosts.join(",")}/?ssl=true&authSource=admin${replicaSet}`,
    standardSrv: `mongodb+srv://${name.toLowerCase()}.sandbox.invalid`,
  };
}

interface Process {
  readonly id: string;
  readonly cluster: ClusterRecord;
  readonly isPrimary: boolean;
  readonly body: Body;
}

/** A paused cluster has none. */
function processesOf(state: State, nowMs: number): readonly Process[] {
  return state.clusters
    .filter(({ paused }) => !paused)
    .flatMap((cluster) =>
      hostsOf(cluster).map((host, index) => {
        const isPrimary = index % NODES === 0;
        const role = isPrimary ? "PRIMARY" : "SECONDARY";
        const id = `${host}:${PORT}`;
        const body = {
          id,
          groupId: state.projectId,
          hostname: host,
          userAlias: host,
          port: PORT,
          typeName: `${cluster.type === "REPLICASET" ? "REPLICA" : "SHARD"}_${role}`,
          replicaSetName: cluster.shards[Math.floor(index / NODES)]?.replicaSetName,
          version: cluster.mongodbVersion,
          created: cluster.createdAt,
          lastPing: iso(nowMs),
        };
        return { id, cluster, isPrimary, body };
      }),
    );
}

export function processBodies(state: State, nowMs: number): readonly Body[] {
  return processesOf(state, nowMs).map(({ body }) => body);
}

/** How a cluster's writes divide, in percent. */
const SHARES = { OPCOUNTER_INSERT: 50, OPCOUNTER_UPDATE: 40, OPCOUNTER_DELETE: 10 } as const;
const MEASUREMENTS_MAX = 10;

/** Minute by minute, the period before now; a rate has no value at first, and nothing has one for this minute yet. */
export function measurements(state: State, processId: string, query: URLSearchParams, nowMs: number): Answer {
  const process = processesOf(state, nowMs).find(({ id }) => id === processId);
  if (process === undefined) return refuse(404, "HOST_NOT_FOUND", `There is no process ${processId}.`, [processId]);
  const minutes = /^PT([1-9]\d?)M$/.exec(query.get("period") ?? "")?.[1];
  const names = query.getAll("m");
  if (query.get("granularity") !== "PT1M" || minutes === undefined || names.length > MEASUREMENTS_MAX) {
    return refuse(
      400,
      "INVALID_QUERY_PARAMETER",
      "The sandbox measures by PT1M for PT1M to PT99M, ten things at most.",
    );
  }
  const lastMs = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS;
  const at = Array.from({ length: Number(minutes) }, (_, index) =>
    iso(lastMs - (Number(minutes) - 1 - index) * MINUTE_MS),
  );
  return ok({
    processId,
    groupId: state.projectId,
    granularity: "PT1M",
    start: at[0],
    end: at.at(-1),
    measurements: names.flatMap((name) => series(name, process, at)),
  });
}

function series(name: string, { cluster, isPrimary }: Process, at: readonly string[]): readonly Body[] {
  const share = Object.entries(SHARES).find(([counter]) => counter === name)?.[1];
  const isRate = share !== undefined;
  if (!isRate && name !== "CONNECTIONS") return [];
  const part = cluster.shards.length * (isRate ? 100 / share : 1);
  const value = isRate ? (isPrimary ? cluster.writesPerSecond / part : 0) : Math.ceil(cluster.connections / part);
  const isGap = (index: number) => index === at.length - 1 || (isRate && index === 0);
  const dataPoints = at.map((timestamp, index) => ({ timestamp, value: isGap(index) ? null : value }));
  return [{ name, units: isRate ? "SCALAR_PER_SECOND" : "SCALAR", dataPoints }];
}
