/**
 * A live alarm beside the one that the policy compiles to: what is the same in meaning is no difference, however it is
 * written. One edit of the live alarm is one difference.
 */
import type { OpsError } from "../../core/error.ts";
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import type { AlarmSettings, Comparison, Seen } from "../../ports/cloudwatch.ts";
import { compareMeasure, kindOf } from "./compare-measure.ts";
import { crossesToo, type Drift, driftOf, limitOf, missingDataDrift, type Window, windowImplies } from "./drift.ts";
import type { DeclaredAlarm } from "./facts.ts";

export interface AlarmDifference {
  /** As the policy names it: `threshold`, `ratio.minimum`. */
  readonly key: string;
  /** In words, as is `live`. */
  readonly wanted: string;
  readonly live: string;
  readonly drift: Drift;
}

export interface Compared {
  readonly differences: readonly AlarmDifference[];
  /** What could not be compared, and why. */
  readonly unreadable: readonly { readonly key: string; readonly reason: OpsError }[];
}

/** What is not known of the live alarm makes what rests on it not known, and nothing else. */
export function compare(declared: DeclaredAlarm, live: Seen<AlarmSettings>): Compared {
  const all = fieldsOf(declared).map(([key, of]) => ({ key, result: of(declared.settings, live) }));
  return {
    differences: all.flatMap(({ result }) => (result.known ? result.value : [])),
    unreadable: all.flatMap(({ key, result }) => (result.known ? [] : [{ key, reason: result.reason }])),
  };
}

type Differences = Observed<readonly AlarmDifference[]>;
type Field = (wanted: AlarmSettings, live: Seen<AlarmSettings>) => Differences;

function fieldsOf({ policy }: DeclaredAlarm): readonly (readonly [key: string, of: Field])[] {
  const kind = kindOf(policy);
  return [
    [kind, (wanted, live) => mapObserved(live.measure, (have) => compareMeasure(kind, wanted, have))],
    ["threshold", threshold],
    ["datapoints", datapoints],
    ["missingData", missingData],
    ["lowSamples", lowSamples],
    ["actionsEnabled", actionsEnabled],
    ["notify.alarm", actions("notify.alarm", "alarmActions")],
    ["notify.ok", actions("notify.ok", "okActions")],
    ["notify.insufficientData", actions("notify.insufficientData", "insufficientDataActions")],
    ["description", description],
  ];
}

function difference(key: string, wanted: string, live: string, drift: Drift): readonly AlarmDifference[] {
  return wanted === live ? [] : [{ key, wanted, live, drift }];
}

const SYMBOLS = {
  GreaterThanThreshold: ">",
  GreaterThanOrEqualToThreshold: ">=",
  LessThanThreshold: "<",
  LessThanOrEqualToThreshold: "<=",
  other: "outside a band",
} as const satisfies Record<Comparison, string>;

function threshold(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  return mapBoth(live.comparison, live.threshold, (comparison, value) => {
    const [want, have] = [limitOf(wanted), limitOf({ comparison, threshold: value })];
    const isKnown = want !== undefined && have !== undefined;
    const drift = isKnown ? driftOf(crossesToo(have, want), crossesToo(want, have)) : "different";
    return difference("threshold", limitWords(wanted), limitWords({ comparison, threshold: value }), drift);
  });
}

/** `> 1` */
export function limitWords({ comparison, threshold: value }: Pick<AlarmSettings, "comparison" | "threshold">): string {
  return value === null ? SYMBOLS[comparison] : `${SYMBOLS[comparison]} ${value}`;
}

function datapoints(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  return mapBoth(live.datapointsToAlarm, live.evaluationPeriods, (datapointsToAlarm, evaluationPeriods) => {
    const [want, have] = [windowOf(wanted), windowOf({ datapointsToAlarm, evaluationPeriods })];
    const drift = driftOf(windowImplies(have, want), windowImplies(want, have));
    return difference("datapoints", `${want.m} of ${want.n}`, `${have.m} of ${have.n}`, drift);
  });
}

function windowOf({
  datapointsToAlarm,
  evaluationPeriods,
}: Pick<AlarmSettings, "datapointsToAlarm" | "evaluationPeriods">): Window {
  return { m: datapointsToAlarm ?? evaluationPeriods, n: evaluationPeriods };
}

function missingData(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  return mapObserved(live.missingData, (have) =>
    difference("missingData", wanted.missingData, have, missingDataDrift(wanted.missingData, have)),
  );
}

function lowSamples(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  return mapObserved(live.lowSamples, (have) =>
    difference("lowSamples", wanted.lowSamples ?? "evaluate", have ?? "evaluate", "different"),
  );
}

function actionsEnabled(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  const words = (isEnabled: boolean) => (isEnabled ? "on" : "off");
  return mapObserved(live.actionsEnabled, (have) =>
    difference("actionsEnabled", words(wanted.actionsEnabled), words(have), have ? "stricter" : "looser"),
  );
}

function actions(key: string, field: "alarmActions" | "okActions" | "insufficientDataActions"): Field {
  return (wanted, live) =>
    mapObserved(live[field], (arns) => {
      const [want, have] = [plainArns(wanted[field]), plainArns(arns)];
      const isPart = (some: readonly string[], of: readonly string[]) => some.every((arn) => of.includes(arn));
      return difference(key, listed(want), listed(have), driftOf(isPart(have, want), isPart(want, have)));
    });
}

/** Only what stands after the account is told apart by capitals. */
function plainArns(arns: readonly string[]): readonly string[] {
  const plain = arns.map((arn) => arn.trim().replace(/^(?:[^:]*:){5}/, (start) => start.toLowerCase()));
  return [...new Set(plain)].toSorted();
}

function listed(arns: readonly string[]): string {
  return arns.length === 0 ? "none" : arns.join(", ");
}

/** The policy need not say one: then the live one stays. */
function description(wanted: AlarmSettings, live: Seen<AlarmSettings>): Differences {
  if (wanted.description === null) return known([]);
  const text = wanted.description;
  return mapObserved(live.description, (have) => difference("description", text, have ?? "", "different"));
}

function mapBoth<A, B, T>(one: Observed<A>, other: Observed<B>, map: (one: A, other: B) => T): Observed<T> {
  if (!one.known) return one;
  return mapObserved(other, (value) => map(one.value, value));
}
