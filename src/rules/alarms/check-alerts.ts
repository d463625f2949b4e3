/** Is every declared alert of Atlas there, on, as declared, and told to whom it should be. */
import type { Check } from "../../core/check.ts";
import { OpsError } from "../../core/error.ts";
import { known, mapObserved } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { AlertConfig, AlertNotification } from "../../ports/atlas-alerts.ts";
import { type ComparedAlert, compareAlert, type MatchedAlert, recipientWords } from "./alerts.ts";
import { driftVerdict } from "./check-settings.ts";

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

/** All but these go by a connection of the project to a third party. */
const BY_ATLAS_ITSELF: readonly string[] = ["EMAIL", "SMS"];

/** Types of recipients that the project has no connection for; not known where that cannot be read. */
export function missingIntegrations({ declared, facts }: Pick<MatchedAlert, "declared" | "facts">) {
  const types = [...new Set(declared.order.notifications.map(({ type }) => type))];
  const needed = types.filter((type) => !BY_ATLAS_ITSELF.includes(type));
  return mapObserved(needed.length === 0 ? known([]) : facts.integrations, (all) =>
    needed.filter((type) => !all.some((integration) => integration.type === type)),
  );
}

function brokenChannels(one: MatchedAlert, config: AlertConfig): readonly Verdict[] {
  const missing = missingIntegrations(one);
  if (!missing.known) return [{ ...unknown(missing.reason), scope: "integrations" }];
  return [
    ...missing.value.map((type) => ({
      ...fail(`the project is not connected to ${type}`),
      scope: type,
      remedy: connect(type),
    })),
    ...(config.notifications.known ? config.notifications.value.flatMap((told) => brokenConnection(one, told)) : []),
  ];
}

/** The connection that it was made with may be gone, though there is another. */
function brokenConnection({ facts }: MatchedAlert, { type, integrationId }: AlertNotification): readonly Verdict[] {
  if (integrationId === null || !facts.integrations.known) return [];
  const alike = facts.integrations.value.filter((integration) => integration.type === type);
  if (alike.length === 0) return []; // said already
  if (alike.some(({ id }) => id.known && id.value === integrationId)) return [];
  const unreadable = alike.flatMap(({ id }) => (id.known ? [] : [id.reason]));
  const [reason] = unreadable;
  if (reason !== undefined) return [{ ...unknown(reason), scope: type }];
  return [
    {
      ...fail(`it goes by a connection to ${type} that the project no longer has`),
      scope: type,
      remedy: connect(type),
    },
  ];
}

export function connect(type: string): string {
  return `connect the project to ${type} in Atlas (Project Settings, Integrations), then litally-ops alarms plan`;
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
