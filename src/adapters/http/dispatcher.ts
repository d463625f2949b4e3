/** The one connection pool under all requests, direct or through the proxy that the environment names. */

import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import type { HttpLimits } from "./exchange.ts";
import { Agent, type Dispatcher } from "./undici.ts";

/** Atlas limits requests per project, not connections; four keep one run from crowding out the others. */
const CONNECTIONS_MAX = 4;

/** Only https goes through a proxy: plain http is allowed on loopback alone. */
export async function openDispatcher(baseUrl: URL, env: Environment, limits: HttpLimits): Promise<Dispatcher> {
  if (baseUrl.protocol === "https:") await import("node:tls"); // here, before the flags of tuning.ts: under them 7 ms longer
  const options = { connections: CONNECTIONS_MAX, connect: { timeout: limits.connectMs } };
  const httpsProxy = env["https_proxy"] || env["HTTPS_PROXY"];
  if (baseUrl.protocol !== "https:" || httpsProxy === undefined || httpsProxy === "") return new Agent(options);
  if (!/^https?:$/.test(URL.canParse(httpsProxy) ? new URL(httpsProxy).protocol : "")) {
    throw new OpsError("config", "HTTPS_PROXY is not an http or https URL"); // not quoted: it may hold a password
  }
  const { EnvHttpProxyAgent } = await import("./undici-proxy.ts");
  const noProxy = env["no_proxy"] || env["NO_PROXY"] || "";
  // all three are given, so that the agent does not look into the environment itself
  return new EnvHttpProxyAgent({ ...options, httpProxy: "", httpsProxy, noProxy });
}
