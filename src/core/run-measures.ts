/**
 * The numbers of a run, for monitoring: what it counted, how it ended, how long it took, how old the newest good backups
 * are. A number that is not known is absent: a zero would say that all is well.
 */
import { countByStatus, type Finding, type Outcome, type Status } from "./report.ts";

export interface EndedRun {
  /** Absent: the run ended with an error. */
  readonly outcome?: Outcome;
  readonly exitCode: number;
  readonly startedAt: Date;
  readonly endedAt: Date;
}

export interface RunMeasures {
  readonly exitCode: number;
  readonly endedAt: Date;
  readonly durationSeconds: number;
  /** Absent where nothing could be judged at all. */
  readonly findings?: Readonly<Record<Status, number>>;
  /** Of each subject whose newest good snapshot was asked for, and could be told. */
  readonly newestBackups: readonly BackupAge[];
  /** The oldest of them; absent where that of a single subject is not known, for it may be the oldest. */
  readonly newestBackupAgeSeconds?: number;
}

interface BackupAge {
  /** `cluster/litally-core` */
  readonly subject: string;
  readonly createdAt: Date;
  readonly ageSeconds: number;
}

export function measuresOf({ outcome, exitCode, startedAt, endedAt }: EndedRun): RunMeasures {
  const findings = outcome === undefined || outcome.kind === "artifact" ? [] : outcome.findings;
  const judged = outcome?.kind === "report" ? { findings: countByStatus(findings) } : {};
  const subjects = Map.groupBy(
    findings.filter(({ check }) => check === SNAPSHOT_AGE),
    ({ subject }) => subject,
  );
  const newestBackups = [...subjects.values()].flatMap((ofIt) => {
    const [newest] = ofIt.flatMap(ageOf).toSorted((a, b) => a.ageSeconds - b.ageSeconds);
    return newest ?? [];
  });
  const ages = newestBackups.map(({ ageSeconds }) => ageSeconds);
  const areAllKnown = ages.length > 0 && ages.length === subjects.size;
  return {
    exitCode,
    endedAt,
    durationSeconds: Math.max(0, endedAt.getTime() - startedAt.getTime()) / 1000, // a clock that was set back meanwhile
    ...judged,
    newestBackups,
    ...(areAllKnown ? { newestBackupAgeSeconds: Math.max(...ages) } : {}),
  };
}

/** Its evidence tells `createdAt` and `ageSeconds` where the newest snapshot of a frequency is known for certain. */
const SNAPSHOT_AGE = "backup/snapshot-age";

/** Of what two clocks do not agree on, nothing is known. */
function ageOf({ subject, status, evidence }: Finding): readonly BackupAge[] {
  const { ageSeconds, createdAt } = evidence ?? {};
  if (status === "unknown" || typeof ageSeconds !== "number" || typeof createdAt !== "string") return [];
  return [{ subject, createdAt: new Date(createdAt), ageSeconds }];
}
