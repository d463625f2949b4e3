/** What the sandbox's CloudWatch, STS, SNS and KMS answer. They know no calls but these; S3 is in a folder of its own. */
import { type Elements, type Outcome, type Refusal, xml } from "./aws-wire.ts";
import type { BucketSettings } from "./s3/model.ts";
import type { Stored } from "./s3/seed.ts";

export interface AwsWorld {
  readonly accountId: string;
  readonly region: string;
  readonly buckets: readonly BucketSettings[];
  /** What stands in them at the beginning, made when somebody first looks; absent: nothing. */
  readonly stored?: () => Stored;
  /** By name. */
  readonly topics: readonly string[];
  readonly keys: readonly KmsKey[];
  /** Actions, as IAM policies write them, that the credentials may not do. */
  readonly denied: readonly string[];
}

interface KmsKey {
  readonly id: string;
  /** Without `alias/`; absent: it has none. */
  readonly alias?: string;
  readonly state: "Enabled" | "Disabled" | "PendingDeletion";
  /** When it goes for good. */
  readonly deletionAt?: string;
}

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export function answerCloudWatch(operation: string, world: AwsWorld): Outcome {
  if (operation !== "DescribeAlarms") return unknown("UnknownOperationException", operation);
  return (
    forbidden("AccessDenied", "cloudwatch:DescribeAlarms", world) ?? {
      body: JSON.stringify({ MetricAlarms: [], CompositeAlarms: [] }),
    }
  );
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: nobody can be denied it. */
export function answerSts(form: URLSearchParams, world: AwsWorld, requestId: string): Outcome {
  const action = form.get("Action") ?? "";
  if (action !== "GetCallerIdentity") return unknown("InvalidAction", action);
  const { accountId } = world;
  const result = { Arn: `arn:aws:iam::${accountId}:user/sandbox`, UserId: "AIDASANDBOX0000000000", Account: accountId };
  return queryResult(action, result, requestId);
}

/** https://docs.aws.amazon.com/sns/latest/api/API_Operations.html */
export function answerSns(form: URLSearchParams, world: AwsWorld, requestId: string): Outcome {
  const action = form.get("Action") ?? "";
  const topicArn = form.get("TopicArn") ?? "";
  const result = Object.hasOwn(SNS_RESULTS, action) ? SNS_RESULTS[action] : undefined;
  if (result === undefined) return unknown("InvalidAction", action);
  const refusal = forbidden("AuthorizationError", `sns:${action}`, world) ?? topicProblem(topicArn, world);
  return refusal ?? queryResult(action, result(topicArn, world), requestId);
}

const SNS_RESULTS: Readonly<Record<string, (topicArn: string, world: AwsWorld) => Elements>> = {
  GetTopicAttributes: (topicArn, { accountId }) => ({
    Attributes: {
      entry: [
        { key: "TopicArn", value: topicArn },
        { key: "Owner", value: accountId },
      ],
    },
  }),
  ListSubscriptionsByTopic: () => ({ Subscriptions: {} }),
};

function topicProblem(topicArn: string, { accountId, region, topics }: AwsWorld): Refusal | null {
  const home = `arn:aws:sns:${region}:${accountId}:`;
  if (!topicArn.startsWith(home)) return refusal(400, "InvalidParameter", `The topic is not one of ${home}*.`);
  return topics.includes(topicArn.slice(home.length)) ? null : refusal(404, "NotFound", "There is no such topic.");
}

function queryResult(action: string, result: Elements, requestId: string): Outcome {
  const content = { [`${action}Result`]: result, ResponseMetadata: { RequestId: requestId } };
  return { body: xml({ [`${action}Response`]: content }) };
}

/** https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html */
export function answerKms(operation: string, body: string, world: AwsWorld): Outcome {
  if (operation !== "DescribeKey") return unknown("UnknownOperationException", operation);
  const denial = forbidden("AccessDeniedException", "kms:DescribeKey", world);
  if (denial !== null) return denial;
  const keyId = keyIdOf(body);
  if (keyId === null) return refusal(400, "ValidationException", "KeyId is missing, or no text.");
  const home = `arn:aws:kms:${world.region}:${world.accountId}:`;
  const names = ({ id, alias }: KmsKey) => [
    ...[id, `${home}key/${id}`],
    ...(alias === undefined ? [] : [`alias/${alias}`, `${home}alias/${alias}`]),
  ];
  const key = world.keys.find((one) => names(one).includes(keyId));
  if (key === undefined) return refusal(400, "NotFoundException", `Key '${keyId}' does not exist`);
  const metadata = {
    AWSAccountId: world.accountId,
    KeyId: key.id,
    Arn: `${home}key/${key.id}`,
    Enabled: key.state === "Enabled",
    KeyState: key.state,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyManager: "CUSTOMER",
    KeySpec: "SYMMETRIC_DEFAULT",
    MultiRegion: false,
    ...(key.deletionAt === undefined ? {} : { DeletionDate: Date.parse(key.deletionAt) / 1000 }),
  };
  return { body: JSON.stringify({ KeyMetadata: metadata }) };
}

function keyIdOf(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body);
    const keyId = typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, "KeyId") : undefined;
    return typeof keyId === "string" ? keyId : null;
  } catch {
    return null; // not JSON: it names no key either
  }
}

function forbidden(code: string, action: string, world: AwsWorld): Refusal | null {
  return world.denied.includes(action) ? refusal(403, code, `The sandbox does not allow ${action}.`) : null;
}

function unknown(code: string, operation: string): Refusal {
  return refusal(400, code, `The sandbox has no ${operation}.`);
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message };
}
