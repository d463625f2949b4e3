/** What all commands that restore take, and what they do with it: show, save, or carry out. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Report } from "../core/report.ts";
import type { AskedPoint, CollectionRequest } from "../rules/restore/facts.ts";
import { stateBefore } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { selectDatabase } from "./databases.ts";
import { savedPlan } from "./restore-plan-file.ts";
import { restoreRequest } from "./restore-request.ts";
import { carryOutRestore, lookAndPlan, type RestoreRun } from "./restore-run.ts";

export const COMMON = {
  database: z.string(),
  to: z.string(),
  inPlace: z.prefault(z.boolean(), false),
  allowBusy: z.prefault(z.boolean(), false),
  undo: z.prefault(z.boolean(), true),
  closingSnapshot: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  planFile: z.optional(z.string()),
  verify: z.prefault(z.boolean(), false),
  wait: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
};
const common = z.strictObject(COMMON);
export type Given = z.output<typeof common>;

export interface Asked {
  readonly command: string;
  readonly point: (now: Date) => AskedPoint;
  readonly collections?: CollectionRequest;
}

export async function restore(given: Given, { command, point, collections }: Asked, context: Context): Promise<Report> {
  planFileAlone(given);
  if (collections !== undefined && given.closingSnapshot)
    throw new OpsError("usage", "--closing-snapshot: a restore of collections leaves no blackout that it could end");
  const asked = point(context.clock.now());
  const { policy } = await context.policy("atlas", "databases");
  const database = selectDatabase(policy, given.database);
  const { to, inPlace, allowBusy, undo, closingSnapshot: closing, wait, verify } = given;
  const flags = { to, inPlace, allowBusy, undo, closing };
  const request = restoreRequest(asked, flags, policy.atlas.projectId, collections ?? null);
  const run: RestoreRun = { command, context, policy, database, request, wait, verify };
  const planned = await lookAndPlan(run);
  if (given.planFile === undefined || stateBefore(planned.plan) !== undefined)
    return carryOutRestore({ run, planned, names: given.confirm, dryRun: given.dryRun });
  return savedPlan({ files: context.files, path: given.planFile, environment: policy.environment }, planned);
}

/** OpsError `usage` where --plan-file stands beside what would do more than saving, or less. */
export function planFileAlone({
  planFile,
  confirm,
  dryRun,
}: {
  readonly planFile?: string | undefined;
  readonly confirm: readonly string[];
  readonly dryRun: boolean;
}): void {
  if (planFile === undefined) return;
  if (confirm.length > 0)
    throw new OpsError("usage", "--plan-file saves the plan and does nothing else: --confirm belongs to restore apply");
  if (dryRun)
    throw new OpsError(
      "usage",
      "--plan-file and --dry-run contradict each other: one saves the plan, one only shows it",
    );
}
