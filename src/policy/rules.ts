import { type PolicyDocument, quote, writtenText } from "./document.ts";
import type { Reading } from "./explain.ts";
import type { Path, Problem } from "./problem.ts";
import { alarmProblems } from "./rules-alarms.ts";
import { archiveProblems } from "./rules-archives.ts";
import { databaseProblems } from "./rules-databases.ts";
import type { Draft, Policy } from "./schema.ts";

/**
 * What no single field can tell: references, names used twice, and policies that cannot be kept. A rule speaks only
 * about what could be read; nothing it says holds a value from the environment, for it quotes what was written.
 */
export interface Judged {
  readonly policy: Draft<Policy>;
  readonly unclear: (path: Path) => boolean;
  /** What was written at the path, for a sentence. */
  readonly quote: (path: Path) => string;
  /** The text that was written at the path. */
  readonly written: (path: Path) => string | undefined;
}

export function policyProblems(reading: Reading, document: PolicyDocument): readonly Problem[] {
  const judged: Judged = {
    policy: reading.draft,
    unclear: reading.unclear,
    quote: (path) => quote(document, path),
    written: (path) => writtenText(document, path),
  };
  return [...databaseProblems(judged), ...archiveProblems(judged), ...alarmProblems(judged)];
}
