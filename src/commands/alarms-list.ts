/** `alarms list`: every alarm that is declared or has the owned prefix: its state, when it fires, who hears it. Changes nothing. */
import * as z from "zod/mini";
import { type Check, runChecks } from "../core/check.ts";
import type { Cell, ListColumn, Listing } from "../core/report.ts";
import { unknown } from "../core/verdict.ts";
import type { LiveAlarm } from "../ports/cloudwatch.ts";
import { type MatchedAlert, matchAlerts, recipientWords } from "../rules/alarms/alerts.ts";
import { alarmWords, alertWords, liveAlertWords, liveWords } from "../rules/alarms/words.ts";
import { type Hearer, ways } from "../rules/notify/ways.ts";
import { type LoadedAlarms, loadAlarms } from "./alarm-policy.ts";
import { ourHome } from "./aws-home.ts";
import { minute } from "./cells.ts";
import type { Context } from "./context.ts";
import { gatherAlarms } from "./gather-alarms.ts";
import { gatherAlerts } from "./gather-alerts.ts";
import { gatherWays } from "./gather-ways.ts";

export const input = z.strictObject({});

const READ: Check<string> = {
  id: "alarms/readable",
  title: "what the list is made from could be read",
  remedy: () => "see which permissions are missing: litally-ops doctor",
  judge: (reason) => unknown(reason),
};

export async function run(_given: z.output<typeof input>, context: Context): Promise<Listing> {
  const loaded = await loadAlarms(context);
  const home = await ourHome(context, loaded.policy);
  context.progress.phase("reading alarms, topics and subscriptions");
  const seen: LiveAlarm[] = [];
  const { owned, exceptions } = loaded.alarms;
  const [facts, alerts] = await Promise.all([
    gatherAlarms(context, {
      owned,
      exceptions,
      declared: loaded.declared.alarms,
      onLive: (alarm) => void seen.push(alarm),
    }),
    gatherAlerts(context, loaded),
  ]);
  const wayFacts = await gatherWays(context, home, loaded, facts.live);
  const { hearersOf } = ways(wayFacts);
  const heard = new Map(wayFacts.alarms.map((alarm) => [alarm.name, hearersOf(alarm)]));
  const items = [...rowsOf(loaded, seen, facts.live.known, heard), ...matchAlerts(alerts).map(alertRow)];
  const missing = [
    ...(facts.live.known ? [] : [{ subject: "cloudwatch", reason: facts.live.reason.message }]),
    ...(alerts.configs.known ? [] : [{ subject: "atlas", reason: alerts.configs.reason.message }]),
  ];
  return {
    kind: "list",
    command: "alarms list",
    environment: loaded.policy.environment,
    observedAt: context.clock.now(),
    items,
    columns: COLUMNS,
    summary: summarise(items),
    missing,
    omitted: 0,
    findings: missing.flatMap(({ subject, reason }) => runChecks([READ], reason, subject)),
  };
}

type Row = Listing["items"][number];

/** The declared first, those that are not there among them; then what nobody declared. */
function rowsOf(
  { declared }: LoadedAlarms,
  seen: readonly LiveAlarm[],
  isListed: boolean,
  heard: ReadonlyMap<string, readonly Hearer[]>,
): readonly Row[] {
  const live = new Map(seen.map((alarm) => [alarm.name, alarm]));
  const names = new Set(declared.alarms.map(({ name }) => name));
  const ours = declared.alarms.map(({ name, severity, settings }): Row => {
    const alarm = live.get(name);
    const state = alarm === undefined ? { state: isListed ? "MISSING" : "?", since: null } : stateOf(alarm);
    const fires = alarm === undefined ? alarmWords(settings) : firesOf(alarm);
    return { name, engine: "cloudwatch", declared: true, severity, ...state, fires, hears: heardBy(heard.get(name)) };
  });
  const strays = seen.filter(({ name }) => !names.has(name));
  return [...ours, ...strays.map(strayRow)];
}

function strayRow(alarm: LiveAlarm): Row {
  const { name } = alarm;
  const row = { name, engine: "cloudwatch", declared: false, severity: null, ...stateOf(alarm), fires: firesOf(alarm) };
  return { ...row, hears: null };
}

function stateOf(alarm: LiveAlarm): { readonly state: string; readonly since: string | null } {
  if (alarm.kind === "log") return { state: "?", since: null };
  const state = alarm.state.known ? alarm.state.value : "?";
  const since = alarm.kind === "metric" && alarm.stateSince.known ? alarm.stateSince.value.toISOString() : null;
  return { state, since };
}

function firesOf(alarm: LiveAlarm): string {
  switch (alarm.kind) {
    case "metric":
      return liveWords(alarm.settings);
    case "composite":
      return alarm.rule.known ? `composite: ${alarm.rule.value}` : "composite: its rule could not be read";
    case "log":
      return "over a query of logs";
  }
}

/** null: it is not known, or there is nothing to hear. */
function heardBy(hearers: readonly Hearer[] | undefined): readonly string[] | null {
  return hearers?.map(({ shown, hears }) => (hears === "yes" ? shown : `${shown} (perhaps)`)) ?? null;
}

/** Atlas's configurations have a switch, and no state of their own. */
function alertRow({ declared, config }: MatchedAlert): Row {
  const { name, severity, order } = declared;
  const row = { name, engine: "atlas", declared: true, severity, since: null, fires: alertWords(order), hears: null };
  if (!config.known) return { ...row, state: "?" };
  if (config.value === null) return { ...row, state: "MISSING" };
  const { isEnabled, notifications } = config.value;
  const told = notifications.known ? notifications.value.map(recipientWords) : null;
  const live = { ...row, fires: liveAlertWords(config.value), hears: told };
  if (!isEnabled.known) return { ...live, state: "?" };
  return isEnabled.value ? { ...live, state: "ENABLED" } : { ...live, state: "DISABLED", hears: [] };
}

const COLUMNS: readonly ListColumn[] = [
  { key: "state", title: "STATE" },
  { key: "name", title: "ALARM" },
  { key: "hears", title: "HEARD BY", wide: true, show: (value) => (Array.isArray(value) ? value.join(", ") : "?") },
  { key: "severity", title: "SEVERITY", wide: true, show: (value) => (value === null ? "undeclared" : String(value)) },
  { key: "since", title: "SINCE (UTC)", wide: true, show: (value: Cell) => minute(value) },
  { key: "fires", title: "FIRES", wrap: true },
];

function summarise(items: readonly Row[]): string {
  const firing = items.filter(({ state }) => state === "ALARM").length;
  const missing = items.filter(({ state }) => state === "MISSING").length;
  const stray = items.filter(({ declared }) => declared === false).length;
  const parts = [
    `${items.length} ${items.length === 1 ? "alarm" : "alarms"}`,
    `${firing} firing`,
    ...(missing === 0 ? [] : [`${missing} declared and missing`]),
    ...(stray === 0 ? [] : [`${stray} that nobody declared`]),
  ];
  return `${parts.join(", ")}; whether they are as the policy says: litally-ops alarms audit`;
}
