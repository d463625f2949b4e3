/** How a run that came to a result ends: its report files are written, stdout gets the result, and the exit code follows. */
import type { Outcome } from "../core/report.ts";
import { type ExitCode, exitCodeOf } from "./exit-code.ts";
import type { Format } from "./grammar.ts";
import type { Beating } from "./heartbeat.ts";
import type { Run } from "./host.ts";
import type { GlobalFlags } from "./parse.ts";
import { redactOutcome } from "./redact.ts";
import { type RenderOptions, render } from "./render.ts";
import type { OpenedReport } from "./report-files.ts";
import { wantsColour } from "./terminal.ts";
import { closingLine } from "./verdict-line.ts";

interface Ended {
  readonly outcome: Outcome;
  readonly flags: GlobalFlags;
  readonly reports: readonly OpenedReport[];
  readonly beating: Beating | undefined;
}

/**
 * Files first: whoever reads stdout may take their time. What a file says of the exit code is the verdict of the run. The
 * heartbeat has heard the same; it hears once more where nobody else did.
 */
export async function tellOutcome(run: Run, { outcome, flags, reports, beating }: Ended): Promise<ExitCode> {
  const { host, redactor, startedAt } = run;
  const shown = redactOutcome(outcome, redactor.apply);
  const verdict = exitCodeOf(outcome, flags.strict);
  const plain = { ...flags, exitCode: verdict, colour: false, width: null, startedAt, endedAt: host.now() };
  const troubles = await writeFiles(run, reports, shown, plain);
  const isUntold = troubles.length > 0 && verdict === 0;
  const exitCode = isUntold ? UNTOLD : verdict;
  await print(run, shown, { ...plain, exitCode, colour: wantsColour(host, flags), width: host.stdout.columns });
  if (beating !== undefined && verdict === 0 && (isUntold || !(await host.isOut())))
    await beating.untold(UNTOLD, UNTOLD_VERDICT);
  for (const trouble of troubles) host.stderr.write(`error: ${redactor.apply(trouble)}\n`);
  if (isUntold) host.stderr.write(`${UNTOLD_VERDICT}\n`);
  else if (FOR_PROGRAMS.has(flags.format) && shown.kind !== "artifact")
    host.stderr.write(`${closingLine(shown, exitCode)}\n`);
  return exitCode;
}

/** All is well, and those who were to hear of it do not. */
const UNTOLD = 2;
const UNTOLD_VERDICT = `verdict: UNKNOWN - not told (exit ${UNTOLD})`;

/** With these, stderr gets the verdict in words. */
const FOR_PROGRAMS: ReadonlySet<Format> = new Set(["json", "junit", "openmetrics"]);

async function writeFiles(
  { redactor }: Run,
  reports: readonly OpenedReport[],
  shown: Outcome,
  options: RenderOptions,
): Promise<readonly string[]> {
  if (reports.length === 0) return [];
  const { reportName, writeReports } = await import("./report-files.ts");
  return writeReports(reports, ({ path, format }) =>
    render(shown, { ...options, format, report: redactor.apply(reportName(path)) }),
  );
}

async function print({ host, github }: Run, shown: Outcome, options: RenderOptions): Promise<void> {
  host.stdout.write(await render(shown, options));
  if (shown.kind === "report" || (shown.kind === "list" && shown.findings.length > 0))
    await github?.tellOutcome(shown, options.exitCode);
}
