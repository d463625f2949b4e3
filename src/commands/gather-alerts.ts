/** What is known of the alert configurations of the policy's Atlas project. */
import { known, observe } from "../core/observed.ts";
import type { AlertFacts } from "../rules/alarms/facts.ts";
import type { LoadedAlarms } from "./alarm-policy.ts";
import type { Context } from "./context.ts";

/** Atlas is asked only where the policy declares alerts of it. */
export async function gatherAlerts(context: Context, { policy, declared }: LoadedAlarms): Promise<AlertFacts> {
  if (declared.alerts.length === 0) return { declared: [], configs: known([]), integrations: known([]) };
  const { projectId } = policy.atlas;
  const [configs, integrations] = await Promise.all([
    observe(async () => (await context.atlas()).listAlertConfigs(projectId)),
    observe(async () => (await context.atlas()).listIntegrations(projectId)),
  ]);
  return { declared: declared.alerts, configs, integrations };
}
