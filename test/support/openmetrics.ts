/**
 * A strict reader of OpenMetrics 1.0, by the grammar of its specification
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/#abnf), as far as gauges go, and of what node-exporter's textfile
 * collector asks beyond it. It knows nothing of how we write.
 */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface Reading {
  family: string | undefined;
  unit: string | undefined;
  readonly told: Set<string>;
  readonly families: Set<string>;
  readonly series: Set<string>;
  readonly samples: Sample[];
}

const NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*";
const ESCAPED = String.raw`(?:[^\n"\\]|\\[n"\\])*`;
const LABEL = `([a-zA-Z_][a-zA-Z0-9_]*)="(${ESCAPED})"`;
const DESCRIPTOR = new RegExp(`^# (TYPE|UNIT|HELP) (${NAME}) (.*)$`);
const HELP = new RegExp(`^${ESCAPED}$`);
/** No timestamp after the value: the collector drops the whole file for one. */
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{(${LABEL}(?:,${LABEL})*)?\})? (\S+)$`);
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;

/** Throws where the text is not as it must be. */
export function readOpenMetrics(text: string): readonly Sample[] {
  if (!text.endsWith("\n# EOF\n")) throw new Error("it does not end with # EOF");
  if (!text.isWellFormed()) throw new Error("it has no form in UTF-8");
  const reading: Reading = {
    family: undefined,
    unit: undefined,
    told: new Set(),
    families: new Set(),
    series: new Set(),
    samples: [],
  };
  for (const line of text.slice(0, -"# EOF\n".length - 1).split("\n")) {
    if (line.startsWith("#")) descriptor(reading, line);
    else sample(reading, line);
  }
  return reading.samples;
}

function descriptor(reading: Reading, line: string): void {
  const [, what = "", name = "", value = ""] = DESCRIPTOR.exec(line) ?? [];
  if (what === "") throw new Error(`neither a descriptor nor a sample: ${line}`);
  if (name !== reading.family) {
    if (reading.families.has(name)) throw new Error(`${name} stands in two places`);
    reading.families.add(name);
    reading.family = name;
    reading.told.clear();
    reading.unit = undefined;
  }
  if (reading.told.has(what)) throw new Error(`a second ${what} of ${name}`);
  if (reading.told.has("a sample")) throw new Error(`${what} of ${name} after a sample of it`);
  reading.told.add(what);
  if (what === "TYPE" && value !== "gauge") throw new Error(`${name} is no gauge`);
  if (what === "UNIT" && !name.endsWith(`_${value}`)) throw new Error(`${name} does not end in its unit`);
  if (what === "HELP" && !HELP.test(value)) throw new Error(`unescaped help of ${name}`);
}

function sample(reading: Reading, line: string): void {
  const match = SAMPLE.exec(line);
  const [, name = "", labels = ""] = match ?? [];
  const number = match?.at(-1) ?? "";
  if (!NUMBER.test(number)) throw new Error(`no sample: ${line}`);
  if (name !== reading.family || !reading.told.has("TYPE") || !reading.told.has("HELP"))
    throw new Error(`${name} is not described`);
  reading.told.add("a sample");
  const pairs = [...labels.matchAll(new RegExp(LABEL, "g"))].map(([, key = "", value = ""]) => [key, unescaped(value)]);
  const byName = Object.fromEntries(pairs);
  if (Object.keys(byName).length !== pairs.length) throw new Error(`a label twice: ${line}`);
  if (Object.keys(byName).some((key) => key.startsWith("__"))) throw new Error(`a reserved label: ${line}`);
  const series = JSON.stringify([name, ...pairs.toSorted()]);
  if (reading.series.has(series)) throw new Error(`the same series twice: ${line}`);
  reading.series.add(series);
  reading.samples.push({ name, labels: byName, value: Number(number) });
}

function unescaped(text: string): string {
  return text.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}
