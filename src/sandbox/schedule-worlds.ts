/** The worlds in which all is well but for the commands that run regularly: `doctor --schedules` must say it. */
import { denied } from "./alarm-damages.ts";
import * as schedule from "./schedules.ts";
import type { World } from "./worlds.ts";

type Damages = Pick<World, "alarms" | "schedules" | "canReadWorkflows">;

const world = (name: string, summary: string, verdict: World["verdict"], check: string, damages: Damages): World => ({
  ...{ name, summary, command: "doctor --schedules", verdict, check },
  ...damages,
});

export const SCHEDULE_WORLDS: readonly World[] = [
  world("schedule-disabled", "GitHub has disabled the workflow of the first schedule", "fail", "schedules/enabled", {
    schedules: schedule.disabled,
  }),
  world("schedule-never-ran", "nothing was ever heard of the first schedule", "fail", "schedules/ran", {
    schedules: schedule.neverRan,
  }),
  world("schedule-died", "the newest run of the first schedule has not told of its end", "fail", "schedules/ran", {
    schedules: schedule.diedHalfWay,
  }),
  world("schedule-failed", "the newest run of the first schedule found something", "fail", "schedules/ran", {
    schedules: schedule.lastFailed,
  }),
  world("schedules-unheard", "these credentials may not read metrics", "unknown", "schedules/ran", {
    alarms: denied("cloudwatch:GetMetricData"),
  }),
  world("workflows-unreadable", "the token may not read workflows", "unknown", "schedules/enabled", {
    canReadWorkflows: false,
  }),
];
