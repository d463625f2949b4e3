/** The file that an object is fetched into: a prefix of it that grows under another name, until it is whole and right. */
import { type FileHandle, link, mkdir, open, rename, stat, statfs, unlink } from "node:fs/promises";
import { dirname } from "node:path";
import { OpsError } from "../../core/error.ts";
import { formatBytes } from "../../core/size.ts";

export interface Partial {
  /** What an earlier run left: to be believed only as far as its hashes are right. */
  readonly leftBytes: number;
  read(target: Buffer, offset: number): Promise<void>;
  write(bytes: Buffer, offset: number): Promise<void>;
  /** Gives it its name. */
  finish(): Promise<void>;
  close(): Promise<void>;
}

/** A file of that name is read to the end, and taken for what is to be fetched if it is the same: it is never written to. */
export async function openPartial(path: string, sizeBytes: number): Promise<Partial> {
  const partial = `${path}.partial`;
  return translated(path, async () => {
    if (await exists(path)) return overFinished(path, await open(path, "r"), sizeBytes);
    await mkdir(dirname(path), { recursive: true });
    const file = (await exists(partial)) ? await open(partial, "r+") : await open(partial, "wx+");
    try {
      const { size, blocks } = await file.stat();
      const { bavail, bsize } = await statfs(dirname(partial));
      const neededBytes = sizeBytes - blocks * 512;
      if (neededBytes > bavail * bsize) throw full(path, neededBytes);
      return overFile(path, partial, file, { leftBytes: Math.min(size, sizeBytes), sizeBytes });
    } catch (error) {
      await file.close();
      throw error;
    }
  });
}

async function overFinished(path: string, file: FileHandle, sizeBytes: number): Promise<Partial> {
  const leave = async () => {
    throw isThere(path);
  };
  try {
    if ((await file.stat()).size !== sizeBytes) await leave();
    const { leftBytes, read, close } = overFile(path, path, file, { leftBytes: sizeBytes, sizeBytes });
    return { leftBytes, read, write: leave, finish: async () => {}, close };
  } catch (error) {
    await file.close();
    throw error;
  }
}

interface Sizes {
  readonly leftBytes: number;
  readonly sizeBytes: number;
}

function overFile(path: string, partial: string, file: FileHandle, { leftBytes, sizeBytes }: Sizes): Partial {
  return {
    leftBytes,
    read: (target, offset) =>
      translated(path, async () => {
        for (let read = 0; read < target.length; ) {
          const { bytesRead } = await file.read(target, read, target.length - read, offset + read);
          if (bytesRead === 0) throw new OpsError("config", `${partial} is changed by somebody else`);
          read += bytesRead;
        }
      }),
    write: (bytes, offset) =>
      translated(path, async () => {
        for (let written = 0; written < bytes.length; ) {
          written += (await file.write(bytes, written, bytes.length - written, offset + written)).bytesWritten;
        }
      }),
    finish: () =>
      translated(path, async () => {
        await file.truncate(sizeBytes);
        await file.sync();
        await giveName(partial, path);
      }),
    close: () => file.close(),
  };
}

/** A link is refused where there is something of that name; renaming would replace it. Not every file system has links. */
async function giveName(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
  } catch (error) {
    if (!/^(EPERM|ENOTSUP|EOPNOTSUPP|ENOSYS|EMLINK)$/.test(codeOf(error) ?? "")) throw error;
    if (await exists(path)) throw isThere(path);
    return rename(partial, path);
  }
  await unlink(partial);
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (codeOf(error) === "ENOENT") return false;
    throw error;
  }
}

async function translated<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = codeOf(error);
    if (error instanceof OpsError || code === undefined) throw error;
    if (code === "EEXIST") throw isThere(path);
    if (code === "ENOSPC" || code === "EDQUOT") throw full(path, undefined);
    throw new OpsError("config", `${path} cannot be written (${code})`, { cause: error });
  }
}

function isThere(path: string): OpsError {
  return new OpsError("usage", `${path} is there already and is left as it is`, {
    hint: "name another place, or move it away first",
  });
}

function full(path: string, neededBytes: number | undefined): OpsError {
  const needed = neededBytes === undefined ? "" : `, which takes ${formatBytes(neededBytes)} more`;
  return new OpsError("config", `the disk is too full for ${path}${needed}`, {
    hint: "make room and fetch again: what has come so far is kept",
  });
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
