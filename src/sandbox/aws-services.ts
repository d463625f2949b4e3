/** AWS as a world begins, and whom its credentials belong to. */
import type { AwsOperations, ServiceNames } from "./aws-call.ts";
import type { BucketSettings } from "./s3/model.ts";
import type { Stored } from "./s3/seed.ts";
import { type AwsState, type KeyRecord, NO_WATCH, type Watch } from "./watch.ts";

export interface AwsWorld {
  readonly accountId: string;
  readonly region: string;
  readonly buckets: readonly BucketSettings[];
  /** What stands in them at the beginning, made when somebody first looks; absent: nothing. */
  readonly stored?: () => Stored;
  readonly keys: readonly KeyRecord[];
  /** Alarms and topics; absent: none. */
  readonly watch?: Watch;
  /** Actions, as IAM policies write them, that the credentials may not do. */
  readonly denied: readonly string[];
}

/** `points` were sent before. */
export function newAws({ accountId, region, keys, watch }: AwsWorld, points: AwsState["points"] = []): AwsState {
  return { ...(watch ?? NO_WATCH), points, accountId, region, keys };
}

/** https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html: nobody can be denied it. */
const OPERATIONS: AwsOperations = {
  GetCallerIdentity: {
    changes: false,
    fields: [],
    carryOut: ({ aws: { accountId } }) => ({
      result: { Arn: `arn:aws:iam::${accountId}:user/sandbox`, UserId: "AIDASANDBOX0000000000", Account: accountId },
    }),
  },
};

export const STS: ServiceNames = {
  prefix: "sts",
  operations: OPERATIONS,
  unknownOperation: "InvalidAction",
  forbidden: "AccessDenied",
  badField: "ValidationError",
};
