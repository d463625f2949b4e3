/** What is sent so that a live alarm or alert becomes what the policy declares, and how each setting moves by it. */
import type { Difference, Effect } from "../../core/change.ts";
import { known, mapObserved, type Observed } from "../../core/observed.ts";
import type { AlertConfig, AlertOrder } from "../../ports/atlas-alerts.ts";
import type { AlarmOrder, LiveMetricAlarm } from "../../ports/cloudwatch.ts";
import { compareAlert, isSame } from "./alerts.ts";
import type { AlarmDifference } from "./compare.ts";
import { connectionTo, lostConnections } from "./connections.ts";
import type { Drift } from "./drift.ts";
import type { AlertFacts, DeclaredAlarm, DeclaredAlert } from "./facts.ts";

/** What the policy does not say stays as it is; not known where nobody knows what that is. */
export function replacement({ name, settings }: DeclaredAlarm, live: LiveMetricAlarm): Observed<AlarmOrder> {
  const wanted = settings.description === null ? live.settings.description : known(settings.description);
  return mapObserved(wanted, (description) => ({ name, settings: { ...settings, description }, beyond: live.beyond }));
}

/** What is not as declared of a live alert; not known where any of it cannot be read. */
export function openAlertDifferences(
  declared: DeclaredAlert,
  config: AlertConfig,
  facts: AlertFacts,
): Observed<readonly Difference[]> {
  const { settings, recipients, isEnabled } = compareAlert(declared, config);
  const moves: Difference[] = [];
  for (const { difference } of [...settings, recipients, isEnabled]) {
    if (!difference.known) return difference;
    if (difference.value !== null) moves.push(asDifference(declared, difference.value));
  }
  return mapObserved(lostConnections(config, facts), (types) => [
    ...moves,
    ...types.map((type): Difference => {
      const wanted = `${type} by the project's connection`;
      const live = `${type} by a connection that is gone`;
      return { setting: "recipients", source: declared.sourceOf("recipients"), wanted, live, effect: "tightens" };
    }),
  ]);
}

type Told = AlertOrder["notifications"][number];

/** What Atlas keeps of each channel goes along, and each goes by a connection that is there. */
export function withConnections(order: AlertOrder, facts: AlertFacts, live: readonly Told[]): AlertOrder {
  const { integrations } = facts;
  const isThere = (id: string | null | undefined) =>
    integrations.known && integrations.value.some((one) => one.id.known && one.id.value === id);
  return {
    ...order,
    notifications: order.notifications.map((one): Told => {
      const before = live.find((other) => isSame(one, other));
      const connection = isThere(before?.integrationId) ? before?.integrationId : connectionTo(one.type, facts);
      const kept =
        before === undefined
          ? {}
          : { notifierId: before.notifierId ?? null, intervalMinutes: before.intervalMinutes ?? null };
      return { ...one, ...kept, ...(connection !== undefined && { integrationId: connection }) };
    }),
  };
}

const EFFECTS = {
  looser: "tightens",
  stricter: "loosens",
  different: "changes",
} as const satisfies Record<Drift, Effect>;

export function asDifference(
  { sourceOf }: Pick<DeclaredAlarm, "sourceOf">,
  { key, wanted, live, drift }: AlarmDifference,
): Difference {
  return { setting: key, source: sourceOf(key), wanted, live, effect: EFFECTS[drift] };
}
