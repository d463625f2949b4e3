/** The events of a project: when snapshots began and completed, which follows from the snapshots themselves. */
import { objectId } from "./ids.ts";
import type { State } from "./model.ts";

/** Newest first; of the clusters and types that the query names, or of all. */
export function eventBodies(state: State, query: URLSearchParams): readonly Readonly<Record<string, unknown>>[] {
  const clusters = query.getAll("clusterNames");
  const types = query.getAll("eventType");
  const sinceMs = Date.parse(query.get("minDate") ?? "") || 0;
  return state.clusters
    .filter(({ name }) => clusters.length === 0 || clusters.includes(name))
    .flatMap(({ id, snapshots }) =>
      snapshots.flatMap((snapshot) => [
        { at: snapshot.createdAt, type: "CPS_SNAPSHOT_STARTED", of: [id, snapshot.id] },
        ...(snapshot.status === "completed" && snapshot.settlesAt !== null
          ? [{ at: snapshot.settlesAt, type: "CPS_SNAPSHOT_SUCCESSFUL", of: [id, snapshot.id] }]
          : []),
      ]),
    )
    .filter(({ at, type }) => Date.parse(at) >= sinceMs && (types.length === 0 || types.includes(type)))
    .toSorted((a, b) => (a.at < b.at ? 1 : -1))
    .map(({ at, type, of }) => ({
      id: objectId(Date.parse(at), type, ...of),
      created: at,
      eventTypeName: type,
      groupId: state.projectId,
    }));
}
