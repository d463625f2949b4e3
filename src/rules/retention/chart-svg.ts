/** The recovery-coverage map as SVG: light and dark by what the reader prefers, and no meaning in colour alone. */
import { wrap } from "../../core/wrap.ts";
import {
  ageWords,
  type Lettered,
  lettered,
  type PanelRow,
  panelsOf,
  type Stop,
  shortened,
  spanWords,
  stopsUpTo,
  type Tone,
  toneOf,
} from "./chart.ts";
import type { AgeSpan } from "./coverage.ts";
import { escapeXml } from "./xml.ts";

/** One chart: of today, or the worst of many days. */
export interface CoverageView {
  readonly heading: string;
  /** From age 0 on, each after the other. */
  readonly spans: readonly AgeSpan[];
}

/**
 * Colours by Okabe and Ito, which those can tell apart who see few colours: https://jfly.uni-koeln.de/color/. A letter stands
 * on every one of them, in black, which all of them carry.
 */
export const TONES = {
  fine: "#56b4e9",
  daily: "#009e73",
  coarse: "#e69f00",
  nothing: "#d55e00",
  unborn: "none",
} as const satisfies Record<Tone, string>;

export const LETTER = "#000000";

export const PAPERS = {
  light: { paper: "#ffffff", ink: "#1b1b1b", faint: "#595959", grid: "#cfd4d9" },
  dark: { paper: "#15181c", ink: "#f0f0f0", faint: "#b4bac1", grid: "#3c434b" },
} as const;

function variables(paper: (typeof PAPERS)[keyof typeof PAPERS]): string {
  return Object.entries(paper)
    .map(([name, colour]) => `--${name}: ${colour};`)
    .join(" ");
}

/** What charts need of CSS; print is light. */
export const CHART_STYLE = `
:root { color-scheme: light dark; ${variables(PAPERS.light)} }
@media screen and (prefers-color-scheme: dark) { :root { ${variables(PAPERS.dark)} } }
.map { font: 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; background: var(--paper); }
.map text { fill: var(--ink); }
.map .title { font-weight: 700; }
.map .heading { font-weight: 700; font-size: 17px; }
.map .mark { fill: var(--faint); }
.map .grid { stroke: var(--grid); stroke-width: 1; }
.map .bar { stroke: var(--ink); stroke-width: 1; }
.map .letter { fill: ${LETTER}; font-weight: 700; text-anchor: middle; }
.map .letter.unborn { fill: var(--ink); }
.map .bar.unborn { stroke-dasharray: 4 3; }
${Object.entries(TONES)
  .map(([tone, colour]) => `.map .bar.${tone} { fill: ${colour}; }`)
  .join("\n")}
`;

/** A document of its own, with its heading and the sentence of every letter. */
export function chartSvg(view: CoverageView): string {
  const { body, height, bars } = chartOf(view);
  const below = HEADING_HEIGHT + height;
  const legend = bars.flatMap(legendLines);
  const lines = legend.map(
    (text, index) =>
      `<text x="8" y="${below + LINE_HEIGHT * (index + 1)}" xml:space="preserve">${escapeXml(text)}</text>`,
  );
  const parts = [
    `<style>${CHART_STYLE}</style>`,
    `<text class="heading" x="8" y="26">${escapeXml(view.heading)}</text>`,
    `<g transform="translate(0 ${HEADING_HEIGHT})">`,
    body,
    "</g>",
    ...lines,
  ];
  const whole = { body: parts.join("\n"), height: below + LINE_HEIGHT * (lines.length + 1), bars };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${svgElement(view, "map", whole)}\n`;
}

/** The `svg` element of the chart alone, to stand in a page; `id` is its own there. */
export function drawing(view: CoverageView, id: string): string {
  return svgElement(view, id, chartOf(view));
}

interface Drawn {
  readonly body: string;
  readonly height: number;
  readonly bars: readonly Lettered[];
}

function svgElement({ heading }: CoverageView, id: string, { body, height, bars }: Drawn): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" class="map" role="img" aria-labelledby="${id}-title ${id}-desc" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}">
<title id="${id}-title">${escapeXml(heading)}</title>
<desc id="${id}-desc">${escapeXml(bars.map(sentence).join(" "))}</desc>
${body}
</svg>`;
}

function sentence(bar: Lettered): string {
  return `${bar.letter}: ${ageWords(bar)}: ${spanWords(bar)}`;
}

function legendLines(bar: Lettered): readonly string[] {
  return wrap(sentence(bar), Math.floor((WIDTH - 40) / CHARACTER_WIDTH)).map((line, index) =>
    index === 0 ? line : `    ${line}`,
  );
}

const WIDTH = 960;
const LABELS_WIDTH = 210;
const RIGHT_MARGIN = 34;
const ROW_HEIGHT = 28;
const BAR_HEIGHT = 20;
const TITLE_HEIGHT = 30;
const AXIS_HEIGHT = 46;
const HEADING_HEIGHT = 40;
const LINE_HEIGHT = 19;
/** Of letters of the size used, about. */
const CHARACTER_WIDTH = 7;
/** No bar is narrower than its letter. */
const LETTER_WIDTH = 13;

/** The bars of a view. Where two letters have no room beside each other, the bars become one. */
export function legible({ spans }: CoverageView): readonly Lettered[] {
  const stops = stopsOf(spans);
  const centreOf = (bar: Lettered) => (xOf(bar.fromAgeMs, stops) + xOf(bar.untilAgeMs, stops)) / 2;
  const isCrowded = (bar: Lettered, next: Lettered | undefined) =>
    next !== undefined && centreOf(next) - centreOf(bar) < LETTER_WIDTH;
  let bars = lettered(spans);
  while (bars.some((bar, index) => isCrowded(bar, bars[index + 1]))) bars = lettered(bars, bars.length - 1);
  return bars;
}

function stopsOf(spans: readonly AgeSpan[]): readonly Stop[] {
  return stopsUpTo(spans.at(-1)?.untilAgeMs ?? 0);
}

function extentOf(
  { fromAgeMs, untilAgeMs }: AgeSpan,
  stops: readonly Stop[],
): { readonly left: number; readonly width: number } {
  const left = xOf(fromAgeMs, stops);
  return { left, width: xOf(untilAgeMs, stops) - left };
}

function chartOf(view: CoverageView): Drawn {
  const bars = legible(view);
  const stops = stopsOf(view.spans);
  const body: string[] = [];
  let top = 0;
  for (const { title, rows } of panelsOf(bars)) {
    body.push(`<text class="title" x="8" y="${top + 20}">${escapeXml(title)}</text>`);
    top += TITLE_HEIGHT;
    for (const row of rows) {
      body.push(drawnRow(row, stops, top));
      top += ROW_HEIGHT;
    }
  }
  return { body: [drawnAxis(stops, top), ...body].join("\n"), height: top + AXIS_HEIGHT, bars };
}

function drawnRow({ label, spans }: PanelRow, stops: readonly Stop[], top: number): string {
  const length = Math.floor((LABELS_WIDTH - 16) / CHARACTER_WIDTH);
  const text = `<text x="${LABELS_WIDTH - 10}" y="${top + 18}" text-anchor="end">${escapeXml(shortened(label, length, "…"))}</text>`;
  const byWidth = spans.toSorted((a, b) => extentOf(b, stops).width - extentOf(a, stops).width);
  return [text, ...byWidth.map((span) => drawnBar(span, stops, top))].join("\n");
}

/** A span too short for its letter is drawn wider than it is, over its neighbours: a hole is not to be overlooked. */
function drawnBar(span: Lettered, stops: readonly Stop[], top: number): string {
  const exact = extentOf(span, stops);
  const width = Math.max(LETTER_WIDTH, exact.width);
  const left = Math.min(Math.max(LABELS_WIDTH, exact.left - (width - exact.width) / 2), WIDTH - RIGHT_MARGIN - width);
  const tone = toneOf(span.way);
  const letter = `<text class="letter ${tone}" x="${round(left + width / 2)}" y="${top + 19}">${span.letter}</text>`;
  return `<g><title>${escapeXml(sentence(span))}</title><rect class="bar ${tone}" x="${round(left)}" y="${top + 4}" width="${round(width)}" height="${BAR_HEIGHT}"/>${letter}</g>`;
}

function drawnAxis(stops: readonly Stop[], bottom: number): string {
  const lines = stops.map(({ ageMs, label }) => {
    const x = round(xOf(ageMs, stops));
    return `<line class="grid" x1="${x}" y1="8" x2="${x}" y2="${bottom + 6}"/><text class="mark" x="${x}" y="${bottom + 22}" text-anchor="middle">${escapeXml(label)}</text>`;
  });
  const title = `<text class="mark" x="${LABELS_WIDTH - 22}" y="${bottom + 22}" text-anchor="end">age of the data</text>`;
  return [...lines, title].join("\n");
}

/** Each step has the same width, and time runs evenly within it. */
function xOf(ageMs: number, stops: readonly Stop[]): number {
  const stepWidth = (WIDTH - LABELS_WIDTH - RIGHT_MARGIN) / (stops.length - 1);
  const step = Math.max(
    0,
    stops.findLastIndex((stop) => stop.ageMs < ageMs),
  );
  const [fromMs, untilMs] = [stops[step]?.ageMs ?? 0, stops[step + 1]?.ageMs ?? ageMs];
  return LABELS_WIDTH + stepWidth * (step + (ageMs - fromMs) / (untilMs - fromMs));
}

function round(pixels: number): number {
  return Math.round(pixels * 10) / 10;
}
