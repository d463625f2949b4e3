import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { parsePolicy } from "../../../src/policy/load.ts";
import { compile } from "../../../src/rules/alarms/compile.ts";
import { putMetricAlarmInput } from "../../../src/rules/alarms/document.ts";
import { SANDBOX_VARIABLES } from "../../../src/wiring/sandbox.ts";
import { connected, json } from "./alarms-harness.ts";

const FILE = "config/litally-ops.yaml";
const { policy } = parsePolicy(readFileSync(FILE, "utf8"), FILE, SANDBOX_VARIABLES);
const home = { partition: "aws", accountId: "111122223333", region: "ap-south-1" };

it.each(compile(policy, home, () => null).alarms)("$name is sent as it is shown", async ({ name, settings }) => {
  const { cloudwatch, server } = await connected(json({}));
  const order = { name, settings, beyond: { EvaluationWindow: { SlidingWindow: {} } } };
  await cloudwatch.putAlarm(order);
  expect(JSON.parse(server.seen[0]?.body ?? "")).toEqual(putMetricAlarmInput(order));
});
