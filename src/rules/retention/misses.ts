/**
 * Which runs in a row are the fewest whose loss leaves a gap. At every instant a slot hangs on the runs of which something is
 * there then, unless something else is there: to lose it, one must miss all of them, and so all from the first to the last. It
 * is counted in stretches of time between which nothing comes or goes, in little more than linear time.
 */

/** Something that fills a slot for a time; `run`: by the number of the run that it hangs on, null where none can take it away. */
export interface Life {
  readonly fromMs: number;
  readonly untilMs: number;
  readonly run: number | null;
}

/** The runs from `first` to `last`, without which nothing is there at `atMs`. */
export interface Gap {
  readonly first: number;
  readonly last: number;
  readonly atMs: number;
}

/** The shortest row of runs, and of several such that with the earliest gap; undefined: none leaves any. */
export function fewestRuns(lives: readonly Life[], fromMs: number, untilMs: number): Gap | undefined {
  const there = lives.filter((life) => life.fromMs < untilMs && life.untilMs > fromMs && life.fromMs < life.untilMs);
  const cuts = cutsOf(there, fromMs, untilMs);
  const places = new Map(cuts.map((ms, index) => [ms, index]));
  const own = there.filter(({ run }) => run !== null).sort((a, b) => (a.run ?? 0) - (b.run ?? 0));
  const firstOf = (some: readonly Life[]) =>
    firstCovers(some, cuts.length, (ms) => (ms <= fromMs ? 0 : (places.get(ms) ?? cuts.length)));
  const others = firstOf(there.filter(({ run }) => run === null));
  const [firsts, lasts] = [firstOf(own), firstOf(own.toReversed())];
  let fewest: Gap | undefined;
  for (const [index, atMs] of cuts.entries()) {
    const [first, last] = [firsts[index]?.run ?? null, lasts[index]?.run ?? null];
    if (others[index] !== undefined || first === null || last === null) continue;
    if (fewest === undefined || last - first < fewest.last - fewest.first) fewest = { first, last, atMs };
  }
  return fewest;
}

/** Where stretches begin. */
function cutsOf(lives: readonly Life[], fromMs: number, untilMs: number): readonly number[] {
  const inside = lives.flatMap((life) => [life.fromMs, life.untilMs]).filter((ms) => fromMs < ms && ms < untilMs);
  return [...new Set([fromMs, ...inside])].sort((a, b) => a - b);
}

/** For each stretch the first of the lives that is there. What is covered already is passed over in few steps. */
function firstCovers(
  lives: readonly Life[],
  stretches: number,
  placeOf: (ms: number) => number,
): readonly (Life | undefined)[] {
  const covers: (Life | undefined)[] = Array.from({ length: stretches });
  const next = Array.from({ length: stretches + 1 }, (_, index) => index);
  const openFrom = (from: number): number => {
    let at = from;
    for (let to = next[at] ?? at; to !== at; to = next[at] ?? at) {
      next[at] = next[to] ?? to;
      at = to;
    }
    return at;
  };
  for (const life of lives) {
    const end = placeOf(life.untilMs);
    for (let at = openFrom(placeOf(life.fromMs)); at < end; at = openFrom(at)) {
      covers[at] = life;
      next[at] = at + 1;
    }
  }
  return covers;
}
