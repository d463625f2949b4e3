import { DAY_MS, HOUR_MS, longestMs, MINUTE_MS, SECOND_MS, shortestMs } from "../core/duration.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import {
  type AtlasAlarm,
  atlasMeasureProblems,
  type CloudWatchAlarm,
  measureProblems,
  resolutionProblems,
} from "./rules-measures.ts";
import { type Named, usedTwice } from "./rules-names.ts";
import { notifyProblems } from "./rules-notify.ts";
import type { AlarmPolicy, Draft } from "./schema.ts";

/** Alarms that wake nobody, contradict themselves, or that CloudWatch or Atlas would refuse. */
export function alarmProblems(judged: Judged): readonly Problem[] {
  const declared = judged.policy.alarms?.declared ?? [];
  const names = declared.map((alarm, index) => expandedNames(alarm, ["alarms", "declared", index, "name"]));
  const inCloudWatch = names.filter((_, index) => declared[index]?.engine !== "atlas").flat();
  return [
    ...notifyProblems(judged),
    ...declared.flatMap((alarm, index) => {
      if (alarm === undefined) return [];
      const path = ["alarms", "declared", index];
      return [
        ...ownedProblems(judged, alarm, path),
        ...variableProblems(judged, alarm, path),
        ...(isAtlas(alarm) ? atlasProblems(judged, alarm, path) : cloudwatchProblems(judged, alarm, path)),
      ];
    }),
    ...usedTwice(judged, names.flat()),
    ...longNames(inCloudWatch),
    ...exceptionProblems(judged, inCloudWatch),
  ];
}

type Alarm = Draft<AlarmPolicy>;

/** An alarm whose engine could not be read is not read at all. */
function isAtlas(alarm: Alarm): alarm is AtlasAlarm {
  return alarm.engine === "atlas";
}

function ownedProblems(judged: Judged, alarm: Alarm, path: Path): readonly Problem[] {
  const owned = judged.policy.alarms?.owned;
  if (owned === undefined || alarm.name === undefined || alarm.name.startsWith(owned)) return [];
  const where = [...path, "name"];
  const prefix = judged.quote(["alarms", "owned"]);
  return [{ path: where, text: `${judged.quote(where)} does not begin with alarms.owned; write ${prefix} before it` }];
}

const VARIABLE = /\{([A-Za-z][A-Za-z0-9_]*)\}/g;
/** How many alarms one declaration may become. */
const MAX_ALARMS_OF_ONE = 1000;

/** Only what was written holds variables: a value from the environment is taken as it is. */
function variableProblems(judged: Judged, alarm: Alarm, path: Path): readonly Problem[] {
  const inName = variablesIn(judged.written([...path, "name"]));
  const declared = Object.keys(alarm.each ?? {});
  const unused = declared.filter((variable) => alarm.name !== undefined && !inName.includes(variable));
  const count = Object.values(alarm.each ?? {}).reduce((product, values) => product * (values?.length ?? 1), 1);
  const undeclared = judged.unclear([...path, "each"]) ? [] : textsOf(alarm, path);
  return [
    ...unused.map((variable) => {
      const text = `is not in the name, so that its alarms would share one; write {${variable}} there, or remove it`;
      return { path: [...path, "each", variable], text };
    }),
    ...undeclared.flatMap((where) =>
      variablesIn(judged.written(where))
        .filter((variable) => !declared.includes(variable))
        .map((variable) => ({
          path: where,
          text: `{${variable}} is not under each; write each: { ${variable}: [...] } beside it`,
        })),
    ),
    ...(count > MAX_ALARMS_OF_ONE
      ? [{ path: [...path, "each"], text: `makes ${count} alarms of one; make at most ${MAX_ALARMS_OF_ONE}` }]
      : []),
  ];
}

function variablesIn(written: string | undefined): readonly string[] {
  const withoutReferences = (written ?? "").replaceAll(/\$\{[^}]*\}/g, "");
  return [...withoutReferences.matchAll(VARIABLE)].map((match) => match[1] ?? "");
}

/** Where variables may stand: the name, and the values of dimensions. */
function textsOf(alarm: Alarm, path: Path): readonly Path[] {
  const name = [...path, "name"];
  if (isAtlas(alarm)) return [name];
  const { ratio, metric, expression } = alarm;
  const dimensionsOf = (holder: { readonly dimensions?: object | undefined } | undefined, at: Path): readonly Path[] =>
    Object.keys(holder?.dimensions ?? {}).map((dimension) => [...at, "dimensions", dimension]);
  return [
    name,
    ...dimensionsOf(ratio, [...path, "ratio"]),
    ...dimensionsOf(metric, [...path, "metric"]),
    ...Object.entries(expression?.metrics ?? {}).flatMap(([id, one]) =>
      dimensionsOf(one, [...path, "expression", "metrics", id]),
    ),
  ];
}

/** The names of the alarms that a declaration becomes; none when they cannot be told. */
function expandedNames(alarm: Alarm | undefined, path: Path): readonly Named[] {
  let names = alarm?.name === undefined ? [] : [alarm.name];
  for (const [variable, values] of Object.entries(alarm?.each ?? {})) {
    const placeholder = `{${variable}}`;
    if (values === undefined || !names.every((name) => name.includes(placeholder))) return [];
    if (names.length * values.length > MAX_ALARMS_OF_ONE) return [];
    names = names.flatMap((name) => values.map((value) => name.replaceAll(placeholder, value ?? placeholder)));
  }
  return names.map((name) => ({ name, path }));
}

const MAX_NAME = 255; // characters

function longNames(names: readonly Named[]): readonly Problem[] {
  const text = `becomes a name of more than ${MAX_NAME} characters, which CloudWatch refuses; write shorter values`;
  return names.filter(({ name }) => name.length > MAX_NAME).map(({ path }) => ({ path, text }));
}

/** What is declared is looked after here. */
function exceptionProblems(judged: Judged, names: readonly Named[]): readonly Problem[] {
  const declared = new Set(names.map(({ name }) => name));
  return (judged.policy.alarms?.exceptions ?? []).flatMap((exception, index) => {
    if (exception === undefined || !declared.has(exception)) return [];
    const path = ["alarms", "exceptions", index];
    return [{ path, text: `${judged.quote(path)} is declared below; remove it here, or there` }];
  });
}

const MAX_METRICS = 10;

/**
 * What CloudWatch refuses:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
function cloudwatchProblems(judged: Judged, alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  const { datapoints, expression } = alarm;
  const metrics = Object.keys(expression?.metrics ?? {}).length;
  const many = metrics > MAX_METRICS || (expression?.metrics !== undefined && metrics === 0);
  const wrongCount = datapoints !== undefined && datapoints.m > datapoints.n;
  const where = [...path, "datapoints"];
  return [
    ...(many
      ? [{ path: [...path, "expression", "metrics"], text: `a formula takes 1 to ${MAX_METRICS} metrics; write those` }]
      : []),
    ...(wrongCount
      ? [
          {
            path: where,
            text: `${judged.quote(where)} asks for more datapoints than there are; write the smaller first`,
          },
        ]
      : []),
    ...periodProblems(judged, alarm, path),
    ...measureProblems(judged, alarm, path),
  ];
}

const SHORT_PERIODS_MS = [10, 20, 30].map((seconds) => seconds * SECOND_MS);

function periodProblems(judged: Judged, alarm: CloudWatchAlarm, path: Path): readonly Problem[] {
  if (alarm.period === undefined) return [];
  const periodMs = longestMs(alarm.period);
  const where = [...path, "period"];
  if (periodMs % MINUTE_MS !== 0 && !SHORT_PERIODS_MS.includes(periodMs)) {
    const text = `${judged.quote(where)} is no period of CloudWatch; write 10s, 20s, 30s or whole minutes`;
    return [{ path: where, text }];
  }
  const longest = periodMs < HOUR_MS ? { ms: DAY_MS, words: "1d" } : { ms: 7 * DAY_MS, words: "7d" };
  if (periodMs * (alarm.datapoints?.n ?? 1) <= longest.ms) return resolutionProblems(judged, alarm, path);
  const text = `all its datapoints together last longer than ${longest.words}, which CloudWatch refuses; write less`;
  return [{ path: where, text }];
}

/** What Atlas refuses, or what it would tell nobody. */
function atlasProblems(judged: Judged, alarm: AtlasAlarm, path: Path): readonly Problem[] {
  const { threshold, recipients } = alarm;
  const operator = threshold !== undefined && threshold.operator !== ">" && threshold.operator !== "<";
  const lasting = alarm.for !== undefined && shortestMs(alarm.for) % MINUTE_MS !== 0;
  const at = (key: string) => [...path, key];
  return [
    ...(recipients?.length === 0
      ? [{ path: at("recipients"), text: "nobody would hear this alert; write recipients: [{ type: PAGER_DUTY }]" }]
      : []),
    ...(operator
      ? [{ path: at("threshold"), text: `Atlas has no ${judged.quote(at("threshold"))}; write > or <` }]
      : []),
    ...(lasting
      ? [{ path: at("for"), text: `${judged.quote(at("for"))} is no whole number of minutes; write 10m` }]
      : []),
    ...atlasMeasureProblems(judged, alarm, path),
  ];
}
