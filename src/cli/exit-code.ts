/** The exit code is a pure function of the very object that is printed. */
import type { Change, ChangeState } from "../core/change.ts";
import type { ErrorKind } from "../core/error.ts";
import { type Finding, type Outcome, type Status, worst } from "../core/report.ts";

/** What each code means: printed by `help exit-codes`, relied on by scripts. */
export const EXIT_CODES = {
  0: "all is well, waived, or done (warnings included, unless --strict)",
  1: "checked, and it is not as the policy says",
  2: "could not find out (no access, throttled for too long, an answer that cannot be read); nothing was changed",
  3: "a change was refused or declined; nothing was changed",
  4: "a change began and did not end well; a person must look (the job id is in the report)",
  5: "plan found changes to make",
  64: "wrong flags or policy file",
  70: "a bug of ours",
  130: "interrupted before any change",
} as const;

export type ExitCode = keyof typeof EXIT_CODES;

/** The same in few words, for the help of a command. */
export const EXIT_WORDS = {
  0: "well",
  1: "not as the policy says",
  2: "could not find out",
  3: "refused or declined",
  4: "begun and not well: a person must look",
  5: "shown only: there is something to change",
  64: "wrong flags or policy",
  70: "a bug of ours",
  130: "interrupted before any change",
} as const satisfies Record<ExitCode, string>;

const BY_STATUS = { pass: 0, waived: 0, warn: 0, fail: 1, unknown: 2 } as const satisfies Record<Status, ExitCode>;

const BY_ERROR = {
  usage: 64,
  config: 64,
  auth: 2,
  "not-found": 2,
  rejected: 2,
  throttled: 2,
  unavailable: 2,
  timeout: 2,
  protocol: 2,
  aborted: 130,
  bug: 70,
} as const satisfies Record<ErrorKind, ExitCode>;

/** A change that is not begun, or that goes well, leaves the word to the findings. */
const BY_CHANGE = {
  none: "findings",
  planned: 5,
  refused: 3,
  undecided: 2,
  declined: 3,
  done: "findings",
  running: "findings",
  interrupted: 4,
  failed: 4,
} as const satisfies Record<ChangeState, ExitCode | "findings">;

export function exitCodeOf(outcome: Outcome, strict: boolean): ExitCode {
  switch (outcome.kind) {
    case "report":
      return outcome.change === undefined
        ? byStatus(worst(outcome.findings), strict)
        : byChangeAndHeartbeat(outcome.change, outcome.findings, strict);
    case "list":
      return outcome.findings.length === 0 ? 0 : byStatus(worst(outcome.findings), strict);
    case "artifact":
      return 0;
  }
}

/** What could not be told of a change does not make it one that ended badly, but it is not well either. */
function byChangeAndHeartbeat(change: Change, findings: readonly Finding[], strict: boolean): ExitCode {
  const [beats, others] = [findings.filter(isBeat), findings.filter((finding) => !isBeat(finding))];
  const code = byChange(change, worst(others), strict);
  return code === 0 && beats.length > 0 ? byStatus(worst(beats), strict) : code;
}

function isBeat({ check }: Finding): boolean {
  return check === "heartbeat/delivered";
}

/**
 * What was done, or begun, and then does not hold, or cannot be seen to hold, is a change that did not end well. One that
 * only serves the looking is none of that: what was found by it, or beside it, is the verdict.
 */
function byChange({ state, isAside }: Change, status: Status, strict: boolean): ExitCode {
  const own = BY_CHANGE[state];
  const code = byStatus(status, strict);
  if (own !== "findings") return isAside === true && own === 5 && code !== 0 ? code : own;
  return state !== "none" && code !== 0 && isAside !== true ? 4 : code;
}

export function exitCodeOfError(kind: ErrorKind): ExitCode {
  return BY_ERROR[kind];
}

function byStatus(status: Status, strict: boolean): ExitCode {
  return strict && status === "warn" ? 1 : BY_STATUS[status];
}
