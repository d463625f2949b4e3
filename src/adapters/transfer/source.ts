/** Where an archive comes from: an address that is a credential, and so is called nothing but "the source" in any message. */
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import type { BodyIdentity, BodySource } from "../../ports/transfer.ts";
import { isLoopback } from "./dial.ts";
import type { TransferLimits } from "./limits.ts";
import { openWire, type Wire, type WireAnswer } from "./wire.ts";

export interface SourceOptions {
  readonly env: Environment;
  readonly limits: TransferLimits;
  readonly signal: AbortSignal;
}

const WHOM = "the source";
const GZIP_MAGIC = "1f8b";

/** Asks for the first two bytes alone, as GET: a signed address may allow nothing else. They must be those of gzip. */
export async function inspectSource(source: BodySource, options: SourceOptions): Promise<BodyIdentity> {
  const { wire, answer } = await askFor("bytes=0-1", source, {}, options);
  try {
    const identity = identityOf(answer);
    const magic = Buffer.alloc(2);
    if (identity.lengthBytes >= magic.length) await wire.fill(magic);
    if (magic.toString("hex") === GZIP_MAGIC) return identity;
    throw new OpsError("protocol", "what the source sends is no gzipped archive", {
      hint: "is a proxy or a login page answering here?",
    });
  } finally {
    wire.close();
  }
}

/** A connection on which the body goes on at `offset`. OpsError `rejected` where it is not the body that it was. */
export async function openSource(
  source: BodySource,
  identity: BodyIdentity,
  [offset, to]: readonly [number, number],
  options: SourceOptions,
): Promise<Wire> {
  const { etag, lengthBytes } = identity;
  const condition = etag?.startsWith('"') === true ? { "if-range": etag } : {}; // weak ones may not stand there
  const { wire, answer } = await askFor(`bytes=${offset}-${to - 1}`, source, condition, options);
  try {
    const now = identityOf(answer);
    if (now.lengthBytes !== lengthBytes || now.etag !== etag) throw changed(identity, now);
    const first = answer.status === 206 ? firstByteOf(answer) : 0;
    if (first !== offset) throw new OpsError("rejected", "the source cannot be taken up in the middle of its body");
    return wire;
  } catch (error) {
    wire.close();
    throw error;
  }
}

async function askFor(
  range: string,
  { url: address }: BodySource,
  condition: Readonly<Record<string, string>>,
  options: SourceOptions,
): Promise<{ readonly wire: Wire; readonly answer: WireAnswer }> {
  const url = urlOf(address);
  const wire = await openWire(url, { whom: WHOM, ...options });
  try {
    const headers = { range, accept: "*/*", "accept-encoding": "identity", connection: "close", ...condition };
    const answer = await wire.ask({ url, headers });
    if (answer.status === 200 || answer.status === 206) return { wire, answer };
    throw refusal(answer.status);
  } catch (error) {
    wire.close();
    throw error;
  }
}

function urlOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url))) return url;
  throw new OpsError("protocol", "the address of the source is not an https URL");
}

function refusal(status: number): OpsError {
  if (status === 429 || status >= 500) return new OpsError("unavailable", `the source answers with ${status}`);
  if (status < 400) return new OpsError("protocol", `the source answers with ${status}: redirects are not followed`);
  if (status === 416) return new OpsError("rejected", "the body of the source is shorter than it was");
  return new OpsError("rejected", `the source refuses with ${status}`, {
    hint: "its address lives for an hour at most, and may be bound to this machine's address: ask for a new one",
  });
}

function identityOf({ status, headers }: WireAnswer): BodyIdentity {
  const encoding = headers.get("content-encoding") ?? "identity";
  const length =
    status === 206
      ? /^bytes \d+-\d+\/(\d{1,15})$/.exec(headers.get("content-range") ?? "")?.[1]
      : /^\d{1,15}$/.exec(headers.get("content-length") ?? "")?.[0];
  if (length === undefined || encoding !== "identity" || headers.has("transfer-encoding")) {
    throw new OpsError("protocol", "the source does not say how long its body is");
  }
  return { lengthBytes: Number(length), etag: headers.get("etag") ?? null };
}

function firstByteOf({ headers }: WireAnswer): number {
  return Number(/^bytes (\d+)-/.exec(headers.get("content-range") ?? "")?.[1]);
}

function changed(was: BodyIdentity, now: BodyIdentity): OpsError {
  const what =
    now.lengthBytes === was.lengthBytes ? "another ETag" : `${now.lengthBytes} bytes, not ${was.lengthBytes}`;
  return new OpsError("rejected", `the body of the source is not the one that it was: it has ${what}`, {
    hint: "its upload has to begin anew",
  });
}
