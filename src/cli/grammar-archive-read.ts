/** The commands that bring an archive back, and end what a push left. */
import { type CommandSpec, EXITS_OF_CHANGE } from "./command-spec.ts";
import { DRY_RUN } from "./grammar-common.ts";

const database = {
  name: "database",
  syntax: "<database>",
  description: "a name from the policy",
  complete: "databases",
} as const;
const slot = {
  name: "slot",
  syntax: "<slot>",
  description: "2026-10, 2026-Q3 or 2026: all by the month that closes it",
} as const;
export const ARCHIVE_READ_COMMANDS: readonly CommandSpec[] = [
  {
    name: "archive thaw",
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "ask S3 for readable copies of an archive; says first how long and how much",
    details:
      "Asks for what is not readable long enough, and ends at once; it costs money and deletes nothing. The same command again does what was left. See docs/archives.md.",
    arguments: [database, slot],
    options: [
      { flags: "--tier <tier>", description: "bulk, standard or expedited (default: bulk, the cheapest)" },
      { flags: "--days <number>", description: "how long the copies stay (default: 7)" },
      { flags: "--max-cost <usd>", description: "refuse where it costs more, or nobody knows what (default: none)" },
      DRY_RUN,
    ],
    examples: [
      "litally-ops archive thaw core 2026-06 --dry-run",
      "litally-ops archive thaw core 2026-Q2 --tier standard",
    ],
    load: () => import("../commands/archive-thaw.ts"),
  },
  {
    name: "archive status",
    gives: "list",
    summary: "show whether an archive can be read now, object by object",
    details: "Reads only.",
    arguments: [database, slot],
    options: [],
    examples: ["litally-ops archive status core 2026-06"],
    load: () => import("../commands/archive-status.ts"),
  },
  {
    name: "archive fetch",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "fetch an archive that can be read, every byte checked; never over a file",
    details:
      "Begun again, it goes on with what has come. Waits as long as it takes without --timeout. With --to - the bytes of one object go to stdout, and the report to stderr. See docs/archives.md.",
    arguments: [database, slot],
    options: [
      { flags: "--to <folder>", description: "where to; - for stdout (required)", required: true },
      { flags: "--object <name>", description: "with --to -: which one, as archive status shows it" },
      DRY_RUN,
    ],
    examples: [
      "litally-ops archive fetch core 2026-06 --to ledger-2026-06",
      "litally-ops archive fetch core 2026-06 --to - | tar -xz",
    ],
    load: () => import("../commands/archive-fetch.ts"),
  },
  {
    name: "archive abort",
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "end uploads that a push left, and delete what they had sent",
    details:
      "Asks for the name of the period, as core/2026-10. Refused while the push shows signs of life. A push that is to go on needs no abort: run it again.",
    arguments: [database, { ...slot, syntax: "[slot]", description: `${slot.description}; all when none is given` }],
    options: [
      { flags: "--take-over", description: "the push is dead for certain, though it moved a moment ago" },
      { flags: "--confirm <name>", description: "the name of the period", list: true },
      DRY_RUN,
    ],
    examples: ["litally-ops archive abort core 2026-10 --confirm core/2026-10"],
    load: () => import("../commands/archive-abort.ts"),
  },
];
