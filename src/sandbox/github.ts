/** GitHub Actions in the sandbox: the workflows of one repository and the runs that their schedules began; read only. */
import { type Answer, ok } from "./answer.ts";
import { uuid } from "./ids.ts";

/** The same everywhere: the token opens nothing but a sandbox on loopback. */
export const GITHUB_SANDBOX = { repository: "litally/sandbox", token: `ghs_${uuid("sandbox github token")}` };

export interface GithubWorld {
  /** `owner/name` */
  readonly repository: string;
  /** Whether the token may read it. */
  readonly isReadable: boolean;
  readonly workflows: readonly WorkflowRecord[];
}

export interface WorkflowRecord {
  readonly id: number;
  /** `nightly.yml` */
  readonly file: string;
  readonly state: string;
  /** Begun by its schedule, newest first. */
  readonly runs: readonly WorkflowRunRecord[];
}

interface WorkflowRunRecord {
  readonly id: number;
  readonly at: string;
  readonly conclusion: "success" | "failure";
}

/** Where it is beside a sandbox at this address, as on a GitHub of one's own. */
export function githubUrlOf(url: string): string {
  return `${url}${PREFIX}`;
}

const PREFIX = "/api/v3";

interface Asked {
  readonly method: string;
  readonly url: URL;
  readonly authorization: string | undefined;
}

/** null: the request is not meant for GitHub. */
export function githubAnswer({ method, url, authorization }: Asked, world: GithubWorld): Answer | null {
  if (!url.pathname.startsWith(`${PREFIX}/`)) return null;
  if (authorization !== `Bearer ${GITHUB_SANDBOX.token}`) return refuse(401, "Bad credentials");
  const actions = `${PREFIX}/repos/${world.repository}/actions/`;
  if (method !== "GET" || !url.pathname.startsWith(actions)) return refuse(404, "Not Found");
  if (!world.isReadable) return refuse(403, "Resource not accessible by integration");
  return answer(url.pathname.slice(actions.length), url.searchParams, world);
}

function answer(path: string, query: URLSearchParams, world: GithubWorld): Answer {
  if (path === "workflows") {
    const { workflows } = world;
    return json({ total_count: workflows.length, workflows: pageOf(workflows, query).map(workflowOf) });
  }
  const id = /^workflows\/(\d+)\/runs$/.exec(path)?.[1];
  const workflow = world.workflows.find((one) => String(one.id) === id);
  if (workflow === undefined) return refuse(404, "Not Found");
  const runs = (query.get("event") ?? "schedule") === "schedule" ? workflow.runs : [];
  const page = pageOf(runs, query).map((run) => runOf(run, workflow, world));
  return json({ total_count: runs.length, workflow_runs: page });
}

const DEFAULT_PAGE_ITEMS = 30;
const MAX_PAGE_ITEMS = 100;

function pageOf<T>(all: readonly T[], query: URLSearchParams): readonly T[] {
  const size = Math.min(Number(query.get("per_page") ?? DEFAULT_PAGE_ITEMS), MAX_PAGE_ITEMS);
  const start = (Number(query.get("page") ?? 1) - 1) * size;
  return all.slice(start, start + size);
}

/** https://docs.github.com/en/rest/actions/workflows#list-repository-workflows */
function workflowOf({ id, file, state }: WorkflowRecord) {
  return { id, name: file.replace(/\.ya?ml$/, ""), path: `.github/workflows/${file}`, state };
}

/** https://docs.github.com/en/rest/actions/workflow-runs#list-workflow-runs-for-a-workflow */
function runOf({ id, at, conclusion }: WorkflowRunRecord, workflow: WorkflowRecord, { repository }: GithubWorld) {
  return {
    id,
    workflow_id: workflow.id,
    path: `.github/workflows/${workflow.file}`,
    event: "schedule",
    status: "completed",
    conclusion,
    created_at: at,
    run_started_at: at,
    html_url: `https://github.example/${repository}/actions/runs/${id}`,
  };
}

function json(body: unknown): Answer {
  return { ...ok(body), headers: { "Content-Type": "application/json; charset=utf-8" } };
}

function refuse(status: number, message: string): Answer {
  const documentation_url = "https://docs.github.com/rest";
  return { ...json({ message, documentation_url, status: String(status) }), status };
}
