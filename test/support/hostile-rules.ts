/** Atlas's documented rules for schedules, on bodies as they are sent: written apart from the tool and from the sandbox. */
import type { HostileCluster } from "./hostile-atlas.ts";

export interface WireItem {
  readonly id?: string;
  readonly frequencyType: string;
  readonly frequencyInterval: number;
  readonly retentionUnit: string;
  readonly retentionValue: number;
}

interface WireCopySetting {
  readonly cloudProvider: string;
  readonly regionName: string;
  readonly zoneId: string;
  readonly shouldCopyOplogs: boolean;
  readonly frequencies?: readonly string[];
  readonly copyPolicyItems?: { id?: string; frequencyType: string; retentionUnit?: string; retentionValue?: number }[];
  readonly lastNumberOfSnapshots?: number;
}

export interface HostileSchedule {
  readonly policies: readonly { readonly id: string; readonly policyItems: readonly WireItem[] }[];
  readonly restoreWindowDays?: number;
  readonly referenceHourOfDay?: number;
  readonly referenceMinuteOfHour?: number;
  readonly copySettings: readonly WireCopySetting[];
  readonly copyPolicyItemsEnabled?: boolean;
}

const ORDER = ["hourly", "daily", "weekly", "monthly", "yearly"];
const INTERVALS: Readonly<Record<string, readonly number[]>> = {
  hourly: [1, 2, 4, 6, 8, 12],
  daily: [1],
  weekly: [1, 2, 3, 4, 5, 6, 7],
  monthly: [...Array.from({ length: 28 }, (_, index) => index + 1), 40],
  yearly: Array.from({ length: 12 }, (_, index) => index + 1),
};

/** What Atlas would not take of `sent`. */
export function breaches(cluster: HostileCluster, sent: Partial<HostileSchedule>): readonly string[] {
  const [policy, ...more] = sent.policies ?? [];
  if (policy === undefined || more.length > 0) return ["not one policy"];
  const live = cluster.schedule.policies[0];
  const after = { ...cluster.schedule, ...sent };
  return [
    ...(policy.id === live?.id ? [] : ["not the id of the live policy"]),
    ...itemBreaches(live?.policyItems ?? [], policy.policyItems),
    ...retentionBreaches(policy.policyItems),
    ...windowBreaches(cluster, after),
    ...timeBreaches(sent),
    ...copyBreaches(cluster, sent),
  ];
}

function itemBreaches(live: readonly WireItem[], sent: readonly WireItem[]): readonly string[] {
  const ids = sent.flatMap(({ id }) => (id === undefined ? [] : [id]));
  return [
    ...live.filter(({ id }) => !ids.includes(id ?? "")).map(({ id }) => `item ${id} was left out: it would be deleted`),
    ...(new Set(ids).size === ids.length ? [] : ["an item twice"]),
    ...sent.flatMap((item) => {
      const before = live.find(({ id }) => id === item.id);
      const strange = item.id !== undefined && before === undefined;
      const allowed = INTERVALS[item.frequencyType] ?? [item.frequencyInterval];
      return [
        ...(strange ? [`no item ${item.id}`] : []),
        ...(before !== undefined && before.frequencyType !== item.frequencyType ? ["a frequency changed"] : []),
        ...(allowed.includes(item.frequencyInterval) ? [] : [`${item.frequencyType} every ${item.frequencyInterval}`]),
        ...(item.retentionValue >= 1 ? [] : ["no retention"]),
      ];
    }),
    ...["hourly", "daily"]
      .filter((kind) => sent.filter(({ frequencyType }) => frequencyType === kind).length > 1)
      .map((kind) => `two ${kind} items`),
  ];
}

function retentionBreaches(items: readonly WireItem[]): readonly string[] {
  const kept = keptDays;
  return items.flatMap((item) => {
    const shorter = items.filter((other) => rank(other) > rank(item) && isShorter(other, item));
    return [
      ...(item.frequencyType === "weekly" && kept(item) < 7 ? ["weekly kept less than a week"] : []),
      ...(item.frequencyType === "monthly" && !isAMonth(item) ? ["monthly kept less than a month"] : []),
      ...(item.frequencyType === "yearly" && !isAYear(item) ? ["yearly kept less than a year"] : []),
      ...shorter.map((other) => `${other.frequencyType} kept shorter than ${item.frequencyType}`),
    ];
  });
}

function isAMonth({ retentionUnit: unit, retentionValue: value }: WireItem): boolean {
  return unit === "days" ? value >= 31 : unit === "weeks" ? value >= 5 : true;
}

function isAYear({ retentionUnit: unit, retentionValue: value }: WireItem): boolean {
  return unit === "days" ? value >= 365 : unit === "weeks" ? value >= 53 : unit === "months" ? value >= 12 : true;
}

function rank({ frequencyType }: WireItem): number {
  const place = ORDER.indexOf(frequencyType);
  return place === -1 ? Number.NaN : place;
}

/** Nobody documents how Atlas compares months with days: a twelfth of a year is the mean of the calendar. */
const DAYS_OF_A_MONTH = 365 / 12;

/** Months and years are compared as such. */
export function isShorter(a: WireRetention, b: WireRetention): boolean {
  const months = ({ retentionUnit: unit, retentionValue: value = 0 }: WireRetention) =>
    unit === "months" ? value : unit === "years" ? value * 12 : null;
  const [ofA, ofB] = [months(a), months(b)];
  return ofA !== null && ofB !== null ? ofA < ofB : keptDays(a) < keptDays(b);
}

interface WireRetention {
  readonly retentionUnit?: string;
  readonly retentionValue?: number;
}

function keptDays({ retentionUnit: unit, retentionValue: value = 0 }: WireRetention): number {
  return value * (unit === "days" ? 1 : unit === "weeks" ? 7 : unit === "months" ? DAYS_OF_A_MONTH : 365);
}

export function windowBreaches(cluster: HostileCluster, after: HostileSchedule): readonly string[] {
  if (!cluster.pitEnabled) return [];
  const hourly = after.policies[0]?.policyItems.find(({ frequencyType }) => frequencyType === "hourly");
  if (hourly === undefined) return ["continuous backup without an hourly item"];
  const { restoreWindowDays: window } = after;
  if (window === undefined) return [];
  return window < 1 || window > keptDays(hourly) ? [`a window of ${window} days`] : [];
}

function timeBreaches({ referenceHourOfDay: hour, referenceMinuteOfHour: minute }: Partial<HostileSchedule>) {
  if ((hour === undefined) !== (minute === undefined)) return ["half a time of day"];
  return hour === undefined || (hour >= 0 && hour < 24 && (minute ?? 0) >= 0 && (minute ?? 0) < 60) ? [] : ["no time"];
}

function copyBreaches(cluster: HostileCluster, sent: Partial<HostileSchedule>): readonly string[] {
  if (sent.copySettings === undefined) return [];
  const byItems = sent.copyPolicyItemsEnabled ?? cluster.schedule.copyPolicyItemsEnabled ?? false;
  const places = sent.copySettings.map(({ regionName, zoneId }) => `${regionName} ${zoneId}`);
  return [
    ...(new Set(places).size === places.length ? [] : ["one place twice"]),
    ...sent.copySettings.flatMap((setting) => [
      ...(cluster.zoneIds.includes(setting.zoneId) ? [] : [`no zone ${setting.zoneId}`]),
      ...(/^[A-Z]{2}(_GOV)?_[A-Z]+_\d$/.test(setting.regionName) ? [] : [`no region ${setting.regionName}`]),
      ...(byItems && setting.frequencies !== undefined ? ["frequencies among items"] : []),
      ...(!byItems && setting.copyPolicyItems !== undefined ? ["items among frequencies"] : []),
      ...((setting.frequencies ?? setting.copyPolicyItems ?? setting.lastNumberOfSnapshots) === undefined
        ? ["nothing to copy"]
        : []),
      ...(setting.shouldCopyOplogs && !cluster.pitEnabled ? ["oplogs without continuous backup"] : []),
    ]),
  ];
}
