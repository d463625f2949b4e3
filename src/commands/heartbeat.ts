/**
 * The heartbeat of a run: the outside is told that it begins, and how it ended. CloudWatch has it as metrics, a dead man's
 * switch as pings. Both on means of their own, so that a run that was stopped is told of too.
 */
import { OpsError, toOpsError } from "../core/error.ts";
import { HEARTBEAT_NAMESPACE, slugOf } from "../core/heartbeat.ts";
import type { Finding } from "../core/report.ts";
import { type EndedRun, measuresOf, type RunMeasures } from "../core/run-measures.ts";
import type { Policy } from "../policy/schema.ts";
import type { MetricValue } from "../ports/cloudwatch.ts";
import type { PingTarget } from "../ports/pings.ts";
import { isMeasured } from "../rules/alarms/heartbeat.ts";
import { type Delivery, deliveryFindings } from "../rules/heartbeat.ts";
import { ourHome } from "./aws-home.ts";
import type { Beats, Context } from "./context.ts";

export interface Heartbeat {
  /** Tells that the run begins, once however often it is asked; never rejects. */
  start(): Promise<void>;
  /** Tells how it ended, `verdict` in words; the findings are about the telling itself. */
  end(run: EndedRun, verdict: string): Promise<readonly Finding[]>;
}

/** In all, retries included: a run waits no longer for its heartbeat. */
const START_LIMIT_MS = 10_000;
const END_LIMIT_MS = 20_000;

/** OpsError `config` where the policy has no heartbeat. */
export async function heartbeatOf(context: Context, command: string): Promise<Heartbeat> {
  const { ways, isScheduled } = await waysOf(context, command);
  const tell = (limitMs: number, beat: Beat): Promise<readonly Delivery[]> => {
    const beats = context.beats(limitMs);
    return Promise.all(ways.map(async (way) => ({ way: way.kind, failure: await failureOf(way.send(beats, beat)) })));
  };
  const runId = uuidOf(context.uniqueWord());
  let started: Promise<readonly Delivery[]> | undefined;
  const start = () => {
    started ??= tell(START_LIMIT_MS, { says: "start", runId, text: "", values: [["RunStarted", 1, "None"]] });
    return started;
  };
  return {
    start: async () => {
      await start();
    },
    end: async (run, verdict) => {
      const told = await start(); // one that came after the end would look like a run that goes on
      const beat = { says: run.exitCode, runId, text: verdict, values: valuesOf(measuresOf(run)) };
      const end = goesOn(run) ? null : await tell(END_LIMIT_MS, beat);
      return deliveryFindings({ command, isScheduled, start: told, end });
    },
  };
}

interface Beat {
  readonly says: "start" | number;
  readonly runId: string;
  readonly text: string;
  readonly values: readonly (readonly [metric: string, value: number, unit: MetricValue["unit"]])[];
}

interface Way {
  readonly kind: Delivery["way"];
  readonly send: (beats: Beats, beat: Beat) => Promise<void>;
}

/** What was only ordered has not succeeded yet, though nothing is wrong. */
function goesOn({ exitCode, outcome }: EndedRun): boolean {
  return exitCode === 0 && outcome?.kind === "report" && outcome.change?.state === "running";
}

interface Ways {
  readonly ways: readonly Way[];
  readonly isScheduled: boolean;
}

async function waysOf(context: Context, command: string): Promise<Ways> {
  const isRehearsal = (await context.world()) !== null;
  const loaded = await context.policy("aws", "heartbeat", ...(isRehearsal ? [] : (["pings"] as const)));
  const { policy } = loaded;
  const { heartbeat } = policy;
  if (heartbeat === undefined) {
    throw new OpsError("config", "--heartbeat: the policy has no heartbeat", {
      hint: "add heartbeat: { schedules: [{ command, every, grace }] }, or leave out --heartbeat",
    });
  }
  const index = heartbeat.schedules.findIndex((schedule) => schedule.command === command);
  const target = targetOf(heartbeat, { command, index, isWritten: (path) => loaded.lineOf(path) !== null });
  const ways = [
    ...(isMeasured(policy) ? [metricWay(policy, command)] : []),
    ...(target === undefined ? [] : [pingWay(target)]),
  ];
  return { ways, isScheduled: index !== -1 };
}

interface Asked {
  readonly command: string;
  /** Of its schedule; -1: it has none. */
  readonly index: number;
  /** Also where a rehearsal does not know what it says. */
  readonly isWritten: (path: string) => boolean;
}

/** The command's own url; else the common one, with the command's name behind it. */
function targetOf(heartbeat: NonNullable<Policy["heartbeat"]>, asked: Asked): PingTarget | undefined {
  const { command, index, isWritten } = asked;
  const name = slugOf(command);
  const own = heartbeat.schedules[index]?.url;
  if (isWritten(`heartbeat.schedules[${index}].url`)) return own === undefined ? { name } : { name, url: own };
  if (!isWritten("heartbeat.url")) return undefined;
  const common = heartbeat.url?.replace(/\/+$/, "");
  return common === undefined ? { name } : { name, url: `${common}/${name}` };
}

function metricWay(policy: Pick<Policy, "aws" | "environment">, command: string): Way {
  const dimensions = { Environment: policy.environment, Command: command };
  let isOurs = false;
  return {
    kind: "CloudWatch",
    send: async (beats, { values }) => {
      if (!isOurs) await ourHome(beats, policy);
      isOurs = true;
      const metrics = values.map(([metric, value, unit]) => ({ metric, dimensions, value, unit }));
      await (await beats.metrics()).putMetrics(HEARTBEAT_NAMESPACE, metrics);
    },
  };
}

function pingWay(target: PingTarget): Way {
  return {
    kind: "url",
    send: async (beats, { says, runId, text }) => (await beats.pings(target)).send({ says, runId, text }),
  };
}

/** Exit 0 alone is success: also what a plan found (5) is somebody's to look at. */
function valuesOf({ exitCode, durationSeconds, newestBackupAgeSeconds: age }: RunMeasures): Beat["values"] {
  return [
    ["RunSucceeded", exitCode === 0 ? 1 : 0, "None"],
    ["ExitCode", exitCode, "None"],
    ["Duration", durationSeconds, "Seconds"],
    ...(age === undefined ? [] : [["NewestBackupAge", age, "Seconds"] as const]),
  ];
}

async function failureOf(sending: Promise<void>): Promise<OpsError | null> {
  try {
    await sending;
    return null;
  } catch (error) {
    return toOpsError(error);
  }
}

/** A dead man's switch takes only UUIDs; twelve characters of chance are enough to tell the runs of a schedule apart. */
function uuidOf(word: string): string {
  return `00000000-0000-4000-8000-${word.padEnd(12, "0")}`;
}
