/** What must hold before alarms are changed: what is to be replaced is known, names are free, and Atlas can tell those named. */
import type { Check } from "../../core/check.ts";
import type { OpsError } from "../../core/error.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import { type MatchedAlert, matchAlerts } from "./alerts.ts";
import { namesake } from "./check-settings.ts";
import { compare } from "./compare.ts";
import { connectRemedy, missingConnections } from "./connections.ts";
import type { AlarmFacts, AlertFacts, DeclaredAlarm } from "./facts.ts";
import { openAlertDifferences, replacement } from "./orders.ts";

export interface AlarmPlanFacts {
  readonly alarms: AlarmFacts;
  readonly alerts: AlertFacts;
  /** The name that must be given for what is there to be changed. */
  readonly environment: string;
  /** Delete what nobody declared. */
  readonly prune: boolean;
}

const READ_FIRST = "mend what kept it from being read (litally-ops doctor shows what we may see), then plan again";

const alarmsReadable: Check<AlarmPlanFacts> = {
  id: "alarms/readable",
  title: "what is to be changed of the live alarms could be read",
  remedy: () => READ_FIRST,
  judge: ({ alarms, prune }) => {
    const { live, strays, declared } = alarms;
    if (!live.known) return unknown(live.reason);
    const unclear = [
      ...declared.flatMap((one) => scoped(one.name, unclearAlarm(one, alarms))),
      ...(prune && !strays.known ? scoped("undeclared alarms", strays.reason) : []),
    ];
    return unclear.length > 0 ? unclear : pass(`${live.value.size} of ${declared.length} declared alarms exist`);
  },
};

/** Why nobody knows what a change of it would do. */
function unclearAlarm(declared: DeclaredAlarm, { live }: AlarmFacts): OpsError | undefined {
  const now = live.known ? live.value.get(declared.name) : undefined;
  if (now === undefined) return undefined;
  const { differences, unreadable } = compare(declared, now.settings);
  const order = replacement(declared, now);
  return unreadable[0]?.reason ?? (order.known || differences.length === 0 ? undefined : order.reason);
}

function scoped(scope: string, reason: OpsError | undefined): readonly Verdict[] {
  return reason === undefined ? [] : [{ ...unknown(reason), scope }];
}

const namesFree: Check<AlarmPlanFacts> = {
  id: "alarms/names",
  title: "no alarm of another kind has a declared name",
  remedy: () => "rename the one or the other: CloudWatch knows each name once",
  judge: ({ alarms }) => {
    const { live, strays, declared } = alarms;
    if (!live.known) return unknown(live.reason);
    const absent = declared.filter(({ name }) => !live.value.has(name));
    if (absent.length > 0 && !strays.known) return unknown(strays.reason);
    const taken = absent.flatMap((one) => {
      const kind = namesake({ declared: one, facts: alarms });
      return kind === undefined ? [] : [{ ...fail(`a ${kind} alarm has the name ${one.name}`), scope: one.name }];
    });
    return taken.length > 0 ? taken : pass(`${absent.length} names are to be taken, and free`);
  },
};

const alertsReadable: Check<AlarmPlanFacts> = {
  id: "alerts/readable",
  title: "what is to be changed of Atlas's alerts could be read",
  remedy: () => READ_FIRST,
  judge: ({ alerts }) => {
    if (alerts.declared.length === 0) return [];
    if (!alerts.configs.known) return unknown(alerts.configs.reason);
    const unclear = matchAlerts(alerts).flatMap((one) => scoped(one.declared.name, unclearAlert(one)));
    return unclear.length > 0 ? unclear : pass(`${alerts.configs.value.length} alert configurations`);
  },
};

function unclearAlert({ declared, config, facts }: MatchedAlert): OpsError | undefined {
  if (!config.known) return config.reason;
  if (config.value === null) return undefined;
  const open = openAlertDifferences(declared, config.value, facts);
  return open.known ? undefined : open.reason;
}

const alertsConnected: Check<AlarmPlanFacts> = {
  id: "alerts/connected",
  title: "the project is connected to those whom alerts name",
  remedy: () => READ_FIRST,
  judge: ({ alerts }) => {
    const changed = matchAlerts(alerts).filter(isToChange);
    const missing = new Set<string>();
    for (const { declared } of changed) {
      const types = missingConnections(declared, alerts);
      if (!types.known) return unknown(types.reason);
      for (const type of types.value) missing.add(type);
    }
    if (changed.length === 0) return [];
    if (missing.size === 0) return pass("the project is connected to all of them");
    return [...missing].map((type) => ({
      ...fail(`the project is not connected to ${type}: Atlas would take no alert that names it`),
      scope: type,
      remedy: connectRemedy(type),
    }));
  },
};

function isToChange({ declared, config, facts }: MatchedAlert): boolean {
  if (!config.known) return false;
  if (config.value === null) return true;
  const open = openAlertDifferences(declared, config.value, facts);
  return open.known && open.value.length > 0;
}

export const PLAN_CHECKS: readonly Check<AlarmPlanFacts>[] = [
  alarmsReadable,
  namesFree,
  alertsReadable,
  alertsConnected,
];
