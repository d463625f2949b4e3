/** Atlas for one run, by the credentials of the environment. Loaded when it is asked for. */
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { baseUrlFromEnv, credentialsFromEnv } from "../adapters/atlas/credentials.ts";
import type { OpenRequest } from "../cli/run.ts";
import type { Clock } from "../core/clock.ts";
import type { Environment } from "../core/environment.ts";
import type { Atlas } from "../ports/atlas.ts";

interface AtlasOpening extends Pick<OpenRequest, "log" | "secrets"> {
  readonly machine: { readonly cacheDir: string; readonly toolVersion: string };
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws OpsError `auth` or `config` where the environment does not say as whom, or where. */
export async function connectAtlas({ machine, env, clock, signal, log, secrets }: AtlasOpening): Promise<Atlas> {
  const baseUrl = baseUrlFromEnv(env);
  const credentials = credentialsFromEnv(env);
  const adapter = await import("../adapters/atlas/atlas.ts");
  tuneForShortRuns();
  return adapter.connectAtlas({
    baseUrl,
    credentials,
    env,
    clock,
    signal,
    log,
    tokenCacheDir: join(machine.cacheDir, "tokens"),
    userAgent: `litally-ops/${machine.toolVersion}`,
    secrets,
  });
}

/**
 * V8 is tuned for servers. A run of a few requests ends sooner, and one over hundreds of databases stays small, with:
 * no optimising of undici's WebAssembly in the background, which no process ends before (35 ms), and a young generation
 * that does not grow with the answers that pass through it (400 databases: 136 MiB instead of 230). After the modules
 * are loaded, for Node's own are kept compiled under its own flags only: loaded later, they take 8 ms longer.
 */
function tuneForShortRuns(): void {
  for (const flag of ["--no-wasm-tier-up", "--no-wasm-dynamic-tiering", "--semi-space-growth-factor=1"]) {
    setFlagsFromString(flag);
  }
}
