/** Is every declared alert of Atlas there, on, as declared, and told to whom it should be. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { AlertConfig } from "../../ports/atlas-alerts.ts";
import { type ComparedAlert, compareAlert, type MatchedAlert, recipientWords } from "./alerts.ts";
import { driftVerdict } from "./check-settings.ts";
import { connectRemedy, lostConnections, missingConnections } from "./connections.ts";

export function alertSubject(name: string): string {
  return `atlas-alert/${name}`;
}

const PLAN = "see what would be changed: litally-ops alarms plan; then litally-ops alarms apply";

const present: Check<MatchedAlert> = {
  id: "alerts/present",
  title: "Atlas has every declared alert",
  remedy: () => PLAN,
  judge: ({ config, declared }) => {
    if (!config.known) return unknown(config.reason);
    return config.value === null
      ? fail(`Atlas has no alert on ${declared.order.threshold.metric}: nothing watches what it should`)
      : pass("it exists", { id: config.value.id });
  },
};

const drift: Check<MatchedAlert> = {
  id: "alerts/drift",
  title: "every setting of the alert is as declared",
  remedy: () => PLAN,
  judge: (one) =>
    compared(one, ({ settings }) => {
      const differences = settings.flatMap(({ difference }) =>
        difference.known && difference.value !== null ? [difference.value] : [],
      );
      const unreadable = settings.flatMap(({ key, difference }) =>
        difference.known ? [] : [{ key, reason: difference.reason }],
      );
      return driftVerdict(one.declared, { differences, unreadable });
    }),
};

const enabled: Check<MatchedAlert> = {
  id: "alerts/enabled",
  title: "the alert is on",
  remedy: () => PLAN,
  judge: (one) =>
    compared(one, ({ isEnabled: { difference } }) => {
      if (!difference.known) return unknown(difference.reason);
      return difference.value === null ? pass("it is on") : fail("it is off: Atlas tells nobody");
    }),
};

const recipients: Check<MatchedAlert> = {
  id: "alerts/recipients",
  title: "Atlas tells those whom the policy names",
  remedy: () => PLAN,
  judge: (one) =>
    compared(one, ({ recipients: { difference } }, config) => {
      const broken = brokenChannels(one, config);
      if (difference.known && difference.value !== null) {
        const { wanted, live, drift: way } = difference.value;
        const evidence = { expected: wanted, actual: live };
        const words = `it tells ${live}, the policy says ${wanted}`;
        return [way === "stricter" ? warn(words, evidence) : fail(words, evidence), ...broken];
      }
      const verdicts = [...(difference.known ? [] : [unknown(difference.reason)]), ...broken];
      return verdicts.length > 0
        ? verdicts
        : pass(`it tells ${one.declared.order.notifications.map(recipientWords).join(", ")}`);
    }),
};

function brokenChannels({ declared, facts }: MatchedAlert, config: AlertConfig): readonly Verdict[] {
  const missing = missingConnections(declared, facts);
  if (!missing.known) return [{ ...unknown(missing.reason), scope: "integrations" }];
  const lost = lostConnections(config, facts);
  const broken = (type: string, words: string) => ({ ...fail(words), scope: type, remedy: connectRemedy(type) });
  return [
    ...missing.value.map((type) => broken(type, `the project is not connected to ${type}`)),
    ...(lost.known ? lost.value : []).map((type) =>
      broken(type, `it goes by a connection to ${type} that the project no longer has`),
    ),
    ...(lost.known || !config.notifications.known ? [] : [{ ...unknown(lost.reason), scope: "integrations" }]),
  ];
}

const duplicate: Check<MatchedAlert> = {
  id: "alerts/duplicate",
  title: "Atlas has every declared alert once",
  remedy: ({ twins }) =>
    `delete all but one of them in Atlas: ${twins.known ? twins.value.join(", ") : "see what Atlas shows"}`,
  judge: (one) =>
    compared(one, () => {
      const { twins } = one;
      if (!twins.known) return unknown(twins.reason);
      if (twins.value.length === 0) return pass("there is no second one");
      return warn(`Atlas has it ${twins.value.length + 1} times: everybody is told as often`, { others: twins.value });
    }),
};

function compared(
  { declared, config }: MatchedAlert,
  judge: (compared: ComparedAlert, config: AlertConfig) => Verdict | readonly Verdict[],
): Verdict | readonly Verdict[] {
  if (!config.known) return unknown(config.reason);
  return config.value === null ? unknown(ABSENT) : judge(compareAlert(declared, config.value), config.value);
}

const ABSENT = new OpsError("not-found", "there is no such alert", { hint: "see alerts/present" });

export const ALERT_CHECKS: readonly Check<MatchedAlert>[] = [present, drift, enabled, recipients, duplicate];
