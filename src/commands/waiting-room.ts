/** Several waits at once, told as one: a person sees where each stands, a log gets a line for each now and then. */
import type { Progress } from "../ports/progress.ts";

/** With more than this, what is waited for is counted. */
const MAX_TOLD = 3;

export function waitingRoom(
  progress: Progress,
  expected: number,
): (name: string, text: string, elapsedMs: number) => void {
  const waits = new Map<string, string>();
  return (name, text, elapsedMs) => {
    waits.set(name, text);
    const texts = [...waits.values()];
    const told =
      texts.length <= MAX_TOLD ? texts.join("; ") : `${texts.length} of ${expected} snapshots under way; ${text}`;
    progress.waiting(told, elapsedMs);
  };
}
