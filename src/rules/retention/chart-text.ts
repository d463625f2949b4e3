/** The recovery-coverage map for a terminal: bars of letters over an axis of ages, and below what each letter stands for. */
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
  worstWithin,
} from "./chart.ts";
import type { AgeSpan } from "./coverage.ts";

/** A line in pieces; what has a tone may be coloured by it, and says the same without. */
export type Line = readonly Piece[];
interface Piece {
  readonly text: string;
  readonly tone: Tone | "title" | "plain";
}

export interface Paper {
  readonly widthColumns: number;
  /** Otherwise ASCII alone. */
  readonly isUnicode: boolean;
}

/** More bars than that nobody reads on a terminal. */
const MAX_SPANS = 16;
const MAX_LABEL_COLUMNS = 20;
/** The label of the last mark stands beyond the last column. */
const LAST_LABEL_COLUMNS = 4;

const TITLE = "age of data";

/** The map of spans that begin at age 0 and follow each other. */
export function chartText(spans: readonly AgeSpan[], paper: Paper): readonly Line[] {
  const stops = stopsUpTo(spans.at(-1)?.untilAgeMs ?? 0);
  const labelColumns = Math.min(
    MAX_LABEL_COLUMNS,
    Math.max(...[TITLE, ...labelsOf(spans)].map(({ length }) => length)),
  );
  const room = paper.widthColumns - labelColumns - 2 - LAST_LABEL_COLUMNS;
  const stepColumns = Math.max(1, Math.floor(room / (stops.length - 1)));
  const { bars, columns } = drawn(lettered(spans, MAX_SPANS), columnsOf(stops, stepColumns));
  const frame = { labelColumns, marks: paper.isUnicode ? UNICODE : ASCII };
  return [
    ...panelsOf(bars).flatMap(({ title, rows }) => [
      [{ text: title, tone: "title" as const }],
      ...rows.map((row) => rowLine(row, columns, frame)),
    ]),
    ...axisLines(stops, stepColumns, frame),
    ...bars.flatMap((bar) => legendLines(bar, paper.widthColumns)),
  ];
}

function labelsOf(spans: readonly AgeSpan[]): readonly string[] {
  return panelsOf(lettered(spans)).flatMap(({ title, rows }) => [title, ...rows.map(({ label }) => label)]);
}

type Ages = readonly [fromMs: number, untilMs: number];
type Column = Lettered | undefined;

/** A column stands for all that is in it by the worst. A span that has no column becomes part of a neighbour. */
function drawn(
  bars: readonly Lettered[],
  ages: readonly Ages[],
): { readonly bars: readonly Lettered[]; readonly columns: readonly Column[] } {
  const columns = ages.map(([fromMs, untilMs]) => worstWithin(bars, fromMs, untilMs));
  const isDrawn = bars.every((bar) => columns.includes(bar));
  return isDrawn || bars.length === 1 ? { bars, columns } : drawn(lettered(bars, bars.length - 1), ages);
}

interface Frame {
  readonly labelColumns: number;
  readonly marks: Marks;
}

interface Marks {
  readonly bar: string;
  readonly side: string;
  readonly corner: string;
  readonly line: string;
  readonly tick: string;
  readonly cut: string;
}

const UNICODE: Marks = { bar: "━", side: "│", corner: "└", line: "─", tick: "┴", cut: "…" };
const ASCII: Marks = { bar: "=", side: "|", corner: "+", line: "-", tick: "+", cut: ".." };

/** The ages of each column: steps are of the same width, and time runs evenly within each. */
function columnsOf(stops: readonly Stop[], stepColumns: number): readonly Ages[] {
  return stops.slice(1).flatMap(({ ageMs }, step) => {
    const fromMs = stops[step]?.ageMs ?? 0;
    const ageAt = (column: number) => fromMs + ((ageMs - fromMs) * column) / stepColumns;
    return Array.from({ length: stepColumns }, (_, column) => [ageAt(column), ageAt(column + 1)] as const);
  });
}

function rowLine(row: PanelRow, columns: readonly Column[], { labelColumns, marks }: Frame): Line {
  const bars: Piece[] = columns.map((bar, index) => {
    if (bar === undefined || !row.spans.includes(bar)) return { text: " ", tone: "plain" };
    const begins = columns[index - 1] !== bar;
    return { text: begins ? bar.letter : marks.bar, tone: toneOf(bar.way) };
  });
  const label = shortened(row.label, labelColumns, marks.cut).padStart(labelColumns);
  return trimmed([{ text: `${label} ${marks.side}`, tone: "plain" }, ...bars]);
}

/** Neighbours of one tone as one piece, and no space at the end. */
function trimmed(pieces: readonly Piece[]): Line {
  const line: Piece[] = [];
  for (const piece of pieces) {
    const last = line.at(-1);
    if (last?.tone === piece.tone) line[line.length - 1] = { ...last, text: last.text + piece.text };
    else line.push(piece);
  }
  return line.filter(({ text }, index) => index < line.length - 1 || text.trim() !== "");
}

function axisLines(stops: readonly Stop[], stepColumns: number, { labelColumns, marks }: Frame): readonly Line[] {
  const step = marks.line.repeat(stepColumns - 1) + marks.tick;
  const axis = `${" ".repeat(labelColumns + 1)}${marks.corner}${step.repeat(stops.length - 1)}`;
  const labels = stops.reduce((line, { label }, index) => {
    const gap = index * stepColumns - line.length;
    return gap < 0 ? line : `${line}${" ".repeat(gap + 1)}${label}`; // no room: the mark stands without its label
  }, "");
  const title = TITLE.padStart(labelColumns);
  return [[{ text: axis, tone: "plain" }], [{ text: `${title} ${labels}`, tone: "plain" }], []];
}

/** `A  up to 7 d: ...`, going on below the sentence's beginning. */
function legendLines(bar: Lettered, widthColumns: number): readonly Line[] {
  const [first = "", ...others] = wrap(`${ageWords(bar)}: ${spanWords(bar)}`, widthColumns - 3);
  return [
    [
      { text: bar.letter, tone: toneOf(bar.way) },
      { text: `  ${first}`, tone: "plain" },
    ],
    ...others.map((text): Line => [{ text: `   ${text}`, tone: "plain" }]),
  ];
}
