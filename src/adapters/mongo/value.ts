/** A value of a document, as far as an expectation can be held against it: exactly, or not at all. */
import { Decimal128, Long, ObjectId } from "mongodb";
import { OpsError } from "../../core/error.ts";
import type { FieldAnswer } from "../../ports/mongo.ts";

export function fieldAnswer(value: unknown): FieldAnswer {
  if (value === undefined) return { kind: "other", type: "missing" };
  if (value === null) return { kind: "other", type: "null" };
  if (value instanceof ObjectId) return { kind: "instant", value: value.getTimestamp() };
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? NO_INSTANT : { kind: "instant", value };
  if (value instanceof Decimal128) return numberAnswer(exactly(value.toString()));
  if (value instanceof Long) throw tooPrecise();
  if (typeof value === "number") return numberAnswer(value);
  return { kind: "other", type: Array.isArray(value) ? "array" : typeof value };
}

/** The last ObjectId of a second, or of all: https://www.mongodb.com/docs/manual/reference/bson-types/#objectid */
export function lastIdOf(second: Date | null): ObjectId {
  const seconds = second === null ? MAX_SECOND : Math.floor(second.getTime() / 1000);
  return new ObjectId(`${seconds.toString(16).padStart(8, "0")}${"f".repeat(16)}`);
}

const MAX_SECOND = 0xffff_ffff;

/** Dates of MongoDB reach further than those of JavaScript. */
const NO_INSTANT = { kind: "other", type: "a date out of range" } as const;

function numberAnswer(value: number): FieldAnswer {
  return Number.isFinite(value) ? { kind: "number", value } : { kind: "other", type: "no finite number" };
}

/** Digits that every number of JavaScript keeps. */
const EXACT_DIGITS = 15;

/** Money that is a cent off must not be called equal. */
function exactly(decimal: string): number {
  const [digits = ""] = decimal.split("E");
  if (digits.replaceAll(/\D/g, "").replace(/^0+/, "").length > EXACT_DIGITS) throw tooPrecise();
  return Number(decimal);
}

function tooPrecise(): OpsError {
  return new OpsError("protocol", "the value has more digits than can be compared", {
    hint: "compare it in the pipeline, and expect a number of documents",
  });
}
