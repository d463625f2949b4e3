/**
 * Three-valued truth: what we could not read is `maybe`, and a `maybe` can neither make a check pass
 * nor make it fail.
 */
export type Tri = "yes" | "no" | "maybe";

export function tri(value: boolean): Tri {
  return value ? "yes" : "no";
}

export function not(value: Tri): Tri {
  if (value === "maybe") return "maybe";
  return value === "yes" ? "no" : "yes";
}

export function all(...values: readonly Tri[]): Tri {
  if (values.includes("no")) return "no";
  return values.includes("maybe") ? "maybe" : "yes";
}

export function any(...values: readonly Tri[]): Tri {
  if (values.includes("yes")) return "yes";
  return values.includes("maybe") ? "maybe" : "no";
}
