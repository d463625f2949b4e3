/** One run of the command line, from words to exit code. It prints one result, and the exit code comes from the same object. */
import { toOpsError } from "../core/error.ts";
import type { Outcome } from "../core/report.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import { helpFor } from "./help.ts";
import type { Host, Run } from "./host.ts";
import { withOutput } from "./output.ts";
import type { GlobalFlags, Invocation } from "./parse.ts";
import { createRedactor, redactOutcome, secretsIn } from "./redact.ts";
import { simpleAnswer } from "./simple.ts";
import { operatorAt, progressFor, signalFor, wantsColour } from "./terminal.ts";
import { closingLine } from "./verdict-line.ts";

export async function runCli(host: Host): Promise<ExitCode> {
  const simple = simpleAnswer(host.argv, host.version);
  if (simple !== undefined) {
    host.stdout.write(simple);
    return 0;
  }
  const redactor = createRedactor();
  redactor.add(secretsIn(host.env));
  const { host: own, output } = withOutput(host);
  const github = host.env["GITHUB_ACTIONS"] === "true" ? (await import("./github.ts")).underGithub(own) : undefined;
  const run = { host: github?.host ?? own, output, github, redactor };
  let invocation: Invocation | undefined;
  try {
    if (host.argv.length === 0) host.stderr.write(`${helpFor([])}\n`);
    const { parse } = await import("./parse.ts");
    invocation = parse(host.argv);
    return await runCommand(run, invocation);
  } catch (thrown) {
    const { reportError } = await import("./run-error.ts");
    return reportError(run, invocation, toOpsError(thrown));
  }
}

async function runCommand(run: Run, { command, flags, input }: Invocation): Promise<ExitCode> {
  const { host, redactor } = run;
  const signal = signalFor(host, flags, command);
  const progress = progressFor(host, redactor);
  const log = (line: string) => (flags.debug ? host.stderr.write(redactor.apply(`debug: ${line}\n`)) : undefined);
  const session = await host.open({
    command: command.name,
    flags,
    signal,
    progress,
    operator: operatorAt({ host, signal, progress, redactor }),
    output: run.output,
    log,
    secrets: redactor,
  });
  try {
    const module = await command.load();
    const parsed = module.input.parse(input) as never; // the module's own schema has just made its own input type
    const outcome = marked(await module.run(parsed, session.context), session.sandbox());
    progress.end();
    return await print(run, flags, outcome);
  } finally {
    progress.end();
    await session.close();
  }
}

/** Here for all commands, so that none can forget it. */
function marked(outcome: Outcome, sandbox: string | undefined): Outcome {
  return sandbox === undefined || outcome.kind === "artifact" ? outcome : { ...outcome, sandbox };
}

/** stdout gets the result. Where that is a document for programs, stderr gets the verdict in words. */
async function print({ host, github, redactor }: Run, flags: GlobalFlags, outcome: Outcome): Promise<ExitCode> {
  const exitCode = exitCodeOf(outcome, flags.strict);
  const shown = redactOutcome(outcome, redactor.apply);
  const { render } = await import("./render.ts");
  const options = { ...flags, exitCode, colour: wantsColour(host, flags), width: host.stdout.columns };
  host.stdout.write(await render(shown, options));
  if (shown.kind === "report" || (shown.kind === "list" && shown.findings.length > 0))
    await github?.tellOutcome(shown, exitCode);
  const isForPrograms = flags.format === "json" || flags.format === "junit";
  if (isForPrograms && shown.kind !== "artifact") host.stderr.write(`${closingLine(shown, exitCode)}\n`);
  return exitCode;
}
