/** GitHub Actions over real HTTP: the sandbox's, and servers that answer as GitHub does on its bad days, or as nobody should. */
import { describe, expect, it, onTestFinished } from "vitest";
import { connectGithub, type GithubOptions } from "../../../src/adapters/github/github.ts";
import { githubFromEnv } from "../../../src/adapters/github/settings.ts";
import { createRedactor } from "../../../src/cli/redact.ts";
import { HOUR_MS } from "../../../src/core/duration.ts";
import { OpsError } from "../../../src/core/error.ts";
import type { Github } from "../../../src/ports/github.ts";
import { GITHUB_SANDBOX, githubUrlOf } from "../../../src/sandbox/sandbox.ts";
import { sandbox } from "../../sandbox/client.ts";
import { failure, fakeClock, type Handler, serve, type TestServer } from "../atlas/harness.ts";

const TOKEN = "ghs_canary_of_a_token";
const REPOSITORY = "litally/ops";
const WORKFLOW = { id: 7, path: ".github/workflows/nightly.yml", state: "active", name: "nightly" };
const RUN = {
  id: 99,
  event: "schedule",
  status: "completed",
  conclusion: "failure",
  created_at: "2026-11-22T02:07:31Z",
  html_url: "https://github.com/litally/ops/actions/runs/99",
};

const page = (workflows: readonly object[], total = workflows.length) => ({ total_count: total, workflows });

/** Each answer once, in turn; the last one for whatever comes after. */
function answers(
  ...all: readonly { readonly status?: number; readonly body: unknown; readonly headers?: object }[]
): Handler {
  return (_request, response, number) => {
    const { status = 200, body, headers = {} } = all[Math.min(number, all.length) - 1] ?? { body: null };
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
}

interface At {
  readonly github: Github;
  readonly server: TestServer;
  readonly clock: ReturnType<typeof fakeClock>;
  readonly lines: readonly string[];
}

async function at(handler: Handler, options: Partial<GithubOptions> = {}): Promise<At> {
  const server = await serve(handler);
  const clock = fakeClock();
  const lines: string[] = [];
  const redactor = createRedactor();
  redactor.add([TOKEN]);
  const github = connectGithub({
    settings: { apiUrl: `${server.baseUrl.origin}/api/v3`, token: TOKEN, repository: REPOSITORY },
    env: {},
    clock,
    signal: new AbortController().signal,
    userAgent: "litally-ops/test",
    log: (line) => void lines.push(line),
    redact: redactor.apply,
    limits: { connectMs: 500, headersMs: 300, bodyMs: 300, bodyBytes: 100_000 },
    ...options,
  });
  onTestFinished(() => github.close());
  return { github, server, clock, lines };
}

describe("what is asked", () => {
  it("is a page of a hundred, by token, version and name", async () => {
    const { github, server, lines } = await at(answers({ body: page([WORKFLOW]) }));
    expect(await github.listWorkflows()).toEqual([
      { id: 7, path: WORKFLOW.path, state: { known: true, value: "active" } },
    ]);
    expect(server.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET /api/v3/repos/${REPOSITORY}/actions/workflows?per_page=100&page=1`,
    ]);
    expect(server.seen[0]?.headers).toMatchObject({
      authorization: `Bearer ${TOKEN}`,
      accept: "application/vnd.github+json",
      "x-github-api-version": "2022-11-28",
      "user-agent": "litally-ops/test",
    });
    expect(lines.join()).not.toContain(TOKEN);
    expect(lines).toEqual([expect.stringMatching(/^GET \/api\/v3\/repos\/litally\/ops\/actions\/workflows 200 /)]);
  });

  it("goes on for as many pages as there are", async () => {
    const other = { ...WORKFLOW, id: 8, path: ".github/workflows/other.yml" };
    const { github, server } = await at(answers({ body: page([WORKFLOW], 2) }, { body: page([other], 2) }));
    expect((await github.listWorkflows()).map(({ id }) => id)).toEqual([7, 8]);
    expect(server.seen).toHaveLength(2);
  });

  it("is the newest run that the schedule began", async () => {
    const { github, server } = await at(answers({ body: { total_count: 40, workflow_runs: [RUN] } }));
    expect(await github.lastScheduledRun(7)).toEqual({
      at: new Date(RUN.created_at),
      conclusion: "failure",
      url: RUN.html_url,
    });
    expect(server.seen[0]?.url).toBe(
      `/api/v3/repos/${REPOSITORY}/actions/workflows/7/runs?event=schedule&per_page=1&exclude_pull_requests=true`,
    );
    const none = await at(answers({ body: { total_count: 0, workflow_runs: [] } }));
    expect(await none.github.lastScheduledRun(7)).toBeNull();
  });
});

describe("what cannot be read", () => {
  it.each([
    ["a state that is new", { state: "disabled_by_moonlight" }, /state is "disabled_by_moonlight"/],
    ["no state", { state: undefined }, /state is missing/],
    ["a state of another type", { state: 3 }, /state is 3/],
  ])("%s leaves that one workflow not known", async (_title, change, reason) => {
    const { github } = await at(answers({ body: page([{ ...WORKFLOW, ...change }]) }));
    const [workflow] = await github.listWorkflows();
    expect(workflow?.state).toMatchObject({
      known: false,
      reason: { kind: "protocol", message: expect.stringMatching(reason) },
    });
  });

  it.each([
    ["no list", { total_count: 1 }],
    ["no total", { workflows: [WORKFLOW] }],
    ["a workflow without path", page([{ id: 7, state: "active" }])],
    ["a workflow without id", page([{ path: WORKFLOW.path, state: "active" }])],
    ["a list that is shorter than it says, page by page", page([], 3)],
    ["a list that never ends", page([WORKFLOW], 10_000)],
    ["something else", [WORKFLOW]],
    ["a login page", "<html>sign in</html>"],
  ])("%s: the list is not known", async (_title, body) => {
    const headers = typeof body === "string" ? { "content-type": "text/html" } : {};
    const { github } = await at(answers({ body, headers }));
    expect((await failure(github.listWorkflows())).kind).toBe("protocol");
  });

  it("an answer cut short is asked for again, and read", async () => {
    const { github, server } = await at(answers({ body: '{"total_count": 1, "workfl' }, { body: page([WORKFLOW]) }));
    expect(await github.listWorkflows()).toHaveLength(1);
    expect(server.seen).toHaveLength(2);
  });

  it.each([
    ["another event", { event: "push" }],
    ["no date", { created_at: "yesterday" }],
    ["a day that there is not", { created_at: "2026-02-31T00:00:00Z" }],
    ["a conclusion that is no word", { conclusion: "rm -rf /\u001b[2J" }],
    ["an address that is none", { html_url: "javascript:alert(1)" }],
  ])("a run with %s is not told of", async (_title, change) => {
    const { github } = await at(answers({ body: { total_count: 1, workflow_runs: [{ ...RUN, ...change }] } }));
    expect((await failure(github.lastScheduledRun(7))).kind).toBe("protocol");
  });
});

describe("refusals", () => {
  const said = (message: string) => ({ message, documentation_url: "https://docs.github.com/rest" });

  it.each([
    [401, said("Bad credentials"), "auth", /GITHUB_TOKEN/],
    [403, said("Resource not accessible by integration"), "auth", /actions: read/],
    [404, said("Not Found"), "not-found", /litally\/ops, or the token may not see it/],
    [301, said("Moved Permanently"), "protocol", /renamed/],
    [400, said("unsupported version"), "rejected", undefined],
    [304, "", "protocol", undefined],
  ] as const)("%i is told once, as what it is", async (status, body, kind, hint) => {
    const { github, server } = await at(answers({ status, body }));
    const error = await failure(github.listWorkflows());
    expect(error).toMatchObject({ kind, message: expect.stringContaining(String(status)) });
    if (hint !== undefined) expect(error.hint).toMatch(hint);
    expect(server.seen).toHaveLength(1);
  });

  it("an echo of the token is not passed on", async () => {
    const { github } = await at(answers({ status: 401, body: said(`no such token: ${TOKEN}`) }));
    expect((await failure(github.listWorkflows())).message).toMatch(/no such token: \[redacted\]/);
  });

  it.each([
    ["403 with Retry-After", 403, { "retry-after": "7" }, 7_000],
    ["429 with Retry-After", 429, { "retry-after": "7" }, 7_000],
    ["403 of a limit used up", 403, { "x-ratelimit-remaining": "0", "x-ratelimit-reset": "RESET" }, 30_000],
  ] as const)("%s waits for as long, and asks again", async (_title, status, headers, waitMs) => {
    const reset = String(Math.ceil(fakeClock().now().getTime() / 1000) + 30);
    const told = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value === "RESET" ? reset : value]),
    );
    const limited = { status, body: said("API rate limit exceeded"), headers: told };
    const { github, clock } = await at(answers(limited, { body: page([WORKFLOW]) }));
    expect(await github.listWorkflows()).toHaveLength(1);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeGreaterThanOrEqual(waitMs - 1_000);
  });

  it("a limit that lasts longer than there is time is told at once", async () => {
    const { github, server, clock } = await at(
      answers({ status: 403, body: said("x"), headers: { "retry-after": "3600" } }),
    );
    const error = await failure(github.listWorkflows());
    expect(error).toMatchObject({ kind: "throttled", message: expect.stringMatching(/told to wait another 3600 s/) });
    expect([server.seen.length, clock.slept]).toEqual([1, []]);
  });

  it("a secondary limit without a time waits a minute", async () => {
    const limited = { status: 403, body: said("You have exceeded a secondary rate limit.") };
    const { github, clock } = await at(answers(limited, { body: page([WORKFLOW]) }));
    await github.listWorkflows();
    expect(clock.slept[0]).toBeGreaterThanOrEqual(60_000);
  });

  it("a passing failure is asked again, a lasting one is told", async () => {
    const passing = await at(
      answers({ status: 502, body: "<html>", headers: { "content-type": "text/html" } }, { body: page([]) }),
    );
    expect(await passing.github.listWorkflows()).toEqual([]);
    const lasting = await at(answers({ status: 503, body: "" }));
    expect((await failure(lasting.github.listWorkflows())).kind).toBe("unavailable");
  });

  it("silence ends, and so does a connection that breaks off: both are asked again", async () => {
    const { github, server } = await at((request, response, number) => {
      if (number === 2) return void response.destroy();
      if (number > 2) answers({ body: page([WORKFLOW]) })(request, response, 1);
    });
    expect(await github.listWorkflows()).toHaveLength(1);
    expect(server.seen).toHaveLength(3);
  });

  it("a host that nobody answers at is told with where it stands written", async () => {
    const settings = { apiUrl: "http://127.0.0.1:9", token: TOKEN, repository: REPOSITORY };
    const { github } = await at(() => {}, { settings });
    const error = await failure(github.listWorkflows());
    expect(error).toMatchObject({ kind: "unavailable", hint: expect.stringContaining("GITHUB_API_URL") });
  });

  it("who is stopped says so", async () => {
    const signal = AbortSignal.abort();
    const { github, server } = await at(answers({ body: page([]) }), { signal });
    expect(await failure(github.listWorkflows())).toMatchObject({
      kind: "aborted",
      message: expect.stringMatching(/GitHub/),
    });
    expect(server.seen).toEqual([]);
  });
});

describe("the settings", () => {
  const env = { GITHUB_TOKEN: TOKEN, GITHUB_REPOSITORY: "from/environment" };

  it("go by the environment, but for the repository of the policy", () => {
    expect(githubFromEnv(env, undefined)).toEqual({
      apiUrl: "https://api.github.com",
      token: TOKEN,
      repository: "from/environment",
    });
    expect(githubFromEnv({ ...env, GITHUB_API_URL: "https://git.litally.example/api/v3/" }, "of/policy")).toMatchObject(
      {
        apiUrl: "https://git.litally.example/api/v3",
        repository: "of/policy",
      },
    );
  });

  it.each([
    ["no token", { GITHUB_TOKEN: "" }, "auth", /actions: read/],
    ["a token with a line break", { GITHUB_TOKEN: `${TOKEN}\n` }, "auth", /without a line break/],
    ["no repository", { GITHUB_REPOSITORY: "" }, "config", /heartbeat\.repository/],
    ["a repository that is a path", { GITHUB_REPOSITORY: "a/b/../../user" }, "config", /owner\/name/],
    ["plain http", { GITHUB_API_URL: "http://api.github.com" }, "config", /leave it unset/],
    ["a password in the address", { GITHUB_API_URL: "https://a:hunter2@api.github.com" }, "config", /leave it unset/],
    ["no address", { GITHUB_API_URL: "nowhere" }, "config", /leave it unset/],
  ])("%s: %j", (_title, change, kind, hint) => {
    let thrown: unknown;
    try {
      githubFromEnv({ ...env, ...change }, undefined);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(OpsError);
    expect(thrown).toMatchObject({
      kind,
      hint: expect.stringMatching(hint),
      message: expect.not.stringMatching(/hunter2|canary/),
    });
  });
});

describe("the sandbox's GitHub", () => {
  const nightly = { command: "backup verify", everyMs: 24 * HOUR_MS, graceMs: 3 * HOUR_MS, workflow: "nightly.yml" };
  const schedules = { environment: "production", repository: REPOSITORY, all: [nightly] };
  const connect = async (world: string, given: object = {}) => {
    const { url } = await sandbox({ world, schedules });
    const settings = { apiUrl: githubUrlOf(url), token: GITHUB_SANDBOX.token, repository: REPOSITORY, ...given };
    const { github } = await at(() => {}, { settings });
    return github;
  };

  it("answers as GitHub does", async () => {
    const github = await connect("schedule-disabled");
    const [workflow] = await github.listWorkflows();
    expect(workflow).toMatchObject({ path: WORKFLOW.path, state: { known: true, value: "disabled_inactivity" } });
    const last = await github.lastScheduledRun(workflow?.id ?? 0);
    expect(last).toMatchObject({ at: expect.any(Date), conclusion: "success" });
    expect((await failure(github.lastScheduledRun(8))).kind).toBe("not-found");
    expect(await (await connect("schedule-never-ran")).lastScheduledRun(workflow?.id ?? 0)).toBeNull();
  });

  it("refuses as GitHub does", async () => {
    const kind = async (github: Github) => (await failure(github.listWorkflows())).kind;
    expect(await kind(await connect("workflows-unreadable"))).toBe("auth");
    expect(await kind(await connect("healthy", { token: "ghs_another" }))).toBe("auth");
    expect(await kind(await connect("healthy", { repository: "litally/other" }))).toBe("not-found");
  });
});
