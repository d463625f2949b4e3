/** The commands on archives in S3. */
import { type CommandSpec, EXITS_OF_CHANGE, EXITS_OF_LIST } from "./command-spec.ts";
import { DRY_RUN } from "./grammar-common.ts";

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
      { flags: "--slot <slot>", description: "another period: 2026-10, 2026-Q3 or 2026", partial: true },
      { flags: "--via <road>", description: "auto, download or export (default: auto)" },
      { flags: "--export-bucket <id>", description: "the bucket that Atlas exports to, where it has several" },
      { flags: "--take-over", description: "go on with what another push began that is dead for certain" },
      {
        flags: "--no-wait",
        description: "leave an export to Atlas as soon as it is ordered: a later push goes on with it",
      },
      DRY_RUN,
    ],
    examples: ["litally-ops archive push", "litally-ops archive push core --slot 2026-10 --dry-run"],
    load: () => import("../commands/archive-push.ts"),
  },
  {
    name: "archive verify",
    gives: "report",
    exits: [0, 1, 2, 3, 4, 5, 64, 130],
    summary: "judge archives against the policy; the exit code is the verdict",
    details:
      "Reads the bucket's set-up, the list of its versions, each manifest, and what S3 says of each object that it names; changes nothing. With --deep it reads archives back, and asks S3 to thaw those that cannot be read yet, which costs: it says how much; give reading its time, such as --timeout 12h. What each check looks at: docs/checks.md; how deep reading goes: docs/archives.md.",
    arguments: [databases],
    options: [
      {
        flags: "--only <check>",
        description: "judge by this check only: slot (repeatable, commas; default: all)",
        list: true,
        partial: true,
      },
      {
        flags: "--within <duration>",
        description: "every archive must have been read back within this time: 1y (default: the policy's reread)",
      },
      {
        flags: "--deep <n/t>",
        description: "read this turn's share of the archives back: 3/12 for the third of twelve",
      },
      {
        flags: "--max-cost <usd>",
        description: "with --deep: thaw nothing where it costs more: 12.50 (default: no limit)",
      },
      {
        flags: "--dry-run",
        description: "with --deep: show what would be read and thawed, and change nothing",
        partial: true,
      },
    ],
    examples: [
      "litally-ops archive verify",
      "litally-ops archive verify --deep 3/12 --max-cost 5",
      "litally-ops archive verify --sandbox archive-missing",
    ],
    load: () => import("../commands/archive-verify.ts"),
  },
  {
    name: "archive list",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "list the slots that are owed, each with the archive that fills it",
    details:
      "Reads the list of the bucket and the manifests, and says what they say: whether it is true, archive verify judges. Exits 2 where something could not be read.",
    arguments: [databases],
    options: [],
    examples: ["litally-ops archive list", "litally-ops archive list core --json"],
    load: () => import("../commands/archive-list.ts"),
  },
];
