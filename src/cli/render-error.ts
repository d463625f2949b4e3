/** A run that ended with an error, in each of the forms that a result has. */
import type { ErrorKind } from "../core/error.ts";
import { rehearsalOf } from "../core/report.ts";
import { measuresOf } from "../core/run-measures.ts";
import type { ExitCode } from "./exit-code.ts";
import type { Format } from "./grammar.ts";

export interface ToldError {
  readonly kind: ErrorKind;
  readonly command: string;
  /** The world that was asked, or would have been. */
  readonly sandbox: string | undefined;
  readonly message: string;
  readonly hint: string | undefined;
  readonly verdict: string;
  readonly exitCode: ExitCode;
  /** All of it, as it stands on stderr. */
  readonly text: string;
}

/** When it happened, and where it is written. */
export interface Written {
  readonly startedAt: Date;
  readonly endedAt: Date;
  /** Absent where the policy could not be read. */
  readonly environment: string | undefined;
  /** The name of the file that it is for; absent: stdout. */
  readonly report?: string;
}

export async function renderError(told: ToldError, format: Format, written: Written): Promise<string> {
  switch (format) {
    case "text":
      return told.sandbox === undefined ? told.text : `${rehearsalOf(told.sandbox)}\n${told.text}`;
    case "json": {
      const { documentOfError, jsonText } = await import("./document.ts");
      return jsonText(documentOfError(told));
    }
    case "markdown": {
      const { markdownError } = await import("./render-markdown.ts");
      return markdownError(told);
    }
    case "junit": {
      const { junitError } = await import("./render-junit.ts");
      return junitError(told, written.endedAt);
    }
    case "openmetrics": {
      const { openMetrics } = await import("./render-openmetrics.ts");
      const { environment, report } = written;
      const measures = measuresOf({ ...written, exitCode: told.exitCode });
      return openMetrics({ ...told, environment, report, measures, findings: [] });
    }
  }
}
