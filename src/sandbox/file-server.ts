/** Serves downloads as a web server serves files: whole or in part, on conditions, and badly on request. */
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import type { Answer } from "./answer.ts";
import { downloadedFile } from "./downloads.ts";
import type { DownloadFaults } from "./faults.ts";
import type { State } from "./model.ts";
import { type Tarball, tarball } from "./tarball.ts";

interface FileRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

/** A file to send, whole or in part; `to` is behind its last byte. */
interface Sending {
  readonly status: 200 | 206;
  readonly headers: Readonly<Record<string, string | number>>;
  readonly file: Tarball;
  readonly from: number;
  readonly to: number;
}

export interface FileServer {
  answer(
    request: FileRequest,
    world: { readonly state: State; readonly nowMs: number },
    faults: DownloadFaults,
  ): Answer | Sending;
}

/** A ten-thousandth of the snapshot: 48 GB are a file of 5 MB. */
const SCALE = 10_000;

/** `sizeBytes` is that of every file; undefined: it goes by the snapshot's. */
export function createFileServer(sizeBytes: number | undefined): FileServer {
  const files = new Map<string, Tarball>();
  const fileOf = (name: string, contentBytes: number): Tarball => {
    const file = files.get(name) ?? tarball(name, contentBytes);
    files.set(name, file);
    return file;
  };
  return {
    answer(request, { state, nowMs }, faults) {
      const found = downloadedFile(request.path, state, nowMs);
      if ("status" in found) return found;
      if (request.method !== "GET" && request.method !== "HEAD") return { status: 405, body: "" };
      if (faults.isPage()) return PAGE;
      const { snapshot, replicaSet } = found;
      const name = `${snapshot.id}/${replicaSet}${faults.isChanged ? "/again" : ""}`;
      const file = fileOf(name, sizeBytes ?? Math.round(snapshot.sizeBytes / SCALE));
      return partOf(faults.shortBytes === null ? file : shortened(file, faults.shortBytes), request);
    },
  };
}

const PAGE: Answer = {
  status: 200,
  body: "<html><body><h1>Please log in</h1></body></html>",
  headers: { "Content-Type": "text/html" },
};

/** Cut off where nobody can see it but in the contents. */
function shortened(file: Tarball, shortBytes: number): Tarball {
  return { ...file, lengthBytes: Math.min(file.lengthBytes, shortBytes) };
}

function partOf(file: Tarball, { method, headers }: FileRequest): Answer | Sending {
  const { lengthBytes, etag } = file;
  const common = { "Content-Type": "application/gzip", ETag: etag, "Accept-Ranges": "bytes" };
  if (!fits(headers["if-match"], etag)) return { status: 412, body: "" };
  const isSame = headers["if-range"] === undefined || headers["if-range"] === etag;
  const range = method === "GET" && isSame ? rangeOf(headers.range, lengthBytes) : "all";
  if (range === "none") return { status: 416, body: "", headers: { "Content-Range": `bytes */${lengthBytes}` } };
  if (range === "all") {
    return { status: 200, headers: { ...common, "Content-Length": lengthBytes }, file, from: 0, to: lengthBytes };
  }
  const [from, to] = range;
  const place = { "Content-Length": to - from, "Content-Range": `bytes ${from}-${to - 1}/${lengthBytes}` };
  return { status: 206, headers: { ...common, ...place }, file, from, to };
}

function fits(condition: string | undefined, etag: string): boolean {
  return condition === undefined || condition.split(",").some((one) => ["*", etag].includes(one.trim()));
}

/** One range; several, or what is none, are passed over: https://www.rfc-editor.org/rfc/rfc9110#section-14.2 */
function rangeOf(header: string | undefined, lengthBytes: number): readonly [number, number] | "all" | "none" {
  const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? "") ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return "all";
  if (first === "") return last === "0" ? "none" : [Math.max(0, lengthBytes - Number(last)), lengthBytes];
  if (last !== "" && Number(last) < Number(first)) return "all";
  if (Number(first) >= lengthBytes) return "none";
  return [Number(first), last === "" ? lengthBytes : Math.min(Number(last) + 1, lengthBytes)];
}

/** Keeps pace with the reader; ends early where a fault says so, by a broken connection or in silence. */
export async function sendFile(
  { status, headers, file, from, to }: Sending,
  { method, date }: { readonly method: string; readonly date: string },
  response: ServerResponse,
  faults: DownloadFaults,
): Promise<void> {
  response.writeHead(status, { ...headers, Date: date });
  if (method === "HEAD") return void response.end();
  const stopAt = Math.min(to, from + (faults.dropAfterBytes ?? faults.stallAfterBytes ?? to));
  for (const chunk of file.chunks(from, stopAt)) {
    await new Promise((resolve) => response.write(chunk, resolve));
    if (response.destroyed) return;
  }
  if (stopAt === to) response.end();
  else if (faults.dropAfterBytes !== null) response.destroy();
}
