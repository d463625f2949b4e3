/** What the adapters promise of a CloudWatch and an SNS that really keep what they are told: the same suite for every server that claims to. */
import { randomUUID } from "node:crypto";
import { describe, expect, it } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { AlarmOrder, AlarmSettings, CloudWatch, LiveMetricAlarm, Measure } from "../../../src/ports/cloudwatch.ts";
import type { Sns } from "../../../src/ports/sns.ts";
import { failure } from "./harness.ts";

export interface WatchWorld {
  readonly cloudwatch: CloudWatch;
  readonly sns: Sns;
  /** Of the account and region that the server stands for. */
  readonly home: { readonly accountId: string; readonly region: string };
}

const STAT = {
  namespace: "AWS/ApiGateway",
  metric: "Count",
  dimensions: { ApiName: "litally-api", Stage: "prod" },
  statistic: "Sum",
  periodSeconds: 300,
  unit: null,
} as const;

const MEASURES: readonly (readonly [string, Measure])[] = [
  ["a metric", { kind: "metric", stat: { ...STAT, unit: "Count" } }],
  ["a metric without dimensions", { kind: "metric", stat: { ...STAT, dimensions: {} } }],
  ["a percentile", { kind: "metric", stat: { ...STAT, statistic: "p99.9" } }],
  [
    "metric math",
    {
      kind: "math",
      queries: [
        {
          id: "part",
          label: null,
          returnsData: false,
          accountId: null,
          of: { kind: "stat", stat: { ...STAT, metric: "5XXError" } },
        },
        { id: "whole", label: null, returnsData: false, accountId: null, of: { kind: "stat", stat: STAT } },
        {
          id: "percent",
          label: "errors, in percent",
          returnsData: true,
          accountId: null,
          of: { kind: "expression", expression: "IF(whole >= 100, 100 * part / whole, 0)", periodSeconds: null },
        },
      ],
    },
  ],
];

export function orderOf(name: string, settings: Partial<AlarmSettings> = {}): AlarmOrder {
  return {
    name,
    beyond: {},
    settings: {
      description: 'what it is for: <all> & "sundry"',
      actionsEnabled: true,
      alarmActions: [],
      okActions: [],
      insufficientDataActions: [],
      measure: { kind: "metric", stat: STAT },
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1.5,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      missingData: "notBreaching",
      lowSamples: null,
      ...settings,
    },
  };
}

const allKnown = (settings: AlarmSettings) =>
  Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, known(value)]));

export function watchContract(name: string, open: () => Promise<WatchWorld>): void {
  /** A name that no other test has. */
  const aName = () => `litally-contract-${randomUUID()}`;
  const metricAlarm = async ({ cloudwatch }: WatchWorld, alarm: string): Promise<LiveMetricAlarm> => {
    const [found] = await cloudwatch.alarmsByName([alarm]);
    if (found?.kind !== "metric") throw new Error("no metric alarm of that name");
    return found;
  };

  describe(name, () => {
    it.each(MEASURES)("an alarm on %s is read as it was put", async (_what, measure) => {
      const world = await open();
      const { home, cloudwatch } = world;
      const topic = `arn:aws:sns:${home.region}:${home.accountId}:litally-critical`;
      const order = orderOf(aName(), { measure, alarmActions: [topic], okActions: [topic] });
      await cloudwatch.putAlarm(order);
      const live = await metricAlarm(world, order.name);
      expect(live).toMatchObject({ settings: allKnown(order.settings), beyond: {} });
      expect(live.arn).toEqual(known(`arn:aws:cloudwatch:${home.region}:${home.accountId}:alarm:${order.name}`));
    });

    it("an alarm that says no more than it must is read as CloudWatch takes it", async () => {
      const world = await open();
      const order = orderOf(aName(), { description: null, datapointsToAlarm: null, actionsEnabled: false });
      await world.cloudwatch.putAlarm(order);
      expect((await metricAlarm(world, order.name)).settings).toEqual(allKnown(order.settings));
    });

    it("an alarm that is put again is replaced whole", async () => {
      const world = await open();
      const { cloudwatch } = world;
      const order = orderOf(aName(), { measure: { kind: "metric", stat: { ...STAT, unit: "Count" } } });
      await cloudwatch.putAlarm(order);
      const changed = orderOf(order.name, { description: null, threshold: 80, comparison: "LessThanThreshold" });
      await cloudwatch.putAlarm(changed);
      await cloudwatch.putAlarm(changed);
      expect((await metricAlarm(world, order.name)).settings).toEqual(allKnown(changed.settings));
      expect(await cloudwatch.alarmsByName([order.name])).toHaveLength(1);
    });

    it("alarms are listed by the beginning of their names", async () => {
      const { cloudwatch } = await open();
      const prefix = aName();
      const names = Array.from({ length: 7 }, (_, index) => `${prefix}/${index}`);
      for (const alarm of names) await cloudwatch.putAlarm(orderOf(alarm));
      const found: string[] = [];
      for await (const page of cloudwatch.alarmPages(`${prefix}/`, "all")) found.push(...page.map((one) => one.name));
      expect(found.toSorted()).toEqual(names);
      for await (const page of cloudwatch.alarmPages(`${prefix}/`, "composite")) expect(page).toEqual([]);
      expect(await cloudwatch.alarmsByName([`${prefix}/7`])).toEqual([]);
    });

    it("a state that is set is read, and an alarm that is deleted is gone", async () => {
      const world = await open();
      const { cloudwatch } = world;
      const order = orderOf(aName());
      await cloudwatch.putAlarm(order);
      await cloudwatch.setAlarmState(order.name, "ALARM", { text: "a test", data: { id: "7" } });
      expect(await metricAlarm(world, order.name)).toMatchObject({
        state: known("ALARM"),
        stateReason: known("a test"),
      });
      await cloudwatch.deleteAlarm(order.name);
      expect(await cloudwatch.alarmsByName([order.name])).toEqual([]);
      const set = cloudwatch.setAlarmState(order.name, "OK", { text: "", data: {} });
      expect(await failure(set)).toMatchObject({ kind: "not-found" });
    });

    it("a topic is made once, and keeps its policy, its key and its tags", async () => {
      const { sns, home } = await open();
      const topic = aName();
      const arn = await sns.createTopic(topic);
      expect(arn).toBe(`arn:aws:sns:${home.region}:${home.accountId}:${topic}`);
      expect(await sns.createTopic(topic)).toBe(arn);
      expect(await sns.getTopic(arn)).toMatchObject({
        arn,
        ownerAccountId: known(home.accountId),
        policy: { known: true },
        keyId: known(null),
      });
      const Statement = [
        { Effect: "Allow", Principal: { Service: "cloudwatch.amazonaws.com" }, Action: "sns:Publish", Resource: arn },
      ];
      const policy = JSON.stringify({ Version: "2012-10-17", Statement });
      await sns.setTopicPolicy(arn, policy);
      await sns.setTopicKey(arn, "alias/topics");
      expect(await sns.getTopic(arn)).toMatchObject({ policy: known(policy), keyId: known("alias/topics") });
      await sns.setTopicKey(arn, null);
      expect(await sns.getTopic(arn)).toMatchObject({ keyId: known(null) });
      await sns.tagTopic(arn, { one: "1", two: "2" });
      expect(await sns.topicTags(arn)).toEqual({ one: "1", two: "2" });
    });

    it("what is subscribed is listed, and no more when it is ended", async () => {
      const { sns } = await open();
      const arn = await sns.createTopic(aName());
      expect(await sns.listSubscriptions(arn)).toEqual([]);
      const sms = { protocol: "sms", endpoint: "+15555550100" };
      const subscription = await sns.subscribe(arn, sms);
      expect(subscription).toMatch(new RegExp(`^${arn}:`));
      expect(await sns.listSubscriptions(arn)).toEqual([{ ...sms, arn: known(subscription) }]);
      expect(await sns.getSubscription(subscription ?? "")).toEqual({
        isPending: known(false),
        filterPolicy: known(null),
        filterScope: known("MessageAttributes"),
        isRaw: known(false),
        redrivePolicy: known(null),
      });
      expect(await sns.publish(arn, { subject: "a test", body: "nothing to do" })).toMatch(/./);
      await sns.unsubscribe(subscription ?? "");
      expect(await sns.listSubscriptions(arn)).toEqual([]);
    });

    it("what is not there is not found", async () => {
      const { sns, home } = await open();
      const arn = `arn:aws:sns:${home.region}:${home.accountId}:${aName()}`;
      for (const read of [
        () => sns.getTopic(arn),
        () => sns.listSubscriptions(arn),
        () => sns.publish(arn, { subject: "a", body: "b" }),
        () => sns.getSubscription(`${arn}:2bcfbf39-05c3-41de-beaa-fcfcc21c8f55`),
      ])
        expect(await failure(read())).toMatchObject({ kind: "not-found" });
    });
  });
}
