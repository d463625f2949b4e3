/** The commands that restore, and follow a restore. */
import { type CommandSpec, EXITS_OF_CHANGE, EXITS_OF_LIST, type OptionSpec } from "./command-spec.ts";
import { DATABASES, DRY_RUN } from "./grammar-common.ts";

const database = {
  name: "database",
  syntax: "<database>",
  description: "a name from the policy: what is restored",
  complete: "databases",
} as const;
const job = { name: "job", syntax: "<job>", description: "its id, as restore list prints it" } as const;
const NO_WAIT = { flags: "--no-wait", description: "end as soon as Atlas has taken the order" };
const AT = { flags: "--at <instant>", description: "as of when: 2026-11-22T01:47:56Z, with an offset, or 12m ago" };
const SNAPSHOT = { flags: "--snapshot <which>", description: "latest, before:2026-11-22T02:00:00Z, or an id" };

const VERIFY = { flags: "--verify", description: "look at the restored data too (docs/restore-data.md)" };

const COMMON: readonly OptionSpec[] = [
  { flags: "--to <cluster>", description: "the cluster that is restored to (required)", required: true },
  { flags: "--in-place", description: "the source itself may be the target" },
  { flags: "--allow-busy", description: "the target may take writes now" },
  { flags: "--no-undo", description: "take no snapshot of the target first" },
  { flags: "--closing-snapshot", description: "take one afterwards, which ends the target's blackout" },
  { flags: "--confirm <name>", description: "the name of the target", list: true },
  { flags: "--plan-file <file>", description: "save the plan for restore apply, and do nothing else", partial: true },
  VERIFY,
  NO_WAIT,
  DRY_RUN,
];

export const RESTORE_COMMANDS: readonly CommandSpec[] = [
  {
    name: "restore pitr",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "restore a database as of an instant onto a cluster, which is erased",
    details:
      "Shows the plan and asks for the target's name; the order is sent once, read back, and waited for: 48 hours without --timeout. See docs/restore.md before you need it.",
    arguments: [database],
    options: [{ ...AT, required: true }, ...COMMON],
    examples: ['litally-ops restore pitr core --at "12m ago" --to litally-drill --dry-run'],
    load: () => import("../commands/restore-pitr.ts"),
  },
  {
    name: "restore snapshot",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "restore one snapshot of a database onto a cluster, which is erased",
    details:
      "As restore pitr, from a snapshot as it is. Only a good one is taken, as backup verify judges it. Waits for 48 hours without --timeout.",
    arguments: [database],
    options: [{ ...SNAPSHOT, required: true }, ...COMMON],
    examples: ["litally-ops restore snapshot core --snapshot latest --to litally-drill"],
    load: () => import("../commands/restore-snapshot.ts"),
  },
  {
    name: "restore collections",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "restore collections beside what there is, under new names",
    details:
      "Destroys nothing unless --overwrite is given: the new collections get a suffix. Waits for 48 hours without --timeout.",
    arguments: [database],
    options: [
      {
        flags: "--namespace <name>",
        description: "database.collection (required; repeatable, commas)",
        list: true,
        required: true,
      },
      AT,
      SNAPSHOT,
      { flags: "--suffix <text>", description: "for the new names (default: _restored)" },
      { flags: "--overwrite", description: "replace the collections on the target instead" },
      ...COMMON,
    ],
    examples: [
      'litally-ops restore collections core --namespace ledger.entries --at "1h ago" --to litally-core --in-place',
    ],
    load: () => import("../commands/restore-collections.ts"),
  },
  {
    name: "restore apply",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "carry out a saved plan: unaltered, unexpired, unused, same target",
    details:
      "What --plan-file saved. Consent is the hash that was printed then; a plan is good for 30 minutes (that of a drill for a day), and once. Waits for 48 hours without --timeout.",
    arguments: [{ name: "file", syntax: "<file>", description: "the plan" }],
    options: [{ flags: "--confirm <hash>", description: "the hash of the plan", list: true }, VERIFY, NO_WAIT, DRY_RUN],
    examples: ["litally-ops restore apply plan.json --confirm 3b5d5c37..."],
    load: () => import("../commands/restore-apply.ts"),
  },
  {
    name: "restore drill",
    endures: true,
    gives: "report",
    exits: [0, 1, 2, 3, 4, 5, 64, 130],
    summary: "rehearse a restore: restore, look at the data, measure, put it on record",
    details:
      "Onto the cluster that the policy names under drill, which is erased, and paused afterwards in every ending. See docs/drill.md. Waits for 48 hours without --timeout.",
    arguments: [database],
    options: [
      { flags: "--tier <tier>", description: "any snapshot of daily, weekly ... (default: the latest point)" },
      { flags: "--no-verify", description: "do not look at the data; then it counts as no drill", partial: true },
      { flags: "--allow-busy", description: "the target may take writes now" },
      { flags: "--confirm <name>", description: "the name of the target", list: true },
      {
        flags: "--last",
        description: "tell from the records when one last succeeded, and do nothing else",
        partial: true,
      },
      {
        flags: "--clean-up",
        description: "pause the target that a stopped drill left running, and do nothing else",
        partial: true,
      },
      {
        flags: "--plan-file <file>",
        description: "save the plan for restore apply, and do nothing else",
        partial: true,
      },
      DRY_RUN,
    ],
    examples: ["litally-ops restore drill core --confirm litally-drill", "litally-ops restore drill core --last"],
    load: () => import("../commands/restore-drill.ts"),
  },
  {
    name: "restore list",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "list restores, newest first, each with how it stands",
    details: "Reads only.",
    arguments: [DATABASES],
    options: [],
    examples: ["litally-ops restore list core"],
    load: () => import("../commands/restore-list.ts"),
  },
  {
    name: "restore status",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "show how one restore stands now",
    details: "Reads only.",
    arguments: [database, job],
    options: [],
    examples: ["litally-ops restore status core 66f0c2a5b3d94e0012ab34cd"],
    load: () => import("../commands/restore-status.ts"),
  },
  {
    name: "restore watch",
    endures: true,
    gives: "report",
    exits: [0, 2, 4, 64, 130],
    summary: "wait for a restore by its id, whoever started it",
    details:
      "Reads only, and may be started again at any time. Anything but finished is no success. Waits for 48 hours without --timeout.",
    arguments: [database, job],
    options: [],
    examples: ["litally-ops restore watch core 66f0c2a5b3d94e0012ab34cd"],
    load: () => import("../commands/restore-watch.ts"),
  },
  {
    name: "restore cancel",
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "cancel a download; of other restores, say why Atlas will not",
    details: "Atlas cancels downloads only. It asks for the job's id.",
    arguments: [database, job],
    options: [{ flags: "--confirm <job>", description: "the id of the job", list: true }, DRY_RUN],
    examples: ["litally-ops restore cancel core 66f0c2a5b3d94e0012ab34cd"],
    load: () => import("../commands/restore-cancel.ts"),
  },
];
