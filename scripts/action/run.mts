/**
 * Third step: runs the command, and ends as it did unless `warn-on` says otherwise. The command itself writes the step's
 * summary and its annotations; here the report is turned into outputs.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync } from "node:fs";
import { constants } from "node:os";
import { join } from "node:path";
import { readInputs } from "./inputs.mts";
import { outcomeOf } from "./outcome.mts";
import { annotate, asStep, output, required } from "./tell.mts";

await asStep(async () => {
  const { command, words, warnOn } = readInputs(process.env);
  const bin = join(required("FOLDER"), "node_modules/litally-ops/bin/litally-ops.js");
  const folder = mkdtempSync(join(required("RUNNER_TEMP"), "litally-ops-report-"));
  const report = join(folder, `${command.replaceAll(" ", "-")}.json`);
  const reports = ["--report", report, "--report", report.replace(/json$/, "md")];
  const exitCode = await ended(process.execPath, [bin, ...words, ...reports]);
  const outcome = outcomeOf({ command, exitCode, report: parsed(report) }, warnOn);
  output({ status: outcome.status, "exit-code": String(exitCode), report });
  if (outcome.tell !== undefined) annotate(outcome.tell.level, outcome.tell.text);
  process.exitCode = outcome.exitCode;
});

/**
 * The runner stops a step by a signal to its first process alone
 * (https://docs.github.com/en/actions/reference/workflow-cancellation-reference): it is handed on.
 */
function ended(file: string, args: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "inherit", "inherit"], env: withoutInputs(process.env) });
    for (const name of ["SIGINT", "SIGTERM"] as const) process.on(name, () => child.kill(name));
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

function withoutInputs(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("INPUT_")));
}

function parsed(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined; // none, or half of one: outcomeOf says so
  }
}
