import type { Path, Problem } from "./problem.ts";
import type { Judged } from "./rules.ts";
import type { Draft, WaiverPolicy } from "./schema.ts";

/** Waivers that stand in each other's way, or that nobody who reads the file can review. */
export function waiverProblems(judged: Judged): readonly Problem[] {
  const waivers = judged.policy.waivers ?? [];
  return waivers.flatMap((waiver, index) => {
    if (waiver === undefined) return [];
    const path = ["waivers", index];
    return [...takenProblems(judged, path), ...twiceProblems(judged, waivers.slice(0, index), waiver, path)];
  });
}

type Waiver = Draft<WaiverPolicy>;

const KEYS = ["check", "subject", "scope", "until", "reason", "owner"] as const;

/** What came from the environment could be put off without anybody's seeing it, and would be printed as [redacted]. */
function takenProblems({ written }: Judged, path: Path): readonly Problem[] {
  return KEYS.map((key) => [...path, key])
    .filter((place) => REFERENCE.test(written(place) ?? ""))
    .map((place) => ({ path: place, text: "a waiver takes nothing from the environment; write it out" }));
}

const REFERENCE = /(?<!\$)\$\{/;

/** One without a scope covers all scopes, so that another one beside it says nothing, or something else. */
function twiceProblems(
  { quote }: Judged,
  before: readonly (Waiver | undefined)[],
  { check, subject, scope }: Waiver,
  path: Path,
): readonly Problem[] {
  if (check === undefined || subject === undefined) return [];
  const isCovered = before.some(
    (other) =>
      other?.check === check &&
      other.subject === subject &&
      (other.scope === undefined || scope === undefined || other.scope === scope),
  );
  if (!isCovered) return [];
  const text = `${quote([...path, "check"])} of ${quote([...path, "subject"])} is waived above already; keep one of them`;
  return [{ path: [...path, "check"], text }];
}
