/** Keys of archives: what is built can be parsed, nothing else is taken for ours, and no name climbs out of its folder. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ArchiveKey, databaseFolder, formatKey, parseKey, periodFolder } from "../../../src/rules/archive/keys.ts";
import { PLACE, SNAPSHOT_ID } from "./build.ts";

const month = "2026-12";
const folder = `atlas/core/2026-12/${SNAPSHOT_ID}`;
const body = { kind: "body", month, snapshotId: SNAPSHOT_ID, replicaSet: "atlas-x1-shard-0" } as const;
const exported = {
  kind: "export",
  month,
  snapshotId: SNAPSHOT_ID,
  relative: "shop/orders/atlas-x1-shard-0.0.json.gz",
} as const;

test.each<[ArchiveKey, string]>([
  [{ kind: "manifest", month }, "atlas/core/2026-12/manifest.json"],
  [{ kind: "ledger", month }, "atlas/core/2026-12/push.json"],
  [{ kind: "deep", month }, "atlas/core/deep/2026-12.json"],
  [body, `${folder}/atlas-x1-shard-0.tar.gz`],
  [exported, `${folder}/export/shop/orders/atlas-x1-shard-0.0.json.gz`],
])("%j stands at %s", (key, text) => {
  expect(formatKey(PLACE, key)).toBe(text);
  expect(parseKey(PLACE, text)).toEqual(key);
});

test("without a prefix the database is the first folder", () => {
  const place = { prefix: "", database: "deep" };
  expect(formatKey(place, { kind: "deep", month })).toBe("deep/deep/2026-12.json");
  expect(parseKey(place, "deep/2026-12/manifest.json")).toEqual({ kind: "manifest", month });
  expect(periodFolder(PLACE, month)).toBe("atlas/core/2026-12/");
  expect([databaseFolder(place), databaseFolder(PLACE)]).toEqual(["deep/", "atlas/core/"]);
});

test.each([
  "",
  "atlas/core/",
  "atlas/core2/2026-12/manifest.json",
  "core/2026-12/manifest.json",
  "atlas/core/2026-12",
  "atlas/core/2026-12/",
  "atlas/core/2026-13/manifest.json",
  "atlas/core/2026-Q4/manifest.json",
  "atlas/core/2026-12/manifest.json/x",
  "atlas/core/2026-12/manifest.json2",
  "atlas/core/deep/2026-12",
  "atlas/core/deep/2026-12.json/x",
  `${folder}`,
  `${folder}/`,
  `${folder}/.tar.gz`,
  `${folder}/-x.tar.gz`,
  `${folder}/a b.tar.gz`,
  `${folder}/x.tar.gz/y`,
  `${folder}/export`,
  `${folder}/export/`,
  `${folder}/export//x`,
  `atlas/core/2026-12/${SNAPSHOT_ID.toUpperCase()}/x.tar.gz`,
])("%j is no key of ours", (text) => expect(parseKey(PLACE, text)).toBeUndefined());

describe("names from outside", () => {
  test.each([
    "../x",
    "a/../../x",
    "a/./x",
    "a//x",
    "/x",
    "a/",
    "",
    "a\u0000",
    "a\nb",
    "a\u001b[2J",
    "a\\..\\b",
    "\ud800",
  ])("%j is refused in an export", (relative) =>
    expect(() => formatKey(PLACE, { ...exported, relative })).toThrow(/not a safe key/),
  );

  test.each(["", "..", "a/b", "a.b", "-rf", "a b"])("%j is refused as a replica set", (replicaSet) => {
    expect(() => formatKey(PLACE, { ...body, replicaSet })).toThrow(expect.objectContaining({ kind: "protocol" }));
  });

  test.each(["", "x", "../../etc", SNAPSHOT_ID.slice(1), `${SNAPSHOT_ID}0`])(
    "%j is refused as a snapshot",
    (snapshotId) => {
      expect(() => formatKey(PLACE, { ...body, snapshotId })).toThrow(/not a safe key/);
    },
  );

  test("a key is at most 1024 bytes, not characters", () => {
    const room = 1024 - `${folder}/export/`.length;
    const relative = `${"ü".repeat((room - 1) / 2)}x`;
    expect(Buffer.byteLength(formatKey(PLACE, { ...exported, relative }))).toBe(1024);
    expect(() => formatKey(PLACE, { ...exported, relative: `${relative}x` })).toThrow(/not a safe key/);
  });
});

test("whatever is built comes back, and whatever parses is built again", () => {
  const hex = fc.stringMatching(/^[0-9a-f]{24}$/);
  const months = fc.stringMatching(/^[0-9]{4}-(0[1-9]|1[0-2])$/);
  const segment = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 20 })
    .filter((name) => !/[/\\\p{Cc}\p{Cs}]/u.test(name) && !/^\.\.?$/.test(name));
  const keys = fc.oneof(
    fc.record({ kind: fc.constantFrom("manifest" as const, "ledger" as const, "deep" as const), month: months }),
    fc.record({
      kind: fc.constant("body" as const),
      month: months,
      snapshotId: hex,
      replicaSet: fc.stringMatching(/^\w[\w-]{0,20}$/),
    }),
    fc.record({
      kind: fc.constant("export" as const),
      month: months,
      snapshotId: hex,
      relative: fc.array(segment, { minLength: 1, maxLength: 5 }).map((names) => names.join("/")),
    }),
  );
  const places = fc.record({
    prefix: fc.stringMatching(/^([A-Za-z0-9!_.*'()-]{1,9}\/){0,3}$/),
    database: fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/),
  });
  fc.assert(
    fc.property(places, keys, (place, key) => {
      expect(parseKey(place, formatKey(place, key))).toEqual(key);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 60 }), (rest) => {
      const text = `${folder}/export/${rest}`;
      const key = parseKey(PLACE, text);
      if (key !== undefined) expect(formatKey(PLACE, key)).toBe(text);
    }),
  );
});
