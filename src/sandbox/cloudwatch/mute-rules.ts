/** Rules that keep alarms from acting. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetAlarmMuteRule.html */
import { type AwsAsk, type Done, pageAfter, refusal } from "../aws-call.ts";
import type { Refusal } from "../aws-wire.ts";
import type { AwsState, MuteRuleRecord, Words } from "../watch.ts";
import { invalid } from "./metric-rules.ts";
import { isPageSize, seconds, textsOf } from "./words.ts";

export function listMuteRules({ aws, input }: AwsAsk): Done | Refusal {
  const { AlarmName: alarm, MaxRecords: size = 50 } = input;
  if (!isPageSize(size)) return invalid("MaxRecords must be 1 to 100.");
  const statuses = textsOf(input["Statuses"]);
  const found = aws.muteRules.filter(
    ({ alarmNames, status }) =>
      (alarm === undefined || alarmNames.includes(String(alarm))) &&
      (statuses.length === 0 || statuses.includes(status)),
  );
  const paged = pageAfter(found, input["NextToken"], size);
  if (paged === null) return refusal("InvalidNextToken", "The NextToken is none of this sandbox.");
  const summaries = paged.page.map((rule) => summary(rule, aws));
  return { result: { AlarmMuteRuleSummaries: summaries, NextToken: paged.next } };
}

/** By its name or its ARN. */
export function getMuteRule({ aws, input }: AwsAsk): Done | Refusal {
  const wanted = input["AlarmMuteRuleName"];
  const rule = aws.muteRules.find((one) => one.name === wanted || arnOf(one, aws) === wanted);
  if (rule === undefined) return refusal("ResourceNotFoundException", `There is no mute rule ${wanted}.`, 404);
  const { name, expression, duration, alarmNames } = rule;
  return {
    result: {
      ...summary(rule, aws),
      Name: name,
      Rule: { Schedule: { Expression: expression, Duration: duration } },
      MuteTargets: { AlarmNames: alarmNames },
    },
  };
}

function summary(rule: MuteRuleRecord, aws: AwsState): Words {
  return {
    AlarmMuteRuleArn: arnOf(rule, aws),
    Status: rule.status,
    MuteType: rule.expression.startsWith("at(") ? "ONE_TIME" : "RECURRING",
    LastUpdatedTimestamp: seconds(rule.updatedAt),
  };
}

function arnOf({ name }: MuteRuleRecord, { region, accountId }: AwsState): string {
  return `arn:aws:cloudwatch:${region}:${accountId}:alarm-mute-rule:${name}`;
}
