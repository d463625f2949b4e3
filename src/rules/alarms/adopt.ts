/** Live CloudWatch alarms as a policy would declare them: what is adopted and then audited differs in nothing. */
import { formatMath } from "../../core/metric-math.ts";
import { known, type Observed } from "../../core/observed.ts";
import type { AlarmPolicy, TopicPolicy } from "../../policy/schema.ts";
import type { AlarmSettings, LiveAlarm, LiveMetricAlarm, MetricStat, Seen } from "../../ports/cloudwatch.ts";
import type { Home } from "../notify/facts.ts";
import { limitWords } from "./compare.ts";
import { periodWords } from "./compare-terms.ts";
import { actionArn } from "./compile.ts";
import { type Formula, formulaOf, type Term } from "./math.ts";
import { ratioOf } from "./ratio.ts";

/** An entry of `alarms.declared` as plain data, to be written as YAML. */
export type Entry = Readonly<Record<string, unknown>>;

export interface Adopted {
  readonly declared: readonly { readonly entry: Entry; readonly notes: readonly string[] }[];
  /** What no policy can say, and why: it stays, and something else has to look after it. */
  readonly exceptions: readonly { readonly name: string; readonly reason: string }[];
}

export interface AdoptContext {
  readonly home: Home;
  /** Names of topics that hear each severity. */
  readonly notify: Readonly<Record<AlarmPolicy["severity"], readonly string[]>>;
  /** Those that the policy declares. Of one that nobody hears, as of any other, the ARN is written. */
  readonly topics: readonly Pick<TopicPolicy, "name" | "subscriptions">[];
  /** Why a policy could not declare the entry; undefined: it could. */
  readonly refusalOf: (entry: Entry) => string | undefined;
}

export function adoptAlarms(live: readonly LiveAlarm[], context: AdoptContext): Adopted {
  const all = live.map((alarm) => ({ name: alarm.name, outcome: outcomeOf(alarm, context) }));
  return {
    declared: all.flatMap(({ outcome }) => (typeof outcome === "string" ? [] : [outcome])),
    exceptions: all.flatMap(({ name, outcome }) =>
      typeof outcome === "string" ? [{ name: escaped(name), reason: outcome }] : [],
    ),
  };
}

/** In a policy `${NAME}` takes a value from the environment. */
export function escaped<T>(value: T): T {
  const walk = (one: unknown): unknown => {
    if (typeof one === "string") return one.replaceAll("${", () => "$${");
    if (Array.isArray(one)) return one.map(walk);
    if (typeof one !== "object" || one === null) return one;
    return Object.fromEntries(Object.entries(one).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(value) as T; // its texts alone change
}

type Outcome = Adopted["declared"][number] | string;

function outcomeOf(alarm: LiveAlarm, context: AdoptContext): Outcome {
  switch (alarm.kind) {
    case "composite":
      return "a composite alarm";
    case "log":
      return "an alarm over a query of logs";
    case "metric":
      return metricOutcome(alarm, context);
  }
}

function metricOutcome({ name, settings: seen, beyond }: LiveMetricAlarm, context: AdoptContext): Outcome {
  const settings = readable(seen);
  if (!settings.known) return `could not be read: ${settings.reason.message}`;
  const { description, actionsEnabled } = settings.value;
  const measured = measuredEntry(settings.value);
  if (typeof measured === "string") return measured;
  const { severity, notify } = told(settings.value, context);
  const entry = { name, severity, ...measured, ...judgedEntry(settings.value) };
  const notes = [
    ...(actionsEnabled ? [] : ["its actions are off; the next apply turns them on"]),
    ...(Object.keys(beyond).length === 0 ? [] : [`${Object.keys(beyond).join(", ")} stays as it is`]),
  ];
  if (description === null) return accepted({ ...entry, ...notify }, notes, context);
  const described = accepted({ ...entry, description, ...notify }, notes, context);
  if (typeof described !== "string") return described;
  return accepted({ ...entry, ...notify }, [...notes, "its description cannot be said here; it stays"], context);
}

function accepted(written: Entry, notes: readonly string[], { refusalOf }: AdoptContext): Outcome {
  const entry = escaped(written);
  return refusalOf(entry) ?? { entry, notes };
}

/** All fields, or why the first could not be read. */
export function readable<T extends object>(seen: Seen<T>): Observed<T> {
  const fields = Object.entries<Observed<unknown>>(seen);
  const unread = fields.flatMap(([, value]) => (value.known ? [] : [value]))[0];
  if (unread !== undefined) return unread;
  const values = fields.flatMap(([key, value]) => (value.known ? [[key, value.value] as const] : []));
  return known(Object.fromEntries(values) as unknown as T); // each field of it is there
}

interface Told {
  readonly severity: AlarmPolicy["severity"];
  readonly notify: Entry;
}

/** Its severity is the one whose topics hear it; where it is neither, it says itself who does. */
function told(settings: AlarmSettings, { home, notify, topics }: AdoptContext): Told {
  const arnsOf = (names: readonly string[]) => names.map((name) => actionArn(home, name));
  const isHeardBy = (names: readonly string[]) => names.length > 0 && isSameSet(settings.alarmActions, arnsOf(names));
  const severity = !isHeardBy(notify.critical) && isHeardBy(notify.warning) ? "warning" : "critical";
  const usual = arnsOf(notify[severity]);
  const heard = topics.filter(({ subscriptions }) => subscriptions.length > 0).map(({ name }) => name);
  const nameOf = (arn: string) => heard.find((name) => actionArn(home, name) === arn) ?? arn;
  const unless = (isSaid: boolean, key: string, arns: readonly string[]) =>
    isSaid ? {} : { [key]: [...new Set(arns.map(nameOf))] };
  const own = {
    ...unless(isHeardBy(notify[severity]), "alarm", settings.alarmActions),
    ...unless(isSameSet(settings.okActions, usual), "ok", settings.okActions),
    ...unless(settings.insufficientDataActions.length === 0, "insufficientData", settings.insufficientDataActions),
  };
  return { severity, notify: Object.keys(own).length === 0 ? {} : { notify: own } };
}

function isSameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.every((item) => other.includes(item)) && other.every((item) => one.includes(item));
}

/** In words: why a policy cannot say what it measures. */
function measuredEntry(settings: AlarmSettings): Entry | string {
  const { measure } = settings;
  if (measure.kind === "other") return measure.words;
  const formula = formulaOf(measure);
  if (formula === undefined) return "its queries give no single result";
  const { tree, terms, spare } = formula;
  const [first] = terms;
  if (tree === null || first === undefined) return "its formula cannot be read";
  if (terms.some(({ accountId }) => accountId !== null)) return "it looks at metrics of another account";
  if (spare.length > 0) return "it has expressions that its result does not need";
  const periods = new Set([...terms.map(({ stat }) => stat.periodSeconds), ...formula.periods]);
  if (periods.size > 1) return "its metrics have different periods";
  const threshold = limitWords(settings);
  return { ...measureEntry(settings, formula, first), threshold, period: periodWords(first.stat.periodSeconds) };
}

function measureEntry(settings: AlarmSettings, formula: Formula, first: Term): Entry {
  const { tree, terms } = formula;
  if (tree?.kind === "id" && terms.length === 1) return { metric: metricEntry(first.stat) };
  const ratio = ratioOf(formula, settings);
  if (ratio === undefined) {
    const metrics = Object.fromEntries(terms.map(({ id, stat }) => [id, metricEntry(stat)]));
    return { expression: { formula: tree === null ? formula.text : formatMath(tree), metrics } };
  }
  const { part, whole, minimum } = ratio;
  return {
    ratio: {
      part: nameEntry(part),
      whole: nameEntry(whole),
      ...dimensionsEntry(whole),
      ...(minimum !== null && { minimum }),
    },
  };
}

function metricEntry(stat: MetricStat): Entry {
  const { statistic, unit } = stat;
  return { ...nameEntry(stat), statistic, ...dimensionsEntry(stat), ...(unit !== null && { unit }) };
}

function nameEntry({ namespace, metric }: MetricStat): Entry {
  return { namespace, metric };
}

function dimensionsEntry({ dimensions }: MetricStat): Entry {
  return Object.keys(dimensions).length === 0 ? {} : { dimensions };
}

function judgedEntry(settings: AlarmSettings): Entry {
  const { evaluationPeriods, datapointsToAlarm, missingData, lowSamples } = settings;
  return {
    datapoints: `${datapointsToAlarm ?? evaluationPeriods} of ${evaluationPeriods}`,
    missingData,
    ...(lowSamples === "ignore" && { lowSamples }),
  };
}
