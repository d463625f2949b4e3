/** How far a body has come on its way, how fast it goes, and when it will be there. */
import { formatSpan, SECOND_MS } from "../core/duration.ts";
import { formatBytes } from "../core/size.ts";
import type { Context } from "./context.ts";

/** Told of the bytes that are there by now. What is left goes as fast as what went in this run. */
export function byteProgress(
  { clock, progress }: Pick<Context, "clock" | "progress">,
  what: string,
  sizeBytes: number,
) {
  const startedMs = clock.now().getTime();
  let firstBytes: number | undefined;
  return (doneBytes: number) => {
    firstBytes ??= doneBytes;
    const elapsedMs = clock.now().getTime() - startedMs;
    const perMs = elapsedMs > 0 ? (doneBytes - firstBytes) / elapsedMs : 0;
    const left = perMs > 0 ? `, about ${formatSpan((sizeBytes - doneBytes) / perMs)} to go` : "";
    const speed = perMs > 0 ? ` at ${formatBytes(perMs * SECOND_MS)}/s` : "";
    progress.waiting(`${what}: ${formatBytes(doneBytes)} of ${formatBytes(sizeBytes)}${speed}${left}`, elapsedMs);
  };
}
