/**
 * Secrets planted wherever alarms and those who hear them can hold one: none comes out where all goes well, where links are broken,
 * where somebody is subscribed whom nobody declared, and where AWS refuses and says in its message what it was asked.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { AWS_CREDENTIALS, SANDBOX_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { awsEnvironment } from "../adapters/aws/harness.ts";
import { ALARM_POLICY, PAGERDUTY_KEY, PHONE } from "../support/alarms.ts";
import { countRequests } from "../support/counter.ts";
import { inWorld, type WorldRun } from "../support/world.ts";
import { awsOf, expectNone } from "./canary.ts";
import { type Ran, run } from "./host.ts";

const AWS_SECRET = "aws/secret+canary_3==";
const AWS_TOKEN = "aws_session_canary_4|`x`";
/** Of an endpoint that stands in no policy. */
const TOKEN = "T0KEN-of-a-hook-that-nobody-declared";
const STRANGER = "+15550107777";
const ENDPOINTS = [
  { protocol: "https", endpoint: `https://hooks.example/in/${TOKEN}?key=${TOKEN}` },
  { protocol: "sms", endpoint: STRANGER },
];
const SECRETS = [PAGERDUTY_KEY, PHONE, AWS_SECRET, AWS_TOKEN, SANDBOX_CREDENTIALS.privateKey, TOKEN, STRANGER];

/** The secrets come from variables, as they would. */
const VARIABLES = { INTEGRATION_KEY: PAGERDUTY_KEY, PHONE };
const POLICY = ALARM_POLICY.replace("type: PAGER_DUTY }", `type: PAGER_DUTY }, { type: SMS, number: "${PHONE}" }`);
const TEXT = Object.entries(VARIABLES).reduce((text, [name, value]) => text.replaceAll(value, `$\{${name}}`), POLICY);

const folder = mkdtempSync(join(tmpdir(), "litally-ops-canary-"));
const file = join(folder, "policy.yaml");
beforeAll(() => writeFileSync(file, TEXT));
afterAll(() => rmSync(folder, { recursive: true }));

const ALARM = "litally-lambda-throttles";
/** In an order in which what the one changes leaves the next something to say. */
const REPORTS = [
  "alarms audit",
  "alarms audit --verbose",
  "alarms list --verbose",
  "alarms plan --prune",
  "notify audit --verbose",
  "notify plan --prune",
  `alarms test ${ALARM}`,
  "notify test litally-critical",
  "alarms apply --dry-run",
  "notify apply --prune",
  "notify apply --prune --confirm litally-critical",
  "alarms apply --prune --confirm production",
];
const ARTIFACTS = [
  "doctor permissions --print",
  "alarms show",
  "alarms show --compiled",
  "alarms adopt --atlas",
  `alarms adopt ${ALARM}`,
];
const FORMATS = ["text", "json", "markdown", "junit"];

/** Lists are neither JUnit nor OpenMetrics; what has the one form has the other. */
const runsIn = (format: string) => [
  ...REPORTS.filter((command) => format !== "junit" || !command.includes(" list")).map(
    (command) => `${command} --format ${format}${format === "junit" ? " --report report.prom" : ""}`,
  ),
  ...ARTIFACTS,
];

describe("no secret comes out", () => {
  test.each(["healthy", "topic-missing", "subscription-raw"])("in the world %s", async (world) => {
    for (const format of FORMATS) {
      const { sandbox, context } = await inWorld({ world, policy: POLICY });
      await subscribeStrangers(context);
      const told = await tellAll(runsIn(format), sandbox.url);
      expect(told.filter(({ exitCode }) => exitCode === 64 || exitCode === 70)).toEqual([]);
      const words = told.map(({ stdout }) => stdout).join("");
      if (world !== "topic-missing")
        expect(words, "it speaks of the one whom nobody declared").toContain("hooks.example");
    }
  });

  test("where AWS refuses, and says what it was asked", async () => {
    for (const operation of OPERATIONS) {
      const { sandbox, context } = await inWorld({ world: "subscription-gone", policy: POLICY });
      await subscribeStrangers(context);
      const { url, refused } = await refusing(operation, sandbox.url);
      await tellAll(
        runsIn("text").filter((command) => !command.includes("verbose")),
        url,
        sandbox.url,
      );
      expect(refused(), operation).toBeGreaterThan(0);
    }
  });
});

/** What a refusal quotes back: each is asked of AWS by one of the commands at least. */
const OPERATIONS = [
  ...["GetCallerIdentity", "DescribeAlarms", "ListAlarmMuteRules", "DescribeAlarmHistory", "SetAlarmState"],
  ...["GetTopicAttributes", "ListSubscriptionsByTopic", "GetSubscriptionAttributes", "ListTagsForResource"],
  ...["GetSMSSandboxAccountStatus", "Subscribe", "Unsubscribe", "Publish", "DescribeKey", "GetKeyPolicy"],
];

/** One hears the topic already, the other waits to be confirmed. */
async function subscribeStrangers({ sns }: WorldRun["context"]): Promise<void> {
  const port = await sns();
  const arn = "arn:aws:sns:ap-south-1:111122223333:litally-critical";
  for (const endpoint of ENDPOINTS) await port.subscribe(arn, endpoint).catch(() => undefined); // where the topic is missing
}

/** What came of the runs, of which none may have told a secret. */
async function tellAll(commands: readonly string[], awsUrl: string, atlasUrl = awsUrl): Promise<readonly Ran[]> {
  const { publicKey, privateKey } = SANDBOX_CREDENTIALS;
  const env = {
    MONGODB_ATLAS_BASE_URL: atlasUrl,
    MONGODB_ATLAS_PUBLIC_API_KEY: publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: privateKey,
    AWS_ENDPOINT_URL: awsUrl,
    AWS_ACCESS_KEY_ID: AWS_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: AWS_SECRET,
    AWS_SESSION_TOKEN: AWS_TOKEN,
    ...VARIABLES,
    GITHUB_ACTIONS: "true",
    GITHUB_STEP_SUMMARY: "summary.md",
  };
  awsEnvironment(awsOf(env)); // the SDK reads its own
  const all: Ran[] = [];
  for (const command of commands) {
    const ran = await run([...command.split(" "), "--config", file, "--debug"], { env });
    expectNone(ran, SECRETS);
    all.push(ran);
  }
  return all;
}

/** AWS, but for one operation, whose refusal tells all that it was sent and whatever else is secret. */
async function refusing(operation: string, target: string) {
  let refused = 0;
  const passing = await countRequests(target);
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += chunk;
    const json = incoming.headers["x-amz-target"];
    if (!`${json} ${body}`.match(new RegExp(`[.=]${operation}( |&|$)`))) {
      const { host: _host, connection: _connection, ...headers } = incoming.headers;
      const answer = await fetch(`${passing.url}${incoming.url}`, {
        method: "POST",
        headers: headers as Record<string, string>,
        body,
      }); // of one value each
      const kept = [...answer.headers].filter(
        ([name]) => !["connection", "transfer-encoding", "keep-alive"].includes(name),
      );
      return void outgoing.writeHead(answer.status, Object.fromEntries(kept)).end(await answer.text());
    }
    refused += 1;
    const message = [
      ...SECRETS,
      ...ENDPOINTS.map(({ endpoint }) => endpoint),
      body,
      decodeURIComponent(body.replaceAll("+", " ")),
      incoming.headers.authorization,
    ].join(" ");
    const [type, text] =
      json === undefined
        ? [
            "text/xml",
            `<ErrorResponse><Error><Type>Sender</Type><Code>InvalidParameter</Code><Message>${escaped(message)}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>`,
          ]
        : ["application/x-amz-json-1.0", JSON.stringify({ __type: "ValidationError", message, Message: message })];
    outgoing.writeHead(400, { "content-type": type, "x-amzn-requestid": "r-1" }).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    server.close();
    await passing.close();
  });
  const { port } = server.address() as AddressInfo; // a listening TCP server has one
  return { url: `http://127.0.0.1:${port}`, refused: () => refused };
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
