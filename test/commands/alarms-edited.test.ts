/**
 * Whatever alarms a policy declares, and whatever single setting of a live one somebody else changes: the audit names that one
 * difference, the plan has one step, carrying it out is one write, and then all is as declared.
 */
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  type MetricAlarm,
  type MetricDataQuery,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
} from "@aws-sdk/client-cloudwatch";
import fc from "fast-check";
import { expect, it } from "vitest";
import * as apply from "../../src/commands/alarms-apply.ts";
import * as audit from "../../src/commands/alarms-audit.ts";
import * as plan from "../../src/commands/alarms-plan.ts";
import type { Report } from "../../src/core/report.ts";
import { AWS_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { openWorld, POLICY, type WorldRun } from "../support/world.ts";

const RUNS = 60;

const measure = fc.oneof(
  fc.record({
    metric: fc.record({
      namespace: fc.constant("Own"),
      metric: fc.constantFrom("Waiting", "Lost"),
      statistic: fc.constantFrom("Sum", "Average", "p99"),
    }),
  }),
  fc.constantFrom(20, 500).map((minimum) => ({
    ratio: { part: { namespace: "Own", metric: "Lost" }, whole: { namespace: "Own", metric: "Sent" }, minimum },
  })),
);

const alarm = fc.record({
  measure,
  severity: fc.constantFrom("critical", "warning"),
  operator: fc.constantFrom(">", ">="),
  value: fc.constantFrom(1, 2.5, 40),
  period: fc.constantFrom("1m", "5m"),
  datapoints: fc.constantFrom("1 of 1", "2 of 3", "3 of 3"),
  missingData: fc.constantFrom("missing", "notBreaching", "breaching", "ignore"),
});
type Alarm = typeof alarm extends fc.Arbitrary<infer A> ? A : never;

/** A part each of a healthy world: nobody hangs on one endpoint, and no two alarms watch the same. */
function policyOf(alarms: readonly Alarm[], topics: number): string {
  const topic = (index: number) => ({
    name: `topic-${index}`,
    subscriptions: ["a", "b"].map((who) => ({ protocol: "email", endpoint: `${who}${index}@litally.example` })),
  });
  const declared = alarms.map(({ measure: watched, operator, value, ...rest }, index) => {
    const [[kind, of]] = Object.entries(watched) as [[string, object]]; // each has one member
    const dimensions = { Queue: `q${index}` };
    return { name: `own-${index}`, ...rest, threshold: `${operator} ${value}`, [kind]: { ...of, dimensions } };
  });
  const sections = {
    aws: { accountId: "111122223333", region: "ap-south-1" },
    topics: Array.from({ length: topics }, (_, index) => topic(index)),
    alarms: { owned: "own-", notify: { critical: ["topic-0"], warning: [`topic-${topics - 1}`] }, declared },
  };
  return `${POLICY}${Object.entries(sections)
    .map(([name, section]) => `${name}: ${JSON.stringify(section)}\n`)
    .join("")}`;
}

type Live = MetricAlarm & PutMetricAlarmCommandInput;
/** Of what CloudWatch takes, one setting after another; undefined: this alarm has no such setting. */
const EDITS: Readonly<Record<string, (live: Live) => Partial<Live> | undefined>> = {
  threshold: ({ Threshold = 0 }) => ({ Threshold: Threshold + 1 }),
  operator: ({ ComparisonOperator: now }) => ({
    ComparisonOperator: now === "GreaterThanThreshold" ? "GreaterThanOrEqualToThreshold" : "GreaterThanThreshold",
  }),
  "missing data": ({ TreatMissingData: now }) => ({ TreatMissingData: now === "ignore" ? "breaching" : "ignore" }),
  "how many count": ({ EvaluationPeriods = 0 }) => ({ EvaluationPeriods: EvaluationPeriods + 1 }),
  "how many must cross": ({ EvaluationPeriods: n }) => (n === 3 ? { DatapointsToAlarm: 1 } : undefined),
  actions: () => ({ ActionsEnabled: false }),
  "whom it tells": () => ({ AlarmActions: [] }),
  "whom it tells that all is well": () => ({ OKActions: [] }),
  "whom it tells that it knows nothing": ({ AlarmActions }) => ({ InsufficientDataActions: AlarmActions }),
  statistic: ({ Statistic: now }) => (now === undefined ? undefined : { Statistic: now === "Sum" ? "Maximum" : "Sum" }),
  percentile: ({ ExtendedStatistic: now }) => (now === undefined ? undefined : { ExtendedStatistic: "p50" }),
  metric: ({ MetricName: now }) => (now === undefined ? undefined : { MetricName: "Elsewhere" }),
  dimension: ({ MetricName: now }) => (now === undefined ? undefined : { Dimensions: [] }),
  unit: ({ MetricName: now }) => (now === undefined ? undefined : { Unit: "Count" }),
  "period of one": ({ Period: now }) => (now === undefined ? undefined : { Period: now * 2 }),
  formula: ({ Metrics }) => edited(Metrics, ({ Expression }) => Expression && { Expression: `2 * (${Expression})` }),
  "period of all": ({ Metrics }) =>
    edited(Metrics, ({ MetricStat: of }) => of && { MetricStat: { ...of, Period: (of.Period ?? 0) * 2 } }),
};

function edited(
  queries: readonly MetricDataQuery[] | undefined,
  edit: (query: MetricDataQuery) => Partial<MetricDataQuery> | "" | undefined,
): Partial<Live> | undefined {
  if (queries === undefined || queries.length === 0) return undefined;
  return { Metrics: queries.map((query) => ({ ...query, ...(edit(query) || {}) })) };
}

it(`one edit is one difference, one step, one write: in ${RUNS} worlds`, async () => {
  const situation = fc.record({
    alarms: fc.array(alarm, { minLength: 1, maxLength: 4 }),
    topics: fc.integer({ min: 1, max: 2 }),
    which: fc.nat(3),
    edit: fc.constantFrom(...Object.keys(EDITS)),
  });
  await fc.assert(
    fc.asyncProperty(situation, async ({ alarms, topics, which, edit }) => {
      const run = await openWorld({ policy: policyOf(alarms, topics) });
      try {
        expect(wrongIn(await run.run(audit, {}))).toEqual([]);
        const name = `own-${which % alarms.length}`;
        fc.pre(await editLive(run, name, EDITS[edit] ?? (() => undefined)));
        expect(wrongIn(await run.run(audit, { only: ["drift"] }))).toEqual([`alarm/${name}`]);
        const planned = (await run.run(plan, {})).change;
        expect(planned?.steps.map(({ subject, differences }) => [subject, differences.length])).toEqual([
          [`alarm/${name}`, 1],
        ]);
        const before = run.aws.length;
        expect((await run.run(apply, { confirm: ["test"] })).change?.state).toBe("done");
        const writes = run.aws.slice(before).filter(({ operation }) => /^(Put|Set|Delete|Sub)/.test(operation));
        expect(writes.map(({ operation }) => operation)).toEqual(["PutMetricAlarm"]);
        expect(wrongIn(await run.run(audit, {}))).toEqual([]);
      } finally {
        await run.close();
      }
    }),
    { numRuns: RUNS },
  );
}, 120_000);

/** The subject of each difference; what an alarm sees is another matter: whether a changed one has data, time tells. */
function wrongIn({ findings }: Report): readonly string[] {
  return findings
    .filter(({ check, status }) => check !== "alarms/state" && status !== "pass")
    .flatMap(({ subject, evidence }) => {
      const differences = evidence?.["differences"];
      return Array.isArray(differences) ? differences.map(() => subject) : [subject];
    });
}

/** As other tools do it: what is there is read, and written back whole with one setting changed. false: it has no such setting. */
async function editLive(
  run: WorldRun,
  name: string,
  edit: (live: Live) => Partial<Live> | undefined,
): Promise<boolean> {
  const settings = { endpoint: run.sandbox.url, region: "ap-south-1", credentials: AWS_CREDENTIALS };
  const client = new CloudWatchClient(settings);
  try {
    const { MetricAlarms: [live] = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [name] }));
    if (live === undefined) throw new Error(`there is no ${name}`);
    const { AlarmArn, AlarmConfigurationUpdatedTimestamp, StateValue, ...state } = live;
    const { StateReason, StateReasonData, StateUpdatedTimestamp, StateTransitionedTimestamp, ...input } = state;
    const change = edit(input as Live); // it has a name, and all that it must
    if (change === undefined) return false;
    await client.send(new PutMetricAlarmCommand({ ...(input as Live), ...change })); // the same
    return true;
  } finally {
    client.destroy();
  }
}
