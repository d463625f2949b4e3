/** The roles on an Atlas project that open operations, and no more of them than it takes. */
import { ATLAS_ROLES, type AtlasOperation, type AtlasRole } from "../../ports/atlas-roles.ts";

export interface NeededRole {
  readonly role: AtlasRole;
  /** What it opens of what was asked for. */
  readonly operations: readonly AtlasOperation[];
}

/** Every role contains this one: https://www.mongodb.com/docs/atlas/reference/user-roles/#project-roles */
const CONTAINED: AtlasRole = "Project Read Only";

/** Where one of several is enough, the one that is needed anyway, else the first that is named so. */
const PREFERRED: readonly AtlasRole[] = ["Project Backup Recovery Operator", "Project Cluster Manager"];

export function rolesFor(operations: readonly AtlasOperation[]): readonly NeededRole[] {
  const asked = [...new Set(operations)];
  const sole = asked.flatMap((operation) => (rolesOf(operation).length === 1 ? rolesOf(operation) : []));
  const byRole = Map.groupBy(asked, (operation) => chosen(rolesOf(operation), sole));
  const needed = [...byRole].map(([role, opened]) => ({ role, operations: opened }));
  return needed.length > 1 ? needed.filter(({ role }) => role !== CONTAINED) : needed;
}

function rolesOf(operation: AtlasOperation): readonly AtlasRole[] {
  return ATLAS_ROLES[operation];
}

function chosen(roles: readonly AtlasRole[], needed: readonly AtlasRole[]): AtlasRole {
  const [first] = [needed, PREFERRED, roles].flatMap((some) => some.filter((role) => roles.includes(role)));
  return first ?? CONTAINED;
}
