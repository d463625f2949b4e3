/** `alarms plan`: what must change so that alarms are as the policy says. Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { planAll } from "./alarms-apply.ts";
import { shownPlan } from "./carry-out.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ prune: z.prefault(z.boolean(), false) });

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const { plan, reportOf } = await planAll("alarms plan", given, context);
  return reportOf(plan.preconditions, shownPlan(plan));
}
