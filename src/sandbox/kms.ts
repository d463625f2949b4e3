/** Keys, as far as somebody asks what they are and whom they admit: they encrypt nothing. */
import { defaultKeyPolicy } from "./access.ts";
import { type AwsAsk, type AwsOperations, type Done, refusal, type ServiceNames } from "./aws-call.ts";
import type { Refusal } from "./aws-wire.ts";
import { uuid } from "./ids.ts";
import type { AwsState, KeyRecord } from "./watch.ts";

const OPERATIONS: AwsOperations = {
  DescribeKey: { changes: false, fields: ["KeyId", "GrantTokens"], carryOut: describeKey },
  GetKeyPolicy: { changes: false, fields: ["KeyId", "PolicyName"], carryOut: getKeyPolicy },
};

export const KMS: ServiceNames = {
  prefix: "kms",
  operations: OPERATIONS,
  unknownOperation: "UnknownOperationException",
  forbidden: "AccessDeniedException",
  badField: "ValidationException",
};

/** By id, alias or the ARN of either; null: there is none. */
export function findKey(aws: AwsState, keyId: string): KeyRecord | null {
  const names = ({ id, alias }: KeyRecord) => [
    ...[id, arnOf(id, aws)],
    ...(alias === undefined ? [] : [`alias/${alias}`, `${homeOf(aws)}alias/${alias}`]),
  ];
  return [...aws.keys, ofSns(aws)].find((key) => names(key).includes(keyId)) ?? null;
}

/** The one that AWS keeps in every account for SNS: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
function ofSns(aws: AwsState): KeyRecord {
  const statement = {
    Sid: "Allow access through SNS for all principals in the account that are authorized to use SNS",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"],
    Resource: "*",
    Condition: {
      StringEquals: { "kms:ViaService": `sns.${aws.region}.amazonaws.com`, "kms:CallerAccount": aws.accountId },
    },
  };
  const policy = JSON.stringify({ Version: "2012-10-17", Id: "auto-sns-1", Statement: [statement] });
  return { id: uuid(aws.accountId, "aws/sns"), alias: "aws/sns", state: "Enabled", isManagedByAws: true, policy };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
function describeKey({ aws, input }: AwsAsk): Done | Refusal {
  const key = keyOf(aws, input["KeyId"]);
  if ("code" in key) return key;
  const metadata = {
    AWSAccountId: aws.accountId,
    KeyId: key.id,
    Arn: arnOf(key.id, aws),
    Enabled: key.state === "Enabled",
    KeyState: key.state,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyManager: key.isManagedByAws === true ? "AWS" : "CUSTOMER",
    KeySpec: "SYMMETRIC_DEFAULT",
    MultiRegion: false,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: Date.parse(key.deletionAt) / 1000 }),
  };
  return { result: { KeyMetadata: metadata } };
}

/** By id or ARN of the key alone: https://docs.aws.amazon.com/kms/latest/APIReference/API_GetKeyPolicy.html */
function getKeyPolicy({ aws, input }: AwsAsk): Done | Refusal {
  const { KeyId: keyId, PolicyName: name = "default" } = input;
  if (name !== "default") return refusal("NotFoundException", "A key has one policy, which is called default.");
  if (typeof keyId === "string" && keyId.includes("alias/")) return absent(keyId);
  const key = keyOf(aws, keyId);
  if ("code" in key) return key;
  return { result: { Policy: key.policy ?? defaultKeyPolicy(aws), PolicyName: name } };
}

function keyOf(aws: AwsState, keyId: unknown): KeyRecord | Refusal {
  if (typeof keyId !== "string") return refusal("ValidationException", "KeyId is missing, or no text.");
  return findKey(aws, keyId) ?? absent(keyId);
}

function absent(keyId: string): Refusal {
  return refusal("NotFoundException", `Key '${keyId}' does not exist`);
}

function arnOf(id: string, aws: AwsState): string {
  return `${homeOf(aws)}key/${id}`;
}

function homeOf({ region, accountId }: AwsState): string {
  return `arn:aws:kms:${region}:${accountId}:`;
}
