/** Cells of lists, for people. */
import type { Cell } from "../core/report.ts";

/** `2026-11-22 02:00`, of an instant in ISO 8601; nothing where there is none. */
export function minute(value: Cell): string {
  return typeof value === "string" ? value.slice(0, 16).replace("T", " ") : "";
}
