/** Atlas's hand in the buckets that it exports to: what of its exports has fallen due is written, each object once. */
import { exportObjects } from "./export-course.ts";
import type { ExportRecord, State } from "./model.ts";
import type { Store } from "./store.ts";
import { groupBody } from "./wire.ts";

export type PutObject = (bucket: string, key: string, body: Buffer) => Promise<void>;

/** To be called before anybody looks: nothing happens on its own. */
export function exportWriter(store: Store, put: PutObject): () => Promise<void> {
  let last = Promise.resolve();
  const writeAll = async () => {
    for (const job of store.state().exports) await write(job);
  };
  const write = async (job: ExportRecord) => {
    const state = store.state();
    const bucket = state.exportBuckets.find(({ id }) => id === job.exportBucketId)?.bucket;
    if (bucket === undefined) return;
    const due = exportObjects(job, summaryOf(job, state)).filter(({ dueMs }) => dueMs <= store.nowMs());
    for (const { key, body } of due.slice(job.written)) await put(bucket, key, body());
    if (due.length > job.written) store.put(withWritten(store.state(), job.id, due.length));
  };
  return () => {
    last = last.then(writeAll, writeAll); // one after the other: none is written twice
    return last;
  };
}

function withWritten(state: State, id: string, written: number): State {
  return { ...state, exports: state.exports.map((job) => (job.id === id ? { ...job, written } : job)) };
}

function summaryOf({ source, snapshotId, labels }: ExportRecord, state: State): Readonly<Record<string, unknown>> {
  const { orgId, id: groupId, name: groupName } = groupBody(state);
  const cluster = state.clusters.find(({ name }) => name === source);
  const snapshot = cluster?.snapshots.find(({ id }) => id === snapshotId);
  return {
    orgId,
    orgName: "litally",
    groupId,
    groupName,
    clusterUniqueId: cluster?.id,
    clusterName: source,
    snapshotInitiationDate: snapshot?.createdAt,
    labels: [],
    customData: labels,
  };
}
