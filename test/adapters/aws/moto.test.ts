/** The adapters against somebody else's AWS: moto, where Python has it. It is loaded in the older protocol, as older tools do. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { connectCloudWatch } from "../../../src/adapters/aws/alarms.ts";
import { AWS_LIMITS } from "../../../src/adapters/aws/client.ts";
import { connectSns } from "../../../src/adapters/aws/topics.ts";
import { known } from "../../../src/core/observed.ts";
import { fakeClock } from "../atlas/harness.ts";
import { collect } from "./alarms-harness.ts";
import { connectionWith } from "./harness.ts";
import { MOTO_HOME as HOME, hasMoto, type Moto, startMoto } from "./moto.ts";
import { watchContract } from "./watch-contract.ts";

let moto: Moto | undefined;
beforeAll(async () => {
  if (hasMoto) moto = await startMoto();
}, 120_000);
afterAll(() => moto?.stop());

async function open() {
  const connection = connectionWith({
    region: HOME.region,
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
    endpoint: moto?.url ?? "",
    limits: AWS_LIMITS,
  });
  const clock = fakeClock();
  const ports = { cloudwatch: connectCloudWatch(connection, clock), sns: connectSns(connection, clock) };
  onTestFinished(() => {
    for (const port of Object.values(ports)) port.close();
  });
  return { ...ports, home: HOME };
}

const told: Moto["told"] = async (...form) => moto?.told(...form) ?? "";

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
