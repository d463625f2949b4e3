/** The pipe of archives, for real: sources by HTTP, S3 by requests that its SDK signs. */
import type { Transfer } from "../../ports/transfer.ts";
import { fetchObject, hashObject } from "./fetch.ts";
import { TRANSFER_LIMITS } from "./limits.ts";
import { push } from "./push.ts";
import { inspectSource } from "./source.ts";
import { closeTools, openTools, type Tools, type TransferOptions } from "./tools.ts";

/** Light: nothing is opened, started or sent before the first transfer. */
export function connectTransfer(options: TransferOptions): Transfer {
  const { env, signal, limits = TRANSFER_LIMITS } = options;
  let opened: Promise<Tools> | undefined;
  const tools = () => {
    opened ??= openTools(options);
    return opened;
  };
  return {
    inspect: (source) => inspectSource(source, { env, signal, limits }),
    push: async (order) => push(await tools(), order),
    fetch: async (order) => fetchObject(await tools(), order),
    hash: async (order) => hashObject(await tools(), order),
    close: async () => {
      const open = await opened?.catch(() => undefined); // that they could not be opened, the transfer has said
      if (open !== undefined) await closeTools(open);
    },
  };
}
