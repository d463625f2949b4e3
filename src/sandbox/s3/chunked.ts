/**
 * The body of a streaming upload: chunks with their sizes, then trailers, of which one is the checksum:
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { Refusal } from "./refusal.ts";

const MAX_LINE_BYTES = 4096;

/** The bytes without their wrapping; trailers are put into the map, by their lower-case names. */
export async function* decodeChunks(
  source: AsyncIterable<Buffer>,
  trailers: Map<string, string>,
): AsyncGenerator<Buffer> {
  let expected: "size" | "data" | "data-end" | "trailer" | "nothing" = "size";
  let leftBytes = 0;
  let line = "";
  for await (const piece of source) {
    for (let at = 0; at < piece.length; ) {
      if (expected === "data") {
        const data = piece.subarray(at, at + leftBytes);
        at += data.length;
        leftBytes -= data.length;
        if (leftBytes === 0) expected = "data-end";
        yield data;
        continue;
      }
      const newline = piece.indexOf("\n", at);
      const end = newline === -1 ? piece.length : newline + 1;
      line += piece.toString("latin1", at, end);
      at = end;
      if (line.length > MAX_LINE_BYTES || expected === "nothing") throw broken();
      if (newline === -1) continue;
      const text = line.trimEnd();
      line = "";
      if (expected === "size") {
        leftBytes = sizeOf(text);
        expected = leftBytes === 0 ? "trailer" : "data";
      } else if (expected === "data-end") {
        if (text !== "") throw broken();
        expected = "size";
      } else if (text === "") expected = "nothing";
      else {
        const [name = "", ...value] = text.split(":");
        trailers.set(name.trim().toLowerCase(), value.join(":").trim());
      }
    }
  }
  if (expected !== "nothing") throw broken();
}

function sizeOf(line: string): number {
  const size = /^([0-9a-f]{1,12})(?:;|$)/i.exec(line)?.[1];
  if (size === undefined) throw broken();
  return Number.parseInt(size, 16);
}

function broken(): Refusal {
  return new Refusal("IncompleteBody", "The body is not chunked as its headers say, or ends too early.");
}
