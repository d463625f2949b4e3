/** `archive push`: makes the archive of a period: one snapshot, on one of two roads, with its proof, and locked. */
import * as z from "zod/mini";
import type { Change } from "../core/change.ts";
import { OpsError } from "../core/error.ts";
import type { Finding, Report } from "../core/report.ts";
import { stopReason } from "../core/stop.ts";
import type { Policy } from "../policy/schema.ts";
import { ROADS, type Road } from "../rules/archive/manifest.ts";
import { newestOwed, type Period, periodOf } from "../rules/archive/slots.ts";
import { type Archived, archiveSubject, askedSlot, selectArchived } from "./archives.ts";
import { told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { pushPeriod } from "./push-run.ts";

export const input = z.strictObject({
  databases: z.array(z.string()),
  slot: z.optional(z.string()),
  via: z.prefault(z.string(), "auto"),
  exportBucket: z.optional(z.string()),
  takeOver: z.prefault(z.boolean(), false),
  wait: z.prefault(z.boolean(), true),
  dryRun: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

const COMMAND = "archive push";

export async function run(given: Given, context: Context): Promise<Report> {
  const via = roadOf(given.via);
  const { policy } = await context.policy("atlas", "aws", "databases", "archives");
  const selected = selectArchived(policy, given.databases);
  if (given.slot !== undefined && selected.length > 1)
    throw new OpsError("usage", "--slot: of which database? name one before it");
  const reports: Part[] = [];
  for (const archived of selected) {
    reports.push(await orToldWhy(archived, reports, context, () => pushOne(context, policy, { archived, given, via })));
  }
  return {
    kind: "report",
    command: COMMAND,
    environment: policy.environment,
    observedAt: context.clock.now(),
    findings: reports.flatMap(({ findings }) => findings),
    change: together(reports.map(({ change }) => change)),
  };
}

interface Part {
  readonly findings: readonly Finding[];
  readonly change: Change;
}

/** What has become of the databases before is told, whatever keeps this one from being looked at. */
async function orToldWhy(
  archived: Archived,
  before: readonly Part[],
  { signal }: Context,
  push: () => Promise<Part>,
): Promise<Part> {
  const hasBegun = before.some(({ change: { state } }) => !CHANGED_NOTHING.has(state));
  try {
    if (hasBegun && signal.aborted) throw stopReason(signal, "about to begin");
    return await push();
  } catch (error) {
    if (!hasBegun) throw error;
    const finding: Finding = {
      check: "archive/looked-at",
      title: "the database was looked at",
      subject: archiveSubject(archived),
      status: "unknown",
      message: `it was not come to: ${told(error)}`,
      remedy: `litally-ops archive push ${archived.database.name}`,
    };
    return { findings: [finding], change: { state: "undecided", steps: [] } };
  }
}

interface One {
  readonly archived: Archived;
  readonly given: Given;
  readonly via: Road | "auto";
}

async function pushOne(
  context: Context,
  policy: Pick<Policy, "atlas" | "aws" | "environment">,
  { archived, given, via }: One,
): Promise<Part> {
  const period = periodAsked(archived, given.slot, context.clock.now());
  if (period === undefined) return nothingOwed(archived);
  const { takeOver, wait, dryRun, exportBucket = null } = given;
  return pushPeriod({
    command: COMMAND,
    context,
    policy,
    archived,
    period,
    via,
    exportBucketId: exportBucket,
    takeOver,
    wait,
    dryRun,
  });
}

/** The newest period that is owed; or that of the slot that was named. */
function periodAsked({ archive }: Archived, slot: string | undefined, now: Date): Period | undefined {
  if (slot === undefined) return newestOwed(archive, now);
  const { month } = askedSlot(slot);
  const period = periodOf(archive, month);
  if (period?.slots.some(({ name }) => name === slot) !== true || month < archive.since)
    throw new OpsError("usage", `--slot: the policy owes no archive for ${slot}`, {
      hint: `archive ${archive.name} has ${archive.slots.map(({ frequency }) => frequency).join(", ")} slots since ${archive.since}`,
    });
  return period;
}

function nothingOwed(archived: Archived): Part {
  const message = `no period has ended since ${archived.archive.since}: no archive is owed yet`;
  const finding: Finding = {
    check: "archive/owed",
    title: "an archive is owed",
    subject: archiveSubject(archived),
    status: "pass",
    message,
  };
  return { findings: [finding], change: { state: "none", steps: [] } };
}

/** From the best to the worst: the whole is as bad as its worst part. */
const BADNESS: readonly Change["state"][] = [
  "none",
  "done",
  "running",
  "planned",
  "declined",
  "refused",
  "undecided",
  "interrupted",
  "failed",
];

const CHANGED_NOTHING: ReadonlySet<Change["state"]> = new Set(["none", "planned", "declined", "refused", "undecided"]);

const BEGUN_WELL: ReadonlySet<Change["state"]> = new Set(["done", "running"]);
const WELL: ReadonlySet<Change["state"]> = new Set(["none", ...BEGUN_WELL]);

/** Of several databases: one refused beside one that is done is a change that needs a look. */
function together(changes: readonly Change[]): Change {
  const [first] = changes;
  if (first !== undefined && changes.length === 1) return first;
  const worst = changes.toSorted((a, b) => BADNESS.indexOf(b.state) - BADNESS.indexOf(a.state))[0];
  const isMixed = changes.some(({ state }) => BEGUN_WELL.has(state)) && worst !== undefined && !WELL.has(worst.state);
  const reason = isMixed
    ? "some databases were archived, others were not"
    : changes.find((change) => change.state === worst?.state)?.reason;
  return {
    state: isMixed ? "failed" : (worst?.state ?? "none"),
    ...(reason === undefined ? {} : { reason }),
    steps: changes.flatMap(({ steps }) => steps),
  };
}

function roadOf(text: string): Road | "auto" {
  const road = text === "auto" ? text : ROADS.find((name) => name === text);
  if (road !== undefined) return road;
  throw new OpsError("usage", `--via: "${text}" is no road`, { hint: "write auto, download or export" });
}
