/** A source and an S3 as the pipe needs them, over real sockets, that do what a test tells them; and a pipe between them. */
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished } from "vitest";
import { TRANSFER_LIMITS, type TransferLimits } from "../../../src/adapters/transfer/limits.ts";
import type { TransferOptions } from "../../../src/adapters/transfer/tools.ts";
import { connectTransfer } from "../../../src/adapters/transfer/transfer.ts";
import { OpsError } from "../../../src/core/error.ts";
import type { UploadedPart } from "../../../src/ports/s3.ts";
import type { BodyIdentity, PushOrder, Transfer } from "../../../src/ports/transfer.ts";

const HASH_THREAD = join(import.meta.dirname, "../../../dist/hash-thread.js");
/** The credential in a source's address. */
export const CANARY = "c4n4ry-0f-the-source";
export const PART_BYTES = 4096;
const UPLOAD = { bucket: "litally-archive", key: "core/2026-10/x/rs0.tar.gz", uploadId: "upload-1" };

/** Small enough for a body of some kilobytes to meet every boundary. */
export const SMALL: TransferLimits = {
  ...TRANSFER_LIMITS,
  chunkBytes: 1024,
  chunks: 12,
  chunkMs: 200,
  headMs: 400,
  uploadIdleMs: 1000,
  lanes: 3,
  rangeBytes: 4096,
  attempts: 4,
};

export interface PipeOptions {
  readonly limits?: Partial<TransferLimits>;
  readonly signal?: AbortSignal;
}

export function pipeTo(s3Url: string, options: PipeOptions = {}): Transfer {
  const credentials = { accessKeyId: "AKIATEST", secretAccessKey: "secret" };
  return pipeWith({ settings: async () => ({ region: "ap-south-1", endpoint: s3Url, credentials }), ...options });
}

/** Closed with the test. Waits are none. */
export function pipeWith({ settings, limits, signal }: PipeOptions & Pick<TransferOptions, "settings">): Transfer {
  const transfer = connectTransfer({
    settings,
    accountId: "111122223333",
    env: {},
    clock: { now: () => new Date("2026-11-01T00:00:00Z"), sleep: async () => {} },
    signal: signal ?? new AbortController().signal,
    limits: { ...SMALL, ...limits },
    hashThread: HASH_THREAD,
  });
  onTestFinished(() => transfer.close());
  return transfer;
}

export function orderOf(url: string, identity: BodyIdentity, present: readonly UploadedPart[] = []): PushOrder {
  return { source: { url }, identity, upload: UPLOAD, partSizeBytes: PART_BYTES, present, onProgress: () => {} };
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** The SHA-256 of each part, in order. */
export function leaves(body: Buffer, partBytes = PART_BYTES): readonly string[] {
  return Array.from({ length: Math.ceil(body.length / partBytes) }, (_, index) =>
    sha256(body.subarray(index * partBytes, (index + 1) * partBytes)),
  );
}

/** The failure of a transfer; nothing of it tells the address of the source. */
export async function failure(work: Promise<unknown>): Promise<OpsError> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof OpsError)) throw error ?? new Error("it did not fail");
  for (let thing: unknown = error; thing instanceof Error; thing = thing.cause) {
    expect(`${thing.message} ${thing.stack} ${JSON.stringify(thing)}`).not.toContain(CANARY);
  }
  return error;
}

/** One file of random bytes in a tar, so that the body of an archive is about so long. */
export function archive(fileBytes: number): Buffer {
  return gzipSync(tar([{ name: "data/collection-0.wt", content: randomBytes(fileBytes) }]));
}

export interface TarEntry {
  readonly name: string;
  readonly content: Buffer;
  readonly type?: string;
  /** Instead of the content's. */
  readonly size?: string;
}

export function tar(entries: readonly TarEntry[], endBytes = 1024): Buffer {
  const blocks = entries.flatMap((entry) => {
    const padding = Buffer.alloc((512 - (entry.content.length % 512)) % 512);
    return [tarHeader(entry), entry.content, padding];
  });
  return Buffer.concat([...blocks, Buffer.alloc(endBytes)]);
}

export function tarHeader({ name, content, type = "0", size }: TarEntry): Buffer {
  const header = Buffer.alloc(512);
  header.write(name);
  header.write(size ?? `${content.length.toString(8).padStart(11, "0")}\0`, 124, "latin1");
  header.write("        ", 148);
  header.write(type, 156);
  header.write("ustar\x0000", 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export async function listen(handler: Handler, server = createServer()): Promise<string> {
  server.on("request", handler);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => stop(server));
  const { port } = server.address() as AddressInfo; // a TCP server that listens has such an address
  return `http://127.0.0.1:${port}`;
}

async function stop(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}

/** What a source does with the n-th request for bytes, from 0; the two that say what it is do not count. */
type SourceTrick = (request: {
  readonly turn: number;
  readonly from: number;
  readonly to: number;
  readonly response: ServerResponse;
}) => Trick | undefined;

/** Sends so many bytes, and then that; or says something else altogether. */
export type Trick = { readonly after: number; readonly end: "drop" | "reset" | "stall" } | { readonly answered: true };

export interface TestSource {
  readonly url: string;
  /** Of the requests for bytes: first and last (excluded). */
  readonly ranges: (readonly [number, number])[];
  body: Buffer;
  etag: string | null;
  trick: SourceTrick;
}

export async function serveSource(body: Buffer): Promise<TestSource> {
  const ranges: (readonly [number, number])[] = [];
  const url = await listen((request, response) => {
    const asked = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "");
    const isStale = request.headers["if-range"] !== undefined && request.headers["if-range"] !== source.etag;
    const from = isStale ? 0 : Number(asked?.[1] ?? 0);
    const to = isStale
      ? source.body.length
      : Math.min(Number(asked?.[2]) + 1 || Number.POSITIVE_INFINITY, source.body.length);
    if (to > 2) ranges.push([from, to]);
    const trick = to > 2 ? source.trick({ turn: ranges.length - 1, from, to, response }) : undefined;
    if (trick !== undefined && "answered" in trick) return;
    response.writeHead(isStale ? 200 : 206, {
      "content-length": to - from,
      ...(isStale ? {} : { "content-range": `bytes ${from}-${to - 1}/${source.body.length}` }),
      ...(source.etag === null ? {} : { etag: source.etag }),
    });
    if (trick === undefined) return void response.end(source.body.subarray(from, to));
    response.write(source.body.subarray(from, Math.min(from + trick.after, to)), () => {
      if (trick.end === "drop") response.destroy();
      if (trick.end === "reset") response.socket?.resetAndDestroy();
    });
  });
  const source: TestSource = {
    url: `${url}/restore.tar.gz?token=${CANARY}`,
    ranges,
    body,
    etag: '"v1"',
    trick: () => undefined,
  };
  return source;
}

/** What an S3 answers to the n-th request for a part, from 1; undefined: as S3 does. */
type S3Trick = (part: {
  readonly number: number;
  readonly turn: number;
  readonly response: ServerResponse;
}) => "answered" | undefined;

export interface TestS3 {
  readonly url: string;
  /** The parts that stand. */
  readonly parts: Map<number, Buffer>;
  /** How often each was taken, and how often it was sent. */
  readonly taken: Map<number, number>;
  readonly sent: Map<number, number>;
  /** Of the objects that can be read. */
  object: Buffer;
  readonly ranges: string[];
  partTrick: S3Trick;
  getTrick: (
    turn: number,
    range: readonly [number, number],
    response: ServerResponse,
  ) => Buffer | "answered" | undefined;
  uploaded(): readonly UploadedPart[];
  whole(): Buffer;
  /** Once nobody is connected: what a dead process had sent has been taken by then. */
  isAlone(): Promise<void>;
}

export async function serveS3(): Promise<TestS3> {
  const server = createServer();
  const url = await listen((request, response) => {
    response.setHeader("x-amz-request-id", "R1");
    if (request.method === "PUT") void takePart(s3, request, response).catch(() => response.destroy());
    else giveRange(s3, request, response);
  }, server);
  const s3: TestS3 = {
    url,
    parts: new Map(),
    taken: new Map(),
    sent: new Map(),
    object: Buffer.alloc(0),
    ranges: [],
    partTrick: () => undefined,
    getTrick: () => undefined,
    uploaded: () =>
      [...s3.parts].map(([number, bytes]) => ({
        number,
        sizeBytes: bytes.length,
        sha256: sha256(bytes),
        etag: `"${number}"`,
        uploadedAt: new Date("2026-11-01T00:00:00Z"),
      })),
    isAlone: async () => {
      const connections = () =>
        new Promise<number>((resolve, reject) =>
          server.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
        );
      while ((await connections()) > 0) await new Promise((resolve) => setTimeout(resolve, 1));
    },
    whole: () => Buffer.concat([...s3.parts].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes)),
  };
  return s3;
}

async function takePart(s3: TestS3, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const number = Number(new URL(request.url ?? "", s3.url).searchParams.get("partNumber"));
  const turn = (s3.sent.get(number) ?? 0) + 1;
  s3.sent.set(number, turn);
  if (s3.partTrick({ number, turn, response }) === "answered") return;
  const { bytes, trailers } = unframed(await buffer(request));
  expect(request.headers).toMatchObject({
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(bytes.length),
    "x-amz-expected-bucket-owner": "111122223333",
  });
  const checksum = Buffer.from(sha256(bytes), "hex").toString("base64");
  if (trailers !== `x-amz-checksum-sha256:${checksum}`) return refuse(response, 400, "BadDigest");
  s3.parts.set(number, bytes);
  s3.taken.set(number, (s3.taken.get(number) ?? 0) + 1);
  response.writeHead(200, { etag: `"${number}"`, "x-amz-checksum-sha256": checksum }).end();
}

export function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(`<Error><Code>${code}</Code></Error>`);
}

/** The bytes within frames of `<hexadecimal length>\r\n<bytes>\r\n`, and what follows the last one. */
function unframed(body: Buffer): { readonly bytes: Buffer; readonly trailers: string } {
  const frames: Buffer[] = [];
  for (let at = 0; ; ) {
    const headEnd = body.indexOf("\r\n", at);
    const length = Number.parseInt(body.toString("latin1", at, headEnd), 16);
    if (length === 0) return { bytes: Buffer.concat(frames), trailers: body.toString("latin1", headEnd + 2).trimEnd() };
    frames.push(body.subarray(headEnd + 2, headEnd + 2 + length));
    expect(body.toString("latin1", headEnd + 2 + length, headEnd + 4 + length)).toBe("\r\n");
    at = headEnd + 4 + length;
  }
}

function giveRange(s3: TestS3, request: IncomingMessage, response: ServerResponse): void {
  const range = request.headers.range ?? "";
  s3.ranges.push(range);
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(range) ?? [];
  const [from, to] = [Number(first), Number(last) + 1];
  const given = s3.getTrick(s3.ranges.length - 1, [from, to], response);
  if (given === "answered") return;
  response.writeHead(206, {
    "content-range": `bytes ${from}-${to - 1}/${s3.object.length}`,
    "content-length": to - from,
  });
  response.end(given ?? s3.object.subarray(from, to));
}
