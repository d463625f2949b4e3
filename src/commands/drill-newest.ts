/** When the newest documents of each collection were made, on both sides, as far as the ids of documents tell. */
import { mapBounded } from "../core/bounded.ts";
import { OpsError, toOpsError } from "../core/error.ts";
import { notKnown, type Observed, observe } from "../core/observed.ts";
import { type Report, worst } from "../core/report.ts";
import type { Mongo } from "../ports/mongo.ts";
import { ofCluster } from "../rules/backup/facts.ts";
import type { NewestFacts, RestoredNewest } from "../rules/drill/objectives.ts";
import type { RestoreFacts } from "../rules/restore/facts.ts";
import type { Context } from "./context.ts";
import { seenAsSource } from "./verify-data.ts";

/** Nothing is asked of a deployment that was not seen to be the target, nor of one that is not the source. */
export async function newestOfBoth(
  context: Context,
  { findings }: Report,
  { source }: RestoreFacts,
  askedAt: Date,
): Promise<NewestFacts> {
  const right = findings.filter(({ check }) => check === "restore/right-target");
  context.progress.phase("looking for the newest documents");
  const of = <T>(find: () => Promise<T>): Promise<Observed<T>> =>
    observe(async () => {
      if (worst(right) !== "pass") throw new OpsError("protocol", "not asked", { hint: "see restore/right-target" });
      return find();
    });
  try {
    const [restored, atSource] = await Promise.all([
      of(async () => ofEach(await context.mongo("target"), (mongo, name) => restoredNewest(mongo, name, askedAt))),
      of(async () => {
        const live = seenAsSource(
          await observe(() => context.mongo("source")),
          ofCluster(source, ({ hosts }) => hosts),
        );
        if (!live.known) throw live.reason;
        return ofEach(live.value, (mongo, name) => mongo.newestDocument(name, askedAt));
      }),
    ]);
    return { restored, atSource };
  } catch (error) {
    const reason = notKnown(new OpsError("aborted", toOpsError(error).message)); // a stop: what was begun is still told
    return { restored: reason, atSource: reason };
  }
}

/** Both by one look, where nothing is younger than it ought to be. */
async function restoredNewest(mongo: Mongo, name: string, askedAt: Date): Promise<RestoredNewest> {
  const latestAt = await mongo.newestDocument(name, null);
  const isYounger = latestAt !== null && latestAt > askedAt;
  return { latestAt, newestAt: isYounger ? await mongo.newestDocument(name, askedAt) : latestAt };
}

const MAX_AT_ONCE = 4;

/** By the index on `_id` alone, so that size does not matter. Views hold nothing of their own. */
async function ofEach<T>(
  mongo: Mongo,
  find: (mongo: Mongo, name: string) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  const collections = (await mongo.listNamespaces()).filter(({ documents }) => documents !== null);
  return new Map(await mapBounded(collections, MAX_AT_ONCE, async ({ name }) => [name, await find(mongo, name)]));
}
