/**
 * HTTP/1.1 as far as reading a long body takes it: a request without a body, the head of its answer, and bytes by their
 * count into memory that is given. node:http allocates and copies on the way, which costs twice the processor time and
 * half as much memory again (npm run bench).
 */
import type { Socket } from "node:net";
import { OpsError } from "../../core/error.ts";
import { type Dialling, dial } from "./dial.ts";
import { connectionFailure } from "./failure.ts";
import type { TransferLimits } from "./limits.ts";

export interface Wire {
  /** Sends a request and reads the head of its answer. The body of the one before has been read to its end. */
  ask(request: WireRequest): Promise<WireAnswer>;
  /** Fills as much of `target` as comes, all of it unless the connection ends: then the next call throws. */
  fill(target: Buffer): Promise<number>;
  /** Some text of an answer that says why there is no more: up to the end of it, or to `last`. */
  text(last: string): Promise<string>;
  close(): void;
}

export interface WireRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
}

export interface WireAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
}

export interface WireOptions extends Omit<Dialling, "connectMs"> {
  readonly limits: TransferLimits;
  /** Its abort closes the connection. */
  readonly signal: AbortSignal;
}

const HEAD_BYTES_MAX = 16_384;

export async function openWire(url: URL, options: WireOptions): Promise<Wire> {
  const { whom, limits, signal } = options;
  const intake = openIntake();
  const socket = await dial(url, intake, { ...options, connectMs: limits.connectMs });
  const stop = () => socket.destroy();
  signal.addEventListener("abort", stop);
  socket.on("error", (error) => intake.end(connectionFailure(whom, error)));
  socket.on("close", () => {
    signal.removeEventListener("abort", stop);
    intake.end(new OpsError("unavailable", `the connection to ${whom} ended too early`));
  });

  const read = async (target: Buffer, isEnough: "any" | "all", limitMs: number, slow: string) => {
    const late = new OpsError("timeout", `${whom} ${slow} within ${limitMs / 1000} s`);
    const timer = setTimeout(() => socket.destroy(late), limitMs);
    try {
      return await intake.read(target, isEnough, () => socket.resume());
    } finally {
      clearTimeout(timer);
    }
  };
  const head = async (): Promise<WireAnswer> => {
    const bytes = Buffer.alloc(HEAD_BYTES_MAX);
    for (let length = 0; length < bytes.length; ) {
      length += await read(bytes.subarray(length), "any", limits.headMs, "did not answer");
      const end = bytes.subarray(0, length).indexOf("\r\n\r\n");
      if (end < 0) continue;
      intake.putBack(bytes.subarray(end + 4, length));
      return parseHead(bytes.toString("latin1", 0, end), whom);
    }
    throw notHttp(whom);
  };
  return {
    ask: async (request) => {
      send(socket, request);
      for (;;) {
        const answer = await head();
        if (answer.status >= 200) return answer; // those before are about the connection
      }
    },
    fill: (target) => read(target, "all", limits.chunkMs, `sent less than ${target.length} bytes`),
    text: async (last) => {
      const bytes = Buffer.alloc(HEAD_BYTES_MAX);
      let length = 0;
      while (length < bytes.length && !bytes.subarray(0, length).includes(last)) {
        const more = await read(bytes.subarray(length), "any", limits.headMs, "said no more").catch(() => undefined);
        if (more === undefined) break; // what has come has to do
        length += more;
      }
      return bytes.toString("latin1", 0, length);
    },
    close: () => socket.destroy(),
  };
}

function send(socket: Socket, { url, headers }: WireRequest): void {
  const lines = Object.entries({ host: url.host, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${url.pathname}${url.search} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

function parseHead(text: string, whom: string): WireAnswer {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw notHttp(whom);
  const headers = new Map<string, string>();
  for (const line of lines) {
    const [, name, value = ""] = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [line];
    if (name === undefined) throw notHttp(whom);
    const before = headers.get(name.toLowerCase());
    headers.set(name.toLowerCase(), before === undefined ? value : `${before}, ${value}`);
  }
  return { status: Number(status), headers };
}

function notHttp(whom: string): OpsError {
  return new OpsError("protocol", `${whom} does not speak HTTP as we know it`);
}

/**
 * Between a connection and who reads from it. While nobody reads it asks for nothing; what comes all the same (after the
 * head of an answer, or out of a record of TLS that had begun) is kept for the next reader.
 */
function openIntake() {
  const spill = Buffer.alloc(HEAD_BYTES_MAX);
  let kept: Uint8Array = new Uint8Array();
  let target: Buffer | undefined;
  let filled = 0;
  let enough = 0;
  let wake = () => {};
  let ended: OpsError | undefined;

  const put = (bytes: Uint8Array) => {
    const taken = target === undefined ? 0 : Math.min(bytes.length, target.length - filled);
    target?.set(bytes.subarray(0, taken), filled);
    filled += taken;
    if (taken < bytes.length) kept = Buffer.concat([kept, bytes.subarray(taken)]);
  };
  const putKept = (before: Uint8Array) => {
    const bytes = Buffer.concat([before, kept]);
    kept = new Uint8Array();
    put(bytes);
  };
  return {
    room: () => (target === undefined || filled >= enough ? spill : target.subarray(filled)),
    receive: (length: number, bytes: Uint8Array): boolean => {
      if (target !== undefined && bytes !== spill && bytes.buffer === target.buffer) filled += length;
      else put(bytes.subarray(0, length));
      if (target !== undefined && filled < enough) return true;
      wake();
      return false;
    },
    putBack: (bytes: Uint8Array) => putKept(bytes),
    end: (error: OpsError) => {
      ended ??= error;
      wake();
    },
    read: async (into: Buffer, isEnough: "any" | "all", resume: () => void): Promise<number> => {
      [target, filled, enough] = [into, 0, isEnough === "all" ? into.length : 1];
      putKept(new Uint8Array());
      if (filled < enough && ended === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          resume();
        });
      }
      target = undefined;
      if (filled === 0 && enough > 0) throw ended ?? new OpsError("bug", "nothing came, and nobody knows why");
      return filled;
    },
  };
}
