/** The adapter and the sandbox understand each other about alert configurations. */
import { expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlertOrder } from "../../../src/ports/atlas-alerts.ts";
import { SANDBOX_CREDENTIALS } from "../../../src/sandbox/sandbox.ts";
import { change, PROJECT, SEED, sandbox } from "../../sandbox/client.ts";
import { connect, failure } from "./harness.ts";

const { publicKey, privateKey } = SANDBOX_CREDENTIALS;
const INTEGRATION = {
  id: "66f0aa11bb22cc33dd44ee62",
  type: "PAGER_DUTY",
  words: { serviceKey: `${"0".repeat(28)}beef`, region: "US" },
};
const ORDER: AlertOrder = {
  event: "OUTSIDE_METRIC_THRESHOLD",
  isEnabled: true,
  threshold: {
    metric: "NORMALIZED_SYSTEM_CPU_USER",
    mode: "AVERAGE",
    operator: "GREATER_THAN",
    threshold: 80,
    units: "RAW",
  },
  notifications: [
    { type: "EMAIL", target: "ops@litally.example", delayMinutes: 10, intervalMinutes: 15 },
    { type: "PAGER_DUTY", target: null, delayMinutes: 10 },
  ],
};

async function connected(world = "healthy") {
  const target = await sandbox({ seed: { ...SEED, integrations: [INTEGRATION] }, world });
  const credentials = { kind: "api-key", publicKey, privateKey } as const;
  return { target, ...connect({ baseUrl: new URL(target.url) }, { credentials }) };
}

it("what is made is read, and stays what it is when it is ordered again", async () => {
  const { atlas } = await connected();
  expect(await atlas.listIntegrations(PROJECT)).toEqual([{ id: known(INTEGRATION.id), type: "PAGER_DUTY" }]);
  const made = await atlas.createAlertConfig(PROJECT, ORDER);
  expect(made).toMatchObject({
    event: known(ORDER.event),
    isEnabled: known(true),
    threshold: known(ORDER.threshold),
    matchers: known([]),
    notifications: known([
      { type: "EMAIL", target: "ops@litally.example", delayMinutes: 10, intervalMinutes: 15, integrationId: null },
      { type: "PAGER_DUTY", target: null, delayMinutes: 10, integrationId: INTEGRATION.id },
    ]),
  });
  expect(await atlas.listAlertConfigs(PROJECT)).toEqual([made]);
  expect(await atlas.replaceAlertConfig(PROJECT, made.id, ORDER)).toEqual(made);
  expect(await atlas.listAlertConfigs(PROJECT)).toEqual([made]);
});

it("the secret of a channel survives the change of its alert", async () => {
  const { atlas, target } = await connected();
  const { json: before } = await change(target, "POST", "/alertConfigs", {
    eventTypeName: ORDER.event,
    enabled: false,
    matchers: [{ fieldName: "REPLICA_SET_NAME", operator: "EQUALS", value: "a" }],
    metricThreshold: { metricName: ORDER.threshold.metric, mode: "AVERAGE", operator: "GREATER_THAN", threshold: 95 },
    notifications: [{ typeName: "PAGER_DUTY", delayMin: 60, serviceKey: `${"1".repeat(28)}cafe` }],
  });
  const [{ notifierId, serviceKey }] = before.notifications;
  const after = await atlas.replaceAlertConfig(PROJECT, before.id, ORDER);
  expect(after).toMatchObject({ id: before.id, isEnabled: known(true), matchers: known([]) });
  const { json: again } = await change(target, "PUT", `/alertConfigs/${before.id}`, {
    eventTypeName: ORDER.event,
    metricThreshold: { metricName: ORDER.threshold.metric },
    notifications: [{ typeName: "PAGER_DUTY", notifierId }],
  });
  expect(again.notifications[0]).toMatchObject({ notifierId, serviceKey });
});

it("an alert that is gone is not found, and who may only read changes none", async () => {
  const { atlas } = await connected();
  expect(await failure(atlas.replaceAlertConfig(PROJECT, PROJECT, ORDER))).toMatchObject({ kind: "not-found" });
  const reader = (await connected("read-only")).atlas;
  expect(await failure(reader.createAlertConfig(PROJECT, ORDER))).toMatchObject({ kind: "auth" });
});
