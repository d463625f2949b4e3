/** When an alarm fires, in words for people. */
import type { AlertConfig, AlertNotification, AlertThreshold } from "../../ports/atlas-alerts.ts";
import type { AlarmSettings, Seen } from "../../ports/cloudwatch.ts";
import { limitWords } from "./compare.ts";
import { periodWords } from "./compare-terms.ts";
import { type Formula, formulaOf } from "./math.ts";
import { ratioOf } from "./ratio.ts";
import { settled } from "./seen.ts";

/** `Errors > 2 % of Invocations over 5m, 1 of 1, from 20 Invocations on` */
export function alarmWords(settings: AlarmSettings): string {
  const { measure, datapointsToAlarm, evaluationPeriods } = settings;
  const limit = limitWords(settings);
  const count = `${datapointsToAlarm ?? evaluationPeriods} of ${evaluationPeriods}`;
  if (measure.kind === "other") return `${measure.words} ${limit}, ${count}`;
  const formula = formulaOf(measure);
  if (formula === undefined) return `a formula that makes no sense ${limit}, ${count}`;
  const [first] = formula.terms;
  const over = first === undefined ? "" : ` over ${periodWords(first.stat.periodSeconds)}`;
  const ratio = ratioOf(formula, settings);
  if (ratio === undefined) return `${subjectOf(formula)} ${limit}${over}, ${count}`;
  const whole = ratio.whole.metric;
  const from = ratio.minimum === null ? "" : `, from ${ratio.minimum} ${whole} on`;
  return `${ratio.part.metric} ${limit} % of ${whole}${over}, ${count}${from}`;
}

interface AlertTerms {
  readonly threshold: AlertThreshold;
  readonly notifications: readonly Pick<AlertNotification, "delayMinutes">[];
}

/** `NORMALIZED_SYSTEM_CPU_USER > 80 for 10m` */
export function alertWords({ threshold, notifications }: AlertTerms): string {
  const operator = threshold.operator === "GREATER_THAN" ? ">" : "<";
  const units = threshold.units === "RAW" ? "" : ` ${threshold.units}`;
  const delays = [...new Set(notifications.map(({ delayMinutes }) => periodWords(delayMinutes * 60)))];
  const lasting = delays.length === 0 ? "" : ` for ${delays.join(" or ")}`;
  return `${threshold.metric} ${operator} ${threshold.threshold}${units}${lasting}`;
}

function subjectOf({ tree, text, terms }: Formula): string {
  const alone = tree?.kind === "id" ? terms.find(({ id }) => id === tree.name) : undefined;
  return alone === undefined ? text : `${alone.stat.statistic} of ${alone.stat.metric}`;
}

/** The same of a live alarm, as far as it could be read. */
export function liveWords(live: Seen<AlarmSettings>): string {
  const settings = settled(live);
  return settings === undefined ? UNREADABLE : alarmWords(settings);
}

/** The same of a live alert on a metric. */
export function liveAlertWords({ threshold, notifications }: AlertConfig): string {
  if (!threshold.known || threshold.value === null || !notifications.known) return UNREADABLE;
  return alertWords({ threshold: threshold.value, notifications: notifications.value });
}

const UNREADABLE = "(could not be read)";
