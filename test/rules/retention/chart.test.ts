import fc from "fast-check";
import { XMLParser, XMLValidator } from "fast-xml-parser";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { ageWords, lettered, spanWords, stopsUpTo } from "../../../src/rules/retention/chart.ts";
import { type CoveragePage, chartHtml } from "../../../src/rules/retention/chart-html.ts";
import { chartSvg, LETTER, PAPERS, TONES } from "../../../src/rules/retention/chart-svg.ts";
import { chartText, type Line } from "../../../src/rules/retention/chart-text.ts";
import { type AgeSpan, coverageAt } from "../../../src/rules/retention/coverage.ts";
import { lossWords, minimalLosses } from "../../../src/rules/retention/losses.ts";
import type { Supply } from "../../../src/rules/retention/model.ts";
import { redundancyAt, redundancyWords } from "../../../src/rules/retention/redundancy.ts";
import { AS_OF_MS, BORN_MS, FIVE_YEARS_MS, LITALLY, MAX_HOURS, place, point, supplies } from "./supplies.ts";

const EXTENT = { horizonMs: FIVE_YEARS_MS, bornMs: BORN_MS };
const TODAY = coverageAt(LITALLY, AS_OF_MS, EXTENT);
const plain = (lines: readonly Line[]) => lines.map((line) => line.map(({ text }) => text).join(""));

const anySpans: fc.Arbitrary<readonly AgeSpan[]> = fc
  .tuple(supplies, fc.integer({ min: 0, max: MAX_HOURS }), fc.integer({ min: 1, max: 3000 }))
  .map(([supply, atHours, days]) => coverageAt(supply, atHours * HOUR_MS, { horizonMs: days * DAY_MS, bornMs: 0 }));

describe("on a terminal", () => {
  test("LiTally's today in 80 columns", () => {
    expect(plain(chartText(TODAY, { widthColumns: 80, isUnicode: true }))).toEqual([
      "how fine",
      "          any second │    B━━━━━━━━━━━━━━━━━━━━━━━",
      "          15 minutes │A━━━",
      "               a day │                            C━━━━━━",
      "             a month │                                   D━━━━━━",
      "             nothing │                                          E━━━━━━",
      "         no data yet │                                                 F━━",
      "first byte",
      "         within 30 m │A━━━B━━━━━━━━━━━━━━━━━━━━━━━C━━━━━━",
      "         within 12 h │                                   D━━━━━━",
      "where",
      "          ap-south-1 │A━━━B━━━━━━━━━━━━━━━━━━━━━━━C━━━━━━",
      "s3://lital…-south-1) │                                   D━━━━━━",
      "                     └───┴───┴───┴───┴───┴───┴───┴───┴───┴───┴───┴───┴───┴",
      "         age of data  now 1m  10m 1h  6h  1d  3d  7d  14d 30d 90d 1y  2y  5y",
      "",
      "A  up to 1 m: points at most 1 m apart, from the continuous backup in",
      "   ap-south-1, Atlas, first byte within 30 m; also in ap-southeast-1.",
      "B  1 m to 7 d: any second, from the continuous backup in ap-south-1, Atlas,",
      "   first byte within 30 m; also in ap-southeast-1.",
      "C  7 d to 29 d: points at most 24 h apart, from snapshots in ap-south-1, Atlas,",
      "   first byte within 30 m; also in ap-southeast-1.",
      "D  29 d to 295 d: points at most 31 d apart, from archives in",
      "   s3://litally-archive (ap-south-1), DEEP_ARCHIVE, first byte within 12 h.",
      "E  295 d to 2.7 y: nothing can be restored.",
      "F  2.7 y to 5.0 y: there were no data yet.",
    ]);
  });

  test("in ASCII the same, letter by letter", () => {
    const [unicode, ascii] = [true, false].map((isUnicode) => plain(chartText(TODAY, { widthColumns: 80, isUnicode })));
    expect(ascii?.join("\n")).toMatch(/^[\n -~]+$/);
    expect(ascii?.map((line) => line.replaceAll("=", "━").replace("|", "│"))[1]).toBe(unicode?.[1]);
    expect(ascii).toHaveLength(unicode?.length ?? 0);
  });

  test("whatever the spans and the width: no line is too wide, and the letters drawn are those explained", () => {
    fc.assert(
      fc.property(anySpans, fc.integer({ min: 50, max: 200 }), fc.boolean(), (spans, widthColumns, isUnicode) => {
        const lines = plain(chartText(spans, { widthColumns, isUnicode }));
        expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(widthColumns);
        const drawn = lines.flatMap((line) => /^.*?[│|](.*)$/.exec(line)?.[1]?.match(/[A-Z]/g) ?? []);
        const explained = lines.flatMap((line) => /^([A-Z]) {2}/.exec(line)?.[1] ?? []);
        expect([...new Set(drawn)].sort()).toEqual(explained);
      }),
    );
  });

  test("of neighbours in one column, the worse is drawn: no bar claims more than there is", () => {
    const way = { ...TODAY[0], fromAgeMs: 0, untilAgeMs: 0 }.way ?? { kind: "nothing" as const };
    const spans: readonly AgeSpan[] = [
      { fromAgeMs: 0, untilAgeMs: 100 * DAY_MS, way },
      { fromAgeMs: 100 * DAY_MS, untilAgeMs: 101 * DAY_MS, way: { kind: "nothing" } },
      { fromAgeMs: 101 * DAY_MS, untilAgeMs: 1000 * DAY_MS, way },
    ];
    const lines = plain(chartText(spans, { widthColumns: 80, isUnicode: false }));
    expect(lines.find((line) => line.includes("nothing |"))).toMatch(/B=*$/);
  });
});

describe("the axis", () => {
  test.each([
    [FIVE_YEARS_MS, ["90d", "1y", "2y", "5y"]],
    [30 * DAY_MS, ["3d", "7d", "14d", "30d"]],
    [31 * DAY_MS, ["3d", "7d", "14d", "31d"]],
    [45 * DAY_MS, ["7d", "14d", "30d", "45d"]],
    [7 * 365.25 * DAY_MS, ["1y", "2y", "5y", "7y"]],
    [6 * HOUR_MS, ["1m", "10m", "1h", "6h"]],
  ])("up to %d ms ends with %j", (horizonMs, labels) => {
    const stops = stopsUpTo(horizonMs);
    expect(stops.slice(-4).map(({ label }) => label)).toEqual(labels);
    expect(stops.at(-1)?.ageMs).toBe(horizonMs);
  });
});

const HOSTILE = `<script>alert("x")</script> & 'y' \u0000\u001b[31m\ud800 ]]> -->`;

/** Restore points of a place with that name, in a database with that name. */
const HOSTILE_SUPPLY: Supply = {
  points: [point({ dataMs: AS_OF_MS - DAY_MS, place: place(HOSTILE, `bucket/${HOSTILE}`) })],
  continuous: [],
};
const HOSTILE_VIEW = { heading: HOSTILE, spans: coverageAt(HOSTILE_SUPPLY, AS_OF_MS, EXTENT) };

function page(supply: Supply, name: string): CoveragePage {
  return {
    database: name,
    environment: name,
    asOfMs: AS_OF_MS,
    sandbox: name,
    policy: [name],
    views: [
      { heading: name, spans: coverageAt(supply, AS_OF_MS, EXTENT) },
      { heading: name, spans: coverageAt(supply, AS_OF_MS, EXTENT).map((span) => ({ ...span, atMs: AS_OF_MS })) },
    ],
    redundancy: redundancyWords(redundancyAt(supply, AS_OF_MS, ["ap-south-1"])),
    losses: lossWords(minimalLosses(supply, AS_OF_MS)),
  };
}

/** What a reader sees, without tags. */
function seen(markup: string): string {
  return markup
    .replace(/<style>[^<]*<\/style>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)))
    .replaceAll(/\s+/g, " ");
}

describe("as SVG", () => {
  test("is well-formed and says all in words, to those who see it and to those who do not", () => {
    const svg = chartSvg({ heading: "core, today", spans: TODAY });
    expect(XMLValidator.validate(svg)).toBe(true);
    const parsed = new XMLParser({ ignoreAttributes: false }).parse(svg).svg;
    expect(parsed["@_role"]).toBe("img");
    expect(parsed["@_aria-labelledby"]).toBe(`${parsed.title["@_id"]} ${parsed.desc["@_id"]}`);
    expect(parsed.title["#text"]).toBe("core, today");
    for (const bar of lettered(TODAY))
      expect(parsed.desc["#text"]).toContain(`${bar.letter}: ${ageWords(bar)}: ${spanWords(bar)}`);
    const drawn = seen(svg.slice(svg.indexOf("</desc>")));
    for (const bar of lettered(TODAY)) expect(drawn).toContain(`${bar.letter}: ${ageWords(bar)}: `);
  });

  test("of hostile names is well-formed, and they stay text", () => {
    const svg = chartSvg(HOSTILE_VIEW);
    expect(XMLValidator.validate(svg)).toBe(true);
    expect(svg).not.toMatch(/<script|[^\t\n\r -\ud7ff\ue000-\ufffd]/);
    expect(seen(svg)).toContain(`<script>alert("x")</script> & 'y' \ufffd\ufffd[31m\ufffd ]]> -->`);
  });

  test("no bar leaves the picture, each has its letter, and no letter is covered", () => {
    fc.assert(
      fc.property(anySpans, (spans) => {
        const svg = chartSvg({ heading: "any", spans });
        const width = Number(/width="(\d+)"/.exec(svg)?.[1]);
        const bars = [
          ...svg.matchAll(/<rect class="bar \w+" x="([\d.]+)" y="(\d+)" width="([\d.]+)".*?>([A-Z])<\/text>/g),
        ];
        const placed = bars.map(([, x, y, w]) => ({ y: Number(y), left: Number(x), right: Number(x) + Number(w) }));
        for (const { left, right } of placed) expect(left >= 0 && right <= width).toBe(true);
        for (const [index, { left, right, y }] of placed.entries()) {
          const middle = (left + right) / 2;
          const above = placed.slice(index + 1).filter((bar) => bar.y === y);
          expect(above.some((bar) => bar.left < middle + 5 && middle - 5 < bar.right)).toBe(false);
        }
        expect(bars.length).toBe([...svg.matchAll(/<rect /g)].length);
      }),
    );
  });

  test("of a day without anything in a year of days: the hole is drawn as wide as its letter", () => {
    const good = TODAY.find(({ way }) => way.kind === "restorable")?.way ?? { kind: "nothing" as const };
    const span = (from: number, until: number, way: AgeSpan["way"]) => ({
      fromAgeMs: from * DAY_MS,
      untilAgeMs: until * DAY_MS,
      way,
    });
    const spans = [span(0, 200, good), span(200, 201, { kind: "nothing" }), span(201, 400, good)];
    expect(chartSvg({ heading: "a hole", spans })).toMatch(/<rect class="bar nothing" x="[\d.]+" y="\d+" width="13"/);
  });
});

describe("as a page", () => {
  test("loads and runs nothing", () => {
    const html = chartHtml(page(LITALLY, "core"));
    expect(html).not.toMatch(/<script|<link|<img|<iframe|@import|url\(|\son\w+=|\b(src|href)=/i);
    expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:/);
  });

  test("of hostile names: they stay text, wherever they stand", () => {
    const html = chartHtml(page(HOSTILE_SUPPLY, HOSTILE));
    expect(html).not.toMatch(/<script|[^\t\n\r -\ud7ff\ue000-\ufffd]/);
    expect(XMLValidator.validate(html.replace("<!doctype html>", "").replaceAll(/<(meta[^>]*|br)>/g, "<$1/>"))).toBe(
      true,
    );
    const ids = [...html.matchAll(/\sid="([^"]*)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("has every span in words, the policy, the losses and the instant", () => {
    const text = seen(chartHtml(page(LITALLY, "core")));
    for (const { letter, ...span } of lettered(TODAY)) expect(text).toContain(` ${letter} ${ageWords(span)} `);
    expect(text).toContain("As of 2026-11-23 04:00:00 UTC");
    expect(text).toContain(
      "C 7 d to 29 d 2026-10-24 to 2026-11-16 points at most 24 h apart snapshots in ap-south-1 Atlas within 30 m ap-southeast-1",
    );
    expect(text).toContain("2024-03-05 to 2026-01-31 on 2026-11-23 Nothing: data of this age cannot be restored.");
    expect(text).toContain("SANDBOX (world core)");
    expect(text).toContain("bucket/litally-archive and cluster/litally-core");
    expect(text).toContain("All 10 archives are under one KMS key");
  });
});

describe("the colours", () => {
  const contrast = (one: string, other: string) => {
    const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };

  test.each(Object.entries(PAPERS))("%s: all that is written is read, with a contrast of 4.5 at least", (_, paper) => {
    expect(contrast(paper.ink, paper.paper)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(paper.faint, paper.paper)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(Object.entries(TONES).filter(([, colour]) => colour !== "none"))("a letter on %s", (_, colour) => {
    expect(contrast(LETTER, colour)).toBeGreaterThanOrEqual(4.5);
  });

  test("are known to differ: black on black does not", () => expect(contrast("#000000", "#000000")).toBe(1));
});

/** https://www.w3.org/TR/WCAG21/#dfn-relative-luminance */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("sets of losses in words", () => {
  expect(lossWords([])).toEqual(["No 4 losses at once leave nothing."]);
  expect(lossWords([[]])).toEqual(["There is no restore point to lose."]);
});
