/** What CloudWatch asks of a topic and of its key when it publishes an alarm, as policies see it. */
import type { ContextValue, ServiceRequest } from "./admits.ts";
import type { Home } from "./facts.ts";

/** `alarmArn` null: of some alarm, nobody knows which. */
export function publishRequest(topicArn: string, alarmArn: string | null, home: Home): ServiceRequest {
  const context = new Map([...ofAlarms(alarmArn, home), ["aws:sourceowner", home.accountId]] as const);
  return { service: CLOUDWATCH, action: "sns:Publish", resource: topicArn, context };
}

/** Both must be admitted: https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html */
export function keyRequests(keyArn: string, topicArn: string, alarmArn: string | null, home: Home) {
  const context = new Map<string, ContextValue>([
    ...ofAlarms(alarmArn, home),
    ["kms:viaservice", `sns.${home.region}.amazonaws.com`],
    ["kms:encryptioncontext:aws:sns:topicarn", topicArn],
    ["kms:encryptioncontextkeys", ["aws:sns:topicArn"]],
  ]);
  return ["kms:Decrypt", "kms:GenerateDataKey"].map(
    (action): ServiceRequest => ({ service: CLOUDWATCH, action, resource: keyArn, context }),
  );
}

export const CLOUDWATCH = "cloudwatch.amazonaws.com";

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function ofAlarms(alarmArn: string | null, { accountId, region }: Home): readonly (readonly [string, ContextValue])[] {
  return [
    ...(alarmArn === null ? [] : [["aws:sourcearn", alarmArn] as const]),
    ["aws:sourceaccount", accountId],
    ["aws:requestedregion", region],
    ["aws:securetransport", "true"],
    ["aws:principalisawsservice", "true"],
    ["aws:principalservicename", CLOUDWATCH],
    ...OF_OTHERS.map((key) => [key, null] as const),
  ];
}

/** Of people and roles, of networks of ours, and of subscribing: CloudWatch's requests have none of them. */
const OF_OTHERS = [
  "aws:principalarn",
  "aws:principalorgid",
  "aws:principalorgpaths",
  "aws:username",
  "aws:multifactorauthpresent",
  "aws:sourcevpc",
  "aws:sourcevpce",
  "aws:vpcsourceip",
  "sns:endpoint",
  "sns:protocol",
];
