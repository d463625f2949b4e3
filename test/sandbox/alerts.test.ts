import { describe, expect, it } from "vitest";
import type { SandboxSeed } from "../../src/sandbox/sandbox.ts";
import { specComparison } from "../support/spec.ts";
import { change, get, PROJECT, SEED, sandbox } from "./client.ts";

const validate = specComparison();
const CONFIG = "HostMetricAlertConfigViewForNdsGroup";
const INTEGRATION = {
  id: "66f0aa11bb22cc33dd44ee62",
  type: "PAGER_DUTY",
  words: { serviceKey: `${"0".repeat(28)}beef`, region: "US" },
};
const WITH: SandboxSeed = { ...SEED, integrations: [INTEGRATION] };
const EMAIL = { typeName: "EMAIL", emailAddress: "ops@litally.example", delayMin: 10, intervalMin: 15 };
const ORDER = {
  eventTypeName: "OUTSIDE_METRIC_THRESHOLD",
  enabled: true,
  metricThreshold: {
    metricName: "NORMALIZED_SYSTEM_CPU_USER",
    mode: "AVERAGE",
    operator: "GREATER_THAN",
    threshold: 80,
    units: "RAW",
  },
  notifications: [EMAIL, { typeName: "PAGER_DUTY", delayMin: 10 }],
};

describe("alert configurations", () => {
  it("are made, found and listed as the API is described", async () => {
    const target = await sandbox({ seed: WITH });
    const made = await change(target, "POST", "/alertConfigs", ORDER);
    expect(made.status).toBe(200);
    expect(made.json).toMatchObject({ ...ORDER, groupId: PROJECT, matchers: [] });
    expect(made.json.notifications[1]).toMatchObject({ integrationId: INTEGRATION.id });
    expect(validate?.(CONFIG, made.json) ?? []).toEqual([]);
    expect((await get(target, `/alertConfigs/${made.json.id}`)).json).toEqual(made.json);
    const listed = await get(target, "/alertConfigs");
    expect(listed.json).toMatchObject({ totalCount: 1, results: [made.json] });
    expect(validate?.("PaginatedAlertConfigView", listed.json) ?? []).toEqual([]);
  });

  it("are off unless they are told to be on", async () => {
    const { enabled: _enabled, ...order } = ORDER;
    const made = await change(await sandbox({ seed: WITH }), "POST", "/alertConfigs", order);
    expect(made.json.enabled).toBe(false);
  });

  it("are replaced whole; only what is secret stays, where the channel is named", async () => {
    const target = await sandbox({ seed: WITH });
    const serviceKey = `${"1".repeat(28)}cafe`;
    const matchers = [{ fieldName: "REPLICA_SET_NAME", operator: "EQUALS", value: "a" }];
    const pager = { typeName: "PAGER_DUTY", delayMin: 10, serviceKey };
    const order = { ...ORDER, matchers, notifications: [EMAIL, pager] };
    const { json: made } = await change(target, "POST", "/alertConfigs", order);
    const [, { notifierId, ...shown }] = made.notifications;
    expect(shown.serviceKey).toBe(`${"*".repeat(28)}cafe`);
    const path = `/alertConfigs/${made.id}`;
    const kept = await change(target, "PUT", path, {
      ...ORDER,
      notifications: [{ typeName: "PAGER_DUTY", delayMin: 5, notifierId }],
    });
    expect(kept.json).toMatchObject({
      id: made.id,
      matchers: [],
      notifications: [{ notifierId, delayMin: 5, serviceKey: shown.serviceKey }],
    });
    const lost = await change(target, "PUT", path, { ...ORDER, notifications: [{ typeName: "PAGER_DUTY" }] });
    expect(lost.json.notifications[0]).not.toHaveProperty("serviceKey");
    expect(lost.json.notifications[0].notifierId).not.toBe(notifierId);
  });

  it.each([
    ["no notification", { notifications: [] }],
    ["26 notifications", { notifications: Array.from({ length: 26 }, () => EMAIL) }],
    ["a mail to nobody", { notifications: [{ typeName: "EMAIL" }] }],
    ["a channel that is not connected", { notifications: [{ typeName: "OPS_GENIE" }] }],
    ["a channel that there is not", { notifications: [{ typeName: "PIGEON" }] }],
    ["an integration that there is not", { notifications: [{ typeName: "PAGER_DUTY", integrationId: PROJECT }] }],
    ["four minutes between repetitions", { notifications: [{ ...EMAIL, intervalMin: 4 }] }],
    ["a matcher that there is not", { matchers: [{ fieldName: "CLUSTER_NAME", operator: "EQUALS", value: "a" }] }],
    ["an operator that there is not", { metricThreshold: { ...ORDER.metricThreshold, operator: ">" } }],
    ["what Atlas alone writes", { id: PROJECT }],
  ])("are refused with %s", async (_what, more) => {
    const target = await sandbox({ seed: WITH });
    const refused = await change(target, "POST", "/alertConfigs", { ...ORDER, ...more });
    expect(refused.status).toBe(400);
    expect(validate?.("ApiError", refused.json) ?? []).toEqual([]);
    expect((await get(target, "/alertConfigs")).json.results).toEqual([]);
  });

  it("that are not there", async () => {
    const target = await sandbox({ seed: WITH });
    expect((await get(target, `/alertConfigs/${PROJECT}`)).status).toBe(404);
    expect((await change(target, "PUT", `/alertConfigs/${PROJECT}`, ORDER)).status).toBe(404);
  });

  it("are not made by who may only read", async () => {
    const target = await sandbox({ seed: WITH, world: "read-only" });
    expect((await change(target, "POST", "/alertConfigs", ORDER)).status).toBe(403);
  });
});

it("integrations keep their secrets to themselves", async () => {
  const { json } = await get(await sandbox({ seed: WITH }), "/integrations");
  expect(json.results).toEqual([
    { id: INTEGRATION.id, type: "PAGER_DUTY", serviceKey: `${"*".repeat(28)}beef`, region: "US" },
  ]);
  expect(validate?.("PaginatedIntegrationView", json) ?? []).toEqual([]);
});
