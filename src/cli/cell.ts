import type { Cell, ListColumn } from "../core/report.ts";

/** The text of a cell, for people. */
export function showCell(column: ListColumn, value: Cell): string {
  if (column.show !== undefined) return column.show(value);
  return Array.isArray(value) ? value.join(", ") : value === null ? "-" : String(value);
}
