/** Pings over the wire: what is sent, and that nothing passes for a receipt which is none. */
import { expect, onTestFinished, test } from "vitest";
import { connectPings } from "../../src/adapters/pings.ts";
import { OpsError } from "../../src/core/error.ts";
import { fakeClock, type Handler, serve } from "./atlas/harness.ts";

const SECRET = "canary-of-the-switch";
const PING = { says: 1, runId: "00000000-0000-4000-8000-0a1b2c3d4e5f", text: "verdict: FAIL - ü (exit 1)" } as const;
const LIMITS = { connectMs: 500, headersMs: 200, bodyMs: 200, bodyBytes: 1000 };

function pingsTo(url: string, signal = new AbortController().signal) {
  const clock = fakeClock();
  const pings = connectPings({ url, env: {}, clock, signal, userAgent: "us/1 (backup verify)", limits: LIMITS });
  onTestFinished(() => pings.close());
  return { clock, send: () => pings.send(PING) };
}

async function failureOf(sending: Promise<void>): Promise<OpsError | null> {
  return sending.then(
    () => null,
    (error: unknown) => (error instanceof OpsError ? error : Promise.reject(error)),
  );
}

const answers =
  (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Handler =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);

test.each(["", "/"])("a ping says who runs, how it ended, and in words (url ending %j)", async (slash) => {
  const { baseUrl, seen } = await serve(answers(200, "OK"));
  await pingsTo(`${baseUrl.origin}/${SECRET}${slash}`).send();
  expect(seen).toMatchObject([
    {
      method: "POST",
      url: `/${SECRET}/1?rid=${PING.runId}`,
      body: PING.text,
      headers: { "user-agent": "us/1 (backup verify)" },
    },
  ]);
});

test.each<readonly [string, Handler]>([
  ["200 without a body", answers(200, "")],
  ["200 in JSON", answers(200, '{"ok":true}')],
  ["201", answers(201, "Created")],
  ["500 and then 200", (_, response, number) => void response.writeHead(number === 1 ? 500 : 200).end("OK")],
])("is taken: %s", async (_, handler) => {
  const { baseUrl } = await serve(handler);
  expect(await failureOf(pingsTo(`${baseUrl.origin}/${SECRET}`).send())).toBeNull();
});

test.each<readonly [string, Handler, OpsError["kind"], number]>([
  ["a check that nobody knows", answers(200, "OK (not found)"), "rejected", 1],
  ["too many", answers(200, "OK (rate limited)"), "rejected", 1],
  ["a web page", answers(200, " <!doctype html><p>Log in"), "protocol", 1],
  ["a redirect", answers(301, "", { location: "https://elsewhere.example/" }), "protocol", 1],
  ["404", answers(404, "not found"), "rejected", 1],
  ["409", answers(409, "ambiguous slug"), "rejected", 1],
  ["429", answers(429, "slow down"), "throttled", 2],
  ["500", answers(500, "<html>"), "unavailable", 2],
  ["a reset", (_, response) => void response.socket?.resetAndDestroy(), "unavailable", 2],
  ["silence", () => undefined, "timeout", 2],
  [
    "an answer without end",
    (_, response) => {
      response.writeHead(200);
      const drip = setInterval(() => response.write(" "), 30);
      response.on("close", () => clearInterval(drip));
    },
    "timeout",
    2,
  ],
  ["an answer without bounds", (_, response) => void response.writeHead(200).end("x".repeat(2000)), "protocol", 1],
])("is not taken: %s", async (_, handler, kind, attempts) => {
  const { baseUrl, seen } = await serve(handler);
  const { send, clock } = pingsTo(`${baseUrl.origin}/${SECRET}`);
  const failure = await failureOf(send());
  expect(failure?.kind).toBe(kind);
  expect(seen).toHaveLength(attempts);
  expect(clock.slept).toHaveLength(attempts - 1);
  const all = `${failure?.message} ${failure?.hint} ${failure?.stack} ${String(failure?.cause)}`;
  expect(all).not.toContain(SECRET);
  expect(all).not.toContain("127.0.0.1");
});

test("nobody there is told without saying where", async () => {
  const failure = await failureOf(pingsTo(`http://127.0.0.1:9/${SECRET}`).send());
  expect([failure?.kind, failure?.message]).toEqual([
    "unavailable",
    "no connection to the dead man's switch (ECONNREFUSED)",
  ]);
});

test("ends with its time", async () => {
  const { baseUrl } = await serve(() => undefined);
  const late = new AbortController();
  const { send } = pingsTo(`${baseUrl.origin}/${SECRET}`, late.signal);
  const failing = failureOf(send());
  late.abort(new OpsError("timeout", "not delivered within 20 s"));
  expect((await failing)?.kind).toBe("timeout");
});
