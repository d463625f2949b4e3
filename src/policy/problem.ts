import { OpsError } from "../core/error.ts";
import type { PolicyDocument } from "./document.ts";

/** Something wrong with the policy, at a place in the file. */
export interface Problem {
  readonly path: Path;
  /** What is wrong; what would be right. */
  readonly text: string;
  /** Nothing is wrong with the file: a variable of the environment is not set. */
  readonly isMissingVariable?: boolean;
  /** The key is wrong, not its value. */
  readonly atKey?: boolean;
  /** Where it stands, when no path leads there: what is wrong with the text itself. */
  readonly offset?: number;
}

/** How much of a path is shown: a key can be as long as the file. */
const MAX_PATH = 200; // characters

export type Path = readonly (string | number)[];

/** `databases[0].snapshots[1].retain`; keys that are no plain words stand in quotes. */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === "number") return `[${part}]`;
      if (!/^[\w-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join("");
}

/** All problems as one error: a line each, `file:line:column: path: what is wrong`, in the order of the file. */
export function policyError(file: string, document: PolicyDocument, problems: readonly Problem[]): OpsError {
  const located = problems.map((problem) => ({ problem, offset: offsetOf(problem, document) }));
  located.sort((a, b) => a.offset - b.offset);
  const lines = located.map(({ problem, offset }) => {
    const { line, column } = document.lineAndColumn(offset);
    const path = problem.path.length === 0 ? "" : `${formatPath(problem.path).slice(0, MAX_PATH)}: `;
    return `${file}:${line}:${column}: ${path}${problem.text}`;
  });
  const unique = [...new Set(lines)];
  const head = unique.length > 1 ? [`${file}: ${unique.length} problems`] : [];
  return new OpsError("config", [...head, ...unique].join("\n"));
}

/** The place of the path, or of the nearest block around what is not there. */
function offsetOf(problem: Problem, document: PolicyDocument): number {
  if (problem.offset !== undefined) return problem.offset;
  for (let length = problem.path.length; length >= 0; length -= 1) {
    const place = document.places.get(formatPath(problem.path.slice(0, length)));
    if (place === undefined) continue;
    const whole = length === problem.path.length;
    return whole && problem.atKey === true ? place.keyOffset : place.valueOffset;
  }
  return 0;
}
