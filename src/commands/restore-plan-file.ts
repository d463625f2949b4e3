/** Saved plans: written once, read strictly, known by the SHA-256 of their bytes, and used once. */
import * as z from "zod/mini";
import { formatSpan } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { FREQUENCIES } from "../core/frequency.ts";
import type { Report } from "../core/report.ts";
import type { Files } from "../ports/files.ts";
import { type PlanFile, type PlannedDrill, planFile, planLifeMs, serialisePlan } from "../rules/restore/plan-file.ts";
import { shownPlan } from "./carry-out.ts";
import type { PlannedRestore } from "./restore-run.ts";

const MAX_PLAN_BYTES = 64 * 1024;

const instant = z.iso.datetime();
const asked = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("instant"), at: instant, asked: z.string() }),
  z.strictObject({ kind: z.literal("snapshot"), snapshotId: z.string().check(z.regex(/^[0-9a-f]{24}$/)) }),
]);
const collections = z.strictObject({
  namespaces: z.array(z.string()),
  suffix: z.nullable(z.string()),
  overwrites: z.boolean(),
});
const schema = z.strictObject({
  kind: z.literal("restore-plan"),
  schemaVersion: z.literal(1),
  environment: z.string(),
  createdAt: instant,
  expiresAt: instant,
  source: z.strictObject({
    projectId: z.string(),
    database: z.string(),
    clusterName: z.string(),
    clusterId: z.string(),
  }),
  request: z.strictObject({
    point: asked,
    targetProjectId: z.string(),
    targetName: z.string(),
    inPlace: z.boolean(),
    allowBusy: z.boolean(),
    undo: z.boolean(),
    closing: z.boolean(),
    collections: z.nullable(collections),
    drill: z.exactOptional(z.enum(["pause", "keep"])),
  }),
  target: z.strictObject({
    projectId: z.string(),
    name: z.string(),
    id: z.string(),
    createdAt: z.string(),
    type: z.string(),
    shards: z.string(),
    diskSizeGb: z.string(),
    version: z.string(),
    state: z.string(),
    newestSnapshotId: z.string(),
  }),
  sameBefore: z.array(z.string()),
  drill: z.exactOptional(z.strictObject({ tier: z.nullable(z.enum(FREQUENCIES)), verify: z.boolean() })),
});

interface Saving {
  readonly files: Files;
  /** Where there is nothing yet. */
  readonly path: string;
  readonly environment: string;
  readonly drill?: PlannedDrill;
}

/** Saves the plan, and shows it with the hash by which it is consented to. */
export async function savedPlan(
  { files, path, environment, drill }: Saving,
  { plan, facts, reportOf }: PlannedRestore,
): Promise<Report> {
  const file = planFile(facts, environment, drill);
  if (!file.known) throw file.reason;
  const text = serialisePlan(file.value);
  await files.create(path, text);
  const life = formatSpan(planLifeMs(facts.request));
  const apply = `litally-ops restore apply ${path} --confirm ${await files.digest(text)}`;
  return reportOf(plan.preconditions, shownPlan(plan, `saved as ${path}, good for ${life} and once: ${apply}`));
}

export interface PlanText {
  readonly text: string;
  /** SHA-256 of the bytes, 64 hexadecimal digits. */
  readonly hash: string;
}

export async function readPlanText(files: Files, path: string): Promise<PlanText> {
  const text = await files.read(path, MAX_PLAN_BYTES);
  return { text, hash: await files.digest(text) };
}

/** OpsError `usage` for what is no plan of ours. */
export function parsePlan({ text }: PlanText, path: string): PlanFile {
  const parsed = z.safeParse(schema, parseJson(text));
  if (parsed.success) return parsed.data;
  throw new OpsError("usage", `${path} is not a plan that litally-ops saved`, {
    hint: "save one with --plan-file, and carry that file over unchanged",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says that it is none
  }
}

/** Where it is marked that a plan is used. */
export function usedMark(path: string): string {
  return `${path}.used`;
}

/**
 * Marks a plan as used, right before its order is sent, and never takes that back: whoever ends us after this cannot
 * make us order twice. OpsError `rejected` where somebody else has marked it.
 */
export async function markUsed(files: Files, path: string, at: Date): Promise<void> {
  try {
    await files.create(usedMark(path), `ordered at ${at.toISOString()}, or about to be\n`);
  } catch (error) {
    if (error instanceof OpsError && error.kind === "usage")
      throw new OpsError("rejected", `${usedMark(path)} is there: somebody else carries this plan out`, {
        hint: "a plan is good once: plan anew",
      });
    throw error;
  }
}
