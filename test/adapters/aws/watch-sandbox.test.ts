import { expect, it, onTestFinished } from "vitest";
import { connectCloudWatch } from "../../../src/adapters/aws/alarms.ts";
import { connectKeys } from "../../../src/adapters/aws/kms.ts";
import { connectSns } from "../../../src/adapters/aws/topics.ts";
import { known } from "../../../src/core/observed.ts";
import { AWS_CREDENTIALS } from "../../../src/sandbox/aws.ts";
import { alarm, clients, HOME, KEY_ID, METRIC, NOW } from "../../sandbox/watch/clients.ts";
import { fakeClock } from "../atlas/harness.ts";
import { collect } from "./alarms-harness.ts";
import { connectionWith, failure } from "./harness.ts";
import { orderOf, watchContract } from "./watch-contract.ts";

async function open(...world: Parameters<typeof clients>) {
  const { target } = await clients(...world);
  const connection = connectionWith({ ...HOME, credentials: AWS_CREDENTIALS, endpoint: target.url });
  const clock = fakeClock(NOW);
  const ports = {
    cloudwatch: connectCloudWatch(connection, clock),
    sns: connectSns(connection, clock),
    keys: connectKeys(connection),
  };
  onTestFinished(() => {
    for (const port of Object.values(ports)) port.close();
  });
  return { ...ports, home: HOME, target };
}

watchContract("the sandbox's CloudWatch and SNS", () => open());

it("an alarm is born without data, and what happens to it is its history", async () => {
  const { cloudwatch, target } = await open();
  await cloudwatch.putAlarm(orderOf("new"));
  expect(await cloudwatch.alarmsByName(["new"])).toMatchObject([
    { state: known("INSUFFICIENT_DATA"), stateSince: known(target.now()) },
  ]);
  await cloudwatch.setAlarmState("new", "ALARM", { text: "a test", data: { id: "7" } });
  const kinds = (await cloudwatch.listHistory("new", new Date(0))).map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(["ConfigurationUpdate", "StateUpdate"]);
});

it("settings that no policy can say survive a change", async () => {
  const { cloudwatch } = await open();
  const beyond = {
    EvaluationWindow: { WallClockWindow: { Timezone: "Asia/Kolkata" } },
    WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 },
  };
  await cloudwatch.putAlarm({ ...orderOf("new"), beyond });
  const [live] = await cloudwatch.alarmsByName(["new"]);
  expect(live).toMatchObject({ beyond });
  await cloudwatch.putAlarm({ ...orderOf("new", { threshold: 7 }), beyond });
  expect((await cloudwatch.alarmsByName(["new"]))[0]).toMatchObject({ beyond });
});

it.each([0, 99, 100, 101, 250])("%d alarms are listed, each once, of every kind", async (count) => {
  const kinds = ["metric", "composite", "log"] as const;
  const words = { composite: { AlarmRule: "ALARM(a)", ActionsEnabled: true, AlarmActions: [] }, log: {} };
  const alarms = Array.from({ length: count }, (_, index) => {
    const kind = kinds[index % 3] ?? "metric";
    return alarm(`litally-${index}`, kind === "metric" ? {} : { kind, words: words[kind] });
  });
  const { cloudwatch } = await open({ alarms: [...alarms, alarm("other")] });
  const found = await collect(cloudwatch.alarmPages("litally-", "all"));
  expect(found.map(({ name, kind }) => `${name} ${kind}`).toSorted()).toEqual(
    alarms.map(({ name, kind }) => `${name} ${kind}`).toSorted(),
  );
  const composites = await collect(cloudwatch.alarmPages("", "composite"));
  expect(composites).toHaveLength(alarms.filter(({ kind }) => kind === "composite").length);
});

it("a metric reports, another does not", async () => {
  const { cloudwatch } = await open();
  const metric = { namespace: METRIC.Namespace, metric: METRIC.MetricName, dimensions: { FunctionName: "auth" } };
  const since = new Date(NOW.getTime() - 14 * 86_400_000);
  expect(await cloudwatch.reportedSince([metric, { ...metric, dimensions: {} }], since)).toEqual([true, false]);
});

it("who is asked to confirm has not heard yet", async () => {
  const { sns } = await open();
  const arn = await sns.createTopic("new");
  const email = { protocol: "email", endpoint: "ops@litally.example" };
  expect(await sns.subscribe(arn, email)).toBeNull();
  expect(await sns.listSubscriptions(arn)).toEqual([{ ...email, arn: known(null) }]);
});

it("the sandbox of SMS is told", async () => {
  expect(await (await open({ isInSmsSandbox: true })).sns.isInSmsSandbox()).toBe(true);
  expect(await (await open({ isInSmsSandbox: false })).sns.isInSmsSandbox()).toBe(false);
});

it("a key and its policy are read", async () => {
  const { keys } = await open();
  const { arn } = await keys.getKey("alias/alarms");
  expect(arn).toContain(KEY_ID);
  expect(JSON.parse(await keys.getKeyPolicy(arn))).toHaveProperty("Statement");
});

it("what is denied is told by its name", async () => {
  const { cloudwatch, sns, home } = await open({}, { denied: ["cloudwatch:PutMetricAlarm", "sns:GetTopicAttributes"] });
  expect(await failure(cloudwatch.putAlarm(orderOf("new")))).toMatchObject({ kind: "auth" });
  const topic = `arn:aws:sns:${home.region}:${home.accountId}:critical`;
  expect(await failure(sns.getTopic(topic))).toMatchObject({ kind: "auth" });
});
