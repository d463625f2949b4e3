/** How AWS's services word what they answer: SNS and STS as the query protocol, CloudWatch and KMS as JSON. */
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
export const CLOUDWATCH_JSON = json("1.0", "com.amazonaws.cloudwatch#");
/** https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html */
export const KMS_JSON = json("1.1", "");

function json(version: string, namespace: string): Protocol {
  return {
    unsigned: { status: 400, code: "MissingAuthenticationTokenException", message: UNSIGNED },
    unknownKey: { status: 400, code: "UnrecognizedClientException", message: UNKNOWN_KEY },
    reply: (outcome, requestId) => {
      const headers = { "Content-Type": `application/x-amz-json-${version}`, "x-amzn-RequestId": requestId };
      if ("body" in outcome) return { status: 200, body: outcome.body, headers };
      const shape = SHAPES[outcome.code] ?? outcome.code;
      const body = JSON.stringify({ __type: `${namespace}${shape}`, message: outcome.message });
      return { status: outcome.status, body, headers: { ...headers, "x-amzn-query-error": `${outcome.code};Sender` } };
    },
  };
}

/** CloudWatch's errors whose shape is called otherwise than their code. */
const SHAPES: Readonly<Record<string, string>> = {
  InvalidFormat: "InvalidFormatFault",
  InvalidParameterCombination: "InvalidParameterCombinationException",
  ValidationError: "ValidationException",
};

/** An element for each name; one of a list is repeated, and one that is undefined is left out. */
export interface Elements {
  readonly [name: string]: Content | readonly Content[] | undefined;
}
type Content = string | number | boolean | Elements;

export function xml(elements: Elements, namespace?: string): string {
  const attributes = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${render(elements, attributes)}`;
}

function render(elements: Elements, attributes = ""): string {
  return Object.entries(elements)
    .flatMap(([name, content]) =>
      (content === undefined ? [] : [content].flat()).map((one) => {
        const inner = typeof one === "object" ? render(one) : escapeText(String(one));
        return `<${name}${attributes}>${inner}</${name}>`;
      }),
    )
    .join("");
}

function escapeText(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
