/** The account and region in which the policy has its alarms and topics; nothing is looked at or done in any other. */
import { OpsError } from "../core/error.ts";
import type { Policy } from "../policy/schema.ts";
import type { Home } from "../rules/notify/facts.ts";
import { awsOf } from "./archives.ts";
import type { Context } from "./context.ts";

/** OpsError `config` where the policy names no account; `auth` where the credentials found here are another's. */
export async function ourHome(context: Pick<Context, "aws">, policy: Pick<Policy, "aws">): Promise<Home> {
  const home = homeOf(policy);
  const { accountId } = await (await context.aws()).identity();
  if (accountId === home.accountId) return home;
  throw new OpsError("auth", `these credentials belong to account ${accountId}, the policy names ${home.accountId}`, {
    hint: "use credentials of the policy's account, or correct aws.accountId",
  });
}

/** As the policy says it, nobody asked. */
export function homeOf(policy: Pick<Policy, "aws">): Home {
  const { accountId, region } = awsOf(policy);
  return { partition: partitionOf(region), accountId, region };
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
function partitionOf(region: string): string {
  if (region.startsWith("cn-")) return "aws-cn";
  return region.startsWith("us-gov-") ? "aws-us-gov" : "aws";
}
