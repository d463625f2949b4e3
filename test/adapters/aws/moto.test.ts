/** The adapters against somebody else's AWS: moto, where Python has it. It is loaded in the older protocol, as older tools do. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectCloudWatch } from "../../../src/adapters/aws/alarms.ts";
import { AWS_LIMITS } from "../../../src/adapters/aws/client.ts";
import { connectSns } from "../../../src/adapters/aws/topics.ts";
import { known } from "../../../src/core/observed.ts";
import { fakeClock } from "../atlas/harness.ts";
import { collect } from "./alarms-harness.ts";
import { connectionWith } from "./harness.ts";
import { watchContract } from "./watch-contract.ts";

const HOME = { accountId: "123456789012", region: "ap-south-1" };
const hasMoto = spawnSync("python3", ["-c", "import moto.server"]).status === 0;
if (!hasMoto) process.stderr.write("python3 has no moto here: the adapters were not held against it\n");

let server: ChildProcess | undefined;
let url = "";

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

beforeAll(async () => {
  if (!hasMoto) return;
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  server = spawn("python3", ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)], { stdio: "ignore" });
  for (;;) {
    if (server.exitCode !== null) throw new Error("moto did not start");
    const isUp = await fetch(`${url}/moto-api/`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}, 120_000);

afterAll(async () => {
  if (server === undefined) return;
  const gone = once(server, "exit");
  server.kill();
  await gone;
});

async function open() {
  const connection = connectionWith({
    region: HOME.region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    endpoint: url,
    limits: AWS_LIMITS,
  });
  const clock = fakeClock();
  const ports = { cloudwatch: connectCloudWatch(connection, clock), sns: connectSns(connection, clock) };
  onTestFinished(() => {
    for (const port of Object.values(ports)) port.close();
  });
  return { ...ports, home: HOME };
}

/** A form, answered in XML: moto asks for no signature, but looks which service it is for. */
async function told(service: "monitoring" | "sns", Version: string, form: Readonly<Record<string, string>>) {
  const scope = `a/20261122/${HOME.region}/${service}/aws4_request`;
  const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=00`;
  const response = await fetch(url, {
    method: "POST",
    headers: { authorization },
    body: new URLSearchParams({ ...form, Version }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return text;
}

if (hasMoto) {
  watchContract("moto's CloudWatch and SNS", open);

  describe("what older tools have put into moto", () => {
    it("hundreds of alarms are read, each once", async () => {
      const count = 120;
      for (let index = 0; index < count; index += 1) {
        await told("monitoring", "2010-08-01", {
          Action: "PutMetricAlarm",
          AlarmName: `older-${index}`,
          Namespace: "AWS/Lambda",
          MetricName: "Errors",
          "Dimensions.member.1.Name": "FunctionName",
          "Dimensions.member.1.Value": `f${index}`,
          Statistic: "Sum",
          Period: "60",
          EvaluationPeriods: "5",
          Threshold: String(index / 10),
          ComparisonOperator: "GreaterThanThreshold",
          "AlarmActions.member.1": `arn:aws:sns:${HOME.region}:${HOME.accountId}:older`,
        });
      }
      const { cloudwatch } = await open();
      const alarms = await collect(cloudwatch.alarmPages("older-", "all"));
      expect(new Set(alarms.map(({ name }) => name)).size).toBe(count);
      expect(alarms).toHaveLength(count);
      expect(alarms.find(({ name }) => name === "older-17")).toMatchObject({
        settings: {
          measure: known({
            kind: "metric",
            stat: {
              namespace: "AWS/Lambda",
              metric: "Errors",
              dimensions: { FunctionName: "f17" },
              statistic: "Sum",
              periodSeconds: 60,
              unit: null,
            },
          }),
          threshold: known(1.7),
          missingData: known("missing"),
          alarmActions: known([`arn:aws:sns:${HOME.region}:${HOME.accountId}:older`]),
        },
      });
    });

    it("subscriptions and what they let through are read", async () => {
      const { sns } = await open();
      const arn = await sns.createTopic("older");
      for (let index = 0; index < 120; index += 1) {
        const endpoint = `arn:aws:sqs:${HOME.region}:${HOME.accountId}:q${index}`;
        await told("sns", "2010-03-31", { Action: "Subscribe", TopicArn: arn, Protocol: "sqs", Endpoint: endpoint });
      }
      const subscriptions = await sns.listSubscriptions(arn);
      expect(new Set(subscriptions.map(({ endpoint }) => endpoint)).size).toBe(120);
      const first = subscriptions[0]?.arn;
      const subscription = first?.known === true && first.value !== null ? first.value : "";
      const filter = '{"severity": ["critical"]}';
      for (const [AttributeName, AttributeValue] of [
        ["FilterPolicy", filter],
        ["FilterPolicyScope", "MessageBody"],
        ["RawMessageDelivery", "true"],
      ] as const) {
        const form = { SubscriptionArn: subscription, AttributeName, AttributeValue };
        await told("sns", "2010-03-31", { Action: "SetSubscriptionAttributes", ...form });
      }
      expect(await sns.getSubscription(subscription)).toMatchObject({
        filterPolicy: known(filter),
        filterScope: known("MessageBody"),
        isRaw: known(true),
      });
    });
  });
} else {
  it("is not at hand", () => expect(hasMoto).toBe(false));
}
