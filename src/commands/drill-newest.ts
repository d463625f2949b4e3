/** When the newest document of a deployment was made, as far as the ids of its documents tell. */
import { mapBounded } from "../core/bounded.ts";
import type { Mongo } from "../ports/mongo.ts";

const MAX_AT_ONCE = 4;

/** By the index on `_id` alone, so that size does not matter. null: no id tells. `until`: only documents made by then. */
export async function newestDocument(mongo: Mongo, until: Date | null): Promise<Date | null> {
  const collections = (await mongo.listNamespaces()).filter(({ documents }) => documents !== null);
  const made = await mapBounded(collections, MAX_AT_ONCE, ({ name }) => mongo.newestDocument(name, until));
  const instants = made.flatMap((at) => (at === null ? [] : [at.getTime()]));
  return instants.length === 0 ? null : new Date(Math.max(...instants));
}
