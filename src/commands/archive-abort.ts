/** `archive abort`: ends uploads that nobody goes on with, and deletes what they had sent. The only command that does. */
import * as z from "zod/mini";
import { mapBounded } from "../core/bounded.ts";
import type { PlannedStep, StepOutcome } from "../core/change.ts";
import { runChecks } from "../core/check.ts";
import { mayHaveActed, OpsError, toOpsError } from "../core/error.ts";
import { formatInstant } from "../core/instant.ts";
import { observe } from "../core/observed.ts";
import type { Finding, Report } from "../core/report.ts";
import { formatBytes } from "../core/size.ts";
import type { S3, Upload, UploadedPart } from "../ports/s3.ts";
import { type AbortFacts, nobodyAtWork, type StartedUpload } from "../rules/archive/abort.ts";
import { databaseFolder, formatKey, parseKey, periodFolder } from "../rules/archive/keys.ts";
import { readLedger } from "./archive-ledger.ts";
import { type Archived, archiveSubject, askedSlot, selectOneArchived } from "./archives.ts";
import { carryOut, lookedAgain } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { MAX_OBJECT_REQUESTS } from "./gather-archive.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({
  database: z.string(),
  slot: z.optional(z.string()),
  takeOver: z.prefault(z.boolean(), false),
  confirm: z.prefault(z.array(z.string()), []),
  dryRun: z.prefault(z.boolean(), false),
});

export async function run(given: z.output<typeof input>, context: Context): Promise<Report> {
  const month = given.slot === undefined ? null : askedSlot(given.slot).month;
  const { policy } = await context.policy("aws", "databases", "archives");
  const archived = selectOneArchived(policy, given.database);
  const s3 = await context.s3();
  context.progress.phase(`looking for uploads of ${archived.database.name}`);
  const aborting = { context, s3, archived, month };
  const uploads = await listOwn(aborting);
  const periods = await mapBounded([...Map.groupBy(uploads, ({ month: of }) => of)], 1, ([of, those]) =>
    look(aborting, of, { uploads: those.map(({ upload }) => upload), takeOver: given.takeOver }),
  );
  const preconditions = periods.length === 0 ? [nothing(aborting)] : periods.flatMap(({ findings }) => findings);
  const reportOf = reporter("archive abort", policy.environment, context);
  const change = await carryOut(
    {
      plan: { preconditions, steps: periods.flatMap(({ steps }) => steps) },
      consent: { names: given.confirm, dryRun: given.dryRun },
      preview: (shown) => reportOf(preconditions, shown),
      parallel: 1,
      apply: ({ upload }) => abort(s3, upload),
    },
    context,
  );
  const judged =
    change.state === "done"
      ? await lookedAgain(
          archiveSubject(archived, month ?? undefined),
          `litally-ops archive verify ${archived.database.name}`,
          () => lookAgain(aborting, uploads),
        )
      : [];
  return reportOf([...preconditions, ...judged], change);
}

interface Aborting {
  readonly context: Context;
  readonly s3: S3;
  readonly archived: Archived;
  /** null: of all periods. */
  readonly month: string | null;
}

interface OwnUpload {
  readonly month: string;
  readonly upload: Upload;
}

/** What is under way in the folder, but for what cannot be an archive's: that is somebody else's. */
async function listOwn({ s3, archived: { archive, place }, month }: Aborting): Promise<readonly OwnUpload[]> {
  const folder = month === null ? databaseFolder(place) : periodFolder(place, month);
  const uploads = await s3.listUploads(archive.bucket, folder);
  return uploads.flatMap((upload) => {
    const parsed = parseKey(place, upload.key);
    return parsed?.kind === "body" || parsed?.kind === "export" ? [{ month: parsed.month, upload }] : [];
  });
}

interface AbortStep extends PlannedStep {
  readonly upload: Upload;
}

interface Period {
  readonly findings: readonly Finding[];
  readonly steps: readonly AbortStep[];
}

async function look(
  { context, s3, archived }: Aborting,
  month: string,
  { uploads, takeOver }: { readonly uploads: readonly Upload[]; readonly takeOver: boolean },
): Promise<Period> {
  const { archive, place, database } = archived;
  const subject = archiveSubject(archived, month);
  const started = await mapBounded(
    uploads,
    MAX_OBJECT_REQUESTS,
    async (upload): Promise<StartedUpload> => ({
      upload,
      parts: await observe(() => unlessEnded(() => s3.listParts(upload))),
    }),
  );
  const ledger = await observe(async () => {
    const read = await readLedger({ s3, bucket: archive.bucket, place }, month);
    if (read === null) return null;
    const key = formatKey(place, { kind: "ledger", month });
    const { lastModifiedAt } = await s3.headObject({ bucket: archive.bucket, key });
    return { ledger: read.ledger, writtenAt: lastModifiedAt };
  });
  const facts: AbortFacts = { now: context.clock.now(), uploads: started, ledger, takeOver };
  return {
    findings: runChecks([nobodyAtWork], facts, subject),
    steps: started.map((one) => stepOf(one, { subject, confirm: `${database.name}/${month}` })),
  };
}

function stepOf(
  { upload, parts }: StartedUpload,
  named: { readonly subject: string; readonly confirm: string },
): AbortStep {
  const by = upload.initiator === null ? "" : ` by ${upload.initiator}`;
  return {
    ...named,
    summary: `abort the upload of ${upload.key}`,
    done: `aborted the upload of ${upload.key}`,
    differences: [],
    details: [
      { label: "begun", value: `${formatInstant(upload.initiatedAt)}${by}` },
      { label: "deletes", value: parts.known ? heldIn(parts.value) : "what is there, which cannot be read" },
    ],
    upload,
  };
}

/** null: the upload has ended meanwhile. */
function heldIn(parts: readonly UploadedPart[] | null): string {
  if (parts === null || parts.length === 0) return "nothing: no part has come";
  const sizeBytes = parts.reduce((sum, part) => sum + part.sizeBytes, 0);
  return `${formatBytes(sizeBytes)} in ${parts.length} ${parts.length === 1 ? "part" : "parts"}`;
}

/** Where the answer was lost, S3 is asked whether the upload is still there. */
async function abort(s3: S3, upload: Upload): Promise<StepOutcome> {
  const result = { uploadId: upload.uploadId };
  try {
    await s3.abortUpload(upload);
    return { state: "done", result };
  } catch (error) {
    const { kind } = toOpsError(error);
    if (kind === "not-found") return { state: "done", result, message: "it had ended already" };
    if (kind === "bug" || !mayHaveActed(kind)) throw error;
    if ((await unlessEnded(() => s3.listParts(upload))) === null) return { state: "done", result };
    throw error;
  }
}

/** null: S3 knows no such upload any more. */
async function unlessEnded<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof OpsError && error.kind === "not-found") return null;
    throw error;
  }
}

/** A part that was on its way may still arrive after an abort: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortMultipartUpload.html */
async function lookAgain(aborting: Aborting, before: readonly OwnUpload[]): Promise<readonly Finding[]> {
  const ids = new Set(before.map(({ upload }) => upload.uploadId));
  const left = (await listOwn(aborting)).filter(({ upload }) => ids.has(upload.uploadId));
  const found = { ...ABORTED, subject: archiveSubject(aborting.archived, aborting.month ?? undefined) };
  return left.length === 0
    ? [{ ...found, status: "pass", message: `none of the ${ids.size} is left` }]
    : [{ ...found, status: "fail", message: `${left.length} of ${ids.size} are still there`, remedy: "run it again" }];
}

const ABORTED = { check: "archive/aborted", title: "the uploads are gone" } as const;

function nothing({ archived, month }: Aborting): Finding {
  const subject = archiveSubject(archived, month ?? undefined);
  return { ...ABORTED, subject, status: "pass", message: "no upload is under way" };
}
