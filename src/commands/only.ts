/** `--only`: the checks that were asked for, and what that makes of the advice to see another one. */
import type { Check } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import type { Finding } from "../core/report.ts";
import { didYouMean } from "../core/suggest.ts";

export type Filter = (check: Pick<Check<never>, "id">) => boolean;

/** Keeps the checks that `--only` names; an unknown id is OpsError `usage`. The noun may be left out. */
export function checkFilter(only: readonly string[] | undefined, noun: string, ids: readonly string[]): Filter {
  if (only === undefined) return () => true;
  const wanted = new Set(only.map((name) => (name.includes("/") ? name : `${noun}/${name}`)));
  for (const id of wanted) {
    if (!ids.includes(id)) {
      throw new OpsError("usage", `--only: unknown check "${id}"${didYouMean(id, ids)}`, {
        hint: `checks: ${ids.join(", ")}`,
      });
    }
  }
  return (check) => wanted.has(check.id);
}

/** A remedy that leaves the matter to a check that `--only` left out says how to ask it. */
export function withinReach(finding: Finding, command: string, wanted: Filter): Finding {
  if (finding.remedy === undefined) return finding;
  const remedy = finding.remedy.replaceAll(
    /\bsee ((?:backup|archive|alarms|alerts|notify|retention)\/[a-z-]+)/g,
    (reference, id: string) => (wanted({ id }) ? reference : `ask ${command} --only ${id}`),
  );
  return { ...finding, remedy };
}
