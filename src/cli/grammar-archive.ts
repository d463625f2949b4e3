/** The commands of archives that write, and look whether all is there. */
import { type CommandSpec, EXITS_OF_CHANGE } from "./command-spec.ts";

const databases = {
  name: "databases",
  syntax: "[databases...]",
  description: "names from the policy; all that have an archive when none is given",
  complete: "databases",
} as const;

export const ARCHIVE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "archive push",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "archive the period that ended last: one snapshot, in S3, locked, with its proof",
    details:
      "A period that has its archive needs nothing; a push that was cut off is gone on with, on whatever machine. What only adds asks for no consent. See docs/archives.md. Waits for Atlas for 72 hours without --timeout.",
    arguments: [databases],
    options: [
      { flags: "--slot <slot>", description: "another period: 2026-10, 2026-Q3 or 2026" },
      { flags: "--via <road>", description: "auto, download or export (default: auto)" },
      { flags: "--export-bucket <id>", description: "the bucket that Atlas exports to, where it has several" },
      { flags: "--take-over", description: "go on with what another push began that is dead for certain" },
      { flags: "--dry-run", description: "show the plan; refuse what would be refused, change nothing" },
    ],
    examples: ["litally-ops archive push", "litally-ops archive push core --slot 2026-10 --dry-run"],
    load: () => import("../commands/archive-push.ts"),
  },
];
