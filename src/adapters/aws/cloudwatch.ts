/** CloudWatch: alarms. */
import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import type { AlarmPermission } from "../../ports/aws.ts";
import type { ClientSettings, Service } from "./client.ts";

export function openCloudWatch(settings: ClientSettings): Service<AlarmPermission> {
  const client = new CloudWatchClient(settings);
  return {
    ask: (_permission, abortSignal) => client.send(new DescribeAlarmsCommand({ MaxRecords: 1 }), { abortSignal }),
    close: () => client.destroy(),
  };
}
