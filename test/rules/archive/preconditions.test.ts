/** Before a push: each thing that can be wrong with account, bucket, key, rules and slot is named; what is not known never passes. */
import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import { worst } from "../../../src/core/report.ts";
import type { BucketSettings, LifecycleRule } from "../../../src/ports/s3.ts";
import { pushPreconditions } from "../../../src/rules/archive/preconditions.ts";
import { GONE } from "../build.ts";
import { anArchive, aRule, PLACE } from "./build.ts";
import { aBucket, aPush, aStored, MONTH, said } from "./push.ts";

const judged = (facts: ReturnType<typeof aPush>) => worst(pushPreconditions(facts, "s"));
const cleaning = aRule({ id: "cleaning", abortUploadsAfterDays: 7 });
const withRules = (...rules: readonly Partial<LifecycleRule>[]) =>
  aPush({}, { lifecycle: known([cleaning, ...rules.map((rule) => aRule(rule))]) });

test("all is well", () => expect(judged(aPush())).toBe("pass"));

test("nothing that is not known passes", () => {
  const settings = Object.keys(aBucket()) as readonly (keyof BucketSettings)[]; // the fields of that very object
  for (const setting of settings) expect(judged(aPush({}, { [setting]: GONE })), setting).toBe("unknown");
  for (const part of ["identity", "bucket", "versions", "uploads"])
    expect(judged(aPush({ [part]: GONE })), part).toBe("unknown");
  expect(judged(aPush({ key: GONE }, { encryption: known({ algorithm: "aws:kms", kmsKeyId: "k" }) }))).toBe("unknown");
});

test.each<[string, string, Partial<BucketSettings>, string]>([
  [
    "region",
    "another region",
    { region: known("eu-west-1") },
    "fail: litally-archive is in eu-west-1, the policy says ap-south-1",
  ],
  [
    "versioning",
    "suspended",
    { versioning: known("suspended") },
    "fail: versioning is suspended: what is overwritten is lost",
  ],
  ["versioning", "off", { versioning: known("off") }, "fail: versioning is off: what is overwritten is lost"],
  [
    "object-lock",
    "no lock",
    { objectLock: known(null) },
    "fail: it is off: archives cannot be locked in COMPLIANCE mode",
  ],
  ["encryption", "none", { encryption: known(null) }, "fail: it has no default encryption"],
  [
    "public-access",
    "open",
    { publicAccessBlocked: known(false) },
    "fail: public access is not blocked in all four ways",
  ],
  [
    "default-retention",
    "a default",
    { objectLock: known({ defaultRetention: { mode: "GOVERNANCE", days: 30 } }) },
    "warn: what names no lock of its own is locked in GOVERNANCE mode for 30 days: the ledgers of pushes and the state of deep reading",
  ],
])("archive/%s: %s", (id, _, settings, expected) => expect(said(aPush({}, settings), id)).toBe(expected));

test("another account, and no bucket", () => {
  const identity = known({ accountId: "999999999999", arn: "arn" });
  expect(said(aPush({ identity }), "account")).toBe(
    "fail: they belong to account 999999999999, the policy names 123456789012",
  );
  const absent = aPush({ bucket: known(null) });
  expect(said(absent, "region")).toBe("fail: there is no bucket litally-archive");
  expect(said(absent, "versioning")).toBe("unknown: could not find out: there is no bucket litally-archive");
});

describe("a policy without locks", () => {
  const archive = anArchive({ objectLock: "none" });
  test.each([
    ["off", null, "object-lock", "pass: off, as the policy says"],
    ["on", { defaultRetention: null }, "object-lock", "warn: it is on, but the policy locks nothing"],
    [
      "with a default",
      { defaultRetention: { mode: "COMPLIANCE", days: 1 } },
      "default-retention",
      "fail: what names no lock of its own is locked in COMPLIANCE mode for 1 days, the archives too",
    ],
  ] as const)("Object Lock %s", (_, lock, id, expected) =>
    expect(said(aPush({ archive }, { objectLock: known(lock) }), id)).toBe(expected),
  );
});

describe("the key of the bucket", () => {
  const encryption = known({ algorithm: "aws:kms", kmsKeyId: "alias/litally" });
  const arn = "arn:aws:kms:ap-south-1:123456789012:key/1";
  const withKey = (
    state: "Enabled" | "Disabled" | "PendingDeletion" | "Unavailable" | "Updating",
    deletionAt: Date | null = null,
  ) =>
    said(
      aPush({ key: known({ arn, state, deletionAt, isManagedByAws: false, isSymmetric: true }) }, { encryption }),
      "key",
    );

  test("is none that S3 encrypts with where it is asymmetric", () => {
    const key = known({ arn, state: "Enabled" as const, deletionAt: null, isManagedByAws: false, isSymmetric: false });
    expect(said(aPush({ key }, { encryption }), "key")).toBe(
      `fail: key ${arn} is asymmetric: S3 encrypts nothing with it`,
    );
  });

  test("is judged only where there is one", () => {
    expect(said(aPush(), "key")).toBe("nothing");
    expect(said(aPush({}, { encryption }), "key")).toBe("unknown: nothing is known of key alias/litally");
  });

  test.each([
    [withKey("Enabled"), `pass: key ${arn} is enabled`],
    [withKey("Disabled"), `fail: key ${arn} is Disabled: nothing can be read or written with it`],
    [withKey("Unavailable"), `fail: key ${arn} is Unavailable: nothing can be read or written with it`],
    [withKey("Updating"), `unknown: key ${arn} is Updating: look again in a while`],
    [withKey("PendingDeletion"), `fail: key ${arn} is PendingDeletion: nothing can be read or written with it`],
    [
      withKey("PendingDeletion", new Date("2026-12-01T00:00:00Z")),
      `fail: key ${arn} is deleted on 2026-12-01 00:00:00 UTC`,
    ],
    [withKey("Enabled", new Date("2026-12-01T00:00:00Z")), `fail: key ${arn} is deleted on 2026-12-01 00:00:00 UTC`],
  ])("%s", (found, expected) => expect(found).toBe(expected));
});

describe("uploads that nobody completes", () => {
  const hasty = (days: number) => `fail: rule x aborts uploads after ${days} d, one that is still under way among them`;
  const none = "warn: no rule of the bucket clears uploads away that nobody completes";
  test.each<[string, Partial<LifecycleRule>, string]>([
    ["after a day", { abortUploadsAfterDays: 1 }, hasty(1)],
    ["after two", { abortUploadsAfterDays: 2 }, "pass: rule x clears them away after 2 d"],
    ["after a day, in this folder", { abortUploadsAfterDays: 1, prefix: "atlas/core/" }, hasty(1)],
    ["after a day, elsewhere", { abortUploadsAfterDays: 1, prefix: "logs/" }, none],
    ["in a part of the folder", { abortUploadsAfterDays: 7, prefix: "atlas/core/" }, none],
    ["in just the folder", { abortUploadsAfterDays: 7, prefix: "atlas/" }, "pass: rule x clears them away after 7 d"],
    ["switched off", { abortUploadsAfterDays: 7, enabled: false }, none],
    ["never", {}, none],
  ])("%s", (_, rule, expected) =>
    expect(said(aPush({}, { lifecycle: known([aRule({ id: "x", ...rule })]) }), "upload-cleaning")).toBe(expected),
  );

  test("no rules at all", () => expect(said(aPush({}, { lifecycle: known([]) }), "upload-cleaning")).toBe(none));
});

describe("lifecycle rules", () => {
  const until = "2031-11-01 00:00:00 UTC";
  const status = (...rules: readonly Partial<LifecycleRule>[]) => said(withRules(...rules), "lifecycle").split(":")[0];

  test("that touch nothing", () =>
    expect(said(withRules(), "lifecycle")).toBe(`pass: no rule touches it before ${until}`));

  test("that hide the archive are named, though its lock keeps the data", () =>
    expect(said(withRules({ id: "x", expiration: { days: 365 } }), "lifecycle")).toBe(
      "fail: rule x will have atlas/core/2026-10/manifest.json hidden by a delete marker from 2027-11-04 00:00:00 UTC on",
    ));

  test.each<[string, Partial<LifecycleRule>, string]>([
    ["of another prefix", { prefix: "logs/", expiration: { days: 1 } }, "pass"],
    ["of tags that no archive has", { tags: { temporary: "yes" }, expiration: { days: 1 } }, "pass"],
    ["switched off", { enabled: false, expiration: { days: 1 } }, "pass"],
    ["after its retention", { expiration: { days: 365 * 6 } }, "pass"],
    ["at a date before", { expiration: { date: new Date("2031-10-31T00:00:00Z") } }, "fail"],
    ["at a date after", { expiration: { date: new Date("2031-11-01T00:00:00Z") } }, "pass"],
    ["of this month alone", { prefix: `atlas/core/${MONTH}/`, expiration: { days: 30 } }, "fail"],
    ["of the data alone", { prefix: `atlas/core/${MONTH}/5f`, expiration: { days: 30 } }, "fail"],
    ["of another month", { prefix: "atlas/core/2026-09/", expiration: { days: 30 } }, "pass"],
    ["of other databases", { prefix: "atlas/ledger/", expiration: { days: 30 } }, "pass"],
    ["of small objects", { smallerThanBytes: 1000, expiration: { days: 30 } }, "unknown"],
    ["of objects as large as the snapshot", { largerThanBytes: 1_000_000, expiration: { days: 30 } }, "fail"],
    ["that only clear noncurrent versions", { noncurrentExpiration: { days: 30, newerVersions: null } }, "pass"],
    [
      "that move all to the class they have",
      { transitions: [{ after: { days: 1 }, storageClass: "DEEP_ARCHIVE" }] },
      "unknown",
    ],
    [
      "that move the manifest, too",
      { largerThanBytes: 0, transitions: [{ after: { days: 1 }, storageClass: "GLACIER" }] },
      "unknown",
    ],
    ["that move it to a class at hand", { transitions: [{ after: { days: 1 }, storageClass: "STANDARD_IA" }] }, "warn"],
  ])("%s", (_, rule, expected) => expect(status(rule)).toBe(expected));

  test("that delete for good what no lock keeps", () => {
    const rule = aRule({ id: "x", expiration: { days: 30 } });
    const facts = aPush(
      { archive: anArchive({ objectLock: "none" }) },
      { lifecycle: known([rule]), versioning: known("off") },
    );
    expect(said(facts, "lifecycle")).toMatch(/^fail: rule x will have .* deleted for good from 2026-12-04/);
  });

  test("that move data down to another class", () => {
    const archive = anArchive({ storageClass: "GLACIER" });
    const lifecycle = known([
      aRule({ id: "x", prefix: "atlas/", transitions: [{ after: { days: 90 }, storageClass: "DEEP_ARCHIVE" }] }),
    ]);
    expect(said(aPush({ archive }, { lifecycle }), "lifecycle")).toMatch(
      /^fail: rule x will have atlas\/core\/2026-10\/ move to DEEP_ARCHIVE/,
    );
  });
});

describe("the slot", () => {
  const key = `${PLACE.prefix}${PLACE.database}/${MONTH}/manifest.json`;
  const slot = (...versions: readonly ReturnType<typeof aStored>[]) =>
    said(aPush({ versions: known(versions) }), "slot-free");

  test("is free, though data of a push stand there", () => {
    expect(slot()).toBe("pass: 2026-10 has none");
    expect(slot(aStored(`atlas/core/${MONTH}/push.json`), aStored(`atlas/core/${MONTH}/manifest.json.old`))).toBe(
      "pass: 2026-10 has none",
    );
    expect(slot(aStored(key, { isDeleteMarker: true }))).toBe("pass: 2026-10 has none");
  });

  test("is taken, also by an archive that somebody hid", () => {
    expect(slot(aStored(key))).toBe("fail: 2026-10 was archived on 2026-11-02 01:20:00 UTC");
    expect(slot(aStored(key, { versionId: "m", isDeleteMarker: true }), aStored(key, { isLatest: false }))).toBe(
      "fail: 2026-10 was archived on 2026-11-02 01:20:00 UTC, and its manifest hidden since",
    );
  });
});

test("uploads of an earlier push are named", () => {
  const upload = {
    bucket: "b",
    key: "k",
    uploadId: "u",
    initiatedAt: new Date(0),
    storageClass: null,
    initiator: null,
  };
  expect(said(aPush(), "uploads")).toBe("pass: nothing");
  expect(said(aPush({ uploads: known([upload]) }), "uploads")).toBe(
    "pass: 1 uploads, which this push takes up where it can",
  );
});

test("every finding that does not pass says what to do", () => {
  const gone = aPush({ identity: GONE, bucket: GONE, key: GONE, versions: GONE, uploads: GONE });
  for (const { check, status, remedy } of pushPreconditions(gone, "s"))
    if (status !== "pass") expect(remedy, check).toMatch(/.{10}/);
});
