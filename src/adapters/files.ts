/** The few files we touch. */
import { promises as fs } from "node:fs"; // loads node:fs/promises only when a file is touched
import { dirname } from "node:path";
import { OpsError } from "../core/error.ts";
import type { Files } from "../ports/files.ts";

export const files: Files = {
  async create(path, text) {
    try {
      await fs.mkdir(dirname(path), { recursive: true });
      await fs.writeFile(path, text, { flag: "wx", flush: true });
    } catch (error) {
      throw translate(path, error);
    }
  },
  async exists(path) {
    try {
      await fs.lstat(path);
      return true;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return false;
      throw unreadable(path, error);
    }
  },
  async read(path, maxBytes) {
    try {
      const stats = await fs.stat(path);
      if (!stats.isFile()) throw new OpsError("config", `${path} is not a file`);
      if (stats.size > maxBytes)
        throw new OpsError("config", `${path} has ${stats.size} bytes, at most ${maxBytes} are read`);
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await fs.readFile(path));
    } catch (error) {
      throw unreadable(path, error);
    }
  },
  async list(folder) {
    try {
      return await fs.readdir(folder);
    } catch (error) {
      if (codeOf(error) === "ENOENT") return [];
      throw unreadable(folder, error);
    }
  },
  async size(path) {
    try {
      return (await fs.stat(path)).size;
    } catch (error) {
      if (codeOf(error) === "ENOENT") return null;
      throw unreadable(path, error);
    }
  },
  async room(folder) {
    try {
      const { bavail, bsize } = await fs.statfs(folder);
      return bavail * bsize;
    } catch (error) {
      // it will stand where its parent stands
      if (codeOf(error) === "ENOENT" && dirname(folder) !== folder) return files.room(dirname(folder));
      throw unreadable(folder, error);
    }
  },
  async digest(text) {
    const { createHash } = await import("node:crypto");
    return createHash("sha256").update(text, "utf8").digest("hex");
  },
};

function unreadable(path: string, error: unknown): unknown {
  const code = codeOf(error);
  if (code === "ENOENT" || code === "ENOTDIR")
    return new OpsError("config", `there is no file ${path}`, { cause: error });
  return typeof code === "string"
    ? new OpsError("config", `${path} cannot be read (${code})`, { cause: error })
    : error;
}

/** Adds to a file that somebody else keeps (GitHub's step summary). */
export async function appendFile(path: string, text: string): Promise<void> {
  try {
    await fs.appendFile(path, text);
  } catch (error) {
    throw translate(path, error);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function translate(path: string, error: unknown): unknown {
  const code = codeOf(error);
  const syscall = error instanceof Error && "syscall" in error ? error.syscall : undefined;
  if (code === "EEXIST" && syscall === "open") {
    return new OpsError("usage", `${path} is there already and is left as it is`, {
      hint: "name another file, or move it away first",
    });
  }
  return typeof code === "string"
    ? new OpsError("config", `${path} cannot be written (${code})`, { cause: error })
    : error;
}
