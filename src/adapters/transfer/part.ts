/**
 * One part on its way to S3, sent while it comes: its SHA-256 follows as a trailer, which S3 verifies before it takes the
 * part. So a part need not be held in memory, however big it is.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { type ClientRequest, Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import { refused } from "./answers.ts";
import { connectionFailure } from "./failure.ts";
import type { TransferLimits } from "./limits.ts";
import type { WireRequest } from "./wire.ts";

export interface Part {
  /** Until it resolves, the bytes must stay as they are. Never rejects: what went wrong is told at the end. */
  write(bytes: Buffer): Promise<void>;
  /** Sends the checksum; S3's ETag of the part once it has verified that. */
  finish(sha256: string): Promise<string>;
  cancel(): void;
}

export interface Uploader {
  /** To be written in pieces that each lie within one frame. */
  send(request: WireRequest, sizeBytes: number, call: string, signal: AbortSignal): Part;
  close(): void;
}

/** What S3 is told of the body before it comes. */
export function partHeaders(sizeBytes: number, frameBytes: number): Readonly<Record<string, string>> {
  const frames = Math.ceil(sizeBytes / frameBytes);
  const lastBytes = sizeBytes - (frames - 1) * frameBytes;
  const framing = (frames - 1) * (frameHead(frameBytes).length + 2) + frameHead(lastBytes).length + 2;
  return {
    "content-encoding": "aws-chunked",
    "content-length": String(sizeBytes + framing + trailer(NO_BYTES_SHA256).length),
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-decoded-content-length": String(sizeBytes),
    "x-amz-sdk-checksum-algorithm": "SHA256",
    "x-amz-trailer": CHECKSUM,
  };
}

const CHECKSUM = "x-amz-checksum-sha256";
const NO_BYTES_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

export function openUploader(limits: TransferLimits, env: Environment): Uploader {
  const { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } = env;
  const http = new HttpAgent({ keepAlive: true, timeout: limits.uploadIdleMs });
  const proxyEnv = { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY };
  const https = new HttpsAgent({ keepAlive: true, timeout: limits.uploadIdleMs, proxyEnv });
  return {
    send: ({ url, headers }, sizeBytes, call, signal) => {
      const options = { method: "PUT", headers, timeout: limits.uploadIdleMs, signal };
      const request =
        url.protocol === "https:"
          ? requestHttps(url, { ...options, agent: https })
          : requestHttp(url, { ...options, agent: http });
      return writePart(request, { sizeBytes, frameBytes: limits.chunkBytes, idleMs: limits.uploadIdleMs, call });
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}

interface Sending {
  readonly sizeBytes: number;
  readonly frameBytes: number;
  readonly idleMs: number;
  readonly call: string;
}

function writePart(request: ClientRequest, { sizeBytes, frameBytes, idleMs, call }: Sending): Part {
  const answered = answerTo(request, call);
  answered.catch(() => undefined); // told at the end
  request.on("timeout", () => {
    request.destroy(new OpsError("timeout", `nothing came or went for ${idleMs / 1000} s at ${call}`));
  });
  const unsettled = new Set<() => void>();
  let isOver = false;
  request.on("close", () => {
    isOver = true;
    for (const settle of unsettled) settle(); // what has not gone out by now never will
  });
  let sent = 0;
  return {
    write: (bytes) => {
      if (isOver) return Promise.resolve();
      return new Promise((resolve) => {
        unsettled.add(resolve);
        request.cork();
        if (sent % frameBytes === 0) request.write(frameHead(Math.min(frameBytes, sizeBytes - sent)));
        sent += bytes.length;
        request.write(bytes, () => {
          unsettled.delete(resolve);
          resolve();
        });
        if (sent % frameBytes === 0 || sent === sizeBytes) request.write("\r\n");
        request.uncork();
      });
    },
    finish: async (sha256) => {
      request.end(trailer(sha256));
      const { status, headers, text } = await answered;
      const requestId = headers["x-amz-request-id"];
      if (status !== 200) throw refused(call, status, text, typeof requestId === "string" ? requestId : undefined);
      const { etag, [CHECKSUM]: checksum } = headers;
      if (etag !== undefined && checksum === base64(sha256)) return etag;
      throw new OpsError("protocol", `what answered ${call} does not say that it verified the part`);
    },
    cancel: () => request.destroy(),
  };
}

/** Of a refusal: a few lines of XML. */
const TEXT_CHARS_MAX = 16_384;

interface PartAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** S3 may refuse before it has taken all of the body: its word is worth more than the broken connection after it. */
function answerTo(request: ClientRequest, call: string): Promise<PartAnswer> {
  return new Promise((resolve, reject) => {
    const fail = (error: unknown) => reject(connectionFailure(`AWS for ${call}`, error));
    request.on("error", fail);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("latin1");
      response.on("data", (data: string) => {
        text = (text + data).slice(0, TEXT_CHARS_MAX);
      });
      response.on("error", fail);
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
}

function frameHead(bytes: number): string {
  return `${bytes.toString(16)}\r\n`;
}

function trailer(sha256: string): string {
  return `0\r\n${CHECKSUM}:${base64(sha256)}\r\n\r\n`;
}

function base64(hex: string): string {
  return Buffer.from(hex, "hex").toString("base64");
}
