import { Chalk } from "chalk";
import type { Status } from "../core/report.ts";
import type { Style } from "./style.ts";

/** The 16 colours that every terminal has. Whether to use them has been decided before. */
export function colourStyle(): Style {
  const chalk = new Chalk({ level: 1 });
  const byStatus = {
    pass: chalk.green,
    waived: chalk.cyan,
    warn: chalk.yellow,
    fail: chalk.red.bold,
    unknown: chalk.magenta.bold,
  } as const satisfies Record<Status, (text: string) => string>;
  return { status: (status, text) => byStatus[status](text), strong: chalk.bold, dim: chalk.dim };
}
