/** `notify audit`: would the topics of the policy carry an alarm to everyone they name? Changes nothing. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import { WAY_CHECKS } from "../rules/notify/link.ts";
import { ways } from "../rules/notify/ways.ts";
import { loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import type { Context } from "./context.ts";
import { gatherDeclaredWays } from "./gather-ways.ts";
import { checkFilter, withinReach } from "./only.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ only: z.optional(z.array(z.string())) });

export async function run({ only }: z.output<typeof input>, context: Context): Promise<Report> {
  const wanted = checkFilter(
    only,
    "notify",
    WAY_CHECKS.map(({ id }) => id),
  );
  const loaded = await loadAlarms(context);
  const home = await ourHome(context, loaded.policy);
  context.progress.phase("reading topics and subscriptions");
  const { findings } = ways(await gatherDeclaredWays(context, home, loaded));
  return reporter(
    "notify audit",
    loaded.policy.environment,
    context,
  )(
    findings
      .filter(({ check }) => wanted({ id: check }))
      .map((finding) => withinReach(finding, "litally-ops notify audit", wanted)),
  );
}
