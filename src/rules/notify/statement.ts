/** The one statement of a topic's policy that is ours: it admits CloudWatch with alarms of the account, and nobody else. */
import { all, type Tri } from "../../core/tri.ts";
import { type Admission, admits, type PolicyDocument } from "./admits.ts";
import type { AlarmOnItsWay, Home } from "./facts.ts";
import { CLOUDWATCH, publishRequest } from "./request.ts";

/** By it ours is known again, and replaced. */
const SID = "LitallyOpsCloudWatch";

/** The policy with ours in it; every other statement stays as it is. */
export function withOurs({ document, statements }: PolicyDocument, topicArn: string, home: Home): PolicyDocument {
  const others = statements.filter((statement) => statement["Sid"] !== SID);
  const all = [...others, ours(topicArn, home)];
  return { document: { ...document, Statement: all }, statements: all };
}

/** What the policy does with each of the alarms; where there are none, with one of which nobody knows anything. */
export function admissions(
  document: PolicyDocument,
  topicArn: string,
  alarms: readonly AlarmOnItsWay[],
  home: Home,
): readonly Admission[] {
  const arns = alarms.length === 0 ? [null] : alarms.map(({ arn }) => arn);
  return arns.map((arn) => admits(document, publishRequest(topicArn, arn, home)));
}

export function admitsAll(judged: readonly Admission[]): Tri {
  return all(...judged.map(({ isAdmitted }) => isAdmitted));
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html */
function ours(topicArn: string, { partition, region, accountId }: Home) {
  return {
    Sid: SID,
    Effect: "Allow",
    Principal: { Service: CLOUDWATCH },
    Action: "sns:Publish",
    Resource: topicArn,
    Condition: {
      StringEquals: { "aws:SourceAccount": accountId },
      ArnLike: { "aws:SourceArn": `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:*` },
    },
  };
}
