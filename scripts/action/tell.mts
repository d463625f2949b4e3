/** How the action's own scripts speak to the runner: outputs by file, annotations by command, nothing else. */
import { appendFileSync } from "node:fs";
import { InputError } from "./inputs.mts";

/** https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands */
export function annotate(level: "warning" | "error", text: string): void {
  const data = text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
  process.stdout.write(`::${level} title=litally-ops::${data}\n`);
}

/** Values of one line each, so that none can pass for another. */
export function output(values: Readonly<Record<string, string>>): void {
  for (const value of Object.values(values)) if (/[\r\n]/.test(value)) throw new Error("an output is one line");
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  appendFileSync(required("GITHUB_OUTPUT"), lines.join(""));
}

export function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set: this runs as a step of the action`);
  return value;
}

/** Runs a script of the action; what goes wrong is an error of the step, by one line. */
export async function asStep(run: () => Promise<void> | void): Promise<void> {
  try {
    await run();
  } catch (thrown) {
    annotate("error", thrown instanceof Error ? thrown.message : String(thrown));
    process.exitCode = thrown instanceof InputError ? 64 : 70;
  }
}
