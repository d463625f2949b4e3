/** What all transfers of a run share: memory, the hashing thread, connections to S3. Made when the first byte is to come. */
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import type { Environment } from "../../core/environment.ts";
import { openPool, type Pool } from "./chunks.ts";
import { type Hashing, startHashing } from "./hashing.ts";
import { TRANSFER_LIMITS, type TransferLimits } from "./limits.ts";
import { openUploader, type Uploader } from "./part.ts";
import { openSigner, type Signer, type SignerOptions } from "./signed.ts";
import type { Patience } from "./steady.ts";

export interface TransferOptions {
  /** How S3 is reached. */
  readonly settings: () => Promise<SignerOptions["settings"]>;
  /** The only account that is worked in. */
  readonly accountId: string;
  /** For the proxy variables alone. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly limits?: TransferLimits;
  /** The built hash-thread.ts, where it does not lie beside the built rest. */
  readonly hashThread?: string;
}

export interface Tools extends Patience {
  readonly env: Environment;
  readonly limits: TransferLimits;
  readonly pool: Pool;
  readonly hashing: Hashing;
  readonly signer: Signer;
  readonly uploader: Uploader;
}

export async function openTools(options: TransferOptions): Promise<Tools> {
  const { env, clock, signal, accountId, limits = TRANSFER_LIMITS } = options;
  const signer = openSigner({ settings: await options.settings(), accountId });
  const pool = openPool(limits.chunkBytes, limits.chunks);
  return {
    env,
    clock,
    signal,
    limits,
    attempts: limits.attempts,
    pool,
    hashing: startHashing(options.hashThread ?? join(import.meta.dirname, "hash-thread.js"), pool),
    signer,
    uploader: openUploader(limits, env),
  };
}

export async function closeTools({ signer, uploader, hashing }: Tools): Promise<void> {
  signer.close();
  uploader.close();
  await hashing.close();
}
