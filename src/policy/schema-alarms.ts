import * as z from "zod/mini";
import { block, choice, duration, field, line, list, name, nonEmptyList, text } from "./scalars.ts";

/** The alarms section: CloudWatch alarms and Atlas alerts under one policy. */

const OPERATORS = [">", ">=", "<", "<="] as const;
export interface Threshold {
  readonly operator: (typeof OPERATORS)[number];
  readonly value: number;
}

/** `2 of 3`: m of the last n datapoints must cross the threshold. */
export interface Datapoints {
  readonly m: number;
  readonly n: number;
}

export const SEVERITIES = ["critical", "warning"] as const;

const THRESHOLD = /^(>=?|<=?) (-?\d{1,15}(?:\.\d{1,9})?)$/;
const threshold = () =>
  z.pipe(
    text(THRESHOLD, 'a threshold; write an operator and a number in quotes, such as "> 1"'),
    z.transform((written: string): Threshold => {
      const [operator, value] = written.split(" ");
      return { operator: operator as Threshold["operator"], value: Number(value) }; // the pattern admits no other
    }),
  );

const datapoints = () =>
  z.pipe(
    text(/^[1-9]\d{0,3} of [1-9]\d{0,3}$/, "a count of datapoints; write it as 2 of 3"),
    z.transform((written: string): Datapoints => {
      const [m, n] = written.split(" of ");
      return { m: Number(m), n: Number(n) };
    }),
  );

const namespace = field("The CloudWatch namespace.", line("a namespace", "AWS/Lambda"));
const metricName = field("The name of the metric.", line("the name of a metric", "Errors"));
const dimensions = field(
  "The dimensions of the metric; {variable} takes its values from each.",
  z.prefault(
    z.record(line("the name of a dimension", "FunctionName"), line("the value of a dimension", "litally-auth"), {
      error: "a block of dimensions; write Name: value",
    }),
    {},
  ),
);

const sumOf = () => block({ namespace, metric: metricName });

const ratio = block({
  part: field("The metric whose sum is the part.", sumOf()),
  whole: field("The metric whose sum is the whole.", sumOf()),
  dimensions,
  minimum: field(
    "The sum of the whole below which the ratio says nothing.",
    z.exactOptional(
      z
        .int({ error: "a whole number; write 1 or more" })
        .check(z.positive({ error: "a whole number above zero; write 1 or more" })),
    ),
  ),
});

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html */
const UNITS = [
  ...["Seconds", "Microseconds", "Milliseconds"],
  ...["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"],
  ...["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"],
  ...["Percent", "Count"],
  ...["Bytes/Second", "Kilobytes/Second", "Megabytes/Second", "Gigabytes/Second", "Terabytes/Second"],
  ...["Bits/Second", "Kilobits/Second", "Megabits/Second", "Gigabits/Second", "Terabits/Second"],
  ...["Count/Second", "None"],
] as const;

const metric = block({
  namespace,
  metric: metricName,
  statistic: field(
    "The statistic, in CloudWatch's words.",
    text(
      /^(?:Sum|Average|Minimum|Maximum|SampleCount|IQM|(?:p|tm|tc|ts|wm)(?:\d{1,2}(?:\.\d{1,10})?|100)|(?:TM|TC|TS|WM|PR)\([\d.]*%?:[\d.]*%?\))$/,
      "a statistic; write Sum, Average, Minimum, Maximum, SampleCount, IQM or a percentile such as p99",
    ),
  ),
  dimensions,
  unit: field(
    "The unit that datapoints must have been sent with. When absent, any.",
    z.exactOptional(
      z.enum(UNITS, { error: "a unit of CloudWatch; write Seconds, Bytes, Percent, Count, None or the like" }),
    ),
  ),
});

const expression = block({
  formula: field("CloudWatch metric math over the metrics below.", line("a formula", "100 * errors / total")),
  metrics: field(
    "The metrics of the formula, each under the name that the formula gives it.",
    z.record(
      text(/^[a-z][A-Za-z0-9_]{0,254}$/, "the name of a metric in a formula; write a lower-case letter first"),
      metric,
      { error: "a block of metrics; write errors: { namespace, metric, statistic }" },
    ),
  ),
});

const common = {
  name: field(
    "The name of the alarm; {variable} takes its values from each.",
    text(/^[!-~](?:[ -~]{0,253}[!-~])?$/, "the name of an alarm; write 1 to 255 plain characters"),
  ),
  each: field(
    "Makes one alarm for each value: the variable and its values.",
    z.exactOptional(
      z.record(
        text(/^[A-Za-z][A-Za-z0-9_]*$/, "the name of a variable; write letters and digits, a letter first"),
        nonEmptyList(line("a value", "auth"), "value"),
        { error: "a block of variables; write function: [auth, reports]" },
      ),
    ),
  ),
  severity: field("How bad it is; notify says whom it wakes.", choice("a severity", SEVERITIES)),
  threshold: field('When it fires: an operator and a number, such as "> 1". A ratio is in percent.', threshold()),
};

/** Name of a topic, or the ARN of whatever an alarm may set off. */
const actions = (help: string) =>
  field(
    help,
    z.exactOptional(
      list(
        text(
          /^(?:[A-Za-z0-9_-]{1,256}|arn:[\w-]+:[\w-]+:[\w-]*:\w*:[!-~]{1,900})$/,
          "the name of a topic; write one that is under topics, or an ARN",
        ),
      ),
    ),
  );

const notify = block({
  alarm: actions("Who hears that it fires. When absent, the topics of its severity."),
  ok: actions("Who hears that it is over. When absent, the topics of its severity."),
  insufficientData: actions("Who hears that there is no data to judge. When absent, nobody."),
});

const cloudwatchKeys = block({
  engine: field("Who watches: CloudWatch, or Atlas's own alerts.", z.prefault(z.literal("cloudwatch"), "cloudwatch")),
  ...common,
  ratio: field("A part of a whole, in percent, over two sums.", z.exactOptional(ratio)),
  metric: field("One metric.", z.exactOptional(metric)),
  expression: field("Free metric math.", z.exactOptional(expression)),
  period: field("The length of one datapoint.", duration()),
  datapoints: field("How many of the last datapoints must cross the threshold.", datapoints()),
  missingData: field(
    "What a datapoint that never came counts as.",
    z.prefault(choice("a treatment of missing data", ["missing", "notBreaching", "breaching", "ignore"]), "missing"),
  ),
  lowSamples: field(
    "Percentiles only: whether few samples are judged all the same. When absent, they are.",
    z.exactOptional(choice("a treatment of few samples", ["evaluate", "ignore"])),
  ),
  description: field(
    "What it says of itself to whoever it wakes. When absent, what is there stays.",
    z.exactOptional(text(/^(?:[^\p{Cc}]|[\n\t]){1,1024}$/u, "a description; write text of at most 1024 characters")),
  ),
  notify: field("Who hears it, where that is not what its severity says.", z.exactOptional(notify)),
});

type CloudWatchKeys = z.output<typeof cloudwatchKeys>;
type Measures = Required<Pick<CloudWatchKeys, "ratio" | "metric" | "expression">>;
const MEASURES = ["ratio", "metric", "expression"] as const satisfies readonly (keyof Measures)[];

/** A CloudWatch alarm measures exactly one thing. */
type CloudWatchAlarm = Omit<CloudWatchKeys, keyof Measures> &
  { [K in keyof Measures]: Pick<Measures, K> & { [O in Exclude<keyof Measures, K>]?: never } }[keyof Measures];

const cloudwatchAlarm = z.pipe(
  cloudwatchKeys.check(
    z.refine(measuresOneThing, {
      error: "a CloudWatch alarm that measures one thing; write one of ratio, metric and expression",
      when: () => true, // also beside other problems of the same alarm
    }),
  ),
  z.custom<CloudWatchAlarm, CloudWatchKeys>(), // the refinement has proved it
);

function measuresOneThing(alarm: unknown): boolean {
  if (typeof alarm !== "object" || alarm === null) return true; // said elsewhere
  return MEASURES.filter((measure) => Object.hasOwn(alarm, measure)).length === 1;
}

/** Channels that Atlas knows from the integrations of the project: nothing secret is needed here. */
const INTEGRATIONS = ["PAGER_DUTY", "OPS_GENIE", "VICTOR_OPS", "DATADOG", "MICROSOFT_TEAMS", "WEBHOOK"] as const;

const recipient = z.discriminatedUnion(
  "type",
  [
    block({
      type: z.literal("EMAIL"),
      address: field("The address.", text(/^[^\s@]+@[^\s@]+$/, "an e-mail address; write name@host")),
    }),
    block({
      type: z.literal("SMS"),
      number: field("The number.", text(/^\+[1-9]\d{6,14}$/, "a telephone number; write it as +15551234567")),
    }),
    block({
      type: z.literal("SLACK"),
      channel: field("The channel.", line("a channel", "operations")),
    }),
    block({ type: z.enum(INTEGRATIONS) }),
  ],
  { error: "a type of recipient; write EMAIL, SMS, SLACK, PAGER_DUTY or another integration of the project" },
);

const atlasAlarm = block({
  engine: z.literal("atlas"),
  ...common,
  metric: field(
    "What Atlas measures, in its own words.",
    block({
      event: field(
        "The kind of alert.",
        choice("a kind of alert that measures a metric", ["OUTSIDE_METRIC_THRESHOLD"]),
      ),
      metric: field(
        "The metric of an Atlas host.",
        text(/^[A-Z][A-Z0-9_]+$/, "an Atlas metric; write it as NORMALIZED_SYSTEM_CPU_USER"),
      ),
      mode: field("How values are combined.", choice("a mode", ["AVERAGE"])),
      units: field(
        "The unit of the threshold.",
        z.prefault(text(/^[A-Z]+$/, "a unit; write RAW, or another of Atlas's units in capitals"), "RAW"),
      ),
    }),
  ),
  for: field("How long it must last before anybody is told; whole minutes.", duration()),
  recipients: field("Whom Atlas tells.", z.prefault(list(recipient), [])),
});

const topicNames = field("Names under topics.", z.prefault(list(name()), []));

export const alarms = block({
  owned: field(
    "Every live CloudWatch alarm whose name begins so must be declared here.",
    text(/^[!-~]{1,255}$/, "the beginning of alarm names; write at least one character, such as litally-"),
  ),
  notify: field(
    "The topics that hear an alarm of each severity.",
    block({ critical: topicNames, warning: topicNames }),
  ),
  exceptions: field(
    "Live alarms with the owned beginning that something else looks after.",
    z.prefault(
      list(text(/^[^\p{Cc}]{1,255}$/u, "the name of an alarm; write the whole name, of at most 255 characters")),
      [],
    ),
  ),
  declared: field(
    "The alarms.",
    z.prefault(
      list(
        z.discriminatedUnion("engine", [cloudwatchAlarm, atlasAlarm], {
          error: "an engine; write cloudwatch or atlas",
        }),
      ),
      [],
    ),
  ),
});
