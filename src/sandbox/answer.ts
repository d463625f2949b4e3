/** What the sandbox answers: a status, a body, and the way in which Atlas refuses. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export function ok(body: unknown): Answer {
  return { status: 200, body };
}

/** Atlas's error body; the codes are those of https://www.mongodb.com/docs/atlas/reference/api-errors/ where it has one. */
export function refuse(
  status: number,
  errorCode: string,
  detail: string,
  parameters: readonly (string | number)[] = [],
): Answer {
  return { status, body: { error: status, errorCode, detail, reason: REASONS[status] ?? "Error", parameters } };
}

const REASONS: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  409: "Conflict",
  410: "Gone",
  413: "Payload Too Large",
  415: "Unsupported Media Type",
  429: "Too Many Requests",
  500: "Internal Server Error",
};
