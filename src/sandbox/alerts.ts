/** Alert configurations of the project and its integrations: what Atlas refuses, what it takes, and what it tells of them. */
import { type Answer, ok, refuse } from "./answer.ts";
import { flag, integer, list, number, object, oneOf, readBody, type Sent, text } from "./body.ts";
import type { Changed } from "./changes.ts";
import { objectId } from "./ids.ts";
import { iso, type State } from "./model.ts";
import type { AlertRecord, IntegrationRecord, NotificationRecord } from "./watch.ts";

type Body = Readonly<Record<string, unknown>>;

/** Whom a channel of this type reaches, by which member. */
const TARGETS: Readonly<Record<string, string>> = {
  EMAIL: "emailAddress",
  SMS: "mobileNumber",
  SLACK: "channelName",
};
/** Each of these channels needs its integration, or a secret of its own. */
const SECRETS: Readonly<Record<string, string>> = {
  PAGER_DUTY: "serviceKey",
  OPS_GENIE: "opsGenieApiKey",
  VICTOR_OPS: "victorOpsApiKey",
  DATADOG: "datadogApiKey",
  MICROSOFT_TEAMS: "microsoftTeamsWebhookUrl",
  WEBHOOK: "webhookUrl",
  SLACK: "apiToken",
};
const MORE_SECRETS = ["victorOpsRoutingKey", "webhookSecret"];
const isSecret = (name: string) => Object.values(SECRETS).includes(name) || MORE_SECRETS.includes(name);
const TYPES = [...new Set([...Object.keys(TARGETS), ...Object.keys(SECRETS)])];

const NOTIFICATION = object<{ readonly typeName: string }, Readonly<Record<string, unknown>>>(
  { typeName: oneOf(TYPES) },
  {
    ...{ delayMin: integer, intervalMin: integer, notifierId: text, integrationId: text, region: text },
    ...Object.fromEntries(
      [...Object.values(TARGETS), ...Object.values(SECRETS), ...MORE_SECRETS].map((name) => [name, text]),
    ),
  },
);
const THRESHOLD = object(
  { metricName: text },
  { mode: oneOf(["AVERAGE"]), operator: oneOf(["GREATER_THAN", "LESS_THAN"]), threshold: number, units: text },
);
const MATCHER = object(
  {
    fieldName: oneOf(["TYPE_NAME", "HOSTNAME", "PORT", "HOSTNAME_AND_PORT", "REPLICA_SET_NAME", "ATLAS_NODE_TYPE"]),
    operator: oneOf(["EQUALS", "CONTAINS", "STARTS_WITH", "ENDS_WITH", "NOT_EQUALS", "NOT_CONTAINS", "REGEX"]),
  },
  { value: text },
);
/** https://www.mongodb.com/docs/atlas/reference/api-resources-spec/: createGroupAlertConfig */
const ALERT_ORDER = object(
  { eventTypeName: oneOf(["OUTSIDE_METRIC_THRESHOLD"]), notifications: list(NOTIFICATION), metricThreshold: THRESHOLD },
  { enabled: flag, matchers: list(MATCHER), severityOverride: oneOf(["INFO", "WARNING", "ERROR", "CRITICAL"]) },
);

export interface AlertAsk {
  readonly state: State;
  readonly nowMs: number;
  readonly sent: Sent;
  readonly date: string;
  /** Of the configuration that the path names; empty: it names none. */
  readonly id: string;
}

export function createAlert({ state, nowMs, sent, date }: AlertAsk): Changed | Answer {
  const body = readBody(sent, date, ALERT_ORDER);
  if ("status" in body) return body;
  const refusal = notificationsProblem(body.value.notifications, state);
  if (refusal !== null) return refusal;
  const id = objectId(nowMs, state.projectId, "alert", String(state.alerts.length));
  const record = recordOf(body.value, { id, createdAt: iso(nowMs), before: [], state, nowMs });
  return { answer: ok(alertBody(record, state)), state: { ...state, alerts: [...state.alerts, record] } };
}

/** Whole: what is left out is gone, but for the secrets of a channel that is named by its id. */
export function replaceAlert({ state, nowMs, sent, date, id }: AlertAsk): Changed | Answer {
  const before = state.alerts.find((alert) => alert.id === id);
  if (before === undefined) return noAlert(id);
  const body = readBody(sent, date, ALERT_ORDER);
  if ("status" in body) return body;
  const notifications = body.value.notifications.map((one) => withKeptSecrets(one, before.notifications));
  const refusal = notificationsProblem(notifications, state);
  if (refusal !== null) return refusal;
  const order = { ...body.value, notifications };
  const record = recordOf(order, { id, createdAt: before.createdAt, before: before.notifications, state, nowMs });
  const alerts = state.alerts.map((alert) => (alert === before ? record : alert));
  return { answer: ok(alertBody(record, state)), state: { ...state, alerts } };
}

export function noAlert(id: string): Answer {
  return refuse(404, "ALERT_CONFIG_NOT_FOUND", `There is no alert configuration ${id}.`, [id]);
}

export function alertBody({ id, createdAt, updatedAt, words, notifications }: AlertRecord, { projectId }: State): Body {
  return {
    id,
    groupId: projectId,
    created: createdAt,
    updated: updatedAt,
    links: [],
    ...words,
    notifications: notifications.map(masked),
  };
}

export function integrationBody({ id, type, words }: IntegrationRecord): Body {
  return { id, type, ...masked(words) };
}

interface Kept {
  readonly id: string;
  readonly createdAt: string;
  readonly before: readonly NotificationRecord[];
  readonly state: State;
  readonly nowMs: number;
}

type Order = Readonly<Record<string, unknown>> & { readonly notifications: readonly Body[] };

/** One that is not told to be on is off. */
function recordOf({ notifications, ...words }: Order, { id, createdAt, before, state, nowMs }: Kept): AlertRecord {
  const isTaken = (notifierId: string) => before.some((one) => one.notifierId === notifierId);
  const free = Array.from({ length: notifications.length + before.length }, (_, index) =>
    objectId(nowMs, id, "notifier", String(index)),
  ).filter((notifierId) => !isTaken(notifierId));
  return {
    id,
    createdAt,
    updatedAt: iso(nowMs),
    words: { enabled: false, matchers: [], ...words },
    notifications: notifications.map((one, index) => ({
      delayMin: 0,
      ...connection(one, state),
      ...one,
      notifierId: isTaken(String(one["notifierId"])) ? String(one["notifierId"]) : String(free[index]),
    })),
  };
}

/** The integration that a channel without a secret of its own goes by. */
function connection(one: Body, { integrations }: State): Body {
  const type = String(one["typeName"]);
  const own = SECRETS[type];
  if (own === undefined || one[own] !== undefined) return {};
  const integration = integrations.find((candidate) => candidate.type === type);
  return integration === undefined ? {} : { integrationId: integration.id };
}

function withKeptSecrets(sent: Body, before: readonly NotificationRecord[]): Body {
  const same = before.find(({ notifierId }) => notifierId === sent["notifierId"]) ?? {};
  return { ...Object.fromEntries(Object.entries(same).filter(([name]) => isSecret(name))), ...sent };
}

const MAX_NOTIFICATIONS = 25;
const MIN_INTERVAL_MINUTES = 5;

function notificationsProblem(notifications: readonly Body[], { integrations }: State): Answer | null {
  const invalid = (detail: string) => refuse(400, "INVALID_ATTRIBUTE", detail, ["notifications"]);
  if (notifications.length < 1 || notifications.length > MAX_NOTIFICATIONS)
    return invalid(`There must be 1 to ${MAX_NOTIFICATIONS} notifications.`);
  for (const one of notifications) {
    const type = String(one["typeName"]);
    const [target, secret] = [TARGETS[type], SECRETS[type]];
    if (target !== undefined && !one[target]) return invalid(`A notification of ${type} needs ${target}.`);
    if (Number(one["delayMin"] ?? 0) < 0) return invalid("delayMin must be 0 or more.");
    if (Number(one["intervalMin"] ?? MIN_INTERVAL_MINUTES) < MIN_INTERVAL_MINUTES)
      return invalid(`intervalMin must be ${MIN_INTERVAL_MINUTES} or more.`);
    if (one["integrationId"] !== undefined && integrations.every(({ id }) => id !== one["integrationId"]))
      return invalid(`There is no integration ${one["integrationId"]}.`);
    const isConnected = integrations.some((integration) => integration.type === type);
    if (secret !== undefined && !one[secret] && !isConnected)
      return invalid(`${type} needs an integration, or ${secret}.`);
  }
  return null;
}

const SHOWN_DIGITS = 4;

/** Secrets end in their last letters: https://www.mongodb.com/docs/atlas/reference/api-resources-spec/ */
function masked(words: Body): Body {
  return Object.fromEntries(
    Object.entries(words).map(([name, value]) =>
      isSecret(name) || INTEGRATION_SECRETS.includes(name)
        ? [name, String(value).slice(-SHOWN_DIGITS).padStart(MASK_LENGTH, "*")]
        : [name, value],
    ),
  );
}

const MASK_LENGTH = 32;
const INTEGRATION_SECRETS = ["apiKey", "routingKey", "secret", "url"];
