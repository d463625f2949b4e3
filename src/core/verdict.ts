import type { OpsError } from "./error.ts";
import type { Evidence, Verdict } from "./report.ts";

/** The four things a check can say. `unknown` takes the reason why it could not be found out. */
export function pass(message: string, evidence?: Evidence): Verdict {
  return verdict("pass", message, evidence);
}

export function warn(message: string, evidence?: Evidence): Verdict {
  return verdict("warn", message, evidence);
}

export function fail(message: string, evidence?: Evidence): Verdict {
  return verdict("fail", message, evidence);
}

export function unknown(reason: OpsError | string, evidence?: Evidence): Verdict {
  if (typeof reason === "string") return verdict("unknown", reason, evidence);
  const remedy = reason.hint === undefined ? {} : { remedy: reason.hint };
  return { ...verdict("unknown", `${NOT_FOUND_OUT}${reason.message}`, evidence), ...remedy };
}

/** Why a verdict is unknown, as the reason of another. */
export function whyUnknown({ message }: Verdict): string {
  return message.startsWith(NOT_FOUND_OUT) ? message.slice(NOT_FOUND_OUT.length) : message;
}

const NOT_FOUND_OUT = "could not find out: ";

function verdict(status: Verdict["status"], message: string, evidence: Evidence | undefined): Verdict {
  return { status, message, ...(evidence === undefined ? {} : { evidence }) };
}
