/** LiTally's restore points on one day, and arbitrary small supplies for properties. */
import fc from "fast-check";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import type {
  ContinuousWindow,
  Domain,
  Place,
  RestorePoint,
  Stage,
  Supply,
} from "../../../src/rules/retention/model.ts";

export const AS_OF_MS = Date.UTC(2026, 10, 23, 4);
export const BORN_MS = Date.UTC(2024, 2, 5);
export const FIVE_YEARS_MS = 1827 * DAY_MS;

export function domain(text: string): Domain {
  const [kind = "", ...name] = text.split("/");
  return { kind: kind as Domain["kind"], name: name.join("/") }; // the tests write kinds that there are
}

export function place(label: string, ...domains: readonly string[]): Place {
  return { label, domains: domains.map(domain) };
}

export const KEY = "key/arn:aws:kms:ap-south-1:111122223333:key/5f2e";
export const HOME = place("ap-south-1", "cluster/litally-core", "region/ap-south-1");
export const AWAY = place("ap-southeast-1", "cluster/litally-core", "region/ap-southeast-1");
export const BUCKET = place(
  "s3://litally-archive (ap-south-1)",
  "account/111122223333",
  "region/ap-south-1",
  "bucket/litally-archive",
  KEY,
);

export function point(given: Partial<RestorePoint> & { readonly dataMs: number }): RestorePoint {
  const fromMs = given.fromMs ?? given.dataMs;
  return {
    id: `snapshot ${new Date(given.dataMs).toISOString()}`,
    kind: "snapshot",
    tier: "daily",
    fromMs,
    untilMs: Number.POSITIVE_INFINITY,
    removedBy: null,
    place: HOME,
    stages: [{ fromMs, storageClass: "Atlas", firstByteMs: 30 * MINUTE_MS }],
    isSeen: true,
    ...given,
  };
}

function window(at: Place): ContinuousWindow {
  return {
    untilMs: Number.POSITIVE_INFINITY,
    windowMs: 7 * DAY_MS,
    lagMs: MINUTE_MS,
    place: at,
    firstByteMs: 30 * MINUTE_MS,
    limitedBy: "restoreWindowDays 7",
  };
}

function daily(at: Place, kind: "snapshot" | "copy", delayMs: number): readonly RestorePoint[] {
  return Array.from({ length: 60 }, (_, day) => {
    const dataMs = Date.UTC(2026, 10, 22, 18) - day * DAY_MS;
    const id = `${kind} ${new Date(dataMs).toISOString()}`;
    return point({ id, kind, dataMs, fromMs: dataMs + delayMs, untilMs: dataMs + 30 * DAY_MS, place: at });
  });
}

/** In STANDARD for a day, as a lifecycle rule has it, then in the class that takes twelve hours. */
function archive(month: number): RestorePoint {
  const dataMs = Date.UTC(2026, month + 1, 1) - 6 * HOUR_MS;
  const fromMs = dataMs + 10 * HOUR_MS;
  const stages: readonly Stage[] = [
    { fromMs, storageClass: "STANDARD", firstByteMs: 0 },
    { fromMs: fromMs + DAY_MS, storageClass: "DEEP_ARCHIVE", firstByteMs: 12 * HOUR_MS },
  ];
  const id = `archive 2026-${String(month + 1).padStart(2, "0")}`;
  return point({ id, kind: "archive", tier: "monthly", dataMs, fromMs, place: BUCKET, stages });
}

export const LITALLY: Supply = {
  points: [
    ...daily(HOME, "snapshot", 30 * MINUTE_MS),
    ...daily(AWAY, "copy", 2 * HOUR_MS),
    ...Array.from({ length: 10 }, (_, month) => archive(month)),
  ],
  continuous: [window(HOME), window(AWAY)],
};

const DOMAINS = ["region/a", "region/b", "key/k", "bucket/b", "cluster/c", "account/1", "key/l", "bucket/d"].map(
  domain,
);

const places: fc.Arbitrary<Place> = fc
  .tuple(fc.constantFrom("one", "two", "three"), fc.uniqueArray(fc.constantFrom(...DOMAINS), { maxLength: 4 }))
  .map(([label, domains]) => ({ label, domains }));

const hours = (max: number) => fc.integer({ min: 0, max }).map((n) => n * HOUR_MS);

/** Instants are whole hours since 1970, few enough that they meet. */
export const MAX_HOURS = 24 * 20;

export const points: fc.Arbitrary<RestorePoint> = fc
  .record({
    number: fc.nat(999),
    kind: fc.constantFrom("snapshot" as const, "copy" as const, "archive" as const),
    dataMs: hours(MAX_HOURS),
    delayMs: hours(5),
    lifeMs: fc.oneof(hours(MAX_HOURS), fc.constant(Number.POSITIVE_INFINITY)),
    place: places,
    firstByteMs: fc.option(hours(48)),
    laterMs: fc.option(hours(48)),
  })
  .map(({ number, kind, dataMs, delayMs, lifeMs, place: at, firstByteMs, laterMs }) => {
    const fromMs = dataMs + delayMs;
    const stages = [
      { fromMs, storageClass: "first", firstByteMs },
      { fromMs: fromMs + 100 * HOUR_MS, storageClass: "later", firstByteMs: laterMs },
    ];
    return point({ id: `${kind} ${number}`, kind, dataMs, fromMs, untilMs: fromMs + lifeMs, place: at, stages });
  });

const windows: fc.Arbitrary<ContinuousWindow> = fc.record({
  untilMs: fc.oneof(hours(MAX_HOURS), fc.constant(Number.POSITIVE_INFINITY)),
  windowMs: hours(200),
  lagMs: hours(3),
  place: places,
  firstByteMs: fc.option(hours(3)),
  limitedBy: fc.constant("the window"),
});

export const supplies: fc.Arbitrary<Supply> = fc.record({
  points: fc.array(points, { maxLength: 14 }),
  continuous: fc.array(windows, { maxLength: 2 }),
});
