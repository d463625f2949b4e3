/** The ways in which Atlas's alerts go wrong: functions from what a project has to what is left of it, about the first alert. */
import { objectId } from "./ids.ts";
import type { AlertRecord, IntegrationRecord, Words } from "./watch.ts";

export interface Alerting {
  readonly alerts: readonly AlertRecord[];
  readonly integrations: readonly IntegrationRecord[];
}
export type AlertDamage = (sound: Alerting) => Alerting;

export const missing = ofFirst(() => []);
export const off = ofFirst((alert) => [withWords(alert, { enabled: false })]);
/** A tenth further away. */
export const looser = ofFirst((alert) => {
  const threshold = alert.words["metricThreshold"] as Words; // ours
  const away = threshold["operator"] === "LESS_THAN" ? 0.9 : 1.1;
  const value = Math.round(Number(threshold["threshold"]) * away);
  return [withWords(alert, { metricThreshold: { ...threshold, threshold: value } })];
});
/** About one replica set alone. */
export const narrowed = ofFirst((alert) => [
  withWords(alert, {
    matchers: [{ fieldName: "REPLICA_SET_NAME", operator: "EQUALS", value: "atlas-5a4db0-shard-0" }],
  }),
]);
export const twice = ofFirst((alert) => [alert, { ...alert, id: objectId(0, alert.id, "again") }]);
export const lateBell = ofFirst((alert) => [
  { ...alert, notifications: alert.notifications.map((one) => ({ ...one, delayMin: 60 })) },
]);
export const noIntegration: AlertDamage = (sound) => ({ ...sound, integrations: [] });

function withWords(alert: AlertRecord, words: Words): AlertRecord {
  return { ...alert, words: { ...alert.words, ...words } };
}

function ofFirst(damage: (alert: AlertRecord) => readonly AlertRecord[]): AlertDamage {
  return ({ alerts: [first, ...rest], integrations }) => ({
    alerts: first === undefined ? [] : [...damage(first), ...rest],
    integrations,
  });
}
