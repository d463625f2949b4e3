import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DescribeAlarmHistoryCommand, DescribeAlarmsCommand, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import { GetTopicAttributesCommand, SetTopicAttributesCommand, SubscribeCommand } from "@aws-sdk/client-sns";
import { describe, expect, it, onTestFinished } from "vitest";
import { advance } from "../client.ts";
import { clients, NOW, ORDER, refusal, TOPIC } from "./clients.ts";

it("what has become of alarms and topics is there after a restart, and time goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const options = { stateFile: join(folder, "state.json") };
  const before = await clients({}, {}, options);
  await before.cloudwatch.send(new PutMetricAlarmCommand(ORDER));
  const key = { TopicArn: TOPIC, AttributeName: "KmsMasterKeyId", AttributeValue: "alias/alarms" };
  await before.sns.send(new SetTopicAttributesCommand(key));
  const order = { TopicArn: TOPIC, Protocol: "email", Endpoint: "late@litally.example" };
  await before.sns.send(new SubscribeCommand(order));
  await advance(before.target, "1m");
  await before.target.close();

  const after = await clients({ alarms: [], topics: [] }, {}, options);
  const topic = async () => (await after.sns.send(new GetTopicAttributesCommand({ TopicArn: TOPIC }))).Attributes;
  expect(await topic()).toMatchObject({ KmsMasterKeyId: "alias/alarms", SubscriptionsPending: "1" });
  await advance(after.target, "48h");
  expect(await topic()).toMatchObject({ SubscriptionsPending: "0", SubscriptionsConfirmed: "1" });
  const { MetricAlarms: alarms } = await after.cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["new"] }));
  expect(alarms?.[0]).toMatchObject({ StateValue: "OK", StateUpdatedTimestamp: new Date(NOW.getTime() + 300_000) });
  const history = await after.cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName: "new" }));
  expect(history.AlarmHistoryItems).toHaveLength(2);
});

describe("faults strike changes in AWS too", () => {
  it.each([
    ["reset-before-write=1", false],
    ["reset-after-write=1", true],
    ["500-after-write=1", true],
  ])("%s: the change is made is %s", async (fault, isMade) => {
    const { cloudwatch } = await clients({}, {}, { faults: [fault] });
    expect((await refusal(cloudwatch.send(new PutMetricAlarmCommand(ORDER))))[0]).not.toMatch(/^answered/);
    const { MetricAlarms: alarms } = await cloudwatch.send(new DescribeAlarmsCommand({ AlarmNames: ["new"] }));
    expect(alarms?.length).toBe(isMade ? 1 : 0);
  });
});
