/** `retention simulate`: does the policy hold on every day to come, or what is the first on which it breaks? Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { HORIZON_CHECKS, judgeHorizon } from "../rules/retention/simulate.ts";
import { judgeLosses, LOSS_CHECKS } from "../rules/retention/what-if.ts";
import type { Context } from "./context.ts";
import { checkFilter } from "./only.ts";
import { reporter } from "./reporting.ts";
import { askRetention } from "./retention-questions.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  until: z.optional(z.string()),
  asOf: z.optional(z.string()),
  assumeLost: z.optional(z.array(z.string())),
  only: z.optional(z.array(z.string())),
});

export async function run({ only, ...asking }: z.output<typeof input>, context: Context): Promise<Report> {
  const ids = [...HORIZON_CHECKS, ...LOSS_CHECKS].map(({ id }) => id);
  const wanted = checkFilter(only, "retention", ids);
  const { questions, environment } = await askRetention(context, asking);
  const isAssumed = asking.assumeLost !== undefined;
  const findings = questions.flatMap((question) => [
    ...judgeHorizon(question),
    ...judgeLosses(question).filter(({ check }) => isAssumed || check !== "retention/losses"),
  ]);
  return reporter("retention simulate", environment, context)(findings.filter(({ check }) => wanted({ id: check })));
}
