/** The roles on an Atlas project that open operations, and no more of them than it takes. */
import { ATLAS_ROLES, type AtlasOperation, type AtlasRole } from "../../ports/atlas-roles.ts";

/** Every other role contains it: https://www.mongodb.com/docs/atlas/reference/user-roles/#project-roles */
const CONTAINED: AtlasRole = "Project Read Only";

/** Where one of several is enough and none of them is needed anyway. */
const PREFERRED: readonly AtlasRole[] = ["Project Backup Recovery Operator", "Project Cluster Manager"];

/** `granted` are there anyway. What another of them contains is left out. */
export function rolesFor(
  operations: readonly AtlasOperation[],
  granted: readonly AtlasRole[] = [],
): readonly AtlasRole[] {
  const asked = [...new Set(operations)].map((operation): readonly AtlasRole[] => ATLAS_ROLES[operation]);
  const sole = asked.flatMap((roles) => (roles.length === 1 ? roles : []));
  const needed = new Set(asked.map((roles) => chosen(roles, [...sole, ...granted])));
  return [...needed].filter((role) => role !== CONTAINED || needed.size === 1);
}

function chosen(roles: readonly AtlasRole[], needed: readonly AtlasRole[]): AtlasRole {
  const [first] = [needed, PREFERRED, roles].flatMap((some) => some.filter((role) => roles.includes(role)));
  return first ?? CONTAINED;
}
