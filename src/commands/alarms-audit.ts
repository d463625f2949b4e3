/** `alarms audit`: do the alarms say what the policy says, and does anyone hear them? Changes nothing. */
import * as z from "zod/mini";
import type { Finding, Report } from "../core/report.ts";
import { ALARM_CHECKS, judgeAlarms, judgeAlerts } from "../rules/alarms/checks.ts";
import type { AlarmFacts, AlertFacts } from "../rules/alarms/facts.ts";
import type { WayFacts } from "../rules/notify/facts.ts";
import { WAY_CHECKS } from "../rules/notify/link.ts";
import { ways } from "../rules/notify/ways.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import type { Context } from "./context.ts";
import { gatherAlarms } from "./gather-alarms.ts";
import { gatherAlerts } from "./gather-alerts.ts";
import { gatherWays } from "./gather-ways.ts";
import { checkFilter, withinReach } from "./only.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({ only: z.optional(z.array(z.string())) });

export async function run({ only }: z.output<typeof input>, context: Context): Promise<Report> {
  const wanted = checkFilter(
    only,
    "alarms",
    [...ALARM_CHECKS, ...WAY_CHECKS].map(({ id }) => id),
  );
  const loaded = await loadAlarms(context);
  context.progress.phase("reading alarms, topics and subscriptions");
  const findings = judgeAll(await gatherAll(context, loaded));
  return reporter(
    "alarms audit",
    loaded.policy.environment,
    context,
  )(
    findings
      .filter(({ check }) => wanted({ id: check }))
      .map((finding) => withinReach(finding, "litally-ops alarms audit", wanted)),
  );
}

export interface AuditFacts {
  readonly alarms: AlarmFacts;
  readonly alerts: AlertFacts;
  readonly ways: WayFacts;
}

/** Side by side, as far as one does not wait for the other: which topics count, live alarms say. */
export async function gatherAll(context: Context, loaded: LoadedAlarms): Promise<AuditFacts> {
  const home = await ourHome(context, loaded.policy);
  const { owned, exceptions } = loaded.alarms;
  const [alerts, [alarms, ways]] = await Promise.all([
    gatherAlerts(context, loaded),
    gatherAlarms(context, { owned, exceptions, declared: loaded.declared.alarms }).then(
      async (facts) => [facts, await gatherWays(context, home, loaded, facts.live)] as const,
    ),
  ]);
  return { alarms, alerts, ways };
}

export function judgeAll(facts: AuditFacts): readonly Finding[] {
  return [...judgeAlarms(facts.alarms), ...judgeAlerts(facts.alerts), ...ways(facts.ways).findings];
}
