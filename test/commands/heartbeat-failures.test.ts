/**
 * Every way in which a scheduled run can go wrong, by the program as it is shipped, against a sandbox that evaluates the alarms over
 * what really arrived. The rows are those of docs/schedules.md: none can stand there without being walked here.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../src/core/duration.ts";
import { HEARTBEAT_NAMESPACE } from "../../src/core/heartbeat.ts";
import type { Report } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { AWS_CREDENTIALS, type Sandbox } from "../../src/sandbox/sandbox.ts";
import { SANDBOX_VARIABLES, serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { type Built, bareEnv, build, ROOT, runFile, start } from "../cli/built.ts";
import { countRequests } from "../support/counter.ts";

const HEAD = `version: 1
environment: test
atlas: { projectId: "\${ATLAS_PROJECT_ID}" }
aws: { accountId: "111122223333", region: ap-south-1 }
topics: [{ name: ops, subscriptions: [{ protocol: email, endpoint: a@b.example }] }]
alarms: { owned: our-, notify: { critical: [ops], warning: [ops] } }
`;
const DAILY = `${HEAD}databases:
  - { name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }
heartbeat:
  url: \${HEARTBEAT_URL}
  schedules: [{ command: backup verify, every: 1d, grace: 3h }]
`;
/** Of so seldom a run no alarm can tell that it was missed. */
const RARE = `${HEAD}databases:
  - { name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }], archive: financial }
archives:
  - name: financial
    bucket: our-archive
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots: [{ frequency: monthly, retain: 5y }]
    since: 2026-01
    dueWithin: 25d
heartbeat:
  schedules:
    - { command: archive push, every: 31d, grace: 5d, workflow: archive.yml }
    - { command: doctor, every: 1d, grace: 3h, workflow: nightly.yml }
`;
/** The same before the first archive is owed: then all is well, whatever day it is. */
const RARE_OWING_NONE = RARE.replace("since: 2026-01", "since: 2999-01");

/** The world's last success is somewhat less than ten hours old. */
const UNTIL_MISSED_MS = 18 * HOUR_MS;
const NOBODY = "http://127.0.0.1:9";

let built: Built;
let folder = "";
beforeAll(() => {
  built = build();
  folder = mkdtempSync(join(tmpdir(), "litally-ops-heartbeat-"));
});
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

interface Night {
  readonly sandbox: Sandbox;
  readonly policyFile: string;
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

/** By a policy that is no longer one, for whoever runs after it too. */
const runsWronged: Happening = async (night) => {
  writeFileSync(night.policyFile, "version: 2\n");
  return runs(night);
};

const timesOut: Happening = (night) => {
  night.hang();
  return runs({ ...night, args: [...night.args, "--timeout", "1s"] });
};

interface Row {
  readonly happens: Happening;
  readonly world?: string;
  readonly policy?: string;
  /** What becomes of the command that looks after it; absent: it runs each night. */
  readonly guard?: "runs in vain" | "never runs";
}

const ROWS: Readonly<Record<string, Row>> = {
  "all is well": { happens: runs },
  "it is never started": { happens: nothing },
  "its workflow is disabled": { happens: nothing },
  "it dies half-way (kill -9)": { happens: stopped("SIGKILL") },
  "it is stopped (SIGTERM)": { happens: stopped("SIGTERM") },
  "its time is over (--timeout)": { happens: timesOut },
  "no credentials of AWS": { happens: runsWith({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }) },
  "no credentials of Atlas": { happens: runsWith({ MONGODB_ATLAS_PRIVATE_API_KEY: "another" }) },
  "a finding": { happens: runs, world: "stale" },
  "it cannot look": { happens: runs, world: "forbidden-snapshots" },
  "the policy is wrong": { happens: runsWith({ HEARTBEAT_URL: "" }) },
  "CloudWatch is down": { happens: runsWith({ AWS_ENDPOINT_URL: NOBODY }) },
  "the switch is down": { happens: runsWith({ HEARTBEAT_URL: `${NOBODY}/ping` }) },
};

const RARE_ROWS: Readonly<Record<string, Row>> = {
  "all is well": { happens: runs, policy: RARE_OWING_NONE },
  "it is never started": { happens: nothing },
  "its workflow is disabled": { happens: nothing, world: "schedule-disabled" },
  "it dies half-way (kill -9)": { happens: stopped("SIGKILL") },
  "it is stopped (SIGTERM)": { happens: stopped("SIGTERM") },
  "its time is over (--timeout)": { happens: timesOut },
  "no credentials of AWS": { happens: runsWith({ AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" }) },
  "no credentials of Atlas": { happens: runsWith({ MONGODB_ATLAS_PRIVATE_API_KEY: "another" }) },
  "a finding": { happens: runs, world: "archive-no-lock" },
  "it cannot look": { happens: runs, world: "forbidden-snapshots" },
  "a variable of the policy is not set": { happens: runsWith({ ATLAS_PROJECT_ID: "" }) },
  "the policy is wrong": { happens: runsWronged, guard: "runs in vain" },
  "CloudWatch is down": { happens: runsWith({ AWS_ENDPOINT_URL: NOBODY }), policy: RARE_OWING_NONE },
  "GitHub tells `doctor` nothing": { happens: nothing, world: "workflows-unreadable" },
  "neither it nor `doctor` is started": { happens: nothing, guard: "never runs" },
};

interface Place {
  readonly world: string;
  readonly policy: string;
  /** Of the schedule. */
  readonly words: readonly string[];
}

async function nightIn({ world, policy: text, words }: Place): Promise<Night> {
  const policyFile = join(mkdtempSync(join(folder, "night-")), "policy.yaml");
  writeFileSync(policyFile, text);
  const { policy } = parsePolicy(text, "policy.yaml", {
    ...SANDBOX_VARIABLES,
    HEARTBEAT_URL: "https://ping.example/key",
  });
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
    policyFile,
    close: async () => {
      await counter.close();
      await sandbox.close();
    },
    hang: () => {
      isHanging = true;
    },
    env: bareEnv({
      ...world_,
      AWS_ENDPOINT_URL_S3: sandbox.s3Url,
      AWS_EC2_METADATA_DISABLED: "true",
      HEARTBEAT_URL: `${counter.url}/sandbox/pings`,
    }),
    args: [...words, "--heartbeat", "--config", policyFile],
    begun: async () => {
      const isPinged = () =>
        !text.includes("HEARTBEAT_URL") ||
        counter.sent.some(({ path, status }) => path.includes("/start") && status === 200);
      while (!isTold("PutMetricData") || !isPinged()) await new Promise((resolve) => setTimeout(resolve, 10));
    },
  };
}

function askCloudwatch({ sandbox }: Night, operation: string, body: object): Promise<Response> {
  const scope = "20260101/ap-south-1/monitoring/aws4_request";
  return fetch(sandbox.url, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=${AWS_CREDENTIALS.accessKeyId}/${scope}, SignedHeaders=host, Signature=0`,
      "x-amz-target": `GraniteServiceVersion20100801.${operation}`,
    },
    body: JSON.stringify(body),
  });
}

async function alarmState(night: Night, name: `${string}-${"missed" | "failed"}`): Promise<unknown> {
  const response = await askCloudwatch(night, "DescribeAlarms", { AlarmNames: [`our-heartbeat-${name}`] });
  const { MetricAlarms } = (await response.json()) as { MetricAlarms: readonly { StateValue: string }[] }; // the sandbox's own
  return MetricAlarms[0]?.StateValue;
}

async function heard({ sandbox }: Night): Promise<string> {
  const response = await fetch(`${sandbox.url}/sandbox/pings`);
  const { pings } = (await response.json()) as { pings: readonly { says: string; runId: string }[] }; // the sandbox's own
  expect(new Set(pings.map(({ runId }) => runId)).size).toBeLessThanOrEqual(1);
  return pings.length === 0 ? "nothing" : pings.map(({ says }) => says).join(", ");
}

/** The tables of docs/schedules.md that tell what each failure ends in, row by row. */
const [daily = [], rare = []] = readFileSync(join(ROOT, "docs/schedules.md"), "utf8")
  .split(/^## /m)
  .find((section) => section.startsWith("What each failure ends in"))
  ?.matchAll(/^\| what .*\n\| ---.*\n((?:\|.*\n)+)/gm)
  .map(([, rows = ""]) => rows.trimEnd().split("\n"))
  .map((rows) => rows.map((row) => row.slice(2, -2).split(" | ")))
  .toArray() ?? [[]];

test("each row of the tables is walked, and no other", () => {
  expect(daily.map(([happening]) => happening)).toEqual(Object.keys(ROWS));
  expect(rare.map(([happening]) => happening)).toEqual(Object.keys(RARE_ROWS));
});

test.concurrent.for(daily)(
  "%s: exit %s, failed %s, missed %s, the switch hears %s",
  async (row, { onTestFinished }) => {
    const [happening = ""] = row;
    const { happens, world = "healthy" } = ROWS[happening] ?? { happens: nothing };
    const night = await nightIn({ world, policy: DAILY, words: ["backup", "verify"] });
    onTestFinished(night.close);
    const exitCode = await happens(night);
    const failed = await alarmState(night, "backup-verify-failed");
    expect(await alarmState(night, "backup-verify-missed")).toBe("OK");
    night.sandbox.advance(UNTIL_MISSED_MS);
    const missed = await alarmState(night, "backup-verify-missed");
    expect([happening, String(exitCode ?? "-"), failed, missed, await heard(night)]).toEqual(row);
  },
);

/** Of the days on which `doctor` looks, the first, and those at a limit and after it: days from now, and how the docs call them. */
const GRACE_DAYS = 5;
const LATE_DAYS = 31 + GRACE_DAYS;
/** How old the world's last success of the rare schedule is. */
const SUCCEEDED_DAYS_AGO = 0.4 * 31;
const LOOKS = [
  [1, "the next day"],
  [GRACE_DAYS, null],
  [GRACE_DAYS + 1, "grace and a day later"],
  [LATE_DAYS - SUCCEEDED_DAYS_AGO, null],
  [LATE_DAYS - SUCCEEDED_DAYS_AGO + 1, "every, grace and a day after its last success"],
] as const;

/** The night's `doctor --schedules`, by the clock of the sandbox. */
async function guard({ sandbox, policyFile }: Night) {
  const env = bareEnv({ ...variables(sandbox.url) });
  const args = ["doctor", "--schedules", "--heartbeat", "--json", "--config", policyFile];
  const { exitCode, stdout } = await runFile(process.execPath, [built.bin, ...args], { env });
  const { findings = [] } = JSON.parse(stdout) as Partial<Report>; // the program's own: a report, or an error
  return { exitCode, findings: findings.filter(({ status }) => status !== "pass") };
}

/** A night on which it ran and found nothing. */
async function guarded(night: Night): Promise<void> {
  const Dimensions = [
    { Name: "Environment", Value: "test" },
    { Name: "Command", Value: "doctor" },
  ];
  const metrics = { RunStarted: 1, RunSucceeded: 1, ExitCode: 0, Duration: 2 };
  const MetricData = Object.entries(metrics).map(([MetricName, Value]) => ({ MetricName, Value, Dimensions }));
  const { status } = await askCloudwatch(night, "PutMetricData", { Namespace: HEARTBEAT_NAMESPACE, MetricData });
  expect(status).toBe(200);
}

interface Found {
  readonly what: string;
  /** The alarm of `doctor` that pages. */
  readonly pages: string;
  readonly when: string;
}

/** What becomes of it by itself: the first finding, or the silence of `doctor`. */
async function foundOut(night: Night, guarding: Row["guard"]): Promise<Found> {
  let day = 0;
  for (const [look, when] of LOOKS) {
    night.sandbox.advance((look - 1 - day) * DAY_MS);
    if (guarding === undefined) await guarded(night);
    night.sandbox.advance(DAY_MS);
    day = look;
    const { exitCode, findings } = guarding === "never runs" ? { exitCode: 0, findings: [] } : await guard(night);
    const [failed, missed] = [await alarmState(night, "doctor-failed"), await alarmState(night, "doctor-missed")];
    const pages = [...(failed === "OK" ? [] : ["failed"]), ...(missed === "OK" ? [] : ["missed"])].join(", ");
    const own = findings.filter(({ subject }) => subject === "schedule/archive push");
    const what = own.map(({ check, message }) => `${check}: ${message}`).join("\n");
    if (what !== "" || pages !== "") return { what: what || "nothing", pages, when: when ?? `day ${day}` };
    expect([exitCode, findings]).toEqual([0, []]);
  }
  return { what: "nothing", pages: "OK", when: "-" };
}

test.concurrent.for(rare)(
  "rare, %s: exit %s, failed %s, doctor finds %s, of its alarms %s, %s",
  async ([happening = "", ...row], { onTestFinished }) => {
    const { happens, world = "healthy", policy = RARE, guard: guarding } = RARE_ROWS[happening] ?? { happens: nothing };
    const night = await nightIn({ world, policy, words: ["archive", "push"] });
    onTestFinished(night.close);
    const exitCode = await happens(night);
    const failed = await alarmState(night, "archive-push-failed");
    expect(await alarmState(night, "archive-push-missed")).toBe(undefined);
    const { what, pages, when } = await foundOut(night, guarding);
    const [, , expected = ""] = row;
    const found = what.split("\n").some((line) => line.startsWith(expected)) ? expected : what;
    expect([String(exitCode ?? "-"), failed, found, pages, when]).toEqual(row);
  },
);
