/**
 * The recovery-coverage map, before it is drawn: spans with a letter each, the axis of ages, and three panels over it: how fine
 * a restore is, how long its first byte takes, where it lies. Every letter has its sentence.
 */
import { DAY_MS, formatSpan, HOUR_MS, MINUTE_MS } from "../../core/duration.ts";
import { type AgeSpan, compareWays, type Restorable, type Way } from "./coverage.ts";
import { simplified } from "./coverage-worst.ts";
import { coarseness, GRADE_WORDS } from "./grade.ts";

/** A span with the letter that stands for it. */
export interface Lettered extends AgeSpan {
  readonly letter: string;
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/** No more spans than there are letters: of two that become one, the worse is told. */
export function lettered(spans: readonly AgeSpan[], count = LETTERS.length): readonly Lettered[] {
  const few = simplified(spans, Math.min(count, LETTERS.length));
  return few.map((span, index) => ({ ...span, letter: LETTERS.charAt(index) }));
}

/** A mark of the axis. Between two marks, wherever they are, lies the same room. */
export interface Stop {
  readonly ageMs: number;
  readonly label: string;
}

const YEAR_MS = 365.25 * DAY_MS;

const STOPS: readonly Stop[] = [
  { ageMs: 0, label: "now" },
  { ageMs: MINUTE_MS, label: "1m" },
  { ageMs: 10 * MINUTE_MS, label: "10m" },
  { ageMs: HOUR_MS, label: "1h" },
  { ageMs: 6 * HOUR_MS, label: "6h" },
  { ageMs: DAY_MS, label: "1d" },
  { ageMs: 3 * DAY_MS, label: "3d" },
  { ageMs: 7 * DAY_MS, label: "7d" },
  { ageMs: 14 * DAY_MS, label: "14d" },
  { ageMs: 30 * DAY_MS, label: "30d" },
  { ageMs: 90 * DAY_MS, label: "90d" },
  { ageMs: YEAR_MS, label: "1y" },
  { ageMs: 2 * YEAR_MS, label: "2y" },
  { ageMs: 5 * YEAR_MS, label: "5y" },
  { ageMs: 10 * YEAR_MS, label: "10y" },
];

/** A mark so near to the horizon would stand on its label. */
const NEARLY = 0.9;

/** Five years are as long with one leap day as with two. */
const LEAP = 0.001;

/** From now to the horizon, which is marked. */
export function stopsUpTo(horizonMs: number): readonly Stop[] {
  const inner = STOPS.filter(({ ageMs }) => ageMs < horizonMs * NEARLY);
  const label = STOPS.find(({ ageMs }) => Math.abs(ageMs - horizonMs) <= ageMs * LEAP)?.label ?? shortAge(horizonMs);
  return [...inner, { ageMs: horizonMs, label }];
}

/** What is told as one between two marks would hide where in it something ends: a quarter of the room is enough. */
export function stepsBetween(stops: readonly Stop[]): readonly number[] {
  const ages = stops.map(({ ageMs }) => ageMs);
  return ages.flatMap((ageMs, index) => {
    const next = ages[index + 1];
    return next === undefined ? [ageMs] : [0, 1, 2, 3].map((quarter) => ageMs + ((next - ageMs) * quarter) / 4);
  });
}

function shortAge(ms: number): string {
  if (ms >= 2 * YEAR_MS) return `${Math.round(ms / YEAR_MS)}y`;
  return ms >= DAY_MS ? `${Math.round(ms / DAY_MS)}d` : formatSpan(ms).replaceAll(" ", "");
}

export interface Panel {
  readonly title: string;
  readonly rows: readonly PanelRow[];
}

export interface PanelRow {
  readonly label: string;
  readonly spans: readonly Lettered[];
}

/** Three panels; a row of a panel is there when some span belongs to it, the best above. */
export function panelsOf(spans: readonly Lettered[]): readonly Panel[] {
  return [
    { title: "how fine", rows: rowsBy(spans, finenessRow) },
    { title: "first byte", rows: rowsBy(spans, firstByteRow) },
    { title: "where", rows: rowsBy(spans, placeRow) },
  ];
}

/** In which row a way stands; undefined: in none of this panel. */
type RowOf = (way: Way) => { readonly label: string; readonly order: number } | undefined;

function rowsBy(spans: readonly Lettered[], rowOf: RowOf): readonly PanelRow[] {
  const placed = spans.flatMap((span) => {
    const row = rowOf(span.way);
    return row === undefined ? [] : [{ span, ...row }];
  });
  return [...Map.groupBy(placed, ({ label }) => label)]
    .sort(([, [a]], [, [b]]) => (a?.order ?? 0) - (b?.order ?? 0))
    .map(([label, members]) => ({ label, spans: members.map(({ span }) => span) }));
}

const LAST = Number.MAX_VALUE;

const finenessRow: RowOf = (way) => {
  if (way.kind !== "restorable") return { label: KIND_WORDS[way.kind], order: LAST };
  return { label: GRADE_WORDS[way.grade], order: coarseness(way.grade) };
};

const firstByteRow: RowOf = (way) =>
  way.kind === "restorable" ? { label: firstByteWords(way), order: way.firstByteMs ?? LAST } : undefined;

/** In the order in which they are met on the way into the past. */
const placeRow: RowOf = (way) => (way.kind === "restorable" ? { label: way.place, order: 0 } : undefined);

const KIND_WORDS = { nothing: "nothing", unborn: "no data yet" } as const;

/** The worst of the spans that reach into [fromAgeMs, untilAgeMs). */
export function worstWithin(spans: readonly Lettered[], fromAgeMs: number, untilAgeMs: number): Lettered | undefined {
  return spans
    .filter((span) => span.fromAgeMs < untilAgeMs && fromAgeMs < span.untilAgeMs)
    .reduce<Lettered | undefined>(
      (worst, span) => (worst === undefined || compareWays(span.way, worst.way) > 0 ? span : worst),
      undefined,
    );
}

/** How good a way is, in a few steps that a colour may repeat. */
export type Tone = "fine" | "daily" | "coarse" | "nothing" | "unborn";

export function toneOf(way: Way): Tone {
  if (way.kind !== "restorable") return way.kind;
  if (coarseness(way.grade) <= coarseness("quarter-hour")) return "fine";
  return coarseness(way.grade) <= coarseness("day") ? "daily" : "coarse";
}

/** A name is known by its beginning and its end. */
export function shortened(text: string, length: number, cut: string): string {
  if (text.length <= length) return text;
  const end = Math.floor((length - cut.length) / 2);
  return text.slice(0, length - cut.length - end) + cut + text.slice(text.length - end);
}

/** `up to 7 d`, `30 d to 5.0 y`. */
export function ageWords({ fromAgeMs, untilAgeMs }: AgeSpan): string {
  return fromAgeMs === 0 ? `up to ${ageText(untilAgeMs)}` : `${ageText(fromAgeMs)} to ${ageText(untilAgeMs)}`;
}

function ageText(ms: number): string {
  return ms < 2 * YEAR_MS ? formatSpan(ms).replace(/ 00 s$/, "") : `${(ms / YEAR_MS).toFixed(1)} y`;
}

/** The whole of a span but its ages, as a sentence. */
export function spanWords({ way, atMs }: AgeSpan): string {
  return atMs === undefined ? `${wayWords(way)}.` : `${wayWords(way)} (so on ${dayText(atMs)}).`;
}

/** `2026-11-23`, in UTC. */
export function dayText(atMs: number): string {
  return new Date(atMs).toISOString().slice(0, 10);
}

function wayWords(way: Way): string {
  switch (way.kind) {
    case "restorable": {
      const also = way.alsoIn.length === 0 ? "" : `; also in ${way.alsoIn.join(", ")}`;
      const from = `from ${SOURCE_WORDS[way.by]} in ${way.place}, ${way.storageClass}`;
      return `${finenessWords(way)}, ${from}, first byte ${firstByteWords(way)}${also}`;
    }
    case "nothing":
      return "nothing can be restored";
    case "unborn":
      return "there were no data yet";
  }
}

export const SOURCE_WORDS = {
  continuous: "the continuous backup",
  snapshot: "snapshots",
  copy: "copied snapshots",
  archive: "archives",
} as const satisfies Record<Restorable["by"], string>;

export function finenessWords({ grade, granularityMs }: Restorable): string {
  return grade === "second" ? "any second" : `points at most ${ageText(granularityMs)} apart`;
}

export function firstByteWords({ firstByteMs }: Restorable): string {
  if (firstByteMs === null) return "not known";
  return firstByteMs === 0 ? "at once" : `within ${ageText(firstByteMs)}`;
}
