/** What the retention commands have in common: which databases, as of when, up to when, and what is assumed to be lost. */
import { mapBounded } from "../core/bounded.ts";
import { addDuration, tryParseDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { parseInstant } from "../core/instant.ts";
import { parseLosses } from "../rules/retention/losses-parse.ts";
import { type Question, questionOf } from "../rules/retention/question.ts";
import { supplyOf } from "../rules/retention/supply.ts";
import type { Context } from "./context.ts";
import { selectDatabases } from "./databases.ts";
import { backupGatherer } from "./gather-backups.ts";
import { keyGatherer } from "./gather-keys.ts";
import { bucketGatherer } from "./gather-push.ts";
import { gatherRetention } from "./gather-retention.ts";

export interface Asking {
  readonly databases: readonly string[];
  readonly until?: string | undefined;
  readonly asOf?: string | undefined;
  readonly assumeLost?: readonly string[] | undefined;
}

/** Databases that are looked at side by side. */
const MAX_DATABASES = 4;

const USUAL_HORIZON = "5y";

/** One question for each database, in the policy's order. */
export async function askRetention(
  context: Context,
  asking: Asking,
): Promise<{ readonly questions: readonly Question[]; readonly environment: string }> {
  const loaded = await context.policy("atlas", "aws", "databases", "archives");
  const { policy } = loaded;
  const selected = selectDatabases(policy, asking.databases);
  const nowMs = asOfMs(asking.asOf, context.clock.now());
  const untilMs = horizonMs(asking.until, nowMs);
  const [atlas, keyOf] = [await context.atlas(), keyGatherer(context)];
  const looking = {
    context,
    policy,
    gatherer: backupGatherer(atlas, policy.atlas.projectId),
    bucketOf: bucketGatherer(context, policy, keyOf),
    keyOf,
  };
  context.progress.phase(`reading backups and archives of ${selected.map(({ name }) => name).join(", ")}`);
  const gathered = await mapBounded(selected, MAX_DATABASES, (database) => gatherRetention(looking, database));
  const lost = lostOf(asking.assumeLost, gathered, untilMs);
  const asked = { policy, lineOf: loaded.lineOf, nowMs, untilMs, lost, skew: atlas.clockSkew() };
  const questions = gathered.map((facts) => questionOf({ ...asked, facts }));
  return { questions, environment: policy.environment };
}

/** What was there once and is gone by now, nobody can see. */
function asOfMs(text: string | undefined, now: Date): number {
  if (text === undefined) return now.getTime();
  const at = parseInstant(text, "--as-of", now);
  if (at >= now) return at.getTime();
  throw new OpsError("usage", `--as-of: ${text} is over`, {
    hint: "what was there then and is gone by now cannot be seen: name an instant to come",
  });
}

/** A duration from then on, or an instant. */
function horizonMs(text: string | undefined, nowMs: number): number {
  const given = text ?? USUAL_HORIZON;
  const duration = tryParseDuration(given);
  const at =
    duration === undefined ? parseInstant(given, "--until", new Date(nowMs)) : addDuration(new Date(nowMs), duration);
  if (at.getTime() <= nowMs)
    throw new OpsError("usage", `--until: ${given} is over`, { hint: "write 5y, or an instant to come" });
  if (at.getTime() - nowMs > MAX_HORIZON_YEARS * YEAR_MS)
    throw new OpsError("usage", `--until: ${given} is further than ${MAX_HORIZON_YEARS} years`, { hint: "write 5y" });
  return at.getTime();
}

const MAX_HORIZON_YEARS = 30;
const YEAR_MS = 366 * 86_400_000;

/**
 * A name that no restore point of any database lies in is a typing error, and so is none at all: who asks what is left after a
 * loss must not be told what is left without one.
 */
function lostOf(
  texts: readonly string[] | undefined,
  databases: readonly Question["facts"][],
  untilMs: number,
): Question["lost"] {
  if (texts === undefined) return [];
  const supplies = databases.map((facts) => supplyOf(facts, untilMs, "optimistic").supply);
  return parseLosses(texts.join(","), supplies);
}
