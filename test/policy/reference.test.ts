import { readFileSync } from "node:fs";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { initialPolicy } from "../../src/policy/init.ts";
import { policyJsonSchema } from "../../src/policy/json-schema.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { changed, ENV, FILE, load, REFERENCE } from "./support.ts";

describe("the reference policy", () => {
  const { policy, effective, secrets, file } = parsePolicy(REFERENCE, FILE, ENV);

  test("names its place", () => {
    expect(file).toBe(FILE);
    expect(policy.version).toBe(1);
    expect(policy.environment).toBe("production");
    expect(policy.atlas).toEqual({ projectId: ENV.ATLAS_PROJECT_ID });
    expect(policy.aws).toEqual({ accountId: ENV.AWS_ACCOUNT_ID, region: "ap-south-1" });
  });

  test("declares one database", () => {
    expect(policy.databases).toEqual([
      {
        name: "core",
        cluster: "litally-core",
        protected: true,
        objectives: { rpo: { value: 10, unit: "m" }, rto: { value: 4, unit: "h" } },
        continuousBackup: { window: { value: 7, unit: "d" } },
        snapshots: [{ frequency: "daily", retain: { value: 30, unit: "d" } }],
        grace: { value: 2, unit: "h" },
        copies: [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: true }],
        archive: "financial",
        drill: {
          target: "litally-drill",
          every: { value: 90, unit: "d" },
          afterwards: "pause",
          records: "drills",
        },
      },
    ]);
  });

  test("declares one archive with three slots", () => {
    const fiveYears = { value: 5, unit: "y" };
    expect(policy.archives).toEqual([
      {
        name: "financial",
        bucket: "litally-archive",
        prefix: "atlas/",
        storageClass: "DEEP_ARCHIVE",
        objectLock: "COMPLIANCE",
        slots: [
          { frequency: "monthly", retain: fiveYears },
          { frequency: "quarterly", retain: fiveYears },
          { frequency: "yearly", retain: fiveYears },
        ],
        since: "2026-01",
        dueWithin: { value: 5, unit: "d" },
      },
    ]);
  });

  test("declares topics with endpoints from the environment", () => {
    const email = { protocol: "email", endpoint: "ops@litally.example" };
    const enqueue = `https://events.pagerduty.com/integration/${ENV.PAGERDUTY_INTEGRATION_KEY}/enqueue`;
    expect(policy.topics).toEqual([
      { name: "litally-operations", subscriptions: [email] },
      {
        name: "litally-critical",
        subscriptions: [
          email,
          { protocol: "sms", endpoint: ENV.ONCALL_PHONE },
          { protocol: "https", endpoint: enqueue },
        ],
      },
    ]);
  });

  test("declares alarms for both engines", () => {
    expect(policy.alarms?.owned).toBe("litally-");
    expect(policy.alarms?.notify).toEqual({ critical: ["litally-critical"], warning: ["litally-operations"] });
    expect(policy.alarms?.declared).toEqual([
      {
        engine: "cloudwatch",
        name: "litally-api-5xx-rate",
        severity: "critical",
        ratio: {
          part: { namespace: "AWS/ApiGateway", metric: "5XXError" },
          whole: { namespace: "AWS/ApiGateway", metric: "Count" },
          dimensions: { ApiName: "litally-api" },
          minimum: 20,
        },
        threshold: { operator: ">", value: 1 },
        period: { value: 5, unit: "m" },
        datapoints: { m: 1, n: 1 },
        missingData: "notBreaching",
      },
      {
        engine: "cloudwatch",
        name: "litally-lambda-error-rate-{function}",
        each: { function: ["auth", "accounts", "transactions", "reports"] },
        severity: "critical",
        ratio: {
          part: { namespace: "AWS/Lambda", metric: "Errors" },
          whole: { namespace: "AWS/Lambda", metric: "Invocations" },
          dimensions: { FunctionName: "litally-{function}" },
          minimum: 20,
        },
        threshold: { operator: ">", value: 2 },
        period: { value: 5, unit: "m" },
        datapoints: { m: 1, n: 1 },
        missingData: "notBreaching",
      },
      {
        engine: "atlas",
        name: "litally-atlas-cpu",
        severity: "critical",
        metric: {
          event: "OUTSIDE_METRIC_THRESHOLD",
          metric: "NORMALIZED_SYSTEM_CPU_USER",
          mode: "AVERAGE",
          units: "RAW",
        },
        threshold: { operator: ">", value: 80 },
        for: { value: 10, unit: "m" },
        recipients: [{ type: "PAGER_DUTY" }, { type: "EMAIL", address: "ops@litally.example" }],
      },
      {
        engine: "cloudwatch",
        name: "litally-lambda-throttles",
        severity: "warning",
        metric: { namespace: "AWS/Lambda", metric: "Throttles", statistic: "Sum", dimensions: {} },
        threshold: { operator: ">=", value: 1 },
        period: { value: 5, unit: "m" },
        datapoints: { m: 2, n: 3 },
        missingData: "notBreaching",
      },
    ]);
  });

  test("is shown with its references, its defaults and its two ids", () => {
    const written = parse(REFERENCE);
    written.atlas.projectId = ENV.ATLAS_PROJECT_ID;
    written.aws.accountId = ENV.AWS_ACCOUNT_ID;
    expect(effective()).toMatchObject(written);
    expect(load(changed(["    grace: 2h", "    # grace"])).effective()).toMatchObject({ databases: [{ grace: "2h" }] });
    expect(load(changed([", oplogs: true", ""])).effective()).toMatchObject({
      databases: [{ copies: [{ oplogs: false }] }],
    });
  });

  test("keeps as secret what came from the environment, but for the two ids", () => {
    expect(secrets).toEqual([ENV.ONCALL_PHONE, ENV.PAGERDUTY_INTEGRATION_KEY]);
  });
});

test("a section that is not given is empty, a block that is not given absent", () => {
  const text = "version: 1\nenvironment: test\natlas: { projectId: '65e1f0aabbccddeeff001122' }\n";
  expect(load(text).policy).toEqual({
    version: 1,
    environment: "test",
    atlas: { projectId: "65e1f0aabbccddeeff001122" },
    databases: [],
    archives: [],
    topics: [],
    waivers: [],
  });
});

describe("the JSON Schema", () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(policyJsonSchema());

  test("is the one that is published", () => {
    expect(readFileSync("config/policy.schema.json", "utf8")).toBe(`${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  });

  test("accepts the reference policy and the one to start from as they are written", () => {
    expect([validate(parse(REFERENCE)), validate.errors]).toEqual([true, null]);
    expect([validate(parse(initialPolicy("production"))), validate.errors]).toEqual([true, null]);
  });

  test.each([
    ["an unknown key", "environment: production", "enviroment: production"],
    ["an unknown word", "storageClass: DEEP_ARCHIVE", "storageClass: COLD"],
    ["a duration that is none", "grace: 2h", "grace: two hours"],
    ["a key that is missing", "    bucket: litally-archive\n", ""],
  ])("refuses %s", (_title, from, to) => {
    expect(validate(parse(changed([from, to])))).toBe(false);
  });

  test("explains every key to the editor", () => {
    expect(keysWithoutHelp(policyJsonSchema(), "")).toEqual([]);
  });
});

/** Keys without a description; the two that tell alternatives apart explain themselves. */
function keysWithoutHelp(schema: unknown, path: string): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => {
    if (key !== "properties") return keysWithoutHelp(value, `${path}/${key}`);
    return Object.entries(value as Record<string, object>).flatMap(([name, property]) => {
      const explained = "description" in property || name === "type" || name === "engine";
      return [...(explained ? [] : [`${path}/${name}`]), ...keysWithoutHelp(property, `${path}/${name}`)];
    });
  });
}

describe("the policy to start from", () => {
  test("loads with the variable that it names, for the environment asked for", () => {
    const { policy } = load(initialPolicy("staging"), { ATLAS_PROJECT_ID: ENV.ATLAS_PROJECT_ID });
    expect(policy.environment).toBe("staging");
    expect(policy.databases.map((database) => database.name)).toEqual(["core"]);
  });

  test("loads with everything in it that is commented out", () => {
    const lines = initialPolicy("production").split("\n");
    const start = lines.findIndex((line) => line.startsWith("version"));
    const open = lines.slice(start).filter((line) => !line.startsWith("# Archives, topics"));
    const { policy } = load(open.map((line) => line.replace(/^(\s*)# /, "$1")).join("\n"));
    expect(policy.archives).toHaveLength(1);
    expect(policy.topics).toHaveLength(1);
    expect(policy.alarms?.declared).toHaveLength(1);
    expect(policy.waivers).toHaveLength(1);
    expect(policy.databases[0]?.drill?.target).toBe("drill");
  });

  test("refuses a name that is none", () => {
    expect(() => initialPolicy("a: b")).toThrow('"a: b" is no name for an environment');
  });
});
