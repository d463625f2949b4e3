/** MongoDB itself, for what was restored and for its source: each by a connection string of the environment. */
import { OpsError } from "../core/error.ts";
import { once } from "../core/once.ts";
import type { Mongo, MongoRole } from "../ports/mongo.ts";

export interface MongoOpening {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Whether this run is a rehearsal, known once its place is: then no real database is asked. */
  readonly isRehearsal: () => Promise<boolean>;
  readonly opened: (mongo: Mongo) => void;
}

const VARIABLES = {
  target: "LITALLY_OPS_VERIFY_URI",
  source: "LITALLY_OPS_SOURCE_URI",
} as const satisfies Record<MongoRole, string>;

/** Throws OpsError `config` where the variable is not set, or cannot be used. */
export function mongoByRole(opening: MongoOpening): (role: MongoRole) => Promise<Mongo> {
  const opened = { target: once(() => open(opening, "target")), source: once(() => open(opening, "source")) };
  return (role) => opened[role]();
}

async function open({ env, signal, isRehearsal, opened }: MongoOpening, role: MongoRole): Promise<Mongo> {
  const variable = VARIABLES[role];
  const uri = env[variable];
  if (uri === undefined || uri === "") {
    const hint = `set ${variable} to a connection string with a user that may read`;
    throw new OpsError("config", `there is no connection string for the ${role}`, { hint });
  }
  const { connectMongo } = await import("../adapters/mongo/mongo.ts");
  const mongo = connectMongo({ uri, variable, signal, loopbackOnly: await isRehearsal() });
  opened(mongo);
  return mongo;
}
