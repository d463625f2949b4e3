/** What the sandbox's CloudWatch, STS, SNS and S3 answer. They know no calls but these. */
import { type Elements, type Outcome, type Refusal, xml } from "./aws-wire.ts";

export interface AwsWorld {
  readonly accountId: string;
  readonly region: string;
  readonly buckets: readonly string[];
  /** By name. */
  readonly topics: readonly string[];
  /** Actions, as IAM policies write them, that the credentials may not do. */
  readonly denied: readonly string[];
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

/** By the sub-resource that the query names: https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html */
export function answerS3(method: string, url: URL, world: AwsWorld): Outcome {
  const [, bucket = "", key = ""] = url.pathname.split("/");
  const read = S3_READS.find(({ parameter }) => url.searchParams.has(parameter));
  if (method !== "GET" || key !== "" || read === undefined)
    return refusal(501, "NotImplemented", "The sandbox has no such call.");
  if (!world.buckets.includes(bucket)) return refusal(404, "NoSuchBucket", "There is no such bucket.");
  return forbidden("AccessDenied", read.action, world) ?? read.answer(bucket);
}

interface S3Read {
  readonly parameter: string;
  readonly action: string;
  readonly answer: (bucket: string) => Outcome;
}

const S3_READS: readonly S3Read[] = [
  {
    parameter: "list-type",
    action: "s3:ListBucket",
    answer: (bucket) => ({
      body: xml({ ListBucketResult: { Name: bucket, Prefix: "", KeyCount: "0", MaxKeys: "1", IsTruncated: "false" } }),
    }),
  },
  {
    parameter: "versioning",
    action: "s3:GetBucketVersioning",
    answer: () => ({ body: xml({ VersioningConfiguration: { Status: "Enabled" } }) }),
  },
  {
    parameter: "object-lock",
    action: "s3:GetBucketObjectLockConfiguration",
    answer: () => ({ body: xml({ ObjectLockConfiguration: { ObjectLockEnabled: "Enabled" } }) }),
  },
  {
    parameter: "lifecycle",
    action: "s3:GetLifecycleConfiguration",
    answer: () => refusal(404, "NoSuchLifecycleConfiguration", "The bucket has no lifecycle configuration."),
  },
];

function forbidden(code: string, action: string, world: AwsWorld): Refusal | null {
  return world.denied.includes(action) ? refusal(403, code, `The sandbox does not allow ${action}.`) : null;
}

function unknown(code: string, operation: string): Refusal {
  return refusal(400, code, `The sandbox has no ${operation}.`);
}

function refusal(status: number, code: string, message: string): Refusal {
  return { status, code, message };
}
