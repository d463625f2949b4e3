import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { within } from "../../../src/adapters/within.ts";
import { OpsError } from "../../../src/core/error.ts";
import {
  always,
  connect,
  connectWith,
  failure,
  LIMITS,
  PERMISSIONS,
  refusingProxy,
  sandboxed,
  serve,
} from "./harness.ts";

const HANG_MS = 600_000;

describe("the network", () => {
  it("a connection that is reset is unavailable", async () => {
    const aws = connect(await serve((_request, response) => void response.socket?.resetAndDestroy()));
    for (const permission of PERMISSIONS) expect((await failure(aws.probe(permission))).kind).toBe("unavailable");
    expect((await failure(aws.identity())).kind).toBe("unavailable");
  });

  it("nobody listening is unavailable", async () => {
    const aws = connect({ url: "http://127.0.0.1:9" });
    expect(await failure(aws.identity())).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("ECONNREFUSED"),
    });
  });

  it("a name that nobody knows is unavailable", async () => {
    expect(await failure(connect({ url: "http://sandbox.invalid" }).identity())).toMatchObject({ kind: "unavailable" });
  });

  it("what is not HTTP is protocol", async () => {
    const server = createServer((socket) => socket.end("220 mail.example ESMTP\r\n"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    expect(await failure(connect({ url: `http://127.0.0.1:${port}` }).identity())).toMatchObject({ kind: "protocol" });
  });

  it("an answer cut short is no permission", async () => {
    const aws = connect(
      await serve((_request, response) => {
        response.writeHead(200, { "content-length": 1000, "x-amz-request-id": "r-1", "x-amzn-requestid": "r-1" });
        response.write("<ListBucketResult><Name>", () => response.destroy());
      }),
    );
    for (const permission of PERMISSIONS)
      expect(["unavailable", "protocol"]).toContain((await failure(aws.probe(permission))).kind);
  });
});

describe("limits", () => {
  it("an answer that never begins ends with the limit on its head", async () => {
    const aws = connect(await serve(() => {}), { limits: { ...LIMITS, headersMs: 300, callMs: HANG_MS } });
    expect(await failure(aws.identity())).toMatchObject({ kind: "timeout" });
  });

  it("an answer that never ends ends with the limit on the call", async () => {
    const aws = connect(
      await serve((_request, response) => {
        response.writeHead(200, { "x-amzn-requestid": "r-1" });
        response.write("<");
      }),
      { limits: { ...LIMITS, callMs: 300 } },
    );
    expect(await failure(aws.identity())).toMatchObject({ kind: "timeout", message: expect.stringContaining("0.3 s") });
  });

  it("reads are repeated as often as the limit says, and no more", async () => {
    const server = await serve(always(503, ""));
    await failure(connect(server, { limits: { ...LIMITS, attempts: 3 } }).identity());
    expect(server.seen).toHaveLength(3);
  });

  it("a repetition that is answered counts", async () => {
    let isFirst = true;
    const answer = sandboxed();
    const server = await serve((request, response) => {
      if (isFirst) response.writeHead(500).end();
      else answer(request, response);
      isFirst = false;
    });
    const aws = connect(server, { limits: { ...LIMITS, attempts: 2 } });
    expect(await aws.identity()).toMatchObject({ accountId: "111122223333" });
  });

  it("an abort ends a call under way, and forbids the next", async () => {
    const stop = new AbortController();
    const server = await serve(() => stop.abort());
    const aws = connect(server, { signal: stop.signal, limits: { ...LIMITS, headersMs: HANG_MS, callMs: HANG_MS } });
    expect(await failure(aws.identity())).toMatchObject({ kind: "aborted" });
    expect(await failure(aws.probe({ kind: "cloudwatch:DescribeAlarms" }))).toMatchObject({ kind: "aborted" });
    expect(server.seen).toHaveLength(1);
  });
});

describe("within", () => {
  const doing = "waiting";
  const late = (limitMs: number) => new OpsError("timeout", `over ${limitMs}`);
  const { signal } = new AbortController();

  it("hands on what the work gives or throws", async () => {
    expect(await within({ signal, limitMs: HANG_MS, doing, late }, async () => 7)).toBe(7);
    const broken = within({ signal, limitMs: HANG_MS, doing, late }, () => Promise.reject(new OpsError("auth", "no")));
    expect(await failure(broken)).toMatchObject({ kind: "auth" });
  });

  it("tells the work that its time is over", async () => {
    let told: AbortSignal | undefined;
    const endless = within({ signal, limitMs: 10, doing, late }, (ending) => {
      told = ending;
      return new Promise(() => {});
    });
    expect(await failure(endless)).toMatchObject({ kind: "timeout", message: "over 10" });
    expect(told?.aborted).toBe(true);
  });
});

describe("the proxy", () => {
  it("https goes through the proxy that the environment names", async () => {
    const proxy = await refusingProxy();
    const credentials = { accessKeyId: "AKIAX", secretAccessKey: "s" };
    const aws = connectWith({ credentials, env: { HTTPS_PROXY: proxy.url } });
    expect(await failure(aws.identity())).toMatchObject({ kind: "unavailable" });
    expect(proxy.asked).toEqual(["CONNECT sts.ap-south-1.amazonaws.com:443 HTTP/1.1"]);
  });

  it("a sandbox on loopback is asked directly", async () => {
    const aws = connect(await serve(sandboxed()), {
      env: { HTTPS_PROXY: "http://127.0.0.1:9", HTTP_PROXY: "http://127.0.0.1:9" },
    });
    expect(await aws.identity()).toMatchObject({ accountId: "111122223333" });
  });
});
