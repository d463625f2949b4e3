/** Records the answers a run gets from the sandbox, and serves them again, changed on purpose, without authentication. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

export interface Recording {
  /** Path and query -> body. */
  readonly answers: ReadonlyMap<string, Json>;
}

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Forwards everything to `target` as it comes, and keeps what was answered with 200. */
export async function recorder(target: string): Promise<Served & { readonly recording: Recording }> {
  const answers = new Map<string, Json>();
  const served = await serve(async (request, response) => {
    const headers = Object.fromEntries(
      Object.entries(request.headers).filter(([name]) => !["host", "connection"].includes(name)),
    ) as Record<string, string>;
    const forwarded = await fetch(`${target}${request.url}`, { method: request.method ?? "GET", headers });
    const body = await forwarded.text();
    if (forwarded.status === 200) answers.set(request.url ?? "", JSON.parse(body));
    const challenge = forwarded.headers.get("www-authenticate");
    response.writeHead(forwarded.status, {
      "content-type": forwarded.headers.get("content-type") ?? "application/json",
      date: forwarded.headers.get("date") ?? "",
      ...(challenge === null ? {} : { "www-authenticate": challenge }),
    });
    response.end(body);
  });
  return { ...served, recording: { answers } };
}

const NOT_FOUND = JSON.stringify({ error: 404, errorCode: "CLUSTER_NOT_FOUND", detail: "no such thing" });

/** Serves a recording; `change` may alter any answer. `date` is what the Date header says. */
export function replay(
  recording: Recording,
  date: Date,
  change: () => { readonly path: string; readonly body: Json } | undefined,
): Promise<Served> {
  const texts = new Map([...recording.answers].map(([path, body]) => [path, JSON.stringify(body)]));
  return serve(async (request, response) => {
    const url = request.url ?? "";
    const changed = change();
    const text = changed?.path === url ? JSON.stringify(changed.body) : texts.get(url);
    const status = text === undefined ? 404 : 200;
    response.writeHead(status, { "content-type": "application/vnd.atlas.2023-01-01+json", date: date.toUTCString() });
    response.end(text ?? NOT_FOUND);
  });
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => Promise<void>): Promise<Served> {
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
