/** Every report says which command looked, at which environment, and when: it is made here and nowhere else. */
import type { Change } from "../core/change.ts";
import type { Finding, Report } from "../core/report.ts";
import type { Context } from "./context.ts";

export type ReportOf = (findings: readonly Finding[], change?: Change) => Report;

/** Reports of one command, each dated with the moment in which it is made. */
export function reporter(command: string, environment: string, { clock }: Pick<Context, "clock">): ReportOf {
  return (findings, change) => ({
    kind: "report",
    command,
    environment,
    observedAt: clock.now(),
    findings,
    ...(change === undefined ? {} : { change }),
  });
}
