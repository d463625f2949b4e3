/** The few files we write. */
import { appendFile as append, mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { OpsError } from "../core/error.ts";
import type { Files } from "../ports/files.ts";

export const files: Files = {
  async create(path, text) {
    try {
      await mkdir(dirname(path), { recursive: true });
      await writeFile(path, text, { flag: "wx" });
    } catch (error) {
      throw translate(path, error);
    }
  },
};

/** Adds to a file that somebody else keeps (GitHub's step summary). */
export async function appendFile(path: string, text: string): Promise<void> {
  try {
    await append(path, text);
  } catch (error) {
    throw translate(path, error);
  }
}

function translate(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
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
