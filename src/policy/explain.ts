import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import { awsRegion } from "../core/region.ts";
import { asGuess, suggest } from "../core/suggest.ts";
import { type PolicyDocument, quote, writtenText } from "./document.ts";
import { formatPath, type Path, type Problem } from "./problem.ts";
import { eitherOf } from "./scalars.ts";
import { type Draft, type Policy, policySchema } from "./schema.ts";

/** A policy against its schema: what of it could be read, and what is wrong with the rest, in sentences. */
export interface Reading {
  /** Whether all that is wanted is as the schema says. */
  readonly isSound: (isWanted: (path: Path) => boolean) => boolean;
  /** What could be read of the policy. */
  readonly draft: Draft<Policy>;
  /** Whether something stands at this path (or around it) that could not be read: then its absence says nothing. */
  readonly unclear: (path: Path) => boolean;
  readonly problems: readonly Problem[];
}

type Issue = z.core.$ZodRawIssue;

export function readPolicyData(document: PolicyDocument): Reading {
  // `safeParse` keeps nothing of a policy with one bad field; what the schema's own run leaves behind is every field
  // that was good, and the schema that each issue comes from (https://zod.dev/library-authors).
  const payload = policySchema._zod.run({ value: document.data, issues: [] }, { async: false, jitless: true });
  if (payload instanceof Promise) throw new OpsError("bug", "the schema of the policy must not be asynchronous");
  const { value, issues } = payload;
  const unset = document.problems.map((problem) => problem.path).filter((path) => path.length > 0);
  const typos = withoutGuesses(issues.flatMap(unknownKeys));
  const meant = typos.flatMap((typo) => (typo.meant === undefined ? [] : [typo.meant]));
  const blocks = typos.flatMap((typo) => (typo.block === undefined ? [] : [typo.block]));
  const said = new Set([...unset, ...meant].map(formatPath));
  const problems = issues
    .filter((issue) => issue.code !== "unrecognized_keys" && !said.has(formatPath(pathOf(issue))))
    .filter((issue) => !blocks.some((block) => within(pathOf(issue), block)))
    .map((issue) => explain(issue, document));
  const holes = [...unset, ...meant, ...blocks, ...issues.flatMap(holeOf)];
  const held = { policy: value as unknown }; // the only view on it from here on is Draft, once the holes are cut
  for (const hole of holes) cut(held, ["policy", ...hole]);
  const unclear = new Set(holes.map(formatPath));
  return {
    isSound: (isWanted) => !holes.some((path) => path.length === 0 || isWanted(path)),
    draft: (held.policy ?? {}) as Draft<Policy>,
    unclear: (path) => path.some((_, index) => unclear.has(formatPath(path.slice(0, index + 1)))) || unclear.has(""),
    problems: [...typos.map((typo) => typo.problem), ...problems],
  };
}

interface Typo {
  readonly problem: Problem;
  /** The known key that was probably meant. */
  readonly meant: Path | undefined;
  /** The whole block, when the key was to say what else belongs into it: then nothing else is known about it. */
  readonly block: Path | undefined;
}

/** The one key that decides which others a block takes. */
const DECIDING_KEY = "engine";

/** What seems unknown in a block whose deciding key is misspelt may be right. */
function withoutGuesses(typos: readonly Typo[]): readonly Typo[] {
  const blocks = typos.flatMap((typo) => (typo.block === undefined ? [] : [typo.block]));
  return typos.filter(({ block, problem }) => block !== undefined || !blocks.some((one) => within(problem.path, one)));
}

function within(path: Path, block: Path): boolean {
  return block.every((part, index) => path[index] === part);
}

function unknownKeys(issue: Issue): readonly Typo[] {
  if (issue.code !== "unrecognized_keys") return [];
  const block = issue.inst;
  const known = block instanceof z.ZodMiniObject ? Object.keys(block._zod.def.shape) : [];
  const free = known.filter((key) => !Object.hasOwn(Object(issue.input), key));
  return issue.keys.map((key) => {
    const path = [...pathOf(issue), key];
    const near = suggest(key, free);
    const meant = near === undefined ? undefined : [...pathOf(issue), near];
    const text = `unknown key; write ${eitherOf(known)}${asGuess(near)}`;
    return { problem: { path, atKey: true, text }, meant, block: near === DECIDING_KEY ? pathOf(issue) : undefined };
  });
}

function explain(issue: Issue, document: PolicyDocument): Problem {
  const path = pathOf(issue);
  const right = expectationOf(issue);
  if (issue.code === "invalid_key")
    return { path, atKey: true, text: `${JSON.stringify(path.at(-1))} is not ${right}` };
  if (!document.places.has(formatPath(path))) return { path, text: `is missing: ${right}` };
  const written = quote(document, path);
  if (written === "nothing") return { path, text: `is empty: ${right}` };
  if (document.taken.has(formatPath(path))) {
    return { path, text: `${written}, as the environment has it, is not ${right.replace(/ in quotes$/, "")}` };
  }
  return { path, text: `${written} is not ${right}${asGuess(nearest(issue, document))}` };
}

/** What the schema says would be right: its own `error` text. */
function expectationOf(issue: Issue): string {
  if (issue.code === "invalid_key") return issue.issues[0]?.message ?? "a key";
  return z.util.finalizeIssue(issue, undefined, z.config()).message;
}

/** What was probably meant: one of the words that are known here, or a region in the form of Atlas. */
function nearest(issue: Issue, document: PolicyDocument): string | undefined {
  const written = writtenText(document, pathOf(issue));
  if (written === undefined) return undefined;
  if (issue.code === "invalid_value") return suggest(written, issue.values.map(String));
  if (issue.code === "invalid_union" && Array.isArray(issue["options"])) {
    const options = issue["options"].filter((option) => typeof option === "string");
    return suggest(written, options);
  }
  const region = awsRegion(written);
  const check = issue.inst;
  const fits = check instanceof z.core.$ZodCheckRegex && check._zod.def.pattern.test(region);
  return fits && region !== written ? region : undefined;
}

/** What is not to be read because of an issue. */
function holeOf(issue: Issue): readonly Path[] {
  if (issue.code === "unrecognized_keys") return [];
  if (issue.code === "custom" && issue.continue === true) return []; // all keys were read, but they do not go together
  const path = pathOf(issue);
  return [issue.code === "invalid_union" && issue["discriminator"] !== undefined ? path.slice(0, -1) : path];
}

function pathOf(issue: Issue): Path {
  return (issue.path ?? []).map((part) => (typeof part === "number" ? part : String(part)));
}

/** Takes out what stands at the path. */
function cut(from: unknown, path: Path): void {
  const [part, ...rest] = path;
  if (part === undefined || typeof from !== "object" || from === null) return;
  const values = from as Record<string | number, unknown>; // a list counts as a block of numbers here
  if (rest.length > 0) cut(values[part], rest);
  else if (Object.hasOwn(values, part)) values[part] = undefined;
}
