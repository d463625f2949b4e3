/** A small client for the sandbox's tests: its own digest, its own paging; nothing of src but the sandbox itself. */
import { hash } from "node:crypto";
import { afterEach } from "vitest";
import { type Sandbox, type SandboxOptions, type SandboxSeed, startSandbox } from "../../src/sandbox/sandbox.ts";

export const PROJECT = "0123456789abcdef01234567";
export const START = new Date("2026-11-22T10:30:20Z");

export const SEED: SandboxSeed = {
  projectId: PROJECT,
  databases: [
    {
      cluster: "litally-core",
      continuousWindowDays: 7,
      snapshots: [{ frequency: "daily", retentionValue: 30, retentionUnit: "days" }],
      copies: [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: true }],
      masterKeys: [],
    },
    {
      cluster: "litally-ledger",
      continuousWindowDays: null,
      snapshots: [
        { frequency: "weekly", retentionValue: 5, retentionUnit: "weeks" },
        { frequency: "monthly", retentionValue: 12, retentionUnit: "months" },
        { frequency: "yearly", retentionValue: 5, retentionUnit: "years" },
      ],
      copies: [],
      masterKeys: ["11111111-2222-4333-8444-555555555555"],
    },
  ],
};

const open = new Set<Sandbox>();
afterEach(async () => {
  await Promise.all([...open].map((sandbox) => sandbox.close()));
  open.clear();
});

/** A sandbox whose own time stands still: only `advance` moves it. It ends with the test. */
export async function sandbox(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const started = await startSandbox({ world: "healthy", seed: SEED, startAt: START, elapsedMs: () => 0, ...options });
  open.add(started);
  return started;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked at field by field
  readonly json: any;
}

export async function call(url: string, init: RequestInit = {}): Promise<Reply> {
  const response = await fetch(url, init);
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}

/** Each operation's date, as the sandbox's docs have them. */
function accept(path: string): string {
  if (/flexClusters/.test(path)) return media("2024-11-13");
  if (/collectionRestoreJobs|\/databases/.test(path)) return media("2025-03-12");
  if (/exportBuckets/.test(path)) return media("2024-05-30");
  if (/backupCompliancePolicy/.test(path)) return media("2023-10-01");
  return media(/\/clusters(\/[^/]+(\/backup\/schedule)?)?(\?|$)/.test(path) ? "2024-08-05" : "2023-01-01");
}

export function media(date: string): string {
  return `application/vnd.atlas.${date}+json`;
}

export interface DigestFields {
  readonly username: string;
  readonly nonce: string;
  readonly nc: string;
  readonly cnonce: string;
  readonly uri: string;
  readonly password: string;
  readonly algorithm: "MD5" | "SHA-256";
  readonly method: string;
}

export function authorization(fields: DigestFields): string {
  const digest = (text: string) => hash(fields.algorithm === "MD5" ? "md5" : "sha256", text, "hex");
  const secret = digest(`${fields.username}:MMS Public API:${fields.password}`);
  const response = digest(
    `${secret}:${fields.nonce}:${fields.nc}:${fields.cnonce}:auth:${digest(`${fields.method}:${fields.uri}`)}`,
  );
  return `Digest username="${fields.username}", realm="MMS Public API", nonce="${fields.nonce}", uri="${fields.uri}", algorithm=${fields.algorithm}, qop=auth, nc=${fields.nc}, cnonce="${fields.cnonce}", response="${response}"`;
}

export function challengeOf(reply: { readonly headers: Headers }): {
  readonly nonce: string;
  readonly stale: string;
  readonly algorithm: string;
} {
  const header = reply.headers.get("www-authenticate") ?? "";
  const field = (name: string) => new RegExp(`${name}="?([^",]+)`).exec(header)?.[1] ?? "";
  return { nonce: field("nonce"), stale: field("stale"), algorithm: field("algorithm") };
}

/** One authenticated GET of a path below the project, by the two legs of digest. */
export async function get(target: Sandbox, path: string, headers: Record<string, string> = {}): Promise<Reply> {
  return getPath(target, `/api/atlas/v2/groups/${PROJECT}${path}`, headers);
}

export async function getPath(target: Sandbox, uri: string, headers: Record<string, string> = {}): Promise<Reply> {
  return authenticated(target, uri, { headers: { accept: accept(uri), ...headers } });
}

/** One authenticated change below the project; `body` is sent as it is if it is text. */
export async function change(
  target: Sandbox,
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const uri = `/api/atlas/v2/groups/${PROJECT}${path}`;
  const type = /\/clusters\/[^/]+$/.test(path) ? media("2024-10-23") : accept(uri);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return authenticated(target, uri, {
    method,
    body: text,
    headers: { accept: type, "content-type": type, ...headers },
  });
}

async function authenticated(
  target: Sandbox,
  uri: string,
  init: { readonly method?: string; readonly body?: string; readonly headers: Record<string, string> },
): Promise<Reply> {
  const first = await call(target.url + uri);
  if (first.status !== 401) return first;
  const { nonce, algorithm } = challengeOf(first);
  const answer = authorization({
    ...fieldsFor(target),
    method: init.method ?? "GET",
    nonce,
    uri,
    algorithm: algorithm === "SHA-256" ? "SHA-256" : "MD5",
  });
  return call(target.url + uri, { ...init, headers: { authorization: answer, ...init.headers } });
}

export function fieldsFor(target: Sandbox): DigestFields {
  const { publicKey, privateKey } = target.credentials;
  return {
    username: publicKey,
    password: privateKey,
    nonce: "",
    nc: "00000001",
    cnonce: "abc",
    uri: "",
    algorithm: "MD5",
    method: "GET",
  };
}

export async function post(target: Sandbox, path: string, body: unknown): Promise<Reply> {
  return call(target.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

export async function advance(target: Sandbox, by: string): Promise<Reply> {
  return post(target, "/sandbox/clock", { advance: by });
}

/** All snapshots of a cluster, newest first. */
export async function snapshots(target: Sandbox, cluster = "litally-core"): Promise<Reply["json"][]> {
  const reply = await get(target, `/clusters/${cluster}/backup/snapshots?itemsPerPage=500`);
  if (reply.status !== 200) throw new Error(`snapshots answered ${reply.status}: ${reply.text}`);
  return reply.json.results;
}
