/**
 * What an alarm's history says of a test: whether the state was taken for real, and what became of each action.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_AlarmHistoryItem.html
 */
import { type Check, runChecks } from "../../core/check.ts";
import { SECOND_MS } from "../../core/duration.ts";
import type { Finding, Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { AlarmEvent } from "../../ports/cloudwatch.ts";

interface ActionOutcome {
  /** ARN of what was to be done. */
  readonly action: string;
  /** `waiting`: nothing is written about it yet. */
  readonly outcome: "succeeded" | "failed" | "waiting";
  /** CloudWatch's own words, of one that failed. */
  readonly words: string | null;
}

export interface TestOutcome {
  /** The history shows the change of state that bears our mark. */
  readonly isSeen: boolean;
  readonly actions: readonly ActionOutcome[];
}

/** Of the events since the test began, newest first; `mark` is what stands in its reason and nowhere else. */
export function testOutcome(events: readonly AlarmEvent[], mark: string, actions: readonly string[]): TestOutcome {
  const update = events.findLast(({ kind, data }) => kind === "StateUpdate" && data.includes(mark));
  const tried = update === undefined ? [] : events.filter((event) => isActionOf(event, update, mark));
  return { isSeen: update !== undefined, actions: actions.map((action) => outcomeOf(action, tried)) };
}

/** An action names the moment of the change of state that set it off. */
const SAME_MOMENT_MS = 5 * SECOND_MS;

/** By the mark, which stands in the message that was published, or by that moment. */
function isActionOf({ kind, data }: AlarmEvent, update: AlarmEvent, mark: string): boolean {
  if (kind !== "Action") return false;
  const atMs = valueAt(data, "stateUpdateTimestamp");
  const isThen = typeof atMs === "number" && Math.abs(atMs - update.at.getTime()) <= SAME_MOMENT_MS;
  return isThen || data.includes(mark);
}

export function isSettled({ isSeen, actions }: TestOutcome): boolean {
  return isSeen && actions.every(({ outcome }) => outcome !== "waiting");
}

function outcomeOf(action: string, tried: readonly AlarmEvent[]): ActionOutcome {
  const own = tried.filter(({ data, summary }) => resourceOf(data) === action || namesIt(summary, action));
  const states = own.map(({ data, summary }) => stateOf(data, summary));
  if (states.includes("succeeded")) return { action, outcome: "succeeded", words: null };
  const failed = own.find((_, index) => states[index] === "failed");
  if (failed === undefined) return { action, outcome: "waiting", words: null };
  return { action, outcome: "failed", words: wordOf(failed) };
}

/** As a word of its own: one topic's name may begin another's. */
function namesIt(summary: string, action: string): boolean {
  return summary.split(/[\s,;"']+/).some((word) => word === action || word === `${action}.`);
}

function stateOf(data: string, summary: string): "succeeded" | "failed" | "unclear" {
  const state = textAt(data, "actionState");
  if (state === "Succeeded" || (state === null && summary.startsWith("Successfully executed action")))
    return "succeeded";
  if (state === "Failed" || (state === null && summary.startsWith("Failed to execute action"))) return "failed";
  return "unclear";
}

function resourceOf(data: string): string | null {
  return textAt(data, "notificationResource");
}

function wordOf({ data, summary }: AlarmEvent): string {
  return textAt(data, "error") ?? summary;
}

function textAt(json: string, key: string): string | null {
  const value = valueAt(json, key);
  return typeof value === "string" ? value : null;
}

function valueAt(json: string, key: string): unknown {
  try {
    const parsed: unknown = JSON.parse(json);
    return typeof parsed === "object" && parsed !== null ? Reflect.get(parsed, key) : undefined;
  } catch {
    return undefined; // no JSON: it says nothing by key
  }
}

export interface TestFacts extends TestOutcome {
  /** How long the history was followed. */
  readonly waited: string;
}

/** One finding for each action; one alone where the change of state itself was not seen. */
export function judgeTest(facts: TestFacts, subject: string): readonly Finding[] {
  return runChecks([stateTaken, actionTaken], facts, subject);
}

const stateTaken: Check<TestFacts> = {
  id: "alarms/test-seen",
  title: "CloudWatch took the state for real",
  remedy: () => "run the test again; see the alarm's history in CloudWatch",
  judge: ({ isSeen, waited }) =>
    isSeen
      ? pass("the history shows the change of state that bears the mark of this test")
      : unknown(`the history did not show the change of state within ${waited}`),
};

const actionTaken: Check<TestFacts> = {
  id: "alarms/test-action",
  title: "the action was taken",
  remedy: () => "see what is broken on the way: litally-ops alarms audit",
  judge: ({ isSeen, actions, waited }) =>
    (isSeen ? actions : []).map((one) => ({
      ...actionVerdict(one, waited),
      scope: one.action.split(":").at(-1) ?? one.action,
    })),
};

function actionVerdict({ action, outcome, words }: ActionOutcome, waited: string): Verdict {
  const evidence = { action };
  switch (outcome) {
    case "succeeded":
      return pass(`CloudWatch handed it over, and ${serviceOf(action)} accepted it`, evidence);
    case "failed":
      return fail(`it failed: ${words}`, evidence);
    case "waiting":
      return unknown(`nothing was written about it within ${waited}`, evidence);
  }
}

function serviceOf(action: string): string {
  return action.split(":")[2] === "sns" ? "SNS" : "the service";
}
