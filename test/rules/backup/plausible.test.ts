import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import { wholeUnit } from "../../../src/rules/backup/units.ts";
import { aCluster, ago, aSnapshot, dailies, facts, findings, GONE, KEY, members, said } from "../build.ts";

const GB = 1e9;

describe("size", () => {
  const id = "snapshot-size";
  const sized = (...newestFirst: readonly number[]) =>
    facts({
      snapshots: newestFirst.map((sizeBytes, day) => aSnapshot("daily", day * DAY_MS + 8 * HOUR_MS, { sizeBytes })),
    });

  test.each([
    [49.999_999_999 * GB, "fail", 50],
    [75 * GB, "pass", 75],
    [74.999_999_999 * GB, "warn", 75],
    [50.000_000_001 * GB, "warn", 50],
    [100 * GB, "pass", 100],
    [200 * GB, "pass", 200],
    [200.000_000_001 * GB, "warn", 200],
  ])("%d bytes against 100 GB: %s", (size, status, percent) => {
    expect(said(sized(Number(size), 100 * GB, 100 * GB, 100 * GB), id)).toMatch(
      new RegExp(`^${status}: newest snapshot is .*, ${percent} % of the median of the 3 days before it \\(100 GB\\)$`),
    );
  });

  test("exactly half is a warning, not yet a failure", () => {
    expect(said(sized(50 * GB, 100 * GB, 100 * GB, 100 * GB), id)).toMatch(/^warn/);
  });

  test("is compared with the median, not the mean; of an even number between the middle two", () => {
    expect(said(sized(100 * GB, 100 * GB, 100 * GB, 9000 * GB), id)).toMatch(/100 % of the median of the 3/);
    expect(said(sized(90 * GB, 80 * GB, 100 * GB, 1 * GB, 9000 * GB), id)).toMatch(
      /100 % of the median of the 4 .*\(90.0 GB\)/,
    );
  });

  test("is ordered as a number", () => {
    expect(said(sized(10 * GB, 9 * GB, 10 * GB, 11 * GB), id)).toMatch(/of the 3 days before it \(10.0 GB\)$/);
  });

  test("with fewer than three before it says so", () => {
    expect(said(sized(1 * GB, 100 * GB, 100 * GB), id)).toBe(
      "pass: newest 1.0 GB; too few snapshots before it to compare with",
    );
  });

  test("zero bytes fail, wherever, whatever else cannot be read", () => {
    const empty = aSnapshot("daily", 80 * HOUR_MS, { sizeBytes: 0, createdAt: GONE });
    expect(said(facts({ snapshots: [...dailies(2, { sizeBytes: GONE }), empty] }), id)).toBe(
      "fail: 1 completed snapshot holds 0 bytes: daily-80h",
    );
    expect(said(sized(0, 0, 5), id)).toBe("fail: 2 completed snapshots hold 0 bytes: daily-32h, daily-8h");
    expect(
      said(facts({ snapshots: [...dailies(4), aSnapshot("daily", 1, { status: "inProgress", sizeBytes: 0 })] }), id),
    ).toMatch(/^pass/);
  });

  test("that shrank does not hide behind a later one of another frequency", () => {
    const shrunk = aSnapshot("daily", 8 * HOUR_MS, { sizeBytes: 5 * GB });
    const later = [aSnapshot("hourly", 2 * HOUR_MS)];
    expect(said(facts({ snapshots: [...later, shrunk, ...dailies(7).slice(1)] }), id)).toMatch(
      /^fail: newest snapshot is 5.0 GB, 10 %/,
    );
  });

  test("is not excused by later ones that are like it", () => {
    const shrunk = aSnapshot("daily", 8 * HOUR_MS, { sizeBytes: 45 * GB });
    const before = dailies(4, { sizeBytes: 100 * GB }).slice(1);
    const later = [1, 2, 3, 4, 5].map((age) => aSnapshot("hourly", age * HOUR_MS, { sizeBytes: 55 * GB }));
    expect(said(facts({ snapshots: [...later, shrunk, ...before] }), id)).toMatch(/^fail: newest snapshot is 45.0 GB/);
  });

  test("of each label is judged for a week, and not a millisecond more", () => {
    const shrunk = (ageMs: number) =>
      aSnapshot("daily", ageMs, { kind: "onDemand", frequency: null, policyItemIds: [], sizeBytes: 9 * GB });
    const judged = (afterMs: number) => said(facts({ snapshots: [...dailies(20), shrunk(8 * HOUR_MS + afterMs)] }), id);
    expect(judged(7 * DAY_MS)).toMatch(/^fail: newest snapshot is 9.0 GB/);
    expect(judged(7 * DAY_MS + 1)).toMatch(/^pass: newest snapshot is 48.0 GB/);
  });

  test.each([
    ["12 h", 12 * HOUR_MS, "fail"],
    ["2 d", 2 * DAY_MS, "fail"],
    ["5 d", 5 * DAY_MS, "fail"],
    ["7 d", 7 * DAY_MS, "fail"],
    ["15 d", 15 * DAY_MS, "pass"],
  ])("of hourly ones: %s after a loss: %s", (_, sinceMs, status) => {
    const hourly = Array.from({ length: 30 * 24 }, (__, hour) =>
      aSnapshot("hourly", hour * HOUR_MS, { sizeBytes: hour * HOUR_MS <= sinceMs ? 10 * GB : 100 * GB }),
    );
    expect(said(facts({ snapshots: hourly }), id)).toMatch(
      new RegExp(`^${status}: .* of the median of the 14 days before it`),
    );
  });

  test("is compared with days, of which each counts once, and not with the newest's own", () => {
    const quarterHours = Array.from({ length: 30 }, (_, index) =>
      aSnapshot("hourly", 3 * HOUR_MS + index * 15 * 60_000, { sizeBytes: 20 * GB }),
    ); // all on the day before
    const sameDay = aSnapshot("hourly", HOUR_MS, { sizeBytes: 20 * GB });
    const newest = aSnapshot("hourly", 0, { sizeBytes: 20 * GB });
    const older = [2, 3].map((days) => aSnapshot("hourly", days * DAY_MS, { sizeBytes: 100 * GB }));
    expect(said(facts({ snapshots: [newest, sameDay, ...quarterHours, ...older] }), id)).toMatch(
      /^fail: .* 20 % of the median of the 3 days before it \(100 GB\)$/,
    );
  });

  test("is compared with the median of each day", () => {
    const ofDay = (days: number) =>
      [1, 100, 900].map((size, index) =>
        aSnapshot("hourly", days * DAY_MS + index * HOUR_MS, { sizeBytes: size * GB }),
      );
    const newest = aSnapshot("hourly", 0, { sizeBytes: 100 * GB });
    expect(said(facts({ snapshots: [newest, ...[1, 2, 3].flatMap(ofDay)] }), id)).toMatch(
      /^pass: .* 100 % of the median of the 3 days before it \(100 GB\)$/,
    );
  });

  test("is compared with two weeks of days, not with those before", () => {
    expect(said(sized(...Array(15).fill(100 * GB), ...Array(30).fill(1 * GB)), id)).toMatch(
      /^pass: .* of the 14 days before it \(100 GB\)$/,
    );
  });

  test("with fewer than three days before it is compared with the last ten snapshots", () => {
    const hourly = (...newestFirst: readonly number[]) =>
      facts({
        snapshots: newestFirst.map((sizeBytes, index) => aSnapshot("hourly", index * HOUR_MS, { sizeBytes })),
      });
    expect(said(hourly(9 * GB, ...Array(10).fill(9 * GB), ...Array(12).fill(1 * GB)), id)).toMatch(
      /^pass: .* of the 10 snapshots before it \(9.0 GB\)$/,
    );
    expect(said(hourly(40 * GB, 100 * GB, 100 * GB, 100 * GB), id)).toMatch(
      /^fail: .* 40 % of the median of the 3 snapshots before it/,
    );
  });

  test("that stays on a new level alarms when it is new, not as long as the last old label lives", () => {
    const before = Array.from({ length: 5 }, (_, day) => aSnapshot("daily", (day + 30) * DAY_MS));
    const onDemand = aSnapshot("daily", 29 * DAY_MS, { kind: "onDemand", frequency: null, sizeBytes: 9 * GB });
    const since = dailies(20, { sizeBytes: 10 * GB });
    expect(said(facts({ snapshots: [onDemand, ...before] }), id)).toMatch(/^fail/);
    expect(said(facts({ snapshots: [...since.slice(0, 2), onDemand, ...before] }), id)).toMatch(/^fail/);
    expect(said(facts({ snapshots: [...since, onDemand, ...before] }), id)).toMatch(/^pass/);
  });

  test.each([
    ["size", { sizeBytes: GONE }],
    ["missing size", { sizeBytes: null }],
    ["status", { status: GONE }],
    ["kind", { kind: GONE }],
    ["time", { createdAt: GONE }],
    ["label", { frequency: GONE }],
  ])("is unknown without the %s of one", (_, given) => {
    expect(said(facts({ snapshots: dailies(7).with(3, aSnapshot("daily", 80 * HOUR_MS, given)) }), id)).toMatch(
      /^unknown/,
    );
  });

  test("of flex snapshots is not reported, of what cannot be listed not known", () => {
    expect(
      said(facts({ cluster: aCluster({ offering: "flex" }), snapshots: dailies(3, { sizeBytes: null }) }), id),
    ).toMatch(/^pass/);
    expect(said(facts({ snapshots: GONE }), id)).toMatch(/^unknown/);
  });
});

describe("shards", () => {
  const id = "shards-complete";
  const cluster = aCluster({ type: "SHARDED", shards: [{ zoneId: "a" }, { zoneId: "b" }, { zoneId: "c" }] });
  /** Units by the shards that each holds, newest first. */
  const units = (...newestFirst: readonly (readonly number[])[]) =>
    facts({
      cluster,
      snapshots: newestFirst.map((held, day) =>
        aSnapshot("daily", day * DAY_MS + 8 * HOUR_MS, { members: members(...held) }),
      ),
    });

  test("are no matter of a replica set", () => {
    expect(findings(facts(), id)).toEqual([]);
  });

  test("of what is called a replica set contradict it", () => {
    const contradictory = aCluster({ shards: [{ zoneId: "a" }, { zoneId: "a" }] });
    expect(said(facts({ cluster: contradictory }), id)).toBe(
      "unknown: Atlas calls the cluster a replica set, and lists 2 shards of it",
    );
  });

  test("that are all there pass", () => {
    expect(said(units([1, 2, 3], [1, 2, 3]), id)).toBe("pass: all 2 snapshots hold all of their shards (3 today)");
  });

  test.each([
    [
      "the newest lacks one",
      [
        [1, 2],
        [1, 2, 3],
        [1, 2, 3],
      ],
      "daily-8h",
    ],
    [
      "the newest has one that the cluster no longer has",
      [
        [1, 2, 3, 4],
        [1, 2, 3],
      ],
      "daily-8h",
    ],
    [
      "one in the middle lacks one",
      [
        [1, 2, 3],
        [1, 2],
        [1, 2, 3],
      ],
      "daily-32h",
    ],
    [
      "the oldest lacks one",
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2],
      ],
      "daily-56h",
    ],
    [
      "it holds one twice",
      [
        [1, 2, 2],
        [1, 2, 3],
      ],
      "daily-8h",
    ],
  ])("fail where %s", (_, held, newest) => {
    expect(said(units(...held), id)).toBe(
      `fail: 1 of ${held.length} snapshots does not match the cluster's 3 shards, newest ${newest}: the cluster cannot be restored from such a snapshot`,
    );
  });

  test("that several units lack are told by the newest of them", () => {
    expect(said(units([1, 2, 3], [1, 2], [1, 2, 3], [1, 2], [1, 2, 3]), id)).toBe(
      "fail: 2 of 5 snapshots do not match the cluster's 3 shards, newest daily-32h: the cluster cannot be restored from such a snapshot",
    );
  });

  test("that were added lately are not missed in older units", () => {
    expect(said(units([1, 2, 3], [1, 2], [1, 2], [1]), id)).toMatch(/^fail/); // the oldest held fewer than the one after it
    expect(said(units([1, 2, 3], [1, 2], [1, 2]), id)).toMatch(/^pass/);
  });

  test("a config server of its own counts as none", () => {
    const config = { id: "c", replicaSetName: "litally-core-config-0" };
    const unit = (shards: readonly number[]) =>
      facts({ cluster, snapshots: [aSnapshot("daily", HOUR_MS, { members: [...members(...shards), config] })] });
    expect(said(unit([1, 2, 3]), id)).toMatch(/^pass/);
    expect(said(unit([1, 2]), id)).toMatch(/^fail/);
  });

  test("a config server that the newest lacks and the one before it holds is a warning", () => {
    const config = { id: "c", replicaSetName: "litally-core-config-0" };
    const whole = members(1, 2, 3);
    const held = (...newestFirst: readonly boolean[]) =>
      facts({
        cluster,
        snapshots: newestFirst.map((with_, day) =>
          aSnapshot("daily", day * DAY_MS + 8 * HOUR_MS, { members: with_ ? [...whole, config] : whole }),
        ),
      });
    expect(said(held(false, true, true), id)).toBe(
      "warn: the newest snapshot lacks the config server that the one before it holds",
    );
    expect(said(held(true, false), id)).toMatch(/^pass/);
    expect(said(held(false, false, true), id)).toMatch(/^pass/);
    expect(said(held(false), id)).toMatch(/^pass/);
    expect(said(held(true, true), id)).toMatch(/^pass/);
  });

  test.each([
    ["completed", {}, "pass"],
    ["failed", { status: "failed" }, "fail"],
    ["in progress", { status: "inProgress" }, "fail"],
    ["not readable", { status: GONE }, "unknown"],
  ] as const)("of which one has a snapshot of its own that is %s", (_, given, status) => {
    const own = (id: string, more: Parameters<typeof aSnapshot>[2] = {}) =>
      aSnapshot("daily", 8 * HOUR_MS, { id, ...more });
    const memberSnapshots = known([own("member-1"), own("member-2", given), own("member-3"), own("of-another-unit")]);
    const judged = facts({
      cluster,
      snapshots: dailies(1, { members: members(1, 2, 3) }),
      memberSnapshots,
    });
    expect(said(judged, id)).toMatch(new RegExp(`^${status}`));
  });

  test("of a unit that has expired or is not completed do not matter", () => {
    const given = (more: Parameters<typeof aSnapshot>[2]) =>
      facts({
        cluster,
        snapshots: [
          ...dailies(3, { members: members(1, 2, 3) }),
          aSnapshot("daily", 40 * HOUR_MS, { members: members(1), ...more }),
        ],
      });
    expect(said(given({}), id)).toMatch(/^fail/);
    expect(said(given({ expiresAt: ago(0) }), id)).toMatch(/^pass/);
    expect(said(given({ status: "failed" }), id)).toMatch(/^pass/);
    expect(said(given({ kind: "fallback" }), id)).toMatch(/^pass/);
  });

  test.each([
    [
      "the members of one",
      facts({
        cluster,
        snapshots: [...dailies(2, { members: members(1, 2, 3) }), aSnapshot("daily", 60 * HOUR_MS, { members: GONE })],
      }),
    ],
    ["a unit without members", facts({ cluster, snapshots: [aSnapshot("daily", HOUR_MS)] })],
    ["the type", facts({ cluster: aCluster({ type: GONE }) })],
    [
      "the shards",
      facts({ cluster: aCluster({ type: "SHARDED", shards: GONE }), snapshots: dailies(2, { members: members(1) }) }),
    ],
    ["the snapshots", facts({ cluster, snapshots: GONE })],
    ["the cluster", facts({ cluster: GONE })],
  ])("are unknown without %s", (_, given) => {
    expect(said(given, id)).toMatch(/^unknown/);
  });

  test("of units before which one cannot be read may be missing", () => {
    const unreadable = aSnapshot("daily", 80 * HOUR_MS, { members: GONE });
    const [newest, older] = [aSnapshot("daily", 8 * HOUR_MS, { members: members(1, 2, 3) }), members(1, 2)];
    const snapshots = [newest, aSnapshot("daily", 32 * HOUR_MS, { members: older }), unreadable];
    const whole = wholeUnit(snapshots, cluster.type, cluster.shards);
    expect(snapshots.map(whole)).toEqual(["yes", "maybe", "maybe"]);
  });

  test("lacking, a unit is no restore point: the newest of the others counts", () => {
    expect(said(units([1, 2], [1, 2, 3], [1, 2, 3]), "snapshot-age")).toMatch(/^fail: .* 32 h old/);
  });
});

describe("the encryption key", () => {
  const id = "encryption-key";
  const other = "2f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a";
  const keyed = (
    keys: readonly (string | null)[],
    provider: "AWS" | "NONE" | null = "AWS",
    masterKeys?: readonly string[],
  ) =>
    facts({
      cluster: aCluster({ encryptionAtRestProvider: provider }),
      database: masterKeys === undefined ? {} : { encryption: { masterKeys } },
      snapshots: keys.map((masterKeyId, day) => aSnapshot("daily", day * DAY_MS + HOUR_MS, { masterKeyId })),
    });

  test.each([
    ["no key, none wanted", keyed([null, null], "NONE"), "pass: no customer key in use"],
    ["one key", keyed([KEY, KEY]), `pass: one key, ${KEY}`],
    ["one key that the policy names", keyed([KEY], "AWS", [KEY]), `pass: one key, ${KEY}`],
    [
      "a rotation that the policy names",
      keyed([KEY, other], "AWS", [KEY, other]),
      "pass: 2 keys, all named in the policy",
    ],
    [
      "a rotation that it does not explain",
      keyed([KEY, other]),
      "fail: the encryption key changed among the snapshots (2 keys) and the policy does not explain it",
    ],
    [
      "a key that it does not name",
      keyed([KEY, other], "AWS", [KEY]),
      `fail: snapshots are encrypted with a key that the policy does not name: ${other}`,
    ],
    [
      "a bare snapshot of an encrypted cluster",
      keyed([KEY, null]),
      "fail: 1 of 2 snapshots are not encrypted with a customer key, though they should be",
    ],
    [
      "bare ones where the policy names a key",
      keyed([null, null], "NONE", [KEY]),
      "fail: the policy names customer keys, and the cluster is encrypted with none: its next snapshots will be bare",
    ],
    [
      "good keys, but none from now on",
      keyed([KEY, KEY], "NONE", [KEY]),
      "fail: the policy names customer keys, and the cluster is encrypted with none: its next snapshots will be bare",
    ],
    [
      "good keys, and Atlas silent about the cluster",
      keyed([KEY], null, [KEY]),
      "unknown: Atlas does not say whether the cluster is encrypted with a customer key",
    ],
    [
      "bare ones where the policy names a key, on an encrypted cluster",
      keyed([null, null], "AWS", [KEY]),
      "fail: 2 of 2 snapshots are not encrypted with a customer key, though they should be",
    ],
    ["one key in two cases", keyed([KEY, KEY.toUpperCase()]), `pass: one key, ${KEY}`],
    [
      "a key that the policy writes in the other case",
      keyed([KEY], "AWS", [KEY.toUpperCase()]),
      `pass: one key, ${KEY}`,
    ],
    [
      "none any more where there was one",
      keyed([null, null, KEY], "NONE"),
      "fail: the newest snapshots are not encrypted with a customer key any more, older ones are",
    ],
    [
      "none on the newest alone",
      keyed([null, KEY, KEY], "NONE"),
      "fail: the newest snapshots are not encrypted with a customer key any more, older ones are",
    ],
    [
      "bare ones where the policy names a key, and Atlas silent about the cluster",
      keyed([null], null, [KEY]),
      "fail: 1 of 1 snapshots are not encrypted with a customer key, though they should be",
    ],
    [
      "a key where there was none, unexplained",
      keyed([KEY, null], null),
      "fail: the encryption key changed among the snapshots (2 keys) and the policy does not explain it",
    ],
  ])("%s", (_, given, expected) => {
    expect(said(given, id)).toBe(expected);
  });

  test.each([
    ["a key", facts({ snapshots: [...dailies(2), aSnapshot("daily", 90 * HOUR_MS, { masterKeyId: GONE })] })],
    ["a status", facts({ snapshots: [...dailies(2), aSnapshot("daily", 90 * HOUR_MS, { status: GONE })] })],
    ["the provider", facts({ cluster: aCluster({ encryptionAtRestProvider: GONE }) })],
    ["the snapshots", facts({ snapshots: GONE })],
  ])("is unknown without %s", (_, given) => {
    expect(said(given, id)).toMatch(/^unknown/);
  });

  test("that is strange fails even where others, or its time, cannot be read", () => {
    const strange = aSnapshot("daily", HOUR_MS, { masterKeyId: other, createdAt: GONE });
    const given = facts({
      cluster: aCluster({ encryptionAtRestProvider: "AWS" }),
      database: { encryption: { masterKeys: [KEY] } },
      snapshots: [strange, aSnapshot("daily", DAY_MS, { masterKeyId: GONE })],
    });
    expect(said(given, id)).toMatch(/^fail: snapshots are encrypted with a key/);
  });

  test("names the keys as evidence, and what to do about each failure", () => {
    const [strange] = findings(keyed([KEY, other], "AWS", [KEY]), id);
    expect(strange).toMatchObject({ evidence: { expected: [KEY], actual: [other, KEY] } });
    expect(strange?.remedy).toContain("name the keys in databases[name=core].encryption.masterKeys");
    const [bare] = findings(keyed([null, KEY]), id);
    expect(bare?.evidence).toEqual({ actual: [KEY, "none"] });
    expect(bare?.remedy).toContain("a bare snapshot stays bare");
    const [off] = findings(keyed([KEY], "NONE", [KEY]), id);
    expect(off?.evidence).toEqual({ expected: "a provider of keys", actual: "NONE" });
    expect(off?.remedy).toBe(
      `turn it on again: echo '{"encryptionAtRestProvider":"AWS"}' > f.json && atlas api clusters updateCluster --clusterName litally-core --file f.json`,
    );
  });
});
