/**
 * V8 is tuned for servers; these flags suit a run of requests. V8 takes the code that Node and the build keep for it only
 * under the flags that it was kept under, so each flag is set as late and for as short as it can be.
 */
import { setFlagsFromString } from "node:v8";

/** V8's own, as `node --v8-options` has it. */
const TIERING_BUDGET = 13_000_000;
const UNREACHED_BUDGET = 2 ** 30;

/**
 * For the exchange that opens the first connection, which is when undici compiles its parser, and V8 settles whether
 * that is ever optimised. It would be after a few requests, in the background, and no process ends before it is done
 * (50 ms).
 */
export async function withoutTiering<T>(exchange: () => Promise<T>): Promise<T> {
  setFlagsFromString(`--wasm-tiering-budget=${UNREACHED_BUDGET}`);
  try {
    return await exchange();
  } finally {
    setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  }
}

/**
 * For runs of many requests: a young generation that does not grow with the answers that pass through it (400
 * databases: 136 MiB instead of 230).
 */
export function stayFlat(): void {
  setFlagsFromString("--semi-space-growth-factor=1");
}
