/** One run of the command line, from words to exit code. It prints one result, and the exit code comes from the same object. */
import { remembering } from "../commands/remembering.ts";
import type { Waiving } from "../commands/waive.ts";
import { toOpsError } from "../core/error.ts";
import type { Outcome } from "../core/report.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Beating, beginHeartbeat } from "./heartbeat.ts";
import { helpFor } from "./help.ts";
import type { Host, Run, Session } from "./host.ts";
import { withOutput } from "./output.ts";
import type { GlobalFlags, Invocation } from "./parse.ts";
import { createRedactor, secretsIn } from "./redact.ts";
import { simpleAnswer } from "./simple.ts";
import { operatorAt, progressFor, signalFor } from "./terminal.ts";

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
  const run = { host: github?.host ?? own, output, github, redactor, startedAt: host.now() };
  let invocation: Invocation | undefined;
  try {
    if (host.argv.length === 0) host.stderr.write(`${helpFor([])}\n`);
    const { parse } = await import("./parse.ts");
    invocation = parse(host.argv);
    return await runCommand(run, invocation);
  } catch (thrown) {
    const { reportError } = await import("./run-error.ts");
    return reportError(run, { error: toOpsError(thrown), ...(invocation && { invocation }) });
  }
}

async function runCommand(run: Run, invocation: Invocation): Promise<ExitCode> {
  const { host, redactor } = run;
  const { command, flags, input } = invocation;
  const reports = flags.reports.length === 0 ? [] : await openedReports(host, flags);
  const signal = signalFor(host, flags, command);
  const progress = progressFor(host, redactor);
  const log = (line: string) => (flags.debug ? host.stderr.write(redactor.apply(`debug: ${line}\n`)) : undefined);
  const session = await host.open({
    command: command.name,
    argv: host.argv,
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
    const beatsAs = async () => (await module.beatsAs?.(parsed, session.context)) ?? command.name;
    const beating = flags.heartbeat ? await begin(run, session, { flags, beatsAs: await beatsAs() }) : undefined;
    const { context, waiving } = remembering(session.context);
    const outcome = await told(beating, async () =>
      withWaivers(marked(await module.run(parsed, context), session), waiving()),
    );
    progress.end();
    const { tellOutcome } = await import("./run-outcome.ts");
    return await tellOutcome(run, { outcome, flags, reports, beating });
  } catch (thrown) {
    progress.end();
    const { reportError } = await import("./run-error.ts");
    return await reportError(run, { error: toOpsError(thrown), invocation, session });
  } finally {
    progress.end();
    await session.close();
  }
}

async function openedReports(host: Host, flags: GlobalFlags) {
  const { openReports } = await import("./report-files.ts");
  return openReports(host, flags.reports);
}

async function begin(...run: Parameters<typeof beginHeartbeat>): Promise<Beating> {
  return (await import("./heartbeat.ts")).beginHeartbeat(...run);
}

/** However it ends, the heartbeat tells of it. */
async function told(beating: Beating | undefined, work: () => Promise<Outcome>): Promise<Outcome> {
  let outcome: Outcome;
  try {
    outcome = await work();
  } catch (thrown) {
    await beating?.failed(toOpsError(thrown));
    throw thrown;
  }
  return beating === undefined ? outcome : beating.ended(outcome);
}

async function withWaivers(outcome: Outcome, waiving: Waiving | null): Promise<Outcome> {
  return waiving === null ? outcome : (await import("../commands/waive.ts")).waive(outcome, waiving);
}

/** Here for all commands, so that none can forget it: in which world it was, and what is wrong with the record of it. */
function marked(outcome: Outcome, { sandbox, unrecorded }: Session): Outcome {
  const world = sandbox();
  if (outcome.kind === "artifact") return outcome;
  const findings = [...outcome.findings, ...unrecorded()];
  return { ...outcome, findings, ...(world === undefined ? {} : { sandbox: world }) };
}
