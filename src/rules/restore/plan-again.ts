/** The command that plans the same restore once more, to be looked at before anything is ordered. */
import { quoted } from "../../core/shell.ts";
import type { DatabasePolicy } from "../../policy/schema.ts";
import type { CollectionRestoreOrder, RestoreOrder } from "../../ports/atlas-restores.ts";
import { sameName } from "./facts.ts";

export function planAgain({ name, cluster }: Pick<DatabasePolicy, "name" | "cluster">, order: Again): string {
  const { point, targetName } = order;
  const words = [
    ...("namespaces" in order ? collections(name, order) : [point.kind === "instant" ? "pitr" : "snapshot", name]),
    point.kind === "instant"
      ? `--at ${point.at.toISOString().replace(".000Z", "Z")}`
      : `--snapshot ${point.snapshotId}`,
    `--to ${targetName}`,
    ...(sameName(targetName, cluster) ? ["--in-place"] : []),
  ];
  return `litally-ops restore ${words.join(" ")} --dry-run`;
}

type Again = Pick<RestoreOrder, "point" | "targetName"> | Omit<CollectionRestoreOrder, "targetProjectId">;

function collections(
  name: string,
  { namespaces, suffix, overwrites }: Omit<CollectionRestoreOrder, "point" | "targetName" | "targetProjectId">,
): readonly string[] {
  return [
    "collections",
    name,
    ...namespaces.map((namespace) => `--namespace ${quoted(namespace)}`),
    ...(overwrites ? ["--overwrite"] : []),
    ...(suffix === null ? [] : [`--suffix ${quoted(suffix)}`]),
  ];
}
