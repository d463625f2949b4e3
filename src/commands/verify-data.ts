/** Looks at restored data: that it is there, plausible beside its source, and as the policy's invariants say. */
import { mapBounded } from "../core/bounded.ts";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { known, mapObserved, notKnown, type Observed, observe } from "../core/observed.ts";
import type { Finding } from "../core/report.ts";
import type { DatabasePolicy, InvariantPolicy } from "../policy/schema.ts";
import type { Mongo } from "../ports/mongo.ts";
import {
  DATA_CHECKS,
  type DataFacts,
  type DeploymentFacts,
  type InvariantAnswer,
  leadsElsewhere,
  notAsked,
} from "../rules/restore/data.ts";

export interface RestoredData {
  readonly database: DatabasePolicy;
  /** Name of the cluster that was restored to. */
  readonly targetName: string;
  /** The hosts of all its connection strings, as Atlas tells them, in lower case: `host:port`, and names of SRV records. */
  readonly targetHosts: Observed<readonly string[]>;
  /** The instant that was restored: of a snapshot, when it was taken. */
  readonly restoredAt: Date;
  /** Not known where no connection string is there, or it cannot be used. */
  readonly target: Observed<Mongo>;
  readonly source: {
    readonly live: Observed<Mongo>;
    /** As of the target. */
    readonly hosts: Observed<readonly string[]>;
    /** The names that the snapshot holds; not known where Atlas was not asked. */
    readonly restoredNames: Observed<readonly string[]>;
    readonly version: Observed<string | null>;
  };
}

/** Reads only. Nothing is asked of a deployment that is not the target; what could not be read is `unknown`. */
export async function verifyData(restored: RestoredData): Promise<readonly Finding[]> {
  return runChecks(DATA_CHECKS, await gather(restored), `cluster/${restored.targetName}`);
}

async function gather({ database, restoredAt, targetHosts, target, source }: RestoredData): Promise<DataFacts> {
  const isElsewhere = target.known && targetHosts.known && leadsElsewhere(target.value.hosts, targetHosts.value);
  const asked = isElsewhere ? notKnown(notAsked("restore/right-target")) : target;
  const [targetFacts, live] = await Promise.all([factsOf(asked), factsOf(seenAsSource(source.live, source.hosts))]);
  const invariants = await mapBounded(database.invariants ?? NONE, MAX_AT_ONCE, async (invariant) => ({
    invariant,
    answer: await answerOf(asked, targetFacts, invariant),
  }));
  return {
    restoredAt,
    targetHosts,
    target: { ...targetFacts, hosts: hostsOf(target) },
    source: {
      live: { ...live, hosts: hostsOf(source.live) },
      restoredNames: source.restoredNames,
      version: source.version,
    },
    invariants,
  };
}

/** The source, where its connection string can lead nowhere else: another deployment would agree with a loss. */
export function seenAsSource(live: Observed<Mongo>, hosts: Observed<readonly string[]>): Observed<Mongo> {
  if (!live.known) return live;
  if (!hosts.known) return hosts;
  if (!leadsElsewhere(live.value.hosts, hosts.value)) return live;
  return notKnown(new OpsError("config", "LITALLY_OPS_SOURCE_URI names hosts that are not the source's"));
}

function hostsOf(mongo: Observed<Mongo>): Observed<readonly string[]> {
  return mapObserved(mongo, ({ hosts }) => hosts);
}

/** Aggregations may be dear: they are not all to run at one time. */
const MAX_AT_ONCE = 4;
const NONE: readonly InvariantPolicy[] = [];

async function factsOf(mongo: Observed<Mongo>): Promise<DeploymentFacts> {
  if (!mongo.known) return { hosts: mongo, answers: mongo, deployment: mongo, namespaces: mongo };
  const hosts = known(mongo.value.hosts);
  const answers = await observe(() => mongo.value.ping()); // alone first: when nothing answers, once is enough
  if (!answers.known) return { hosts, answers, deployment: answers, namespaces: answers };
  const [deployment, namespaces] = await Promise.all([
    observe(() => mongo.value.describe()),
    observe(() => mongo.value.listNamespaces()),
  ]);
  return { hosts, answers, deployment, namespaces };
}

async function answerOf(
  mongo: Observed<Mongo>,
  { answers }: DeploymentFacts,
  { expect, ...question }: InvariantPolicy,
): Promise<Observed<InvariantAnswer>> {
  if (!mongo.known) return mongo;
  if (!answers.known) return answers;
  const { field } = expect;
  if (field === undefined) return observe(() => mongo.value.countResults(question));
  return observe(() => mongo.value.readField(question, field));
}
