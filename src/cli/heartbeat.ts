/** `--heartbeat`: the outside is told of a run beside the command, and of its end before the result is printed. */
import { heartbeatOf } from "../commands/heartbeat.ts";
import { OpsError } from "../core/error.ts";
import type { Finding, Outcome } from "../core/report.ts";
import { type ExitCode, exitCodeOf, exitCodeOfError } from "./exit-code.ts";
import type { Run, Session } from "./host.ts";
import type { GlobalFlags } from "./parse.ts";
import { closingLine, errorVerdict } from "./verdict-line.ts";

export interface Beating {
  /** The outcome, with what became of the telling. */
  ended(outcome: Outcome): Promise<Outcome>;
  /** What became of it is told on stderr: there is no report. */
  failed(error: OpsError): Promise<void>;
  /** The same of a run whose report nobody can read, whatever was told of it before. */
  untold(exitCode: ExitCode, verdict: string): Promise<void>;
}

interface Scheduled {
  readonly flags: GlobalFlags;
  /** The command whose schedule it is. */
  readonly beatsAs: string;
}

/** By then the first request of the command is out: what is loaded for the heartbeat would be in its way. */
const START_AFTER_MS = 250;

/** OpsError `config` where the policy has no heartbeat. */
export async function beginHeartbeat(
  { host, redactor }: Run,
  { context }: Session,
  { flags, beatsAs }: Scheduled,
): Promise<Beating> {
  const heartbeat = await heartbeatOf(context, beatsAs);
  const startedAt = context.clock.now();
  host.after(START_AFTER_MS).addEventListener("abort", () => void heartbeat.start(), { once: true });
  const end = (exitCode: ExitCode, verdict: string, outcome?: Outcome) => {
    context.progress.phase("telling the heartbeat");
    const run = { exitCode, startedAt, endedAt: context.clock.now(), ...(outcome === undefined ? {} : { outcome }) };
    return heartbeat.end(run, redactor.apply(verdict));
  };
  const untold = async (exitCode: ExitCode, verdict: string) => {
    for (const { status, check, message } of await end(exitCode, verdict)) {
      if (status !== "pass") host.stderr.write(`${status}: ${check}: ${redactor.apply(message)}\n`);
    }
  };
  return {
    ended: async (outcome) => {
      if (outcome.kind === "artifact") throw new OpsError("bug", "an artifact has no verdict to tell");
      const exitCode = exitCodeOf(outcome, flags.strict);
      return withDelivery(outcome, await end(exitCode, closingLine(outcome, exitCode), outcome));
    },
    failed: ({ kind }) => {
      const exitCode = exitCodeOfError(kind);
      return untold(exitCode, errorVerdict(exitCode));
    },
    untold,
  };
}

/** That it was told is no reason to call well what had nothing to judge. */
function withDelivery<O extends Exclude<Outcome, { readonly kind: "artifact" }>>(
  outcome: O,
  deliveries: readonly Finding[],
): O {
  const told = outcome.findings.length === 0 ? deliveries.filter(({ status }) => status !== "pass") : deliveries;
  return { ...outcome, findings: [...outcome.findings, ...told] };
}
