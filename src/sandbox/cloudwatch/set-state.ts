/** States of alarms: set by hand, taken back by the next evaluation; and the actions that a change of state sets off. */
import { type AwsAsk, type Done, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import { publishProblem } from "../sns/access.ts";
import { type AlarmRecord, type AwsState, at } from "../watch.ts";
import { findAlarm, withAlarm } from "./alarms.ts";
import { outlookFrom, stateAt } from "./evaluation.ts";
import { acted, stateUpdated } from "./history.ts";
import { invalid } from "./metric-rules.ts";
import { evaluatedAfterMs } from "./put-alarm.ts";
import { alarmArn, isText, textsOf } from "./words.ts";

const ACTIONS = {
  OK: "OKActions",
  ALARM: "AlarmActions",
  INSUFFICIENT_DATA: "InsufficientDataActions",
} as const satisfies Record<AlarmRecord["state"], string>;
const MAX_REASON_LENGTH = 1023;
const MAX_REASON_DATA_LENGTH = 4000;

export function setAlarmState({ aws, nowMs, input }: AwsAsk): Done | Refusal {
  const { AlarmName: name, StateValue: state, StateReason: reason, StateReasonData: data } = input;
  if (!isState(state)) return invalid(`StateValue must be one of ${Object.keys(ACTIONS).join(", ")}.`);
  if (!isText(reason, MAX_REASON_LENGTH))
    return invalid(`StateReason must be at most ${MAX_REASON_LENGTH} characters.`);
  if (data !== undefined && !(isText(data, MAX_REASON_DATA_LENGTH) && isJson(data)))
    return refusal("InvalidFormat", "StateReasonData must be JSON.");
  const alarm = findAlarm(aws, String(name));
  if (alarm === null) return refusal("ResourceNotFound", `There is no alarm ${name}.`, 404);
  const isSettled = state === alarm.settlesAs && stateAt(aws, alarm, nowMs) === null;
  const settlesAt = isSettled ? null : at(nowMs + evaluatedAfterMs(alarm.words));
  const set = { ...alarm, state, reason, reasonData: data === undefined ? null : data, settlesAt };
  return { result: {}, aws: changed(aws, alarm, { ...set, stateAt: at(nowMs) }) };
}

/** What evaluations have made of alarms by now, one after another; the same when they have changed nothing. */
export function evaluated(aws: AwsState, nowMs: number): AwsState {
  const now = at(nowMs);
  let after = aws;
  for (;;) {
    const [first] = after.alarms
      .filter(({ settlesAt }) => settlesAt !== null && settlesAt <= now)
      .toSorted((a, b) => (String(a.settlesAt) < String(b.settlesAt) ? -1 : 1));
    if (first === undefined) return after;
    after = settled(after, first, first.settlesAt ?? now);
  }
}

/** Of datapoints that were sent, the next change is known from here on. */
function settled(aws: AwsState, alarm: AlarmRecord, instant: string): AwsState {
  const atMs = Date.parse(instant);
  const state = stateAt(aws, alarm, atMs) ?? alarm.settlesAs;
  const isSame = state === alarm.state;
  const told = { state, reason: REASONS[state], reasonData: null, stateAt: instant };
  const next = { ...alarm, ...(isSame ? {} : told), settlesAs: state, settlesAt: null };
  return changed(aws, alarm, { ...next, ...outlookFrom(aws, next, atMs) });
}

const REASONS = {
  OK: "Threshold Crossed: the datapoints are not beyond the threshold.",
  ALARM: "Threshold Crossed: the datapoints are beyond the threshold.",
  INSUFFICIENT_DATA: "Insufficient Data: no datapoints were received.",
} as const satisfies Record<AlarmRecord["state"], string>;

/** Only another state is written down, and only it sets actions off. */
function changed(aws: AwsState, before: AlarmRecord, after: AlarmRecord): AwsState {
  const next = withAlarm(aws, after);
  if (before.state === after.state) return next;
  const targets = isQuiet(aws, after) ? [] : textsOf(after.words[ACTIONS[after.state]]);
  const source = alarmArn(after.name, aws);
  const outcomes = targets.map((target) => ({ target, error: publishProblem(aws, target, source) }));
  const accepted = outcomes.filter(({ error }) => error === null).map(({ target }) => target);
  const actions = outcomes.map((action) => acted(before, after, action));
  return {
    ...next,
    topics: next.topics.map((topic) => {
      const times = accepted.filter((target) => target.endsWith(`:${topic.name}`)).length;
      return times === 0 ? topic : { ...topic, published: topic.published + times };
    }),
    history: [...actions, stateUpdated(before, after), ...next.history],
  };
}

function isQuiet({ muteRules }: AwsState, { name, words }: AlarmRecord): boolean {
  if (words["ActionsEnabled"] === false) return true;
  return muteRules.some(({ status, alarmNames }) => status === "ACTIVE" && alarmNames.includes(name));
}

function isState(value: unknown): value is AlarmRecord["state"] {
  return typeof value === "string" && Object.hasOwn(ACTIONS, value);
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
