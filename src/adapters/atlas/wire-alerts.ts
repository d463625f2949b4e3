/**
 * Alert configurations as Atlas writes them, and orders in its words. It masks the secrets of a channel in whatever it answers:
 * what is masked must not be sent back, for the mask would take the place of the secret. The id of the channel stands for it.
 */
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";

import {
  ALERT_OPERATORS,
  type AlertConfig,
  type AlertNotification,
  type AlertOrder,
  type AlertThreshold,
  type Integration,
} from "../../ports/atlas-alerts.ts";
import { fieldsOf, subjectOf, type WireObject, wireObject } from "../fields.ts";
import { OBJECT_ID } from "./params.ts";
import { count, flag, text } from "./wire.ts";

export function parseAlertConfig(object: WireObject): AlertConfig {
  const { id } = object;
  if (typeof id !== "string" || !OBJECT_ID.test(id))
    throw new OpsError("protocol", "an alert configuration of Atlas bears no id");
  const { required, optional } = fieldsOf(subjectOf("alert configuration", object), object);
  return {
    id,
    event: required("eventTypeName", text),
    isEnabled: required("enabled", flag),
    threshold: optional("metricThreshold", threshold),
    matchers: required("matchers", z.array(matcher)),
    notifications: required("notifications", z.array(notification)),
  };
}

/** The same, of the configuration that was asked about. */
export function theAlertConfig(id: string, object: WireObject): WireObject {
  if (object["id"] === id) return object;
  throw new OpsError("protocol", `Atlas answers about another alert configuration than ${id}`);
}

export function parseIntegration(object: WireObject): Integration {
  const { type } = object;
  if (typeof type !== "string" || type === "")
    throw new OpsError("protocol", "an integration of Atlas does not say of what type it is");
  return { id: fieldsOf(`integration ${type}`, object).required("id", text), type };
}

const threshold = z.pipe(
  z.object({
    metricName: text,
    mode: text,
    operator: z.enum(ALERT_OPERATORS),
    threshold: z.number(),
    units: text,
  }),
  z.transform(({ metricName: metric, ...rest }): AlertThreshold => ({ metric, ...rest })),
);

const matcher = z.pipe(
  z.object({ fieldName: text, operator: text, value: z.nullish(z.string()) }),
  z.transform(({ fieldName, operator, value }) => [fieldName, operator, value].filter(Boolean).join(" ")),
);

/** The member that says whom a channel of this type reaches. */
const TARGETS = new Map([
  ["EMAIL", "emailAddress"],
  ["SMS", "mobileNumber"],
  ["SLACK", "channelName"],
]);

const notification = z.pipe(
  z.looseObject({
    typeName: text,
    delayMin: count,
    intervalMin: z.nullish(count),
    notifierId: z.nullish(text),
    integrationId: z.nullish(text),
    emailAddress: z.nullish(text),
    mobileNumber: z.nullish(text),
    channelName: z.nullish(text),
  }),
  z.transform(
    (wire): AlertNotification => ({
      type: wire.typeName,
      target: targetOf(wire.typeName, wire),
      notifierId: wire.notifierId ?? null,
      integrationId: wire.integrationId ?? null,
      delayMinutes: wire.delayMin,
      intervalMinutes: wire.intervalMin ?? null,
    }),
  ),
);

function targetOf(type: string, wire: WireObject): string | null {
  const target = wire[TARGETS.get(type) ?? ""];
  return typeof target === "string" ? target : null;
}

export function alertBody(order: AlertOrder): WireObject {
  return { ...orderedPart(order), notifications: order.notifications.map((one) => notificationBody(one, {})) };
}

/** What the order does not name stays as it is now; whom the order does not name is told no more. */
export function replacementBody(live: WireObject, order: AlertOrder): WireObject {
  const { id: _id, groupId: _groupId, created: _created, updated: _updated, links: _links, ...kept } = live;
  const channels = z.safeParse(z.array(wireObject), live["notifications"]);
  if (!channels.success) throw new OpsError("protocol", "the channels of an alert configuration cannot be read");
  const left = [...channels.data];
  const taken = (one: Ordered): WireObject => {
    const index = left.findIndex((channel) => isOf(channel, one));
    return left.splice(index, index === -1 ? 0 : 1)[0] ?? NOTHING;
  };
  return {
    ...kept,
    ...orderedPart(order),
    notifications: order.notifications.map((one) => notificationBody(one, withoutSecrets(taken(one)))),
  };
}

const NOTHING: WireObject = {};

type Ordered = AlertOrder["notifications"][number];

function orderedPart({ event, isEnabled, threshold: { metric, ...rest } }: AlertOrder): WireObject {
  return { eventTypeName: event, enabled: isEnabled, matchers: [], metricThreshold: { metricName: metric, ...rest } };
}

function isOf(channel: WireObject, { notifierId, type, target }: Ordered): boolean {
  if (typeof notifierId === "string") return channel["notifierId"] === notifierId;
  return channel["typeName"] === type && targetOf(type, channel) === target;
}

function notificationBody(ordered: Ordered, kept: WireObject): WireObject {
  const { type, target, delayMinutes, intervalMinutes, notifierId, integrationId } = ordered;
  const targetName = TARGETS.get(type);
  return {
    ...kept,
    typeName: type,
    ...(targetName !== undefined && target !== null && { [targetName]: target }),
    delayMin: delayMinutes,
    ...(typeof intervalMinutes === "number" && { intervalMin: intervalMinutes }),
    ...(typeof notifierId === "string" && { notifierId }),
    ...(typeof integrationId === "string" && { integrationId }),
  };
}

/** https://www.mongodb.com/docs/atlas/reference/api-resources-spec/: notifications of a configuration */
const SECRETS = new Set([
  ...["apiToken", "datadogApiKey", "microsoftTeamsWebhookUrl", "notificationToken", "opsGenieApiKey", "serviceKey"],
  ...["victorOpsApiKey", "victorOpsRoutingKey", "webhookSecret", "webhookUrl"],
]);

/** Of whatever else Atlas masks. */
const MASK = "***";

function withoutSecrets(channel: WireObject): WireObject {
  const isSecret = ([name, value]: readonly [string, unknown]) =>
    SECRETS.has(name) || (typeof value === "string" && value.includes(MASK));
  const members = Object.entries(channel).filter(([, value]) => value !== null);
  const kept = Object.fromEntries(members.filter((member) => !isSecret(member)));
  if (kept["notifierId"] === undefined && kept["integrationId"] === undefined && members.some(isSecret)) {
    throw new OpsError(
      "rejected",
      `Atlas names no id for a channel of type ${channel["typeName"]}: its secret would be lost`,
      {
        hint: "change this alert in Atlas itself, where the secret can be given again",
      },
    );
  }
  return kept;
}
