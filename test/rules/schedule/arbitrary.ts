/** Live settings as Atlas accepts them, and policies as the policy file allows them, for property tests. */
import fc from "fast-check";
import type { Duration } from "../../../src/core/duration.ts";
import { longestMs, shortestMs } from "../../../src/core/duration.ts";
import { FREQUENCIES, type Frequency } from "../../../src/core/frequency.ts";
import type { DatabasePolicy } from "../../../src/policy/schema.ts";
import type { Retention } from "../../../src/ports/atlas.ts";
import type { CopiedSnapshots, CopySettingChange, PolicyItem } from "../../../src/ports/atlas-changes.ts";
import type { LiveSettings } from "../../../src/rules/schedule/live.ts";
import { atLeastItsPeriod, inOrder } from "../../../src/rules/schedule/retention.ts";

const ZONES = ["66f0000000000000000000a1", "66f0000000000000000000a2"] as const;
const REGIONS = ["ap-southeast-1", "eu-west-1", "us-east-2"] as const;

const hexId = fc.integer({ min: 1, max: 0xffffff }).map((n) => `66f000000000000000${n.toString(16).padStart(6, "0")}`);
const retention: fc.Arbitrary<Retention> = fc.oneof(
  fc.record({ value: fc.integer({ min: 1, max: 400 }), unit: fc.constant("days" as const) }),
  fc.record({ value: fc.integer({ min: 1, max: 60 }), unit: fc.constant("weeks" as const) }),
  fc.record({ value: fc.integer({ min: 1, max: 24 }), unit: fc.constant("months" as const) }),
  fc.record({ value: fc.integer({ min: 1, max: 7 }), unit: fc.constant("years" as const) }),
);
const INTERVALS: Readonly<Record<Frequency, readonly number[]>> = {
  hourly: [1, 2, 4, 6, 8, 12],
  daily: [1],
  weekly: [1, 2, 3, 4, 5, 6, 7],
  monthly: [1, 15, 28, 40],
  yearly: [1, 6, 12],
};

function item(frequency: Frequency): fc.Arbitrary<PolicyItem> {
  return fc.record({
    id: hexId,
    frequency: fc.constant(frequency),
    interval: fc.constantFrom(...INTERVALS[frequency]),
    retention: retention.map((one) => atLeastItsPeriod(frequency, one)),
  });
}

/** At most one hourly and one daily item, several of the others, in the order that Atlas demands. */
const items: fc.Arbitrary<readonly PolicyItem[]> = fc
  .tuple(
    ...FREQUENCIES.map((frequency) =>
      fc.array(item(frequency), { maxLength: frequency === "hourly" || frequency === "daily" ? 1 : 2 }),
    ),
    fc.array(
      fc.record({ id: hexId, frequency: fc.constant("ondemand" as const), interval: fc.constant(1), retention }),
      {
        maxLength: 1,
      },
    ),
  )
  .map((groups) => groups.flat())
  .filter((all) => new Set(all.map(({ id }) => id)).size === all.length)
  .map((all) => inOrder(all, new Set(all)));

const copied = fc.constantFrom(...FREQUENCIES, "onDemand" as const);
const copies: fc.Arbitrary<CopiedSnapshots> = fc.oneof(
  fc.record({ by: fc.constant("frequencies" as const), frequencies: fc.uniqueArray(copied, { minLength: 1 }) }),
  fc.record({
    by: fc.constant("items" as const),
    items: fc.uniqueArray(
      fc.record({ id: hexId, frequency: fc.constantFrom(...FREQUENCIES), retention: fc.option(retention) }),
      { minLength: 1, comparator: (a, b) => a.frequency === b.frequency || a.id === b.id },
    ),
  }),
);
const copySetting: fc.Arbitrary<CopySettingChange> = fc.record({
  region: fc.constantFrom(...REGIONS),
  provider: fc.constant("AWS" as const),
  zoneId: fc.constantFrom(...ZONES),
  copies,
  oplogs: fc.boolean(),
});

export const liveSettings: fc.Arbitrary<LiveSettings> = fc.record({
  policyId: hexId,
  pitEnabled: fc.boolean(),
  items,
  restoreWindowDays: fc.option(fc.integer({ min: 1, max: 14 })),
  copies: fc.uniqueArray(copySetting, { maxLength: 4, selector: ({ region, zoneId }) => `${region} ${zoneId}` }),
  copiesByItems: fc.boolean(),
  copiesAutomatically: fc.constant(false),
  referenceTime: fc.option(fc.record({ hour: fc.nat(23), minute: fc.nat(59) })),
  zoneIds: fc.constantFrom([ZONES[0]], [...ZONES]),
  nvme: fc.constant(false),
});

const UNITS = ["d", "w", "mo", "y"] as const;
const duration: fc.Arbitrary<Duration> = fc.record({
  value: fc.integer({ min: 1, max: 60 }),
  unit: fc.constantFrom(...UNITS),
});

export const databasePolicy: fc.Arbitrary<DatabasePolicy> = fc
  .record({
    snapshots: fc.uniqueArray(
      fc.record({
        frequency: fc.constantFrom(...FREQUENCIES),
        retain: duration,
        everyHours: fc.option(fc.constantFrom(1, 2, 4, 6, 8, 12)),
      }),
      { minLength: 1, selector: ({ frequency }) => frequency },
    ),
    windowDays: fc.option(fc.integer({ min: 1, max: 10 })),
    copies: fc.uniqueArray(
      fc.record({
        region: fc.constantFrom(...REGIONS),
        frequencies: fc.uniqueArray(fc.constantFrom(...FREQUENCIES), { minLength: 1 }),
        oplogs: fc.boolean(),
      }),
      { maxLength: 2, selector: ({ region }) => region },
    ),
    referenceTime: fc.option(fc.record({ hour: fc.nat(23), minute: fc.nat(59) })),
  })
  .map(toPolicy)
  .filter(isAllowed);

interface Drawn {
  readonly snapshots: readonly {
    readonly frequency: Frequency;
    readonly retain: Duration;
    readonly everyHours: number | null;
  }[];
  readonly windowDays: number | null;
  readonly copies: readonly {
    readonly region: string;
    readonly frequencies: readonly Frequency[];
    readonly oplogs: boolean;
  }[];
  readonly referenceTime: { readonly hour: number; readonly minute: number } | null;
}

function toPolicy({ snapshots, windowDays, copies: wanted, referenceTime }: Drawn): DatabasePolicy {
  return {
    name: "core",
    cluster: "litally-core",
    protected: true,
    snapshots: snapshots.map(({ frequency, retain, everyHours }) => ({
      frequency,
      retain,
      ...(frequency === "hourly" && everyHours !== null ? { every: { value: everyHours, unit: "h" as const } } : {}),
    })),
    ...(windowDays === null ? {} : { continuousBackup: { window: { value: windowDays, unit: "d" as const } } }),
    ...(referenceTime === null ? {} : { referenceTime }),
    grace: { value: 2, unit: "h" },
    copies: wanted.map((copy) => ({ ...copy, oplogs: copy.oplogs && windowDays !== null })),
  };
}

/** What the policy file itself refuses: a rarer snapshot kept shorter, an hourly one kept shorter than the window. */
function isAllowed({ snapshots, continuousBackup }: DatabasePolicy): boolean {
  const sorted = snapshots.toSorted((a, b) => FREQUENCIES.indexOf(a.frequency) - FREQUENCIES.indexOf(b.frequency));
  const ordered = sorted.every((entry, index) => {
    const before = sorted[index - 1];
    return before === undefined || longestMs(entry.retain) >= shortestMs(before.retain);
  });
  const hourly = snapshots.find(({ frequency }) => frequency === "hourly");
  return (
    ordered &&
    (hourly === undefined ||
      continuousBackup === undefined ||
      longestMs(hourly.retain) >= shortestMs(continuousBackup.window))
  );
}
