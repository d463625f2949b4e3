import { OpsError } from "./error.ts";

/**
 * Why a signal aborted, as an error: its own OpsError where it was given one (a deadline: what is still open then is
 * not known, and the rest stays judged), else `aborted`, which ends the run.
 */
export function stopReason(signal: AbortSignal, doing: string): OpsError {
  return signal.reason instanceof OpsError ? signal.reason : new OpsError("aborted", `stopped while ${doing}`);
}

/** The same for a write that was not sent because of it: always `aborted`, for nothing came of it. */
export function notSent(signal: AbortSignal): OpsError {
  const { message, hint } = stopReason(signal, "about to send a change");
  return new OpsError("aborted", message, hint === undefined ? {} : { hint });
}
