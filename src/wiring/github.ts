/** GitHub for one run, by what its jobs find in the environment. Loaded when it is asked for. */
import { githubFromEnv } from "../adapters/github/settings.ts";
import type { OpenRequest } from "../cli/host.ts";
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import type { Github } from "../ports/github.ts";

export interface GithubOpening extends Pick<OpenRequest, "command" | "log" | "secrets"> {
  readonly machine: { readonly toolVersion: string };
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws OpsError `auth` or `config` where nothing says as whom, where, or about which repository to ask. */
export async function connectGithub(opening: GithubOpening, repository: string | undefined): Promise<Github> {
  const { machine, env, clock, signal, command, log, secrets } = opening;
  const settings = githubFromEnv(env, repository);
  const adapter = await import("../adapters/github/github.ts");
  return adapter.connectGithub({
    settings,
    env,
    clock,
    signal,
    userAgent: `litally-ops/${machine.toolVersion} (${command})`,
    log,
    redact: secrets.apply,
  });
}
