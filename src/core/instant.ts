import { subtractDuration, tryParseDuration } from "./duration.ts";
import { OpsError } from "./error.ts";

const ISO_WITH_OFFSET = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/;
const RELATIVE = /^(\S+) ago$/;

/**
 * An instant given by a person: ISO 8601 with an offset or `Z`, or relative (`12m ago`).
 * Without an offset it is refused: local time at 03:00 is how the wrong hour gets restored.
 */
export function parseInstant(text: string, what: string, now: Date): Date {
  const relative = RELATIVE.exec(text.trim())?.[1];
  if (relative !== undefined) {
    const duration = tryParseDuration(relative);
    if (duration !== undefined) return subtractDuration(now, duration);
  }
  const at = ISO_WITH_OFFSET.test(text) ? parseIso(text) : undefined;
  if (at !== undefined) return at;
  const withoutOffset = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?$/.test(text) && !/(Z|[+-]\d{2}:\d{2})$/.test(text);
  throw new OpsError(
    "usage",
    `${what}: "${text}" is not an instant${withoutOffset ? ": it has no offset from UTC" : ""}`,
    {
      hint: "write 2026-11-22T02:00:00Z, 2026-11-22T07:30:00+05:30 or 12m ago",
    },
  );
}

/** An ISO instant whose day exists: `Date` would move 31 February into March without a word. */
export function parseIso(text: string): Date | undefined {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return undefined;
  const [year, month, day] = text.slice(0, 10).split("-").map(Number);
  const calendar = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day ?? 0));
  return calendar.getUTCMonth() + 1 === month && calendar.getUTCDate() === day ? at : undefined;
}

/** `2026-11-22 02:00:00 UTC`, for people. */
export function formatInstant(at: Date): string {
  return `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;
}
