/**
 * Which live configuration of Atlas is which declared alert: they have no names. It is the one about the same event and
 * metric that differs least, and none is taken for two.
 */

import { OpsError } from "../../core/error.ts";
import { known, mapObserved, type NotKnown, notKnown, type Observed } from "../../core/observed.ts";
import { all, type Tri, tri } from "../../core/tri.ts";
import type { AlertConfig, AlertOrder, AlertRecipient } from "../../ports/atlas-alerts.ts";
import { shownEndpoint } from "../notify/endpoint.ts";
import type { AlarmDifference } from "./compare.ts";
import { crossesToo, driftOf, type Limit } from "./drift.ts";
import type { AlertFacts, DeclaredAlert } from "./facts.ts";

export interface MatchedAlert {
  readonly declared: DeclaredAlert;
  /** null: there is none. Not known: one of those that cannot be read might be it. */
  readonly config: Observed<AlertConfig | null>;
  /** Ids of others that are just as declared. Not known: one of those that cannot be read might be so. */
  readonly twins: Observed<readonly string[]>;
  readonly facts: AlertFacts;
}

export function matchAlerts(facts: AlertFacts): readonly MatchedAlert[] {
  const { declared, configs } = facts;
  if (!configs.known) return declared.map((one) => ({ declared: one, config: configs, twins: configs, facts }));
  const chosen = chooseAll(declared, configs.value);
  const taken = new Set(chosen.values());
  const others = configs.value.filter((config) => !taken.has(config));
  return declared.map((one) => {
    const config = chosen.get(one) ?? null;
    const unreadable = others.find((other) => mayBeAbout(one.order, other) === "maybe");
    // it might be the better one
    const isOpen = unreadable !== undefined && (config === null || distanceOf(one, config) > 0);
    return { declared: one, config: isOpen ? doubtful(unreadable) : known(config), twins: twinsOf(one, others), facts };
  });
}

/** Those that are taken for a declared one, however they differ from it. */
export function takenConfigs(
  declared: readonly DeclaredAlert[],
  configs: readonly AlertConfig[],
): ReadonlySet<AlertConfig> {
  return new Set(chooseAll(declared, configs).values());
}

/** About the same event and metric, whatever else it says. */
function mayBeAbout(order: AlertOrder, { event, threshold }: AlertConfig): Tri {
  const isEvent = event.known ? tri(event.value === order.event) : "maybe";
  const isMetric = threshold.known ? tri(threshold.value?.metric === order.threshold.metric) : "maybe";
  return all(isEvent, isMetric);
}

function doubtful({ id }: AlertConfig): NotKnown {
  return notKnown(new OpsError("protocol", `alert configuration ${id} cannot be read and might be it`));
}

function twinsOf(one: DeclaredAlert, others: readonly AlertConfig[]): Observed<readonly string[]> {
  const alike = others.filter((config) => mayBeAbout(one.order, config) !== "no");
  const open = alike.filter((config) => allSettings(one, config).every(({ difference }) => !differs(difference)));
  const isClear = (config: AlertConfig) => allSettings(one, config).every(({ difference }) => difference.known);
  const unclear = open.find((config) => mayBeAbout(one.order, config) === "maybe" || !isClear(config));
  return unclear === undefined ? known(open.map(({ id }) => id)) : doubtful(unclear);
}

function differs(difference: ComparedSetting["difference"]): boolean {
  return difference.known && difference.value !== null;
}

/** The pairs that differ least come first. */
function chooseAll(
  declared: readonly DeclaredAlert[],
  configs: readonly AlertConfig[],
): ReadonlyMap<DeclaredAlert, AlertConfig> {
  const pairs = declared.flatMap((one) =>
    configs
      .filter((config) => mayBeAbout(one.order, config) === "yes")
      .map((config) => ({ one, config, distance: distanceOf(one, config) })),
  );
  const chosen = new Map<DeclaredAlert, AlertConfig>();
  const taken = new Set<AlertConfig>();
  for (const { one, config } of pairs.toSorted((a, b) => a.distance - b.distance)) {
    if (chosen.has(one) || taken.has(config)) continue;
    chosen.set(one, config);
    taken.add(config);
  }
  return chosen;
}

/** What cannot be read counts as half a difference. */
function distanceOf(one: DeclaredAlert, config: AlertConfig): number {
  const distances = allSettings(one, config).map(({ difference }): number => {
    if (!difference.known) return 0.5;
    return difference.value === null ? 0 : 1;
  });
  return distances.reduce((sum, distance) => sum + distance, 0);
}

function allSettings(one: DeclaredAlert, config: AlertConfig): readonly ComparedSetting[] {
  const { settings, recipients, isEnabled } = compareAlert(one, config);
  return [...settings, recipients, isEnabled];
}

interface ComparedSetting {
  readonly key: string;
  /** null: it is as declared. */
  readonly difference: Observed<AlarmDifference | null>;
}

export interface ComparedAlert {
  readonly settings: readonly ComparedSetting[];
  readonly recipients: ComparedSetting;
  readonly isEnabled: ComparedSetting;
}

export function compareAlert({ order }: DeclaredAlert, config: AlertConfig): ComparedAlert {
  const { threshold, matchers, notifications, isEnabled } = config;
  return {
    settings: [
      {
        key: "threshold",
        difference: mapObserved(threshold, (live) =>
          live === null ? null : thresholdDifference(order.threshold, live),
        ),
      },
      ...(["mode", "units"] as const).map((key) => ({
        key: `metric.${key}`,
        difference: mapObserved(threshold, (live) =>
          differ(`metric.${key}`, order.threshold[key], live?.[key] ?? "none", "different"),
        ),
      })),
      {
        key: "hosts",
        difference: mapObserved(matchers, (live) =>
          differ("hosts", "all", live.length === 0 ? "all" : live.join(" and "), "looser"),
        ),
      },
      { key: "for", difference: mapObserved(notifications, (live) => delayDifference(order, live)) },
    ],
    recipients: {
      key: "recipients",
      difference: mapObserved(notifications, (live) => recipientDifference(order, live)),
    },
    isEnabled: {
      key: "enabled",
      difference: mapObserved(isEnabled, (live) => differ("enabled", "on", live ? "on" : "off", "looser")),
    },
  };
}

function differ(key: string, wanted: string, live: string, drift: AlarmDifference["drift"]): AlarmDifference | null {
  return wanted === live ? null : { key, wanted, live, drift };
}

type AtlasThreshold = AlertOrder["threshold"];

function thresholdDifference(wanted: AtlasThreshold, live: AtlasThreshold): AlarmDifference | null {
  const [want, have] = [limitOf(wanted), limitOf(live)];
  const drift = driftOf(crossesToo(have, want), crossesToo(want, have));
  return differ("threshold", limitWords(wanted), limitWords(live), drift);
}

function limitOf({ operator, threshold }: AtlasThreshold): Limit {
  return { comparison: operator === "GREATER_THAN" ? "GreaterThanThreshold" : "LessThanThreshold", threshold };
}

function limitWords({ operator, threshold }: AtlasThreshold): string {
  return `${operator === "GREATER_THAN" ? ">" : "<"} ${threshold}`;
}

type Told = AlertOrder["notifications"][number];

/** Of those who are to be told; the first of them that is told at another time. */
function delayDifference({ notifications: wanted }: AlertOrder, live: readonly Told[]): AlarmDifference | null {
  const pairs = wanted.flatMap((one) => live.filter((other) => isSame(one, other)).map((other) => ({ one, other })));
  const wrong = pairs.filter(({ one, other }) => one.delayMinutes !== other.delayMinutes);
  const [first] = wrong;
  if (first === undefined) return null;
  const later = wrong.some(({ one, other }) => other.delayMinutes > one.delayMinutes);
  const sooner = wrong.some(({ one, other }) => other.delayMinutes < one.delayMinutes);
  const delays = [...new Set(wrong.map(({ other }) => `${other.delayMinutes}m`))].join(", ");
  return differ("for", `${first.one.delayMinutes}m`, delays, driftOf(later, sooner));
}

function recipientDifference(
  { notifications: wanted }: AlertOrder,
  live: readonly AlertRecipient[],
): AlarmDifference | null {
  const isIn = (one: AlertRecipient, all: readonly AlertRecipient[]) => all.some((other) => isSame(one, other));
  const hasAll = wanted.every((one) => isIn(one, live));
  const hasMore = live.some((one) => !isIn(one, wanted));
  if (hasAll && !hasMore) return null;
  // what is shown of two numbers may be the same
  return { key: "recipients", wanted: listed(wanted), live: listed(live), drift: driftOf(!hasMore, hasAll) };
}

/** Addresses of e-mail are the same in capitals. */
export function isSame(one: AlertRecipient, other: AlertRecipient): boolean {
  return one.type === other.type && one.target?.toLowerCase() === other.target?.toLowerCase();
}

export function recipientWords({ type, target }: AlertRecipient): string {
  if (target === null) return type;
  return `${type} ${type === "SLACK" ? target : shownEndpoint({ protocol: type.toLowerCase(), endpoint: target })}`;
}

function listed(recipients: readonly AlertRecipient[]): string {
  return recipients.length === 0 ? "nobody" : recipients.map(recipientWords).toSorted().join(", ");
}
