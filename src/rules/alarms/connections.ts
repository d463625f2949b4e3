/** The connections of an Atlas project to third parties, by which some of those are told whom an alert names. */
import { OpsError } from "../../core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../core/observed.ts";
import { any, not, type Tri, tri } from "../../core/tri.ts";
import type { AlertConfig, AlertNotification, Integration } from "../../ports/atlas-alerts.ts";
import type { AlertFacts, DeclaredAlert } from "./facts.ts";

/** All but these need a connection. */
const BY_ATLAS_ITSELF: readonly string[] = ["EMAIL", "SMS"];

/** Types of recipients that the alert names and the project is not connected to. */
export function missingConnections(
  { order }: DeclaredAlert,
  { integrations }: AlertFacts,
): Observed<readonly string[]> {
  const types = [...new Set(order.notifications.map(({ type }) => type))];
  const needed = types.filter((type) => !BY_ATLAS_ITSELF.includes(type));
  if (needed.length === 0) return known([]);
  return mapObserved(integrations, (all) => needed.filter((type) => !all.some((one) => one.type === type)));
}

/** Types by a connection that the project no longer has, though it has another. */
export function lostConnections(
  { notifications }: AlertConfig,
  { integrations }: AlertFacts,
): Observed<readonly string[]> {
  if (!notifications.known) return notifications;
  const bound = notifications.value.filter(({ integrationId }) => integrationId !== null);
  if (bound.length === 0) return known([]);
  if (!integrations.known) return integrations;
  const all = integrations.value;
  const unclear = bound.flatMap((one) => (isLost(one, all) === "maybe" ? [one.type] : []));
  const [type] = unclear;
  if (type !== undefined)
    return notKnown(new OpsError("protocol", `the ids of the connections to ${type} cannot be read`));
  return known([...new Set(bound.filter((one) => isLost(one, all) === "yes").map((one) => one.type))]);
}

function isLost({ type, integrationId }: AlertNotification, integrations: readonly Integration[]): Tri {
  const alike = integrations.filter((one) => one.type === type);
  if (alike.length === 0) return "no"; // it is missing, not lost
  return not(any(...alike.map(({ id }) => (id.known ? tri(id.value === integrationId) : "maybe"))));
}

/** The one connection to go by; undefined: none, or which of several nobody says. */
export function connectionTo(type: string, { integrations }: AlertFacts): string | undefined {
  if (!integrations.known) return undefined;
  const [first, ...others] = integrations.value.filter((one) => one.type === type);
  return first?.id.known === true && others.length === 0 ? first.id.value : undefined;
}

/** What to do where one is missing. */
export function connectRemedy(type: string): string {
  return `connect the project to ${type} in Atlas (Project Settings, Integrations), then litally-ops alarms plan`;
}
