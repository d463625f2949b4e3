/**
 * A folder of records, a file each. A record is written whole beside the others, brought to the disk, and only then given
 * its name, by a link that fails where the name is taken: whatever dies in between, and however many write at once, a
 * number holds one record, and all of it. https://man7.org/linux/man-pages/man2/link.2.html
 */
import { randomUUID } from "node:crypto";
import { promises as fs } from "node:fs";
import { dirname, join } from "node:path";
import { OpsError } from "../core/error.ts";
import type { LocalShelf, NewRecord, ShelfEntry } from "../ports/shelf.ts";

/** Nobody but the operator reads or writes here. */
const FOLDER_MODE = 0o700;
const FILE_MODE = 0o600;
const SEQ_DIGITS = 10;
const MAX_RECORD_BYTES = 256 * 1024;

export function folderShelf(folder: string): LocalShelf {
  return {
    name: folder,
    entries: () => entriesOf(folder),
    create: (record) => translated(folder, () => create(folder, record)),
    notes: {
      read: (name) => readNote(join(folder, noteName(name))),
      write: (name, text) => translated(folder, () => writeNote(folder, noteName(name), text)),
    },
  };
}

const nameOf = (seq: number) => `${String(seq).padStart(SEQ_DIGITS, "0")}.json`;
const noteName = (name: string) => `.${name}`;
const NAME = /^(\d{10})\.json$/;

async function* entriesOf(folder: string): AsyncGenerator<ShelfEntry> {
  for (const name of (await namesIn(folder))
    .filter((one) => NAME.test(one))
    .sort()
    .reverse()) {
    const place = join(folder, name);
    yield { seq: Number.parseInt(name, 10), place, tampering: null, read: async () => ({ text: await read(place) }) };
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await fs.readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw failure(`the record in ${folder} cannot be read`, error);
  }
}

/** What is too large, or no text at all, is read as nothing: no record of ours was ever like that. */
async function read(path: string): Promise<string> {
  try {
    const { size } = await fs.stat(path);
    return size > MAX_RECORD_BYTES
      ? ""
      : new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await fs.readFile(path));
  } catch (error) {
    if (codeOf(error) === "ERR_ENCODING_INVALID_ENCODED_DATA") return "";
    throw failure(`${path} cannot be read`, error);
  }
}

async function create(folder: string, { seq, text }: NewRecord): Promise<"created" | "taken"> {
  await makeFolder(folder);
  const draft = join(folder, `.${randomUUID()}`);
  try {
    await fs.writeFile(draft, text, { flag: "wx", mode: FILE_MODE, flush: true });
    await fs.link(draft, join(folder, nameOf(seq)));
  } catch (error) {
    if (codeOf(error) === "EEXIST") return "taken";
    throw error;
  } finally {
    await fs.rm(draft, { force: true });
  }
  await flush(folder);
  return "created";
}

/** Not by `recursive`: where nothing can be made and ENOENT is all that is said of it, as in /proc, Node tries for ever. */
async function makeFolder(folder: string): Promise<void> {
  try {
    await fs.mkdir(folder, { mode: FOLDER_MODE });
  } catch (error) {
    if (codeOf(error) === "EEXIST") return;
    if (codeOf(error) !== "ENOENT" || dirname(folder) === folder) throw error;
    await makeFolder(dirname(folder));
    await fs.mkdir(folder, { mode: FOLDER_MODE }).catch(orExists);
  }
}

/** Another run was first. */
function orExists(error: unknown): void {
  if (codeOf(error) !== "EEXIST") throw error;
}

/** A name is on the disk once its folder is: https://man7.org/linux/man-pages/man2/fsync.2.html */
async function flush(folder: string): Promise<void> {
  const handle = await fs.open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function readNote(path: string): Promise<string | null> {
  try {
    return await fs.readFile(path, "utf8");
  } catch {
    return null;
  }
}

async function writeNote(folder: string, name: string, text: string): Promise<void> {
  const draft = join(folder, `.${randomUUID()}`);
  await fs.writeFile(draft, text, { flag: "wx", mode: FILE_MODE });
  await fs.rename(draft, join(folder, name));
}

async function translated<T>(folder: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw failure(`the record in ${folder} cannot be written`, error);
  }
}

function failure(what: string, error: unknown): unknown {
  const code = codeOf(error);
  return typeof code === "string" ? new OpsError("unavailable", `${what} (${code})`, { cause: error }) : error;
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
