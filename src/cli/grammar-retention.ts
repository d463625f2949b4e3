/** The commands that prove retention. */
import type { CommandSpec } from "./command-spec.ts";
import { DATABASES, ONLY } from "./grammar-common.ts";

const ASSUME_LOST = {
  flags: "--assume-lost <kind=name>",
  description: "region=, bucket=, key=, cluster= or account= (repeatable): what is left without it?",
  list: true,
  partial: true,
};
const UNTIL = { flags: "--until <horizon>", description: "how far to look: 5y, or an instant (default: 5y)" };
const AS_OF = { flags: "--as-of <instant>", description: "as if it were then (default: now)", partial: true };
export const RETENTION_COMMANDS: readonly CommandSpec[] = [
  {
    name: "retention check",
    gives: "report",
    summary: "is every restore point there that is owed today, and can the settings deliver the rest?",
    details:
      "Slot by slot, over snapshots, copies and archives with their locks and lifecycle rules; how many runs may be missed; what is kept too long; what a loss would leave. Reads only. See docs/retention.md.",
    arguments: [DATABASES],
    options: [ASSUME_LOST, ONLY],
    examples: ["litally-ops retention check", "litally-ops retention check core --assume-lost region=ap-south-1"],
    load: () => import("../commands/retention-check.ts"),
  },
  {
    name: "retention simulate",
    gives: "report",
    summary: "does the policy hold on every day to come? Proves it, or shows the first on which it breaks",
    details:
      "From the live settings every restore point to come is derived, with the time of its life; a breach is shown as a counterexample that anybody can replay. Reads only.",
    arguments: [DATABASES],
    options: [UNTIL, AS_OF, ASSUME_LOST, ONLY],
    examples: ["litally-ops retention simulate", "litally-ops retention simulate core --until 10y"],
    load: () => import("../commands/retention-simulate.ts"),
  },
  {
    name: "retention map",
    gives: "artifact",
    exits: [0, 2, 64, 130],
    summary: "chart what can be restored of every age: how fine, how fast, from where",
    details:
      "Of today, and the worst of every day up to the horizon; at its worst where something is uncertain. --out writes SVG, or a page for an auditor; never over a file. Reads only.",
    arguments: [DATABASES],
    options: [
      { flags: "--out <file>", description: "also write it: map.html or map.svg" },
      UNTIL,
      AS_OF,
      ASSUME_LOST,
      { flags: "--ascii", description: "draw without line characters" },
    ],
    examples: ["litally-ops retention map core", "litally-ops retention map core --out coverage.html"],
    load: () => import("../commands/retention-map.ts"),
  },
];
