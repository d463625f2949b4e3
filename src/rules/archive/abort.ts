/** Whether the uploads of a period may be aborted: only where nobody is at work on them. */
import type { Check } from "../../core/check.ts";
import type { Observed } from "../../core/observed.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { Upload, UploadedPart } from "../../ports/s3.ts";
import { type Ledger, lastSign, stillAtWork } from "./ledger.ts";

export interface AbortFacts {
  readonly now: Date;
  readonly uploads: readonly StartedUpload[];
  /** null: none is there. `writtenAt` by the clock of S3. */
  readonly ledger: Observed<{ readonly ledger: Ledger; readonly writtenAt: Date } | null>;
  /** Whoever asks knows that it is dead. */
  readonly takeOver: boolean;
}

export interface StartedUpload {
  readonly upload: Upload;
  /** null: it has ended meanwhile. */
  readonly parts: Observed<readonly UploadedPart[] | null>;
}

export const nobodyAtWork: Check<AbortFacts> = {
  id: "archive/abort-quiet",
  title: "no push is at work on the period",
  remedy: () => "wait for it; or, if it is dead for certain, say --take-over",
  judge: ({ now, uploads, ledger, takeOver }) => {
    if (takeOver) return pass("taken over, as asked");
    if (!ledger.known) return unknown(ledger.reason);
    const notRead = uploads.find(({ parts }) => !parts.known)?.parts;
    if (notRead?.known === false) return unknown(notRead.reason);
    const begunAt = uploads.map(({ upload }) => upload.initiatedAt);
    const partsAt = uploads.flatMap(({ parts }) => (parts.known && parts.value !== null ? parts.value : []));
    const signs = [...begunAt, ...partsAt.map(({ uploadedAt }) => uploadedAt)];
    const [first] = signs;
    const writtenAt = ledger.value?.writtenAt ?? first;
    if (writtenAt === undefined) return pass("there is nothing to abort");
    const owner = ledger.value?.ledger.owner ?? uploads[0]?.upload.initiator ?? "somebody";
    const lastSignAt = lastSign(writtenAt, signs);
    const working = stillAtWork({ owner }, lastSignAt, now);
    const evidence = { actual: owner, lastSignAt: lastSignAt.toISOString() };
    return working === undefined ? pass(`${owner} has stopped`, evidence) : fail(working, evidence);
  },
};
