import { asGuess, suggest } from "../core/suggest.ts";
import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";

/** Names: each given once, and each that is used declared somewhere. */
export interface Named {
  readonly name: string;
  readonly path: Path;
}

type Names = readonly (Named | undefined)[];

/** The names of a list, with undefined for each that could not be read; undefined when the list could not be. */
export function namesOf<E extends object, K extends keyof E & string>(
  list: readonly (E | undefined)[] | undefined,
  path: Path,
  key: K,
): Names | undefined {
  return list?.map((entry, index) => {
    const name = entry?.[key];
    return typeof name === "string" ? { name, path: [...path, index, key] } : undefined;
  });
}

export function usedTwice(judged: Judged, names: Names | undefined): readonly Problem[] {
  const first = new Map<string, Path>();
  const problems: Problem[] = [];
  for (const named of names ?? []) {
    if (named === undefined) continue;
    const earlier = first.get(named.name);
    if (earlier === undefined) first.set(named.name, named.path);
    else problems.push({ path: named.path, text: `${judged.quote(named.path)} stands above already; write another` });
  }
  return problems;
}

/** Says nothing unless every declared name could be read: the one that is used may be among the others. */
export function notDeclared(
  judged: Judged,
  used: Named | undefined,
  declared: Names | undefined,
  where: string,
): readonly Problem[] {
  if (used === undefined || declared === undefined) return [];
  if (declared.some((named) => named === undefined || named.name === used.name)) return [];
  const candidates = declared.flatMap((named) => (named === undefined ? [] : [judged.written(named.path) ?? ""]));
  const near = suggest(judged.written(used.path) ?? "", candidates);
  const text = `${judged.quote(used.path)} is not under ${where}; declare it there, or write one that is`;
  return [{ path: used.path, text: `${text}${asGuess(near)}` }];
}
