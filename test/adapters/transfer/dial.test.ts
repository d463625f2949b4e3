/** The connections that the pipe reads from: over TLS, through a proxy, and where they cannot be made. */
import { createServer as createHttpServer } from "node:http";
import { createServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { expect, it, onTestFinished } from "vitest";
import { inspectSource, openSource } from "../../../src/adapters/transfer/source.ts";
import type { Environment } from "../../../src/core/environment.ts";
import { archive, CANARY, failure, SMALL } from "./harness.ts";
import { LOCALHOST } from "./localhost.ts";

/** Many records of TLS, several of which come with one read. */
const BODY = archive(3_000_000);

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port; // a TCP server that listens has such an address
}

/** Sends the body over TLS; the address names it as `localhost`. */
async function secureSource(): Promise<string> {
  const server = createServer(LOCALHOST, (request, response) => {
    const [, from = "0", to = "0"] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
    const bytes = BODY.subarray(Number(from), Number(to) + 1);
    const range = `bytes ${from}-${to}/${BODY.length}`;
    response.writeHead(206, { "content-range": range, "content-length": bytes.length }).end(bytes);
  });
  onTestFinished(() => server.closeAllConnections());
  return `https://localhost:${await portOf(server)}/restore.tar.gz?token=${CANARY}`;
}

/** What it was asked for. */
async function proxy(lets: "through" | "nobody") {
  const asked: string[] = [];
  const server = createHttpServer().on("connect", (request, socket) => {
    asked.push(request.url ?? "");
    if (lets === "nobody") return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const port = Number(request.url?.split(":")[1]);
    const onward = connect(port, "127.0.0.1", () => socket.write("HTTP/1.1 200 OK\r\n\r\n"));
    socket.on("error", () => onward.destroy()).pipe(onward);
    onward.on("error", () => socket.destroy()).pipe(socket);
  });
  return { asked, url: `http://user:${CANARY}@127.0.0.1:${await portOf(server)}` };
}

function trusting(): void {
  const before = getCACertificates("default");
  setDefaultCACertificates([...before, LOCALHOST.cert]);
  onTestFinished(() => setDefaultCACertificates(before));
}

async function readAll(url: string, env: Environment): Promise<Buffer> {
  const options = {
    env,
    limits: { ...SMALL, chunkMs: 5000, headMs: 5000, connectMs: 1000 },
    signal: new AbortController().signal,
  };
  const identity = await inspectSource({ url }, options);
  const wire = await openSource({ url }, identity, [0, identity.lengthBytes], options);
  const bytes = Buffer.alloc(identity.lengthBytes);
  for (let at = 0; at < bytes.length; ) {
    at += await wire.fill(bytes.subarray(at, at + 7000));
    if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  wire.close();
  return bytes;
}

it("reads over TLS", async () => {
  trusting();
  expect((await readAll(await secureSource(), {})).equals(BODY)).toBe(true);
});

it.each(["https_proxy", "HTTPS_PROXY"])("reads over TLS through %s", async (variable) => {
  trusting();
  const [url, { asked, url: proxyUrl }] = [await secureSource(), await proxy("through")];
  expect((await readAll(url, { [variable]: proxyUrl })).equals(BODY)).toBe(true);
  expect(asked).toEqual([new URL(url).host, new URL(url).host]);
});

it("goes straight where NO_PROXY says so", async () => {
  trusting();
  const { asked, url: proxyUrl } = await proxy("nobody");
  const env = { HTTPS_PROXY: proxyUrl, NO_PROXY: "localhost" };
  expect((await readAll(await secureSource(), env)).equals(BODY)).toBe(true);
  expect(asked).toEqual([]);
});

it("a certificate that nobody vouches for is no connection", async () => {
  expect(await failure(readAll(await secureSource(), {}))).toMatchObject({
    kind: "unavailable",
    message: expect.stringContaining("no trusted connection to the source"),
  });
});

it("a proxy that lets nobody through is no connection, and its password stays with us", async () => {
  const { url: proxyUrl } = await proxy("nobody");
  const error = await failure(readAll(await secureSource(), { HTTPS_PROXY: proxyUrl }));
  expect(error).toMatchObject({ kind: "unavailable" });
});

it("nobody there, and nobody who answers", async () => {
  const closed = createTcpServer();
  const port = await portOf(closed);
  await new Promise((resolve) => closed.close(resolve));
  const url = (at: number) => `http://127.0.0.1:${at}/?${CANARY}`;
  expect(await failure(readAll(url(port), {}))).toMatchObject({ kind: "unavailable" });
  const mute = await portOf(createTcpServer((socket) => onTestFinished(() => void socket.destroy())));
  const secure = `https://localhost:${mute}/?${CANARY}`;
  expect(await failure(readAll(secure, {}))).toMatchObject({ kind: "timeout" });
});

it.each(["SSH-2.0-OpenSSH\r\n\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 206 OK\r\nno header\r\n\r\n", "x".repeat(40_000)])(
  "what does not speak HTTP is no source: %.20s",
  async (said) => {
    const port = await portOf(createTcpServer((socket) => void socket.on("error", () => {}).end(said)));
    expect(await failure(readAll(`http://127.0.0.1:${port}/?${CANARY}`, {}))).toMatchObject({ kind: "protocol" });
  },
);
