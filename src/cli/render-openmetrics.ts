/**
 * The numbers of a run as OpenMetrics 1.0 (https://prometheus.io/docs/specs/om/open_metrics_spec/), which node-exporter's
 * textfile collector reads too: it admits no timestamps, and of each metric one help text in all files
 * (https://github.com/prometheus/node_exporter#textfile-collector).
 *
 * A rehearsal has metrics of other names: no alert for the accounts can be set off by it, and none be silenced.
 */
import { bySeverity, type Finding } from "../core/report.ts";
import type { RunMeasures } from "../core/run-measures.ts";

export interface ToldRun {
  readonly command: string;
  /** Absent where the policy could not be read. */
  readonly environment: string | undefined;
  /** The world of a rehearsal. */
  readonly sandbox: string | undefined;
  /**
   * The name of the file that this goes into, without its ending; undefined: stdout. The collector adds up all files, and
   * two runs of one command (one for each database) must not say different things of the same series.
   */
  readonly report: string | undefined;
  readonly measures: RunMeasures;
  readonly findings: readonly Finding[];
}

export function openMetrics(run: ToldRun): string {
  const { command, environment, sandbox, report } = run;
  const own: Labels = { command, environment, sandbox, report };
  const prefix = sandbox === undefined ? "litally_ops" : "litally_ops_rehearsal";
  const families = familiesOf(run).filter(({ samples }) => samples.length > 0);
  return `${families.map((family) => familyText(prefix, family, own)).join("")}# EOF\n`;
}

type Labels = Readonly<Record<string, string | undefined>>;

interface Family {
  readonly name: string;
  /** Stands at the end of the name. */
  readonly unit?: "seconds";
  /** Always the same words for the same name. */
  readonly help: string;
  readonly samples: readonly Sample[];
}

interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** What passes is counted alone, and of what does not, so many are told each by itself: a series costs whoever stores it. */
const MAX_PROBLEMS = 200;

function familiesOf({ measures, findings }: ToldRun): readonly Family[] {
  const { exitCode, endedAt, durationSeconds, newestBackups } = measures;
  const problems = findings.filter(({ status }) => status !== "pass").toSorted(bySeverity);
  const counts = Object.entries(measures.findings ?? {});
  return [
    {
      name: "run_timestamp_seconds",
      unit: "seconds",
      help: "When the run ended, in seconds since 1970.",
      samples: [{ value: endedAt.getTime() / 1000 }],
    },
    {
      name: "run_duration_seconds",
      unit: "seconds",
      help: "How long the run took.",
      samples: [{ value: durationSeconds }],
    },
    {
      name: "run_exit_code",
      help: "The exit code of the run: 0 is well, 1 not as the policy says, 2 could not find out; the rest: litally-ops help exit-codes.",
      samples: [{ value: exitCode }],
    },
    {
      name: "run_findings",
      help: "How many findings the run has by status; absent where it ended with an error.",
      samples: counts.map(([status, value]) => ({ labels: { status }, value })),
    },
    {
      name: "problem",
      help: `1 for each finding that does not pass, of the first ${MAX_PROBLEMS}, worst first.`,
      samples: problems.slice(0, MAX_PROBLEMS).map(({ check, subject, scope, status }) => ({
        labels: { check, subject, scope, status },
        value: 1,
      })),
    },
    {
      name: "problems_left_out",
      help: `How many findings do not pass beyond the first ${MAX_PROBLEMS}.`,
      samples: counts.length === 0 ? [] : [{ value: Math.max(0, problems.length - MAX_PROBLEMS) }],
    },
    {
      name: "newest_backup_timestamp_seconds",
      unit: "seconds",
      help: "When the newest backup that is known to be good was taken, in seconds since 1970; absent where that is not known.",
      samples: newestBackups.map(({ subject, createdAt }) => ({
        labels: { subject },
        value: createdAt.getTime() / 1000,
      })),
    },
  ];
}

function familyText(prefix: string, { name, unit, help, samples }: Family, own: Labels): string {
  const full = `${prefix}_${name}`;
  const lines = samples.map(({ labels, value }) => [labelsText({ ...own, ...labels }), value] as const);
  const series = new Map(lines.toReversed()); // of two with the same labels, which no collector takes, the first stays
  return [
    `# TYPE ${full} gauge`,
    ...(unit === undefined ? [] : [`# UNIT ${full} ${unit}`]),
    `# HELP ${full} ${help}`,
    ...[...series].toReversed().map(([labels, value]) => `${full}${labels} ${value}`),
    "",
  ].join("\n");
}

/** An empty label is the same as none. */
function labelsText(labels: Labels): string {
  const pairs = Object.entries(labels).flatMap(([name, value]) => (value ? [`${name}="${escaped(value)}"`] : []));
  return `{${pairs.join(",")}}`;
}

/** Half a surrogate pair has no form in UTF-8, which it must be. */
function escaped(text: string): string {
  return text.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
