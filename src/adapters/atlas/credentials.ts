/** Who we are to Atlas, and where Atlas is: read from environment variables handed in as a value. */
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";

export type Credentials =
  | { readonly kind: "api-key"; readonly publicKey: string; readonly privateKey: string }
  | { readonly kind: "service-account"; readonly clientId: string; readonly clientSecret: string };

const API_KEY = ["MONGODB_ATLAS_PUBLIC_API_KEY", "MONGODB_ATLAS_PRIVATE_API_KEY"] as const;
const SERVICE_ACCOUNT = ["MONGODB_ATLAS_CLIENT_ID", "MONGODB_ATLAS_CLIENT_SECRET"] as const;
const BASE_URL = "MONGODB_ATLAS_BASE_URL";
const DEFAULT_BASE_URL = "https://cloud.mongodb.com";

/**
 * The credentials that `env` holds. A service account wins over an API key when both are complete, because Atlas
 * recommends it over keys. Half a pair is an error even when the other pair is complete: it is a mistake to mend.
 */
export function credentialsFromEnv(env: Environment): Credentials {
  const account = pair(env, SERVICE_ACCOUNT, "service account");
  const key = pair(env, API_KEY, "API key");
  if (account !== undefined) return { kind: "service-account", clientId: account[0], clientSecret: account[1] };
  if (key !== undefined) return { kind: "api-key", publicKey: key[0], privateKey: key[1] };
  throw new OpsError("auth", "no credentials for Atlas in the environment", {
    hint: `set ${SERVICE_ACCOUNT.join(" and ")} (service account), or ${API_KEY.join(" and ")} (API key)`,
  });
}

/** The base URL that `env` names, or that of Atlas. */
export function baseUrlFromEnv(env: Environment): URL {
  const text = env[BASE_URL];
  return parseBaseUrl(text === undefined || text === "" ? DEFAULT_BASE_URL : text);
}

/** Scheme and host of Atlas; throws OpsError `config`. Secrets never travel unencrypted except on this machine. */
function parseBaseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw badUrl("is not a URL");
  if (url.username !== "" || url.password !== "") throw badUrl("must not hold credentials");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw badUrl("must start with https://");
  if (!isConfidential(url)) throw badUrl("must be https (http only on loopback)");
  if (url.pathname !== "/" || url.search !== "" || url.hash !== "") throw badUrl("must be scheme and host only");
  return url;
}

function pair(env: Environment, names: readonly [string, string], what: string): readonly [string, string] | undefined {
  const first = env[names[0]] ?? "";
  const second = env[names[1]] ?? "";
  if (first === "" && second === "") return undefined;
  if (first !== "" && second !== "") return [printable(names[0], first), printable(names[1], second)];
  const [missing, present] = first === "" ? names : [names[1], names[0]];
  throw new OpsError("auth", `half of the Atlas ${what} is missing: ${missing} is not set, ${present} is`, {
    hint: `set ${missing}, or unset ${present}`,
  });
}

/** A line break copied along with a secret would break the header that carries it. */
function printable(name: string, value: string): string {
  if (/^[\x21-\x7e]+$/.test(value)) return value;
  throw new OpsError("auth", `${name} holds white space or characters outside ASCII`, {
    hint: `set ${name} again, without a line break or spaces around it`,
  });
}

/** https, or http that stays on this machine. */
export function isConfidential({ protocol, hostname }: URL): boolean {
  return protocol === "https:" || (protocol === "http:" && isLoopback(hostname));
}

/** WHATWG URLs have normalised the host: 127.1 is 127.0.0.1 by now, and IPv6 stands in brackets. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function badUrl(problem: string): OpsError {
  return new OpsError("config", `${BASE_URL} ${problem}`, { hint: `leave it unset for ${DEFAULT_BASE_URL}` });
}
