/**
 * Whether a policy of a resource (a topic, a key) lets a request of an AWS service in. What the request will hold and we
 * cannot tell is `maybe`; so is whatever of the policy we do not understand.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import { conditionHolds } from "./conditions.ts";
import { glob } from "./glob.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";

export interface ServiceRequest {
  /** `cloudwatch.amazonaws.com` */
  readonly service: string;
  /** `sns:Publish` */
  readonly action: string;
  readonly resource: string;
  /** What the request holds, by key in lower case. A key that is not here: nobody knows. */
  readonly context: ReadonlyMap<string, ContextValue>;
}

/** null: the request has no such key; several values: of a key that has a list of them. */
export type ContextValue = string | readonly string[] | null;

export interface Admission {
  readonly isAdmitted: Tri;
  /** Names of statements that refuse the request, or may. */
  readonly refusedBy: readonly string[];
}

/** A policy as it was read; null: the text is none. */
export function parsePolicy(text: string): PolicyDocument | null {
  const document = parseJson(text);
  if (!isObject(document)) return null;
  const statements = listOf(document["Statement"]);
  return statements.every(isObject) && statements.length > 0 ? { document, statements } : null;
}

export interface PolicyDocument {
  readonly document: JsonObject;
  readonly statements: readonly JsonObject[];
}

export function admits({ statements }: PolicyDocument, request: ServiceRequest): Admission {
  const judged = statements.map((statement, index) => ({
    effect: statement["Effect"],
    name: typeof statement["Sid"] === "string" && statement["Sid"] !== "" ? statement["Sid"] : `statement ${index + 1}`,
    applies: applies(statement, request),
  }));
  const allowed = judged.map(({ effect, applies }) => all(applies, isEffect(effect, "Allow")));
  const denied = judged.map(({ effect, applies }) => all(applies, isEffect(effect, "Deny")));
  return {
    isAdmitted: all(any(...allowed), not(any(...denied))),
    refusedBy: judged.flatMap(({ name }, index) => (denied[index] === "no" ? [] : [name])),
  };
}

function isEffect(effect: unknown, wanted: "Allow" | "Deny"): Tri {
  return effect === "Allow" || effect === "Deny" ? tri(effect === wanted) : "maybe";
}

function applies(statement: JsonObject, request: ServiceRequest): Tri {
  return all(
    either(statement, "Principal", (principal) => matchesPrincipal(principal, request.service)),
    either(statement, "Action", (action) => matchesText(action, request.action.toLowerCase(), lower)),
    either(statement, "Resource", (resource) => matchesText(resource, request.resource, same)),
    conditionsHold(statement["Condition"], request),
  );
}

/** `Action` or `NotAction` and their like: exactly one of them must be there. */
function either(statement: JsonObject, key: string, matches: (value: unknown) => Tri): Tri {
  const negated = `Not${key}`;
  if (Object.hasOwn(statement, key) === Object.hasOwn(statement, negated)) return "maybe";
  return Object.hasOwn(statement, key) ? matches(statement[key]) : not(matches(statement[negated]));
}

const same = (text: string) => text;
const lower = (text: string) => text.toLowerCase();

/** Variables stand for what only the request tells: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
const VARIABLE = "${";

function matchesText(patterns: unknown, text: string, prepared: (pattern: string) => string): Tri {
  return any(
    ...listOf(patterns).map((pattern): Tri => {
      if (typeof pattern !== "string" || pattern.includes(VARIABLE)) return "maybe";
      return tri(glob(prepared(pattern), text));
    }),
  );
}

/** Everybody is also a service: the policy that SNS gives a new topic admits CloudWatch by `{"AWS": "*"}`. */
function matchesPrincipal(principal: unknown, service: string): Tri {
  if (principal === "*") return "yes";
  if (!isObject(principal)) return "maybe";
  const answers = Object.entries(principal).flatMap(([kind, names]) =>
    listOf(names).map((name) => matchesOne(kind, name, service)),
  );
  return any(...answers);
}

function matchesOne(kind: string, name: unknown, service: string): Tri {
  if (typeof name !== "string") return "maybe";
  switch (kind) {
    case "AWS":
      return tri(name === "*");
    case "Service":
      return name.includes("*") ? "maybe" : tri(name.toLowerCase() === service);
    case "Federated":
    case "CanonicalUser":
      return "no";
    default:
      return "maybe";
  }
}

function conditionsHold(condition: unknown, { context }: ServiceRequest): Tri {
  if (condition === undefined) return "yes";
  if (!isObject(condition)) return "maybe";
  const answers = Object.entries(condition).flatMap(([operator, keys]): readonly Tri[] => {
    if (!isObject(keys)) return ["maybe"];
    return Object.entries(keys).map(([key, values]) =>
      conditionHolds(operator, listOf(values), context.get(key.toLowerCase())),
    );
  });
  return all(...answers);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}
