/** What is to be changed, or was, in words: shared by every form for people. */
import type { Change, ChangeState, Difference, Step, StepState } from "../core/change.ts";
import type { Finding, Report, Status } from "../core/report.ts";
import { wrap } from "../core/wrap.ts";
import type { Style } from "./style.ts";

/** The word of the verdict, how it is coloured, and what it says beside the findings; null: the findings say it all. */
export const CHANGE_WORDS = {
  none: { word: null, tone: "pass", says: "nothing to change" },
  planned: { word: "CHANGES", tone: "warn", says: "planned, not made" },
  refused: { word: "REFUSED", tone: "fail", says: "nothing was changed" },
  undecided: { word: "UNKNOWN", tone: "unknown", says: "nothing was changed" },
  declined: { word: "DECLINED", tone: "fail", says: "nothing was changed" },
  done: { word: null, tone: "pass", says: "done and looked at again" },
  running: { word: "RUNNING", tone: "warn", says: "begun, and not waited for" },
  interrupted: { word: "INTERRUPTED", tone: "fail", says: "stopped on the way" },
  failed: { word: "FAILED", tone: "fail", says: "a person must look" },
} as const satisfies Record<ChangeState, { word: string | null; tone: Status; says: string }>;

/** `details`: which it shows. What a plan said is no news of what was begun, and may be untrue of what went wrong. */
export const STEP_WORDS = {
  planned: { word: "PLANNED", tone: "warn", details: "all" },
  refused: { word: "REFUSED", tone: "fail", details: "all" },
  done: { word: "DONE", tone: "pass", details: "lasting" },
  running: { word: "RUNNING", tone: "warn", details: "lasting" },
  unwatched: { word: "RUNNING", tone: "unknown", details: "lasting" },
  failed: { word: "FAILED", tone: "fail", details: "none" },
  unclear: { word: "UNCLEAR", tone: "unknown", details: "none" },
  "not-done": { word: "NOT DONE", tone: "warn", details: "all" },
} as const satisfies Record<StepState, { word: string; tone: Status; details: "all" | "lasting" | "none" }>;

/** Each step as a finding, for forms that know findings only: what was not begun is as bad as what became of the whole. */
export function stepFindings({ change }: Pick<Report, "change">): readonly Finding[] {
  if (change === undefined) return [];
  return change.steps.map(({ subject, summary, state, message, next }) => {
    const { word, tone } = STEP_WORDS[state];
    const isBegun = state !== "planned" && state !== "not-done";
    return {
      check: summary,
      title: summary,
      subject,
      status: isBegun ? tone : CHANGE_WORDS[change.state].tone,
      message: [word, change.reason, message, next].filter(Boolean).join(": "),
    };
  });
}

const LABEL_WIDTH = 9;
const INDENT = " ".repeat(LABEL_WIDTH + 2);
const WIDTH = 80 - INDENT.length;

/** The lines of a change in a text report. */
export function changeLines({ reason, steps }: Change, style: Style): readonly string[] {
  const why = reason === undefined ? [] : wrap(`${reason}.`, WIDTH + INDENT.length);
  return [...why, ...steps.flatMap((step) => stepLines(step, style))];
}

function stepLines(step: Step, style: Style): readonly string[] {
  const { word, tone } = STEP_WORDS[step.state];
  const [first = "", ...more] = wrap(step.summary, WIDTH);
  return [
    `  ${style.status(tone, word.padEnd(LABEL_WIDTH))}${style.strong(first)}`,
    ...[
      ...more,
      ...step.differences.flatMap((difference) => differenceLines(difference, step.state)),
      ...stepWords(step).flatMap((words) => wrap(words, WIDTH)),
      ...(step.next === undefined ? [] : [`next: ${step.next}`]),
    ].map((line) => `${INDENT}${line}`),
  ];
}

/** What is told of a step beside its differences: what came of it first, then what is to be known of it. */
export function stepWords({ state, result, message, details = [] }: Step): readonly string[] {
  const shown = STEP_WORDS[state].details;
  return [
    ...Object.entries(result ?? {}).map(([name, value]) => `${name}: ${value}`),
    ...(message === undefined ? [] : [message]),
    ...details
      .filter(({ lasts }) => shown === "all" || (shown === "lasting" && lasts === true))
      .map(({ label, value }) => `${label}: ${value}`),
  ];
}

function differenceLines(difference: Difference, state: StepState): readonly string[] {
  const { setting, source, effect, wanted, live, because } = difference;
  const where = source === null ? "" : `, ${source}`;
  return [
    ...wrap(`${setting} (${effect})${where}`, WIDTH),
    ...wrap(`${state === "done" ? "was " : "live"}    ${live}`, WIDTH).map((line) => `  ${line}`),
    ...wrap(`wanted  ${wanted}`, WIDTH).map((line) => `  ${line}`),
    ...(because === undefined ? [] : wrap(`because ${because}`, WIDTH - 2).map((line) => `  ${line}`)),
  ];
}
