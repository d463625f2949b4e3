/** A change of a backup schedule as it is sent: what it makes of the schedule, or why Atlas does not take it. */
import { type Answer, refuse } from "./answer.ts";
import { flag, integer, list, object, oneOf, RETENTION, type Shape, text } from "./body.ts";
import { changedCopies, copySettingShape } from "./copy-change.ts";
import { objectId } from "./ids.ts";
import { expiry, rarestOf } from "./life.ts";
import { type ClusterRecord, FREQUENCIES, type ItemRecord, type ScheduleRecord } from "./model.ts";

const ITEM = object({ frequencyType: oneOf(FREQUENCIES), frequencyInterval: integer, ...RETENTION }, { id: text });
type SentItem = TypeOf<typeof ITEM>;

/** What can be changed. What Atlas alone writes is not among it, nor what the sandbox does not have. */
export const SCHEDULE_CHANGE = object(
  { policies: list(object({ policyItems: list(ITEM) }, { id: text })) },
  {
    restoreWindowDays: integer,
    referenceHourOfDay: integer,
    referenceMinuteOfHour: integer,
    copyPolicyItemsEnabled: flag,
    copySettings: list(copySettingShape),
    updateSnapshots: flag,
    deleteSnapshots: flag,
  },
);
export type ScheduleChange = TypeOf<typeof SCHEDULE_CHANGE>;
type TypeOf<S> = S extends Shape<infer T> ? T : never;

/** The cluster with its schedule changed. Whether the whole is allowed, schedule-rules.ts says. */
export function changedSchedule(cluster: ClusterRecord, change: ScheduleChange, nowMs: number): ClusterRecord | Answer {
  const { schedule } = cluster;
  const [policy, ...more] = change.policies;
  if (policy === undefined || more.length > 0) {
    return refuse(400, "INVALID_NUM_OF_POLICIES", "A schedule has exactly one policy.");
  }
  if (policy.id !== schedule.policyId) {
    return refuse(400, "INVALID_POLICY_ID", "That is not the policy of this cluster.", [policy.id ?? ""]);
  }
  const items = changedItems(cluster, policy.policyItems, nowMs);
  if ("status" in items) return items;
  const time = changedTime(schedule, change);
  if ("status" in time) return time;
  const copies = changedCopies(cluster, change, nowMs);
  if ("status" in copies) return copies;
  const restoreWindowDays = change.restoreWindowDays ?? schedule.restoreWindowDays;
  if (restoreWindowDays !== null && restoreWindowDays < 1) {
    return refuse(400, "INVALID_RESTORE_WINDOW", "The window must be a positive number of days.");
  }
  const changed = { ...cluster, schedule: { ...schedule, ...time, ...copies, ...items, restoreWindowDays } };
  return withSnapshots(changed, cluster, change);
}

/** All items that there are from now on: one that is not sent is gone, one without an id is new. */
function changedItems(
  cluster: ClusterRecord,
  sent: readonly SentItem[],
  nowMs: number,
): Pick<ScheduleRecord, "items"> | Answer {
  const items: ItemRecord[] = [];
  for (const [index, { id, frequencyType, frequencyInterval, retentionValue, retentionUnit }] of sent.entries()) {
    const live = cluster.schedule.items.find((item) => item.id === id);
    if (id !== undefined && (live === undefined || items.some((item) => item.id === id))) {
      return refuse(400, "INVALID_POLICY_ITEM_ID", `There is no item ${id}, or it was named already.`, [id]);
    }
    if (live !== undefined && live.frequency !== frequencyType) {
      return refuse(400, "INVALID_FREQUENCY_TYPE_CHANGE", "The frequency of an item cannot be changed.");
    }
    items.push({
      id: id ?? objectId(nowMs, cluster.id, "item", frequencyType, String(index)),
      frequency: frequencyType,
      interval: frequencyInterval,
      retentionValue,
      retentionUnit,
    });
  }
  return { items };
}

type Time = Pick<ScheduleRecord, "referenceHour" | "referenceMinute">;

function changedTime(schedule: ScheduleRecord, change: ScheduleChange): Time | Answer {
  const { referenceHourOfDay: hour, referenceMinuteOfHour: minute } = change;
  if (hour === undefined && minute === undefined) {
    return { referenceHour: schedule.referenceHour, referenceMinute: schedule.referenceMinute };
  }
  if (hour === undefined || minute === undefined) {
    return refuse(400, "INVALID_REFERENCE_TIME_OF_DAY_MISSING_FIELDS", "A time of day has both an hour and a minute.");
  }
  if (hour < 0 || hour > 23) return refuse(400, "INVALID_REFERENCE_HOUR_OF_DAY", "The hour is 0 to 23.");
  if (minute < 0 || minute > 59) return refuse(400, "INVALID_REFERENCE_MINUTE_OF_HOUR", "The minute is 0 to 59.");
  return { referenceHour: hour, referenceMinute: minute };
}

/** What the change does to snapshots that there are, if it was told to. */
function withSnapshots(changed: ClusterRecord, before: ClusterRecord, change: ScheduleChange): ClusterRecord {
  const gone = before.schedule.items.filter(({ id }) => !changed.schedule.items.some((item) => item.id === id));
  const goneIds = new Set(gone.map(({ id }) => id));
  const snapshots = changed.snapshots
    .filter(({ itemIds }) => change.deleteSnapshots !== true || !itemIds.some((id) => goneIds.has(id)))
    .map((snapshot) => {
      const [first, ...rest] = changed.schedule.items.filter(({ id }) => snapshot.itemIds.includes(id));
      if (change.updateSnapshots !== true || first === undefined) return snapshot;
      return { ...snapshot, expiresAt: expiry(rarestOf([first, ...rest]), Date.parse(snapshot.createdAt)) };
    });
  return { ...changed, snapshots };
}
