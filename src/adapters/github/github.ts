/** The real GitHub Actions behind the port, over the same pool and the same retries as Atlas. It only ever reads. */
import * as z from "zod/mini";
import type { Clock } from "../../core/clock.ts";
import { MINUTE_MS } from "../../core/duration.ts";
import type { Environment } from "../../core/environment.ts";
import { OpsError } from "../../core/error.ts";
import { parseIso } from "../../core/instant.ts";
import { type Github, type ScheduledRun, WORKFLOW_STATES, type Workflow } from "../../ports/github.ts";
import { fieldsOf } from "../fields.ts";
import { openDispatcher } from "../http/dispatcher.ts";
import { exchangeOver, HTTP_LIMITS, type HttpLimits } from "../http/exchange.ts";
import { type Attempt, withRetries } from "../http/retry.ts";
import { judgeAnswer } from "./answer.ts";
import type { GithubSettings } from "./settings.ts";

export interface GithubOptions {
  readonly settings: GithubSettings;
  /** Looked at for HTTPS_PROXY and NO_PROXY. */
  readonly env: Environment;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly userAgent: string;
  readonly log: (line: string) => void;
  /** The text without any secret. */
  readonly redact: (text: string) => string;
  readonly limits?: HttpLimits;
}

const PEER = { name: "GitHub", variable: "GITHUB_API_URL" };
/** Served by every GitHub in use, ours or one's own: https://docs.github.com/en/rest/about-the-rest-api/api-versions */
const API_VERSION = "2022-11-28";
/** How long one call may be repeated. */
const BUDGET_MS = 2 * MINUTE_MS;
const PAGE_WORKFLOWS_MAX = 100;
const PAGES_MAX = 20;

/** Nothing is sent before the first call. */
export function connectGithub(options: GithubOptions): Github {
  const { repository } = options.settings;
  const { get, close } = openTransport(options);
  const actions = `/repos/${repository}/actions`;
  return {
    repository,
    listWorkflows: async () => {
      const found: Workflow[] = [];
      for (let page = 1; page <= PAGES_MAX; page += 1) {
        const path = `${actions}/workflows`;
        const { total, items } = read(
          path,
          workflowsPage,
          await get(path, { per_page: `${PAGE_WORKFLOWS_MAX}`, page: `${page}` }),
        );
        found.push(...items);
        if (found.length >= total) return found;
        if (items.length === 0) break;
      }
      throw new OpsError("protocol", `GitHub does not give all workflows of ${repository}`);
    },
    lastScheduledRun: async (workflowId) => {
      const path = `${actions}/workflows/${workflowId}/runs`;
      const query = { event: "schedule", per_page: "1", exclude_pull_requests: "true" };
      const [newest] = read(path, runsPage, await get(path, query));
      return newest ?? null;
    },
    close,
  };
}

type Get = (path: string, query: Readonly<Record<string, string>>) => Promise<unknown>;

function openTransport({ settings, env, clock, signal, userAgent, log, redact, limits = HTTP_LIMITS }: GithubOptions) {
  const { apiUrl, token, repository } = settings;
  let dispatcher: ReturnType<typeof openDispatcher> | undefined;
  const headers = {
    accept: "application/vnd.github+json",
    authorization: `Bearer ${token}`,
    "user-agent": userAgent,
    "x-github-api-version": API_VERSION,
  };
  const attempt = async (url: URL, number: number): Promise<Attempt> => {
    const sentAt = clock.now();
    const note = (outcome: string) => {
      const tookMs = clock.now().getTime() - sentAt.getTime();
      log(`GET ${url.pathname} ${outcome} ${tookMs} ms (attempt ${number})`);
    };
    try {
      dispatcher ??= openDispatcher(new URL(apiUrl), env, limits);
      const context = { peer: PEER, dispatcher: await dispatcher, limits, signal, onHeaders: () => {} };
      const response = await exchangeOver(context, { method: "GET", url, headers, attempt: number });
      note(String(response.status));
      return judgeAnswer(response, { path: url.pathname, repository, now: clock.now(), redact });
    } catch (error) {
      note(error instanceof OpsError ? error.kind : "bug");
      if (!(error instanceof OpsError)) throw error;
      const isPassing = error.kind === "unavailable" || error.kind === "timeout";
      return { ok: false, error, repeat: isPassing ? "unclear" : "never" };
    }
  };
  const retries = { peer: PEER, clock, signal, budgetMs: BUDGET_MS, random: Math.random, memory: {} };
  const get: Get = (path, query) => {
    const url = new URL(`${apiUrl}${path}?${new URLSearchParams(query)}`);
    return withRetries("read", retries, (number) => attempt(url, number));
  };
  const close = async () => {
    const pool = await dispatcher?.catch(() => undefined); // that it could not be opened, the call has said
    await pool?.destroy();
  };
  return { get, close };
}

function read<T>(path: string, type: z.ZodMiniType<T>, body: unknown): T {
  const parsed = z.safeParse(type, body);
  if (parsed.success) return parsed.data;
  throw new OpsError("protocol", `the answer to GET ${path} is not as this version knows it`);
}

const id = z.int().check(z.positive());

const workflow = z.pipe(
  z.looseObject({ id, path: z.string().check(z.minLength(1)) }),
  z.transform((wire): Workflow => {
    const fields = fieldsOf(`workflow ${wire.id}`, wire);
    return { id: wire.id, path: wire.path, state: fields.required("state", z.enum(WORKFLOW_STATES)) };
  }),
);

const workflowsPage = z.pipe(
  z.object({ total_count: z.int().check(z.nonnegative()), workflows: z.array(workflow) }),
  z.transform(({ total_count: total, workflows: items }) => ({ total, items })),
);

const instant = z.pipe(
  z.string(),
  z.transform((text, context) => {
    const at = parseIso(text);
    if (at !== undefined) return at;
    context.issues.push({ code: "custom", input: text, message: "no instant" });
    return z.NEVER;
  }),
);

/** For people, and they will open it. */
const url = z.string().check(z.regex(/^https?:\/\/[\w.:-]{1,200}\/[\w./-]{1,300}$/));

const run = z.pipe(
  z.object({
    event: z.literal("schedule"),
    created_at: instant,
    status: z.string(),
    conclusion: z.nullable(z.string().check(z.regex(/^[a-z_]{1,40}$/))),
    html_url: url,
  }),
  z.transform((wire): ScheduledRun => ({ at: wire.created_at, conclusion: wire.conclusion, url: wire.html_url })),
);

const runsPage = z.pipe(
  z.object({ workflow_runs: z.array(run) }),
  z.transform(({ workflow_runs: runs }) => runs),
);
