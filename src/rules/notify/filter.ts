/**
 * Whether the filter of a subscription lets a message of an alarm through. `maybe`: it hangs on what only the moment
 * tells, or the filter says what we do not understand.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import type { AlarmMessage } from "./facts.ts";
import { glob } from "./glob.ts";
import { isObject, type JsonObject, parseJson } from "./json.ts";
import { ONLY_THEN } from "./message.ts";

/** `policy`: a JSON text. */
export function passesFilter(
  policy: string,
  scope: "MessageAttributes" | "MessageBody",
  message: () => AlarmMessage,
): Tri {
  const filter = parseJson(policy);
  if (!isObject(filter)) return "maybe";
  if (Object.keys(filter).length === 0) return "yes";
  // Messages of alarms have no attributes, and without any not even `exists: false` matches:
  // https://docs.aws.amazon.com/sns/latest/dg/attribute-key-matching.html
  return scope === "MessageAttributes" ? "no" : matches(filter, message());
}

function matches(filter: JsonObject, node: JsonObject): Tri {
  return all(
    ...Object.entries(filter).map(([key, wanted]) =>
      key === "$or" && isChoice(wanted)
        ? any(...wanted.map((choice) => matches(choice, node)))
        : matchesKey(wanted, Object.hasOwn(node, key) ? node[key] : ABSENT),
    ),
  );
}

const ABSENT = Symbol("absent");
const NOTHING: JsonObject = {};

/** Otherwise `$or` is a key like any other: https://docs.aws.amazon.com/sns/latest/dg/and-or-logic.html */
function isChoice(wanted: unknown): wanted is readonly JsonObject[] {
  if (!Array.isArray(wanted) || wanted.length < 2 || !wanted.every(isObject)) return false;
  return wanted.every((choice) => Object.keys(choice).every((key) => !OPERATORS.has(key)));
}

/** An object asks about what is inside; in a list some element must fit as a whole. */
function matchesKey(wanted: unknown, value: unknown): Tri {
  if (value === ONLY_THEN) return "maybe";
  if (Array.isArray(wanted)) return any(...wanted.map((condition) => matchesLeaf(condition, value)));
  if (!isObject(wanted)) return "maybe";
  if (!Array.isArray(value)) return matches(wanted, isObject(value) ? value : NOTHING);
  return any(...value.map((element) => matches(wanted, isObject(element) ? element : NOTHING)));
}

function matchesLeaf(condition: unknown, value: unknown): Tri {
  const values: readonly unknown[] = (value === ABSENT ? [] : [value].flat(DEEP)).filter((each) => !isObject(each));
  if (!isObject(condition)) return tri(values.includes(condition));
  const [[name, operand] = ["", null], ...more] = Object.entries(condition);
  const operator = OPERATORS.get(name);
  if (operator === undefined || more.length > 0) return "maybe";
  if (name === "exists") return exists(operand, value, values);
  return any(...values.map((each) => operator(operand, each)));
}

const DEEP = 32;

type Operator = (operand: unknown, value: unknown) => Tri;

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ["exists", () => "maybe"],
  ["prefix", ofText((wanted, text) => text.startsWith(wanted))],
  ["suffix", ofText((wanted, text) => text.endsWith(wanted))],
  ["equals-ignore-case", ofText((wanted, text) => text.toLowerCase() === wanted.toLowerCase())],
  ["wildcard", ofText((wanted, text) => glob(wanted, text, { single: "*" }))],
  ["anything-but", anythingBut],
  ["numeric", numeric],
  // Nothing in a message of an alarm is an address, but a name that people gave.
  [
    "cidr",
    (_, value) => (typeof value === "string" && /^[\d.]+$|^[\da-f:]+:[\da-f.:]+$/i.test(value) ? "maybe" : "no"),
  ],
]);

/** Only of leaves, and what is null or empty does not count as there. */
function exists(wanted: unknown, value: unknown, values: readonly unknown[]): Tri {
  if (typeof wanted !== "boolean") return "maybe";
  const isThere = values.some((each) => each !== null && each !== "");
  if (wanted) return tri(isThere);
  return value === ABSENT ? "yes" : isThere ? "no" : "maybe";
}

function ofText(holds: (wanted: string, text: string) => boolean): Operator {
  return (wanted, value) => {
    if (typeof wanted !== "string") return "maybe";
    return tri(typeof value === "string" && holds(wanted, value));
  };
}

/** Of values, or of one of the operators on texts: then of none of theirs. */
function anythingBut(operand: unknown, value: unknown): Tri {
  if (value === null) return "maybe";
  if (!isObject(operand)) return not(tri([operand].flat().includes(value)));
  const [[name, wanted] = ["", null], ...more] = Object.entries(operand);
  const operator = OPERATORS.get(name);
  if (operator === undefined || more.length > 0 || typeof value !== "string") return "maybe";
  return not(any(...[wanted].flat().map((each) => operator(each, value))));
}

const NUMERIC: ReadonlyMap<unknown, (value: number, bound: number) => boolean> = new Map([
  ["=", (value: number, bound: number) => value === bound],
  ["<", (value: number, bound: number) => value < bound],
  ["<=", (value: number, bound: number) => value <= bound],
  [">", (value: number, bound: number) => value > bound],
  [">=", (value: number, bound: number) => value >= bound],
]);

/** `[">=", 1, "<", 5]` */
function numeric(operand: unknown, value: unknown): Tri {
  if (!Array.isArray(operand) || operand.length === 0 || operand.length % 2 !== 0) return "maybe";
  const pairs = operand.flatMap((sign, index) =>
    index % 2 === 0 ? [[NUMERIC.get(sign), operand[index + 1]] as const] : [],
  );
  return all(
    ...pairs.map(([holds, bound]): Tri => {
      if (holds === undefined || typeof bound !== "number") return "maybe";
      return tri(typeof value === "number" && holds(value, bound));
    }),
  );
}
