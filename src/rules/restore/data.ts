/** Is what was restored there, and is it right? Judged from what the restored deployment and its source hold. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import type { Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { InvariantPolicy } from "../../policy/schema.ts";
import type { Deployment, FieldAnswer, Namespace } from "../../ports/mongo.ts";
import { judgeCounts } from "./data-counts.ts";
import { judgeInvariant } from "./data-invariant.ts";
import { judgeNamespaces } from "./data-namespaces.ts";

export interface DataFacts {
  /** The instant that was restored: of a snapshot, when it was taken. */
  readonly restoredAt: Date;
  /** The hosts of the target cluster's connection strings, of all that Atlas gives: `host:port`, and names of SRV records. */
  readonly targetHosts: Observed<readonly string[]>;
  readonly target: DeploymentFacts;
  readonly source: SourceFacts;
  readonly invariants: readonly InvariantFacts[];
}

/** What one deployment said. */
export interface DeploymentFacts {
  /** As its connection string names them. */
  readonly hosts: Observed<readonly string[]>;
  readonly answers: Observed<void>;
  readonly deployment: Observed<Deployment>;
  readonly namespaces: Observed<readonly Namespace[]>;
}

export interface SourceFacts {
  /** What the source itself says, now. */
  readonly live: DeploymentFacts;
  /** The names of what was restored, from the snapshot. */
  readonly restoredNames: Observed<readonly string[]>;
  /** What Atlas says that it runs; null: it does not say. */
  readonly version: Observed<string | null>;
}

export interface InvariantFacts {
  readonly invariant: InvariantPolicy;
  /** How many documents its pipeline gives, or the field that it asks for. */
  readonly answer: Observed<InvariantAnswer>;
}

export type InvariantAnswer = number | FieldAnswer;

/** In the order in which a person would ask. */
export const DATA_CHECKS: readonly Check<DataFacts>[] = [
  {
    id: "restore/right-target",
    title: "the connection string leads to the target of the restore",
    remedy: () =>
      "set LITALLY_OPS_VERIFY_URI to the target's connection string, and LITALLY_OPS_SOURCE_URI to the source's",
    judge: judgeTarget,
  },
  {
    id: "restore/answers",
    title: "the restored database answers",
    remedy: () => "look at the cluster in Atlas, and at what may reach it from here",
    judge: ({ target }) => (target.answers.known ? pass("it answers") : unknown(target.answers.reason)),
  },
  {
    id: "restore/running-version",
    title: "it runs the version that the source runs",
    remedy: () => "upgrade the target to the version of the source, or check that the application may run on it",
    judge: judgeVersion,
  },
  {
    id: "restore/namespaces",
    title: "every collection is there, and none is empty that was not",
    remedy: () => "do not use the restored data before this is explained; a collection made or dropped since is right",
    judge: judgeNamespaces,
  },
  {
    id: "restore/counts",
    title: "the collections hold about as many documents as the source's",
    remedy: () => "compare with what happened since the instant that was restored, before the data is used",
    judge: judgeCounts,
  },
  {
    id: "restore/invariant",
    title: "what the policy says of the data is true",
    remedy: ({ invariants }) =>
      `do not use the restored data before this is explained; see ${invariants.length === 1 ? "the invariant" : "the invariants"} in the policy`,
    judge: (facts) => facts.invariants.map((one) => ({ ...judgeInvariant(facts, one), scope: one.invariant.name })),
  },
];

/** Whether the target's connection string can lead nowhere but to the target. */
export function leadsElsewhere(hosts: readonly string[], targetHosts: readonly string[]): boolean {
  return hosts.length === 0 || hosts.some((host) => !targetHosts.includes(host));
}

function judgeTarget({ targetHosts, target, source }: DataFacts): Verdict {
  if (!target.hosts.known) return unknown(target.hosts.reason);
  const hosts = target.hosts.value;
  const shared = sharedMembers(target, source.live);
  if (shared.length > 0) return fail("both connection strings lead to the same servers", { actual: shared });
  if (!targetHosts.known) return unknown(targetHosts.reason);
  const evidence = { expected: targetHosts.value, actual: hosts };
  if (leadsElsewhere(hosts, targetHosts.value))
    return fail("the connection string names hosts that are not the target's", evidence);
  const { hosts: sourceHosts } = source.live;
  if (sourceHosts.known && sourceHosts.value.some((host) => targetHosts.value.includes(host)))
    return fail("the connection string of the source leads to the target", { actual: sourceHosts.value });
  return pass(`${hosts.join(", ")} is the target`, evidence);
}

/** A source that is the target itself would agree with it on everything. */
function sharedMembers(target: DeploymentFacts, source: DeploymentFacts): readonly string[] {
  const [ours, theirs] = [membersOf(target), membersOf(source)];
  return ours.filter((member) => theirs.includes(member));
}

function membersOf({ deployment }: DeploymentFacts): readonly string[] {
  return deployment.known && deployment.value.members !== null ? deployment.value.members : [];
}

function judgeVersion({ target, source }: DataFacts): Verdict {
  if (!target.deployment.known) return unknown(target.deployment.reason);
  const { version } = target.deployment.value;
  const wanted = sourceVersion(source);
  if (!wanted.known) return unknown(wanted.reason);
  if (wanted.value === null) return unknown(`it runs ${version}; what the source runs is not told`);
  const evidence = { expected: wanted.value, actual: version };
  const [ours, theirs] = [series(version), series(wanted.value)];
  if (ours === undefined || theirs === undefined)
    return unknown(`the versions ${version} and ${wanted.value} cannot be compared`, evidence);
  if (ours === theirs) return pass(`MongoDB ${version}`, evidence);
  const message = `it runs MongoDB ${version}, the source ${wanted.value}`;
  return ours > theirs ? warn(message, evidence) : fail(message, evidence);
}

function sourceVersion({ live, version }: SourceFacts): Observed<string | null> {
  if (version.known && version.value !== null) return version;
  return live.deployment.known ? { known: true, value: live.deployment.value.version } : version;
}

/** `8.0` of `8.0.4`, as a number that grows with it: 8000. */
function series(version: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})(?:\.|$)/.exec(version);
  return match === null ? undefined : Number(match[1]) * 1000 + Number(match[2]);
}

/** Why a part was not looked at: an earlier check says what is wrong. */
export function notAsked(check: string): OpsError {
  return new OpsError("protocol", "not asked", { hint: `see ${check}` });
}
