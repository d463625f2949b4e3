/** `--report <file>`: the format of a report file follows from how its name ends. */
import { OpsError } from "../core/error.ts";
import type { Outcome } from "../core/report.ts";
import type { Format } from "./grammar.ts";

export interface ReportTarget {
  readonly path: string;
  readonly format: Format;
}

const FORMAT_OF: ReadonlyMap<string, Format> = new Map([
  [".txt", "text"],
  [".json", "json"],
  [".md", "markdown"],
  [".xml", "junit"],
  [".prom", "openmetrics"],
]);

/** Throws OpsError `usage` where the name says no format, or one that such an outcome has not. */
export function reportTarget(path: string, gives: Outcome["kind"], command: string): ReportTarget {
  const target = targetOf(path);
  if (target === undefined)
    throw new OpsError("usage", `--report: the name "${path}" does not say in which format`, {
      hint: `let it end in one of ${[...FORMAT_OF.keys()].join(", ")}`,
    });
  const { format } = target;
  if (!hasForm(gives, format))
    throw new OpsError("usage", `--report: ${command} judges nothing, so it has no ${format} form for ${path}`, {
      hint: "use .json",
    });
  return target;
}

/** JUnit knows tests alone, and OpenMetrics numbers: what judges nothing has neither. */
export function hasForm(gives: Outcome["kind"], format: Format): boolean {
  return gives === "report" || (format !== "junit" && format !== "openmetrics");
}

/** A report replaces what stands there: not the policy of this run, nor a plan that it has just saved. */
export function refuseShared(reports: readonly ReportTarget[], others: readonly unknown[]): void {
  const taken = new Set(others.filter((other) => typeof other === "string").map(tidy));
  const shared = reports.find(({ path }) => taken.has(tidy(path)));
  if (shared !== undefined)
    throw new OpsError("usage", `--report: ${shared.path} is named for something else, too`, {
      hint: "name a file of its own for each report",
    });
}

/** `a/b` of `./a//b`. */
function tidy(path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return `${path.startsWith("/") ? "/" : ""}${parts.join("/")}`;
}

/**
 * The report files among words that could not be parsed: what is wrong with them is told there too, but for a name that
 * stands there twice, for it may be that of something else.
 */
export function targetsAmong(argv: readonly string[]): readonly ReportTarget[] {
  const values = argv.map((word) => /^--[a-z-]+=(.*)$/s.exec(word)?.[1] ?? word);
  const named = values.map(tidy);
  return argv.flatMap((word, index) => {
    const path = word === "--report" ? argv[index + 1] : word.startsWith("--report=") ? values[index] : undefined;
    if (path === undefined || named.filter((other) => other === tidy(path)).length > 1) return [];
    return targetOf(path) ?? [];
  });
}

/** A name that is an ending alone (`.json`) ends in nothing. */
function targetOf(path: string): ReportTarget | undefined {
  const format = FORMAT_OF.get(/[^/](\.[a-z]+)$/.exec(path)?.[1] ?? "");
  return format === undefined ? undefined : { path, format };
}
