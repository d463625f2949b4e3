import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { tokenCache } from "../../../src/adapters/atlas/token-cache.ts";
import {
  ACCOUNT,
  connect,
  failure,
  type Handler,
  PROJECT,
  page,
  sendJson,
  serve,
  temporaryDirectory,
} from "./harness.ts";

const MINUTE_MS = 60_000;

/** Gives tokens t1, t2 ... and honours those that `honours` accepts. */
function atlasWithTokens(honours: (token: string) => boolean = () => true): Handler {
  let minted = 0;
  return (request, response) => {
    if (request.url === "/api/oauth/token") {
      minted += 1;
      return sendJson(response, 200, { access_token: `t${minted}`, token_type: "Bearer", expires_in: 3600 });
    }
    const token = /^Bearer (.*)$/.exec(request.headers.authorization ?? "")?.[1];
    if (token === undefined || !honours(token)) return sendJson(response, 401, { error: 401 });
    return sendJson(response, 200, page([]));
  };
}

describe("a service account", () => {
  it("mints with the raw pair, then sends the token", async () => {
    const server = await serve(atlasWithTokens());
    const { atlas } = connect(server, { credentials: ACCOUNT });
    await Promise.all([atlas.listClusters(PROJECT), atlas.listClusters(PROJECT), atlas.listClusters(PROJECT)]);
    const [mint, ...calls] = server.seen;
    expect(mint).toMatchObject({ method: "POST", url: "/api/oauth/token", body: "grant_type=client_credentials" });
    const basic = mint?.headers.authorization?.replace("Basic ", "") ?? "";
    expect(Buffer.from(basic, "base64").toString()).toBe(`${ACCOUNT.clientId}:${ACCOUNT.clientSecret}`);
    expect(mint?.headers["content-type"]).toBe("application/x-www-form-urlencoded");
    expect(calls.map(({ headers }) => headers.authorization)).toEqual(["Bearer t1", "Bearer t1", "Bearer t1"]);
  });

  it("uses the token of an earlier run, until five minutes before its end", async () => {
    const server = await serve(atlasWithTokens());
    const tokenCacheDir = temporaryDirectory();
    const first = connect(server, { credentials: ACCOUNT, tokenCacheDir });
    await first.atlas.listClusters(PROJECT);
    const second = connect(server, { credentials: ACCOUNT, tokenCacheDir });
    second.clock.advance(55 * MINUTE_MS - 1);
    await second.atlas.listClusters(PROJECT);
    expect(server.seen.map(({ url }) => url.includes("oauth"))).toEqual([true, false, false]);
    second.clock.advance(1);
    await second.atlas.listClusters(PROJECT);
    expect(server.seen.slice(3).map(({ headers }) => headers.authorization?.slice(0, 6))).toEqual(["Basic ", "Bearer"]);
  });

  it("does not share tokens between accounts or between servers", async () => {
    const tokenCacheDir = temporaryDirectory();
    const [one, two] = [await serve(atlasWithTokens()), await serve(atlasWithTokens())];
    const other = { ...ACCOUNT, clientId: "mdb_sa_id_2" };
    await connect(one, { credentials: ACCOUNT, tokenCacheDir }).atlas.listClusters(PROJECT);
    await connect(one, { credentials: other, tokenCacheDir }).atlas.listClusters(PROJECT);
    await connect(two, { credentials: ACCOUNT, tokenCacheDir }).atlas.listClusters(PROJECT);
    expect(readdirSync(tokenCacheDir)).toHaveLength(3);
    expect(two.seen[0]?.url).toBe("/api/oauth/token");
  });

  it("renews once for a 401, also when many calls meet it", async () => {
    const server = await serve(atlasWithTokens((token) => token !== "t1"));
    const { atlas } = connect(server, { credentials: ACCOUNT });
    await Promise.all([1, 2, 3, 4].map(() => atlas.listClusters(PROJECT)));
    expect(server.seen.filter(({ url }) => url === "/api/oauth/token")).toHaveLength(2);
  });

  it("does not renew again for a 401 that comes late", async () => {
    const serving = atlasWithTokens((token) => token !== "t1");
    let late = true;
    const server = await serve(async (request, response, number) => {
      if (request.headers.authorization === "Bearer t1" && late) {
        late = false;
        await new Promise((resolve) => setTimeout(resolve, 150));
      }
      return serving(request, response, number);
    });
    const { atlas } = connect(server, { credentials: ACCOUNT });
    await Promise.all([atlas.listClusters(PROJECT), atlas.listClusters(PROJECT)]);
    expect(server.seen.filter(({ url }) => url === "/api/oauth/token")).toHaveLength(2);
  });

  it("takes the second 401 for an answer", async () => {
    const server = await serve(atlasWithTokens(() => false));
    const { atlas } = connect(server, { credentials: ACCOUNT });
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("auth");
    expect(server.seen).toHaveLength(4);
  });

  it("names the OAuth error, and not what came with it", async () => {
    const server = await serve((_, response) =>
      sendJson(response, 401, { error: "invalid_client", error_description: `bad ${ACCOUNT.clientSecret}` }),
    );
    const error = await failure(connect(server, { credentials: ACCOUNT }).atlas.listClusters(PROJECT));
    expect(error.kind).toBe("auth");
    expect(error.message).toBe("Atlas gives this service account no token: 401 invalid_client");
    expect(server.seen).toHaveLength(1);
  });

  it.each([
    [403, "access_denied", /100 access tokens/],
    [400, "access_denied", /100 access tokens/],
    [403, undefined, /100 access tokens/],
    [401, "invalid_client", /^check MONGODB_ATLAS_CLIENT_ID/],
  ])("a token refused with %i %s", async (status, error, hint) => {
    const server = await serve((_, response) => sendJson(response, status, { error }));
    const refused = await failure(connect(server, { credentials: ACCOUNT }).atlas.listClusters(PROJECT));
    expect(refused).toMatchObject({ kind: "auth", hint: expect.stringMatching(hint) });
  });

  it("waits for a token endpoint that throttles", async () => {
    let refusals = 1;
    const serving = atlasWithTokens();
    const server = await serve((request, response, number) => {
      if (refusals-- > 0) return sendJson(response, 429, { errorCode: "RATE_LIMITED" }, { "retry-after": "6" });
      return serving(request, response, number);
    });
    const { atlas, clock } = connect(server, { credentials: ACCOUNT });
    await atlas.listClusters(PROJECT);
    expect(clock.slept).toEqual([6_000]);
  });

  it.each<[string, unknown]>([
    ["no token", { token_type: "Bearer", expires_in: 3600 }],
    ["another type", { access_token: "t", token_type: "mac", expires_in: 3600 }],
    ["no end", { access_token: "t", token_type: "Bearer" }],
    ["a token that would break the header", { access_token: "t\r\nx: y", token_type: "Bearer", expires_in: 3600 }],
    ["not an object", "t"],
  ])("refuses a grant with %s", async (_, grant) => {
    const server = await serve((_request, response) => sendJson(response, 200, grant));
    const error = await failure(connect(server, { credentials: ACCOUNT }).atlas.listClusters(PROJECT));
    expect(error.kind).toBe("protocol");
  });

  it("works, and says so, where nothing can be kept", async () => {
    const server = await serve(atlasWithTokens());
    const tokenCacheDir = join(temporaryDirectory(), "file");
    writeFileSync(tokenCacheDir, "");
    const { atlas, log } = connect(server, { credentials: ACCOUNT, tokenCacheDir });
    await atlas.listClusters(PROJECT);
    expect(log.join("\n")).toMatch(/token cache: not saved/);
  });
});

describe("the token cache", () => {
  const token = { token: "abc", freshUntil: new Date("2026-11-22T03:00:00Z") };
  const quiet = () => undefined;

  it("keeps a token in a file for its owner alone", async () => {
    const directory = join(temporaryDirectory(), "new", "deeper");
    const cache = tokenCache(directory, ["a"], quiet);
    expect(await cache.load()).toBeUndefined();
    await cache.save({ ...token, token: "old" });
    await cache.save(token);
    expect(await cache.load()).toEqual(token);
    expect(await tokenCache(directory, ["b"], quiet).load()).toBeUndefined();
    const [name = "", ...others] = readdirSync(directory);
    expect(others).toEqual([]);
    expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
  });

  const spoil: Record<string, (path: string) => void> = {
    "readable by others": (path) => chmodSync(path, 0o644),
    "writable by the group": (path) => chmodSync(path, 0o620),
    "cut short": (path) => writeFileSync(path, readFileSync(path, "utf8").slice(0, 20)),
    "of another shape": (path) => writeFileSync(path, JSON.stringify({ token: 1, freshUntil: "2026" })),
    "a pipe that nobody writes to": (path) => {
      unlinkSync(path);
      execFileSync("sh", ["-c", 'mkfifo -m 600 "$0"', path]);
    },
    "too large": (path) => writeFileSync(path, JSON.stringify({ ...token, more: "x".repeat(20_000) })),
  };
  it.each(Object.entries(spoil))("ignores a file that is %s", async (_, change) => {
    const directory = temporaryDirectory();
    const lines: string[] = [];
    const cache = tokenCache(directory, ["a"], (line) => lines.push(line));
    await cache.save(token);
    change(join(directory, readdirSync(directory)[0] ?? ""));
    expect(await cache.load()).toBeUndefined();
    expect(lines).toHaveLength(1);
  });

  it("follows no link", async () => {
    const directory = temporaryDirectory();
    const cache = tokenCache(directory, ["a"], quiet);
    await cache.save(token);
    const name = readdirSync(directory)[0] ?? "";
    const elsewhere = join(directory, "elsewhere");
    mkdirSync(elsewhere);
    symlinkSync(join(directory, name), join(elsewhere, name));
    expect(existsSync(join(elsewhere, name))).toBe(true);
    expect(await tokenCache(elsewhere, ["a"], quiet).load()).toBeUndefined();
  });
});
