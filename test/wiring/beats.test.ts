/** The means of the heartbeat end with their own time, however the outside behaves. */
import { expect, onTestFinished, test } from "vitest";
import { OpsError } from "../../src/core/error.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { beatsFor } from "../../src/wiring/beats.ts";
import { fakeClock, type Handler, serve } from "../adapters/atlas/harness.ts";

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
`;

async function beatsTo(handler: Handler, limitMs: number) {
  const { baseUrl } = await serve(handler);
  const loaded = parsePolicy(POLICY, "p.yaml", {});
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  const closers: (() => void | Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const close of closers) await close();
  });
  const beats = beatsFor({
    place: async () => ({ env: {}, policy: async () => loaded, aws: { endpoint: baseUrl.origin, credentials } }),
    opened: (port) => closers.push(() => port.close()),
    clock: fakeClock(),
    by: { version: "1.2.3", command: "backup verify" },
  })(limitMs);
  const value = { metric: "RunSucceeded", dimensions: {}, value: 1, unit: "None" } as const;
  return {
    metrics: async () => (await beats.metrics()).putMetrics("LiTallyOps", [value]),
    ping: async () => {
      const pings = await beats.pings({ url: `${baseUrl.origin}/key`, name: "backup-verify" });
      await pings.send({ says: 0, runId: "00000000-0000-4000-8000-000000000000", text: "" });
    },
  };
}

const kindOf = (sending: Promise<unknown>): Promise<string> =>
  sending.then(
    () => "told",
    (error: unknown) => (error instanceof OpsError ? error.kind : "bug"),
  );

test("silence ends after the limit", async () => {
  const { metrics, ping } = await beatsTo(() => undefined, 100);
  expect(await Promise.all([kindOf(metrics()), kindOf(ping())])).toEqual(["timeout", "timeout"]);
});

test.each<readonly [string, Handler, string]>([
  ["taken", (_, response) => void response.writeHead(200, { "x-amzn-requestid": "1" }).end("{}"), "told"],
  [
    "a page of a proxy",
    (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<p>hi"),
    "protocol",
  ],
  ["a redirect", (_, response) => void response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(), "protocol"],
  [
    "a failure that passes",
    (_, response, number) => void response.writeHead(number < 3 ? 500 : 200, { "x-amzn-requestid": "1" }).end("{}"),
    "told",
  ],
  ["a reset", (_, response) => void response.socket?.resetAndDestroy(), "unavailable"],
])("CloudWatch: %s", async (_, handler, kind) => {
  const { metrics } = await beatsTo(handler, 10_000);
  expect(await kindOf(metrics())).toBe(kind);
});
