/**
 * One condition of a policy against one key of a request.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { all, any, not, type Tri, tri } from "../../core/tri.ts";
import type { ContextValue } from "./admits.ts";
import { glob } from "./glob.ts";

/** `value`: what the request holds under the key; undefined: nobody knows. */
export function conditionHolds(name: string, wanted: readonly unknown[], value: ContextValue | undefined): Tri {
  const { operator, quantifier, ifExists } = parts(name);
  if (operator === "null") return isNull(wanted, value);
  const comparison = operator === undefined ? undefined : COMPARISONS.get(operator.replace("not", ""));
  if (operator === undefined || comparison === undefined || value === undefined) return "maybe";
  const isNegated = operator.includes("not");
  if (value === null) return tri(quantifier === "all" || ifExists || (isNegated && quantifier === null));
  const one = (present: string) => {
    const answer = any(...wanted.map((text) => compare(comparison, text, present)));
    return isNegated ? not(answer) : answer;
  };
  if (typeof value === "string") return one(value);
  switch (quantifier) {
    case "any":
      return any(...value.map(one));
    case "all":
      return all(...value.map(one));
    case null:
    case undefined:
      return "maybe"; // what an operator for one value makes of several is nowhere said
  }
}

type Comparison = (wanted: string, present: string) => Tri;

const like: Comparison = (wanted, present) => tri(glob(wanted, present));

/** By operator in small letters and without its Not. The ones with Equals of ARNs take patterns too. */
const COMPARISONS: ReadonlyMap<string, Comparison> = new Map<string, Comparison>([
  ["stringequals", (wanted, present) => tri(wanted === present)],
  ["stringequalsignorecase", (wanted, present) => tri(wanted.toLowerCase() === present.toLowerCase())],
  ["stringlike", like],
  ["arnequals", arnLike],
  ["arnlike", arnLike],
  ["bool", (wanted, present) => tri(wanted.toLowerCase() === present.toLowerCase())],
]);

const VARIABLE = "${";

function compare(comparison: Comparison, wanted: unknown, present: string): Tri {
  if (typeof wanted !== "string" && typeof wanted !== "number" && typeof wanted !== "boolean") return "maybe";
  const text = String(wanted);
  return text.includes(VARIABLE) ? "maybe" : comparison(text, present);
}

/** Without an operator: nobody knows what it means. */
function parts(name: string) {
  const groups = FORM.exec(name.toLowerCase())?.groups;
  const quantifier = groups?.["quantifier"] === undefined ? null : QUANTIFIERS.get(groups["quantifier"]);
  const ifExists = groups?.["ifexists"] !== undefined;
  return { operator: quantifier === undefined ? undefined : groups?.["operator"], quantifier, ifExists };
}

/** `foranyvalue:stringlikeifexists` */
const FORM = /^(?:(?<quantifier>\w+):)?(?<operator>\w+?)(?<ifexists>ifexists)?$/;

const QUANTIFIERS: ReadonlyMap<string, "any" | "all"> = new Map([
  ["foranyvalue", "any"],
  ["forallvalues", "all"],
] as const);

function isNull(wanted: readonly unknown[], value: ContextValue | undefined): Tri {
  if (value === undefined) return "maybe";
  const isAbsent = value === null || value.length === 0;
  return any(
    ...wanted.map((text): Tri => {
      const word = String(text).toLowerCase();
      return word === "true" || word === "false" ? tri(isAbsent === (word === "true")) : "maybe";
    }),
  );
}

/** The six parts of an ARN are matched one by one: a star does not reach across a colon, but in the last. */
const ARN_PARTS = 6;

function arnLike(pattern: string, arn: string): Tri {
  const [wanted, present] = [arnParts(pattern), arnParts(arn)];
  if (wanted === null || present === null) return "no";
  return tri(wanted.every((part, index) => glob(part, present[index] ?? "")));
}

function arnParts(arn: string): readonly string[] | null {
  const parts = arn.split(":");
  if (parts.length < ARN_PARTS) return null;
  return [...parts.slice(0, ARN_PARTS - 1), parts.slice(ARN_PARTS - 1).join(":")];
}
