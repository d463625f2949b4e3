/** One request from its arrival to its answer: signature, operation, permission, bucket, and the operation itself. */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { type Elements, xml } from "../aws-wire.ts";
import { hear } from "../heard.ts";
import { age } from "./ageing.ts";
import type { Call, Reply, Store } from "./call.ts";
import { openBody, readText } from "./incoming.ts";
import type { BucketRecord } from "./model.ts";
import { findOperation, type Operation } from "./operations.ts";
import { Refusal } from "./refusal.ts";
import { type Request, readRequest } from "./request.ts";
import { type Account, verifySignature } from "./signature.ts";
import { parseXml } from "./xml.ts";

export interface ServiceOptions {
  readonly store: Store;
  readonly account: Account;
  /** Actions, as IAM policies write them, that the credentials may not do. */
  readonly denied: readonly string[];
  readonly settle: () => Promise<void>;
  readonly log: (line: string) => void;
}

/** An HTTP server that is not listening yet. */
export function createS3Server(options: ServiceOptions): Server {
  const listener = (message: IncomingMessage, response: ServerResponse) => {
    serve(options, message, response).catch((error: unknown) => {
      options.log(`S3 ${message.method} ${message.url}: ${error instanceof Error ? error.message : String(error)}`);
      response.destroy(); // a body that broke off, on its way in or out
    });
  };
  // a part at the speed of a slow line takes longer than any request of Node's own limit
  const server = createServer({ requestTimeout: 0 }, listener);
  server.on("checkContinue", listener); // a client that waits before it sends is told first whether it may
  return server;
}

async function serve(options: ServiceOptions, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const requestId = randomBytes(8).toString("hex").toUpperCase();
  const { reply, name } = await answer(options, message, response).catch((error: unknown) => ({
    reply: refused(error, options, message, requestId),
    name: "refused",
  }));
  options.log(`S3 ${message.method} ${message.url?.split("?")[0]} ${name} ${reply.status ?? 200}`);
  await send(options.store, reply, requestId, message, response);
}

async function answer(
  options: ServiceOptions,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<{ readonly reply: Reply; readonly name: string }> {
  const { store, account, denied } = options;
  await options.settle();
  const request = readRequest(message);
  verifySignature(request, account);
  requireNothingElse(request, store.accountId);
  const operation = findOperation(request);
  const actions = operation.actions(request);
  const { bucket: resource } = request;
  hear({ userAgent: request.header("user-agent"), service: "s3", operation: operation.name, resource, actions });
  const bucket = findBucket(store, request, operation, account.region);
  age(store, bucket);
  const forbidden = actions.find((action) => denied.includes(action));
  if (forbidden !== undefined) throw new Refusal("AccessDenied", `The sandbox does not allow ${forbidden}.`);
  const call: Call = {
    store,
    request,
    bucket,
    body: (wanted) => openBody(request, message, response, { ...wanted, headersAreOfBody: true }),
    xml: async (root) => {
      const headersAreOfBody = operation.name !== "CompleteMultipartUpload";
      const wanted = { md5: false, algorithm: null, headersAreOfBody };
      return parseXml(await readText(openBody(request, message, response, wanted), MAX_XML_BYTES), root);
    },
  };
  return { reply: await operation.answer(call), name: operation.name };
}

/** Ten thousand parts with a checksum each fit in well. */
const MAX_XML_BYTES = 4 * 1024 * 1024;

function findBucket(store: Store, request: Request, operation: Operation, region: string): BucketRecord {
  const bucket = store.ledger.bucket(request.bucket);
  if (bucket === undefined)
    throw new Refusal("NoSuchBucket", "The specified bucket does not exist", {
      details: { BucketName: request.bucket },
    });
  if (bucket.region === region || operation.name === "GetBucketLocation") return bucket;
  throw new Refusal(
    "PermanentRedirect",
    "The bucket you are attempting to access must be addressed using the specified endpoint.",
    {
      details: { Bucket: bucket.name },
      headers: { "x-amz-bucket-region": bucket.region },
    },
  );
}

/** Headers that would mean something, and that nothing here looks at: better refused than passed over. */
const NOT_SIMULATED =
  /^x-amz-(tagging$|object-lock-legal-hold|website-redirect-location|grant-|mfa|security-token|write-offset|if-match-|server-side-encryption-(customer|context)|copy-source-(if-none-match|if-modified|if-unmodified|server-side))|^if-(un)?modified-since$/;

function requireNothingElse(request: Request, accountId: string): void {
  const other = Object.keys(request.headers).find((name) => NOT_SIMULATED.test(name));
  if (other !== undefined) throw new Refusal("NotImplemented", `The sandbox knows no ${other}.`);
  const acl = request.header("x-amz-acl") ?? "private";
  if (acl !== "private" && acl !== "bucket-owner-full-control")
    throw new Refusal("NotImplemented", "The sandbox has no ACLs.");
  const owners = ["x-amz-expected-bucket-owner", "x-amz-source-expected-bucket-owner"].map(request.header);
  if (owners.some((owner) => owner !== undefined && owner !== accountId))
    throw new Refusal("AccessDenied", "Access Denied");
}

/** A refusal as S3 words it; anything else goes on being thrown. */
function refused(error: unknown, { denied }: ServiceOptions, message: IncomingMessage, requestId: string): Reply {
  if (!(error instanceof Refusal)) throw error;
  // who may not list a bucket is not told what is missing from it
  const isSecret = error.code === "NoSuchKey" && denied.includes("s3:ListBucket");
  const {
    code,
    status,
    headers,
    details,
    message: text,
  } = isSecret ? new Refusal("AccessDenied", "Access Denied") : error;
  if (status === 304) return { status, headers };
  const where: Elements = { Resource: message.url?.split("?")[0] ?? "", RequestId: requestId, HostId: HOST_ID };
  return { status, headers, xml: { Error: { Code: code, Message: text, ...details, ...where } } };
}

const HOST_ID = "sandbox";
const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

async function send(
  store: Store,
  { status = 200, headers = {}, xml: elements, content }: Reply,
  requestId: string,
  message: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = elements === undefined ? "" : xml(elements, status < 300 ? NAMESPACE : undefined);
  const isWaiting = message.headers.expect !== undefined && !message.complete;
  const told = Object.entries({
    Date: new Date(store.nowMs()).toUTCString(),
    Server: "AmazonS3",
    "x-amz-request-id": requestId,
    "x-amz-id-2": HOST_ID,
    ...(elements === undefined ? {} : { "Content-Type": "application/xml" }),
    ...(status === 204 || status === 304
      ? {}
      : { "Content-Length": String(content?.sizeBytes ?? Buffer.byteLength(body)) }),
    ...(isWaiting ? { Connection: "close" } : {}), // the body that was not asked for must not pass for the next request
    ...headers,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
  response.writeHead(status, Object.fromEntries(told));
  if (message.method === "HEAD" || content === undefined) response.end(message.method === "HEAD" ? "" : body);
  else await pipeline(store.bodies.read(content.segments), response);
}
