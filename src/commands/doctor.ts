/** `doctor`: can we work here? Machine, policy, clock, credentials, access. Reads only, and says how to mend what is wrong. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { mapObserved, type NotKnown, notKnown, type Observed, observe } from "../core/observed.ts";
import type { Report } from "../core/report.ts";
import type { LoadedPolicy } from "../policy/load.ts";
import type { Policy } from "../policy/schema.ts";
import type { AccessProbe, Atlas } from "../ports/atlas.ts";
import type { AwsIdentity } from "../ports/aws.ts";
import { clockSkew } from "../rules/clock-skew.ts";
import { AWS_CHECKS, type AwsFacts, type AwsNeed, DOCTOR_CHECKS, type DoctorFacts } from "../rules/doctor.ts";
import type { Context } from "./context.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ schedules: z.optional(z.boolean()) });

export async function run({ schedules }: z.output<typeof input>, context: Context): Promise<Report> {
  if (schedules === true) return (await import("./doctor-schedules.ts")).judgeSchedules(context);
  const { machine, progress } = context;
  const policy = await observe(() => context.policy());
  const atlas = asked(await observe(context.atlas));
  if (atlas.known && policy.known) progress.phase(`asking ${machine.atlasBaseUrl()}`);
  const facts: DoctorFacts = {
    nodeVersion: machine.nodeVersion,
    minimumNodeMajor: machine.minimumNodeMajor,
    toolVersion: machine.toolVersion,
    policy: mapObserved(policy, (loaded) => ({ file: loaded.file, databases: loaded.policy.databases.length })),
    atlasCredentials: await observe(async () => machine.atlasCredentials()),
    atlasBaseUrl: machine.atlasBaseUrl(),
    atlasAccess: await accessOf(atlas, policy),
    aws: await awsFacts(context, policy),
  };
  const skew = atlas.known ? atlas.value.clockSkew() : atlas;
  const environment = policy.known ? policy.value.policy.environment : "no valid policy";
  return reporter(
    "doctor",
    environment,
    context,
  )([
    ...runChecks(DOCTOR_CHECKS, facts, "machine"),
    ...runChecks([clockSkew], { skew }, "atlas"),
    ...(facts.aws === null ? [] : runChecks(AWS_CHECKS, facts.aws, "aws")),
  ]);
}

/** That there are no credentials is told by a check of its own: the others refer to it. */
function asked(atlas: Observed<Atlas>): Observed<Atlas> {
  if (atlas.known || atlas.reason.kind !== "auth") return atlas;
  return notAsked("credentials for Atlas", "doctor/atlas-credentials");
}

function notAsked(needs: string, check: string): NotKnown {
  return notKnown(new OpsError("protocol", `not asked: it needs ${needs}`, { hint: `see ${check}` }));
}

async function accessOf(atlas: Observed<Atlas>, policy: Observed<LoadedPolicy>): Promise<DoctorFacts["atlasAccess"]> {
  if (!atlas.known) return { project: atlas, backupManager: atlas, owner: atlas };
  if (!policy.known) {
    const unasked = notAsked("the policy's atlas.projectId", "doctor/policy");
    return { project: unasked, backupManager: unasked, owner: unasked };
  }
  const { projectId } = policy.value.policy.atlas;
  const clusterName = policy.value.policy.databases[0]?.cluster;
  const probe = (kind: AccessProbe) => observe(() => atlas.value.probe(projectId, kind));
  const project = await probe({ kind: "project" }); // alone first: when nothing answers, once is enough
  if (!project.known) return { project, backupManager: project, owner: project };
  const [backupManager, owner] = await Promise.all([
    clusterName === undefined
      ? notKnown(new OpsError("protocol", "the policy declares no database"))
      : probe({ kind: "backup-manager", clusterName }),
    probe({ kind: "owner" }),
  ]);
  return { project, backupManager, owner };
}

async function awsFacts(context: Context, policy: Observed<LoadedPolicy>): Promise<AwsFacts | null> {
  if (!policy.known)
    return { accountId: "", identity: notAsked("the policy's aws section", "doctor/policy"), needs: [] };
  if (policy.value.policy.aws === undefined) return null;
  const { accountId } = policy.value.policy.aws;
  const aws = await context.aws();
  const identity = await observe(() => aws.identity());
  if (!identity.known) return { accountId, identity, needs: [] };
  const needs = awsNeeds(policy.value.policy, partitionOf(identity.value));
  const probed = needs.map(async (need) => ({ ...need, access: await observe(() => aws.probe(need.permission)) }));
  return { accountId, identity, needs: await Promise.all(probed) };
}

/** `arn:aws:sts::...`: the partition stands second, and topics of the account lie in the same. */
function partitionOf({ arn }: AwsIdentity): string {
  return arn.split(":")[1] ?? "aws";
}

function awsNeeds(policy: Policy, partition: string): readonly Omit<AwsNeed, "access">[] {
  const { aws, alarms, topics, archives, auditLog } = policy;
  const ofTopics = topics.flatMap(({ name }) => {
    const topicArn = `arn:${partition}:sns:${aws?.region}:${aws?.accountId}:${name}`;
    return TOPIC_READS.map((kind) => ({ commands: "notify" as const, permission: { kind, topicArn } }));
  });
  const ofBuckets = [...new Set(archives.map((archive) => archive.bucket))].flatMap((bucket) =>
    BUCKET_READS.map((kind) => ({ commands: "archive" as const, permission: { kind, bucket } })),
  );
  const ofAlarms =
    alarms === undefined
      ? []
      : [{ commands: "alarms" as const, permission: { kind: "cloudwatch:DescribeAlarms" as const } }];
  const ofRecords =
    auditLog === undefined
      ? []
      : [{ commands: "audit log" as const, permission: { kind: RECORDS_READ, bucket: auditLog.bucket } }];
  return [...ofAlarms, ...ofTopics, ...ofBuckets, ...ofRecords];
}

const TOPIC_READS = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"] as const;
const RECORDS_READ = "s3:ListBucketVersions" as const;
const BUCKET_READS = [
  "s3:ListBucket",
  "s3:GetBucketVersioning",
  "s3:GetBucketObjectLockConfiguration",
  "s3:GetLifecycleConfiguration",
] as const;
