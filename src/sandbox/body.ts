/** Bodies of requests: JSON of a stated type and of a known shape, with every field that is there known by name. */
import { type Answer, refuse } from "./answer.ts";

/** What a value must look like; `T` is what it then is. */
export interface Shape<T> {
  /** The refusal of a value that does not look so; `at` is where it stands. */
  readonly refuses: (value: unknown, at: string) => Answer | null;
  /** Never there: it ties the shape to its type. */
  readonly like?: T;
}

export interface Sent {
  readonly contentType: string | undefined;
  readonly body: string;
}

/** The body as what `shape` says, or the refusal. `date` is that of the operation's media type. */
export function readBody<T>(sent: Sent, date: string, shape: Shape<T>): { readonly value: T } | Answer {
  const type = sent.contentType?.split(";")[0]?.trim().toLowerCase() ?? "";
  if (type !== "application/json" && type !== `application/vnd.atlas.${date}+json`) {
    return refuse(415, "UNSUPPORTED_MEDIA_TYPE", `The body must be application/vnd.atlas.${date}+json.`, [type]);
  }
  let value: unknown;
  try {
    value = JSON.parse(sent.body);
  } catch {
    return refuse(400, "MALFORMED_JSON", "The body is not JSON.");
  }
  return shape.refuses(value, "") ?? { value: value as T }; // the shape was just looked at
}

export const integer: Shape<number> = primitive((value) => Number.isSafeInteger(value));
export const number: Shape<number> = primitive((value) => typeof value === "number");
export const flag: Shape<boolean> = primitive((value) => typeof value === "boolean");
export const text: Shape<string> = primitive((value) => typeof value === "string");

/** How long something is kept. */
export const RETENTION = { retentionValue: integer, retentionUnit: oneOf(["days", "weeks", "months", "years"]) };

export function oneOf<const T extends string>(words: readonly T[]): Shape<T> {
  return {
    refuses: (value, at) =>
      words.some((word) => word === value)
        ? null
        : refuse(400, "INVALID_ENUM_VALUE", `${at} must be one of ${words.join(", ")}.`, [String(value)]),
  };
}

export function list<T>(of: Shape<T>): Shape<readonly T[]> {
  return {
    refuses: (value, at) => {
      if (!Array.isArray(value)) return misfit(at);
      for (const [index, element] of value.entries()) {
        const refusal = of.refuses(element, `${at}[${index}]`);
        if (refusal !== null) return refusal;
      }
      return null;
    },
  };
}

type Shapes<T> = { readonly [K in keyof T]: Shape<T[K]> };

export function object<R extends object, O extends object>(
  required: Shapes<R>,
  optional: Shapes<O>,
): Shape<Readonly<R & Partial<O>>> {
  const shapes = new Map<string, Shape<unknown>>(Object.entries({ ...required, ...optional }));
  return {
    refuses: (value, at) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return misfit(at);
      const lost = Object.keys(required).find((name) => !(name in value));
      if (lost !== undefined) return refuse(400, "MISSING_ATTRIBUTE", `${at}.${lost} is missing.`, [lost]);
      for (const [name, field] of Object.entries(value)) {
        const shape = shapes.get(name);
        if (shape === undefined)
          return refuse(400, "INVALID_ATTRIBUTE", `There is no ${at}.${name} to be set.`, [name]);
        const refusal = shape.refuses(field, `${at}.${name}`);
        if (refusal !== null) return refusal;
      }
      return null;
    },
  };
}

function primitive<T>(fits: (value: unknown) => boolean): Shape<T> {
  return { refuses: (value, at) => (fits(value) ? null : misfit(at)) };
}

function misfit(at: string): Answer {
  return refuse(400, "INVALID_JSON_ATTRIBUTE", `${at || "The body"} is not of the form expected.`, [at]);
}
