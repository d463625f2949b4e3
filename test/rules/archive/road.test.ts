/** The road of a push: a download only where it fits, an export only where there is one clear bucket. */
import { describe, expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/duration.ts";
import { known } from "../../../src/core/observed.ts";
import { roadFacts } from "../../../src/rules/archive/preconditions.ts";
import { chooseRoad, measuredBytesPerSecond, type RoadFacts, road } from "../../../src/rules/archive/road.ts";
import { GONE, members } from "../build.ts";
import { aManifest, anObject } from "./build.ts";
import { anExportBucket, aPush, said, sourceOf, taken } from "./push.ts";

const GB = 1e9;
/** What fits at the assumed speed: 36 minutes of 40 MB a second. */
const FITS = 36 * 60 * 40e6;

function facts(given: Partial<RoadFacts> = {}): RoadFacts {
  return {
    via: "auto",
    sizeBytes: known(GB),
    shards: known(1),
    past: [],
    exportBuckets: known([]),
    exportBucketId: null,
    region: "ap-south-1",
    ...given,
  };
}

function way(given: Partial<RoadFacts>): string {
  const choice = chooseRoad(facts(given));
  if (choice.road === "unclear") return "unclear";
  if (choice.road === null) return choice.message;
  return choice.road === "download"
    ? `download: ${choice.because}`
    : `export to ${choice.exportBucketId}: ${choice.because}`;
}

/** A download of so many bytes in so long. */
const past = (sizeBytes: number, tookMs: number, day: number, via: "download" | "export" = "download") =>
  aManifest({
    via,
    objects: [anObject({ sizeBytes })],
    startedAt: new Date(Date.UTC(2026, 8, day)),
    completedAt: new Date(Date.UTC(2026, 8, day) + tookMs),
  });

const one = known([anExportBucket("b1")]);
const tooSlow = "a download takes about 36 m 00 s, and must be done in 36 m 00 s";

test.each<[string, Partial<RoadFacts>, string]>([
  ["small", {}, "download: fits"],
  ["just small enough", { sizeBytes: known(FITS) }, "download: fits"],
  ["a byte too large", { sizeBytes: known(FITS + 1), exportBuckets: one }, "export to b1: too-large"],
  [
    "a byte too large, and nowhere to go",
    { sizeBytes: known(FITS + 1) },
    `${tooSlow}, and Atlas has no export bucket in AWS`,
  ],
  ["a byte too large, and asked for", { sizeBytes: known(FITS + 1), via: "download", exportBuckets: one }, tooSlow],
  ["small, and asked for", { via: "download" }, "download: asked"],
  ["small, and the other road asked for", { via: "export", exportBuckets: one }, "export to b1: asked"],
  ["of no known size", { sizeBytes: GONE }, "unclear"],
  ["of no told size", { sizeBytes: known(null) }, "unclear"],
  ["of no known size, to be exported", { sizeBytes: GONE, via: "export", exportBuckets: one }, "export to b1: asked"],
  ["to a bucket that cannot be read", { via: "export", exportBuckets: GONE }, "unclear"],
])("%s", (_, given, expected) => expect(way(given)).toBe(expected));

describe("the bucket of an export", () => {
  const two = [anExportBucket("b1"), anExportBucket("b2", known("eu-west-1"))];
  const exported = (given: Partial<RoadFacts>) => way({ via: "export", ...given });

  test("is the near one of several, or the one that is named", () => {
    expect(exported({ exportBuckets: known(two) })).toBe("export to b1: asked");
    expect(exported({ exportBuckets: known(two), exportBucketId: "b2" })).toBe("export to b2: asked");
    expect(exported({ exportBuckets: known(two), exportBucketId: "b3" })).toBe("Atlas has no export bucket b3 in AWS");
  });

  test("is none where several are as good, and none that is not of AWS", () => {
    const near = known([...two, anExportBucket("b3")]);
    expect(exported({ exportBuckets: near })).toBe(
      "Atlas has several export buckets: name one with --export-bucket (b1, b2, b3)",
    );
    expect(exported({ exportBuckets: known([{ ...anExportBucket("b1"), provider: known("GCP") }]) })).toMatch(
      /no export bucket in AWS/,
    );
  });

  test("is unclear where one of them cannot be read", () => {
    expect(exported({ exportBuckets: known([...two, { ...anExportBucket("b3"), id: GONE }]) })).toBe("unclear");
    expect(exported({ exportBuckets: known([...two, { ...anExportBucket("b3"), provider: GONE }]) })).toBe("unclear");
  });

  test.each([
    [known("ap-south-1"), "pass"],
    [known("AP_SOUTH_1"), "pass"],
    [known("eu-west-1"), "warn"],
    [known(null), "warn"],
    [GONE, "warn"],
  ])("in %j: %s", (region, status) => {
    const verdict = [
      road.judge(facts({ via: "export", exportBuckets: known([anExportBucket("b1", region)]) })),
    ].flat()[0];
    expect(verdict?.status).toBe(status);
  });
});

describe("the speed of this road", () => {
  test("is that of the slowest of the three newest downloads", () => {
    const minute = MINUTE_MS;
    const runs = [
      past(60 * GB, 10 * minute, 4),
      past(6 * GB, 10 * minute, 3),
      past(60 * GB, 20 * minute, 2),
      past(6000, 10 * minute, 1),
    ];
    expect(measuredBytesPerSecond(runs)).toBe(10e6);
    expect(measuredBytesPerSecond([past(60 * GB, 10 * minute, 4), past(1, HOUR_MS, 5, "export")])).toBe(100e6);
  });

  test("is not known from exports, from nothing, or from what took no time", () => {
    expect(measuredBytesPerSecond([])).toBeNull();
    expect(measuredBytesPerSecond([past(GB, HOUR_MS, 1, "export"), past(GB, 0, 2), past(GB, -1, 3)])).toBeNull();
  });

  test("decides, once it is measured", () => {
    expect(way({ sizeBytes: known(200 * GB), past: [past(60 * GB, 10 * MINUTE_MS, 1)] })).toBe("download: fits");
    expect(way({ sizeBytes: known(30 * GB), past: [past(6 * GB, 10 * MINUTE_MS, 1)], exportBuckets: one })).toMatch(
      /^export/,
    );
  });
});

test("is chosen by the size and the shards of the snapshot that is archived", () => {
  const source = sourceOf([taken(HOUR_MS, { sizeBytes: 3 * GB, members: members(0, 1) }), taken(2 * HOUR_MS)]);
  const { sizeBytes, shards, region } = roadFacts(aPush({ source }));
  expect([sizeBytes, shards, region]).toEqual([known(3 * GB), known(2), "ap-south-1"]);
  expect(roadFacts(aPush({ source: sourceOf([]) })).sizeBytes.known).toBe(false);
});

test("as a precondition it says how long, how fast and how many addresses", () => {
  expect(said(aPush(), "road")).toBe(
    "pass: download: about 20 m 00 s (40.0 MB/s, an assumption), its address lives 1 h",
  );
  const sharded = sourceOf([taken(HOUR_MS, { members: members(0, 1, 2) })]);
  expect(said(aPush({ source: sharded }), "road")).toMatch(/its 3 addresses live 1 h$/);
  const measured = {
    via: "auto" as const,
    past: [past(60 * GB, 10 * MINUTE_MS, 1)],
    exportBuckets: known([]),
    exportBucketId: null,
  };
  expect(said(aPush({ road: measured }), "road")).toMatch(/\(100 MB\/s as before\)/);
  expect(said(aPush({ source: sourceOf([]) }), "road")).toBe(
    "unknown: could not find out: there is no snapshot to archive",
  );
  expect(said(aPush({ source: sourceOf([taken(HOUR_MS, { sizeBytes: 900 * GB })]) }), "road")).toMatch(
    /^fail: a download takes/,
  );
  expect(said(aPush({ source: sourceOf([taken(HOUR_MS, { members: GONE })]) }), "road")).toMatch(/^unknown/);
});
