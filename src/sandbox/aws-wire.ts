/** How AWS's services word what they answer: SNS and STS as the query protocol, CloudWatch as JSON 1.0, S3 as XML. */
import type { Answer } from "./answer.ts";

/** What a service answers before its protocol dresses it: a body, or a refusal. */
export type Outcome = { readonly body: string } | Refusal;
export interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

export interface Protocol {
  readonly reply: (outcome: Outcome, requestId: string) => Answer;
  /** How the protocol refuses a request without a signature, and one signed by a key that nobody knows. */
  readonly unsigned: Refusal;
  readonly unknownKey: Refusal;
}

const UNKNOWN_KEY = "The access key is not that of this sandbox.";
const UNSIGNED = "The request is not signed.";

/** https://docs.aws.amazon.com/sns/latest/api/CommonErrors.html */
export const QUERY: Protocol = {
  unsigned: { status: 403, code: "MissingAuthenticationToken", message: UNSIGNED },
  unknownKey: { status: 403, code: "InvalidClientTokenId", message: UNKNOWN_KEY },
  reply: (outcome, requestId) => {
    const headers = { "Content-Type": "text/xml", "x-amzn-RequestId": requestId };
    if ("body" in outcome) return { status: 200, body: outcome.body, headers };
    const error = { Type: "Sender", Code: outcome.code, Message: outcome.message };
    return { status: outcome.status, body: xml({ ErrorResponse: { Error: error, RequestId: requestId } }), headers };
  },
};

/** https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html, with the codes of the query protocol in a header. */
export const JSON_1_0: Protocol = {
  unsigned: { status: 400, code: "MissingAuthenticationTokenException", message: UNSIGNED },
  unknownKey: { status: 400, code: "UnrecognizedClientException", message: UNKNOWN_KEY },
  reply: (outcome, requestId) => {
    const headers = { "Content-Type": "application/x-amz-json-1.0", "x-amzn-RequestId": requestId };
    if ("body" in outcome) return { status: 200, body: outcome.body, headers };
    const body = JSON.stringify({ __type: `com.amazonaws.cloudwatch#${outcome.code}`, message: outcome.message });
    return { status: outcome.status, body, headers: { ...headers, "x-amzn-query-error": `${outcome.code};Sender` } };
  },
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export const S3_XML: Protocol = {
  unsigned: { status: 403, code: "AccessDenied", message: UNSIGNED },
  unknownKey: { status: 403, code: "InvalidAccessKeyId", message: UNKNOWN_KEY },
  reply: (outcome, requestId) => {
    const headers = { "Content-Type": "application/xml", "x-amz-request-id": requestId };
    if ("body" in outcome) return { status: 200, body: outcome.body, headers };
    const error = { Code: outcome.code, Message: outcome.message, RequestId: requestId };
    return { status: outcome.status, body: xml({ Error: error }), headers };
  },
};

/** An element for each name; an element of a list is repeated. */
export interface Elements {
  readonly [name: string]: string | Elements | readonly Elements[];
}

export function xml(elements: Elements): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(elements)}`;
}

function render(elements: Elements): string {
  return Object.entries(elements)
    .flatMap(([name, content]) =>
      [content].flat().map((one) => `<${name}>${typeof one === "string" ? escapeText(one) : render(one)}</${name}>`),
    )
    .join("");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
