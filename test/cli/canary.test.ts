/**
 * Secrets planted wherever one can stand, and a server that echoes all it is told: none may come out anywhere, in any
 * form a reader could turn back.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createRedactor, secretsIn } from "../../src/cli/redact.ts";
import { awsEnvironment } from "../adapters/aws/harness.ts";
import { awsOf, base64, codedForms, expectNone } from "./canary.ts";
import { NOW, type Ran, run } from "./host.ts";

/** Characters that each format escapes in its own way, and what real keys look like. */
const PRIVATE_KEY = 'priv_key*"<&>\\%:,|canary-1';
const CLIENT_SECRET = "mdb_sa_sk_canary_2%2F__x";
const AWS_SECRET = "aws/secret+canary_3==";
const AWS_TOKEN = "aws_session_canary_4|`x`";
const PHONE = "+15550105550";
const INTEGRATION_KEY = "pager_duty_canary_6*&x=(y)|%20";
const PING_KEY = "ping_key_canary_9*&x=(y)|";
const BEARER = "bearer_token_canary_7_abcdefghijklmnop";

const MONGO_PASSWORD = "p%40ss_canary_8/mongo";
const MONGO_URI = `mongodb+srv://reader:${encodeURIComponent(MONGO_PASSWORD)}@drill.example.net/?appName=x`;

const COMMON = {
  LITALLY_OPS_VERIFY_URI: MONGO_URI,
  LITALLY_OPS_SOURCE_URI: MONGO_URI.replace("drill", "core"),
  AWS_ACCESS_KEY_ID: "AKIAEXAMPLE",
  AWS_SECRET_ACCESS_KEY: AWS_SECRET,
  AWS_SESSION_TOKEN: AWS_TOKEN,
  PHONE,
  INTEGRATION_KEY,
  PING_KEY,
  GITHUB_ACTIONS: "true",
  GITHUB_STEP_SUMMARY: "summary.md",
};
const BY_KEY = { MONGODB_ATLAS_PUBLIC_API_KEY: "public-key", MONGODB_ATLAS_PRIVATE_API_KEY: PRIVATE_KEY };
const BY_ACCOUNT = { MONGODB_ATLAS_CLIENT_ID: "mdb_sa_id_client", MONGODB_ATLAS_CLIENT_SECRET: CLIENT_SECRET };

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases:
  - name: core
    cluster: litally-core
    snapshots: [{ frequency: daily, retain: 30d }]
    archive: financial
archives:
  - name: financial
    bucket: litally-archive
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots: [{ frequency: monthly, retain: 5y }]
    since: 2026-01
    dueWithin: 5d
topics:
  - name: critical
    subscriptions:
      - { protocol: sms, endpoint: "\${PHONE}" }
      - { protocol: https, endpoint: "https://events.example/\${INTEGRATION_KEY}" }
alarms:
  owned: litally-
  notify: { critical: [critical], warning: [critical] }
  declared:
    - name: litally-throttles
      severity: critical
      metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }
      threshold: ">= 1"
      period: 5m
      datapoints: 2 of 3
      missingData: notBreaching
    - name: litally-cpu
      engine: atlas
      severity: critical
      metric: { event: OUTSIDE_METRIC_THRESHOLD, metric: NORMALIZED_SYSTEM_CPU_USER, mode: AVERAGE }
      threshold: "> 80"
      for: 10m
      recipients: [{ type: PAGER_DUTY }, { type: SMS, number: "\${PHONE}" }]
waivers:
  - check: nobody/knows-it
    subject: ${JSON.stringify(`who wrote ${PRIVATE_KEY} here`)}
    until: 2026-12-31
    reason: ${JSON.stringify(`did not mean ${CLIENT_SECRET}`)}
    owner: ${JSON.stringify(AWS_SECRET)}
heartbeat:
  url: \${PING_HOST}/\${PING_KEY}
  schedules: [{ command: backup verify, every: 1d, grace: 3h }]
`;

const PLACES = ["details", "fields", "token"] as const;
type Place = (typeof PLACES)[number];

interface Mirror {
  readonly url: string;
  readonly requests: () => number;
}

/** Puts everything it was told, and all the secrets, in that place of its answers. */
function withMirror(place: Place, secrets: readonly string[], use: (mirror: Mirror) => Promise<void>) {
  return withServer((request, response) => send(response, answer(place, secrets, request)), use);
}

async function withServer(
  respond: (request: IncomingMessage, response: ServerResponse) => void,
  use: (mirror: Mirror) => Promise<void>,
) {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    respond(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  try {
    await use({ url: `http://127.0.0.1:${port}`, requests: () => requests });
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function send(response: ServerResponse, [status, body]: readonly [number, unknown]): void {
  response.writeHead(status, { "content-type": "application/json", date: NOW.toUTCString() });
  response.end(JSON.stringify(body));
}

function answer(place: Place, secrets: readonly string[], request: IncomingMessage): readonly [number, unknown] {
  const { url = "", headers } = request;
  const echo = [...secrets, ...secrets.flatMap(codedForms)].join(" ");
  if (url.endsWith("/api/oauth/token")) {
    const token = { access_token: BEARER, token_type: "Bearer", expires_in: 3600 };
    return place === "token" ? [401, { error: "invalid_client", error_description: echo }] : [200, token];
  }
  const told = `${headers.authorization} ${echo}`;
  if (place === "details") return [403, { error: 403, errorCode: "USER_UNAUTHORIZED", detail: told, reason: told }];
  const cluster = { name: "litally-core", id: echo, stateName: echo, clusterType: echo, paused: echo };
  if (/\/clusters(\?|$)/.test(url)) return [200, { results: [cluster] }];
  const snapshot = { id: echo, status: secrets[0], snapshotType: PHONE, createdAt: echo };
  const bearer = headers.authorization?.startsWith("Bearer ") === true ? BEARER : "none";
  const others = [INTEGRATION_KEY, bearer].map((status) => ({ ...snapshot, id: `${secrets[1]} ${status}`, status }));
  return [200, { results: [snapshot, ...others] }];
}

const folder = mkdtempSync(join(tmpdir(), "litally-ops-canary-"));
const file = join(folder, "policy.yaml");
beforeAll(() => writeFileSync(file, POLICY));
afterAll(() => rmSync(folder, { recursive: true }));

describe("no secret comes out", () => {
  const COMMANDS = [
    "backup verify",
    "backup verify --verbose --heartbeat",
    "backup list",
    "backup snapshot core",
    "backup watch core 0123456789abcdef01234567 --timeout 1s",
    "backup plan",
    "restore pitr core --at 2026-11-22T01:00:00Z --to litally-drill --confirm litally-drill",
    "restore list",
    "archive verify",
    "archive verify --deep 1/1",
    "archive list",
    "archive thaw core 2026-06",
    "archive status core 2026-06",
    "archive fetch core 2026-06 --to nowhere",
    "archive abort core --confirm core/2026-06",
    "alarms audit",
    "alarms list",
    "alarms adopt --atlas",
    "alarms apply",
    "alarms test litally-throttles",
    "notify apply --prune",
    "notify test critical",
    "backup apply --confirm litally-core",
    "doctor",
    "doctor permissions --print",
    "config show",
    "config check",
  ];
  const FORMATS = { text: "txt", json: "json", markdown: "md", junit: "xml" };
  const WAYS = [
    { way: "an API key", env: BY_KEY, secret: PRIVATE_KEY, name: BY_KEY.MONGODB_ATLAS_PUBLIC_API_KEY },
    { way: "a service account", env: BY_ACCOUNT, secret: CLIENT_SECRET, name: BY_ACCOUNT.MONGODB_ATLAS_CLIENT_ID },
  ];

  describe.each(WAYS)("by $way", ({ env, secret, name }) => {
    const secrets = [
      secret,
      base64(`${name}:${secret}`),
      AWS_SECRET,
      AWS_TOKEN,
      PHONE,
      INTEGRATION_KEY,
      PING_KEY,
      MONGO_PASSWORD,
    ];

    test.each(PLACES)("echoed in %s", async (place) => {
      await withMirror(place, secrets, async ({ url, requests }) => {
        awsEnvironment(awsOf({ ...COMMON, AWS_ENDPOINT_URL: url }));
        for (const command of COMMANDS) {
          for (const [format, ending] of Object.entries(FORMATS)) {
            const into = ["--format", format, "--report", `report.${ending}`];
            if (format === "junit") into.push("--report", "report.prom"); // what has the one form has the other
            const argv = [...command.split(" "), "--config", file, ...into, "--debug"];
            const ran = await run(argv, {
              env: { ...COMMON, ...env, PING_HOST: url, MONGODB_ATLAS_BASE_URL: url, AWS_ENDPOINT_URL: url },
            });
            expectNone(ran, [...secrets, BEARER]);
          }
        }
        expect(requests()).toBeGreaterThan(Object.keys(FORMATS).length);
      });
    });
  });

  // what came with the policy is known only once the policy has been read
  const FROM_VARIABLES = [PRIVATE_KEY, CLIENT_SECRET, AWS_SECRET, AWS_TOKEN, MONGO_URI, MONGO_PASSWORD];
  test.each(FROM_VARIABLES)("in words that are wrong: %s", async (secret) => {
    for (const argv of [
      [secret],
      [secret, secret, "--json"],
      ["backup", "verify", "--json", `--${secret}`],
      ["backup", "verify", secret, "--config", file],
      ["backup", "verify", "--format", secret],
      ["backup", "verify", "--report", secret],
      ["backup", "verify", "--report", `${secret}/report.json`, "--report", `${secret}.prom`, "--config", file],
      ["backup", "verify", "--sandbox", secret, "--config", file],
      ["backup", "watch", "core", secret, "--config", file],
      ["backup", "snapshot", "core", "--retain", secret, "--config", file],
      ["backup", "apply", "--confirm", secret, "--sandbox", "copies-off"],
    ]) {
      const ran = await run([...argv, "--debug"], { env: { ...COMMON, ...BY_KEY, ...BY_ACCOUNT } });
      expect(ran.exitCode).not.toBe(0);
      expectNone(ran, FROM_VARIABLES);
    }
  });
});

describe("no part of a secret comes out, wherever a long text is cut", () => {
  const SECRETS = [PRIVATE_KEY, PHONE, INTEGRATION_KEY];
  /** What stands before the secret: so that it lies across any limit on length, wherever that may be. */
  const PADS = Array.from({ length: 330 }, (_, length) => "x".repeat(length));
  const ENV = { ...COMMON, ...BY_KEY };
  const parts = ({ stdout, stderr }: Ran) =>
    SECRETS.filter((secret) => `${stdout}${stderr}`.includes(secret.slice(0, 6)));

  test.each(["backup list --json", "backup verify", "backup list --verbose"])("in fields: %s", async (command) => {
    const snapshots = SECRETS.flatMap((secret) =>
      PADS.slice(0, 160).map((pad) => ({ id: pad + secret, status: pad + secret })),
    );
    const results = (url = "") =>
      /\/clusters(\?|$)/.test(url) ? [{ name: "litally-core", id: PHONE, clusterType: "REPLICASET" }] : snapshots;
    await withServer(
      ({ url }, response) => send(response, [200, { results: results(url) }]),
      async ({ url }) => {
        const ran = await run([...command.split(" "), "--config", file], {
          env: { ...ENV, MONGODB_ATLAS_BASE_URL: url },
        });
        expect(ran.stdout).toContain("[redacted]");
        expect(parts(ran)).toEqual([]);
      },
    );
  });

  test("in the details of a refusal and in the type of an answer", async () => {
    let [secret, pad] = ["", ""];
    await withServer(
      ({ url = "" }, response) => {
        if (/\/clusters(\?|$)/.test(url)) return send(response, [403, { errorCode: "X", detail: pad + secret }]);
        response.writeHead(200, { "content-type": pad + secret, date: NOW.toUTCString() }).end("{}");
      },
      async ({ url }) => {
        const env = { ...ENV, MONGODB_ATLAS_BASE_URL: url };
        for (secret of SECRETS)
          for (pad of PADS.filter(({ length }) => length % 3 === 0)) {
            const ran = await run(["backup", "verify", "--config", file], { env });
            expect(parts(ran), `after ${pad.length}`).toEqual([]);
          }
      },
    );
  });
});

describe("the redactor", () => {
  test("knows the pairs of basic authentication, and leaves short values and allowed ones alone", () => {
    const redactor = createRedactor();
    redactor.add(secretsIn({ ...BY_ACCOUNT, AWS_SECRET_ACCESS_KEY: "" }));
    redactor.add([undefined, "", "prod", "shown-by-sandbox"]);
    redactor.allow(["shown-by-sandbox", ""]);
    const pair = base64(`${BY_ACCOUNT.MONGODB_ATLAS_CLIENT_ID}:${CLIENT_SECRET}`);
    expect(redactor.apply(`a ${pair} b ${CLIENT_SECRET} prod shown-by-sandbox`)).toBe(
      "a [redacted] b [redacted] prod shown-by-sandbox",
    );
  });

  test.each([
    ["as it stands there and decoded", "mongodb+srv://reader:p%40ss%2Fword@h.example/", ["p%40ss%2Fword", "p@ss/word"]],
    ["with an @ that should be encoded", "mongodb://reader:p@ssword@h.example/?x=1", ["p@ssword"]],
    ["with a slash that should be encoded", "mongodb://reader:pass/word@h.example/", ["pass/word"]],
    ["wrongly encoded", "mongodb://reader:100%pass@h.example/", ["100%pass"]],
    [
      "of a key file",
      "mongodb://h.example/?tls=true&tlsCertificateKeyFilePassword=file%21word",
      ["file%21word", "file!word"],
    ],
    ["of a session", "mongodb://h/?authMechanismProperties=AWS_SESSION_TOKEN:token%2Bword,X:y", ["token+word"]],
  ])("knows the password of a connection string: %s", (_what, uri, secrets) => {
    const redactor = createRedactor();
    redactor.add(secretsIn({ LITALLY_OPS_VERIFY_URI: uri }));
    expect(redactor.apply(`<${uri}>`)).toBe("<[redacted]>");
    for (const secret of secrets) expect(redactor.apply(`<${secret}>`)).toBe("<[redacted]>");
  });

  test("a longer secret goes before one that it holds", () => {
    const redactor = createRedactor();
    redactor.add(["12345", "12345-and-more"]);
    expect(redactor.apply("12345-and-more 12345")).toBe("[redacted] [redacted]");
  });

  test("figures stay figures, so that a document stays one", async () => {
    const listed = await run(["backup", "list", "--sandbox", "--json"]);
    const size = /"sizeBytes": (\d{5})/.exec(listed.stdout)?.[1] ?? "";
    const ran = await run(["backup", "list", "--sandbox", "--json"], { env: { AWS_SECRET_ACCESS_KEY: size } });
    expect(size).not.toBe("");
    expect(JSON.parse(ran.stdout)).toEqual(JSON.parse(listed.stdout));
  });
});
