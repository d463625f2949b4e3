/**
 * The recovery-coverage map as one page for somebody who knows nothing of us: whose data, what the policy promises, what can
 * be restored of every age, in a chart and in words, and what would have to be lost to lose it all. It loads and runs nothing.
 */
import { formatInstant } from "../../core/instant.ts";
import { rehearsalOf } from "../../core/report.ts";
import { ageWords, dayText, finenessWords, firstByteWords, type Lettered, SOURCE_WORDS, toneOf } from "./chart.ts";
import { CHART_STYLE, type CoverageView, drawing, LETTER, legible, TONES } from "./chart-svg.ts";
import { escapeXml } from "./xml.ts";

export interface CoveragePage {
  readonly database: string;
  readonly environment: string;
  readonly asOfMs: number;
  /** Name of the world that was asked in place of the accounts. */
  readonly sandbox?: string;
  /** What the policy promises, a sentence each. */
  readonly policy: readonly string[];
  readonly views: readonly CoverageView[];
  /** 3-2-1 and its like, a sentence each. */
  readonly redundancy: readonly string[];
  /** The smallest sets of losses that leave nothing, in words. */
  readonly losses: readonly string[];
}

export function chartHtml(page: CoveragePage): string {
  const title = `What can be restored of ${page.database} (${page.environment})`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeXml(title)}</title>
<style>${CHART_STYLE}${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${escapeXml(title)}</h1>
${page.sandbox === undefined ? "" : `<p class="sandbox"><strong>${escapeXml(rehearsalOf(page.sandbox))}</strong></p>`}
<p>As of <time datetime="${new Date(page.asOfMs).toISOString()}">${formatInstant(new Date(page.asOfMs))}</time>.</p>
<h2>What the policy promises</h2>
${listOf(page.policy)}
${page.views.map((view, index) => viewSection(view, `map-${index + 1}`, page.asOfMs)).join("\n")}
<h2>How to read the charts</h2>
${listOf(READING)}
<h2>Copies and what they share</h2>
${listOf(page.redundancy)}
<h2>What would have to be lost to lose everything</h2>
<p>Each line is a smallest set of losses: all of it together leaves no restore point, and any part of it leaves one.</p>
${listOf(page.losses)}
</main>
</body>
</html>
`;
}

const READING = [
  "From left to right the data are older: at “7d” stands what was in the database seven days before the instant looked at. Each step between two marks has the same width.",
  "Ages and distances are in seconds (s), minutes (m), hours (h), days (d) and years (y); dates are in UTC.",
  "How fine: the distance between two instants that can be restored. What was written and lost again between them cannot be had back.",
  "First byte: the longest that the vendor lets one wait before data begin to come. The restore itself comes on top.",
  "Where: the place that is named is the one with the finest restore, and of equals the fastest.",
  "A letter stands for the same ages in every panel and in the table. Colour repeats what the rows say, and says nothing else.",
  "Where spans are too short for a letter of their own, several are one, and all of it is told as the worst of them. A bar is as wide as its letter at least.",
];

function listOf(sentences: readonly string[]): string {
  return `<ul>\n${sentences.map((sentence) => `<li>${escapeXml(sentence)}</li>`).join("\n")}\n</ul>`;
}

function viewSection(view: CoverageView, id: string, asOfMs: number): string {
  return `<section aria-label="${escapeXml(view.heading)}">
<h2>${escapeXml(view.heading)}</h2>
<figure>
${drawing(view, id)}
</figure>
<div class="table">
<table>
<caption>${escapeXml(view.heading)}, in words</caption>
<thead><tr>${HEADINGS.map((text) => `<th scope="col">${text}</th>`).join("")}</tr></thead>
<tbody>
${legible(view)
  .map((span) => tableRow(span, asOfMs))
  .join("\n")}
</tbody>
</table>
</div>
</section>`;
}

const HEADINGS = ["Key", "Age of the data", "Data of", "How fine", "From", "Class", "First byte", "Also in"];

function tableRow(span: Lettered, asOfMs: number): string {
  const { way, letter } = span;
  const cells = way.kind === "restorable" ? restorableCells(way) : `<td colspan="5">${UNRESTORABLE[way.kind]}</td>`;
  return `<tr><th scope="row"><span class="key ${toneOf(way)}">${letter}</span></th>${cellsOf([ageWords(span)])}<td>${dates(span, asOfMs)}</td>${cells}</tr>`;
}

const UNRESTORABLE = {
  nothing: "Nothing: data of this age cannot be restored.",
  unborn: "There were no data yet.",
} as const;

function restorableCells(way: Extract<Lettered["way"], { readonly kind: "restorable" }>): string {
  const from = `${SOURCE_WORDS[way.by]} in ${way.place}`;
  const also = way.alsoIn.length === 0 ? "nowhere" : way.alsoIn.join(", ");
  return cellsOf([finenessWords(way), from, way.storageClass, firstByteWords(way), also]);
}

function cellsOf(texts: readonly string[]): string {
  return texts.map((text) => `<td>${escapeXml(text)}</td>`).join("");
}

/** The days, in UTC, that the ages are at the instant looked at, as HTML: figures, which need no escape. */
function dates({ fromAgeMs, untilAgeMs, atMs }: Lettered, asOfMs: number): string {
  const thenMs = atMs ?? asOfMs;
  const [first, last] = [dayText(thenMs - untilAgeMs), dayText(thenMs - fromAgeMs)];
  const days = first === last ? first : `${first} to ${last}`;
  return atMs === undefined ? days : `${days}<br>on ${dayText(atMs)}`;
}

const PAGE_STYLE = `
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: break-word; }
h1 { font-size: 1.6rem; line-height: 1.2; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
figure { margin: 0; overflow-x: auto; }
figure svg { max-width: 100%; min-width: 44rem; height: auto; }
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; min-width: 44rem; font-size: 0.85rem; line-height: 1.35; }
caption { text-align: left; color: var(--faint); padding: 0.5rem 0; }
th, td { text-align: left; vertical-align: top; padding: 0.4rem 0.5rem; border-top: 1px solid var(--grid); }
@media screen { td:nth-of-type(-n + 2) { white-space: nowrap; } }
.key { display: inline-block; width: 1.4em; text-align: center; border: 1px solid var(--ink); color: ${LETTER}; font-weight: 700; }
.key.unborn { border-style: dashed; color: var(--ink); }
${Object.entries(TONES)
  .filter(([, colour]) => colour !== "none")
  .map(([tone, colour]) => `.key.${tone} { background: ${colour}; }`)
  .join("\n")}
.sandbox { border: 2px solid var(--ink); padding: 0.5rem 0.75rem; }
@media print {
  main { max-width: none; padding: 0; }
  .map, .key { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  figure svg, table { min-width: 0; width: 100%; }
  table { font-size: 0.7rem; }
  th, td { padding: 0.25rem; }
  td { overflow-wrap: anywhere; }
  td:nth-of-type(5) { overflow-wrap: normal; }
  figure, tr, li { break-inside: avoid; }
  h2 { break-after: avoid; }
}
`;
