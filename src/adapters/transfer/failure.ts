/**
 * What goes wrong on the way, in our own words. An address is a credential: nothing here ever sees more of a request than
 * what it is called in a message.
 */
import { OpsError } from "../../core/error.ts";
import { untrusted } from "../http/tls.ts";

const CHECK_NETWORK = "check the network from here, and HTTPS_PROXY where it is set";

/** A connection that failed, by its code alone: what Node says of it may quote a host or a header. */
export function connectionFailure(whom: string, error: unknown): OpsError {
  if (error instanceof OpsError) return error;
  const code = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "closed";
  return (
    untrusted(code, whom) ??
    new OpsError(code === "ETIMEDOUT" ? "timeout" : "unavailable", `the connection to ${whom} failed (${code})`, {
      hint: CHECK_NETWORK,
    })
  );
}

/** Whether the same may succeed if it is tried again. */
export function mayPass({ kind }: OpsError): boolean {
  return kind === "unavailable" || kind === "timeout" || kind === "throttled";
}
