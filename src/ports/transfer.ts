/**
 * The pipe of archives: bytes from an address into an upload of S3, from S3 into a file, and through the hashes alone, at
 * the speed of the wire and in bounded memory. Nothing of a body ever touches this machine's disk on the way up.
 */
import type { ObjectAddress, UploadAddress, UploadedPart } from "./s3.ts";

export interface Transfer {
  /** Length and identity of a body, by a request for its first two bytes; OpsError `protocol` unless they are gzip's. */
  inspect(source: BodySource): Promise<BodyIdentity>;
  /**
   * Sends what an upload still lacks of a body. A source that drops, stalls or slows is taken up again by Range where the
   * body is still the same one; OpsError `rejected` once it is another, `protocol` where it is no gzipped tar.
   */
  push(order: PushOrder): Promise<Pushed>;
  /** From S3 into a file, which goes on with what an earlier run left, or through a stream; ranges are read side by side. */
  fetch(order: FetchOrder): Promise<Fetched>;
  /** Reads an object for its hashes alone. */
  hash(order: HashOrder): Promise<Hashed>;
  close(): Promise<void>;
}

export interface BodySource {
  /** Holds a credential of its own: it stands in no message and no log. */
  readonly url: string;
}

/** `etag` is null where the server gives none: then only the length tells one body from another. */
export interface BodyIdentity {
  readonly lengthBytes: number;
  readonly etag: string | null;
}

export interface PushOrder {
  readonly source: BodySource;
  /** What the body must be. */
  readonly identity: BodyIdentity;
  readonly upload: UploadAddress;
  readonly partSizeBytes: number;
  /** What has arrived already. */
  readonly present: readonly UploadedPart[];
  /** Of the body's bytes, how many S3 has by now. */
  readonly onProgress: (doneBytes: number) => void;
}

export interface Pushed {
  /** All parts of the body, those that had arrived before among them, in order. */
  readonly parts: readonly UploadedPart[];
  /** Of the whole body; null where this run did not see every byte. */
  readonly sha256: string | null;
  /** Whether gzip and tar were followed from the first byte to the last. */
  readonly isStructureChecked: boolean;
  readonly sentBytes: number;
}

export interface FetchOrder {
  readonly from: ObjectAddress;
  readonly sizeBytes: number;
  readonly partSizeBytes: number;
  /** SHA-256 of each part, in order: each is checked as it comes. */
  readonly partSha256s: readonly string[];
  /** Of the whole; null where the archive does not know it. */
  readonly sha256: string | null;
  readonly to: FetchTarget;
  readonly onProgress: (doneBytes: number) => void;
}

/**
 * A file appears under its name once all of it is right, and never in the place of another: until then it is
 * `<path>.partial`. A stream gets bytes as they come, in order: they were right once the fetch has ended well.
 */
type FetchTarget =
  | { readonly kind: "file"; readonly path: string }
  /** The bytes are there until it resolves. */
  | { readonly kind: "stream"; readonly write: (bytes: Uint8Array) => Promise<void> };

export interface Fetched {
  /** Of the whole, as it was read. */
  readonly sha256: string;
  /** What did not have to be read again. */
  readonly reusedBytes: number;
}

export interface HashOrder {
  readonly from: ObjectAddress;
  readonly sizeBytes: number;
  readonly partSizeBytes: number;
  readonly onProgress: (doneBytes: number) => void;
}

export interface Hashed {
  readonly sha256: string;
  readonly partSha256s: readonly string[];
}
