/**
 * Where a chain of records stands: texts under rising numbers, each put there once and never changed. A folder of this
 * machine is one, a bucket is one; the same rules hold for both.
 */
import type { Observed } from "../core/observed.ts";
import type { Lock } from "./s3.ts";

export interface Shelf {
  /** A folder, or `s3://bucket/prefix`: for messages. */
  readonly name: string;
  /** What stands there, the newest first; `about`: how many are likely to be looked at. */
  entries(about: number): AsyncIterable<ShelfEntry>;
  /** `taken`: somebody else has put something under this number, and it stays. Whole or not at all. */
  create(record: NewRecord): Promise<"created" | "taken">;
}

export interface NewRecord {
  /** From 1. */
  readonly seq: number;
  readonly text: string;
  readonly at: Date;
}

export interface ShelfEntry {
  readonly seq: number;
  /** A path or a key: for messages. */
  readonly place: string;
  /** What was done to it since, in words, and how to undo it; null: nothing. */
  readonly tampering: { readonly message: string; readonly remedy: string } | null;
  /** What was put there first. */
  read(): Promise<StoredRecord>;
}

interface StoredRecord {
  readonly text: string;
  /** How it is locked; absent: there are no locks on such a shelf. */
  readonly lock?: Observed<Lock | null>;
}

/** A folder, which remembers small things beside its records. */
export interface LocalShelf extends Shelf {
  readonly notes: Notes;
}

interface Notes {
  /** null: nothing was noted, or it cannot be read any more. */
  read(name: string): Promise<string | null>;
  write(name: string, text: string): Promise<void>;
}
