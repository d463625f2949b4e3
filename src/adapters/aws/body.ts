/** The body of an answer before the SDK reads it, for what its reading would not tell. */

/** The text, for whoever holds the response of the SDK's "deserialize" step; `left` is what the SDK is given to read in its place. */
export async function takeBody(response: unknown, left: (text: string) => string): Promise<string | undefined> {
  if (!isAnswer(response) || response.statusCode >= 300) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body as AsyncIterable<Uint8Array>) chunks.push(chunk); // Node's own stream of bytes
  const text = Buffer.concat(chunks).toString("utf8");
  response.body = new TextEncoder().encode(left(text));
  return text;
}

/** Nearer to the wire than the SDK's own reading. */
export const BEFORE_READING = { step: "deserialize", priority: "low", name: "takeBody" } as const;

interface Answer {
  readonly statusCode: number;
  body: unknown;
}

function isAnswer(response: unknown): response is Answer {
  return typeof response === "object" && response !== null && "body" in response && "statusCode" in response;
}
