import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ATTEMPTS_MAX } from "../../../src/adapters/http/retry.ts";
import { OpsError } from "../../../src/core/error.ts";
import { connect, digest, failure, fakeClock, type Handler, PROJECT, page, sendJson, serve } from "./harness.ts";

const ok: Handler = (_, response) => sendJson(response, 200, page([]));

/** Answers by `bad` for the first `times` requests that are authenticated, then well. */
function badFor(times: number, bad: Handler): Handler {
  return digest((request, response, number) =>
    number <= times ? bad(request, response, number) : ok(request, response, number),
  );
}

async function connected(handler: Handler) {
  const server = await serve(handler);
  return { server, ...connect(server) };
}

describe("passing failures of reads are repeated", () => {
  const passing: Record<string, Handler> = {
    "429": (_, response) => sendJson(response, 429, { error: 429, errorCode: "RATE_LIMITED_TOKEN_BUCKET" }),
    "HTML 502": (_, response) => void response.writeHead(502, { "content-type": "text/html" }).end("<html>bad</html>"),
    "503 without a body": (_, response) => void response.writeHead(503).end(),
    "a reset before the head": (_, response) => void response.socket?.resetAndDestroy(),
    "a reset within the body": (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"results":');
      setTimeout(() => response.socket?.resetAndDestroy(), 20);
    },
    "a body that ends early": (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
      response.write('{"results":');
      setTimeout(() => response.socket?.end(), 20);
    },
    "JSON cut short": (_, response) =>
      void response.writeHead(200, { "content-type": "application/json" }).end('{"results": [{"na'),
    "an empty 200": (_, response) => void response.writeHead(200, { "content-type": "application/json" }).end(),
    "no answer": () => undefined,
    "a body that never ends": (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 30);
      response.on("close", () => clearInterval(drip));
    },
  };
  it.each(Object.entries(passing))("%s", async (_, bad) => {
    const { atlas, clock } = await connected(badFor(2, bad));
    expect(await atlas.listClusters(PROJECT)).toEqual([]);
    expect(clock.slept).toHaveLength(2);
  });
});

describe("waiting", () => {
  it("waits as long as Retry-After says, in seconds", async () => {
    const { atlas, clock } = await connected(badFor(2, (_, r) => sendJson(r, 429, {}, { "retry-after": "17" })));
    await atlas.listClusters(PROJECT);
    expect(clock.slept).toEqual([17_000, 17_000]);
  });

  it("waits until the date that Retry-After names", async () => {
    const at = new Date("2026-11-22T02:00:21Z").toUTCString();
    const { atlas, clock } = await connected(badFor(1, (_, r) => sendJson(r, 503, {}, { "retry-after": at })));
    await atlas.listClusters(PROJECT);
    expect(clock.slept).toEqual([21_000]);
  });

  it("takes no notice of a Retry-After that says nothing", async () => {
    const { atlas, clock } = await connected(badFor(1, (_, r) => sendJson(r, 429, {}, { "retry-after": "soon" })));
    await atlas.listClusters(PROJECT);
    expect(clock.slept[0]).toBeLessThanOrEqual(500);
  });

  it("gives up when the budget is spent, and says so", async () => {
    const { atlas, clock } = await connected(badFor(1e9, (_, r) => sendJson(r, 429, {}, { "retry-after": "25" })));
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("throttled");
    expect(error.message).toMatch(/gave up after 3 attempts in 50\.0 s, told to wait another 25 s\)$/);
    expect(clock.slept).toEqual([25_000, 25_000]);
  });

  it("does not begin to wait for longer than the budget", async () => {
    const { atlas, clock } = await connected(badFor(1e9, (_, r) => sendJson(r, 429, {}, { "retry-after": "3600" })));
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.message).toMatch(/after 1 attempt in 0\.0 s, told to wait another 3600 s\)$/);
    expect(clock.slept).toEqual([]);
  });

  it("tells a deadline what failed before it, also to calls that come after it", async () => {
    const over = new AbortController();
    const late = new OpsError("timeout", "not done within --timeout", { hint: "longer" });
    const server = await serve(badFor(1e9, (_, r) => void r.writeHead(502).end("<html>")));
    const sleep = () => {
      over.abort(late);
      return Promise.reject(late);
    };
    const { atlas } = connect(server, { signal: over.signal, clock: { ...fakeClock(), sleep } });
    for (const list of [() => atlas.listClusters(PROJECT), () => atlas.listSnapshots(PROJECT, "core")]) {
      const error = await failure(list());
      expect(error.kind).toBe("timeout");
      expect(error.message).toMatch(
        /^not done within --timeout; the last failure was: Atlas failed at .*clusters: 502$/,
      );
      expect(error.hint).toMatch(/^longer; try again later: https:\/\/status\.mongodb\.com .*proxy/);
    }
  });

  it("asks at most so many times", async () => {
    const { atlas, server } = await connected(badFor(1e9, (_, r) => sendJson(r, 500, {}, { "retry-after": "0" })));
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("unavailable");
    expect(server.seen).toHaveLength(1 + ATTEMPTS_MAX);
  });
});

describe("stopping", () => {
  it("ends a request in flight", async () => {
    const controller = new AbortController();
    const server = await serve(() => controller.abort());
    const { atlas } = connect(server, { signal: controller.signal });
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("aborted");
    expect(server.seen).toHaveLength(1);
  });

  it("ends a wait", async () => {
    const controller = new AbortController();
    const server = await serve(
      digest((_, response) => {
        sendJson(response, 429, {}, { "retry-after": "5" });
        setTimeout(() => controller.abort(), 30);
      }),
    );
    const clock = { ...fakeClock(), sleep: (ms: number, signal?: AbortSignal) => realSleep(ms, signal) };
    const { atlas } = connect(server, { signal: controller.signal, clock });
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("aborted");
  });

  it("sends nothing once stopped", async () => {
    const server = await serve(ok);
    const { atlas } = connect(server, { signal: AbortSignal.abort() });
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("aborted");
    expect(server.seen).toEqual([]);
  });
});

describe("refusals and unreadable answers are told apart and not repeated", () => {
  const html: Handler = (_, response) => void response.writeHead(200, { "content-type": "text/html" }).end("<html>");
  const zipped: Handler = (_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-encoding": "gzip" });
    response.end(gzipSync(JSON.stringify(page([]))));
  };
  const elsewhere: Handler = (_, response) => void response.writeHead(302, { location: "http://127.0.0.1/x" }).end();
  const address = "IP_ADDRESS_NOT_ON_ACCESS_LIST";
  const cases: readonly Case[] = [
    { of: "400", by: refused(400, "INVALID", "bad name"), kind: "rejected", says: /400 INVALID: bad name$/ },
    {
      of: "403 of a role",
      by: refused(403, "NO_ROLE"),
      kind: "auth",
      says: /403 NO_ROLE/,
      hint: /"Project Read Only"/,
    },
    { of: "403 of an address", by: refused(403, address), kind: "auth", says: /403/, hint: /^this machine's address/ },
    { of: "403, no code", by: refused(403), kind: "auth", says: /403$/, hint: /Only".*access list/ },
    { of: "403, HTML", by: (_, r) => void r.writeHead(403).end("<html>"), kind: "auth", says: /clusters: 403$/ },
    { of: "404", by: refused(404, "NO_GROUP", "No group"), kind: "not-found", says: /404 NO_GROUP: No group/ },
    { of: "406", by: refused(406), kind: "protocol", says: /no longer serves this version/, hint: /upgrade/ },
    { of: "410", by: refused(410, "VERSION_GONE"), kind: "protocol", says: /410 VERSION_GONE/, hint: /upgrade/ },
    { of: "302", by: elsewhere, kind: "protocol", says: /redirected/, hint: /MONGODB_ATLAS_BASE_URL/ },
    { of: "304", by: (_, r) => void r.writeHead(304).end(), kind: "protocol", says: /no content/, hint: /a cache/ },
    { of: "200, HTML", by: html, kind: "protocol", says: /is not JSON but "text\/html"/, hint: /login page/ },
    { of: "200 of no type", by: (_, r) => void r.writeHead(200).end("{}"), kind: "protocol", says: /no stated type/ },
    { of: "200, compressed", by: zipped, kind: "protocol", says: /compressed/ },
    { of: "200, no list", by: (_, r) => sendJson(r, 200, { results: null }), kind: "protocol", says: /not a list/ },
    { of: "200, huge", by: (_, r) => sendJson(r, 200, "x".repeat(2_100_000)), kind: "protocol", says: /larger than/ },
  ];
  it.each(cases)("$of", async ({ by, kind, says, hint }) => {
    const { atlas, clock } = await connected(digest(by));
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe(kind);
    expect(error.message).toMatch(says);
    if (hint !== undefined) expect(error.hint).toMatch(hint);
    expect(clock.slept).toEqual([]);
  });

  it.each([
    ["A sentence.", "ECHO: A sentence"],
    ["And so on...", "ECHO: And so on..."],
  ])("takes the detail %j into a sentence of its own", async (detail, told) => {
    const { atlas } = await connected(digest(refused(400, "ECHO", detail)));
    const { message } = await failure(atlas.listClusters(PROJECT));
    expect(message.endsWith(told)).toBe(true);
  });

  it("makes one short, printable line of a long detail", async () => {
    const { atlas } = await connected(digest(refused(400, "X", `\u001b[31mred\n${"y".repeat(5000)}`)));
    const { message } = await failure(atlas.listClusters(PROJECT));
    expect(message.length).toBeLessThan(500);
    expect(message).not.toMatch(/[\p{Cc}]/u);
  });

  it("says that nobody listens", async () => {
    const server = await serve(ok);
    const { atlas } = connect({ baseUrl: new URL("http://127.0.0.1:1") });
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("unavailable");
    expect(error.message).toMatch(/127\.0\.0\.1:1 failed \(ECONNREFUSED\) \(gave up after \d attempts/);
    expect(server.seen).toEqual([]);
  });

  it("says that something else than HTTP answers", async () => {
    const { atlas } = await connected((_, response) => void response.socket?.end("SSH-2.0-OpenSSH_9.9\r\n"));
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("protocol");
  });
});

describe("what goes over the wire", () => {
  it("asks for the exact version of the operation, once per call, and logs without query or headers", async () => {
    const { atlas, server, log } = await connected(digest(ok));
    await atlas.listClusters(PROJECT);
    await atlas.listSnapshots(PROJECT, "litally-core");
    const [challenged, clusters, snapshots] = server.seen;
    expect(server.seen).toHaveLength(3);
    expect(atlas.requestCount()).toBe(3);
    expect(challenged?.headers.authorization).toBeUndefined();
    expect(clusters?.headers.accept).toBe("application/vnd.atlas.2024-08-05+json");
    expect(clusters?.headers["user-agent"]).toBe("litally-ops/test");
    expect(clusters?.url).toBe(`/api/atlas/v2/groups/${PROJECT}/clusters?itemsPerPage=500&pageNum=1&includeCount=true`);
    expect(snapshots?.headers.accept).toBe("application/vnd.atlas.2023-01-01+json");
    expect(log).toEqual([
      `GET /api/atlas/v2/groups/${PROJECT}/clusters 401 0 ms (attempt 1)`,
      `GET /api/atlas/v2/groups/${PROJECT}/clusters 200 0 ms (attempt 1)`,
      `GET /api/atlas/v2/groups/${PROJECT}/clusters/litally-core/backup/snapshots 200 0 ms (attempt 1)`,
    ]);
  });

  it("opens at most four connections and answers sixty calls at once", async () => {
    const ports = new Set<number | undefined>();
    const handler = digest((request, response, number) => {
      ports.add(response.socket?.remotePort);
      return ok(request, response, number);
    });
    const { atlas, server } = await connected(handler);
    await Promise.all(Array.from({ length: 60 }, () => atlas.listClusters(PROJECT)));
    expect(ports.size).toBeLessThanOrEqual(4);
    expect(server.seen).toHaveLength(61);
  });

  it("stays on one connection as long as it asks one thing after the other", async () => {
    const ports = new Set<number | undefined>();
    const guarded = digest(ok);
    const { atlas } = await connected((request, response, number) => {
      ports.add(response.socket?.remotePort);
      return guarded(request, response, number);
    });
    for (let call = 0; call < 5; call += 1) await atlas.listClusters(PROJECT);
    expect(ports.size).toBe(1);
  });

  it("does not count the wait for a free connection as silence of Atlas", async () => {
    const slow: Handler = (request, response, number) => void setTimeout(() => ok(request, response, number), 150);
    const { atlas, clock } = await connected(digest(slow));
    await Promise.all(Array.from({ length: 20 }, () => atlas.listClusters(PROJECT))); // 5 rounds: 750 ms, limit 400 ms
    expect(clock.slept).toEqual([]);
  });
});

interface Case {
  readonly of: string;
  readonly by: Handler;
  readonly kind: OpsError["kind"];
  readonly says: RegExp;
  readonly hint?: RegExp;
}

function refused(status: number, errorCode?: string, detail?: string): Handler {
  return (_, response) => sendJson(response, status, { error: status, errorCode, detail });
}

function realSleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new OpsError("aborted", "stopped"));
    });
  });
}
