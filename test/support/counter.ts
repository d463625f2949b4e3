/** Stands before a server and writes down every request that reaches it, also those whose answer is lost on the way. */
import { createServer, type IncomingMessage, type ServerResponse, request as send } from "node:http";

export interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  /** null: the server broke off, or has not answered. */
  status: number | null;
}

export interface Counter {
  readonly url: string;
  readonly sent: readonly Sent[];
  close(): Promise<void>;
}

/** `onSent` is told of a request before the server is. */
export async function countRequests(
  serverUrl: string,
  onSent: (sent: Sent) => void | Promise<void> = () => {},
): Promise<Counter> {
  const sent: Sent[] = [];
  const server = createServer((incoming, outgoing) => {
    void pass(serverUrl, incoming, outgoing, async (one) => {
      sent.push(one);
      await onSent(one);
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

async function pass(
  serverUrl: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  note: (sent: Sent) => Promise<void>,
): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
  const body = Buffer.concat(chunks);
  const { method = "", url: path = "", headers } = incoming;
  const sent: Sent = { method, path, body: body.toString("utf8"), status: null };
  await note(sent);
  const forward = send(new URL(path, serverUrl), { method, headers, agent: false }, (answer) => {
    sent.status = answer.statusCode ?? null;
    outgoing.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(outgoing);
  });
  forward.on("error", () => incoming.socket.resetAndDestroy());
  outgoing.on("close", () => forward.destroy());
  forward.end(body);
}
