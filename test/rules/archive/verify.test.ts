/** `archive verify`: every way an archive can be missing, late, doubled, changed, unlocked, moved or left half done has its finding. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { known, type Observed } from "../../../src/core/observed.ts";
import { worst } from "../../../src/core/report.ts";
import type { KeyState } from "../../../src/ports/keys.ts";
import type { ObjectAttributes, ObjectHead } from "../../../src/ports/s3.ts";
import { verifyArchives } from "../../../src/rules/archive/verify.ts";
import type { StoredObject } from "../../../src/rules/archive/verify-facts.ts";
import { duration, GONE } from "../build.ts";
import { anArchive, anObject, aRule, digest, slot } from "./build.ts";
import {
  aKey,
  aStanding,
  attributesOf,
  aVersion,
  bodyKey,
  manifestKey,
  marker,
  NOW,
  october,
  of,
  type Standing,
  standingFacts,
  troubles,
  underKey,
} from "./kept.ts";

const BODY = bodyKey("2026-10");
const MANIFEST = manifestKey("2026-10");

/** What is wrong once October stands otherwise. */
const when = (change: (standing: Standing) => Standing | null) => troubles(standingFacts({ change: october(change) }));

function withHead(key: string, given: Partial<ObjectHead>) {
  return (standing: Standing): Standing => {
    const stored = standing.objects.get(key);
    if (stored?.head.known !== true) throw new Error(`${key} has no head`);
    return {
      ...standing,
      objects: new Map([...standing.objects, [key, { ...stored, head: known({ ...stored.head.value, ...given }) }]]),
    };
  };
}

function withStored(key: string, given: Partial<StoredObject>) {
  return (standing: Standing): Standing => {
    const stored = standing.objects.get(key);
    if (stored === undefined) throw new Error(`${key} does not stand`);
    return { ...standing, objects: new Map([...standing.objects, [key, { ...stored, ...given }]]) };
  };
}

const withManifest =
  (given: Partial<Standing["manifest"]>) =>
  (standing: Standing): Standing => ({
    ...standing,
    manifest: { ...standing.manifest, ...given },
  });

const hidden =
  (key: string) =>
  (standing: Standing): Standing => ({
    ...standing,
    versions: [
      marker(key),
      ...standing.versions.map((version) => (version.key === key ? { ...version, isLatest: false } : version)),
    ],
  });

const overwritten =
  (key: string) =>
  (standing: Standing): Standing => ({
    ...standing,
    versions: [
      aVersion(key, { versionId: "another", lastModifiedAt: new Date("2026-11-20T00:00:00Z") }),
      ...standing.versions.map((version) => (version.key === key ? { ...version, isLatest: false } : version)),
    ],
  });

const without =
  (key: string) =>
  (standing: Standing): Standing => ({
    ...standing,
    versions: standing.versions.filter((version) => version.key !== key),
  });

describe("all is well", () => {
  test("and every slot says so, also the one that is not due yet", () => {
    expect(troubles(standingFacts())).toEqual([]);
    const slots = verifyArchives(standingFacts()).filter(({ check }) => check === "archive/slot");
    expect(slots.map(({ subject }) => subject.split("/").at(-1))).toEqual([
      ..."01 02 03 Q1 04 05 06 Q2 07 08 09 Q3 10 11".split(" ").map((name) => `2026-${name}`),
    ]);
    expect(of(standingFacts(), "slot", "2026-11")?.message).toBe("not due yet: due by 2026-12-06 00:00:00 UTC");
  });

  test("where the policy locks nothing, and keeps it for less", () => {
    const archive = anArchive({ objectLock: "none", slots: [slot("monthly", "6mo")], storageClass: "GLACIER" });
    expect(troubles(standingFacts({ archive }))).toEqual([]);
  });

  test("of shards and of exports", () => {
    const objects = [0, 1, 2].map((shard) => anObject({ key: bodyKey("2026-10", shard), versionId: `s-${shard}` }));
    const [first] = [anArchive()];
    const change = (_: Standing, month: string) => {
      const period = {
        month,
        endsAt: new Date("2026-11-01T00:00:00Z"),
        dueAt: new Date("2026-11-06T00:00:00Z"),
        slots: [],
      };
      return month === "2026-10"
        ? aStanding(
            first,
            { ...period, slots: [{ frequency: "monthly", name: month, month }] },
            { objects, merkleRoot: rootOf(objects) },
          )
        : _;
    };
    expect(troubles(standingFacts({ change }))).toEqual([]);
  });
});

function rootOf(objects: readonly { readonly root: string }[]): string {
  return aStanding(
    anArchive(),
    { month: "2026-10", endsAt: NOW, dueAt: NOW, slots: [{ frequency: "monthly", name: "2026-10", month: "2026-10" }] },
    { objects: objects.map(({ root }) => anObject({ root })) },
  ).manifest.merkleRoot;
}

describe("a slot", () => {
  test("without an archive fails once it is due, with all that it would fill", () => {
    const facts = (observedAt: Date) =>
      standingFacts({ observedAt, change: (standing, month) => (month === "2026-09" ? null : standing) });
    expect(troubles(facts(NOW))).toEqual([
      "fail archive/slot 2026-09: none; it was due by 2026-10-06 00:00:00 UTC",
      "fail archive/slot 2026-Q3: none; it was due by 2026-10-06 00:00:00 UTC",
    ]);
    expect(troubles(facts(new Date("2026-10-06T00:00:00Z")))).toEqual([]);
    expect(troubles(facts(new Date("2026-10-06T00:00:00.001Z")))).toHaveLength(2);
  });

  test("with data alone has no archive, and the data are named", () => {
    const old = october((standing) => ({ ...without(MANIFEST)(standing) }));
    expect(troubles(standingFacts({ change: old }))).toEqual([
      "fail archive/slot 2026-10: none (2 objects stand there without a manifest: a push did not end); it was due by 2026-11-06 00:00:00 UTC",
      `warn archive/strays all: 1 of no archive: ${BODY}`,
    ]);
  });

  test("whose manifest is hidden fails", () =>
    expect(when(hidden(MANIFEST))[0]).toBe("fail archive/slot 2026-10: its manifest is hidden by a delete marker"));

  test("that two archives claim fails", () => {
    const facts = standingFacts({
      change: (standing, month) =>
        month === "2026-09" ? withManifest({ slots: ["2026-09", "2026-10"] })(standing) : standing,
    });
    expect(troubles(facts)).toEqual([
      "fail archive/slot 2026-10: it has 2 archives: those of 2026-10, 2026-09",
      "fail archive/manifest 2026-09: 2026-09 does not close 2026-10",
    ]);
  });

  test("whose retention is over owes nothing more", () => {
    const archive = anArchive({ slots: [slot("monthly", "6mo"), slot("quarterly", "5y")] });
    const change = () => null;
    const now = new Date("2026-10-01T00:00:00Z");
    const missing = troubles(standingFacts({ archive, change, observedAt: now })).map((line) => line.split(" ")[2]);
    expect(missing).toEqual(["2026-Q1:", "2026-04:", "2026-05:", "2026-06:", "2026-Q2:", "2026-07:", "2026-08:"]);
  });

  test("is unknown where the bucket cannot be listed, and nothing passes then", () => {
    const findings = verifyArchives(standingFacts({ versions: GONE, uploads: GONE }));
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["unknown"]));
  });
});

describe("a manifest", () => {
  test.each<[string, (standing: Standing) => Standing, string]>([
    ["of another database", withManifest({ database: "ledger" }), "it is of database ledger"],
    ["of another month", withManifest({ period: "2026-09" }), "it is of 2026-09"],
    [
      "of slots that are not its own",
      withManifest({ slots: ["2026-10", "2026-Q4"] }),
      "2026-10 does not close 2026-Q4",
    ],
    ["that was overwritten", overwritten(MANIFEST), "it was overwritten or deleted: 2 versions"],
  ])("%s fails", (_, change, message) => expect(when(change)).toContain(`fail archive/manifest 2026-10: ${message}`));

  test.each<[string, Partial<ReturnType<typeof anObject>>, RegExp]>([
    [
      "an object of another month",
      { key: bodyKey("2026-09") },
      /it names atlas\/core\/2026-09\/.*, which is no object of this archive/,
    ],
    ["an object of another snapshot", { key: BODY.replace("5f0e", "5f0f") }, /which is no object of this archive/],
    ["its own ledger", { key: "atlas/core/2026-10/push.json" }, /which is no object of this archive/],
    ["a part too few", { sizeBytes: 48_000_001 }, /3 parts where 48000001 bytes have 4/],
    ["a part too many", { sizeBytes: 32_000_000 }, /3 parts where 32000000 bytes have 2/],
  ])("that names %s fails", (_, given, message) => {
    const found = when(withManifest({ objects: [anObject({ key: BODY, versionId: "body-2026-10", ...given })] }));
    expect(found).toContainEqual(
      expect.stringMatching(new RegExp(`^fail archive/manifest 2026-10: .*${message.source}`)),
    );
  });

  test("that names nothing, or one thing twice, fails", () => {
    expect(when(withManifest({ objects: [] }))).toContain("fail archive/manifest 2026-10: it names no object");
    const twice = anObject({ key: BODY, versionId: "body-2026-10" });
    expect(when(withManifest({ objects: [twice, twice] }))).toContain(
      "fail archive/manifest 2026-10: it names an object twice",
    );
  });

  test("of a cluster where the database does not live any more is worth a word", () =>
    expect(when(withManifest({ cluster: "litally-old" }))).toEqual([
      "warn archive/manifest 2026-10: it is of cluster litally-old in project a0a0a0a0a0a0a0a0a0a0a0a0, where the database does not live any more",
    ]));

  test("that cannot be read leaves its archive unknown, and the others judged", () => {
    const whole = standingFacts();
    const facts = { ...whole, manifests: new Map([...whole.manifests, ["2026-10", GONE] as const]) };
    const found = troubles(facts);
    expect(found.every((line) => /^unknown archive\/[a-z-]+ (2026-10|all)/.test(line))).toBe(true);
    expect(found).toContain("unknown archive/slot 2026-10: could not find out: this field is gone");
    const notLooked = { ...whole, manifests: new Map([...whole.manifests].filter(([month]) => month !== "2026-10")) };
    expect(worst(verifyArchives(notLooked))).toBe("unknown");
  });
});

describe("the source", () => {
  const end = new Date("2026-11-01T00:00:00Z").getTime();
  const due = new Date("2026-11-06T00:00:00Z").getTime();
  test.each([
    [end - 1, "fail"],
    [end, "pass"],
    [due, "pass"],
    [due + 1, "fail"],
  ])("taken at %i: %s", (at, status) => {
    const change = october((standing) =>
      withManifest({ snapshot: { ...standing.manifest.snapshot, createdAt: new Date(at) } })(standing),
    );
    expect(of(standingFacts({ change }), "source", "2026-10")?.status).toBe(status);
  });

  test.each([
    [due, "pass"],
    [due + 1, "warn"],
    [NOW.getTime() + 3_600_000, "unknown"],
  ])("archived at %i: %s", (at, status) => {
    const change = october((standing) => ({
      ...standing,
      versions: standing.versions.map((version) =>
        version.key === MANIFEST ? { ...version, lastModifiedAt: new Date(at) } : version,
      ),
    }));
    expect(of(standingFacts({ change }), "in-time", "2026-10")?.status).toBe(status);
  });
});

describe("an object", () => {
  test.each<[string, (standing: Standing) => Standing, string]>([
    ["that is gone", without(BODY), "it is not there"],
    ["that is hidden", hidden(BODY), "a delete marker hides it"],
    ["that was overwritten", overwritten(BODY), "it was overwritten: 2 versions"],
    [
      "whose version is gone",
      (standing) => overwritten(BODY)(without(BODY)(standing)),
      "its version is gone, another stands there",
    ],
  ])("%s fails", (_, change, message) =>
    expect(when(change)).toContain(`fail archive/objects 2026-10: ${BODY}: ${message}`),
  );

  const attributes = attributesOf(anObject({ key: BODY }));
  const parts = (change: (part: (typeof attributes.parts)[number]) => object) => ({
    parts: attributes.parts.map((part) => ({ ...part, ...change(part) })),
  });
  const content = (given: Partial<ObjectAttributes>) =>
    when(withStored(BODY, { attributes: known({ ...attributes, ...given }) }));

  test.each<[string, Partial<ObjectAttributes>, string]>([
    ["another size", { sizeBytes: 39_999_999 }, "it has 39999999 bytes, the manifest says 40000000"],
    ["no checksum", { checksum: null }, "S3 keeps no SHA-256 of it"],
    [
      "another checksum",
      { checksum: { sha256: digest("x"), kind: "composite", parts: 3 } },
      "its checksum is another one",
    ],
    [
      "a checksum of other parts",
      { checksum: { sha256: attributes.checksum?.sha256 ?? "", kind: "composite", parts: 4 } },
      "its checksum is another one",
    ],
    [
      "a checksum of the whole",
      { checksum: { sha256: attributes.checksum?.sha256 ?? "", kind: "whole", parts: null } },
      "its SHA-256 is another one",
    ],
    ["another part", parts(({ number }) => (number === 2 ? { sha256: digest("x") } : {})), "part 2 is another one"],
    ["swapped parts", { parts: attributes.parts.toReversed() }, "part 1 is another one"],
    ["a part of another size", parts(({ number }) => (number === 3 ? { sizeBytes: 1 } : {})), "part 3 is another one"],
    ["a part less", { parts: attributes.parts.slice(0, 2) }, "S3 has 2 parts of it"],
  ])("with %s fails", (_, given, message) =>
    expect(content(given)).toEqual([`fail archive/content 2026-10: ${BODY}: ${message}`]),
  );

  test("whose parts S3 does not list is judged by what it makes of them", () => {
    expect(content({ parts: [] })).toEqual([]);
    expect(content({ parts: null })).toEqual([]);
    expect(content({ parts: [], checksum: { sha256: digest("x"), kind: "composite", parts: 3 } })).toHaveLength(1);
  });

  test("in one piece has the SHA-256 of the whole", () => {
    const piece = anObject({ key: BODY, versionId: "body-2026-10", sizeBytes: 10, partSha256s: [digest("piece")] });
    const change = (sha256: string) => (standing: Standing) => {
      const made = aStanding(anArchive(), OCTOBER, { objects: [piece] });
      const stored = made.objects.get(BODY);
      if (stored === undefined) throw new Error("it does not stand");
      const whole = known({ sizeBytes: 10, checksum: { sha256, kind: "whole" as const, parts: null }, parts: [] });
      return { ...standing, ...made, objects: new Map([...made.objects, [BODY, { ...stored, attributes: whole }]]) };
    };
    expect(when(change(digest("piece")))).toEqual([]);
    expect(when(change(digest("other")))).toEqual([
      `fail archive/content 2026-10: ${BODY}: its SHA-256 is another one`,
    ]);
  });

  test("of another size or version than was looked at fails", () => {
    expect(when(withHead(BODY, { sizeBytes: 1 }))).toContain(
      `fail archive/content 2026-10: ${BODY}: it has 1 bytes, the manifest says 40000000`,
    );
    expect(when(withHead(BODY, { versionId: "another" }))).toContain(
      `fail archive/content 2026-10: ${BODY}: another version was looked at`,
    );
  });

  test("with another root than its parts fails, and so does the archive with another root than its objects", () => {
    const object = anObject({ key: BODY, versionId: "body-2026-10" });
    expect(when(withManifest({ objects: [{ ...object, root: digest("x") }] }))).toEqual([
      `fail archive/content 2026-10: ${BODY}: its Merkle root is not that of its parts; ${MANIFEST}: its Merkle root is not that of its objects`,
    ]);
    expect(when(withManifest({ merkleRoot: digest("x") }))).toEqual([
      `fail archive/content 2026-10: ${MANIFEST}: its Merkle root is not that of its objects`,
    ]);
  });
});

const OCTOBER = {
  month: "2026-10",
  endsAt: new Date("2026-11-01T00:00:00Z"),
  dueAt: new Date("2026-11-06T00:00:00Z"),
  slots: [{ frequency: "monthly", name: "2026-10", month: "2026-10" }],
} as const;

describe("an archive is kept", () => {
  const until = new Date("2031-11-01T00:00:00Z");
  test.each<[string, (standing: Standing) => Standing, string]>([
    [
      "not in its class",
      withHead(BODY, { storageClass: known("GLACIER") }),
      `storage-class 2026-10: ${BODY}: it is in GLACIER, and belongs into DEEP_ARCHIVE`,
    ],
    [
      "its manifest not at hand",
      withHead(MANIFEST, { storageClass: known("DEEP_ARCHIVE") }),
      `storage-class 2026-10: ${MANIFEST}: it is in DEEP_ARCHIVE, and belongs into STANDARD`,
    ],
    ["unlocked", withHead(BODY, { lock: known(null) }), `lock 2026-10: ${BODY}: it is not locked`],
    ["its manifest unlocked", withHead(MANIFEST, { lock: known(null) }), `lock 2026-10: ${MANIFEST}: it is not locked`],
    [
      "locked loosely",
      withHead(BODY, { lock: known({ mode: "GOVERNANCE", retainUntil: until }) }),
      `lock 2026-10: ${BODY}: it is locked in GOVERNANCE mode, not in COMPLIANCE mode`,
    ],
    [
      "locked for too short",
      withHead(BODY, { lock: known({ mode: "COMPLIANCE", retainUntil: new Date(until.getTime() - 1) }) }),
      `lock 2026-10: ${BODY}: its lock ends on 2031-10-31 23:59:59 UTC, its retention on 2031-11-01 00:00:00 UTC`,
    ],
  ])("%s: fails", (_, change, message) => expect(when(change)).toEqual([`fail archive/${message}`]));

  test("more strictly and for longer than asked for", () => {
    const archive = anArchive({ objectLock: "GOVERNANCE" });
    const change = october(
      withHead(BODY, { lock: known({ mode: "COMPLIANCE", retainUntil: new Date("2099-01-01") }) }),
    );
    expect(troubles(standingFacts({ archive, change }))).toEqual([]);
  });

  test("as long as the policy says by now: a longer retention shows what is locked too short", () => {
    const made = standingFacts();
    const archive = anArchive({ slots: [slot("monthly", "7y"), slot("quarterly"), slot("yearly")] });
    const found = troubles({ ...made, archive });
    expect(found).toHaveLength(10);
    expect(found.every((line) => line.startsWith("fail archive/lock "))).toBe(true);
  });

  test("in the class of its time, where the policy has changed since", () =>
    expect(troubles({ ...standingFacts(), archive: anArchive({ storageClass: "GLACIER_IR" }) })[0]).toBe(
      "warn archive/storage-class 2026-01: archived in DEEP_ARCHIVE; the policy says GLACIER_IR by now",
    ));

  describe("under keys", () => {
    const change = october((standing) => ({
      ...standing,
      objects: new Map(
        [...standing.objects].map(([key, stored]) => [key, underKey(stored, key === BODY ? "k2" : "k1")]),
      ),
    }));
    const found = (...keys: readonly KeyState[]) =>
      troubles(standingFacts({ change, keys: new Map(keys.map((key) => [key.arn, known(key)])) }));

    test("that can be used, each of them asked for", () => {
      expect(found(aKey("k1"), aKey("k2"))).toEqual([]);
      expect(found(aKey("k1"))).toEqual(["unknown archive/object-keys 2026-10: nobody asked for key k2"]);
    });

    test.each<[Partial<KeyState>, string]>([
      [
        { state: "Disabled" },
        "fail archive/object-keys 2026-10: key k2 is Disabled: nothing can be read or written with it",
      ],
      [
        { state: "PendingDeletion", deletionAt: new Date("2026-12-10T00:00:00Z") },
        "fail archive/object-keys 2026-10: key k2 is deleted on 2026-12-10 00:00:00 UTC",
      ],
      [{ state: "Updating" }, "unknown archive/object-keys 2026-10: key k2 is Updating: look again in a while"],
    ])("%j: no", (given, line) => expect(found(aKey("k1"), aKey("k2", given))).toEqual([line]));

    test("not known to be, where a key cannot be read", () => {
      const keys = new Map<string, Observed<KeyState>>([
        ["k1", known(aKey("k1"))],
        ["k2", GONE],
      ]);
      expect(troubles(standingFacts({ change, keys }))).toEqual([
        expect.stringMatching(/^unknown archive\/object-keys 2026-10/),
      ]);
    });
  });

  test("by no rule that hides or moves it", () => {
    const rules = [aRule({ id: "x", prefix: "atlas/core/2026-10", expiration: { days: 365 } })];
    expect(troubles(standingFacts({ rules }))).toEqual([
      `fail archive/lifecycle 2026-10: rule x will have ${MANIFEST} hidden by a delete marker from 2027-11-03 00:00:00 UTC on`,
    ]);
    const tagged = [aRule({ id: "x", tags: { a: "b" }, expiration: { days: 365 } })];
    expect(
      new Set(troubles(standingFacts({ rules: tagged })).map((line) => line.split(" ").slice(0, 2).join(" "))),
    ).toEqual(new Set(["unknown archive/lifecycle"]));
  });

  test.each([
    ["storageClass", "storage-class"],
    ["lock", "lock"],
  ])("not known to be, where its %s cannot be read", (field, check) => {
    expect(of(standingFacts({ change: october(withHead(BODY, { [field]: GONE })) }), check, "2026-10")?.status).toBe(
      "unknown",
    );
    expect(
      of(standingFacts({ change: october(withHead(MANIFEST, { [field]: GONE })) }), check, "2026-10")?.status,
    ).toBe("unknown");
  });

  test("as long as it must be, and then no longer judged", () => {
    const archive = anArchive({ slots: [slot("monthly", "1mo")] });
    const unlocked = (standing: Standing, month: string) => withHead(bodyKey(month), { lock: known(null) })(standing);
    const found = troubles(standingFacts({ archive, change: unlocked, rules: [aRule({ expiration: { days: 1 } })] }));
    expect(found).toEqual([]);
  });
});

describe("whatever cannot be read", () => {
  test("is unknown, and never passes", () => {
    for (const key of [BODY, MANIFEST]) {
      expect(worst(verifyArchives(standingFacts({ change: october(withStored(key, { head: GONE })) })))).toBe(
        "unknown",
      );
      const facts = standingFacts();
      const objects = new Map([...facts.objects].filter(([found]) => found !== key));
      expect(worst(verifyArchives({ ...facts, objects }))).toBe("unknown");
    }
    expect(worst(verifyArchives(standingFacts({ change: october(withStored(BODY, { attributes: GONE })) })))).toBe(
      "unknown",
    );
    expect(worst(verifyArchives(standingFacts({ change: october(withStored(BODY, { attributes: null })) })))).toBe(
      "unknown",
    );
    for (const bucket of [
      GONE,
      known({ lifecycle: GONE, versioning: known("enabled" as const) }),
      known({ lifecycle: known([]), versioning: GONE }),
    ])
      expect(worst(verifyArchives({ ...standingFacts(), bucket }))).toBe("unknown");
    expect(worst(verifyArchives(standingFacts({ uploads: GONE })))).toBe("unknown");
  });
});

describe("beside the archives", () => {
  const upload = (initiatedAt: string) => ({
    bucket: "litally-archive",
    key: BODY,
    uploadId: "u",
    initiatedAt: new Date(initiatedAt),
    storageClass: "DEEP_ARCHIVE",
    initiator: "ops",
  });

  test.each([
    ["2026-12-02T02:00:00Z", []],
    [
      "2026-12-02T01:59:59Z",
      [`warn archive/orphaned-uploads all: 1 begun more than 24 h ago: ${BODY} since 2026-12-02 01:59:59 UTC by ops`],
    ],
    [
      "2026-12-04T00:00:00Z",
      [
        "unknown archive/orphaned-uploads all: could not find out: the upload of atlas/core/2026-10/5f0e1d2c3b4a59687786950a/atlas-x1-shard-0.tar.gz is dated in the future (2026-12-04T00:00:00.000Z)",
      ],
    ],
  ])("an upload begun at %s: %j", (at, expected) =>
    expect(troubles(standingFacts({ uploads: known([upload(at)]) }))).toEqual(expected),
  );

  const plus = (...versions: readonly ReturnType<typeof aVersion>[]) => {
    const facts = standingFacts();
    return troubles({
      ...facts,
      versions: known([...(facts.versions.known ? facts.versions.value : []), ...versions]),
    });
  };

  test.each<[string, ReturnType<typeof aVersion>, boolean]>([
    ["the state of deep reading", aVersion("atlas/core/deep/2026-10.json"), false],
    ["a ledger", aVersion("atlas/core/2026-11/push.json"), false],
    [
      "data of a push under way",
      aVersion(bodyKey("2026-11"), { lastModifiedAt: new Date("2026-12-02T02:00:00Z") }),
      false,
    ],
    [
      "data of a push that did not end",
      aVersion(bodyKey("2026-11"), { lastModifiedAt: new Date("2026-12-02T01:59:59Z") }),
      true,
    ],
    ["data of another snapshot", aVersion(bodyKey("2026-10").replace("5f0e", "5f0f")), true],
    ["what somebody put there", aVersion("atlas/core/notes.txt"), true],
    ["what somebody deleted again", marker("atlas/core/notes.txt"), false],
    ["an older version of it", aVersion("atlas/core/notes.txt", { isLatest: false }), false],
  ])("%s", (_, version, isStray) =>
    expect(plus(version)).toEqual(isStray ? [`warn archive/strays all: 1 of no archive: ${version.key}`] : []),
  );

  test("an archive of a slot that the policy does not know, and one of a month to come", () => {
    const facts = standingFacts();
    const archive = anArchive({ slots: [slot("quarterly")] });
    expect(troubles({ ...facts, archive })).toContain(
      "warn archive/known-slots all: of months that close no slot of the policy: 2026-01, 2026-02, 2026-04, 2026-05, 2026-07 and 2 more",
    );
    const early = aVersion(manifestKey("2026-12"));
    expect(plus(early)).toContain("fail archive/known-slots all: of a month that has not ended: 2026-12");
    const before = standingFacts({ archive: anArchive({ since: "2026-05" }) });
    const older = standingFacts();
    expect(troubles({ ...older, archive: before.archive })).toEqual([]);
  });
});

describe("reading back", () => {
  const within = duration("1y");
  const root = standingFacts().manifests.get("2026-10");
  const rootText = root?.known === true ? root.value.merkleRoot : "";
  const state = (at: string, merkleRoot = rootText, wrong: readonly string[] = []) => ({
    version: 1 as const,
    database: "core",
    period: "2026-10",
    thawAskedAt: null,
    lastRead: { at: new Date(at), merkleRoot, wrong },
  });
  const judged = (observedAt: string, of2: ReturnType<typeof state> | null | typeof GONE) => {
    const made = standingFacts();
    const deep = {
      within,
      states: new Map([["2026-10", of2 !== null && "known" in of2 ? of2 : known(of2)]]),
    };
    return of({ ...made, deep, observedAt: new Date(observedAt) }, "deep-read", "2026-10");
  };

  test("is not asked for where nobody promised it", () =>
    expect(of(standingFacts(), "deep-read", "2026-10")).toBeUndefined());

  test.each([
    ["2026-12-03T00:00:00Z", null, "pass: never read back; due by 2027-11-02 01:00:00 UTC"],
    ["2027-11-02T01:00:00Z", null, "pass: never read back; due by 2027-11-02 01:00:00 UTC"],
    ["2027-11-02T01:00:01Z", null, "fail: never read back; it was due by 2027-11-02 01:00:00 UTC"],
    [
      "2028-06-01T00:00:00Z",
      state("2027-06-01T00:00:00Z"),
      "pass: last read back on 2027-06-01 00:00:00 UTC; due by 2028-06-01 00:00:00 UTC",
    ],
    [
      "2028-06-01T00:00:01Z",
      state("2027-06-01T00:00:00Z"),
      "fail: last read back on 2027-06-01 00:00:00 UTC; it was due by 2028-06-01 00:00:00 UTC",
    ],
    [
      "2027-06-02T00:00:00Z",
      state("2027-06-01T00:00:00Z", digest("x")),
      `fail: what was read on 2027-06-01 00:00:00 UTC is not what was archived: Merkle root ${digest("x")}`,
    ],
    [
      "2027-06-02T00:00:00Z",
      state("2027-07-01T00:00:00Z"),
      "unknown: could not find out: the last reading is dated in the future (2027-07-01T00:00:00.000Z)",
    ],
    ["2027-06-02T00:00:00Z", GONE, "unknown: could not find out: this field is gone"],
  ])("at %s", (at, of2, expected) => {
    const found = judged(at, of2);
    expect(`${found?.status}: ${found?.message}`).toBe(expected);
  });

  test("of an archive whose state was not looked at is unknown", () =>
    expect(of(standingFacts({ deep: { within, states: new Map() } }), "deep-read", "2026-10")?.status).toBe("unknown"));
});

test("any one thing that is damaged is named about its own archive, and no other is accused", () => {
  const damages: readonly ((standing: Standing, month: string) => Standing)[] = [
    (standing, month) => without(bodyKey(month))(standing),
    (standing, month) => hidden(bodyKey(month))(standing),
    (standing, month) => overwritten(manifestKey(month))(standing),
    (standing, month) => withHead(bodyKey(month), { lock: known(null) })(standing),
    (standing, month) => withHead(bodyKey(month), { sizeBytes: 1 })(standing),
    (standing) => withManifest({ merkleRoot: digest("x") })(standing),
    (standing, month) =>
      withStored(bodyKey(month), {
        attributes: known(attributesOf(anObject({ partSha256s: [digest("1"), digest("2"), digest("3")] }))),
      })(standing),
  ];
  fc.assert(
    fc.property(fc.constantFrom(...damages), fc.integer({ min: 1, max: 10 }), (damage, number) => {
      const month = `2026-${String(number).padStart(2, "0")}`;
      const facts = standingFacts({ change: (standing, of2) => (of2 === month ? damage(standing, of2) : standing) });
      const found = troubles(facts);
      expect(found.some((line) => line.startsWith("fail"))).toBe(true);
      for (const line of found) expect(line).toMatch(new RegExp(`^fail archive/[a-z-]+ ${month}: `));
    }),
    { numRuns: 60 },
  );
});
