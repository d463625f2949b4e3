/** How commands of S3 are sent: reads again where they failed in passing, writes once, all of them to one account's buckets. */
import { S3Client, type ServiceInputTypes } from "@aws-sdk/client-s3";
import type * as z from "zod/mini";
import { once } from "../../core/once.ts";
import { ask, type Call, type SendOptions } from "./ask.ts";
import { refusalOf } from "./failure.ts";
import type { AwsConnection } from "./settings.ts";

/** Any of the SDK's. */
interface Command {
  readonly input: object;
}

export interface S3Link {
  readonly connection: AwsConnection;
  /** What stands in messages for an action on a bucket, or on a key of it. */
  readonly call: (action: string, place: Place, manner?: Manner) => Call;
  readonly read: <T>(call: Call, command: Command, type: z.ZodMiniType<T>) => Promise<T>;
  readonly write: <T>(call: Call, command: Command, type: z.ZodMiniType<T>) => Promise<T>;
  readonly close: () => void;
}

type AnyCommand = Parameters<S3Client["send"]>[0];

interface Place {
  readonly bucket: string;
  readonly key?: string;
}

type Manner = Pick<Call, "isHead" | "isLong">;

/** S3 refuses whatever is asked of a bucket of another account: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html */
export function s3Link(connection: AwsConnection, accountId: string): S3Link {
  const clients = once(() => openClients(connection, accountId));
  let opened: Awaited<ReturnType<typeof openClients>> | undefined;
  const send = async (kind: "reads" | "writes", command: Command, options: SendOptions) => {
    opened = await clients();
    return opened[kind].send(command as AnyCommand, options); // one of the SDK's, whose types know no "any of them"
  };
  return {
    connection,
    call: (action, { bucket, key }, manner) => ({
      name: `${action} on s3://${bucket}${key === undefined ? "" : `/${key}`} of account ${accountId}`,
      ...manner,
    }),
    read: (call, command, type) => ask(connection, call, type, (options) => send("reads", command, options)),
    write: (call, command, type) =>
      ask(connection, { ...call, isWrite: true }, type, (options) => send("writes", command, options)),
    close: () => {
      opened?.reads.destroy();
      opened?.writes.destroy();
    },
  };
}

/** What was asked for, or what a refusal stands for, by S3's name of it: some refusals are answers. */
export async function orMeaning<T, M>(asked: Promise<T>, meanings: Readonly<Record<string, M>>): Promise<T | M> {
  try {
    return await asked;
  } catch (error) {
    const refusal = refusalOf(error)?.refusal;
    if (refusal !== undefined && Object.hasOwn(meanings, refusal)) return meanings[refusal] as M; // its own, seen above
    throw error;
  }
}

/** How S3 says that somebody was first, before a write or during it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export const TAKEN = { PreconditionFailed: "taken", ConditionalRequestConflict: "taken" } as const;

async function openClients(connection: AwsConnection, accountId: string) {
  const settings = await connection.s3Settings();
  const guard = { ExpectedBucketOwner: accountId, ExpectedSourceBucketOwner: accountId };
  const open = (maxAttempts: number) => {
    const client = new S3Client({ ...settings, maxAttempts });
    client.middlewareStack.add(
      (next) => (args) => next({ ...args, input: { ...args.input, ...guard } as ServiceInputTypes }), // two names more
      { step: "initialize", name: "accountGuard" },
    );
    return client;
  };
  return { reads: open(settings.maxAttempts), writes: open(1) };
}
