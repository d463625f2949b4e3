/** Which version of the API a request asks for, by the date in its Accept header. */
import { type Answer, refuse } from "./answer.ts";
import { iso } from "./model.ts";
import type { Operation } from "./operations.ts";

/**
 * The media type to answer with, or the refusal. A later date than the operation's own is accepted, as Atlas does, up to
 * today; the body is that of the operation's date.
 */
export function negotiate(operation: Operation, accept: string | undefined, nowMs: number): string | Answer {
  const dates = [...(accept ?? "").matchAll(/application\/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json/g)].flatMap(
    (match) => match[1] ?? [],
  );
  const served = dates.find((date) => date >= operation.date && isPastDay(date, nowMs));
  if (served !== undefined) return `application/vnd.atlas.${operation.date}+json;charset=utf-8`;
  const gone = dates.find((date) => operation.goneDates.includes(date));
  if (gone !== undefined)
    return refuse(410, "VERSION_GONE", `Version ${gone} of this resource is no longer served.`, [gone]);
  return refuse(406, "INVALID_VERSION_DATE", "The Accept header names no version that this resource has.", [
    accept ?? "",
  ]);
}

function isPastDay(date: string, nowMs: number): boolean {
  const ms = Date.parse(`${date}T00:00:00Z`);
  return ms <= nowMs && iso(ms).startsWith(date); // the second half refuses 30 February
}
