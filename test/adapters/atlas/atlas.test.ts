import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { skewMeter } from "../../../src/adapters/atlas/skew.ts";
import { known } from "../../../src/core/observed.ts";
import { ACCOUNT, connect, digest, failure, type Handler, KEY, PROJECT, page, sendJson, serve } from "./harness.ts";

describe("every method asks its operation", () => {
  const bodies: Handler = (request, response) => {
    if (/\/clusters\/core$/.test(request.url.split("?")[0] ?? "")) return sendJson(response, 200, { name: "core" });
    if (request.url.includes("/backup/schedule")) return sendJson(response, 200, { policies: [] });
    return sendJson(response, 200, page([{ name: "core", id: "1" }]));
  };

  it("path by path", async () => {
    const server = await serve(digest(bodies));
    const { atlas } = connect(server);
    expect(await atlas.listClusters(PROJECT)).toHaveLength(1);
    expect((await atlas.getCluster(PROJECT, "core")).name).toBe("core");
    expect(await atlas.listFlexClusters(PROJECT)).toHaveLength(1);
    expect((await atlas.getSchedule(PROJECT, "core")).items).toEqual(known([]));
    expect((await atlas.listSnapshots(PROJECT, "core"))[0]?.id).toEqual(known("1"));
    expect((await atlas.listShardedSnapshots(PROJECT, "core"))[0]?.members.known).toBe(false);
    expect(await atlas.listFlexSnapshots(PROJECT, "core")).toHaveLength(1);
    const asked = server.seen.slice(1).map(({ url, headers }) => {
      const path = new URL(url, server.baseUrl).pathname.replace(`/api/atlas/v2/groups/${PROJECT}`, "");
      return `${path} ${/\d{4}-\d\d-\d\d/.exec(headers.accept ?? "")?.[0]}`;
    });
    expect(asked).toEqual([
      "/clusters 2024-08-05",
      "/clusters/core 2024-08-05",
      "/flexClusters 2024-11-13",
      "/clusters/core/backup/schedule 2024-08-05",
      "/clusters/core/backup/snapshots 2023-01-01",
      "/clusters/core/backup/snapshots/shardedClusters 2023-01-01",
      "/flexClusters/core/backup/snapshots 2024-11-13",
    ]);
  });

  it("an answer about another cluster is refused", async () => {
    const server = await serve(digest((_, response) => sendJson(response, 200, { name: "other" })));
    expect((await failure(connect(server).atlas.getCluster(PROJECT, "core"))).kind).toBe("protocol");
  });

  it.each([null, [], "x", 7])("%j is no cluster and no schedule", async (body) => {
    const server = await serve(digest((_, response) => sendJson(response, 200, body)));
    const { atlas } = connect(server);
    expect((await failure(atlas.getCluster(PROJECT, "core"))).kind).toBe("protocol");
    expect((await failure(atlas.getSchedule(PROJECT, "core"))).kind).toBe("protocol");
  });
});

describe("probe", () => {
  const probes = [{ kind: "project" }, { kind: "backup-manager", clusterName: "core" }, { kind: "owner" }] as const;
  const answering = async (status: number, errorCode?: string) => {
    const server = await serve(digest((_, response) => sendJson(response, status, { error: status, errorCode })));
    return { server, ...connect(server) };
  };

  it.each(probes)("$kind: true when it may be read, false on 403", async (probe) => {
    expect(await (await answering(200)).atlas.probe(PROJECT, probe)).toBe(true);
    expect(await (await answering(403, "USER_UNAUTHORIZED")).atlas.probe(PROJECT, probe)).toBe(false);
  });

  it("says nothing about roles when the address is not listed, or the project is not there", async () => {
    const unlisted = await answering(403, "ORG_REQUIRES_ACCESS_LIST");
    expect((await failure(unlisted.atlas.probe(PROJECT, { kind: "owner" }))).kind).toBe("auth");
    const absent = await answering(404, "GROUP_NOT_FOUND");
    expect((await failure(absent.atlas.probe(PROJECT, { kind: "project" }))).kind).toBe("not-found");
  });

  it("reads what demands the role", async () => {
    const { atlas, server } = await answering(200);
    for (const probe of probes) await atlas.probe(PROJECT, probe);
    const paths = server.seen.slice(1).map(({ url }) => url.replace(`/api/atlas/v2/groups/${PROJECT}`, ""));
    expect(paths).toEqual(["", "/clusters/core/backup/restoreJobs?itemsPerPage=1", "/backupCompliancePolicy"]);
  });
});

describe("clock skew", () => {
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 22, 2, 0, seconds));

  it("is taken from the answer with the shortest round trip", () => {
    const meter = skewMeter();
    expect(meter.read().known).toBe(false);
    meter.observe(at(30).toUTCString(), at(0), at(4));
    expect(meter.read()).toEqual(known({ skewMs: 28_500, uncertaintyMs: 2_500 }));
    meter.observe(at(31).toUTCString(), at(5), at(5));
    meter.observe(at(99).toUTCString(), at(6), at(9));
    expect(meter.read()).toEqual(known({ skewMs: 26_500, uncertaintyMs: 500 }));
  });

  it.each([undefined, "", "yesterday", "2026-11-22T02:00:00Z", ["a", "b"]])("is not read from %j", (header) => {
    const meter = skewMeter();
    meter.observe(header, at(0), at(1));
    expect(meter.read().known).toBe(false);
  });

  it("is known after one call", async () => {
    const server = await serve((_, response) => {
      response.setHeader("date", "Sun, 22 Nov 2026 02:10:00 GMT");
      sendJson(response, 200, page([]));
    });
    const { atlas } = connect(server);
    expect(atlas.clockSkew().known).toBe(false);
    await atlas.listClusters(PROJECT);
    expect(atlas.clockSkew()).toEqual(known({ skewMs: 600_500, uncertaintyMs: 500 }));
  });
});

describe("a proxy", () => {
  async function startProxy() {
    const tunnels: string[] = [];
    const proxy = createServer();
    proxy.on("connect", (request, socket) => {
      tunnels.push(request.url ?? "");
      socket.end("HTTP/1.1 403 Forbidden\r\n\r\n");
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void proxy.close());
    const { port } = proxy.address() as AddressInfo; // a TCP server that listens has such an address
    return { url: `http://user:canary-proxy@127.0.0.1:${port}`, tunnels };
  }
  const baseUrl = new URL("https://atlas.invalid");

  it("is used for https, and what it refuses is unavailable", async () => {
    const { url, tunnels } = await startProxy();
    const { atlas, log } = connect({ baseUrl }, { env: { HTTPS_PROXY: url }, budgetMs: 0 });
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("unavailable");
    expect(tunnels).toEqual(["atlas.invalid:443"]);
    expect(error.message + log.join()).not.toContain("canary");
  });

  it("is left out for the hosts of NO_PROXY, and for loopback", async () => {
    const { url, tunnels } = await startProxy();
    const env = { HTTPS_PROXY: url, NO_PROXY: ".invalid" };
    await failure(connect({ baseUrl }, { env, budgetMs: 0 }).atlas.listClusters(PROJECT));
    const server = await serve((_, response) => sendJson(response, 200, page([])));
    await connect(server, { env: { HTTPS_PROXY: url, HTTP_PROXY: url } }).atlas.listClusters(PROJECT);
    expect(tunnels).toEqual([]);
  });

  it("that is no URL is named without being shown", async () => {
    const { atlas } = connect({ baseUrl }, { env: { https_proxy: "canary-proxy" } });
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("config");
    expect(error.message).not.toContain("canary");
  });
});

describe("secrets stay where they are", () => {
  /** Repeats everything that it was sent, in every way that an answer can. */
  const echo =
    (secret: string): Handler =>
    (request, response, number) => {
      const sent = JSON.stringify(request);
      const basic = Buffer.from(request.headers.authorization?.replace(/^Basic /, "") ?? "", "base64").toString();
      const status = [400, 403, 404, 409, 500, 429, 200][number % 7] ?? 400;
      const detail = `${request.headers.authorization} ${basic} ${secret} ${sent}`;
      sendJson(response, status, { error: status, errorCode: "ECHO", detail, results: detail, name: 7 });
    };
  const account: Handler = (request, response, number) => {
    if (request.url !== "/api/oauth/token") return echo(ACCOUNT.clientSecret)(request, response, number);
    sendJson(response, 200, { access_token: "canary-token-1", token_type: "Bearer", expires_in: 3600 });
  };

  it.each([
    ["an API key", KEY, digest(echo(KEY.privateKey))],
    ["a service account", ACCOUNT, account],
    ["a service account that gets no token", ACCOUNT, echo(ACCOUNT.clientSecret)],
  ] as const)("%s", async (_, credentials, handler) => {
    const server = await serve(handler);
    const { atlas, log } = connect(server, { credentials, budgetMs: 0 });
    for (let call = 0; call < 8; call += 1) {
      const error = await failure(atlas.listClusters(PROJECT));
      const basic = Buffer.from(`${ACCOUNT.clientId}:${ACCOUNT.clientSecret}`).toString("base64");
      const shown = [
        error.message,
        error.hint,
        error.stack,
        JSON.stringify(error),
        JSON.stringify(error.cause),
        ...log,
      ].join();
      expect(shown).not.toMatch(/canary|sk_canary/);
      expect(shown).not.toContain(basic);
    }
    expect(JSON.stringify(atlas)).not.toMatch(/canary/);
  });
});
