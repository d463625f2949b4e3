/** Every field of an answer changed in every way, one at a time; and patterns that say for which of them it does not matter. */
import type { Json } from "./replay.ts";

/** A pattern covers a place and all below it; `*` stands for any resource. */
export function covers(pattern: string, where: string, kind: string): boolean {
  const [path = "", kinds] = pattern.split(" | ");
  if (kinds !== undefined && !kinds.split(", ").includes(kind)) return false;
  return [where, where.replaceAll(/\[#\w+\]/g, "[]")].some((place) => {
    const candidate = path.startsWith("*.") ? `${place.split(".")[0]}${path.slice(1)}` : path;
    return place === candidate || place.startsWith(`${candidate}.`) || place.startsWith(`${candidate}[`);
  });
}

interface Mutation {
  readonly where: string;
  readonly kind: string;
  readonly body: Json;
}

/** Every field once in each way. Of a long list the newest, the oldest and one in the middle of each kind stand for all. */
export function* mutationsOf(
  body: Json,
  where = "",
  put: (value: Json | undefined) => Json = (value) => value ?? null,
): Generator<Mutation> {
  if (where !== "") {
    yield { where, kind: "deleted", body: put(undefined) };
    yield { where, kind: "null", body: put(null) };
    for (const [kind, value] of retyped(body)) yield { where, kind, body: put(value) };
    for (const word of otherWords(where, body)) yield { where, kind: `as ${word}`, body: put(word) };
  }
  if (Array.isArray(body)) {
    const list: readonly Json[] = body;
    for (const [index, label] of representatives(list)) {
      yield* mutationsOf(list[index] ?? null, `${where}[${label}]`, (value) =>
        put(value === undefined ? list.toSpliced(index, 1) : list.with(index, value)),
      );
    }
  } else if (typeof body === "object" && body !== null) {
    for (const [key, value] of Object.entries(body)) {
      yield* mutationsOf(value, `${where}.${key}`, (next) =>
        put(next === undefined ? without(body as { readonly [key: string]: Json }, key) : { ...body, [key]: next }),
      );
    }
  }
}

/** The words that Atlas and AWS have for a field, by the field's name. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ComparisonOperator: ["GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold"],
  Effect: ["Allow", "Deny"],
  FilterPolicyScope: ["MessageAttributes", "MessageBody"],
  KeyState: ["Enabled", "Disabled", "PendingDeletion", "PendingImport", "Unavailable"],
  Protocol: ["email", "sms", "https", "sqs"],
  StateValue: ["OK", "ALARM", "INSUFFICIENT_DATA"],
  Stat: ["Sum", "Average", "Maximum", "p99"],
  Statistic: ["Sum", "Average", "Maximum"],
  TreatMissingData: ["missing", "breaching", "notBreaching", "ignore"],
  clusterType: ["REPLICASET", "SHARDED", "GEOSHARDED"],
  encryptionAtRestProvider: ["NONE", "AWS", "AZURE", "GCP"],
  frequencies: ["HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND"],
  frequencyType: ["hourly", "daily", "weekly", "monthly", "yearly", "ondemand"],
  retentionUnit: ["days", "weeks", "months", "years"],
  snapshotType: ["onDemand", "scheduled", "fallback"],
  stateName: ["IDLE", "CREATING", "UPDATING", "DELETING", "REPAIRING"],
  status: ["queued", "inProgress", "completed", "failed"],
  type: ["replicaSet", "shardedCluster"],
};

function otherWords(where: string, value: Json): readonly string[] {
  const field =
    where
      .replace(/\[[^\]]*\]$/, "")
      .split(".")
      .at(-1) ?? "";
  return typeof value === "string" ? (WORDS[field] ?? []).filter((word) => word !== value) : [];
}

function* retyped(value: Json): Generator<readonly [string, Json]> {
  yield ["an object", { unexpected: true }];
  yield typeof value === "string" ? ["a number", 7] : ["a string", "unexpected"];
  if (typeof value === "string") yield ["another word", "quarantined"];
  if (typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)) yield ["in the future", "2027-06-01T00:00:00Z"];
  if (typeof value === "boolean") yield ["turned round", !value];
  if (value === "true" || value === "false") yield ["turned round", value === "true" ? "false" : "true"];
  if (typeof value === "number") yield ["negative", -1];
  if (Array.isArray(value) && value.length > 0) {
    yield ["emptied", []];
    yield ["truncated", value.slice(0, Math.floor(value.length / 2))];
  }
}

function without(object: { readonly [key: string]: Json }, key: string): Json {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name !== key));
}

function representatives(list: readonly Json[]): readonly (readonly [number, string])[] {
  const labels = list.map(labelOf);
  const chosen = new Map<number, string>();
  for (const label of new Set(labels)) {
    const indexes = [...labels.keys()].filter((index) => labels[index] === label);
    const middle = label === "" ? indexes[Math.floor(indexes.length / 2)] : undefined;
    for (const index of [indexes[0], middle, indexes.at(-1)]) if (index !== undefined) chosen.set(index, label);
  }
  return [...chosen];
}

function labelOf(element: Json): string {
  if (typeof element !== "object" || element === null || Array.isArray(element)) return "";
  const { frequencyType, name, stateName, Effect, Sid } = element as { readonly [key: string]: Json };
  if (typeof Sid === "string" && Effect !== undefined) return `#${Sid}`;
  if ("AlarmName" in element && !("AlarmRule" in element)) return "Metrics" in element ? "#math" : "#metric";
  if ("StatusCode" in element) return `#${Reflect.get(element, "Id")}`;
  if ("ReturnData" in element) return "Expression" in element ? "#expression" : "#stat";
  if (typeof frequencyType === "string" && "snapshotType" in element)
    return frequencyType === "daily" ? "" : `#${frequencyType}`;
  return stateName !== undefined && name !== "litally-core" ? "#other" : "";
}
