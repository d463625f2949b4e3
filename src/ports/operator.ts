import type { Report } from "../core/report.ts";

/** The person at the terminal, if there is one. */
export interface Operator {
  /** Shows what is about to be done, unless it has been shown, asks, and gives back what was typed; null: nobody is there. */
  ask(plan: Report | null, question: string): Promise<string | null>;
}
