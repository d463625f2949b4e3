/** Atlas for one run, by the credentials of the environment. Loaded when it is asked for. */
import { join } from "node:path";
import { baseUrlFromEnv, credentialsFromEnv } from "../adapters/atlas/credentials.ts";
import type { OpenRequest } from "../cli/host.ts";
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import type { Atlas } from "../ports/atlas.ts";

interface AtlasOpening extends Pick<OpenRequest, "command" | "log" | "secrets"> {
  readonly machine: { readonly cacheDir: string; readonly toolVersion: string };
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws OpsError `auth` or `config` where the environment does not say as whom, or where. */
export async function connectAtlas(opening: AtlasOpening): Promise<Atlas> {
  const { machine, env, clock, signal, command, log, secrets } = opening;
  const baseUrl = baseUrlFromEnv(env);
  const credentials = credentialsFromEnv(env);
  const adapter = await import("../adapters/atlas/atlas.ts");
  return adapter.connectAtlas({
    baseUrl,
    credentials,
    env,
    clock,
    signal,
    log,
    tokenCacheDir: join(machine.cacheDir, "tokens"),
    userAgent: `litally-ops/${machine.toolVersion} (${command})`,
    secrets,
  });
}
