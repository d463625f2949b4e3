/** Whether the end of a run is told: not yet of what goes on by itself, unless something beside it is wrong. */
import { expect, test } from "vitest";
import { heartbeatOf } from "../../src/commands/heartbeat.ts";
import type { Report } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import type { Ping } from "../../src/ports/pings.ts";
import { PROJECT } from "../sandbox/client.ts";
import { aContext } from "../support/context.ts";

const POLICY = `version: 1
environment: test
atlas: { projectId: ${PROJECT} }
databases: [{ name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }]
heartbeat: { url: "\${PING}", schedules: [{ command: backup snapshot, every: 1d, grace: 3h }] }
`;
const AT = new Date("2026-11-22T02:00:00Z");
const never = () => Promise.reject(new Error("not used"));
const BEGUN: Report = {
  kind: "report",
  command: "backup snapshot",
  environment: "test",
  observedAt: AT,
  findings: [],
  change: { state: "running", steps: [] },
};

test.each([
  [0, ["start"]],
  [4, ["start", 4]],
] as const)("with exit code %i, the switch hears %j", async (exitCode, heard) => {
  const pings: Ping[] = [];
  const send = async (ping: Ping) => void pings.push(ping);
  const context = aContext("http://127.0.0.1:1", {
    clock: { now: () => AT, sleep: never },
    signal: new AbortController().signal,
    progress: { phase: () => {}, note: () => {}, waiting: () => {} },
    policy: async () => parsePolicy(POLICY, "p.yaml", { PING: "https://switch.example/key" }),
    atlas: never,
    beats: () => ({ aws: never, metrics: never, pings: async () => ({ send, close: async () => {} }) }),
  });
  const heartbeat = await heartbeatOf(context, "backup snapshot");
  await heartbeat.end({ exitCode, startedAt: AT, endedAt: AT, outcome: BEGUN }, "verdict");
  expect(pings.map(({ says }) => says)).toEqual(heard);
});
