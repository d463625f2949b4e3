/** What must hold before an archive is fetched: all of it can be read, and there is room for it at a place of its own. */
import type { Check } from "../../core/check.ts";
import type { Observed } from "../../core/observed.ts";
import { formatBytes } from "../../core/size.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { OneArchive } from "./one.ts";

/** Where it goes to; null: through stdout. */
export interface FetchFacts extends OneArchive {
  readonly folder: FetchFolder | null;
}

interface FetchFolder {
  readonly path: string;
  /** The manifest that lies there; null: none. */
  readonly manifestThere: Observed<string | null>;
  /** The archive's own, to the letter. */
  readonly manifestText: string;
  readonly roomBytes: Observed<number>;
  /** What is there of the objects already, whole or in part. */
  readonly presentBytes: Observed<number>;
}

const ownPlace: Check<FetchFacts> = {
  id: "archive/fetch-place",
  title: "the folder is free, or holds this very archive",
  remedy: () => "name another folder with --to: nothing is overwritten",
  judge: ({ folder }) => {
    if (folder === null) return [];
    const { path, manifestThere, manifestText } = folder;
    if (!manifestThere.known) return unknown(manifestThere.reason);
    if (manifestThere.value === null) return pass(path);
    return manifestThere.value === manifestText
      ? pass(`${path} holds its manifest: what lies there is checked`)
      : fail(`${path} holds another manifest.json`);
  },
};

const room: Check<FetchFacts> = {
  id: "archive/fetch-room",
  title: "there is room for it",
  remedy: () =>
    "make room, or name a folder on another disk with --to; a download takes as much again once it is unpacked",
  judge: ({ folder, objects }) => {
    if (folder === null) return [];
    const { roomBytes, presentBytes } = folder;
    if (!roomBytes.known) return unknown(roomBytes.reason);
    if (!presentBytes.known) return unknown(presentBytes.reason);
    const neededBytes = Math.max(
      0,
      objects.reduce((total, { object }) => total + object.sizeBytes, 0) - presentBytes.value,
    );
    const words = `${formatBytes(neededBytes)} to come, ${formatBytes(roomBytes.value)} free`;
    const evidence = { neededBytes, freeBytes: roomBytes.value };
    return neededBytes <= roomBytes.value ? pass(words, evidence) : fail(words, evidence);
  },
};

/** Beyond that the archive is there and can be read. */
export const FETCH_CHECKS: readonly Check<FetchFacts>[] = [ownPlace, room];
