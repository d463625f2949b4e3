/** Which archives a command is about: the databases that the policy keeps in one, each with its place in the bucket. */
import { OpsError } from "../core/error.ts";
import type { ArchivePolicy, DatabasePolicy, Policy } from "../policy/schema.ts";
import type { Place } from "../rules/archive/keys.ts";
import { parseSlot, type Slot } from "../rules/archive/slots.ts";
import { selectDatabase, selectDatabases } from "./databases.ts";

export interface Archived {
  readonly database: DatabasePolicy;
  readonly archive: ArchivePolicy;
  readonly place: Place;
}

type Policies = Pick<Policy, "databases" | "archives">;

/** The databases named that have an archive; all that have one when none is named. One named without is OpsError `config`. */
export function selectArchived(policy: Policies, names: readonly string[]): readonly Archived[] {
  const selected = selectDatabases(policy, names).flatMap((database) => {
    const found = archived(policy, database);
    if (found !== undefined) return [found];
    if (names.length === 0) return [];
    throw noArchive(database);
  });
  if (selected.length > 0) return selected;
  throw new OpsError("config", "the policy keeps no database in an archive: there is nothing to look at");
}

/** The one of a name; OpsError `usage` for an unknown one, `config` for one without an archive. */
export function selectOneArchived(policy: Policies, name: string): Archived {
  const database = selectDatabase(policy, name);
  const found = archived(policy, database);
  if (found !== undefined) return found;
  throw noArchive(database);
}

/** `archive/financial/core/2026-10`, as in findings. */
export function archiveSubject({ archive, database }: Archived, slot?: string): string {
  return `archive/${archive.name}/${database.name}${slot === undefined ? "" : `/${slot}`}`;
}

/** A slot as a person names it; OpsError `usage` for what is none. */
export function askedSlot(text: string): Slot {
  const slot = parseSlot(text);
  if (slot !== undefined) return slot;
  throw new OpsError("usage", `"${text}" is no slot`, { hint: "write 2026-10, 2026-Q3 or 2026" });
}

/** What a thaw may cost at the most; null: no limit was given. OpsError `usage` for what is no amount. */
export function usdOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  if (/^\d{1,9}(\.\d{1,2})?$/.test(text)) return Number(text);
  throw new OpsError("usage", `--max-cost: "${text}" is no amount of US dollars`, { hint: "write 12 or 12.50" });
}

/** The account and region that archives are in; OpsError `config` where the policy names none. */
export function awsOf({ aws }: Pick<Policy, "aws">): NonNullable<Policy["aws"]> {
  if (aws !== undefined) return aws;
  throw new OpsError("config", "the policy names no AWS account", { hint: "add aws.accountId and aws.region" });
}

function archived(policy: Policies, database: DatabasePolicy): Archived | undefined {
  const archive = policy.archives.find(({ name }) => name === database.archive);
  return archive === undefined
    ? undefined
    : { database, archive, place: { prefix: archive.prefix, database: database.name } };
}

function noArchive({ name }: DatabasePolicy): OpsError {
  return new OpsError("config", `the policy keeps database ${name} in no archive`, {
    hint: "add archive: <name> to it, and the archive under archives",
  });
}
