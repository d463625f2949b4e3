/**
 * The one place that holds the records. Each change is a line of a journal, applied in memory and appended to the file, if
 * there is one: what was answered outlives a killed process, and a change costs the same however much there is.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { OpsError } from "../../core/error.ts";
import type { BucketRecord, PartRecord, Segment, UploadRecord, VersionRecord } from "./model.ts";

export interface Ledger {
  bucket(name: string): BucketRecord | undefined;
  /** In the order of their UTF-8 bytes. */
  keys(bucket: string): readonly string[];
  /** Newest first. */
  versions(bucket: string, key: string): readonly VersionRecord[];
  uploads(bucket: string): readonly UploadRecord[];
  upload(uploadId: string): UploadRecord | undefined;
  /** By number. */
  parts(uploadId: string): ReadonlyMap<number, PartRecord>;
  holds(file: string): boolean;
  record(change: Change): void;
}

type Change =
  | { readonly kind: "bucket"; readonly bucket: BucketRecord }
  /** In the place of the version of this id, if there is one; otherwise the newest of its key. */
  | { readonly kind: "version"; readonly version: VersionRecord }
  | {
      readonly kind: "version-gone";
      readonly bucket: string;
      readonly key: string;
      readonly versionId: string;
    }
  | { readonly kind: "upload"; readonly upload: UploadRecord }
  | { readonly kind: "upload-gone"; readonly uploadId: string }
  | { readonly kind: "part"; readonly uploadId: string; readonly part: PartRecord };

export interface LedgerOptions {
  /** Made with the first change; absent: none is kept. */
  readonly file: string | undefined;
  /** What the file must be about. */
  readonly about: string;
  /** Those that are not there yet are there from the beginning. */
  readonly buckets: readonly BucketRecord[];
  /** Told of each file of bodies that no record names any more. */
  readonly onFree: (file: string) => void;
}

const LEDGER_VERSION = 1;

/** Throws OpsError `config` for a file that is not the ledger of this world. Nothing is written yet. */
export function openLedger({ file, about, buckets, onFree }: LedgerOptions): Ledger {
  const books = newBooks(onFree);
  const header = JSON.stringify({ version: LEDGER_VERSION, about });
  for (const change of file === undefined ? [] : readJournal(file, header)) applyTo(books, change);
  for (const bucket of buckets) if (!books.buckets.has(bucket.name)) books.buckets.set(bucket.name, bucket);
  let append = (line: string) => {
    if (file === undefined) return;
    rewrite(file, header, books);
    append = (next) => appendFileSync(file, next);
    append(line);
  };
  return {
    bucket: (name) => books.buckets.get(name),
    keys: (bucket) => sortedKeys(books, bucket),
    versions: (bucket, key) => books.versions.get(bucket)?.get(key) ?? [],
    uploads: (bucket) => [...books.uploads.values()].filter((upload) => upload.bucket === bucket),
    upload: (uploadId) => books.uploads.get(uploadId),
    parts: (uploadId) => books.parts.get(uploadId) ?? new Map(),
    holds: (bodyFile) => books.held.has(bodyFile),
    record: (change) => {
      append(`${JSON.stringify(change)}\n`);
      applyTo(books, change);
    },
  };
}

interface Books {
  readonly buckets: Map<string, BucketRecord>;
  readonly versions: Map<string, Map<string, readonly VersionRecord[]>>;
  /** Sorted once, until a key comes or goes. */
  readonly sorted: Map<string, readonly string[]>;
  readonly uploads: Map<string, UploadRecord>;
  readonly parts: Map<string, Map<number, PartRecord>>;
  /** How many segments of records lie in each file of bodies: a copy shares the file of what it copies. */
  readonly held: Map<string, number>;
  readonly onFree: (file: string) => void;
}

function newBooks(onFree: Books["onFree"]): Books {
  return {
    buckets: new Map(),
    versions: new Map(),
    sorted: new Map(),
    uploads: new Map(),
    parts: new Map(),
    held: new Map(),
    onFree,
  };
}

function applyTo(books: Books, change: Change): void {
  switch (change.kind) {
    case "bucket":
      books.buckets.set(change.bucket.name, change.bucket);
      break;
    case "version":
      putVersion(books, change.version);
      break;
    case "version-gone":
      dropVersion(books, change);
      break;
    case "upload":
      books.uploads.set(change.upload.uploadId, change.upload);
      books.parts.set(change.upload.uploadId, new Map());
      break;
    case "upload-gone":
      for (const part of books.parts.get(change.uploadId)?.values() ?? []) release(books, part.segments);
      books.parts.delete(change.uploadId);
      books.uploads.delete(change.uploadId);
      break;
    case "part":
      putPart(books, change);
  }
}

function putPart(books: Books, { uploadId, part }: Change & { readonly kind: "part" }): void {
  const parts = books.parts.get(uploadId);
  const before = parts?.get(part.number);
  hold(books, part.segments);
  parts?.set(part.number, part);
  if (before !== undefined) release(books, before.segments);
}

function putVersion(books: Books, version: VersionRecord): void {
  const { bucket, key, versionId } = version;
  const byKey = books.versions.get(bucket) ?? new Map<string, readonly VersionRecord[]>();
  books.versions.set(bucket, byKey);
  const before = byKey.get(key) ?? [];
  const index = before.findIndex((other) => other.versionId === versionId);
  const replaced = before[index];
  hold(books, version.segments);
  byKey.set(key, replaced === undefined ? [version, ...before] : before.with(index, version));
  if (replaced !== undefined) release(books, replaced.segments);
  if (before.length === 0) books.sorted.delete(bucket);
}

function dropVersion(books: Books, { bucket, key, versionId }: Change & { readonly kind: "version-gone" }): void {
  const byKey = books.versions.get(bucket);
  const before = byKey?.get(key) ?? [];
  const left = before.filter((other) => other.versionId !== versionId);
  if (left.length > 0) byKey?.set(key, left);
  else {
    byKey?.delete(key);
    books.sorted.delete(bucket);
  }
  for (const gone of before) if (gone.versionId === versionId) release(books, gone.segments);
}

function hold(books: Books, segments: readonly Segment[]): void {
  for (const { file } of segments) if (file !== null) books.held.set(file, (books.held.get(file) ?? 0) + 1);
}

function release(books: Books, segments: readonly Segment[]): void {
  for (const { file } of segments) {
    if (file === null) continue;
    const left = (books.held.get(file) ?? 0) - 1;
    if (left > 0) books.held.set(file, left);
    else {
      books.held.delete(file);
      books.onFree(file);
    }
  }
}

function sortedKeys(books: Books, bucket: string): readonly string[] {
  const known = books.sorted.get(bucket);
  if (known !== undefined) return known;
  const keys = [...(books.versions.get(bucket)?.keys() ?? [])];
  const sorted = keys
    .map((key) => ({ key, bytes: Buffer.from(key) }))
    .toSorted((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ key }) => key);
  books.sorted.set(bucket, sorted);
  return sorted;
}

/** All whole lines behind the header: one that a killed process left half-written was never answered. */
function readJournal(file: string, header: string): readonly Change[] {
  if (!existsSync(file)) return [];
  const [first, ...lines] = readFileSync(file, "utf8").split("\n").slice(0, -1);
  try {
    if (first !== header) throw new Error("another header");
    return lines.map((line) => JSON.parse(line) as Change); // written by us, in the version of the header
  } catch (cause) {
    throw new OpsError("config", `${file}: is not the ledger of this world's S3, or not as it was written`, {
      hint: "it is left as it is: move its folder away to begin anew, or name another file with --state",
      cause,
    });
  }
}

/** Begins the journal anew with what there is, without what has come and gone. */
function rewrite(file: string, header: string, books: Books): void {
  const changes: Change[] = [
    ...[...books.buckets.values()].map((bucket) => ({ kind: "bucket" as const, bucket })),
    ...[...books.versions.values()]
      .flatMap((byKey) => [...byKey.values()])
      .flatMap((versions) => versions.toReversed().map((version) => ({ kind: "version" as const, version }))),
    ...[...books.uploads.values()].map((upload) => ({ kind: "upload" as const, upload })),
    ...[...books.parts].flatMap(([uploadId, parts]) =>
      [...parts.values()].map((part) => ({ kind: "part" as const, uploadId, part })),
    ),
  ];
  const lines = [header, ...changes.map((change) => JSON.stringify(change))];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, `${lines.join("\n")}\n`);
  renameSync(`${file}.new`, file);
}
