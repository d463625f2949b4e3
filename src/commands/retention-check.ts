/** `retention check`: does every restore point that is owed today exist, and can the settings deliver the rest? Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { judgeToday, TODAY_CHECKS } from "../rules/retention/checks.ts";
import { judgeLosses, LOSS_CHECKS } from "../rules/retention/what-if.ts";
import type { Context } from "./context.ts";
import { checkFilter } from "./only.ts";
import { reporter } from "./reporting.ts";
import { askRetention } from "./retention-questions.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  only: z.optional(z.array(z.string())),
  assumeLost: z.optional(z.array(z.string())),
});

export async function run({ databases, only, assumeLost }: z.output<typeof input>, context: Context): Promise<Report> {
  const ids = [...TODAY_CHECKS, ...LOSS_CHECKS].map(({ id }) => id);
  const wanted = checkFilter(only, "retention", ids);
  const { questions, environment } = await askRetention(context, { databases, assumeLost });
  const findings = questions.flatMap((question) => [...judgeToday(question), ...judgeLosses(question)]);
  return reporter("retention check", environment, context)(findings.filter(({ check }) => wanted({ id: check })));
}
