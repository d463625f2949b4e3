/** Which repository is asked, where, and as whom: read from environment variables handed in as a value. */
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import { isConfidential } from "../atlas/credentials.ts";

export interface GithubSettings {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  readonly token: string;
  /** `owner/name` */
  readonly repository: string;
}

const DEFAULT_API_URL = "https://api.github.com";
const REPOSITORY = /^[\w.-]{1,100}\/[\w.-]{1,100}$/;

/**
 * What GitHub sets in a job, but for the token, which a step must be given:
 * https://docs.github.com/en/actions/reference/workflows-and-actions/variables. `repository` is the policy's, which wins.
 */
export function githubFromEnv(env: Environment, repository: string | undefined): GithubSettings {
  const token = env["GITHUB_TOKEN"] ?? "";
  if (token === "") {
    throw new OpsError("auth", "no token for GitHub in the environment", {
      hint: `set GITHUB_TOKEN; in a workflow: permissions: { actions: read } and env: { GITHUB_TOKEN: \${{ github.token }} }`,
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new OpsError("auth", "GITHUB_TOKEN holds white space or characters outside ASCII", {
      hint: "set it again, without a line break or spaces around it",
    });
  }
  return { apiUrl: apiUrl(env["GITHUB_API_URL"]), token, repository: repositoryOf(repository, env) };
}

function repositoryOf(named: string | undefined, env: Environment): string {
  const repository = named ?? env["GITHUB_REPOSITORY"] ?? "";
  if (REPOSITORY.test(repository)) return repository;
  throw new OpsError("config", "nothing says which GitHub repository runs the schedules", {
    hint: "write heartbeat.repository: owner/name in the policy; in a workflow GITHUB_REPOSITORY says it",
  });
}

/** A server of one's own has a path: https://docs.github.com/en/enterprise-server@latest/rest/quickstart */
function apiUrl(text: string | undefined): string {
  if (text === undefined || text === "") return DEFAULT_API_URL;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain =
    url !== undefined && url.username === "" && url.password === "" && url.search === "" && url.hash === "";
  if (isPlain && isConfidential(url)) return url.href.replace(/\/+$/, "");
  // not quoted: it may hold a password
  throw new OpsError("config", "GITHUB_API_URL is no https URL without user, ? and # (http only on loopback)", {
    hint: `leave it unset for ${DEFAULT_API_URL}`,
  });
}
