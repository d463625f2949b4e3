/** A request as it came: its path as bucket and key, its query, its headers. */
import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import { Refusal } from "./refusal.ts";

export interface Request {
  readonly method: string;
  /** As it was sent, which is what was signed. */
  readonly rawPath: string;
  /** Empty: none is named. */
  readonly bucket: string;
  readonly key: string;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: IncomingHttpHeaders;
  /** undefined: absent. */
  parameter(name: string): string | undefined;
  /** By its lower-case name; undefined: absent. */
  header(name: string): string | undefined;
}

const MAX_KEY_BYTES = 1024;

export function readRequest({ method = "", url: target = "/", headers }: IncomingMessage): Request {
  const mark = target.indexOf("?");
  const rawPath = mark === -1 ? target : target.slice(0, mark);
  if (!rawPath.startsWith("/")) throw new Refusal("InvalidURI", "The request target must be a path.");
  const [, rawBucket = "", ...rawKey] = rawPath.split("/");
  const key = decode(rawKey.join("/"));
  if (Buffer.byteLength(key) > MAX_KEY_BYTES)
    throw new Refusal("KeyTooLongError", `Your key is too long: more than ${MAX_KEY_BYTES} bytes.`);
  const pairs =
    mark === -1
      ? []
      : target
          .slice(mark + 1)
          .split("&")
          .filter((pair) => pair !== "");
  const query = pairs.map((pair) => {
    const [name = "", ...value] = pair.split("=");
    return [decode(name), decode(value.join("="))] as const;
  });
  return {
    method,
    rawPath,
    bucket: decode(rawBucket),
    key,
    query,
    headers,
    parameter: (wanted) => query.find(([name]) => name === wanted)?.[1],
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value.join(",") : value;
    },
  };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new Refusal("InvalidURI", "Couldn't parse the specified URI."); // the one thing that decoding throws for
  }
}
