/** `retention map`: what can be restored of every age of data, how fine, how fast and from where. Changes nothing. */
import * as z from "zod/mini";
import { DAY_MS, formatDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { wrap } from "../core/wrap.ts";
import { stepsBetween, stopsUpTo } from "../rules/retention/chart.ts";
import { chartHtml } from "../rules/retention/chart-html.ts";
import { type CoverageView, chartSvg } from "../rules/retention/chart-svg.ts";
import { chartText } from "../rules/retention/chart-text.ts";
import { type AgeSpan, coverageAt } from "../rules/retention/coverage.ts";
import { worstCoverage } from "../rules/retention/coverage-worst.ts";
import { domainKey, lossWords, minimalLosses } from "../rules/retention/losses.ts";
import type { Question } from "../rules/retention/question.ts";
import { redundancyAt, redundancyWords } from "../rules/retention/redundancy.ts";
import { homeOf } from "../rules/retention/what-if.ts";
import type { Context } from "./context.ts";
import { askRetention } from "./retention-questions.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  until: z.optional(z.string()),
  asOf: z.optional(z.string()),
  assumeLost: z.optional(z.array(z.string())),
  out: z.optional(z.string()),
  ascii: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

const WIDTH_COLUMNS = 80;

export async function run(given: Given, context: Context): Promise<Artifact> {
  const { questions, environment } = await askRetention(context, given);
  for (const { unreadable } of questions) if (unreadable[0] !== undefined) throw unseen(unreadable[0]);
  const sandbox = await context.world();
  const maps = questions.map((question) => mapOf(question));
  if (given.out !== undefined) await write(given.out, maps, { context, environment, sandbox });
  const lines = maps.flatMap((map) => textOf(map, given.ascii));
  const written = given.out === undefined ? [] : [`written: ${given.out}`, ""];
  return {
    kind: "artifact",
    command: "retention map",
    mediaType: "text/plain",
    body: `${[...(sandbox === null ? [] : [`SANDBOX (world ${sandbox}): a rehearsal, not your accounts`, ""]), ...lines, ...written].join("\n")}`,
    content: maps.map(({ question, ...rest }) => ({ database: question.facts.backup.database.name, ...rest })),
  };
}

/** A map with holes in what was seen would be taken for one with holes in what there is. */
function unseen(reason: OpsError): OpsError {
  return new OpsError(reason.kind, `not everything could be read, and no map is drawn of the rest: ${reason.message}`, {
    hint: reason.hint ?? "litally-ops retention check names what could not be read",
  });
}

interface CoverageMap {
  readonly question: Question;
  readonly today: readonly AgeSpan[];
  /** Of all days to come up to the horizon, the worst for each age. */
  readonly worst: readonly AgeSpan[];
  readonly losses: readonly string[];
  readonly redundancy: readonly string[];
}

/** At its worst: no promise is drawn that may not be kept. */
function mapOf(question: Question): CoverageMap {
  const { supplies, nowMs, untilMs, horizon, facts } = question;
  const supply = supplies.pessimistic;
  const horizonMs = untilMs - nowMs;
  const steps = stepsBetween(stopsUpTo(horizonMs));
  const days = Array.from({ length: Math.ceil(horizonMs / DAY_MS) }, (_, day) => nowMs + day * DAY_MS);
  return {
    question,
    today: coverageAt(supply, nowMs, { horizonMs, bornMs: horizon.bornMs }),
    worst: worstCoverage(supply, days, steps, horizon.bornMs),
    losses: lossWords(minimalLosses(supply, nowMs)),
    redundancy: redundancyWords(redundancyAt(supply, nowMs, homeOf(facts).regions)),
  };
}

function viewsOf({ question, today, worst }: CoverageMap): readonly CoverageView[] {
  const { lost, nowMs, untilMs } = question;
  const without = lost.length === 0 ? "" : `, without ${lost.map(domainKey).join(", ")}`;
  const day = (ms: number) => new Date(ms).toISOString().slice(0, 10);
  return [
    { heading: `On ${day(nowMs)}${without}`, spans: today },
    { heading: `The worst of every day until ${day(untilMs)}${without}`, spans: worst },
  ];
}

function textOf(map: CoverageMap, ascii: boolean): readonly string[] {
  const { name } = map.question.facts.backup.database;
  const charts = viewsOf(map).flatMap(({ heading, spans }) => [
    `${name}: ${heading.charAt(0).toLowerCase()}${heading.slice(1)}`,
    "",
    ...chartText(spans, { widthColumns: WIDTH_COLUMNS, isUnicode: !ascii }).map((line) =>
      line.map(({ text }) => text).join(""),
    ),
    "",
  ]);
  const told = (line: string, indent: string) =>
    wrap(line, WIDTH_COLUMNS - indent.length).map((part, index) => `${index === 0 ? "" : indent}${part}`);
  return [
    ...charts,
    ...map.redundancy.flatMap((line) => told(line, "  ")),
    "To lose everything it takes:",
    ...map.losses.flatMap((line) => told(line, "    ").map((part) => `  ${part}`)),
    "",
  ];
}

interface Writing {
  readonly context: Context;
  readonly environment: string;
  readonly sandbox: string | null;
}

/** By the end of its name; nothing is overwritten. */
async function write(path: string, maps: readonly CoverageMap[], { context, environment, sandbox }: Writing) {
  const [map, ...others] = maps;
  if (map === undefined) throw new OpsError("bug", "there is no map to write");
  if (others.length > 0)
    throw new OpsError("usage", "--out takes the map of one database", {
      hint: "name one: litally-ops retention map core --out map.html",
    });
  if (path.endsWith(".svg")) {
    const [today] = viewsOf(map);
    if (today !== undefined) await context.files.create(path, chartSvg(today));
    return;
  }
  if (!path.endsWith(".html"))
    throw new OpsError("usage", `--out: ${path} is neither .svg nor .html`, { hint: "write map.html or map.svg" });
  const { question, losses, redundancy } = map;
  const page = {
    database: question.facts.backup.database.name,
    environment,
    asOfMs: question.nowMs,
    ...(sandbox === null ? {} : { sandbox }),
    policy: promisesOf(question),
    views: viewsOf(map),
    redundancy,
    losses,
  };
  await context.files.create(path, chartHtml(page));
}

/** The sentences of the policy, with their lines. */
function promisesOf({ facts, tiers, policy, lineOf }: Question): readonly string[] {
  const { database } = facts.backup;
  const path = `databases[${policy.databases.indexOf(database)}].continuousBackup`;
  const window = database.continuousBackup?.window;
  const all = [
    ...(window === undefined
      ? []
      : [{ id: `continuous backup, window ${formatDuration(window)}`, source: lineOf(path) }]),
    ...tiers,
  ];
  return all.map(({ id, source }) => (source === null ? id : `${id} (${source})`));
}
