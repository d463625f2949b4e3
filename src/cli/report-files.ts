/** The files of `--report`: each is found to be writable before a run asks anything, and is written whatever its end. */
import { OpsError, toOpsError } from "../core/error.ts";
import type { ReportFile } from "../ports/report-file.ts";
import type { Host } from "./host.ts";
import type { ReportTarget } from "./report-flag.ts";

type TextOf = (target: ReportTarget) => Promise<string>;

export interface OpenedReport {
  readonly target: ReportTarget;
  readonly file: ReportFile;
}

/** Throws OpsError `usage` where one of them could not be written. */
export async function openReports(
  host: Pick<Host, "reportFile">,
  targets: readonly ReportTarget[],
): Promise<readonly OpenedReport[]> {
  const opened: OpenedReport[] = [];
  for (const target of targets) {
    const file = await host.reportFile(target.path);
    const same = opened.find((other) => other.file.at === file.at);
    if (same !== undefined)
      throw new OpsError("usage", `--report: ${same.target.path} and ${target.path} are the same file`);
    opened.push({ target, file });
  }
  return opened;
}

/** Gives, for each that could not be written, why. */
export async function writeReports(opened: readonly OpenedReport[], textOf: TextOf): Promise<readonly string[]> {
  const texts = await Promise.all(opened.map(async ({ file, target }) => ({ file, text: await textOf(target) })));
  const troubles = await Promise.all(texts.map(({ file, text }) => troubleOf(file.write(text))));
  return troubles.flatMap((trouble) => trouble ?? []);
}

/** The same where they were not opened, or not all of them. */
export async function writeEach(
  host: Pick<Host, "reportFile">,
  targets: readonly ReportTarget[],
  textOf: TextOf,
): Promise<readonly string[]> {
  const written = async (target: ReportTarget) => (await host.reportFile(target.path)).write(await textOf(target));
  const troubles = await Promise.all(targets.map((target) => troubleOf(written(target))));
  return troubles.flatMap((trouble) => trouble ?? []);
}

/** The name of a file without its folder and its ending. */
export function reportName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1, path.lastIndexOf("."));
}

async function troubleOf(writing: Promise<void>): Promise<string | undefined> {
  try {
    await writing;
    return undefined;
  } catch (thrown) {
    return toOpsError(thrown).message;
  }
}
