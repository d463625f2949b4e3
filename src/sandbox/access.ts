/**
 * Whether a resource policy lets somebody do something. It knows what such policies commonly say; a condition that it does
 * not know keeps an Allow from counting and lets a Deny count.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export interface AccessRequest {
  /** A service by its name, or an account by its number. */
  readonly principal: { readonly service: string } | { readonly account: string };
  readonly action: string;
  readonly resource: string;
  /** Keys of conditions, in small letters. */
  readonly context: Readonly<Record<string, string>>;
}

export function admits(policy: string, request: AccessRequest): boolean {
  const fitting = (effect: string) => statements(policy).some((one) => one["Effect"] === effect && fits(one, request));
  return fitting("Allow") && !fitting("Deny");
}

/** Whether something refuses it, whatever else allows it. */
export function forbids(policy: string, request: AccessRequest): boolean {
  return statements(policy).some((one) => one["Effect"] === "Deny" && fits(one, request));
}

interface Home {
  readonly accountId: string;
  readonly region: string;
}

/** What SNS gives a new topic: everybody in its account. */
export function defaultTopicPolicy(name: string, { accountId, region }: Home): string {
  const actions = "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe";
  const statement = {
    Sid: "__default_statement_ID",
    Effect: "Allow",
    Principal: { AWS: "*" },
    Action: `${actions} ListSubscriptionsByTopic Publish`.split(" ").map((action) => `SNS:${action}`),
    Resource: `arn:aws:sns:${region}:${accountId}:${name}`,
    Condition: { StringEquals: { "AWS:SourceOwner": accountId } },
  };
  return JSON.stringify({ Version: "2008-10-17", Id: "__default_policy_ID", Statement: [statement] });
}

/** What KMS gives a new key: whatever IAM allows in the account, which says nothing of services. */
export function defaultKeyPolicy({ accountId }: Pick<Home, "accountId">): string {
  const principal = { AWS: `arn:aws:iam::${accountId}:root` };
  const statement = {
    Sid: "Enable IAM User Permissions",
    Effect: "Allow",
    Principal: principal,
    Action: "kms:*",
    Resource: "*",
  };
  return JSON.stringify({ Version: "2012-10-17", Id: "key-default-1", Statement: [statement] });
}

type Statement = Readonly<Record<string, unknown>>;

function statements(policy: string): readonly Statement[] {
  const parsed: unknown = JSON.parse(policy);
  return several(property(parsed, "Statement")).filter(isRecord);
}

function fits(statement: Statement, request: AccessRequest): boolean {
  return (
    isPrincipal(statement, request) &&
    named(statement, "Action", (pattern) => like(pattern.toLowerCase(), request.action.toLowerCase())) &&
    named(statement, "Resource", (pattern) => like(pattern, request.resource)) &&
    conditionsHold(statement, request)
  );
}

/** `Action` or `NotAction`; one that is absent holds of nothing. */
function named(statement: Statement, name: string, matches: (pattern: string) => boolean): boolean {
  const not = statement[`Not${name}`];
  if (not !== undefined) return !texts(not).some(matches);
  return texts(statement[name]).some(matches);
}

function isPrincipal(statement: Statement, { principal }: AccessRequest): boolean {
  const { NotPrincipal: not, Principal: wanted } = statement;
  if (not !== undefined) return !includes(not, principal);
  return includes(wanted, principal);
}

function includes(wanted: unknown, principal: AccessRequest["principal"]): boolean {
  if (wanted === "*") return true;
  const aws = texts(property(wanted, "AWS"));
  if (aws.includes("*")) return true;
  if ("service" in principal) return texts(property(wanted, "Service")).includes(principal.service);
  return aws.some((one) => one.includes(principal.account));
}

function conditionsHold(statement: Statement, request: AccessRequest): boolean {
  const { Condition: conditions, Effect: effect } = statement;
  if (conditions === undefined) return true;
  return Object.entries(isRecord(conditions) ? conditions : {}).every(([operator, keys]) =>
    Object.entries(isRecord(keys) ? keys : {}).every(([key, wanted]) => {
      const holds = holdsOf(operator, request.context[key.toLowerCase()], texts(wanted));
      return holds ?? effect === "Deny";
    }),
  );
}

/** null: it cannot be told. */
function holdsOf(operator: string, actual: string | undefined, wanted: readonly string[]): boolean | null {
  const [, not, kind, ifExists] =
    /^(?:String|Arn)(Not)?(Equals|Like|EqualsIgnoreCase)(IfExists)?$/.exec(operator) ?? [];
  if (operator === "Null") return wanted.some((one) => (one === "true") === (actual === undefined));
  if (kind === undefined) return null;
  if (actual === undefined) return ifExists !== undefined || not !== undefined;
  const isPlain = operator.startsWith("String") && kind !== "Like";
  const fold = (text: string) => (kind === "EqualsIgnoreCase" ? text.toLowerCase() : text);
  const matches = wanted.some((one) => (isPlain ? fold(one) === fold(actual) : like(one, actual)));
  return matches !== (not !== undefined);
}

/** `*` stands for any text, `?` for any character. */
function like(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(text);
}

function texts(value: unknown): readonly string[] {
  return several(value).map(String);
}

function several(value: unknown): readonly unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

function property(value: unknown, key: string): unknown {
  return isRecord(value) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
