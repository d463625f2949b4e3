/** Rules that mute alarms for a time, now or later: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetAlarmMuteRule.html */
import { GetAlarmMuteRuleCommand, ListAlarmMuteRulesCommand } from "@aws-sdk/client-cloudwatch";
import * as z from "zod/mini";
import { mapBounded } from "../../core/bounded.ts";
import { mapObserved, type Observed, observe } from "../../core/observed.ts";
import type { MuteRule } from "../../ports/cloudwatch.ts";
import { fieldsOf, type WireObject, wireObject } from "../fields.ts";
import type { CloudWatchLink } from "./alarms.ts";
import { jsonOf } from "./alarms-client.ts";
import { nextToken } from "./alarms-wire.ts";
import { refusalOf } from "./failure.ts";
import { type Page, pagesOf } from "./link.ts";
import { text } from "./s3-wire.ts";

/** Rules asked for at a time: a list of them does not say which alarms they are about. */
const CALLS_MAX = 4;

export async function muteRules(link: CloudWatchLink): Promise<readonly MuteRule[]> {
  const rules = await mapBounded(await ruleNames(link), CALLS_MAX, (name) => muteRule(link, name));
  return rules.filter((rule) => rule !== null);
}

/**
 * What a CloudWatch answers that does not know mute rules, which are younger than alarms: where none can be made there are none.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
 */
const NO_SUCH_OPERATION = ["UnknownOperationException", "InvalidAction"];

async function ruleNames(link: CloudWatchLink): Promise<readonly string[]> {
  try {
    return await listNames(link);
  } catch (error) {
    if (NO_SUCH_OPERATION.includes(refusalOf(error)?.refusal ?? "")) return [];
    throw error;
  }
}

async function listNames(link: CloudWatchLink): Promise<readonly string[]> {
  const call = "cloudwatch:ListAlarmMuteRules";
  const names: string[] = [];
  for await (const page of pagesOf(call, (NextToken) => {
    const command = new ListAlarmMuteRulesCommand({ Statuses: ["ACTIVE", "SCHEDULED"], NextToken });
    return link.read({ name: call }, { command }, jsonOf(Names));
  }))
    names.push(...page);
  return names;
}

/** null: it has gone meanwhile. */
async function muteRule(link: CloudWatchLink, name: string): Promise<MuteRule | null> {
  const command = new GetAlarmMuteRuleCommand({ AlarmMuteRuleName: name });
  const read = await observe(() =>
    link.read({ name: `cloudwatch:GetAlarmMuteRule on ${name}` }, { command }, jsonOf(wireObject)),
  );
  if (!read.known && read.reason.kind === "not-found") return null;
  const part = <T>(parse: (rule: WireObject) => Observed<T>): Observed<T> => (read.known ? parse(read.value) : read);
  const subject = `mute rule ${name}`;
  return {
    name,
    isActive: part((rule) => mapObserved(fieldsOf(subject, rule).required("Status", status), (is) => is === "ACTIVE")),
    alarmNames: part((rule) =>
      mapObserved(fieldsOf(subject, rule).required("MuteTargets", Targets), (targets) => targets.AlarmNames),
    ),
    schedule: part((rule) => mapObserved(fieldsOf(subject, rule).optional("Rule", Rule), inWords)),
  };
}

const status = z.enum(["ACTIVE", "SCHEDULED", "EXPIRED"]);
const Targets = z.object({ AlarmNames: z.array(text) });
const Rule = z.object({ Schedule: z.object({ Expression: text, Duration: text, Timezone: z.optional(text) }) });

/** `cron(0 2 * * SUN) for PT4H, Asia/Kolkata` */
function inWords(rule: z.infer<typeof Rule> | null): string | null {
  if (rule === null) return null;
  const { Expression: expression, Duration: duration, Timezone: zone } = rule.Schedule;
  return `${expression} for ${duration}, ${zone ?? "UTC"}`;
}

const ARN = /^arn:[\w-]+:cloudwatch:[\w-]+:\d{12}:alarm-mute-rule:(?<name>.+)$/;

const Names = z.pipe(
  z.object({
    AlarmMuteRuleSummaries: z.array(z.object({ AlarmMuteRuleArn: z.string().check(z.regex(ARN)) })),
    NextToken: nextToken,
  }),
  z.transform(
    (wire): Page<string> => ({
      items: wire.AlarmMuteRuleSummaries.map(({ AlarmMuteRuleArn: arn }) => arn.replace(ARN, "$<name>")),
      next: wire.NextToken,
    }),
  ),
);
