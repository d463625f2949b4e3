/** What is printed where a run ends with an error instead of an outcome. */
import type { OpsError } from "../core/error.ts";
import { type ExitCode, exitCodeOfError } from "./exit-code.ts";
import type { Format } from "./grammar.ts";
import type { Host, Run } from "./host.ts";
import type { Invocation } from "./parse.ts";
import { wordsOf } from "./simple.ts";

export async function reportError(run: Run, invocation: Invocation | undefined, error: OpsError): Promise<ExitCode> {
  const { host, github, redactor } = run;
  const exitCode = exitCodeOfError(error.kind);
  const message = redactor.apply(error.message === "" ? error.name : error.message);
  const hint = error.hint === undefined ? undefined : redactor.apply(error.hint);
  const command = invocation?.command.name ?? redactor.apply(wordsOf(host.argv).slice(0, 2).join(" "));
  const verdict = `verdict: ${ERROR_VERDICTS[exitCode] ?? "ERROR"} (exit ${exitCode})`;
  if (wantsJson(host, invocation)) {
    const { documentOfError, jsonText } = await import("./document.ts");
    host.stdout.write(jsonText(documentOfError(command, error.kind, message, hint)));
  }
  if (error.kind !== "aborted")
    await github?.tellError({ command: `litally-ops ${command}`.trim(), message, hint, verdict });
  const lines = [
    `${error.kind === "bug" ? "bug in litally-ops" : "error"}: ${message}`,
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
    ...(wantsStack(host, invocation) ? [redactor.apply(stackOf(error))] : []),
    verdict,
  ];
  host.stderr.write(`${lines.join("\n")}\n`);
  return exitCode;
}

const ERROR_VERDICTS: Partial<Record<ExitCode, string>> = {
  2: "UNKNOWN - could not find out",
  64: "ERROR - wrong flags or policy",
  70: "ERROR - a bug of ours, not an answer",
  130: "INTERRUPTED - nothing was changed",
};

function stackOf(error: OpsError): string {
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack ?? error.cause.message}` : "";
  return `${error.stack ?? error.message}${cause}`;
}

function wantsStack({ argv }: Host, invocation: Invocation | undefined): boolean {
  return invocation?.flags.debug ?? argv.includes("--debug");
}

/** Also when the words could not be parsed: whoever asked for JSON gets JSON. */
function wantsJson({ argv }: Host, invocation: Invocation | undefined): boolean {
  const format: Format | undefined = invocation?.flags.format;
  if (format !== undefined) return format === "json";
  const asked = argv.some((word, index) => word === "--format" && argv[index + 1] === "json");
  return asked || argv.includes("--json") || argv.includes("--format=json");
}
