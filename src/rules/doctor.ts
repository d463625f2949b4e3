/** Can we work here? Pure checks over what `doctor` found. */
import type { Check } from "../core/check.ts";
import type { OpsError } from "../core/error.ts";
import type { Observed } from "../core/observed.ts";
import type { Verdict } from "../core/report.ts";
import { fail, pass, unknown, warn } from "../core/verdict.ts";
import type { AwsAccess, AwsIdentity, AwsPermission } from "../ports/aws.ts";

/** What a family of commands needs in AWS, and whether it is granted. */
export interface AwsNeed {
  readonly commands: "alarms" | "notify" | "archive" | "audit log";
  readonly permission: AwsPermission;
  readonly access: Observed<AwsAccess>;
}

export interface AwsFacts {
  /** The account that the policy names. */
  readonly accountId: string;
  readonly identity: Observed<AwsIdentity>;
  /** Empty where the identity is not known: nothing more was asked then. */
  readonly needs: readonly AwsNeed[];
}

export interface DoctorFacts {
  readonly nodeVersion: string;
  readonly minimumNodeMajor: number;
  readonly toolVersion: string;
  readonly policy: Observed<{ readonly file: string; readonly databases: number }>;
  /** The credentials of Atlas in force, in words; not known when there are none. */
  readonly atlasCredentials: Observed<string>;
  readonly atlasBaseUrl: string;
  /** Whether each probe was allowed. */
  readonly atlasAccess: Readonly<Record<"project" | "backupManager" | "owner", Observed<boolean>>>;
  /** null: the policy names no AWS account, so nothing needs one. */
  readonly aws: AwsFacts | null;
}

export const DOCTOR_CHECKS: readonly Check<DoctorFacts>[] = [
  {
    id: "doctor/node",
    title: "Node is new enough",
    remedy: ({ minimumNodeMajor }) => `install Node ${minimumNodeMajor} or newer`,
    judge: ({ nodeVersion, minimumNodeMajor, toolVersion }) =>
      Number(nodeVersion.replace(/^v/, "").split(".")[0]) >= minimumNodeMajor
        ? pass(`Node ${nodeVersion}, litally-ops ${toolVersion}`)
        : fail(`Node ${nodeVersion} is too old`, { expected: `${minimumNodeMajor} or newer`, actual: nodeVersion }),
  },
  {
    id: "doctor/policy",
    title: "the policy file is there and valid",
    remedy: () => "correct it until this passes: litally-ops config check; or write one: litally-ops config init",
    judge: ({ policy }) =>
      policy.known
        ? pass(
            `${policy.value.file}, ${policy.value.databases} ${policy.value.databases === 1 ? "database" : "databases"}`,
          )
        : broken(policy.reason),
  },
  {
    id: "doctor/atlas-credentials",
    title: "there are credentials for Atlas",
    remedy: () =>
      "set MONGODB_ATLAS_CLIENT_ID and MONGODB_ATLAS_CLIENT_SECRET, or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY",
    judge: ({ atlasCredentials }) =>
      atlasCredentials.known ? pass(atlasCredentials.value) : broken(atlasCredentials.reason),
  },
  {
    id: "doctor/atlas-access",
    title: "Atlas answers, and the project can be read",
    remedy: () =>
      "grant the credentials the role Project Read Only, and list this machine's public address in their access list",
    judge: ({ atlasAccess, atlasBaseUrl }) =>
      judgeAccess(
        atlasAccess.project,
        `${atlasBaseUrl} answers`,
        "the project cannot be read: backup verify and backup list will end with exit code 2",
      ),
  },
  {
    id: "doctor/atlas-role-backup-manager",
    title: "the role Project Backup Manager is there",
    remedy: () => "grant it for: changing schedules and listing restore jobs; backup verify and backup list do without",
    judge: ({ atlasAccess }) =>
      soften(
        judgeAccess(
          atlasAccess.backupManager,
          "restore jobs can be listed",
          "restore jobs cannot be listed: Project Backup Manager is missing",
        ),
      ),
  },
  {
    id: "doctor/atlas-role-owner",
    title: "the role Project Owner is there",
    remedy: () =>
      "grant it only if you want a Backup Compliance Policy taken into account; backup verify and backup list do without",
    judge: ({ atlasAccess }) =>
      soften(
        judgeAccess(
          atlasAccess.owner,
          "the Backup Compliance Policy can be read",
          "the Backup Compliance Policy cannot be read: Project Owner is missing",
        ),
      ),
  },
];

/** Of AWS, warnings only: backups are looked at without it. */
export const AWS_CHECKS: readonly Check<AwsFacts>[] = [
  {
    id: "doctor/aws-credentials",
    title: "there are credentials for AWS",
    remedy: () =>
      "give the AWS SDK credentials its usual way (role, profile or environment); backup commands do without",
    judge: ({ identity }) => (identity.known ? pass(identity.value.arn) : soften(broken(identity.reason))),
  },
  {
    id: "doctor/aws-account",
    title: "they belong to the policy's account",
    remedy: ({ accountId }) => `use credentials of account ${accountId}, or correct aws.accountId in the policy`,
    judge: ({ identity, accountId }) => {
      if (!identity.known) return [];
      const evidence = { expected: accountId, actual: identity.value.accountId };
      return identity.value.accountId === accountId
        ? pass(`account ${accountId}`, evidence)
        : fail(
            `these credentials belong to account ${identity.value.accountId}, the policy names ${accountId}`,
            evidence,
          );
    },
  },
  {
    id: "doctor/aws-permissions",
    title: "the permissions that the commands need are there",
    remedy: () => "grant what is missing in IAM, or create what does not exist",
    judge: ({ needs }) =>
      [...Map.groupBy(needs, (need) => need.commands)].map(([commands, ofThem]) => ({
        ...judgeNeeds(ofThem),
        scope: commands,
      })),
  },
];

function judgeNeeds(needs: readonly AwsNeed[]): Verdict {
  const lacking = needs.filter(({ access }) => access.known && access.value !== "allowed");
  if (lacking.length > 0)
    return warn(lacking.map(describeLack).join("; "), { actual: lacking.map(({ permission }) => permission.kind) });
  const [unreadable] = needs.flatMap(({ access }) => (access.known ? [] : [access.reason]));
  return unreadable === undefined
    ? pass([...new Set(needs.map(({ permission }) => permission.kind))].join(", "))
    : unknown(unreadable);
}

function describeLack({ permission, access }: AwsNeed): string {
  const on =
    "bucket" in permission
      ? ` on bucket ${permission.bucket}`
      : "topicArn" in permission
        ? ` on ${permission.topicArn}`
        : "";
  return access.known && access.value === "absent"
    ? `there is nothing${on.replace(" on ", " like ")}`
    : `${permission.kind} is missing${on}`;
}

/** What is plainly not there is a failure; what could not be found out stays unknown. */
function broken(reason: OpsError): Verdict {
  const verdict =
    reason.kind === "config" || reason.kind === "auth" || reason.kind === "usage"
      ? fail(reason.message)
      : unknown(reason);
  return reason.hint === undefined ? verdict : { ...verdict, remedy: reason.hint };
}

function judgeAccess(access: Observed<boolean>, good: string, bad: string): Verdict {
  if (!access.known) return broken(access.reason);
  return access.value ? pass(good) : fail(bad);
}

/** A role that today's commands can do without is a warning where it is missing. */
function soften(verdict: Verdict): Verdict {
  return verdict.status === "fail" ? { ...verdict, status: "warn" } : verdict;
}
