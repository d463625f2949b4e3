/** What an answer may hold whoever gave it, read for words and for waiting. */

/** Text from outside, fit for one line of a terminal. */
export function oneLine(text: string, charsMax: number): string {
  const line = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
  return line.length > charsMax ? `${line.slice(0, charsMax)}...` : line;
}

/** Seconds or an HTTP date; anything else says nothing. */
export function parseRetryAfter(header: string | string[] | undefined, now: Date): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const atMs = / GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.max(0, atMs - now.getTime());
}
