/** Archives that are there and those to come: under the rules of their bucket, and under their keys. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../../src/core/observed.ts";
import type { ArchivePolicy } from "../../../src/policy/schema.ts";
import type { KeyState } from "../../../src/ports/keys.ts";
import type { BucketSettings, LifecycleRule, ObjectVersion, StorageClass } from "../../../src/ports/s3.ts";
import type { BucketFacts } from "../../../src/rules/archive/bucket.ts";
import type { Manifest } from "../../../src/rules/archive/manifest.ts";
import { merkleRoot } from "../../../src/rules/archive/merkle.ts";
import { periodOf } from "../../../src/rules/archive/slots.ts";
import type { StoredObject, VerifyFacts } from "../../../src/rules/archive/verify-facts.ts";
import { archivedMonth } from "../../../src/rules/retention/archived-month.ts";
import { hurdleOf } from "../../../src/rules/retention/hurdle.ts";
import type { RestorePoint } from "../../../src/rules/retention/model.ts";
import { type ArchiveSupply, archiveSupply } from "../../../src/rules/retention/supply-archives.ts";
import { heldBesides } from "../../../src/rules/retention/supply-held.ts";
import type { Reading } from "../../../src/rules/retention/supply-snapshots.ts";
import { aManifest, anArchive, anObject, aRule, sha256, slot } from "../archive/build.ts";
import {
  aKey,
  aVersion,
  bodyKey,
  october as inOctober,
  marker,
  type Standing,
  standingFacts,
  underKey,
} from "../archive/kept.ts";
import { aDatabase, duration } from "../build.ts";
import { HOME, point } from "./build.ts";

const AWS = { accountId: "111122223333", region: "ap-south-1" };
const IDENTITY = { accountId: "111122223333", arn: "arn:aws:iam::111122223333:user/ops" };
const NOW_MS = Date.parse("2026-11-23T04:00:00Z");

const NOON_MS = Date.parse("2026-10-01T12:00:00Z");

/** At noon of each day. */
const DAILIES = Array.from({ length: 600 }, (_, day) => point(NOON_MS + day * DAY_MS, 30 * DAY_MS));

function bucketWith(rules: readonly LifecycleRule[], kmsKeyId: string | null = null) {
  return known({
    versioning: known("enabled" as const),
    objectLock: known({ defaultRetention: null }),
    lifecycle: known(rules),
    publicAccessBlocked: known(true),
    region: known("ap-south-1"),
    encryption: known({ algorithm: kmsKeyId === null ? "AES256" : "aws:kms", kmsKeyId }),
  });
}

function planned(...given: Parameters<typeof supplied>) {
  return supplied(...given).supply.points;
}

function supplied(rule: Partial<LifecycleRule>, reading: Reading = "pessimistic", given: Partial<ArchiveSupply> = {}) {
  const archive = anArchive();
  return archiveSupply({
    archive,
    series: { archive, database: aDatabase(), versions: known([]) },
    madeFrom: HOME,
    months: new Map(),
    bucket: bucketWith([aRule(rule)]),
    key: known(null),
    hurdle: () => known(null),
    sources: DAILIES,
    region: "ap-south-1",
    accountId: "111122223333",
    nowMs: NOW_MS,
    untilMs: NOW_MS + 365 * DAY_MS,
    reading,
    ...given,
  });
}

/** October as it stands. */
function october(change: (facts: VerifyFacts) => VerifyFacts = (facts) => facts) {
  return new Map([["2026-10", archivedMonth(change(standingFacts()), "2026-10")]]);
}

const ARN = "arn:aws:kms:ap-south-1:111122223333:key/5f2e";

/** Every object of October under a key of its own. */
function underKeys(...arns: readonly string[]) {
  return october((facts) => {
    const objects = [...facts.objects].filter(([key]) => key.includes("/2026-10/"));
    const keys = new Map(arns.map((arn) => [arn, known(aKey(arn))]));
    return {
      ...facts,
      keys,
      objects: new Map(
        objects.map(([key, stored], index) => {
          const arn = arns[index];
          return [key, arn === undefined ? stored : underKey(stored, arn)];
        }),
      ),
    };
  });
}

const DECEMBER = periodOf(anArchive(), "2026-12");
const TO_ICE = { largerThanBytes: 0, transitions: [{ after: { days: 90 }, storageClass: "DEEP_ARCHIVE" }] };

/** What keeps a push from archiving December at the noon after it. */
function december(facts: BucketFacts): Observed<string | null> {
  if (DECEMBER === undefined) throw new Error("December is archived");
  return hurdleOf(facts, { prefix: "atlas/", database: "core" })(DECEMBER, new Date("2027-01-01T12:00:00Z"));
}

const keysOf = (point: RestorePoint | undefined) =>
  point?.place.domains.flatMap(({ kind, name }) => (kind === "key" ? [name] : []));
const monthOf = (points: readonly RestorePoint[], wanted: string) => points.find(({ month }) => month === wanted);

describe("archives to come", () => {
  it.each([["atlas/"], ["atlas/core/"], ["atlas/core/2026-12/"], ["atlas/core/2026-12/manifest.json"]])(
    "are hidden by a rule for %s, which is where they will stand",
    (prefix) => {
      const december = planned({ prefix, expiration: { days: 30 } }).find(({ month }) => month === "2026-12");
      expect(december?.removedBy).toContain("lifecycle rule");
    },
  );

  it("are none where a push refuses them, at worst also where that is not known", () => {
    const made = (answer: Observed<string | null>, reading: Reading = "pessimistic") => {
      const { supply, unreadable } = supplied({}, reading, { hurdle: () => answer });
      const of = monthOf(supply.points, "2026-12");
      return [of !== undefined && of.fromMs < of.untilMs, of?.removedBy, unreadable.length];
    };
    expect(made(known(null))).toEqual([true, null, 0]);
    expect(made(known("it is off"))).toEqual([false, "a push refuses it: it is off", 0]);
    const denied = notKnown(new OpsError("auth", "denied"));
    expect(made(denied)).toEqual([false, "a push may refuse it: denied", 0]);
    expect(made(denied, "optimistic")).toEqual([true, null, 0]);
  });

  it("are those of the months alone that a push does not refuse", () => {
    const hurdle: ArchiveSupply["hurdle"] = ({ month }) => known(month === "2026-12" ? "no" : null);
    const points = planned({}, "optimistic", { hurdle });
    expect(points.filter(({ fromMs, untilMs }) => fromMs >= untilMs).map(({ month }) => month)).toEqual(["2026-12"]);
  });

  it.each<[string, Partial<BucketSettings>, Observed<KeyState | null>, string | null]>([
    ["nothing where all is as the policy wants it", {}, known(null), null],
    ["Object Lock, where the policy wants locks", { objectLock: known(null) }, known(null), "it is off"],
    ["versions", { versioning: known("off") }, known(null), "versioning is off"],
    [
      "its key",
      { encryption: known({ algorithm: "aws:kms", kmsKeyId: "k" }) },
      known(aKey("k", { state: "Disabled" })),
      "key k is Disabled",
    ],
  ])("what keeps a push from making them: %s", (_, given, key, words) => {
    const facts = { archive: anArchive(), aws: AWS, identity: known(IDENTITY), key };
    const { value: bucket } = bucketWith([]);
    const hurdle = (changed: Partial<BucketSettings>, of = key) =>
      december({ ...facts, key: of, bucket: known({ ...bucket, ...changed }) });
    expect(hurdle(given)).toEqual(known(words === null ? null : expect.stringContaining(words)));
    const denied = notKnown(new OpsError("auth", "denied"));
    expect(hurdle({ objectLock: denied }, known(null)).known).toBe(false);
  });

  it.each<[string, ArchivePolicy["storageClass"], Partial<LifecycleRule>, string | null]>([
    ["deletes nothing of it", "GLACIER_IR", { prefix: "atlas/ledger/", expiration: { days: 30 } }, null],
    ["hides it", "GLACIER_IR", { prefix: "atlas/", expiration: { days: 30 } }, "will have .* hidden"],
    ["hides it when nobody owes it any more", "GLACIER_IR", { prefix: "atlas/", expiration: { days: 1826 } }, null],
  ])("what a rule does to them keeps a push from making them: it %s", (_, storageClass, rule, words) => {
    const facts = { archive: anArchive({ storageClass }), aws: AWS, identity: known(IDENTITY), key: known(null) };
    const found = december({ ...facts, bucket: bucketWith([aRule(rule)]) });
    expect(found).toEqual(known(words === null ? null : expect.stringMatching(words)));
  });

  it.each<[string, ArchivePolicy["storageClass"], string, boolean]>([
    ["may move their data, of no size yet", "GLACIER_IR", "atlas/core/2026-12/6", false],
    ["may move their manifest, of no size yet", "DEEP_ARCHIVE", "atlas/core/2026-12/manifest.json", false],
    ["has data in the class already that it moves them to", "DEEP_ARCHIVE", "atlas/core/2026-12/6", true],
  ])("are not known to be made where a rule may move them: it %s", (_, storageClass, prefix, isKnown) => {
    const facts = { archive: anArchive({ storageClass }), aws: AWS, identity: known(IDENTITY), key: known(null) };
    const found = december({ ...facts, bucket: bucketWith([aRule({ prefix, ...TO_ICE })]) });
    expect(found).toEqual(isKnown ? known(null) : { known: false, reason: expect.any(OpsError) });
  });

  it.each<[string, number]>([
    ["80d", 1],
    ["2mo", 1],
    ["50d", 0],
  ])("are also those of months long over whose time, of %s, has not run out", (dueWithin, count) => {
    const archive = anArchive({ slots: [slot("quarterly")], dueWithin: duration(dueWithin) });
    const points = planned({}, "pessimistic", { archive, untilMs: NOW_MS + 35 * DAY_MS });
    expect(points.map(({ month }) => month)).toEqual(count === 1 ? ["2026-09"] : []);
  });

  it("are none where a push found a manifest, hidden or flawed as it may be", () => {
    const archive = anArchive({ slots: [slot("quarterly")], dueWithin: duration("80d") });
    const september = `atlas/core/2026-09/manifest.json`;
    for (const versions of [[marker(september), aVersion(september, { isLatest: false })], [aVersion(september)]]) {
      const series = { archive, database: aDatabase(), versions: known(versions) };
      const points = planned({}, "pessimistic", { archive, series, untilMs: NOW_MS + 35 * DAY_MS });
      expect(points).toEqual([]);
    }
  });

  it("end at worst by a rule that only may apply, at best by none", () => {
    const rule = { prefix: "atlas/", tags: { a: "b" }, expiration: { date: new Date("2027-06-01T00:00:00Z") } };
    const until = (reading: Reading) => monthOf(planned({ ...rule }, reading), "2026-12")?.untilMs;
    expect(until("pessimistic")).toBe(Date.parse("2027-06-01T00:00:00Z"));
    expect(until("optimistic")).toBe(Number.POSITIVE_INFINITY);
  });

  it("are in a class from when they are there, and not before", () => {
    const toIce = { transitions: [{ after: { days: 0 }, storageClass: "DEEP_ARCHIVE" }] };
    const archive = anArchive({ storageClass: "GLACIER" });
    const rule = aRule({ prefix: "atlas/", largerThanBytes: 0, ...toIce });
    const [first] = planned({}, "pessimistic", { archive, bucket: bucketWith([rule]) });
    expect(first?.stages).toEqual([
      { fromMs: first?.fromMs, storageClass: "DEEP_ARCHIVE", firstByteMs: expect.any(Number) },
    ]);
  });

  it("are left alone by a rule for another database", () => {
    const points = planned({ prefix: "atlas/ledger/", expiration: { days: 30 } });
    expect(points.length).toBeGreaterThan(10);
    expect(points.every(({ removedBy }) => removedBy === null)).toBe(true);
  });

  it("are counted by rules from the day on which they come: at worst early, at best late", () => {
    const december = (reading: Reading) =>
      planned({ prefix: "atlas/", expiration: { days: 30 } }, reading).find(({ month }) => month === "2026-12");
    expect(december("pessimistic")).toMatchObject({
      fromMs: Date.parse("2027-01-06T00:00:00Z"),
      untilMs: Date.parse("2027-02-01T00:00:00Z"),
    });
    expect(december("optimistic")).toMatchObject({
      fromMs: Date.parse("2027-01-01T12:00:00Z"),
      untilMs: Date.parse("2027-02-05T00:00:00Z"),
    });
  });

  describe("need a snapshot to be made from", () => {
    const JANUARY = "2027-01-";
    const of = (day: string, lifeMs: number, given: Partial<RestorePoint> = {}) =>
      point(`${JANUARY}${day}Z`, lifeMs, given);
    const december = (sources: readonly RestorePoint[], reading: Reading) => {
      const archive = monthOf(planned({}, reading, { sources }), "2026-12");
      if (archive === undefined) throw new Error("December is archived");
      const { fromMs, untilMs, dataMs } = archive;
      const text = (ms: number) => new Date(ms).toISOString().slice(8, 16);
      return fromMs < untilMs ? [text(dataMs), text(fromMs)] : archive.removedBy;
    };
    const NONE = "there is no snapshot from 2027-01-01 00:00:00 UTC to 2027-01-06 00:00:00 UTC to make it from";
    const [first, eve] = [of("01T00:00", 9 * DAY_MS), point("2026-12-31T23:59Z", 90 * DAY_MS)];

    it.each<[string, readonly RestorePoint[], unknown, unknown]>([
      ["none at all", [], NONE, NONE],
      ["one of before the month was over, and one of after it is due", [eve, of("06T00:01", DAY_MS)], NONE, NONE],
      ["one of the first instant", [eve, first], ["01T00:00", "06T00:00"], ["01T00:00", "01T12:00"]],
      ["one of the last instant", [of("06T00:00", DAY_MS)], ["06T00:00", "06T00:00"], ["06T00:00", "06T00:00"]],
      [
        "of several the first, from when it is ready",
        [of("03T18:00", 9 * DAY_MS, { fromMs: Date.parse("2027-01-03T20:00Z") }), of("04T18:00", 9 * DAY_MS)],
        ["03T18:00", "06T00:00"],
        ["03T18:00", "03T20:00"],
      ],
      [
        "one that may turn out to be of after it is due",
        [of("05T23:50", DAY_MS, { dataLatestMs: Date.parse("2027-01-06T00:05Z") })],
        NONE,
        NONE,
      ],
      ["one that is gone before it is due", [of("01T18:00", 2 * DAY_MS)], NONE, ["01T18:00", "01T18:00"]],
      [
        "one that takes the place of what is gone",
        [of("01T18:00", 2 * DAY_MS), of("05T18:00", 2 * DAY_MS)],
        ["05T18:00", "06T00:00"],
        ["01T18:00", "01T18:00"],
      ],
      [
        "one that is ready only after it is due",
        [of("05T23:00", DAY_MS, { fromMs: Date.parse("2027-01-06T01:00Z") })],
        ["05T23:00", "06T01:00"],
        ["05T23:00", "06T01:00"],
      ],
    ])("%s", (_, sources, worst, best) => {
      expect([december(sources, "pessimistic"), december(sources, "optimistic")]).toEqual([worst, best]);
    });
  });

  it("are made of what looking at every snapshot alone finds", () => {
    const [endMs, dueMs] = [Date.parse("2027-01-01"), Date.parse("2027-01-06")];
    const hours = (min: number, max: number) => fc.integer({ min, max }).map((count) => count * HOUR_MS);
    const any = fc.record({ after: hours(-48, 168), ready: hours(0, 30), life: hours(0, 150), late: hours(0, 2) });
    fc.assert(
      fc.property(
        fc.array(any, { maxLength: 6 }),
        fc.constantFrom<Reading>("pessimistic", "optimistic"),
        (some, reading) => {
          const sources = some
            .map(({ after, ready, life, late }) => {
              const dataMs = endMs + after;
              return point(dataMs, life, { fromMs: dataMs + ready, dataLatestMs: dataMs + late });
            })
            .sort((a, b) => a.dataMs - b.dataMs);
          const pushedMs = reading === "optimistic" ? endMs + 12 * HOUR_MS : dueMs;
          const fit = sources.filter(
            ({ dataMs, dataLatestMs = dataMs, fromMs, untilMs }) =>
              dataMs >= endMs && dataLatestMs <= dueMs && untilMs > fromMs && untilMs > pushedMs,
          );
          const found = monthOf(planned({}, reading, { sources }), "2026-12");
          const isMade = found !== undefined && found.fromMs < found.untilMs;
          const first = fit[0] === undefined ? null : [fit[0].dataMs, Math.max(fit[0].fromMs, pushedMs)];
          expect(isMade ? [found.dataMs, found.fromMs] : null).toEqual(first);
        },
      ),
      { numRuns: 500 },
    );
  });

  it.each<[string, number | null, Reading, string | null]>([
    [
      "a class that is not read at once",
      0,
      "pessimistic",
      "lifecycle rule rule-1 (moves its manifest to DEEP_ARCHIVE)",
    ],
    ["one that may be", null, "optimistic", null],
  ])("end when a rule moves their manifest to %s", (_, largerThanBytes, reading, removedBy) => {
    const rule = { prefix: "atlas/core/2026-12/manifest", ...TO_ICE, largerThanBytes };
    const found = monthOf(planned(rule, reading), "2026-12");
    expect(found?.removedBy).toBe(removedBy);
    expect(found?.untilMs).toBe(removedBy === null ? Number.POSITIVE_INFINITY : Date.parse("2027-04-02T00:00:00Z"));
  });

  it("live on where a rule moves their manifest to what is read at once, or their data anywhere", () => {
    const colder = [{ after: { days: 90 }, storageClass: "GLACIER_IR" }];
    const manifest = { prefix: "atlas/core/2026-12/manifest", largerThanBytes: 0, transitions: colder };
    const body = { prefix: "atlas/core/2026-12/6", ...TO_ICE };
    for (const rule of [manifest, body])
      expect(monthOf(planned(rule, "pessimistic"), "2026-12")?.untilMs).toBe(Number.POSITIVE_INFINITY);
  });

  it("are made of the cluster, and no more once that is lost", () => {
    expect(planned({ prefix: "other/" }).every(({ madeFrom }) => madeFrom === HOME)).toBe(true);
  });
});

describe("archives that stand", () => {
  const seen = (change: (standing: Standing) => Standing, rule: Partial<LifecycleRule> = {}) => {
    const months = new Map([["2026-10", archivedMonth(standingFacts({ change: inOctober(change) }), "2026-10")]]);
    return { months, point: monthOf(planned(rule, "optimistic", { months }), "2026-10") };
  };
  const body = bodyKey("2026-10");
  const ofBody = (standing: Standing, change: (version: ObjectVersion) => readonly ObjectVersion[]) => ({
    ...standing,
    versions: standing.versions.flatMap((version) => (version.key === body ? change(version) : [version])),
  });
  const ofManifest = (given: Partial<Manifest>) => (standing: Standing) => ({
    ...standing,
    manifest: { ...standing.manifest, ...given },
  });

  it("are restore points where all is as their manifest says", () => {
    const { months, point } = seen((standing) => standing);
    expect(months.get("2026-10")?.flaw).toEqual(known(null));
    expect(point).toMatchObject({ isSeen: true, untilMs: Number.POSITIVE_INFINITY });
  });

  it.each<[string, (standing: Standing) => Standing, string]>([
    ["one of whose objects is gone", (standing) => ofBody(standing, () => []), "it is not there"],
    [
      "one of whose objects is hidden",
      (standing) => ofBody(standing, (version) => [marker(version.key), { ...version, isLatest: false }]),
      "a delete marker hides it",
    ],
    [
      "over one of whose objects somebody has put another",
      (standing) =>
        ofBody(standing, (version) => [
          aVersion(version.key, { versionId: "another" }),
          { ...version, isLatest: false },
        ]),
      "it was overwritten",
    ],
    [
      "of one of whose objects another version alone is left",
      (standing) => ofBody(standing, (version) => [{ ...version, versionId: "another" }]),
      "its version is gone",
    ],
    [
      "one of whose objects is shorter than the manifest says",
      (standing) => {
        const stored = standing.objects.get(body);
        if (stored?.head.known !== true) throw new Error("no body");
        const head = known({ ...stored.head.value, sizeBytes: 1 });
        return { ...standing, objects: new Map([...standing.objects, [body, { ...stored, head }]]) };
      },
      "it has 1 bytes",
    ],
    ["whose manifest is of another database", ofManifest({ database: "other" }), "it is of database other"],
    ["whose manifest is of another month", ofManifest({ period: "2026-03" }), "it is of 2026-03"],
    [
      "whose snapshot was taken before the month ended",
      ofManifest({ snapshot: { ...aManifest().snapshot, createdAt: new Date("2026-10-30T18:00:00Z") } }),
      "was taken before the period ended",
    ],
  ])("are none %s, and it is said why", (_, change, why) => {
    const { months, point } = seen(change);
    expect(point).toBeUndefined();
    expect(months.get("2026-10")?.flaw).toMatchObject(known({ words: expect.stringContaining(why) }));
  });

  it("leave all unknown where it cannot be found out whether they are whole", () => {
    const change = (standing: Standing) => {
      const stored = standing.objects.get(body);
      if (stored === undefined) throw new Error("no body");
      const attributes = notKnown(new OpsError("auth", "denied"));
      return { ...standing, objects: new Map([...standing.objects, [body, { ...stored, attributes }]]) };
    };
    const { months } = seen(change);
    const { supply, unreadable } = supplied({}, "pessimistic", { months });
    expect([monthOf(supply.points, "2026-10"), unreadable.length]).toEqual([undefined, 1]);
  });

  it("hold no hash of a part when they were judged", () => {
    const { months } = seen((standing) => standing);
    expect(JSON.stringify([...(months.get("2026-10")?.manifests ?? [])])).not.toContain(anObject().partSha256s[0]);
  });
});

describe("the keys of archives", () => {
  const bucket = bucketWith([], "alias/archives");

  it("are those of the objects that are there, each its own", () => {
    const points = planned({}, "pessimistic", { bucket, key: known({ arn: ARN }), months: underKeys("k1", "k2") });
    expect(keysOf(monthOf(points, "2026-10"))).toEqual(["k1", "k2"]);
    expect(keysOf(monthOf(points, "2026-12"))).toEqual([ARN]);
  });

  it("are none where S3 names none, whatever the bucket says by now", () => {
    const points = planned({}, "pessimistic", { bucket, key: known({ arn: ARN }), months: october() });
    expect(keysOf(monthOf(points, "2026-10"))).toEqual([]);
  });

  it("that cannot be used leave what is under them no restore point, and all unknown where they are not read", () => {
    const read = (state: Observed<KeyState>) => {
      const change = inOctober((standing) => ({
        ...standing,
        objects: new Map([...standing.objects].map(([key, stored]) => [key, underKey(stored, "k")])),
      }));
      const facts = standingFacts({ change, keys: new Map([["k", state]]) });
      const { supply, unreadable } = supplied({}, "optimistic", {
        months: new Map([["2026-10", archivedMonth(facts, "2026-10")]]),
      });
      return [monthOf(supply.points, "2026-10")?.id, unreadable.length];
    };
    expect(read(known(aKey("k")))).toEqual(["archive 2026-10", 0]);
    expect(read(known(aKey("k", { state: "Disabled" })))).toEqual([undefined, 0]);
    expect(read(known(aKey("k", { state: "PendingDeletion", deletionAt: new Date(NOW_MS) })))).toEqual([undefined, 0]);
    expect(read(known(aKey("k", { state: "Updating" })))).toEqual([undefined, 1]);
    expect(read(notKnown(new OpsError("auth", "denied")))).toEqual([undefined, 1]);
  });

  it("to come are at worst any that is there, where nobody tells which one an alias is", () => {
    const unread = notKnown(new OpsError("auth", "denied"));
    const keys = (reading: Reading) =>
      keysOf(monthOf(planned({}, reading, { bucket, key: unread, months: underKeys(ARN) }), "2026-12"));
    expect([keys("pessimistic"), keys("optimistic")]).toEqual([["alias/archives", ARN], ["alias/archives"]]);
  });
});

describe("an archive of several objects", () => {
  const [first, second] = [bodyKey("2026-10"), bodyKey("2026-10", 1)];
  const manifestKey = "atlas/core/2026-10/manifest.json";
  const classes = (...of: readonly [StorageClass, StorageClass, StorageClass]) =>
    inOctober(({ manifest, versions, objects }) => {
      const [body] = manifest.objects;
      const [version, stored] = [versions.find(({ key }) => key === first), objects.get(first)];
      if (body === undefined || version === undefined || stored === undefined) throw new Error("no body");
      const shards = [body, { ...body, key: second }];
      const own = {
        ...manifest,
        objects: shards,
        merkleRoot: merkleRoot(
          shards.map(({ root }) => root),
          sha256,
        ),
      };
      const all = new Map([...objects, [second, stored]]);
      const inClass = (key: string, storageClass: StorageClass): [string, StoredObject] => {
        const one = all.get(key);
        if (one?.head.known !== true) throw new Error(`${key} has no head`);
        return [key, { ...one, head: known({ ...one.head.value, storageClass: known(storageClass) }) }];
      };
      const changed = [first, second, manifestKey].map((key, index) => inClass(key, of[index] ?? "STANDARD"));
      return {
        manifest: own,
        versions: [...versions, { ...version, key: second }],
        objects: new Map([...all, ...changed]),
      };
    });
  const october = (of: Parameters<typeof classes>, rules: readonly LifecycleRule[] = []) => {
    const facts = standingFacts({ change: classes(...of) });
    const months = new Map([["2026-10", archivedMonth(facts, "2026-10")]]);
    return monthOf(planned({}, "pessimistic", { months, bucket: bucketWith(rules) }), "2026-10");
  };
  const stages = (point: RestorePoint | undefined) =>
    point?.stages.map(({ fromMs, storageClass }) => [new Date(fromMs).toISOString().slice(0, 10), storageClass]);

  it.each<[StorageClass, StorageClass, StorageClass, string]>([
    ["STANDARD", "DEEP_ARCHIVE", "STANDARD", "DEEP_ARCHIVE"],
    ["DEEP_ARCHIVE", "STANDARD", "STANDARD", "DEEP_ARCHIVE"],
    ["GLACIER", "DEEP_ARCHIVE", "STANDARD", "DEEP_ARCHIVE"],
    ["STANDARD_IA", "STANDARD_IA", "STANDARD", "STANDARD_IA"],
    ["STANDARD", "STANDARD", "GLACIER", "GLACIER"],
  ])("in %s and %s with a manifest in %s is as slow as %s", (one, other, manifest, slowest) => {
    expect(october([one, other, manifest])?.stages[0]?.storageClass).toBe(slowest);
  });

  it("is as slow at each instant as whatever has moved by then, and told so once", () => {
    const to = (prefix: string, days: number, storageClass: string) =>
      aRule({ prefix, largerThanBytes: 0, transitions: [{ after: { days }, storageClass }] });
    const rules = [to(second, 30, "GLACIER"), to(first, 60, "GLACIER"), to(manifestKey, 90, "DEEP_ARCHIVE")];
    const point = october(["STANDARD", "STANDARD", "STANDARD"], rules);
    expect(point?.untilMs).toBe(Date.parse("2027-02-01")); // its manifest is out of hand
    expect(stages(point)).toEqual([
      ["2026-11-02", "STANDARD"],
      ["2026-12-03", "GLACIER"],
      ["2027-02-01", "DEEP_ARCHIVE"],
    ]);
  });

  it("ends with the first that is hidden, and is held as long as the last", () => {
    const rules = [
      aRule({ prefix: first, expiration: { days: 90 }, noncurrentExpiration: { days: 1, newerVersions: null } }),
      aRule({ prefix: second, expiration: { days: 30 }, noncurrentExpiration: { days: 2500, newerVersions: null } }),
      aRule({ prefix: manifestKey, expiration: { days: 60 }, noncurrentExpiration: { days: 1, newerVersions: null } }),
    ];
    const point = october(["DEEP_ARCHIVE", "DEEP_ARCHIVE", "STANDARD"], rules);
    expect(new Date(point?.untilMs ?? 0).toISOString()).toBe("2026-12-03T00:00:00.000Z");
    expect(new Date(point?.heldUntilMs ?? 0).toISOString()).toBe("2033-10-07T00:00:00.000Z");
  });
});

describe("the bytes of archives", () => {
  const DAY = (text: string) => Date.parse(`${text}T00:00:00Z`);
  const december = (rule: Partial<LifecycleRule>) => monthOf(planned(rule), "2026-12");

  it("outlive what a delete marker hides: for ever, or until noncurrent versions expire", () => {
    const hidden = december({ prefix: "atlas/", expiration: { days: 30 } });
    expect(hidden).toMatchObject({ untilMs: DAY("2027-02-01"), heldUntilMs: Number.POSITIVE_INFINITY });
    const noncurrentExpiration = { days: 2000, newerVersions: null };
    const expired = december({ prefix: "atlas/", expiration: { days: 30 }, noncurrentExpiration });
    expect(expired).toMatchObject({ untilMs: DAY("2027-02-01"), heldUntilMs: DAY("2027-02-01") + 2000 * DAY_MS });
  });

  it("are held by their lock when a rule would have deleted them", () => {
    const noncurrentExpiration = { days: 1, newerVersions: null };
    const locked = december({ prefix: "atlas/", expiration: { days: 30 }, noncurrentExpiration });
    expect(locked?.heldUntilMs).toBe(DAY("2032-01-01")); // the end of five years, which the policy locks
  });
});

describe("what is held besides restore points", () => {
  const hiddenOctober = standingFacts({
    change: (standing, month) => {
      if (month !== "2026-10") return standing;
      const versions = standing.versions.flatMap((version) => [
        { ...marker(version.key), lastModifiedAt: new Date("2026-11-20T10:00:00Z") },
        { ...version, isLatest: false },
      ]);
      return { ...standing, versions };
    },
  });
  const replacedOctober = standingFacts({
    change: (standing, month) => {
      if (month !== "2026-10") return standing;
      const versions = standing.versions.flatMap((version) =>
        version.key === bodyKey(month)
          ? [
              { ...version, versionId: "newer", lastModifiedAt: new Date("2026-11-20T10:00:00Z") },
              { ...version, isLatest: false },
            ]
          : [version],
      );
      return { ...standing, versions };
    },
  });
  const broughtBack = {
    ...replacedOctober,
    versions: mapObserved(replacedOctober.versions, (versions) =>
      versions.flatMap((version) =>
        version.isLatest || version.key !== bodyKey("2026-10")
          ? [version]
          : [{ ...marker(version.key), isLatest: false, lastModifiedAt: new Date("2026-11-20T09:00:00Z") }, version],
      ),
    ),
  };
  const held = (
    series: VerifyFacts,
    rules: readonly LifecycleRule[],
    reading: Reading,
    months: Iterable<string> = series.manifests.keys(),
  ) => {
    const archive = { ...series.archive, objectLock: "COMPLIANCE" as const };
    const whole = [...months].map((month) => ({ month, isSeen: true }) as RestorePoint); // all that is looked at
    const facts = {
      archive,
      series,
      months: new Map(),
      bucket: bucketWith(rules),
      key: known(null),
      hurdle: () => known(null),
    };
    return heldBesides({ ...facts, region: "ap-south-1", accountId: "111122223333" }, whole, reading);
  };

  it("is nothing where all stands as it was archived", () => {
    expect(held(standingFacts(), [], "optimistic")).toEqual([]);
  });

  it("is what a delete marker hides, for ever where no rule deletes what is not current", () => {
    for (const reading of ["pessimistic", "optimistic"] as const)
      expect(held(hiddenOctober, [], reading)).toMatchObject([
        { id: "leftovers of archive 2026-10", month: "2026-10", untilMs: Number.POSITIVE_INFINITY },
      ]);
  });

  it("is what stands there without being a restore point: the data, and neither manifest nor ledger", () => {
    const months = [...standingFacts().manifests.keys()];
    expect(held(standingFacts(), [], "optimistic", []).map(({ month }) => month)).toEqual(months);
    const [first] = held(standingFacts(), [], "optimistic", []);
    expect(first?.fromMs).toBe(Date.parse("2026-02-02T00:30:00Z")); // the ledger came half an hour earlier
    expect(first?.removedBy).toBeNull();
  });

  it("is held while it is hidden, until a rule deletes it", () => {
    const rules = [
      aRule({
        prefix: "atlas/",
        expiration: { days: 30 },
        noncurrentExpiration: { days: 10, newerVersions: null },
      }),
    ];
    const ofOctober = held(standingFacts(), rules, "pessimistic", []).find(({ month }) => month === "2026-10");
    expect(ofOctober?.untilMs).toBe(Date.parse("2026-12-13")); // archived on 2 November, hidden from 3 December on
  });

  it("is no delete marker, which holds nothing and stays when what it hides is gone", () => {
    const rules = [aRule({ prefix: "atlas/", noncurrentExpiration: { days: 30, newerVersions: null } })];
    const ofOctober = held(hiddenOctober, rules, "pessimistic", []).find(({ month }) => month === "2026-10");
    expect(ofOctober?.untilMs).toBe(Date.parse("2026-12-21"));
  });

  it.each([
    ["a delete marker hides it", hiddenOctober],
    ["a current version took its place", replacedOctober],
    ["one took that of a delete marker", broughtBack],
  ])("stays for ever as the newest that is not current where a rule spares that: %s", (_how, series) => {
    const sparing = (newerVersions: number | null) => [
      aRule({ prefix: "atlas/", noncurrentExpiration: { days: 30, newerVersions } }),
    ];
    const until = (newerVersions: number | null) => held(series, sparing(newerVersions), "pessimistic")[0]?.untilMs;
    expect([until(1), until(null)]).toEqual([Number.POSITIVE_INFINITY, Date.parse("2026-12-21")]);
  });

  it("goes at worst with a rule that may be meant for it, and at best not", () => {
    const rules = [
      aRule({ prefix: "atlas/", tags: { old: "yes" }, noncurrentExpiration: { days: 4000, newerVersions: null } }),
    ];
    const until = (reading: Reading) => held(hiddenOctober, rules, reading)[0]?.untilMs;
    expect(until("pessimistic")).toBeLessThan(Number.POSITIVE_INFINITY);
    expect(until("optimistic")).toBe(Number.POSITIVE_INFINITY);
  });

  it("goes with the rule for what is not current, or at worst with the lock that the policy wants", () => {
    const rules = [aRule({ prefix: "atlas/", noncurrentExpiration: { days: 30, newerVersions: null } })];
    const until = (reading: Reading) => new Date(held(hiddenOctober, rules, reading)[0]?.untilMs ?? 0).toISOString();
    expect(until("pessimistic")).toBe("2026-12-21T00:00:00.000Z");
    expect(until("optimistic")).toBe("2031-11-01T00:00:00.000Z");
  });
});
