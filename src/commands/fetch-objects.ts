/** The objects of an archive on their way out of S3, one after another: each is read by ranges side by side. */
import type { PlannedStep, StepOutcome } from "../core/change.ts";
import type { Finding } from "../core/report.ts";
import type { ManifestObject } from "../rules/archive/manifest.ts";
import { merkleRoot } from "../rules/archive/merkle.ts";
import { nameInArchive, type OneArchive } from "../rules/archive/one.ts";
import type { Archived } from "./archives.ts";
import { byteProgress } from "./byte-progress.ts";
import { told } from "./carry-out.ts";
import type { Context } from "./context.ts";
import { type ArchiveLook, addressOf } from "./gather-archive.ts";

export type Destination =
  | { readonly kind: "folder"; readonly path: string }
  | {
      readonly kind: "stdout";
      readonly write: (bytes: Uint8Array) => Promise<void>;
      /** Which one; undefined: the only one. */
      readonly object: string | undefined;
    };

export interface FetchStep extends PlannedStep {
  readonly objects: readonly ManifestObject[];
}

export interface Fetching {
  readonly context: Pick<Context, "clock" | "files" | "progress" | "transfer">;
  readonly archived: Archived;
  readonly look: ArchiveLook;
  readonly target: Destination;
}

/** In a folder an archive looks as it does in its bucket, below the period. */
export function pathIn(folder: string, facts: OneArchive, { key }: ManifestObject): string {
  return `${folder}/${nameInArchive(facts, key)}`;
}

interface Applied {
  readonly outcome: StepOutcome;
  /** None where not all of it was fetched. */
  readonly proof: readonly Finding[];
}

/** What stops it leaves files behind that the same command goes on with. The manifest is written last, as in the bucket. */
export async function fetchObjects(fetching: Fetching, { objects, subject }: FetchStep): Promise<Applied> {
  const { context, look, target } = fetching;
  let reusedBytes = 0;
  let now = "manifest.json";
  try {
    for (const [index, object] of objects.entries()) {
      now = nameInArchive(look.facts, object.key);
      reusedBytes += await fetchOne(fetching, object, `object ${index + 1} of ${objects.length}`);
    }
    now = "manifest.json";
    if (target.kind === "folder" && look.text !== null) await keepManifest(context, target.path, look.text);
  } catch (error) {
    const again = target.kind === "folder" ? "; the same command goes on with what has come" : "";
    return { outcome: { state: "failed", message: `${now}: ${told(error)}${again}` }, proof: [] };
  }
  const sizeBytes = objects.reduce((sum, object) => sum + object.sizeBytes, 0);
  return {
    outcome: { state: "done", result: { sizeBytes, ...(reusedBytes === 0 ? {} : { reusedBytes }) } },
    proof: [proofOf(fetching, objects, subject)],
  };
}

async function fetchOne(
  { context, archived, look, target }: Fetching,
  object: ManifestObject,
  what: string,
): Promise<number> {
  const { sizeBytes, partSizeBytes, partSha256s } = object;
  const [only = null] = partSha256s.length === 1 ? partSha256s : [];
  const transfer = await context.transfer();
  const { reusedBytes } = await transfer.fetch({
    from: addressOf(archived.archive.bucket, object),
    sizeBytes,
    partSizeBytes,
    partSha256s,
    sha256: object.sha256 ?? only,
    to:
      target.kind === "folder"
        ? { kind: "file", path: pathIn(target.path, look.facts, object) }
        : { kind: "stream", write: target.write },
    onProgress: byteProgress(context, what, sizeBytes),
  });
  return reusedBytes;
}

async function keepManifest({ files }: Fetching["context"], folder: string, text: string): Promise<void> {
  const path = `${folder}/manifest.json`;
  if ((await files.size(path)) === null) await files.create(path, text);
}

/** Every part was compared with its digest on the way: over these the roots are taken anew. */
function proofOf({ look: { facts } }: Fetching, objects: readonly ManifestObject[], subject: string): Finding {
  const { manifest, sha256 } = facts;
  const all = manifest.known ? manifest.value : null;
  const roots = objects.map(({ partSha256s }) => merkleRoot(partSha256s, sha256));
  const [what, actual, expected] =
    all?.objects.length === objects.length
      ? ["archive", merkleRoot(roots, sha256), all.merkleRoot]
      : ["object", roots[0] ?? null, objects[0]?.root];
  const found = { ...FETCHED, subject, evidence: { expected: expected ?? null, actual } };
  const message = `the ${what}'s Merkle root is ${actual}`;
  return actual === expected
    ? { ...found, status: "pass", message }
    : { ...found, status: "fail", message: `${message}, the manifest says ${expected}`, remedy: "fetch it again" };
}

const FETCHED = { check: "archive/fetched", title: "what was fetched is what was archived" } as const;
