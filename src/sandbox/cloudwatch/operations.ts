/** The operations of CloudWatch that the sandbox serves. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/ */
import type { AwsOperation, AwsOperations, ServiceNames } from "../aws-call.ts";
import { deleteAlarms, describeAlarms, turnActions } from "./alarms.ts";
import { describeHistory } from "./history.ts";
import { getMetricData, listMetrics } from "./metrics.ts";
import { getMuteRule, listMuteRules } from "./mute-rules.ts";
import { ALARM_FIELDS, putMetricAlarm } from "./put-alarm.ts";
import { putMetricData } from "./put-data.ts";
import { setAlarmState } from "./set-state.ts";

const OPERATIONS: AwsOperations = {
  DescribeAlarms: reads(describeAlarms, "AlarmNames AlarmNamePrefix AlarmTypes StateValue MaxRecords NextToken"),
  DescribeAlarmHistory: reads(
    describeHistory,
    "AlarmName AlarmTypes HistoryItemType StartDate EndDate MaxRecords NextToken ScanBy",
  ),
  ListAlarmMuteRules: reads(listMuteRules, "AlarmName Statuses MaxRecords NextToken"),
  GetAlarmMuteRule: reads(getMuteRule, "AlarmMuteRuleName"),
  ListMetrics: reads(listMetrics, "Namespace MetricName Dimensions RecentlyActive NextToken"),
  GetMetricData: reads(getMetricData, "MetricDataQueries StartTime EndTime NextToken ScanBy MaxDatapoints"),
  PutMetricData: { changes: true, fields: ["Namespace", "MetricData"], carryOut: putMetricData },
  PutMetricAlarm: { changes: true, fields: ALARM_FIELDS, carryOut: putMetricAlarm },
  DeleteAlarms: { changes: true, fields: ["AlarmNames"], carryOut: deleteAlarms },
  EnableAlarmActions: { changes: true, fields: ["AlarmNames"], carryOut: (ask) => turnActions(ask, true) },
  DisableAlarmActions: { changes: true, fields: ["AlarmNames"], carryOut: (ask) => turnActions(ask, false) },
  SetAlarmState: {
    changes: true,
    fields: ["AlarmName", "StateValue", "StateReason", "StateReasonData"],
    carryOut: setAlarmState,
  },
};

export const CLOUDWATCH: ServiceNames = {
  prefix: "cloudwatch",
  operations: OPERATIONS,
  unknownOperation: "UnknownOperationException",
  forbidden: "AccessDenied",
  badField: "ValidationError",
};

function reads(carryOut: AwsOperation["carryOut"], fields: string): AwsOperation {
  return { changes: false, fields: fields.split(" "), carryOut };
}
