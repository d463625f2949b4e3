/** `doctor --schedules`: when did each schedule of the policy last run, and would GitHub run it again? Reads only. */
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import { SCHEDULE_CHECKS } from "../rules/schedules/checks.ts";
import type { Context } from "./context.ts";
import { gatherSchedules } from "./gather-schedules.ts";
import { reporter } from "./reporting.ts";

/** Where nothing could be found out, the schedule itself need not be started. */
const FIND_OUT = "see that AWS and GitHub can be asked from here; then run this again: litally-ops doctor --schedules";

export async function judgeSchedules(context: Context): Promise<Report> {
  const { policy } = await context.policy("aws", "heartbeat");
  const { environment, aws, heartbeat } = policy;
  if (heartbeat === undefined) {
    throw new OpsError("config", "the policy names no schedules", {
      hint: "add heartbeat: { schedules: [{ command: backup verify, every: 1d, grace: 3h }] }",
    });
  }
  context.progress.phase(`asking when ${heartbeat.schedules.length} schedules last ran`);
  const facts = await gatherSchedules(context, { environment, ...(aws === undefined ? {} : { aws }), heartbeat });
  const findings = facts.flatMap((one) => runChecks(SCHEDULE_CHECKS, one, `schedule/${one.command}`, FIND_OUT));
  return reporter("doctor", environment, context)(findings);
}
