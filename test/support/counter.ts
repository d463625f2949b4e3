/** Stands before a server and writes down every request that reaches it, also those whose answer is lost on the way. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** As AWS calls it: `DescribeAlarms`; empty elsewhere. */
  readonly operation: string;
  /** null: the server broke off, or has not answered. */
  status: number | null;
}

export interface Counter {
  readonly url: string;
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

/** What becomes of a request: it goes its way; it is `lost` before the server has it, or its answer is `unheard`. */
export type Fate = "passes" | "lost" | "unheard";

/** Says nothing, or what becomes of the request. */
export type OnSent = ((sent: Sent) => void | Promise<void>) | ((sent: Sent) => Fate | Promise<Fate>);

/** `onSent` is told of a request before the server is, and may say what becomes of it. */
export async function countRequests(serverUrl: string, onSent: OnSent = () => {}): Promise<Counter> {
  const sent: Sent[] = [];
  const server = createServer((incoming, outgoing) => {
    void pass(serverUrl, incoming, outgoing, async (one) => {
      sent.push(one);
      return (await onSent(one)) ?? "passes";
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    sent,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Of a body, so much is written down: more is no order, but data. */
const MAX_NOTED_BYTES = 64 * 1024;

async function pass(
  serverUrl: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  note: (sent: Sent) => Promise<Fate>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  const { method = "", url: path = "", headers } = incoming;
  const text = body.toString("utf8", 0, MAX_NOTED_BYTES);
  const target = headers["x-amz-target"];
  const operation =
    typeof target === "string" ? (target.split(".").at(-1) ?? "") : (new URLSearchParams(text).get("Action") ?? "");
  const sent: Sent = { method, path, body: text, operation, status: null };
  const fate = await note(sent);
  if (fate === "lost") return void incoming.socket.resetAndDestroy();
  const forward = send(new URL(path, serverUrl), { method, headers, agent: false }, (answer) => {
    sent.status = answer.statusCode ?? null;
    if (fate === "unheard") return void answer.resume().on("end", () => incoming.socket.resetAndDestroy());
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  forward.on("error", () => incoming.socket.resetAndDestroy());
  outgoing.on("close", () => forward.destroy());
  forward.end(body);
}
