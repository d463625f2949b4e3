/** The token for GitHub, and what AWS is asked with, at servers that echo all they are told: none comes out of `doctor --schedules`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { awsEnvironment } from "../adapters/aws/harness.ts";
import { awsOf, codedForms, expectNone } from "./canary.ts";
import { NOW, run } from "./host.ts";

const TOKEN = 'github_pat_canary_1*"<&>\\%:,|x';
const AWS_SECRET = "aws/secret+canary_2==";
const PING_KEY = "ping_key_canary_3";
const SECRETS = [TOKEN, AWS_SECRET, PING_KEY];

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases: []
heartbeat:
  repository: litally/ops
  url: "https://hc-ping.example/\${PING_KEY}"
  schedules:
    - { command: backup verify, every: 1d, grace: 3h, workflow: nightly.yml }
`;

const folder = mkdtempSync(join(tmpdir(), "litally-ops-canary-"));
const file = join(folder, "policy.yaml");
beforeAll(() => writeFileSync(file, POLICY));
afterAll(() => rmSync(folder, { recursive: true }));

type Echo = (told: string) => readonly [status: number, body: unknown];

const PLACES: Readonly<Record<string, Echo>> = {
  "a refusal": (told) => [403, { message: told, __type: told, Message: told }],
  "a state": () => [
    200,
    { total_count: 1, workflows: [{ id: 7, path: ".github/workflows/nightly.yml", state: TOKEN }] },
  ],
  "every field": (told) => [
    200,
    { total_count: told, workflows: [{ id: told, path: told, state: told }], [told]: told },
  ],
};

test.each(Object.keys(PLACES))("echoed in %s", async (place) => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    const told = [request.headers.authorization, ...SECRETS.flatMap(codedForms)].join(" ");
    const [status, body] = PLACES[place]?.(told) ?? [500, ""];
    response.writeHead(status, { "content-type": "application/json", date: NOW.toUTCString() });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  const url = `http://127.0.0.1:${port}`;
  const env = {
    AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
    AWS_SECRET_ACCESS_KEY: AWS_SECRET,
    AWS_ENDPOINT_URL: url,
    GITHUB_TOKEN: TOKEN,
    GITHUB_API_URL: url,
    PING_KEY,
  };
  awsEnvironment(awsOf(env));
  for (const format of ["text", "json", "markdown", "junit"]) {
    const argv = ["doctor", "--schedules", "--config", file, "--format", format, "--debug"];
    const ran = await run(argv, { env });
    expect(ran.exitCode).toBe(2);
    expectNone(ran, SECRETS);
  }
  expect(requests).toBeGreaterThan(4);
});

test("a word that is the token is not told back", async () => {
  const ran = await run(["doctor", TOKEN, "--config", file], { env: { GITHUB_TOKEN: TOKEN } });
  expect(ran.exitCode).toBe(64);
  expectNone(ran, [TOKEN]);
});
