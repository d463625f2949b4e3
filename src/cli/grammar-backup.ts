/** The commands on backups in Atlas. */
import { type CommandSpec, EXITS_OF_CHANGE } from "./command-spec.ts";
import { DATABASES, DRY_RUN } from "./grammar-common.ts";

const ALLOW_LOOSENING = {
  flags: "--allow-loosening",
  description: "also bring down to the policy what goes beyond it: shorter retention, fewer copies, a smaller window",
} as const;

export const BACKUP_COMMANDS: readonly CommandSpec[] = [
  {
    name: "backup verify",
    gives: "report",
    summary: "judge backups against the policy; the exit code is the verdict",
    details:
      "Reads the clusters of the project, and the schedule and snapshots of each database; changes nothing. What each check looks at: docs/checks.md.",
    arguments: [DATABASES],
    options: [
      {
        flags: "--since <instant>",
        description:
          "look for holes in the series from this instant on only: 2026-11-22T02:00:00Z, 7d ago (default: as far back as snapshots are kept)",
        partial: true,
      },
      {
        flags: "--only <check>",
        description: "judge by this check only: snapshot-age (repeatable, commas; default: all)",
        list: true,
        partial: true,
      },
    ],
    examples: [
      "litally-ops backup verify",
      "litally-ops backup verify core --json",
      "litally-ops backup verify --sandbox stale",
    ],
    load: () => import("../commands/backup-verify.ts"),
  },
  {
    name: "backup list",
    gives: "list",
    summary: "list restore points, newest first, each with what it is worth",
    details:
      "Reads what backup verify reads and changes nothing. Exits 2 where the snapshots of a database could not be listed: nothing is said about those. Columns for which there is no room are left out; --verbose and --json have all.",
    arguments: [DATABASES],
    options: [{ flags: "--limit <number>", description: "only so many of each database (default: all)" }],
    examples: ["litally-ops backup list core", "litally-ops backup list --limit 10", "litally-ops backup list --json"],
    load: () => import("../commands/backup-list.ts"),
  },
  {
    name: "backup snapshot",
    endures: true,
    gives: "report",
    exits: EXITS_OF_CHANGE,
    summary: "take a snapshot now, wait for it, and judge what came out",
    details:
      "Takes exactly one snapshot of each database, also where Atlas's answer is lost. Ctrl-C ends the waiting, not the snapshot. Without --timeout it waits for 12 hours.",
    arguments: [{ ...DATABASES, syntax: "<databases...>", description: "names from the policy" }],
    options: [
      { flags: "--retain <duration>", description: "how long to keep it, in whole days: 7d, 4w (default: 7d)" },
      { flags: "--description <text>", description: "what Atlas shows beside it (default: on demand)" },
      { flags: "--no-wait", description: "end as soon as Atlas has taken the order" },
      DRY_RUN,
    ],
    examples: [
      "litally-ops backup snapshot core",
      'litally-ops backup snapshot core --retain 30d --description "before release 4.2"',
    ],
    load: () => import("../commands/backup-snapshot.ts"),
  },
  {
    name: "backup watch",
    endures: true,
    gives: "report",
    exits: [0, 1, 2, 4, 64, 130],
    summary: "wait for a snapshot by its id, whoever took it, and judge it",
    details:
      "Reads only, and may be started again at any time. Exit 4 when the snapshot failed, or was not done in time: without --timeout 12 hours.",
    arguments: [
      { name: "database", syntax: "<database>", description: "a name from the policy", complete: "databases" },
      { name: "snapshot", syntax: "<snapshotId>", description: "its id, as backup list and backup snapshot print it" },
    ],
    options: [],
    examples: ["litally-ops backup watch core 66f0c2a5b3d94e0012ab34cd"],
    load: () => import("../commands/backup-watch.ts"),
  },
  {
    name: "backup plan",
    gives: "report",
    exits: [0, 1, 2, 3, 5, 64, 130],
    summary: "show what must change so that the schedule is as the policy says",
    details:
      "Reads only. Each difference stands with the policy's line. Exit 5 when there are changes to make, 3 when backup apply would refuse them.",
    arguments: [DATABASES],
    options: [ALLOW_LOOSENING],
    examples: ["litally-ops backup plan", "litally-ops backup plan core --json"],
    load: () => import("../commands/backup-plan.ts"),
  },
  {
    name: "backup apply",
    endures: true,
    gives: "report",
    exits: [0, 1, 2, 3, 4, 5, 64, 130],
    summary: "make the schedule as the policy says, after consent; judge the result",
    details:
      "Shows the plan, asks for the cluster's name, sends it, reads back and judges. Items and copies that the policy does not name stay. Nothing is kept shorter, copied less or covered less without --allow-loosening. Where cloud or continuous backup is turned on it waits for the cluster: an hour each without --timeout.",
    arguments: [DATABASES],
    options: [
      {
        flags: "--confirm <name>",
        description: "the name of the cluster that is changed (repeatable, commas)",
        list: true,
      },
      ALLOW_LOOSENING,
      { flags: "--update-existing", description: "snapshots that exist get the new, longer retention too" },
      DRY_RUN,
    ],
    examples: ["litally-ops backup apply core", "litally-ops backup apply core --confirm litally-core"],
    load: () => import("../commands/backup-apply.ts"),
  },
];
