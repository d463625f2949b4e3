/** The commands of the record of operators' acts. */
import { type CommandSpec, EXITS_OF_LIST } from "./command-spec.ts";

const FROM = {
  flags: "--from <place>",
  description: "local: what this machine keeps; s3: the bucket of the policy (default: wherever it is kept)",
  partial: true,
};

export const AUDIT_COMMANDS: readonly CommandSpec[] = [
  {
    name: "audit log verify",
    gives: "report",
    summary: "prove the record of what operators did whole, or name the broken link",
    details:
      "Follows the chain of hashes from the newest record to the first, here and in the bucket, with the locks of S3, and compares the two. Reads only. See docs/audit-log.md.",
    options: [FROM],
    examples: ["litally-ops audit log verify", "litally-ops audit log verify --from s3"],
    load: () => import("../commands/audit-log-verify.ts"),
  },
  {
    name: "audit log list",
    gives: "list",
    exits: EXITS_OF_LIST,
    summary: "who changed what, when, and how it ended; the newest first",
    details: "From the bucket where the policy names one, else from this machine. Reads only.",
    options: [FROM, { flags: "--limit <number>", description: "how many acts (default: 50)" }],
    examples: ["litally-ops audit log list", "litally-ops audit log list --limit 10 --json"],
    load: () => import("../commands/audit-log-list.ts"),
  },
];
