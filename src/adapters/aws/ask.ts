/** One call of AWS: within a limit in time, its answer surely AWS's and readable, its failure in our own words. */
import type * as z from "zod/mini";
import { safeParse } from "zod/mini";
import { OpsError } from "../../core/error.ts";
import { notSent } from "../../core/stop.ts";
import { within } from "../within.ts";
import type { Answered } from "./client.ts";
import { notAws, translate } from "./failure.ts";
import type { AwsConnection } from "./settings.ts";

export interface Call {
  /** As IAM policies name what it needs, and on what: it stands in messages. */
  readonly name: string;
  /** Not sent once the run is stopped, and let finish if it is under way by then. */
  readonly isWrite?: boolean;
  /** The answer to a HEAD is a status alone. */
  readonly isHead?: boolean;
  /** S3 does the work itself, and answers when it is done. */
  readonly isLong?: boolean;
}

export type Send<Answer> = (options: SendOptions) => Promise<Answer>;
export interface SendOptions {
  readonly abortSignal: AbortSignal;
  /** Up to the head of the answer. */
  readonly requestTimeout: number;
}

/** The answer as `type` reads it; fails with OpsError alone. */
export async function ask<T>(
  connection: AwsConnection,
  call: Call,
  type: z.ZodMiniType<T>,
  send: Send<Answered>,
): Promise<T> {
  return translated(call, async () => {
    const parsed = safeParse(type, await answered(connection, call, send));
    if (parsed.success) return parsed.data;
    const where = parsed.error.issues[0]?.path.map(String).join(".");
    throw new OpsError("protocol", `the answer to ${call.name} cannot be read${where ? `: ${where}` : ""}`);
  });
}

/** The answer as it is, certain to be AWS's own; fails as the SDK does. */
export async function answered<Answer extends Answered>(
  connection: AwsConnection,
  call: Call,
  send: Send<Answer>,
): Promise<Answer> {
  const answer = await limited(connection, call, send);
  if (answer.$metadata.requestId === undefined) throw notAws(call.name, answer.$metadata.httpStatusCode);
  return answer;
}

/** Any work on a call, within its limit. */
export async function limited<T>({ signal, limits }: AwsConnection, call: Call, work: Send<T>): Promise<T> {
  if (call.isWrite && signal.aborted) throw notSent(signal);
  const limitMs = call.isLong ? limits.workMs : limits.callMs;
  const late = () => new OpsError("timeout", `AWS did not finish ${call.name} within ${limitMs / 1000} s`);
  const limit = { signal: call.isWrite ? NEVER : signal, limitMs, doing: "asking AWS", late };
  return within(limit, (abortSignal) =>
    work({ abortSignal, requestTimeout: call.isLong ? limits.workMs : limits.headersMs }),
  );
}

export async function translated<T>(call: Call, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw translate(error, call.name, call.isHead);
  }
}

const NEVER = new AbortController().signal;
