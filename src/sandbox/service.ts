/** One request from its arrival to its answer: faults, authentication, path, version, and the operation itself. */
import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { MINUTE_MS } from "../core/duration.ts";
import { type Answer, refuse } from "./answer.ts";
import { type AwsNow, awsAnswer } from "./aws.ts";
import type { Changed } from "./changes.ts";
import { CONTROL_PREFIX, control } from "./control.ts";
import { createDigestGuard, type DigestGuard } from "./digest.ts";
import { DOWNLOAD_PREFIX } from "./downloads.ts";
import { createFaults, type Disturbance, type Faults } from "./faults.ts";
import { createFileServer, type FileServer, sendFile } from "./file-server.ts";
import { type GithubWorld, githubAnswer } from "./github.ts";
import { hear } from "./heard.ts";
import { negotiate } from "./media-type.ts";
import { findOperation } from "./operations.ts";
import { PINGS_PREFIX, pings } from "./pings.ts";
import type { Store } from "./store.ts";
import { createTokenOffice, TOKEN_PATH, type TokenOffice } from "./tokens.ts";

export interface Credentials {
  readonly publicKey: string;
  readonly privateKey: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export interface ServiceOptions {
  readonly store: Store;
  /** What may not be asked of AWS: see AwsWorld. */
  readonly denied: AwsNow["rights"]["denied"];
  readonly credentials: Credentials;
  readonly github: GithubWorld;
  readonly faults: readonly string[];
  /** Of every file of a download; undefined: it goes by the snapshot's. */
  readonly downloadSizeBytes: number | undefined;
  /** Called before every answer: lets happen what time has brought outside of the state. */
  readonly settle: () => Promise<void>;
  readonly log: (line: string) => void;
}

export function createService(options: ServiceOptions): RequestListener {
  const service = assemble(options);
  return (message, response) => {
    serve(service, message, response).catch((error: unknown) => {
      options.log(`${message.method} ${message.url}: ${error instanceof Error ? error.message : String(error)}`);
      if (response.headersSent) response.destroy();
      else
        send(response, refuse(500, "UNEXPECTED_ERROR", "The sandbox failed; its log says why."), options.store.nowMs());
    });
  };
}

interface Service extends Pick<ServiceOptions, "store" | "denied" | "github" | "settle" | "log"> {
  readonly digest: DigestGuard;
  readonly tokens: TokenOffice;
  readonly files: FileServer;
  readonly faults: () => Faults;
  readonly setFaults: (texts: readonly string[]) => void;
  readonly remaining: (nowMs: number) => number;
}

/** What the pipeline looks at of a request. */
interface Received {
  readonly method: string;
  readonly url: URL;
  /** The request target as it came, which a digest is made over. */
  readonly target: string;
  readonly authorization: string | undefined;
  readonly accept: string | undefined;
  readonly userAgent: string | undefined;
  readonly contentType: string | undefined;
  readonly body: string;
}

function assemble(options: ServiceOptions): Service {
  const { store, denied, github, credentials, faults: texts, settle, log } = options;
  let faults = createFaults(texts);
  return {
    store,
    denied,
    github,
    settle,
    log,
    digest: createDigestGuard({ name: credentials.publicKey, password: credentials.privateKey }),
    tokens: createTokenOffice(credentials),
    files: createFileServer(options.downloadSizeBytes),
    faults: () => faults,
    setFaults: (next) => {
      faults = createFaults(next);
    },
    remaining: createRateCounter(),
  };
}

async function serve(service: Service, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store } = service;
  const request = await receive(message);
  if ("status" in request) return send(response, request, store.nowMs());
  await service.settle();
  const path = request.url.pathname;
  if (path.startsWith(PINGS_PREFIX)) return send(response, pings(request, store), store.nowMs());
  if (path.startsWith(CONTROL_PREFIX)) {
    const answer = control({ method: request.method, path, body: request.body }, service);
    return send(response, answer, store.nowMs());
  }
  if (path.startsWith(DOWNLOAD_PREFIX)) return serveFile(service, message, response);
  const faults = service.faults();
  const { method, url, body } = request;
  const answer =
    (await faults.disturb()) ??
    answerAws(service, { method, url, headers: message.headers, body }) ??
    githubAnswer(request, service.github) ??
    answerAtlas(service, request);
  if (answer === "hang") return;
  if (answer === "reset") return void message.socket.resetAndDestroy();
  service.log(`${request.method} ${path} ${answer.status}`);
  send(response, answer, store.nowMs() + store.state().dateSkewMs, answer.status === 200 && faults.truncates());
}

/** Who has the address needs no credentials, so no log holds it. */
async function serveFile(service: Service, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { store, files } = service;
  const { method = "", url: path = "", headers } = message;
  const [nowMs, faults] = [store.nowMs(), service.faults().download];
  const answer = files.answer({ method, path, headers }, { state: store.state(), nowMs }, faults);
  service.log(`${method} a file of a download ${answer.status}`);
  if (!("file" in answer)) return send(response, answer, nowMs);
  return sendFile(answer, { method, date: new Date(nowMs).toUTCString() }, response, faults);
}

/** null: the request is not for AWS. */
function answerAws(service: Service, request: Parameters<typeof awsAnswer>[0]): Outcome | null {
  const { store, denied } = service;
  const state = store.state();
  const rights = { denied, mayWrite: state.mayWrite };
  const answered = awsAnswer(request, { aws: state.aws, nowMs: store.nowMs(), rights });
  if (answered === null || answered.aws === state.aws) return answered?.answer ?? null;
  return carryOut(service, { answer: answered.answer, state: { ...state, aws: answered.aws } });
}

function answerAtlas(service: Service, request: Received): Outcome {
  if (request.url.pathname === TOKEN_PATH) return service.tokens.issue(request, service.store.nowMs());
  return operate(service, request);
}

/** An answer, or what happens in its place. */
type Outcome = NonNullable<Disturbance>;

function operate(service: Service, request: Received): Outcome {
  const { pathname } = request.url;
  const found = findOperation(request.method, pathname);
  const asked = "status" in found ? pathname : found.operation.template;
  hear({ userAgent: request.userAgent, service: "atlas", operation: `${request.method} ${asked}` });
  const nowMs = service.store.nowMs();
  const challenge = refusal(service, request, nowMs);
  if (challenge !== null) {
    return {
      ...refuse(401, "UNAUTHORIZED", "You are not authorized for this resource."),
      headers: { "WWW-Authenticate": challenge },
    };
  }
  if ("status" in found) return found;
  const contentType = negotiate(found.operation, request.accept, nowMs);
  if (typeof contentType !== "string") return contentType;
  if (request.method !== "GET" && !service.store.state().mayWrite) {
    return refuse(403, "USER_UNAUTHORIZED", "These credentials may not change anything.");
  }
  const outcome = found.operation.answer({
    state: service.store.state(),
    nowMs,
    url: request.url,
    parameters: found.parameters,
    sent: request,
  });
  const answer = "state" in outcome ? carryOut(service, outcome) : outcome;
  if (typeof answer === "string" || answer.status >= 300) return answer;
  const rate = {
    "RateLimit-Limit": String(REQUESTS_PER_MINUTE),
    "RateLimit-Remaining": String(service.remaining(nowMs)),
  };
  return { ...answer, headers: { "Content-Type": contentType, ...rate } };
}

/** Makes a change, unless a fault comes before it. */
function carryOut(service: Service, { answer, state }: Changed): Outcome {
  const faults = service.faults();
  if (faults.breaksBeforeWrite()) return "reset";
  service.store.put(state);
  return faults.disturbAfterWrite() ?? answer;
}

/** null: authenticated. Otherwise the challenge. */
function refusal({ tokens, digest, faults }: Service, request: Received, nowMs: number): string | null {
  const bearer = /^Bearer\s+(\S+)$/i.exec(request.authorization ?? "")?.[1];
  if (bearer === undefined) return digest.check(request, faults().digest, nowMs);
  return tokens.isValid(bearer, nowMs) ? null : 'Bearer error="invalid_token"';
}

/** Far more than any request of ours carries: five hundred metrics at once. */
const MAX_BODY_BYTES = 512 * 1024;

async function receive(message: IncomingMessage): Promise<Received | Answer> {
  const { method = "", url: target = "", headers } = message;
  if (!target.startsWith("/")) return refuse(400, "INVALID_PATH", "The request target must be a path.");
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of message) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_BODY_BYTES)
      return refuse(413, "PAYLOAD_TOO_LARGE", `The body is longer than ${MAX_BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return {
    method,
    url: new URL(`http://127.0.0.1:${message.socket.localPort}${target}`),
    target,
    authorization: headers.authorization,
    accept: headers.accept,
    userAgent: headers["user-agent"],
    contentType: headers["content-type"],
    body: Buffer.concat(chunks).toString(),
  };
}

function send(response: ServerResponse, answer: Answer, dateMs: number, isCut = false): void {
  const date = new Date(dateMs).toUTCString();
  if (answer.status === 204) return void response.writeHead(204, { Date: date }).end();
  const bytes = Buffer.from(typeof answer.body === "string" ? answer.body : JSON.stringify(answer.body));
  response.writeHead(answer.status, {
    "Content-Type": "application/json",
    "Content-Length": bytes.length,
    Date: date,
    ...answer.headers,
  });
  if (isCut) response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  else response.end(bytes);
}

/** What Atlas allows for backups; told, not enforced: https://www.mongodb.com/docs/atlas/api/api-rate-limit/ */
const REQUESTS_PER_MINUTE = 1200;

function createRateCounter(): (nowMs: number) => number {
  let minute = 0;
  let count = 0;
  return (nowMs) => {
    const current = Math.floor(nowMs / MINUTE_MS);
    count = current === minute ? count + 1 : 1;
    minute = current;
    return Math.max(0, REQUESTS_PER_MINUTE - count);
  };
}
