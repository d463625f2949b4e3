/**
 * Every way in which a scheduled run can go wrong, by the program as it is shipped, against a sandbox that evaluates the alarms over
 * what really arrived. The rows are those of docs/schedules.md: none can stand there without being walked here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOUR_MS } from "../../src/core/duration.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { AWS_CREDENTIALS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { type Built, bareEnv, build, ROOT, runFile, start } from "../cli/built.ts";
import { countRequests } from "../support/counter.ts";

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases:
  - { name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }
topics: [{ name: ops, subscriptions: [{ protocol: email, endpoint: a@b.example }] }]
alarms: { owned: our-, notify: { critical: [ops], warning: [ops] } }
heartbeat:
  url: \${HEARTBEAT_URL}
  schedules: [{ command: backup verify, every: 1d, grace: 3h }]
`;
/** The world's last success is somewhat less than ten hours old. */
const UNTIL_MISSED_MS = 18 * HOUR_MS;
const NOBODY = "http://127.0.0.1:9";

let built: Built;
let folder = "";
beforeAll(() => {
  built = build();
  folder = mkdtempSync(join(tmpdir(), "litally-ops-heartbeat-"));
  writeFileSync(join(folder, "policy.yaml"), POLICY);
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

interface Night {
  readonly sandbox: Sandbox;
  readonly close: () => Promise<void>;
  /** What Atlas is asked stays without an answer. */
  readonly hang: () => void;
  readonly env: Record<string, string>;
  readonly args: readonly string[];
  /** Once the outside knows that it has begun. */
  readonly begun: () => Promise<void>;
}

/** What a scheduler does; null: it does nothing. */
type Happening = (night: Night) => Promise<number | null>;

const runs = async ({ env, args }: Night): Promise<number | null> =>
  (await runFile(process.execPath, [built.bin, ...args], { env })).exitCode;
const runsWith =
  (more: Readonly<Record<string, string>>, ...flags: readonly string[]): Happening =>
  (night) =>
    runs({ ...night, env: { ...night.env, ...more }, args: [...night.args, ...flags] });
const nothing: Happening = async () => null;

/** Begun, and then sent a signal while Atlas is asked. */
const stopped =
  (name: NodeJS.Signals): Happening =>
  async (night) => {
    night.hang();
    const run = start(built.bin, night.args, night.env);
    await night.begun();
    run.signal(name);
    return (await run.ended).exitCode;
  };

const ROWS: Readonly<Record<string, { readonly happens: Happening; readonly world?: string }>> = {
  "all is well": { happens: runs },
  "it is never started": { happens: nothing },
  "its workflow is disabled": { happens: nothing },
  "it dies half-way (kill -9)": { happens: stopped("SIGKILL") },
  "it is stopped (SIGTERM)": { happens: stopped("SIGTERM") },
  "its time is over (--timeout)": {
    happens: (night) => {
      night.hang();
      return runs({ ...night, args: [...night.args, "--timeout", "1s"] });
    },
  },
  "no credentials of AWS": { happens: runsWith({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }) },
  "no credentials of Atlas": { happens: runsWith({ MONGODB_ATLAS_PRIVATE_API_KEY: "another" }) },
  "a finding": { happens: runs, world: "stale" },
  "it cannot look": { happens: runs, world: "forbidden-snapshots" },
  "the policy is wrong": { happens: runsWith({ HEARTBEAT_URL: "" }) },
  "CloudWatch is down": { happens: runsWith({ AWS_ENDPOINT_URL: NOBODY }) },
  "the switch is down": { happens: runsWith({ HEARTBEAT_URL: `${NOBODY}/ping` }) },
};

async function nightIn(world: string): Promise<Night> {
  const { policy } = parsePolicy(POLICY, "policy.yaml", { HEARTBEAT_URL: "https://ping.example/key" });
  const sandbox = await serveWorld({
    ...{ world, policy, faults: [], startAt: new Date(), elapsedMs: () => 0, log: () => {} },
    hasNoArchives: true,
  });
  let isHanging = false;
  const counter = await countRequests(sandbox.url, async ({ path }) => {
    if (isHanging && path.startsWith("/api/atlas")) await new Promise(() => {});
  });
  const { LITALLY_OPS_SANDBOX: _, ...world_ } = variables(counter.url); // a run that takes it for the accounts
  const isTold = (operation: string) => counter.sent.some((one) => one.operation === operation && one.status === 200);
  return {
    sandbox,
    close: async () => {
      await counter.close();
      await sandbox.close();
    },
    hang: () => {
      isHanging = true;
    },
    env: bareEnv({ ...world_, AWS_EC2_METADATA_DISABLED: "true", HEARTBEAT_URL: `${counter.url}/sandbox/pings` }),
    args: ["backup", "verify", "--heartbeat", "--config", join(folder, "policy.yaml")],
    begun: async () => {
      const isPinged = () => counter.sent.some(({ path, status }) => path.includes("/start") && status === 200);
      while (!isTold("PutMetricData") || !isPinged()) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

async function alarmState({ sandbox }: Night, kind: "missed" | "failed"): Promise<unknown> {
  const scope = "20260101/ap-south-1/monitoring/aws4_request";
  const response = await fetch(sandbox.url, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${AWS_CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=host, Signature=0`,
      "x-amz-target": "GraniteServiceVersion20100801.DescribeAlarms",
    },
    body: JSON.stringify({ AlarmNames: [`our-heartbeat-backup-verify-${kind}`] }),
  });
  const { MetricAlarms } = (await response.json()) as { MetricAlarms: readonly { StateValue: string }[] }; // the sandbox's own
  return MetricAlarms[0]?.StateValue;
}

async function heard({ sandbox }: Night): Promise<string> {
  const response = await fetch(`${sandbox.url}/sandbox/pings`);
  const { pings } = (await response.json()) as { pings: readonly { says: string; runId: string }[] }; // the sandbox's own
  expect(new Set(pings.map(({ runId }) => runId)).size).toBeLessThanOrEqual(1);
  return pings.length === 0 ? "nothing" : pings.map(({ says }) => says).join(", ");
}

const documented = readFileSync(join(ROOT, "docs/schedules.md"), "utf8")
  .split(/^## /m)
  .find((section) => section.startsWith("What each failure ends in"))
  ?.split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| what") && !line.startsWith("| ---"))
  .map((line) => line.slice(2, -2).split(" | "));

test("each row of the table is walked, and no other", () => {
  expect(documented?.map(([happening]) => happening)).toEqual(Object.keys(ROWS));
});

test.concurrent.for(documented ?? [])(
  "%s: exit %s, failed %s, missed %s, the switch hears %s",
  async (row, { onTestFinished }) => {
    const [happening = ""] = row;
    const { happens, world = "healthy" } = ROWS[happening] ?? { happens: nothing };
    const night = await nightIn(world);
    onTestFinished(night.close);
    const exitCode = await happens(night);
    const failed = await alarmState(night, "failed");
    expect(await alarmState(night, "missed")).toBe("OK");
    night.sandbox.advance(UNTIL_MISSED_MS);
    const missed = await alarmState(night, "missed");
    expect([happening, String(exitCode ?? "-"), failed, missed, await heard(night)]).toEqual(row);
  },
);
