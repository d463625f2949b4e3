/** AWS for one run: every port over the same connection, so that who we are is found out once. Loaded when it is asked for. */
import { setFlagsFromString } from "node:v8";
import type { AwsOptions } from "../adapters/aws/settings.ts";
import type { Clock } from "../core/clock.ts";
import { OpsError } from "../core/error.ts";
import { once } from "../core/once.ts";
import type { PolicySource } from "../policy/load.ts";

/** The AWS of a world, whatever else is configured. */
export type WorldAws = Pick<AwsOptions, "endpoint" | "s3Endpoint" | "credentials">;

export interface AwsOpening {
  readonly by: AwsOptions["by"];
  readonly signal: AbortSignal;
  readonly place: () => Promise<AwsPlace>;
  readonly clock: Clock;
  /** See TransferOptions: for tests, which do not run what is built. */
  readonly hashThread?: string | undefined;
  readonly opened: (port: { close(): void | Promise<void> }) => void;
  /** See AwsOptions. */
  readonly log?: ((line: string) => void) | undefined;
  readonly limits?: AwsOptions["limits"];
}

export interface AwsPlace {
  readonly env: AwsOptions["env"];
  readonly policy: PolicySource;
  /** Absent: what the SDK's own chain finds. */
  readonly aws?: WorldAws;
}

/** Each rejects with OpsError `config` where the policy names no AWS account. */
export function awsPorts({ by, signal, clock, place, opened, hashThread, log, limits }: AwsOpening) {
  const account = once(async () => {
    const { env, policy, aws: world } = await place();
    const { aws } = (await policy("aws")).policy;
    if (aws === undefined)
      throw new OpsError("config", "the policy names no AWS account", { hint: "add aws.accountId and aws.region" });
    const { awsConnection } = await import("../adapters/aws/settings.ts");
    const { accountId, region } = aws;
    const given = { ...(log === undefined ? {} : { log }), ...(limits === undefined ? {} : { limits }) };
    const connection = awsConnection({ region, by, signal, env, ...given, ...world });
    return { env, accountId, connection };
  });
  const port = <Port extends { close(): void | Promise<void> }>(
    connect: (given: Awaited<ReturnType<typeof account>>) => Promise<Port>,
  ) =>
    once(async () => {
      const connected = await connect(await account());
      opened(connected);
      return connected;
    });
  return {
    aws: port(async ({ connection }) => (await import("../adapters/aws/aws.ts")).connectAws(connection)),
    s3: port(async ({ connection, accountId }) =>
      (await import("../adapters/aws/s3.ts")).connectS3(connection, accountId),
    ),
    transfer: port(async ({ env, accountId, connection: { s3Settings: settings } }) => {
      const { connectTransfer } = await import("../adapters/transfer/transfer.ts");
      return connectTransfer({
        settings,
        accountId,
        env,
        clock,
        signal,
        ...(hashThread === undefined ? {} : { hashThread }),
      });
    }),
    keys: port(async ({ connection }) => (await import("../adapters/aws/kms.ts")).connectKeys(connection)),
    cloudwatch: port(async ({ connection }) => {
      const { connectCloudWatch } = await import("../adapters/aws/alarms.ts");
      staySmall();
      return connectCloudWatch(connection, clock);
    }),
    /** To send a few values beside whatever the run does: nothing is tuned for it. */
    metrics: port(async ({ connection }) =>
      (await import("../adapters/aws/alarms.ts")).connectCloudWatch(connection, clock),
    ),
    sns: port(async ({ connection }) => (await import("../adapters/aws/topics.ts")).connectSns(connection, clock)),
  };
}

/**
 * Thousands of alarms pass through, and V8 would rather grow than look what is left of them: 10,000 take 87 MiB instead of
 * 125 with this, and 100,000 take 93 instead of 243. After the modules are loaded: Node keeps its own compiled for other flags.
 */
function staySmall(): void {
  setFlagsFromString("--optimize-for-size");
}
