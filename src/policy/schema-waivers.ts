import * as z from "zod/mini";
import { DAY_MS } from "../core/duration.ts";
import { parseIso } from "../core/instant.ts";
import { block, field, line, text } from "./scalars.ts";

/** The waivers section: findings that are known, and who answers for them until when. */

/** The last moment of a waiver. */
export interface Until {
  /** As it was written: `2026-12-31`. */
  readonly written: string;
  /** From here on it waives nothing: of a day, the end of it in UTC. */
  readonly endsAt: Date;
}

const UNTIL = "a day or an instant; write 2026-12-31, which counts to its end in UTC, or 2026-12-31T18:00:00Z";

const until = () =>
  z.pipe(
    text(/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}:\d{2}))?$/, UNTIL),
    z.transform((written: string, payload): Until => {
      const at = parseIso(written); // a day alone is its first instant in UTC
      const isDay = !written.includes("T");
      if (at !== undefined) return { written, endsAt: isDay ? new Date(at.getTime() + DAY_MS) : at };
      payload.issues.push({ code: "custom", input: written, message: UNTIL });
      return z.NEVER;
    }),
  );

export const waiver = block({
  check: field(
    "The check, by its id.",
    text(/^[a-z-]+\/[a-z0-9-]+$/, "the id of a check; write it as reports do, such as backup/snapshot-age"),
  ),
  subject: field("What it is about, exactly as reports print it.", line("a subject", "cluster/litally-core")),
  scope: field(
    "The part of the subject, as reports print it in brackets. When absent, all parts.",
    z.exactOptional(line("a scope", "daily")),
  ),
  until: field("The day on which it ends, or the instant; at most a year ahead.", until()),
  reason: field("Why it may stay as it is for now.", line("a reason", "it moves to a sharded cluster in December")),
  owner: field("Who answers for it.", line("who answers for it", "anna@litally.example")),
});
