/** A waiver in words, the same in every form. */
import type { Waiver } from "../core/report.ts";

/** With so little time left, it is said how much. */
const SOON_DAYS = 14;

/** `a failure, waived until 2026-12-31 by anna@litally.example: it is moved in December` */
export function waiverWords({ found, until, leftDays, reason, owner }: Waiver): string {
  const left = leftDays > SOON_DAYS ? "" : ` (${leftWords(leftDays)})`;
  return `${found === "fail" ? "a failure" : "a warning"}, waived until ${until}${left} by ${owner}: ${reason}`;
}

function leftWords(days: number): string {
  if (days === 0) return "the last day";
  return days === 1 ? "1 day left" : `${days} days left`;
}
