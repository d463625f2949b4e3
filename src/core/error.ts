/** What can go wrong, as a closed set: the exit code and the wording of every failure hang on these words. */
export const ERROR_KINDS = [
  "usage", // wrong flags or arguments
  "config", // the policy file (or a setting in the environment) is wrong
  "auth", // no credentials, wrong credentials, or not allowed
  "not-found", // what was asked for by name does not exist
  "rejected", // the service understood and refused (a rule of its own)
  "throttled", // told to slow down for longer than the budget allows
  "unavailable", // no connection, or the service failed (5xx)
  "timeout", // no answer within the time allowed
  "protocol", // an answer that cannot be read, or says what we do not know
  "aborted", // the user (or a signal) stopped it; of a write: before it was sent
  "bug", // ours
] as const;

export type ErrorKind = (typeof ERROR_KINDS)[number];

/** The one error class. `hint` says what to do about it, in one sentence. Messages never hold secrets. */
export class OpsError extends Error {
  readonly kind: ErrorKind;
  readonly hint: string | undefined;

  constructor(kind: ErrorKind, message: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "OpsError";
    this.kind = kind;
    this.hint = options.hint;
  }
}

/** Any thrown thing as an OpsError: ours unchanged, anything else is a `bug`. */
export function toOpsError(thrown: unknown): OpsError {
  if (thrown instanceof OpsError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new OpsError("bug", message, { cause: thrown });
}

/** Whether a write that failed so may have taken effect all the same: then one looks before anything else. */
export function mayHaveActed(kind: ErrorKind): boolean {
  return MAY_HAVE_ACTED[kind];
}

const MAY_HAVE_ACTED = {
  usage: false,
  config: false,
  auth: false,
  "not-found": false,
  rejected: false,
  throttled: false,
  unavailable: true,
  timeout: true,
  protocol: true,
  aborted: false, // one that is under way is let finish
  bug: true,
} as const satisfies Record<ErrorKind, boolean>;
