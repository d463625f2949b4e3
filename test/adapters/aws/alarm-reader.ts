/** A process of its own that reads all alarms and keeps none: what it holds of memory is told page by page. */
import { connectCloudWatch } from "../../../src/adapters/aws/alarms.ts";
import { awsConnection } from "../../../src/adapters/aws/settings.ts";
import { systemClock } from "../../../src/adapters/clock.ts";
import { NOBODY } from "../../support/agent.ts";

const [endpoint = ""] = process.argv.slice(2);
const connection = awsConnection({
  region: "ap-south-1",
  by: NOBODY,
  signal: new AbortController().signal,
  env: {},
  endpoint,
  credentials: { accessKeyId: "a", secretAccessKey: "b" },
});
const cloudwatch = connectCloudWatch(connection, systemClock());
const heapsBytes: number[] = [];
let alarms = 0;
for await (const page of cloudwatch.alarmPages("litally-", "all")) {
  alarms += page.length;
  globalThis.gc?.();
  heapsBytes.push(process.memoryUsage().heapUsed);
}
cloudwatch.close();
process.stdout.write(JSON.stringify({ alarms, heapsBytes, peakRssKb: process.resourceUsage().maxRSS }));
