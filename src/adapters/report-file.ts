/**
 * Where reports are written: beside the file, flushed, then put in its place. It may be root's cron that does so, in a
 * folder that others can write to: no link is followed, and nothing but a plain file is ever replaced.
 */
import { randomUUID } from "node:crypto";
import { constants, promises as fs, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { OpsError } from "../core/error.ts";
import type { ReportFile } from "../ports/report-file.ts";

/**
 * OpsError `usage` where nothing can be written there: better now than when hours of work are to be told. `policyFile`: what
 * the environment names, and the words of the run may not.
 */
export async function reportFile(path: string, policyFile = ""): Promise<ReportFile> {
  try {
    const at = join(await fs.realpath(dirname(path)), basename(path));
    if (policyFile !== "" && at === (await fs.realpath(policyFile).catch(() => undefined)))
      throw new OpsError("usage", `--report: ${path} is the policy file`, { hint: "name a file of its own" });
    await replaceable(path, at);
    const probe = temporaryBeside(at);
    await (await fs.open(probe, "wx")).close();
    await fs.rm(probe);
    return { at, write: (text) => write(path, at, text) };
  } catch (error) {
    throw untellable(path, error);
  }
}

async function write(path: string, at: string, text: string): Promise<void> {
  const temporary = temporaryBeside(at);
  let before: Stats | null = null;
  try {
    before = await replaceable(path, at);
    const file = await fs.open(temporary, "wx");
    try {
      if (before !== null) await file.chmod(before.mode & PERMISSIONS); // a report that was closed to others stays so
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await fs.rename(temporary, at);
  } catch (error) {
    await fs.rm(temporary, { force: true });
    throw untellable(path, error, before === null ? "" : "; what stands there is of an earlier run");
  }
}

const PERMISSIONS = constants.S_IRWXU | constants.S_IRWXG | constants.S_IRWXO;

/** The plain file that stands there; null: nothing does. */
async function replaceable(path: string, at: string): Promise<Stats | null> {
  const stats = await fs.lstat(at).catch(nullWhereNone);
  if (stats === null || stats.isFile()) return stats;
  const what = stats.isSymbolicLink() ? "a symbolic link, which is not followed" : "no plain file";
  throw new OpsError("usage", `--report: ${path} is ${what}`, { hint: "name a file of its own for each report" });
}

function nullWhereNone(error: unknown): null {
  if (codeOf(error) === "ENOENT") return null;
  throw error;
}

/** Its name must not end like a report's: others read all that does so (node-exporter: *.prom). */
function temporaryBeside(at: string): string {
  return join(dirname(at), `.litally-ops-${randomUUID()}.tmp`);
}

function untellable(path: string, error: unknown, besides = ""): unknown {
  const code = codeOf(error);
  if (error instanceof OpsError || typeof code !== "string") return error;
  const why = WORDS[code];
  const reason = why === undefined ? code : `${why} (${code})`;
  return new OpsError("usage", `--report: ${path} cannot be written: ${reason}${besides}`, {
    hint: "the folder must be there, and writable",
    cause: error,
  });
}

const WORDS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such folder",
  ENOTDIR: "there is no such folder",
  EACCES: "no permission",
  EPERM: "no permission",
  EROFS: "nothing can be written there",
  ENOSPC: "no space left",
  EDQUOT: "no space left",
};

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
