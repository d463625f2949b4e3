/**
 * No false green: every field of every answer that `doctor --schedules` reads, CloudWatch's datapoints and GitHub's workflows, is
 * deleted, nulled, retyped, turned round, dated tomorrow or truncated, one at a time, and the verdict may stay green only for
 * fields that were reviewed and found irrelevant.
 */
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import * as doctor from "../src/commands/doctor.ts";
import { DAY_MS, SECOND_MS } from "../src/core/duration.ts";
import { worst } from "../src/core/report.ts";
import { covers, mutationsOf } from "./support/mutations.ts";
import type { Json } from "./support/replay.ts";
import { SCHEDULES_POLICY } from "./support/schedules.ts";
import { inWorld } from "./support/world.ts";

/** What no verdict rests on, or what says the same as another field that is judged. `m0` to `m4`: the questions of a schedule, in their order. */
const IRRELEVANT: Readonly<Record<string, string>> = {
  "GetMetricData.MetricDataResults[].Label": "a name; the id says what was asked",
  "GetMetricData.Messages": "words",
  "GetMetricData.MetricDataResults[#m0].Timestamps[] | negative":
    "a start that is not told of, or of long ago, belies no success that is told of",
  "GetMetricData.MetricDataResults[#m3].Timestamps[] | negative":
    "the exit code is told beside; RunSucceeded is judged",
  "GetMetricData.MetricDataResults[#m4].Timestamps[] | negative": "how long it took is told beside",
  "workflows.workflows[].name": "a name; the path says which it is",
};

/** One schedule: all are read alike. */
const POLICY = SCHEDULES_POLICY.split("\n")
  .filter((line) => !/command: (retention check|alarms audit|archive push|restore drill|doctor)/.test(line))
  .join("\n");

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

test("no change of any field turns out green unless it was reviewed", async () => {
  const world = await inWorld({ policy: POLICY });
  const answers = new Map<string, Answer>();
  let change: { readonly key: string; readonly text: string } | undefined;
  let hits = 0;
  const url = await replaying(world.sandbox.url, answers, (key) => {
    if (change?.key !== key) return undefined;
    hits += 1;
    return change.text;
  });
  const { context } = await inWorld({ policy: POLICY, at: { ...world.sandbox, url } });
  const verdict = async () => worst((await doctor.run({ schedules: true }, context)).findings);
  expect(await verdict(), "unchanged, it is green").toBe("pass");

  const green = new Set<string>();
  const used = new Set<string>();
  let runs = 0;
  for (const [key, { text }] of [...answers].filter(([, answer]) => answer.text.startsWith("{"))) {
    const name = key.split(/[ ?]/)[0]?.split("/").at(-1);
    const tree = JSON.parse(text) as Json; // the sandbox's own
    for (const { where, kind, body } of [...mutationsOf(tree), ...tomorrows(tree, context.clock.now())]) {
      change = { key, text: JSON.stringify(body) };
      hits = 0;
      const status = await verdict();
      runs += 1;
      expect(hits, `${where} was read`).toBeGreaterThan(0);
      if (status !== "pass") continue;
      const pattern = Object.keys(IRRELEVANT).find((one) => covers(one, `${name}${where}`, kind));
      if (pattern === undefined) green.add(`${name}${where} | ${kind}`);
      else used.add(pattern);
    }
  }
  expect(runs).toBeGreaterThan(250);
  expect([...green]).toEqual([]);
  expect(
    Object.keys(IRRELEVANT).filter((pattern) => !used.has(pattern)),
    "patterns that nothing needs",
  ).toEqual([]);
}, 120_000);

interface Dated {
  readonly MetricDataResults: readonly { readonly Id: string; readonly Timestamps: readonly number[] }[];
}

/** The newest and the oldest point of each series, of tomorrow. */
function* tomorrows(tree: Json, now: Date): ReturnType<typeof mutationsOf> {
  if (typeof tree !== "object" || tree === null || !("MetricDataResults" in tree)) return;
  const { MetricDataResults: results } = tree as unknown as Dated; // the sandbox's own
  const tomorrow = (now.getTime() + DAY_MS) / SECOND_MS;
  for (const [index, result] of results.entries()) {
    for (const at of [0, result.Timestamps.length - 1]) {
      const changed = { ...result, Timestamps: result.Timestamps.with(at, tomorrow) };
      const body = { ...tree, MetricDataResults: results.with(index, changed) } as Json; // as it was, but for a number
      yield { where: `.MetricDataResults[#${result.Id}].Timestamps[]`, kind: "tomorrow", body };
    }
  }
}

/** What is asked once is kept; from then on that is given, or what `changed` makes of it. */
async function replaying(
  target: string,
  answers: Map<string, Answer>,
  changed: (key: string) => string | undefined,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    let asked = "";
    for await (const chunk of incoming) asked += chunk;
    const operation = String(incoming.headers["x-amz-target"] ?? "")
      .split(".")
      .at(-1);
    const key = operation ? `${operation} ${asked}` : `${incoming.url} ${asked}`;
    const known = answers.get(key);
    if (known !== undefined) return void outgoing.writeHead(200, known.headers).end(changed(key) ?? known.text);
    const { method, url, headers } = incoming;
    send(new URL(url ?? "", target), { method, headers }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      const kept = Object.entries(answer.headers).filter(([name]) => !TRANSPORT.includes(name));
      answers.set(key, { headers: Object.fromEntries(kept) as Answer["headers"], text }); // of one value each
      outgoing.writeHead(answer.statusCode ?? 500, answer.headers).end(text);
    }).end(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
}

const TRANSPORT = ["connection", "keep-alive", "transfer-encoding", "content-length"];
