/** `archive fetch`: an archive from S3 into a folder, or one object of it through stdout, checked byte by byte on the way. */
import * as z from "zod/mini";
import { runChecks } from "../core/check.ts";
import { OpsError } from "../core/error.ts";
import { observe } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import { FETCH_CHECKS, type FetchFacts } from "../rules/archive/fetch.ts";
import {
  type HeldObject,
  nameInArchive,
  ONE_ARCHIVE_CHECKS,
  type OneArchive,
  objectCount,
} from "../rules/archive/one.ts";
import { readable } from "../rules/archive/readable.ts";
import { archiveSubject, askedSlot, selectOneArchived } from "./archives.ts";
import { carryOut } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { type Destination, type FetchStep, fetchObjects, pathIn } from "./fetch-objects.ts";
import { type ArchiveLook, gatherArchive } from "./gather-archive.ts";
import { MAX_MANIFEST_BYTES } from "./gather-push.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  database: z.string(),
  slot: z.string(),
  to: z.string(),
  object: z.optional(z.string()),
  dryRun: z.prefault(z.boolean(), false),
});
type Given = z.output<typeof input>;

export async function run(given: Given, context: Context): Promise<Report> {
  const target = targetOf(given, context);
  const { month } = askedSlot(given.slot);
  const { policy } = await context.policy("aws", "databases", "archives");
  const archived = selectOneArchived(policy, given.database);
  context.progress.phase(`looking at the archive of ${given.database} for ${month}`);
  const look = await gatherArchive(context, archived, month);
  const facts = await factsFor(context, look, target);
  const subject = archiveSubject(archived, month);
  const preconditions = runChecks([...ONE_ARCHIVE_CHECKS, readable, ...FETCH_CHECKS], facts, subject);
  const reportOf = reporter("archive fetch", policy.environment, context);
  const fetched: Finding[] = [];
  const change = await carryOut(
    {
      plan: { preconditions, steps: stepsOf(facts, target, subject) },
      consent: { names: [], dryRun: given.dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: async (step) => {
        const { outcome, proof } = await fetchObjects({ context, archived, look, target }, step);
        fetched.push(...proof);
        return outcome;
      },
    },
    context,
  );
  return reportOf([...preconditions, ...fetched], change);
}

/** stdout is taken before anything is looked at: whatever is said from here on, it is not said there. */
function targetOf({ to, object }: Given, { output }: Context): Destination {
  if (to === "-") return { kind: "stdout", write: output.forBytes(), object };
  if (object !== undefined)
    throw new OpsError("usage", "--object goes with --to - alone", { hint: "a folder gets the whole archive" });
  if (to === "") throw new OpsError("usage", "--to: name a folder, or - for stdout");
  return { kind: "folder", path: to.replace(/(?<=.)\/+$/, "") };
}

async function factsFor({ files }: Context, { facts, text }: ArchiveLook, target: Destination): Promise<FetchFacts> {
  if (target.kind === "stdout") return { ...facts, objects: chosen(facts, target.object), folder: null };
  if (text === null) return { ...facts, folder: null }; // there is no archive, which another check tells
  const { path } = target;
  const manifestPath = `${path}/manifest.json`;
  const present = async () => {
    let sum = 0;
    for (const { object } of facts.objects) {
      const file = pathIn(path, facts, object);
      sum += Math.min(object.sizeBytes, (await files.size(file)) ?? (await files.size(`${file}.partial`)) ?? 0);
    }
    return sum;
  };
  const manifest = async () =>
    (await files.size(manifestPath)) === null ? null : files.read(manifestPath, MAX_MANIFEST_BYTES);
  const [manifestThere, roomBytes, presentBytes] = await Promise.all([
    observe(manifest),
    observe(() => files.room(path)),
    observe(present),
  ]);
  return { ...facts, folder: { path, manifestThere, manifestText: text, roomBytes, presentBytes } };
}

/** The one for stdout, of the objects that there are; OpsError `usage` where it is not clear which. */
function chosen(facts: OneArchive, name: string | undefined): readonly HeldObject[] {
  const { objects } = facts;
  if (objects.length === 0 || (name === undefined && objects.length === 1)) return objects;
  const nameOf = ({ object }: HeldObject) => nameInArchive(facts, object.key);
  const found = objects.filter((held) => held.object.key === name || nameOf(held) === name);
  if (found.length > 0) return found;
  const problem =
    name === undefined ? `--to -: the archive has ${objectCount(objects.length)}` : `--object: no ${name}`;
  const names = objects.slice(0, NAMES_SHOWN).map(nameOf).join(", ");
  throw new OpsError("usage", problem, {
    hint: `name one with --object: ${names}${objects.length > NAMES_SHOWN ? " ..." : ""}`,
  });
}

const NAMES_SHOWN = 3;

function stepsOf(facts: FetchFacts, target: Destination, subject: string): readonly FetchStep[] {
  const objects = facts.objects.map(({ object }) => object);
  if (objects.length === 0) return [];
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  const what = `${objectCount(objects.length)}, ${formatBytes(sizeBytes)}`;
  const where = target.kind === "folder" ? `into ${target.path}` : "to stdout";
  return [
    {
      subject,
      summary: `fetch ${what}, ${where}`,
      done: `fetched ${what}, ${where}`,
      confirm: null,
      differences: [],
      objects,
    },
  ];
}
