import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { selectChallenge } from "../../../src/adapters/atlas/digest.ts";
import { digestHeader } from "../../../src/adapters/atlas/digest-header.ts";
import {
  connect,
  type DigestOptions,
  digest,
  failure,
  type Handler,
  KEY,
  PROJECT,
  page,
  sendJson,
  serve,
} from "./harness.ts";

const ok: Handler = (_, response) => sendJson(response, 200, page([]));

async function guarded(options: DigestOptions = {}) {
  const server = await serve(digest(ok, options));
  return { server, ...connect(server) };
}

function countsSeen(seen: readonly { readonly headers: { readonly authorization?: string | undefined } }[]) {
  return seen.map(({ headers }) => /nc=(\w+)/.exec(headers.authorization ?? "")?.[1]);
}

describe("against a strict server", () => {
  it.each(["MD5", "SHA-256"] as const)("%s: one challenge, then the count goes up", async (algorithm) => {
    const { atlas, server } = await guarded({ algorithm });
    for (let call = 0; call < 3; call += 1) await atlas.listClusters(PROJECT);
    expect(countsSeen(server.seen)).toEqual([undefined, "00000001", "00000002", "00000003"]);
  });

  it("counts in hexadecimal", async () => {
    const { atlas, server } = await guarded();
    for (let call = 0; call < 17; call += 1) await atlas.listClusters(PROJECT);
    expect(countsSeen(server.seen).at(-1)).toBe("00000011");
  });

  it("asks for one challenge when many calls start at once", async () => {
    const { atlas, server } = await guarded();
    await Promise.all(Array.from({ length: 12 }, () => atlas.listClusters(PROJECT)));
    expect(server.seen).toHaveLength(13);
    expect(new Set(countsSeen(server.seen)).size).toBe(13);
  });

  it("takes a new nonce when the old one is used up", async () => {
    const { atlas, server } = await guarded({ nonceUses: 2 });
    for (let call = 0; call < 5; call += 1) await atlas.listClusters(PROJECT);
    const counts = countsSeen(server.seen).slice(1);
    expect(counts).toEqual(["1", "2", "3", "1", "2", "3", "1"].map((count) => count.padStart(8, "0")));
  });

  it("serves many calls at once through nonces that are used up", async () => {
    const { atlas } = await guarded({ nonceUses: 40 });
    for (let round = 0; round < 5; round += 1) {
      await Promise.all(Array.from({ length: 10 }, () => atlas.listClusters(PROJECT)));
    }
  });

  it("knows a server without qop", async () => {
    const { atlas, server } = await guarded({ legacy: true });
    await atlas.listClusters(PROJECT);
    await atlas.listClusters(PROJECT);
    expect(server.seen).toHaveLength(3);
    expect(server.seen[1]?.headers.authorization).not.toMatch(/qop|nc=|cnonce/);
  });

  const forms: Record<string, (nonce: string) => string | string[]> = {
    "op instead of qop": (n) =>
      `Digest realm="MMS Public API", domain="", nonce="${n}", algorithm=MD5, op="auth", stale=false`,
    "lower case, odd spaces": (n) => `digest  REALM="MMS Public API" ,nonce="${n}",QOP="auth-int, auth"`,
    "a list of schemes in one line": (n) =>
      `Basic realm="a, Digest nonce=b", Digest realm="MMS Public API", nonce="${n}", qop="auth", Negotiate`,
    "several headers": (n) => ["Bearer", `Digest realm="MMS Public API", nonce="${n}", qop=auth`],
    "an unknown algorithm first": (n) => [
      `Digest realm="other", nonce="x", qop="auth", algorithm=SHA-512-256`,
      `Digest realm="MMS Public API", nonce="${n}", qop="auth", algorithm=MD5`,
    ],
  };
  it.each(Object.entries(forms))("understands a challenge with %s", async (_, challengeOf) => {
    const { atlas, server } = await guarded({ challengeOf });
    await atlas.listClusters(PROJECT);
    expect(server.seen).toHaveLength(2);
  });

  it("prefers SHA-256 to MD5", async () => {
    const both = (nonce: string) =>
      ["MD5", "SHA-256"].map((a) => `Digest realm="MMS Public API", nonce="${nonce}", qop="auth", algorithm=${a}`);
    const { atlas, server } = await guarded({ algorithm: "SHA-256", challengeOf: both });
    await atlas.listClusters(PROJECT);
    expect(server.seen[1]?.headers.authorization).toMatch(/algorithm=SHA-256/);
  });

  it.each([1, 2, 10])("gets through where a nonce serves %d requests, with sixty at once", async (nonceUses) => {
    const { atlas } = await guarded({ nonceUses });
    const all = await Promise.all(Array.from({ length: 60 }, () => atlas.listClusters(PROJECT)));
    expect(all).toHaveLength(60);
  });

  it("gives up where every nonce is stale at once", async () => {
    const { atlas, server } = await guarded({ nonceUses: 0 });
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("auth");
    expect(server.seen).toHaveLength(5); // a challenge, an answer, and three renewals
  });

  it("gives up on a wrong key after a challenge, an answer and one more", async () => {
    const { atlas, server, clock } = await guarded({ privateKey: "another" });
    const error = await failure(atlas.listClusters(PROJECT));
    expect(error.kind).toBe("auth");
    expect(error.hint).toMatch(/the key/);
    expect(server.seen).toHaveLength(3);
    expect(clock.slept).toEqual([]);
  });

  it("gives up on a 401 without a challenge that it can meet", async () => {
    const server = await serve((_, response) => {
      response.writeHead(401, { "www-authenticate": 'Basic realm="x"' });
      response.end("<html>no</html>");
    });
    const { atlas } = connect(server);
    expect((await failure(atlas.listClusters(PROJECT))).kind).toBe("auth");
    expect(server.seen).toHaveLength(1);
    expect(server.seen[0]?.headers.authorization).toBeUndefined();
  });

  it("lets the next call ask when the first challenge fails", async () => {
    let resets = 0;
    const server = await serve((request, response, number) => {
      if (resets++ === 0) return void response.socket?.resetAndDestroy();
      return guard(request, response, number);
    });
    const guard = digest(ok);
    const { atlas } = connect(server);
    await Promise.all([1, 2, 3].map(() => atlas.listClusters(PROJECT)));
    expect(server.seen.length).toBe(5);
  });
});

describe("the header", () => {
  it("matches the examples of RFC 7616", () => {
    const key = { publicKey: "Mufasa", privateKey: "Circle of Life" };
    const request = {
      method: "GET",
      uri: "/dir/index.html",
      count: 1,
      clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    };
    const challenge = {
      realm: "http-auth@example.org",
      nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
      qop: "auth",
      opaque: "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS",
      stale: false,
    } as const;
    expect(digestHeader(key, { ...challenge, algorithm: "MD5" }, request)).toContain(
      'response="8ca523f5e9506fed4657c9700eebdbec"',
    );
    expect(digestHeader(key, { ...challenge, algorithm: "SHA-256" }, request)).toContain(
      'response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"',
    );
  });

  it("unquotes and quotes again", () => {
    const challenge = selectChallenge(['Digest realm="a \\"b\\" c", nonce="x,y=z"']);
    expect(challenge).toEqual({
      realm: 'a "b" c',
      nonce: "x,y=z",
      algorithm: "MD5",
      qop: null,
      opaque: undefined,
      stale: false,
    });
    if (challenge === undefined) return;
    const request = { method: "GET", uri: "/", count: 1, clientNonce: "c" };
    expect(digestHeader(KEY, challenge, request)).toContain('realm="a \\"b\\" c"');
  });

  it.each([
    "",
    "Digest",
    'Digest realm="x"',
    'Digest nonce="x"',
    'Digest realm="x", nonce=""',
    'Digest realm="x", nonce="y", qop="auth-int"',
    'Digest realm="x", nonce="y", algorithm=MD5-sess',
    'Basic realm="x", nonce="y"',
    'realm="x", nonce="y"',
    'Digest realm="x, nonce=y',
  ])("finds nothing to answer in %j", (header) => {
    const found = selectChallenge([header]);
    if (found !== undefined) expect(found).toMatchObject({ nonce: "y" });
    else expect(found).toBeUndefined();
  });

  it("never throws, whatever the header", () => {
    const piece = fc.oneof(
      fc.string(),
      fc.constantFrom("Digest ", 'realm="', "nonce=", ",", "\\", '"', "=", "qop=auth "),
    );
    fc.assert(
      fc.property(fc.array(fc.array(piece).map((parts) => parts.join(""))), (headers) => {
        const found = selectChallenge(headers);
        expect(found === undefined || found.nonce.length > 0).toBe(true);
      }),
    );
  });
});
