/** Records of drills: a JSON and a Markdown file for each, in a folder that is kept with the policy. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import { OpsError } from "../core/error.ts";
import { FREQUENCIES } from "../core/frequency.ts";
import { type Observed, observe } from "../core/observed.ts";
import type { DatabasePolicy, Policy } from "../policy/schema.ts";
import type { Files } from "../ports/files.ts";
import { DRILL_OUTCOMES, type DrillHistory, type DrillRecord, recordText } from "../rules/drill/record.ts";
import type { Context } from "./context.ts";

const instant = z.iso.datetime();
const measure = z.nullable(z.number().check(z.nonnegative()));
const schema = z.strictObject({
  kind: z.literal("drill"),
  schemaVersion: z.literal(1),
  environment: z.string(),
  projectId: z.string(),
  database: z.string(),
  cluster: z.string(),
  target: z.string(),
  sandbox: z.nullable(z.string()),
  outcome: z.enum(DRILL_OUTCOMES),
  point: z.strictObject({
    askedAt: z.nullable(instant),
    snapshotId: z.nullable(z.string()),
    tier: z.nullable(z.enum(FREQUENCIES)),
  }),
  jobId: z.nullable(z.string()),
  startedAt: instant,
  endedAt: instant,
  rtoMs: measure,
  rpoMs: measure,
  objectives: z.strictObject({ rtoMs: measure, rpoMs: measure }),
  findings: z.array(
    z.strictObject({ check: z.string(), status: z.enum(["pass", "warn", "fail", "unknown"]), message: z.string() }),
  ),
  steps: z.array(z.strictObject({ summary: z.string(), state: z.string() })),
  afterwards: z.enum(["pause", "keep"]),
  toolVersion: z.string(),
});

/** Writes both files under names that nobody has used; the path of the JSON one. */
export async function writeRecord(files: Files, folder: string, record: DrillRecord): Promise<string> {
  const moment = record.endedAt.replace(/\.\d+Z$/, "Z").replaceAll(":", "");
  const path = `${folder}/${record.database}/drill-${moment}`;
  await files.create(`${path}.json`, `${JSON.stringify(record, null, 2)}\n`);
  await files.create(`${path}.md`, recordText(record));
  return `${path}.json`;
}

const MAX_RECORD_BYTES = 1024 * 1024;
const MAX_READS = 8;

/** What is on record of a database's drills; not known where one of its records cannot be read. */
export async function drillHistory(
  { files, clock, world }: Pick<Context, "files" | "clock" | "world">,
  policy: Pick<Policy, "atlas" | "environment">,
  database: DatabasePolicy & { readonly drill: NonNullable<DatabasePolicy["drill"]> },
): Promise<DrillHistory> {
  const { every, records: folder } = database.drill;
  const sandbox = await world();
  const isOurs = (record: DrillRecord) =>
    record.projectId === policy.atlas.projectId &&
    record.environment === policy.environment &&
    record.database === database.name &&
    record.cluster === database.cluster &&
    record.sandbox === sandbox;
  const records: Observed<readonly DrillRecord[]> = await observe(async () => {
    const own = `${folder}/${database.name}`;
    const names = (await files.list(own)).filter((name) => /^drill-.*\.json$/.test(name));
    return (await mapBounded(names, MAX_READS, (name) => readRecord(files, `${own}/${name}`))).filter(isOurs);
  });
  return { every, database: database.name, folder: `${folder}/${database.name}`, now: clock.now(), records };
}

async function readRecord(files: Files, path: string): Promise<DrillRecord> {
  const parsed = z.safeParse(schema, parseJson(await files.read(path, MAX_RECORD_BYTES)));
  if (parsed.success) return parsed.data;
  throw new OpsError("config", `${path} is no record of a drill`, {
    hint: "bring it back as it was written, or move it out of the folder",
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says that it is none
  }
}
