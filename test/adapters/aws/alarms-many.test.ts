import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "rolldown";
import { afterAll, beforeAll, expect, it } from "vitest";
import { connected, json, METRIC } from "./alarms-harness.ts";
import { type Handler, serve } from "./harness.ts";

const bundle = mkdtempSync(join(tmpdir(), "litally-ops-alarms-"));

beforeAll(async () => {
  await build({
    input: join(import.meta.dirname, "alarm-reader.ts"),
    platform: "node",
    resolve: { mainFields: ["module", "main"] },
    output: { dir: bundle, format: "esm", entryFileNames: "[name].mjs", chunkFileNames: "[name].mjs" },
    logLevel: "silent",
  });
});
afterAll(() => rmSync(bundle, { recursive: true, force: true }));

/** So many pages of a hundred alarms, made when they are asked for. */
const pages =
  (count: number): Handler =>
  (request, response) => {
    const number = Number(JSON.parse(request.body).NextToken ?? 0);
    const MetricAlarms = Array.from({ length: 100 }, (_, index) => {
      const AlarmName = `litally-${number}-${index}`;
      const AlarmArn = `arn:aws:cloudwatch:ap-south-1:111122223333:alarm:${AlarmName}`;
      return { ...METRIC, AlarmName, AlarmArn, StateReason: "because ".repeat(100) };
    });
    const next = number + 1 < count ? { NextToken: String(number + 1) } : {};
    json({ MetricAlarms, CompositeAlarms: [], LogAlarms: [], ...next })(request, response);
  };

it("2,000 alarms come in 20 calls", async () => {
  const { cloudwatch, server } = await connected(pages(20));
  let alarms = 0;
  for await (const page of cloudwatch.alarmPages("litally-", "all")) alarms += page.length;
  expect(alarms).toBe(2_000);
  expect(server.seen).toHaveLength(20);
});

it("who reads 10,000 alarms and keeps none holds no more than after the first 1,000", async () => {
  const server = await serve(pages(100));
  const { stdout } = await promisify(execFile)(process.execPath, [
    "--expose-gc",
    join(bundle, "alarm-reader.mjs"),
    server.url,
  ]);
  const { alarms, heapsBytes } = JSON.parse(stdout);
  expect(alarms).toBe(10_000);
  const grownBytes = heapsBytes.at(-1) - heapsBytes[9];
  expect(grownBytes).toBeLessThan(1024 * 1024); // kept, 9,000 alarms would be 20 times that
});

it("a list without end is given up", async () => {
  const { cloudwatch } = await connected((request, response) => {
    const NextToken = `${Number(JSON.parse(request.body).NextToken ?? 0) + 1}`;
    json({ MetricAlarms: [], CompositeAlarms: [], NextToken })(request, response);
  });
  const read = async () => {
    let pagesRead = 0;
    for await (const _page of cloudwatch.alarmPages("litally-", "all")) pagesRead += 1;
    return pagesRead;
  };
  await expect(read()).rejects.toMatchObject({ kind: "protocol", message: expect.stringContaining("2000 pages") });
});
