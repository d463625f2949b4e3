/** `backup plan`: the difference between the policy and the live backup settings. Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { planAll } from "./backup-apply.ts";
import { shownPlan } from "./carry-out.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  allowLoosening: z.prefault(z.boolean(), false),
});

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const { plan, reportOf } = await planAll("backup plan", given, context);
  return reportOf(plan.preconditions, shownPlan(plan));
}
