import { connect } from "node:net";
import { describe, expect, it } from "vitest";
import type { Sandbox } from "../../src/sandbox/sandbox.ts";
import {
  advance,
  authorization,
  call,
  challengeOf,
  fieldsFor,
  get,
  getPath,
  media,
  PROJECT,
  post,
  type Reply,
  SEED,
  sandbox,
} from "./client.ts";

const GROUP = `/api/atlas/v2/groups/${PROJECT}`;

describe("digest", () => {
  it("challenges a request without credentials", async () => {
    const target = await sandbox();
    const reply = await call(target.url + GROUP);
    expect([reply.status, reply.json]).toEqual([
      401,
      expect.objectContaining({ error: 401, errorCode: "UNAUTHORIZED" }),
    ]);
    expect(reply.headers.get("www-authenticate")).toMatch(
      /^Digest realm="MMS Public API", domain="", nonce="[0-9a-f]{32}", algorithm=MD5, qop="auth", stale=false$/,
    );
  });

  const attempt = async (target: Sandbox, change: Partial<Parameters<typeof authorization>[0]>, uri = GROUP) => {
    const { nonce } = challengeOf(await call(target.url + uri));
    return call(target.url + uri, {
      headers: {
        accept: media("2023-01-01"),
        authorization: authorization({ ...fieldsFor(target), nonce, uri, ...change }),
      },
    });
  };

  it("lets the right answer in", async () => {
    expect((await attempt(await sandbox(), {})).status).toBe(200);
  });

  it.each([
    ["a wrong password", { password: "wrong" }],
    ["a wrong user", { username: "nobody" }],
    ["an answer for another path", { uri: `${GROUP}/clusters` }],
    ["an answer for another method", { method: "POST" }],
    ["another algorithm than asked for", { algorithm: "SHA-256" as const }],
    ["a count of zero", { nc: "00000000" }],
    ["a count that is not eight digits", { nc: "1" }],
    ["no client nonce", { cnonce: "" }],
  ])("refuses %s", async (_what, change) => {
    const reply = await attempt(await sandbox(), change);
    expect([reply.status, challengeOf(reply).stale]).toEqual([401, "false"]);
  });

  it("takes a nonce again with new counts in any order, and never a count twice", async () => {
    const target = await sandbox();
    const { nonce } = challengeOf(await call(target.url + GROUP));
    const counts = ["00000003", "00000001", "00000002", "00000001"];
    const statuses: number[] = [];
    for (const nc of counts) statuses.push((await attempt(target, { nonce, nc })).status);
    expect(statuses).toEqual([200, 200, 200, 401]);
  });

  it("calls a nonce stale that is unknown or older than five minutes", async () => {
    const target = await sandbox();
    const { nonce } = challengeOf(await call(target.url + GROUP));
    expect((await attempt(target, { nonce, nc: "00000001" })).status).toBe(200);
    await advance(target, "6m");
    for (const old of [nonce, "made-up"]) {
      const reply = await attempt(target, { nonce: old, nc: "00000002" });
      expect([reply.status, challengeOf(reply).stale]).toEqual([401, "true"]);
    }
  });

  it("speaks SHA-256 when told to", async () => {
    const target = await sandbox({ faults: ["sha256"] });
    expect(challengeOf(await call(target.url + GROUP)).algorithm).toBe("SHA-256");
    expect((await attempt(target, { algorithm: "SHA-256" })).status).toBe(200);
    expect((await attempt(target, { algorithm: "MD5" })).status).toBe(401);
  });

  it("spends a nonce after so many requests when told to", async () => {
    const target = await sandbox({ faults: ["stale=2"] });
    const { nonce } = challengeOf(await call(target.url + GROUP));
    const replies = [];
    for (const nc of ["00000001", "00000002", "00000003"]) replies.push(await attempt(target, { nonce, nc }));
    expect(replies.map((reply) => [reply.status, challengeOf(reply).stale])).toEqual([
      [200, ""],
      [200, ""],
      [401, "true"],
    ]);
  });
});

describe("service accounts", () => {
  const ask = (
    target: Sandbox,
    id = target.credentials.clientId,
    secret = target.credentials.clientSecret,
    body = "grant_type=client_credentials",
  ) =>
    call(`${target.url}/api/oauth/token`, {
      method: "POST",
      headers: {
        authorization: `Basic ${btoa(`${id}:${secret}`)}`,
        "content-type": "application/x-www-form-urlencoded",
      },
      body,
    });
  const use = (target: Sandbox, token: string) =>
    call(target.url + GROUP, { headers: { authorization: `Bearer ${token}`, accept: media("2023-01-01") } });

  it("give a token that works for an hour", async () => {
    const target = await sandbox();
    const { status, json } = await ask(target);
    expect([status, json]).toEqual([200, { access_token: expect.any(String), expires_in: 3600, token_type: "Bearer" }]);
    expect((await use(target, json.access_token)).status).toBe(200);
    await advance(target, "59m");
    expect((await use(target, json.access_token)).status).toBe(200);
    await advance(target, "1m");
    const late = await use(target, json.access_token);
    expect([late.status, late.headers.get("www-authenticate")]).toEqual([401, 'Bearer error="invalid_token"']);
  });

  it("refuse a wrong secret, a wrong form, and a token that they never gave", async () => {
    const target = await sandbox();
    expect(await ask(target, undefined, "wrong")).toMatchObject({ status: 401, json: { error: "invalid_client" } });
    expect(await ask(target, undefined, undefined, "grant_type=password")).toMatchObject({
      status: 400,
      json: { error: "invalid_request" },
    });
    expect((await use(target, "made-up")).status).toBe(401);
  });

  it("take ten requests a minute", async () => {
    const target = await sandbox();
    const statuses: number[] = [];
    for (let n = 0; n < 11; n += 1) statuses.push((await ask(target)).status);
    expect(statuses).toEqual([...Array(10).fill(200), 429]);
    const refused = await ask(target);
    expect(refused.json).toMatchObject({ errorCode: "RATE_LIMITED", parameters: ["/api/oauth/token", 10, 1] });
    expect(refused.headers.get("retry-after")).toBe("60");
    await advance(target, "1m");
    expect((await ask(target)).status).toBe(200);
  });
});

describe("versions", () => {
  const SCHEDULE = "/clusters/litally-core/backup/schedule";
  it.each([
    ["the operation's own date", media("2024-08-05"), 200, undefined],
    ["a later date", media("2025-03-12"), 200, undefined],
    ["no version", "application/json", 406, "INVALID_VERSION_DATE"],
    ["a date before the first", media("2022-01-01"), 406, "INVALID_VERSION_DATE"],
    ["a date between two versions", media("2024-01-01"), 406, "INVALID_VERSION_DATE"],
    ["a date to come", media("2030-01-01"), 406, "INVALID_VERSION_DATE"],
    ["a day that there is not", media("2025-02-30"), 406, "INVALID_VERSION_DATE"],
    ["a version that is gone", media("2023-01-01"), 410, "VERSION_GONE"],
  ])("%s", async (_what, accept, status, errorCode) => {
    const reply = await get(await sandbox(), SCHEDULE, { accept });
    expect([reply.status, reply.json.errorCode]).toEqual([status, errorCode]);
    expect(reply.headers.get("content-type")).toBe(
      status === 200 ? "application/vnd.atlas.2024-08-05+json;charset=utf-8" : "application/json",
    );
  });
});

describe("refusals", () => {
  it.each([
    [`${GROUP}/nothing`, 404, "RESOURCE_NOT_FOUND"],
    ["/api/atlas/v2/groups/ffffffffffffffffffffffff", 404, "GROUP_NOT_FOUND"],
    ["/api/atlas/v2/groups/short/clusters", 400, "INVALID_GROUP_ID"],
    [`${GROUP}/clusters/other`, 404, "CLUSTER_NOT_FOUND"],
    [`${GROUP}/clusters/other/backup/snapshots`, 404, "CLUSTER_NOT_FOUND"],
    [`${GROUP}/flexClusters/other`, 404, "CLUSTER_NOT_FOUND"],
    [`${GROUP}/clusters/litally-core/backup/snapshots/ffffffffffffffffffffffff`, 404, "RESOURCE_NOT_FOUND"],
    [`${GROUP}/clusters?itemsPerPage=0`, 400, "INVALID_QUERY_PARAMETER"],
    [`${GROUP}/clusters?itemsPerPage=501`, 400, "INVALID_QUERY_PARAMETER"],
    [`${GROUP}/clusters?pageNum=0`, 400, "INVALID_QUERY_PARAMETER"],
    [`${GROUP}/clusters?pageNum=x`, 400, "INVALID_QUERY_PARAMETER"],
    [`${GROUP}/clusters?includeCount=maybe`, 400, "INVALID_QUERY_PARAMETER"],
  ])("%s", async (path, status, errorCode) => {
    const reply = await getPath(await sandbox(), path);
    expect([reply.status, reply.json]).toEqual([
      status,
      expect.objectContaining({ error: status, errorCode, detail: expect.any(String) }),
    ]);
  });

  it("serves what is empty as empty", async () => {
    const target = await sandbox();
    expect((await get(target, "/clusters/litally-core/collectionRestoreJobs")).json).toMatchObject({
      results: [],
      totalCount: 0,
    });
    expect((await get(target, "/backupCompliancePolicy")).json).toEqual({});
    expect((await get(target, "/clusters/litally-core/backup/snapshots/shardedClusters")).json.results).toEqual([]);
  });

  it("tells the rate limit, and counts by the minute", async () => {
    const target = await sandbox();
    const left: number[] = [];
    for (let n = 0; n < 2; n += 1)
      left.push(Number((await get(target, "/clusters")).headers.get("ratelimit-remaining")));
    expect(left).toEqual([1199, 1198]);
    await advance(target, "1m");
    expect((await get(target, "/clusters")).headers.get("ratelimit-remaining")).toBe("1199");
  });

  it("has no answer for a body of a megabyte", async () => {
    const reply = await call(`${(await sandbox()).url}/sandbox/clock`, {
      method: "POST",
      body: "x".repeat(1 << 20),
    }).catch(() => undefined);
    expect([undefined, 413]).toContain(reply?.status);
  });
});

describe("pages", () => {
  it("follow each other to the end without loss or repetition", async () => {
    const target = await sandbox();
    const ids: string[] = [];
    let path: string | undefined = `${GROUP}/clusters/litally-core/backup/snapshots?itemsPerPage=7&includeCount=true`;
    let pages = 0;
    while (path !== undefined) {
      const reply: Reply = await getPath(target, path);
      expect(reply.json.totalCount).toBe(51);
      ids.push(...reply.json.results.map((one: Reply["json"]) => one.id));
      pages += 1;
      const next: string | undefined = reply.json.links.find((link: Reply["json"]) => link.rel === "next")?.href;
      path = next?.replace(target.url, "");
    }
    expect([pages, ids.length, new Set(ids).size]).toEqual([8, 51, 51]);
  });

  it("has 100 items unless told, and no count when none is wanted", async () => {
    const databases = Array.from({ length: 101 }, (_, n) => ({ ...SEED.databases[1], cluster: `c${n}` }));
    const target = await sandbox({ seed: { projectId: PROJECT, databases: databases as typeof SEED.databases } }); // [1] is there
    const first = (await get(target, "/clusters?includeCount=false")).json;
    expect([first.results.length, "totalCount" in first]).toEqual([100, false]);
    const second = (await get(target, "/clusters?pageNum=2")).json;
    expect([second.results.length, second.totalCount, second.links.map((link: Reply["json"]) => link.rel)]).toEqual([
      2,
      102,
      ["self"],
    ]);
    expect((await get(target, "/clusters?pageNum=3")).json.results).toEqual([]);
  });
});

describe("faults", () => {
  const statuses = async (target: Sandbox, count: number) => {
    const seen: number[] = [];
    for (let n = 0; n < count; n += 1) seen.push((await call(target.url + GROUP)).status);
    return seen;
  };

  it("429=N: the first N are throttled", async () => {
    const target = await sandbox({ faults: ["429=2"] });
    const first = await call(target.url + GROUP);
    expect([first.status, first.headers.get("retry-after"), first.json.errorCode]).toEqual([
      429,
      "1",
      "RATE_LIMITED_TOKEN_BUCKET",
    ]);
    expect(await statuses(target, 2)).toEqual([429, 401]);
  });

  it("429: all are", async () => {
    expect(await statuses(await sandbox({ faults: ["429"] }), 4)).toEqual([429, 429, 429, 429]);
  });

  it("500=N and html=N come one after the other", async () => {
    const target = await sandbox({ faults: ["500=1", "html=1"] });
    expect(await statuses(target, 3)).toEqual([500, 502, 401]);
    await post(target, "/sandbox/faults", { faults: ["html"] });
    const page = await call(target.url + GROUP);
    expect([page.headers.get("content-type"), page.text]).toEqual(["text/html", expect.stringContaining("<html>")]);
  });

  it("reset=N: the connection breaks off", async () => {
    const target = await sandbox({ faults: ["reset=1"] });
    await expect(call(target.url + GROUP)).rejects.toThrow();
    expect(await statuses(target, 1)).toEqual([401]);
  });

  it("hang=N: no answer, until the sandbox ends", async () => {
    const target = await sandbox({ faults: ["hang=1"] });
    await expect(call(target.url + GROUP, { signal: AbortSignal.timeout(200) })).rejects.toThrow(/timeout/);
    expect(await statuses(target, 1)).toEqual([401]);
    await post(target, "/sandbox/faults", { faults: ["hang"] });
    const hanging = call(target.url + GROUP).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 50));
    await target.close();
    expect(await hanging).toBeInstanceOf(Error);
  });

  it("slow=MS: every answer waits", async () => {
    const target = await sandbox({ faults: ["slow=300"] });
    const startedMs = performance.now();
    expect(await statuses(target, 1)).toEqual([401]);
    expect(performance.now() - startedMs).toBeGreaterThan(280);
  });

  it("truncate=N: the first good answer ends in the middle", async () => {
    const target = await sandbox({ faults: ["truncate=1"] });
    await expect(get(target, "/clusters")).rejects.toThrow();
    expect((await get(target, "/clusters")).status).toBe(200);
  });

  it("do not touch the sandbox's own endpoints, and end when taken back", async () => {
    const target = await sandbox({ faults: ["500", "slow=5000"] });
    expect((await call(`${target.url}/sandbox/clock`)).status).toBe(200);
    expect((await post(target, "/sandbox/faults", { faults: [] })).json).toEqual({ faults: [] });
    expect(await statuses(target, 1)).toEqual([401]);
  });

  it.each([["429=0"], ["429=x"], ["slow"], ["slow=99999999"], ["sha256=1"], ["stale"], ["429=1=2"]])(
    "%s cannot be read",
    async (fault) => {
      await expect(sandbox({ faults: [fault] })).rejects.toMatchObject({
        kind: "usage",
        hint: expect.stringMatching(/^write /),
      });
    },
  );

  it("names the faults there are", async () => {
    await expect(sandbox({ faults: ["rest"] })).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining('did you mean "reset"'),
      hint: expect.stringMatching(/^the faults are .*429/),
    });
    const reply = await post(await sandbox(), "/sandbox/faults", { faults: ["nonsense"] });
    expect([reply.status, reply.json.detail]).toEqual([400, expect.stringContaining("the faults are")]);
  });
});

describe("the server", () => {
  it("says so when the port is taken", async () => {
    const port = Number(new URL((await sandbox()).url).port);
    await expect(sandbox({ port })).rejects.toMatchObject({
      kind: "usage",
      message: expect.stringContaining(String(port)),
    });
  });

  it("survives requests that are none", async () => {
    const target = await sandbox();
    for (const line of [
      "GET http://elsewhere/ HTTP/1.1\r\nHost: x\r\n\r\n",
      "nonsense\r\n\r\n",
      "GET //[ HTTP/1.1\r\nHost: x\r\n\r\n",
    ]) {
      await new Promise((resolve) => {
        const socket = connect(Number(new URL(target.url).port), "127.0.0.1", () => socket.end(line));
        socket.on("close", resolve).on("error", resolve).resume();
      });
    }
    expect((await get(target, "")).status).toBe(200);
  });

  it("logs a line for each request, without credentials", async () => {
    const lines: string[] = [];
    const target = await sandbox({ log: (line) => lines.push(line) });
    await get(target, "/clusters?pageNum=1");
    expect(lines).toEqual([`GET ${GROUP}/clusters 401`, `GET ${GROUP}/clusters 200`]);
  });
});
