/** The real AWS behind the port: the SDK's own clients, asked one read at a time, each read within a limit. */
import { OpsError } from "../../core/error.ts";
import type { Aws, AwsIdentity, AwsPermission } from "../../ports/aws.ts";
import { answered, translated } from "./ask.ts";
import type { Answered } from "./client.ts";
import { type Clients, lazyClients } from "./clients.ts";
import { isAbsent, isDenied, isUnset, readFailure, translate } from "./failure.ts";
import type { AwsConnection } from "./settings.ts";

/** Light: no client is loaded, nothing is read or sent before the first call. */
export function connectAws(connection: AwsConnection): Aws {
  const clients = lazyClients(connection);
  return {
    identity: async () => {
      const call = { name: "sts:GetCallerIdentity" };
      const read = async (signal: AbortSignal) => (await clients.sts()).ask("identity", signal);
      return translated(call, async () =>
        identityOf(await answered(connection, call, ({ abortSignal }) => read(abortSignal))),
      );
    },
    probe: async (permission) => {
      try {
        await answered(connection, { name: permission.kind }, ({ abortSignal }) =>
          ask(clients, permission, abortSignal),
        );
        return "allowed";
      } catch (error) {
        const failure = readFailure(error);
        if (isUnset(failure)) return "allowed";
        if (isDenied(failure)) return "denied";
        if (isAbsent(failure)) return "absent";
        throw translate(error, permission.kind);
      }
    },
    close: clients.close,
  };
}

async function ask(clients: Clients, permission: AwsPermission, signal: AbortSignal): Promise<Answered> {
  switch (permission.kind) {
    case "cloudwatch:DescribeAlarms":
      return (await clients.cloudWatch()).ask(permission, signal);
    case "sns:GetTopicAttributes":
    case "sns:ListSubscriptionsByTopic":
      return (await clients.sns()).ask(permission, signal);
    case "s3:ListBucket":
    case "s3:ListBucketVersions":
    case "s3:GetBucketVersioning":
    case "s3:GetBucketObjectLockConfiguration":
    case "s3:GetLifecycleConfiguration":
      return (await clients.s3()).ask(permission, signal);
  }
}

function identityOf(answer: { readonly Account?: string | undefined; readonly Arn?: string | undefined }): AwsIdentity {
  const { Account: accountId = "", Arn: arn = "" } = answer;
  const owner = /^arn:[\w-]+:(?:iam|sts)::(\d{12}):[!-~]{1,2048}$/.exec(arn)?.[1];
  if (owner !== undefined && owner === accountId) return { accountId, arn };
  throw new OpsError("protocol", "AWS does not say clearly to whom these credentials belong");
}
