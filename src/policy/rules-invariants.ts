import { asGuess, suggest } from "../core/suggest.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import { namesOf, usedTwice } from "./rules-names.ts";
import type { DatabasePolicy, Draft } from "./schema.ts";

/** Invariants that could write, that run code on the server, or whose expectation says nothing or contradicts itself. */
export function invariantProblems(judged: Judged, database: Draft<DatabasePolicy>, path: Path): readonly Problem[] {
  const at = [...path, "invariants"];
  return [
    ...usedTwice(judged, namesOf(database.invariants, at, "name")),
    ...(database.invariants ?? []).flatMap((invariant, index) => {
      if (invariant === undefined) return [];
      const pipeline = invariant.pipeline ?? [];
      return [
        ...pipeline.flatMap((stage, step) => stageProblems(stage, [...at, index, "pipeline", step])),
        ...(invariant.expect === undefined ? [] : expectProblems(judged, invariant.expect, [...at, index, "expect"])),
      ];
    }),
  ];
}

type Invariant = NonNullable<NonNullable<Draft<DatabasePolicy>["invariants"]>[number]>;
type Expectation = NonNullable<Invariant["expect"]>;

/**
 * The stages that only read the collection's documents, or those of others. What is not here is refused: a stage that
 * this version does not know might write. https://www.mongodb.com/docs/manual/reference/operator/aggregation-pipeline/
 */
const READING_STAGES = [
  "$addFields",
  "$bucket",
  "$bucketAuto",
  "$count",
  "$densify",
  "$facet",
  "$fill",
  "$graphLookup",
  "$group",
  "$limit",
  "$lookup",
  "$match",
  "$project",
  "$redact",
  "$replaceRoot",
  "$replaceWith",
  "$sample",
  "$set",
  "$setWindowFields",
  "$skip",
  "$sort",
  "$sortByCount",
  "$unionWith",
  "$unset",
  "$unwind",
];

/** What writes, or runs JavaScript, at whatever depth it stands. */
const FORBIDDEN = new Map([
  ["$out", "writes"],
  ["$merge", "writes"],
  ["$function", "runs JavaScript"],
  ["$accumulator", "runs JavaScript"],
  ["$where", "runs JavaScript"],
]);

function stageProblems(stage: unknown, path: Path): readonly Problem[] {
  const forbidden = forbiddenIn(stage, path);
  if (forbidden.length > 0 || typeof stage !== "object" || stage === null) return forbidden;
  const [name, ...more] = Object.keys(stage);
  if (name === undefined || more.length > 0)
    return [{ path, text: "this block is not a stage; write one operator in each, such as { $match: { ... } }" }];
  if (READING_STAGES.includes(name)) return [];
  const guess = asGuess(suggest(name, READING_STAGES));
  return [
    { path: [...path, name], atKey: true, text: `is no stage that is known to only read; write another${guess}` },
  ];
}

function forbiddenIn(value: unknown, path: Path): readonly Problem[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item, index) => forbiddenIn(item, [...path, index]));
  return Object.entries(value).flatMap(([key, inner]) => {
    const where = [...path, key];
    const does = FORBIDDEN.get(key);
    if (does === undefined) return forbiddenIn(inner, where);
    return [{ path: where, atKey: true, text: `${does}, and an invariant only reads; remove it` }];
  });
}

const BOUNDS = ["exactly", "atLeast", "atMost"] as const;

function expectProblems(judged: Judged, expected: Expectation, path: Path): readonly Problem[] {
  const keys = [...BOUNDS, "newestWithin" as const, "field" as const];
  if (keys.some((key) => expected[key] === undefined && judged.unclear([...path, key]))) return [];
  const { field, exactly, atLeast, atMost, newestWithin } = expected;
  const bounds = BOUNDS.filter((key) => expected[key] !== undefined);
  const kinds = [exactly, newestWithin, atLeast ?? atMost].filter((one) => one !== undefined);
  if (kinds.length === 0)
    return [{ path, text: "asks for nothing; write exactly, atLeast, atMost, or newestWithin with a field" }];
  if (kinds.length > 1)
    return [{ path, text: "asks in two ways; write exactly, or atLeast and atMost, or newestWithin" }];
  if (newestWithin !== undefined && field === undefined)
    return [{ path, text: "newestWithin needs a field; write field: _id, or the name of a date" }];
  if (atLeast !== undefined && atMost !== undefined && atLeast > atMost)
    return [
      { path: [...path, "atMost"], text: `${judged.quote([...path, "atMost"])} is less than atLeast; write more` },
    ];
  if (field !== undefined) return [];
  return bounds.flatMap((key) => {
    const where = [...path, key];
    const count = expected[key] ?? 0;
    if (Number.isSafeInteger(count) && count >= 0) return [];
    return [
      { path: where, text: `${judged.quote(where)} is no number of documents; write 0 or more, or name a field` },
    ];
  });
}
