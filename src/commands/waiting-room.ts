/** Several waits at once, told as one: a person sees where each stands, a log gets a line for each now and then. */
import type { Progress } from "../ports/progress.ts";

/** With more than this, what is waited for is counted. */
const MAX_TOLD = 3;

export interface WaitingRoom {
  tell(name: string, text: string, elapsedMs: number): void;
  /** Nobody waits for it any more. */
  leave(name: string): void;
}

export function waitingRoom(progress: Progress): WaitingRoom {
  const waits = new Map<string, string>();
  let longestMs = 0; // of them all, for a log counts its minutes by one time only
  return {
    tell(name, text, elapsedMs) {
      waits.set(name, text);
      longestMs = Math.max(longestMs, elapsedMs);
      const texts = [...waits.values()];
      const told = texts.length <= MAX_TOLD ? texts.join("; ") : `${texts.length} snapshots under way; ${text}`;
      progress.waiting(told, longestMs);
    },
    leave: (name) => void waits.delete(name),
  };
}
