/** `notify plan`: what must change so that topics are as the policy says. Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { shownPlan } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { planAll } from "./notify-apply.ts";

export const input = z.strictObject({ prune: z.prefault(z.boolean(), false) });

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const { plan, reportOf } = await planAll("notify plan", given, context);
  return reportOf(plan.preconditions, shownPlan(plan));
}
