import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseAlertConfig } from "../../../src/adapters/atlas/wire-alerts.ts";
import { known } from "../../../src/core/observed.ts";
import type { AlertConfig, AlertOrder } from "../../../src/ports/atlas-alerts.ts";
import { specComparison } from "../../support/spec.ts";
import { connect, digest, failure, PROJECT, page, sendJson, serve } from "./harness.ts";

const compare = specComparison();
const CONFIG_ID = "66f0aa11bb22cc33dd44ee60";
const NOTIFIER = "66f0aa11bb22cc33dd44ee61";
const INTEGRATION = "66f0aa11bb22cc33dd44ee62";
const CONFIGS = `/api/atlas/v2/groups/${PROJECT}/alertConfigs`;

const PAGER = {
  typeName: "PAGER_DUTY",
  delayMin: 10,
  notifierId: NOTIFIER,
  integrationId: INTEGRATION,
  serviceKey: "****************************beef",
  region: "EU",
};
const EMAIL = {
  typeName: "EMAIL",
  delayMin: 10,
  intervalMin: 15,
  emailAddress: "ops@litally.example",
  notifierId: "66f0aa11bb22cc33dd44ee63",
};
const CONFIG = {
  id: CONFIG_ID,
  groupId: PROJECT,
  created: "2026-01-01T00:00:00Z",
  updated: "2026-01-02T00:00:00Z",
  links: [],
  eventTypeName: "OUTSIDE_METRIC_THRESHOLD",
  enabled: true,
  severityOverride: "CRITICAL",
  matchers: [{ fieldName: "REPLICA_SET_NAME", operator: "EQUALS", value: "atlas-abc-shard-0" }],
  metricThreshold: {
    metricName: "NORMALIZED_SYSTEM_CPU_USER",
    mode: "AVERAGE",
    operator: "GREATER_THAN",
    threshold: 80,
    units: "RAW",
  },
  notifications: [PAGER, EMAIL],
};
const THRESHOLD = {
  metric: "NORMALIZED_SYSTEM_CPU_USER",
  mode: "AVERAGE",
  operator: "GREATER_THAN",
  threshold: 80,
  units: "RAW",
} as const;
const READ: AlertConfig = {
  id: CONFIG_ID,
  event: known("OUTSIDE_METRIC_THRESHOLD"),
  isEnabled: known(true),
  threshold: known(THRESHOLD),
  matchers: known(["REPLICA_SET_NAME EQUALS atlas-abc-shard-0"]),
  notifications: known([
    {
      type: "PAGER_DUTY",
      target: null,
      notifierId: NOTIFIER,
      integrationId: INTEGRATION,
      delayMinutes: 10,
      intervalMinutes: null,
    },
    {
      type: "EMAIL",
      target: "ops@litally.example",
      notifierId: EMAIL.notifierId,
      integrationId: null,
      delayMinutes: 10,
      intervalMinutes: 15,
    },
  ]),
};
const ORDER: AlertOrder = {
  event: "OUTSIDE_METRIC_THRESHOLD",
  isEnabled: true,
  threshold: { ...THRESHOLD, threshold: 90 },
  notifications: [
    { type: "EMAIL", target: "ops@litally.example", delayMinutes: 20 },
    { type: "PAGER_DUTY", target: null, delayMinutes: 5 },
    { type: "SMS", target: "+15555550100", delayMinutes: 5, intervalMinutes: 30 },
  ],
};

/** An Atlas that has one configuration, and what it was told. */
async function atlasWith(config: object = CONFIG) {
  const server = await serve(
    digest(({ method, url }, response) => {
      if (url.includes("/integrations")) {
        const integrations = [{ id: INTEGRATION, type: "PAGER_DUTY", serviceKey: "canary" }, { type: "WEBHOOK" }];
        return sendJson(response, 200, page(integrations));
      }
      return sendJson(response, 200, method === "GET" && !url.includes(CONFIG_ID) ? page([config]) : config);
    }),
  );
  const { atlas } = connect(server);
  const sent = () =>
    server.seen
      .slice(1)
      .map(({ method, url, headers, body }) => [
        `${method} ${url.split("?")[0]}`,
        headers.accept,
        headers["content-type"] ?? null,
        body === "" ? null : JSON.parse(body),
      ]);
  return { atlas, sent };
}

const TYPE = "application/vnd.atlas.2023-01-01+json";

describe("over the wire", () => {
  it("configurations and integrations are read, secrets left behind", async () => {
    const { atlas, sent } = await atlasWith();
    expect(await atlas.listAlertConfigs(PROJECT)).toEqual([READ]);
    const integrations = await atlas.listIntegrations(PROJECT);
    expect(integrations).toEqual([
      { id: known(INTEGRATION), type: "PAGER_DUTY" },
      { id: { known: false, reason: expect.anything() }, type: "WEBHOOK" },
    ]);
    expect(JSON.stringify([await atlas.listAlertConfigs(PROJECT), integrations])).not.toMatch(/beef|canary/);
    expect(sent().map(([asked, accept]) => [asked, accept])).toEqual([
      [`GET ${CONFIGS}`, TYPE],
      [`GET /api/atlas/v2/groups/${PROJECT}/integrations`, TYPE],
      [`GET ${CONFIGS}`, TYPE],
    ]);
  });

  it("a new one is what the order says", async () => {
    const { atlas, sent } = await atlasWith();
    const notifications = [
      { type: "PAGER_DUTY", target: null, delayMinutes: 10, integrationId: INTEGRATION },
      { type: "SLACK", target: "operations", delayMinutes: 10 },
    ];
    expect(await atlas.createAlertConfig(PROJECT, { ...ORDER, notifications })).toEqual(READ);
    const body = {
      eventTypeName: "OUTSIDE_METRIC_THRESHOLD",
      enabled: true,
      matchers: [],
      metricThreshold: { ...CONFIG.metricThreshold, threshold: 90 },
      notifications: [
        { typeName: "PAGER_DUTY", delayMin: 10, integrationId: INTEGRATION },
        { typeName: "SLACK", channelName: "operations", delayMin: 10 },
      ],
    };
    expect(sent()).toEqual([[`POST ${CONFIGS}`, TYPE, TYPE, body]]);
    expect(compare?.("HostMetricAlertConfigViewForNdsGroup", body) ?? []).toEqual([]);
  });

  it("a replacement keeps what the order does not name, but no mask in place of a secret", async () => {
    const { atlas, sent } = await atlasWith();
    expect(await atlas.replaceAlertConfig(PROJECT, CONFIG_ID, ORDER)).toEqual(READ);
    const body = {
      eventTypeName: "OUTSIDE_METRIC_THRESHOLD",
      enabled: true,
      severityOverride: "CRITICAL",
      matchers: [],
      metricThreshold: { ...CONFIG.metricThreshold, threshold: 90 },
      notifications: [
        { ...EMAIL, delayMin: 20 },
        { typeName: "PAGER_DUTY", delayMin: 5, notifierId: NOTIFIER, integrationId: INTEGRATION, region: "EU" },
        { typeName: "SMS", mobileNumber: "+15555550100", delayMin: 5, intervalMin: 30 },
      ],
    };
    expect(sent()).toEqual([
      [`GET ${CONFIGS}/${CONFIG_ID}`, TYPE, null, null],
      [`PUT ${CONFIGS}/${CONFIG_ID}`, TYPE, TYPE, body],
    ]);
    expect(compare?.("HostMetricAlertConfigViewForNdsGroup", body) ?? []).toEqual([]);
  });

  it("two channels of a kind each stay themselves", async () => {
    const second = { ...PAGER, notifierId: "66f0aa11bb22cc33dd44ee64", region: "US" };
    const { atlas, sent } = await atlasWith({ ...CONFIG, notifications: [PAGER, second] });
    const pagerDuty = { type: "PAGER_DUTY", target: null, delayMinutes: 1 };
    const notifications = [{ ...pagerDuty, notifierId: second.notifierId }, pagerDuty];
    await atlas.replaceAlertConfig(PROJECT, CONFIG_ID, { ...ORDER, notifications });
    expect(sent()[1]?.[3]).toMatchObject({
      notifications: [
        { notifierId: second.notifierId, region: "US" },
        { notifierId: NOTIFIER, region: "EU" },
      ],
    });
  });

  it("a replacement that would lose a secret is not sent", async () => {
    const { notifierId: _1, integrationId: _2, ...nameless } = PAGER;
    const { atlas, sent } = await atlasWith({ ...CONFIG, notifications: [nameless] });
    const error = await failure(atlas.replaceAlertConfig(PROJECT, CONFIG_ID, ORDER));
    expect(error).toMatchObject({ kind: "rejected" });
    expect(error.message).not.toContain("beef");
    expect(sent()).toHaveLength(1);
  });

  it.each([
    ["another configuration", { ...CONFIG, id: NOTIFIER }],
    ["one without channels", { ...CONFIG, notifications: undefined }],
    ["one whose channels are none", { ...CONFIG, notifications: ["PAGER_DUTY"] }],
  ])("%s is not replaced", async (_what, config) => {
    const { atlas, sent } = await atlasWith(config);
    expect(await failure(atlas.replaceAlertConfig(PROJECT, CONFIG_ID, ORDER))).toMatchObject({ kind: "protocol" });
    expect(sent().filter(([asked]) => String(asked).startsWith("PUT"))).toEqual([]);
  });

  it("an id that is none leads nowhere", async () => {
    const { atlas, sent } = await atlasWith();
    expect(await failure(atlas.replaceAlertConfig(PROJECT, "../groups", ORDER))).toMatchObject({ kind: "usage" });
    expect(sent()).toEqual([]);
  });

  it.each([
    ["a configuration without an id", { ...CONFIG, id: undefined }],
    ["one whose id is none", { ...CONFIG, id: "7" }],
  ])("%s makes the list unreadable", async (_what, config) => {
    const { atlas } = await atlasWith(config);
    expect(await failure(atlas.listAlertConfigs(PROJECT))).toMatchObject({ kind: "protocol" });
  });
});

describe("a write", () => {
  it.each([500, 502, 409])("is sent once, whatever comes of it: %d", async (status) => {
    const server = await serve(
      digest(({ method }, response) =>
        sendJson(response, method === "GET" ? 200 : status, method === "GET" ? CONFIG : {}),
      ),
    );
    const { atlas } = connect(server);
    await failure(atlas.replaceAlertConfig(PROJECT, CONFIG_ID, ORDER));
    expect(server.seen.filter(({ method }) => method === "PUT")).toHaveLength(1);
  });
});

describe("a field that cannot be read", () => {
  const unknownsOf = (config: object) =>
    Object.entries(parseAlertConfig({ ...CONFIG, ...config }))
      .filter(([, seen]) => typeof seen === "object" && !seen.known)
      .map(([name]) => name);
  const WRONG = [{ an: "object" }, [7], 7, ""];

  it.each([
    ["eventTypeName", "event"],
    ["enabled", "isEnabled"],
    ["matchers", "matchers"],
    ["notifications", "notifications"],
  ])("%s leaves %s not known, and nothing else", (field, name) => {
    for (const damage of [undefined, null, ...WRONG])
      expect(unknownsOf({ [field]: damage }), JSON.stringify(damage)).toEqual([name]);
  });

  it.each(["metricName", "mode", "operator", "threshold", "units"])("%s leaves the threshold not known", (member) => {
    for (const damage of [undefined, null, { an: "object" }, [7], member === "threshold" ? "80" : 7])
      expect(unknownsOf({ metricThreshold: { ...CONFIG.metricThreshold, [member]: damage } })).toEqual(["threshold"]);
    expect(unknownsOf({ metricThreshold: { ...CONFIG.metricThreshold, operator: "ABOUT" } })).toEqual(["threshold"]);
  });

  it("an alert of another kind has no threshold", () => {
    expect(parseAlertConfig({ ...CONFIG, metricThreshold: undefined }).threshold).toEqual(known(null));
  });

  it.each([{ delayMin: undefined }, { delayMin: -1 }, { typeName: undefined }, { emailAddress: 7 }, { notifierId: 7 }])(
    "a channel with %j leaves the channels not known",
    (damage) => {
      expect(unknownsOf({ notifications: [PAGER, { ...EMAIL, ...damage }] })).toEqual(["notifications"]);
    },
  );

  it("whatever stands in it, nothing but OpsError comes of it, and no secret is told", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(...Object.keys(CONFIG)), (value, field) => {
        if (field === "id") return;
        const notifications = [{ ...PAGER, delayMin: value }];
        const read = parseAlertConfig({ ...CONFIG, notifications, [field]: value });
        const told = [read.event, read.isEnabled, read.threshold, read.matchers, read.notifications].map((seen) =>
          seen.known ? seen.value : seen.reason.message,
        );
        expect(JSON.stringify(told)).not.toContain("beef");
      }),
    );
  });
});
