import { OpsError } from "../core/error.ts";
import { didYouMean } from "../core/suggest.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";

/** The databases named, in the policy's order; all of them when none is named. An unknown name is OpsError `usage`, none at all `config`. */
export function selectDatabases(
  policy: Pick<Policy, "databases">,
  names: readonly string[],
): readonly DatabasePolicy[] {
  const known = policy.databases.map((database) => database.name);
  if (known.length === 0) throw new OpsError("config", "the policy declares no database: there is nothing to look at");
  for (const name of names) {
    if (known.includes(name)) continue;
    throw new OpsError("usage", `unknown database "${name}"${didYouMean(name, known)}`, {
      hint: `the policy declares: ${known.join(", ")}`,
    });
  }
  return names.length === 0 ? policy.databases : policy.databases.filter((database) => names.includes(database.name));
}

/** The one database of a name; an unknown name is OpsError `usage`. */
export function selectDatabase(policy: Pick<Policy, "databases">, name: string): DatabasePolicy {
  const [database] = selectDatabases(policy, [name]);
  if (database === undefined) throw new OpsError("bug", `database "${name}" was selected and is not there`);
  return database;
}

/** How a database is named in findings. */
export function subjectOf(database: DatabasePolicy): string {
  return `cluster/${database.cluster}`;
}
