import type { Cell, ListColumn } from "../core/report.ts";

/** The text of a cell, for people; on one line, for a line break that came from outside would begin a row of its own. */
export function showCell({ show = plainly }: ListColumn, value: Cell): string {
  return show(value).replaceAll(/\s+/g, " ");
}

function plainly(value: Cell): string {
  return Array.isArray(value) ? value.join(", ") : value === null ? "-" : String(value);
}
