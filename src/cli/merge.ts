import type { Finding } from "../core/report.ts";
import { waiverWords } from "./waiver-text.ts";

/** Findings of one subject that say the same, as one. */
export interface Merged {
  readonly status: Finding["status"];
  /** `backup/snapshot-age (daily)` and the others. */
  readonly names: readonly string[];
  readonly message: string;
  readonly remedy: string | undefined;
  /** Why it does not count for now, in words. */
  readonly waiver: string | undefined;
}

/** Checks with one problem (all unreadable for one reason) are told as one; what passes stands by itself. */
export function mergeSame(findings: readonly Finding[]): readonly Merged[] {
  const groups = Map.groupBy(findings, ({ status, message, remedy, waiver }, index) =>
    status === "pass" ? index : JSON.stringify([status, message, remedy, waiver]),
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { status, message, remedy } = first;
    const waiver = first.waiver === undefined ? undefined : waiverWords(first.waiver);
    return [{ status, names: group.map(nameOf), message, remedy, waiver }];
  });
}

function nameOf({ check, scope }: Finding): string {
  return scope === undefined ? check : `${check} (${scope})`;
}
