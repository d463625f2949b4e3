/** Tells whoever listens in this process of every call that reaches a sandbox, before it is answered; nobody usually does. */
import { channel } from "node:diagnostics_channel";

export interface HeardCall {
  /** As the request names whoever makes it, and for which command. */
  readonly userAgent: unknown;
  /** `atlas`, or as IAM policies write it: `s3`. */
  readonly service: string;
  /** Of AWS: the name of the operation; of Atlas: its method, and its path below the project. */
  readonly operation: string;
  /** Of S3: the bucket. */
  readonly resource?: string;
  /** Of S3, where they depend on the request: as IAM policies know it. */
  readonly actions?: readonly string[];
}

const CALLS = channel("litally-ops:sandbox-call");

export function hear(call: HeardCall): void {
  CALLS.publish(call);
}
