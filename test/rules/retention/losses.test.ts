import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import {
  assumeLost,
  availableAt,
  domainKey,
  domainsOf,
  minimalLosses,
  newestMs,
} from "../../../src/rules/retention/losses.ts";
import { parseLosses } from "../../../src/rules/retention/losses-parse.ts";
import type { Domain, Supply } from "../../../src/rules/retention/model.ts";
import { redundancyAt, redundancyWords } from "../../../src/rules/retention/redundancy.ts";
import { AS_OF_MS, AWAY, BUCKET, domain, HOME, KEY, LITALLY, MAX_HOURS, place, point, supplies } from "./supplies.ts";

const keys = (domains: readonly Domain[]) => domains.map(domainKey);
const rpoMs = (supply: Supply) => AS_OF_MS - (newestMs(supply, AS_OF_MS) ?? Number.NaN);
const atHour = fc.integer({ min: 0, max: MAX_HOURS }).map((n) => n * HOUR_MS);

describe("what is left after a loss", () => {
  test("nothing lost: the last minute", () => expect(rpoMs(LITALLY)).toBe(MINUTE_MS));

  test("nothing more is made of what is lost, wherever it would lie", () => {
    const copy = (id: string, fromMs: number) =>
      point({ id, kind: "copy", dataMs: fromMs, place: AWAY, madeFrom: HOME, isSeen: false });
    const [window] = LITALLY.continuous;
    if (window === undefined) throw new Error("there is a window");
    const supply: Supply = {
      points: [copy("before", AS_OF_MS), copy("after", AS_OF_MS + 1)],
      continuous: [{ ...window, place: AWAY, madeFrom: HOME }],
    };
    const left = assumeLost(supply, [domain("region/ap-south-1")], AS_OF_MS);
    expect(left.points.map(({ id }) => id)).toEqual(["before"]);
    expect(left.continuous.map(({ untilMs }) => untilMs)).toEqual([AS_OF_MS + 1]);
    expect(assumeLost(supply, [domain("bucket/other")], AS_OF_MS)).toEqual(supply);
  });

  test("of the region: the other region's continuous backup, and no archive", () => {
    const left = assumeLost(LITALLY, [domain("region/ap-south-1")], AS_OF_MS);
    expect(rpoMs(left)).toBe(MINUTE_MS);
    expect(new Set(left.points.map(({ kind }) => kind))).toEqual(new Set(["copy"]));
  });

  test("of the cluster: the archives, three weeks back", () => {
    const left = assumeLost(LITALLY, [domain("cluster/litally-core")], AS_OF_MS);
    expect(rpoMs(left)).toBe(22 * DAY_MS + 10 * HOUR_MS);
  });

  test("of the cluster and the key of the archives: nothing", () => {
    const left = assumeLost(LITALLY, ["cluster/litally-core", KEY].map(domain), AS_OF_MS);
    expect(newestMs(left, AS_OF_MS)).toBeNull();
  });

  test("more losses never leave a newer instant", () => {
    fc.assert(
      fc.property(supplies, atHour, fc.nat(), (supply, atMs, choice) => {
        const all = domainsOf(supply);
        const lost = all.filter((_, index) => (choice >> index) % 2 === 1);
        const left = newestMs(assumeLost(supply, lost, AS_OF_MS), atMs) ?? Number.NEGATIVE_INFINITY;
        expect(left).toBeLessThanOrEqual(newestMs(supply, atMs) ?? Number.NEGATIVE_INFINITY);
      }),
    );
  });
});

describe("the smallest losses that leave nothing", () => {
  test("for LiTally: the cluster with anything that takes the archives, or both regions", () => {
    expect(minimalLosses(LITALLY, AS_OF_MS).map(keys)).toEqual([
      ["account/111122223333", "cluster/litally-core"],
      ["bucket/litally-archive", "cluster/litally-core"],
      ["cluster/litally-core", KEY],
      ["cluster/litally-core", "region/ap-south-1"],
      ["region/ap-south-1", "region/ap-southeast-1"],
    ]);
  });

  test("equal those of a search through all sets of up to four", () => {
    fc.assert(
      fc.property(supplies, atHour, fc.integer({ min: 0, max: 4 }), (supply, atMs, maxSize) => {
        const found = minimalLosses(supply, atMs, maxSize).map(keys);
        expect(new Set(found.map(String))).toEqual(new Set(searched(supply, atMs, maxSize).map(String)));
        expect(new Set(found).size).toBe(new Set(found.map(String)).size);
      }),
      { numRuns: 1000 },
    );
  });

  test("come small ones first, and the same in any order of the points", () => {
    fc.assert(
      fc.property(supplies, atHour, (supply, atMs) => {
        const found = minimalLosses(supply, atMs);
        const sizes = found.map(({ length }) => length);
        expect(sizes).toEqual(sizes.toSorted((a, b) => a - b));
        const reversed = { points: supply.points.toReversed(), continuous: supply.continuous.toReversed() };
        expect(minimalLosses(reversed, atMs)).toEqual(found);
      }),
    );
  });

  test("of a point that lies in no domain: there are none, and of no points at all: nothing need be lost", () => {
    const nowhere = { points: [point({ dataMs: 0, place: place("nowhere") })], continuous: [] };
    expect(minimalLosses(nowhere, AS_OF_MS)).toEqual([]);
    expect(minimalLosses({ points: [], continuous: [] }, AS_OF_MS)).toEqual([[]]);
  });
});

describe("losses as a flag", () => {
  const parse = (text: string) => keys(parseLosses(text, [LITALLY]));

  test("several, each once, a region also in Atlas's spelling", () => {
    expect(parse(`region=AP_SOUTH_1, bucket=litally-archive,${KEY.replace("/", "=")},region=ap-south-1`)).toEqual([
      "region/ap-south-1",
      "bucket/litally-archive",
      KEY,
    ]);
  });

  test.each([
    ["no kind", "ap-south-1", /"ap-south-1" names no kind of loss/, /write region=..., bucket=/],
    ["another kind", "regoin=ap-south-1", /"regoin" is no kind of loss \(did you mean "region"\?\)/, /write region/],
    [
      "another name",
      "region=ap-south-2",
      /no restore point lies in region "ap-south-2" \(did you mean "ap-south-1"\?\)/,
      /there is region=/,
    ],
    ["no name", "cluster=", /no restore point lies in cluster ""/, /there is cluster=litally-core$/],
    ["nothing", "", /"" names no kind of loss/, /write/],
  ])("%s", (_, text, message, hint) => {
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        kind: "usage",
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    );
  });

  test("what lies in any of several supplies can be lost", () => {
    const other = { points: [point({ dataMs: 0, place: place("far", "cluster/other") })], continuous: [] };
    expect(keys(parseLosses("cluster=litally-core,cluster=other", [LITALLY, other]))).toEqual([
      "cluster/litally-core",
      "cluster/other",
    ]);
  });

  test("of a kind that there is none of", () => {
    const supply = assumeLost(LITALLY, [domain(KEY)], AS_OF_MS);
    expect(() => parseLosses("key=x", [supply])).toThrow(expect.objectContaining({ hint: "there is no key to lose" }));
  });
});

describe("3-2-1", () => {
  test("is kept by LiTally, and what archives and snapshots hang on is named", () => {
    expect(redundancyWords(redundancyAt(LITALLY, AS_OF_MS, ["ap-south-1"]))).toEqual([
      "3-2-1 is kept: 4 copies with the live database, on 2 kinds of storage (Atlas, S3), 1 in another region (ap-southeast-1).",
      "ap-south-1, Atlas: restores up to 2026-11-23 03:59:00 UTC.",
      "ap-southeast-1, Atlas: restores up to 2026-11-23 03:59:00 UTC.",
      "s3://litally-archive (ap-south-1), S3: restores up to 2026-10-31 18:00:00 UTC.",
      `All 10 archives would be lost with any one of account/111122223333, bucket/litally-archive, ${KEY}, region/ap-south-1.`,
      "All 10 archives are under one KMS key: without arn:aws:kms:ap-south-1:111122223333:key/5f2e none of them can be read.",
      "All 60 snapshots would be lost with cluster/litally-core.",
    ]);
  });

  const at = (...places: readonly (typeof HOME)[]) => {
    const points = places.map((one) => point({ dataMs: 0, place: one, kind: one === BUCKET ? "archive" : "snapshot" }));
    return redundancyAt({ points, continuous: [] }, AS_OF_MS, ["ap-south-1"]);
  };
  const FAR = place("s3://far", "region/eu-west-1");

  test.each([
    ["no second copy", [HOME], false],
    ["none elsewhere", [HOME, BUCKET], false],
    ["one kind of storage", [HOME, AWAY], false],
    ["a place in no region", [BUCKET, place("nowhere")], false],
    ["all three", [AWAY, BUCKET], true],
    ["nothing at all", [], false],
  ])("%s", (_, places, isKept) => expect(at(...places).isThreeTwoOne).toBe(isKept));

  test("what all have in common is said once, of all", () => {
    const { shared } = at(HOME, place("ap-south-1b", "region/ap-south-1"));
    expect(shared).toEqual([{ domain: domain("region/ap-south-1"), of: "restore points", points: 2 }]);
    expect(redundancyWords(at(FAR)).at(-1)).toBe("The only restore point would be lost with region/eu-west-1.");
  });
});

/** Every set of up to `maxSize` domains that leaves nothing, less those that hold a smaller one. */
function searched(supply: Supply, atMs: number, maxSize: number): readonly (readonly string[])[] {
  const domains = domainsOf(supply);
  const deadly: string[][] = [];
  for (let bits = 0; bits < 2 ** domains.length; bits += 1) {
    const lost = domains.filter((_, index) => Math.floor(bits / 2 ** index) % 2 === 1);
    const left = availableAt(assumeLost(supply, lost, AS_OF_MS), atMs);
    if (lost.length <= maxSize && left.points.length + left.continuous.length === 0) deadly.push(keys(lost).sort());
  }
  return deadly.filter((set) => !deadly.some((other) => other !== set && other.every((key) => set.includes(key))));
}
