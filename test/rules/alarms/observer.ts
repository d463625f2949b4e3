/** Tries every case: what fires, of a grid of values and of all rows of datapoints. */

export interface ALimit {
  readonly comparison:
    | "GreaterThanThreshold"
    | "GreaterThanOrEqualToThreshold"
    | "LessThanThreshold"
    | "LessThanOrEqualToThreshold";
  readonly threshold: number;
}

export function fires(value: number, { comparison, threshold }: ALimit): boolean {
  switch (comparison) {
    case "GreaterThanThreshold":
      return value > threshold;
    case "GreaterThanOrEqualToThreshold":
      return value >= threshold;
    case "LessThanThreshold":
      return value < threshold;
    case "LessThanOrEqualToThreshold":
      return value <= threshold;
  }
}

/** Which of the values fire. */
export function firesWhere(values: readonly number[], limit: ALimit): ReadonlySet<string> {
  return new Set(values.filter((value) => fires(value, limit)).map(String));
}

const LONGEST = 6;

/** In which of all rows of datapoints m of the last n cross. */
export function windowsWhere({ m, n }: { readonly m: number; readonly n: number }): ReadonlySet<string> {
  const rows = Array.from({ length: 2 ** LONGEST }, (_, row) => row.toString(2).padStart(LONGEST, "0"));
  return new Set(rows.filter((row) => [...row.slice(-n)].filter((point) => point === "1").length >= m));
}
