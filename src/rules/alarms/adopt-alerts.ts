/** Live alert configurations of Atlas as a policy would declare them. Atlas gives them no names: they get some here. */
import type { AlertConfig, AlertNotification, AlertThreshold } from "../../ports/atlas-alerts.ts";
import { type Entry, escaped, readable } from "./adopt.ts";
import { takenConfigs } from "./alerts.ts";
import { periodWords } from "./compare-terms.ts";
import type { Declared } from "./facts.ts";

export interface AdoptedAlerts {
  readonly declared: readonly { readonly entry: Entry; readonly notes: readonly string[] }[];
  /** What no policy can say, by the ids of Atlas, and why. */
  readonly left: readonly { readonly id: string; readonly reason: string }[];
}

interface AlertContext {
  /** How the names begin. */
  readonly prefix: string;
  /** What the policy declares already: its names are in use, and its alerts are not adopted once more. */
  readonly declared: Declared;
  /** Why a policy could not declare the entry; undefined: it could. */
  readonly refusalOf: (entry: Entry) => string | undefined;
}

export function adoptAlerts(configs: readonly AlertConfig[], context: AlertContext): AdoptedAlerts {
  const declared: AdoptedAlerts["declared"][number][] = [];
  const left: AdoptedAlerts["left"][number][] = [];
  const taken = takenConfigs(context.declared.alerts, configs);
  for (const config of configs.filter((one) => !taken.has(one))) {
    const adopted = adoptedAlert(config, declared, context);
    if (typeof adopted === "string") left.push({ id: config.id, reason: adopted });
    else declared.push(adopted);
  }
  return { declared, left };
}

function adoptedAlert(
  config: AlertConfig,
  before: AdoptedAlerts["declared"],
  { prefix, declared, refusalOf }: AlertContext,
): AdoptedAlerts["declared"][number] | string {
  const said = sayable(config);
  if (typeof said === "string") return said;
  const inUse = [...declared.alarms, ...declared.alerts].map(({ name }) => name);
  const names = [...inUse, ...before.map(({ entry }) => `${entry["name"]}`)];
  const entry = escaped({ engine: "atlas", name: nameOf(said.threshold, prefix, names), ...said.entry });
  const twin = before.find((one) => isTwin(one.entry, entry));
  const reason = twin === undefined ? refusalOf(entry) : `the same as ${twin.entry["name"]}`;
  return reason ?? { entry, notes: said.notes };
}

/** But for their names. */
function isTwin({ name: _one, ...one }: Entry, { name: _other, ...other }: Entry): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** `litally-atlas-connections`, or with a number where that is in use. */
function nameOf({ metric }: AlertThreshold, prefix: string, taken: readonly string[]): string {
  const name = `${prefix}atlas-${metric.toLowerCase().replaceAll("_", "-")}`;
  const numbered = taken.map((_, index) => `${name}-${index + 2}`);
  return [name, ...numbered].find((one) => !taken.includes(one)) ?? `${name}-${taken.length + 2}`;
}

interface Said {
  readonly threshold: AlertThreshold;
  readonly entry: Entry;
  readonly notes: readonly string[];
}

/** In words: why a policy cannot say it. */
function sayable({ event, isEnabled, threshold, matchers, notifications }: AlertConfig): Said | string {
  const read = readable({ event, isEnabled, threshold, matchers, notifications });
  if (!read.known) return `could not be read: ${read.reason.message}`;
  const alert = read.value;
  if (alert.threshold === null) return `${alert.event} measures no metric`;
  if (alert.matchers.length > 0) return `it is about some hosts alone: ${alert.matchers.join(", ")}`;
  const [delay, ...otherDelays] = new Set(alert.notifications.map(({ delayMinutes }) => delayMinutes));
  if (delay === undefined) return "it tells nobody";
  if (otherDelays.length > 0) return "it tells some later than others";
  if (delay < 1) return "it tells at once, and a policy says for how long it must last";
  const { metric, mode, units, operator, threshold: value } = alert.threshold;
  return {
    threshold: alert.threshold,
    entry: {
      severity: alert.notifications.some(({ type }) => WAKING.has(type)) ? "critical" : "warning",
      metric: { event: alert.event, metric, mode, ...(units !== "RAW" && { units }) },
      threshold: `${operator === "GREATER_THAN" ? ">" : "<"} ${value}`,
      for: periodWords(delay * 60),
      recipients: alert.notifications.map(recipientOf),
    },
    notes: alert.isEnabled ? [] : ["it is off; the next apply turns it on"],
  };
}

/** What wakes somebody. */
const WAKING: ReadonlySet<string> = new Set(["PAGER_DUTY", "OPS_GENIE", "VICTOR_OPS"]);

const TARGET_KEY: ReadonlyMap<string, string> = new Map([
  ["EMAIL", "address"],
  ["SMS", "number"],
  ["SLACK", "channel"],
]);

function recipientOf({ type, target }: AlertNotification): Entry {
  const key = TARGET_KEY.get(type);
  return { type, ...(key !== undefined && target !== null && { [key]: target }) };
}
