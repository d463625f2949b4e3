/** Connections whose bytes are read straight into memory that we choose, to a server or through the proxy before it. */
import { Agent } from "node:https";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import { connectionFailure } from "./failure.ts";

/** What a connection does with what comes. */
export interface Intake {
  /** Where the next bytes are to go. */
  readonly room: () => Buffer;
  /** Told that `length` bytes lie in `bytes`; false: no more for now. */
  readonly receive: (length: number, bytes: Uint8Array) => boolean;
}

export interface Dialling {
  /** What the other side is called in messages. */
  readonly whom: string;
  /** For the proxy variables alone. */
  readonly env: Environment;
  readonly connectMs: number;
}

/** Open, and secure where the address says so; paused until it is resumed. */
export async function dial(url: URL, intake: Intake, { whom, env, connectMs }: Dialling): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = url.protocol === "https:" ? overTls(url, intake, env, resolve, reject) : overTcp(url, intake, resolve);
  const late = new OpsError("timeout", `${whom} did not take a connection within ${connectMs / 1000} s`);
  const timer = setTimeout(() => socket.destroy(late), connectMs);
  socket.once("error", reject);
  try {
    return await promise;
  } catch (error) {
    socket.destroy();
    throw connectionFailure(whom, error);
  } finally {
    clearTimeout(timer);
  }
}

export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(\.\d{1,3}){3}$/.test(hostname);
}

function overTcp(url: URL, intake: Intake, open: (socket: Socket) => void): Socket {
  const socket = connect({ ...place(url, 80), onread: onreadOf(intake) });
  return socket.once("connect", () => open(socket));
}

function overTls(
  url: URL,
  intake: Intake,
  { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY }: Environment,
  open: (socket: Socket) => void,
  fail: (error: Error) => void,
): Socket {
  const options = { ...place(url, 443), servername: url.hostname };
  if (!https_proxy && !HTTPS_PROXY) {
    const direct = { ...options, onread: onreadOf(intake) }; // the types of node:tls know no onread
    const socket = connectTls(direct);
    return socket.once("secureConnect", () => open(socket));
  }
  // an agent knows about tunnels and NO_PROXY; TLS inside a tunnel does not read into given memory
  const ready = (socket: Socket) => open(copying(socket, intake));
  const agent = new Agent({ proxyEnv: { https_proxy, HTTPS_PROXY, no_proxy, NO_PROXY } });
  const first = agent.createConnection(options, (error, tunnelled) => {
    if (error !== null && error !== undefined) fail(error);
    else ready(tunnelled as Socket); // an agent of node:https makes TLS sockets
  }) as Socket;
  return first.once("secureConnect", () => ready(first)); // where no proxy was in the way
}

function copying(socket: Socket, { receive }: Intake): Socket {
  socket.pause();
  return socket.on("data", (bytes: Buffer) => {
    if (!receive(bytes.length, bytes)) socket.pause();
  });
}

function onreadOf({ room, receive }: Intake) {
  return { buffer: room, callback: receive };
}

function place(url: URL, usualPort: number) {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  return { host, port: url.port === "" ? usualPort : Number(url.port), noDelay: true };
}
