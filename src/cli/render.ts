/** Which renderer for which outcome and format: a table, nothing more. Each is loaded only when it is used. */
import { OpsError } from "../core/error.ts";
import type { Outcome, Report } from "../core/report.ts";
import { measuresOf } from "../core/run-measures.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Format } from "./grammar.ts";

export interface RenderOptions {
  readonly format: Format;
  readonly strict: boolean;
  readonly verbose: boolean;
  readonly colour: boolean;
  readonly exitCode: ExitCode;
  readonly width: number | null;
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** The name of the file that it is for; absent: stdout. */
  readonly report?: string;
}

export async function render(outcome: Outcome, options: RenderOptions): Promise<string> {
  switch (options.format) {
    case "text":
      return text(outcome, options);
    case "json": {
      const { documentOf, jsonText } = await import("./document.ts");
      return jsonText(documentOf(outcome, options.exitCode));
    }
    case "markdown": {
      const { markdownListing, markdownReport } = await import("./render-markdown.ts");
      if (outcome.kind === "report") return markdownReport(outcome, options.exitCode);
      return outcome.kind === "list" ? markdownListing(outcome, options.exitCode) : outcome.body;
    }
    case "junit": {
      const { junitReport } = await import("./render-junit.ts");
      return junitReport(reportIn(outcome), options.strict);
    }
    case "openmetrics": {
      const { openMetrics } = await import("./render-openmetrics.ts");
      const { command, environment, sandbox, findings } = reportIn(outcome);
      const measures = measuresOf({ ...options, outcome });
      return openMetrics({ command, environment, sandbox, findings, measures, report: options.report });
    }
  }
}

function reportIn(outcome: Outcome): Report {
  if (outcome.kind === "report") return outcome;
  throw new OpsError("bug", `${outcome.command} was to be refused a form that it has not`);
}

async function text(outcome: Outcome, { colour, verbose, exitCode, width }: RenderOptions): Promise<string> {
  if (outcome.kind === "artifact") return outcome.body;
  const { PLAIN_STYLE } = await import("./style.ts");
  const { renderListing, renderReport } = await import("./render-text.ts");
  const style = colour ? (await import("./colour.ts")).colourStyle() : PLAIN_STYLE;
  const textOptions = { style, verbose, exitCode, width };
  return outcome.kind === "report" ? renderReport(outcome, textOptions) : renderListing(outcome, textOptions);
}
