/**
 * No false green: every field of every answer that `alarms audit` and `notify audit` read, CloudWatch's and Atlas's JSON, SNS's
 * XML and the policies that stand in texts, is deleted, nulled, retyped, turned round, dated in the future or truncated, one at
 * a time, and a verdict may stay green only for fields that were reviewed and found irrelevant.
 */
import { createServer, type IncomingMessage, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { expect, onTestFinished, test } from "vitest";
import * as alarmsAudit from "../src/commands/alarms-audit.ts";
import type { Context } from "../src/commands/context.ts";
import * as notifyAudit from "../src/commands/notify-audit.ts";
import { OpsError } from "../src/core/error.ts";
import { worst } from "../src/core/report.ts";
import { parsePolicy } from "../src/policy/load.ts";
import type { Sns } from "../src/ports/sns.ts";
import { awsPorts } from "../src/wiring/aws.ts";
import { worldAws } from "../src/wiring/sandbox.ts";
import { NOBODY } from "./support/agent.ts";
import { ALARM_POLICY } from "./support/alarms.ts";
import { covers, mutationsOf } from "./support/mutations.ts";
import type { Json } from "./support/replay.ts";
import { inWorld } from "./support/world.ts";

/** What no verdict rests on, or what says the same as another field that is judged. */
const IRRELEVANT: Readonly<Record<string, string>> = {
  "*.ResponseMetadata": "of the transport; its header is judged",
  "*.links": "navigation; a lost `next` link shows as a short list, which the rest of the answer belies",
  "*.totalCount": "an estimate, by Atlas's own word",

  "GetCallerIdentity.UserId": "the account is judged",

  "owned.MetricAlarms[].AlarmArn": "alarms are found by name, in the account and region that were asked",
  "owned.MetricAlarms[#math].Metrics[#expression].Id | another word": "a name to which nothing refers",
  "owned.MetricAlarms[#math].Metrics[#expression].ReturnData | deleted, null":
    "CloudWatch returns what does not say no",
  "owned.MetricAlarms[#math].ComparisonOperator | as GreaterThanOrEqualToThreshold": "stricter, which warns",
  "owned.MetricAlarms[].Threshold | negative": "stricter, which warns",
  "owned.MetricAlarms[#math].DatapointsToAlarm | deleted, null": "then all count, and of one that is one",
  "owned.MetricAlarms[].TreatMissingData | as breaching": "stricter, which warns",
  "owned.MetricAlarms[].AlarmConfigurationUpdatedTimestamp": "what is configured is judged, whenever it was",
  "owned.MetricAlarms[].StateValue | as ALARM": "it fires, as alarms do",
  "owned.MetricAlarms[].StateValue | as INSUFFICIENT_DATA": "warns",
  "owned.MetricAlarms[].StateReason": "words",
  "owned.MetricAlarms[].StateUpdatedTimestamp": "since when a state lasts, the transition says",
  "owned.MetricAlarms[].StateTransitionedTimestamp": "judged of alarms without data alone",
  "*.LogAlarms | deleted, null": "younger than the other lists: what does not know log alarms has none",

  "composites.CompositeAlarms | emptied, truncated": "another's, which mutes none of ours",
  "composites.CompositeAlarms[] | deleted": "the same",
  "composites.CompositeAlarms[].AlarmName | another word": "the same",
  "composites.CompositeAlarms[].AlarmArn": "the same",
  "composites.CompositeAlarms[].AlarmRule | another word": "it names none of ours",
  "composites.CompositeAlarms[].ActionsEnabled": "it speaks for none of ours",
  "composites.CompositeAlarms[].AlarmActions": "the same",
  "composites.CompositeAlarms[].OKActions": "the same",
  "composites.CompositeAlarms[].InsufficientDataActions": "the same",
  "composites.CompositeAlarms[].ActionsSuppressor | deleted, null, another word": "the same",
  "composites.CompositeAlarms[].ActionsSuppressorWaitPeriod": "the same",
  "composites.CompositeAlarms[].ActionsSuppressorExtensionPeriod": "the same",
  "composites.CompositeAlarms[].StateValue": "the same",

  "ListAlarmMuteRules.AlarmMuteRuleSummaries | emptied, truncated": "another's, which mutes none of ours",
  "ListAlarmMuteRules.AlarmMuteRuleSummaries[] | deleted": "the same",
  "ListAlarmMuteRules.AlarmMuteRuleSummaries[].Status": "the rule's own is judged",
  "GetAlarmMuteRule.Name": "the request named it",
  "GetAlarmMuteRule.AlarmMuteRuleArn": "the request named it",
  "GetAlarmMuteRule.Status": "of a rule about none of ours",
  "GetAlarmMuteRule.Rule": "the same",
  "GetAlarmMuteRule.MuteTargets.AlarmNames | emptied, truncated": "none of ours is among them",
  "GetAlarmMuteRule.MuteTargets.AlarmNames[] | deleted, another word": "the same",

  "GetTopicAttributes.Policy.Version": "it decides about variables, and there are none",
  "GetTopicAttributes.Policy.Id": "a name",
  "GetTopicAttributes.Policy.Statement[].Sid": "a name",
  "GetTopicAttributes.Policy.Statement[].Condition | deleted": "then it admits CloudWatch for whomever",
  "GetTopicAttributes.DisplayName": "words",
  "GetTopicAttributes.SubscriptionsConfirmed": "the list is judged",
  "GetTopicAttributes.SubscriptionsPending": "the list is judged",
  "GetTopicAttributes.SubscriptionsDeleted": "the list is judged",
  "ListSubscriptionsByTopic.Subscriptions.member[].Owner": "whose account it is in, its ARN says",
  "GetSubscriptionAttributes.TopicArn": "the list, and the subscription's own ARN, say whose it is",
  "GetSubscriptionAttributes.Owner": "whose account it is in, its ARN says",
  "GetSubscriptionAttributes.SubscriptionPrincipal": "who ordered it",
  "GetSubscriptionAttributes.Protocol": "the list is judged",
  "GetSubscriptionAttributes.Endpoint": "the list is judged",
  "GetSubscriptionAttributes.ConfirmationWasAuthenticated": "who may end it, not who hears it",
  "GetSubscriptionAttributes.PendingConfirmation | turned round": "warns: SNS does not say since when",
  "GetSubscriptionAttributes-email.RawMessageDelivery": "by e-mail there is none",
  "GetSubscriptionAttributes-sms.RawMessageDelivery": "by SMS there is none",
  "DescribeKey.KeyMetadata.AWSAccountId": "its ARN says",
  "DescribeKey.KeyMetadata.KeyId": "its ARN says",
  "DescribeKey.KeyMetadata.Enabled": "its state says",
  "DescribeKey.KeyMetadata.MultiRegion": "a matter of where else it is",
  "GetKeyPolicy.PolicyName": "a key has one policy",
  "GetKeyPolicy.Policy.Version": "as of a topic's policy",
  "GetKeyPolicy.Policy.Statement[#Owner]": "it is about the account, which CloudWatch is not",
  "GetKeyPolicy.Policy.Statement[].Sid": "a name",
  "GetKeyPolicy.Policy.Statement[#Alarms].Condition | deleted": "then it admits CloudWatch for whomever",
  "GetSMSSandboxAccountStatus.IsInSandbox | turned round": "warns",

  "alertConfigs.results[].links": "navigation",
  "alertConfigs.results[].groupId": "the request named the project",
  "alertConfigs.results[].created": "what is configured is judged, whenever it was",
  "alertConfigs.results[].updated": "the same",
  "alertConfigs.results[].metricThreshold.threshold | negative": "stricter, which warns",
  "alertConfigs.results[].notifications[].notifierId | deleted, null, another word":
    "a name, needed to change it alone",
  "alertConfigs.results[].notifications[].integrationId | deleted, null": "then the channel holds its own key",
  "integrations.results[].serviceKey": "a secret, which nobody here compares",
  "integrations.results[].region": "where PagerDuty is",
};

interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  readonly isXml: boolean;
  readonly tree: Json;
}

interface Change {
  readonly key: string;
  readonly text: string;
}

/** One of each kind: others of a kind are read no otherwise. */
const POLICY = ALARM_POLICY.replace(/ {4}- name: litally-lambda-error-rate[\s\S]*?(?= {4}- name)/, "")
  .replace(/ {2}- name: litally-operations[\s\S]*?(?= {2}- name)/, "")
  .replace("[litally-operations]", "[litally-critical]")
  .replace("  - name: litally-critical\n", "  - name: litally-critical\n    encryption: alias/litally-topics\n");

const AUDITS = { "alarms audit": alarmsAudit, "notify audit": notifyAudit };

test("no change of any field turns out green unless it was reviewed", async () => {
  const world = await inWorld({ policy: POLICY });
  await admitByOneStatement(await world.context.sns());
  let change: Change | undefined;
  let hits = 0;
  const answers = new Map<string, Answer>();
  const url = await replaying(world.sandbox.url, answers, (key) => {
    if (change?.key !== key) return undefined;
    hits += 1;
    return change.text;
  });
  const { context: asked } = await inWorld({ policy: POLICY, at: { ...world.sandbox, url } });
  const context = { ...asked, ...portsAt(url, asked) };
  const verdict = (name: keyof typeof AUDITS) => verdictOf(name, context);
  for (const name of ["alarms audit", "notify audit"] as const)
    expect(await verdict(name), `unchanged, ${name} is green`).toBe("pass");

  const green = new Map<string, Set<string>>();
  const used = new Set<string>();
  let runs = 0;
  for (const [key, answer] of [...answers]) {
    const audits = /Topic|Subscription|SMS|Key|CallerIdentity/.test(key)
      ? (["alarms audit", "notify audit"] as const)
      : (["alarms audit"] as const);
    for (const { where, kind, body } of mutationsOf(answer.tree)) {
      change = { key, text: textOf(answer.isXml, body) };
      const place = `${nameOf(key, answer)}${where.replaceAll(WRAPPERS, "")}`;
      for (const name of audits) {
        hits = 0;
        const status = await verdict(name);
        runs += 1;
        expect(["pass", "warn", "fail", "unknown"], `${place} ${kind}`).toContain(status);
        expect(hits, `${name} read ${place}`).toBeGreaterThan(0);
        if (status !== "pass" && status !== "warn") continue;
        const pattern = Object.keys(IRRELEVANT).find((one) =>
          [place, place.replace(/^(\w+)-\w+/, "$1")].some((at) => covers(one, at, kind)),
        );
        if (pattern !== undefined) used.add(pattern);
        else green.set(place, (green.get(place) ?? new Set()).add(`${kind} (${name}: ${status})`));
      }
    }
  }
  expect(runs).toBeGreaterThan(1_000);
  expect([...green].map(([place, kinds]) => `${place} | ${[...kinds].join(", ")}`)).toEqual([]);
  expect(
    Object.keys(IRRELEVANT).filter((pattern) => !used.has(pattern)),
    "patterns that nothing needs",
  ).toEqual([]);
}, 240_000);

/** Where two statements admit CloudWatch, neither counts. */
async function admitByOneStatement(sns: Sns): Promise<void> {
  const topic = await sns.getTopic("arn:aws:sns:ap-south-1:111122223333:litally-critical");
  if (!topic.policy.known) throw topic.policy.reason;
  const policy = JSON.parse(topic.policy.value) as { readonly Statement: readonly { readonly Sid: string }[] }; // the sandbox's own
  const Statement = policy.Statement.filter(({ Sid }) => Sid === "Alarms");
  await sns.setTopicPolicy(topic.arn, JSON.stringify({ ...policy, Statement }));
}

/** What others have made, which mutes none of ours. */
const OF_OTHERS: Readonly<Record<string, Json>> = {
  CompositeAlarms: [
    {
      AlarmName: "theirs",
      AlarmArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:theirs",
      AlarmRule: 'ALARM("their-cpu") AND NOT ALARM("their-deployment")',
      ActionsEnabled: true,
      AlarmActions: [],
      OKActions: [],
      InsufficientDataActions: [],
      ActionsSuppressor: "their-deployment",
      ActionsSuppressorWaitPeriod: 60,
      ActionsSuppressorExtensionPeriod: 60,
      StateValue: "OK",
    },
  ],
  AlarmMuteRuleSummaries: [
    { AlarmMuteRuleArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm-mute-rule:their-nights", Status: "ACTIVE" },
  ],
};
const THEIR_NIGHTS: Json = {
  Name: "their-nights",
  AlarmMuteRuleArn: "arn:aws:cloudwatch:ap-south-1:111122223333:alarm-mute-rule:their-nights",
  Status: "ACTIVE",
  Rule: { Schedule: { Expression: "cron(0 22 * * *)", Duration: "PT8H", Timezone: "Asia/Kolkata" } },
  MuteTargets: { AlarmNames: ["their-cpu", "their-disk"] },
};

/** Straight to the answers, with nothing between them and the adapters. */
function portsAt(endpoint: string, { clock }: Context): Partial<Context> {
  return awsPorts({
    by: NOBODY,
    signal: new AbortController().signal,
    clock,
    place: async () => ({
      env: {},
      policy: async () => parsePolicy(POLICY, "policy.yaml", {}),
      aws: { ...worldAws(endpoint), endpoint },
    }),
    opened: (port) => onTestFinished(() => port.close()),
    hashThread: "",
  });
}

async function verdictOf(name: keyof typeof AUDITS, context: Context): Promise<string> {
  try {
    return worst((await AUDITS[name].run({ only: undefined }, context)).findings);
  } catch (error) {
    // the one question before all others: who we are
    return error instanceof OpsError && error.kind !== "bug" ? "unknown" : `threw ${error}`;
  }
}

/** What XML, attributes by name and JSON in a text put around the fields themselves. */
const WRAPPERS = /\.\w+(?:Response|Result)(?![\w[])|\.Attributes\.entry|\.\(json\)/g;

/** `DescribeAlarms-all.MetricAlarms[]`: what stands in the patterns before the first dot. */
function nameOf(key: string, { tree }: Answer): string {
  const operation = key.split(" ")[0] ?? "";
  if (operation === "DescribeAlarms") return key.includes("AlarmNamePrefix") ? "owned" : "composites";
  const protocol = /"Protocol":"(\w+)"/.exec(JSON.stringify(tree))?.[1];
  return operation === "GetSubscriptionAttributes" ? `${operation}-${protocol}` : operation;
}

function withOthers(key: string, tree: Json): Json {
  if (typeof tree !== "object" || tree === null || Array.isArray(tree)) return tree;
  const isOwned = key.includes("AlarmNamePrefix");
  return Object.fromEntries(
    Object.entries(tree).map(([name, value]) => [name, isOwned ? value : (OF_OTHERS[name] ?? value)]),
  );
}

/** The operation, and what it was asked about. */
function keyOf(incoming: IncomingMessage, body: string): string {
  const target = incoming.headers["x-amz-target"];
  if (typeof target === "string") return `${target.split(".").at(-1)} ${body}`;
  const action = new URLSearchParams(body).get("Action");
  return action === null
    ? `${(incoming.url ?? "").split("?")[0]?.split("/").at(-1)} ${incoming.method} ${incoming.url}`
    : `${action} ${body}`;
}

/** What is asked once is kept; from then on that is given, or what `changed` makes of it. */
async function replaying(
  target: string,
  answers: Map<string, Answer>,
  changed: (key: string) => string | undefined,
): Promise<string> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(Buffer.from(chunk));
    const asked = Buffer.concat(chunks);
    const key = keyOf(incoming, asked.toString());
    const known = answers.get(key);
    if (known !== undefined)
      return void outgoing.writeHead(200, known.headers).end(changed(key) ?? textOf(known.isXml, known.tree));
    const { method, url, headers } = incoming;
    send(new URL(url ?? "", target), { method, headers }, async (answer) => {
      let text = "";
      for await (const chunk of answer) text += chunk;
      const kept = Object.entries(answer.headers).filter(([name]) => !TRANSPORT.includes(name));
      const isXml = text.startsWith("<");
      const tree = key.startsWith("GetAlarmMuteRule ") ? THEIR_NIGHTS : withOthers(key, treeOf(text));
      const read = { headers: Object.fromEntries(kept) as Answer["headers"], isXml, tree }; // of one value each
      if (answer.statusCode === 401) return void outgoing.writeHead(401, answer.headers).end(text); // Atlas asks who we are
      answers.set(key, read);
      outgoing.writeHead(200, read.headers).end(textOf(isXml, tree));
    }).end(asked);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
}

const TRANSPORT = ["connection", "keep-alive", "transfer-encoding", "content-length"];
const XML = { ignoreAttributes: false, parseTagValue: false, processEntities: true } as const;
/** Marks JSON that stands in a text, as policies do. */
const IN_TEXT = "(json)";

/** Attributes by their names, and JSON in a text as a tree, too. */
function treeOf(text: string): Json {
  if (!text.startsWith("<")) return unfold(JSON.parse(text === "" ? "{}" : text) as Json);
  const { "?xml": _prologue, ...tree } = new XMLParser(XML).parse(text) as Record<string, Json>; // of strings alone
  return unfold(tree);
}

function unfold(value: Json): Json {
  if (typeof value === "string") return /^\{".*\}$/s.test(value) ? { [IN_TEXT]: JSON.parse(value) as Json } : value;
  if (Array.isArray(value)) return value.map(unfold);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      name === "entry" ? Object.fromEntries(entriesOf(inner)) : unfold(inner),
    ]),
  );
}

function entriesOf(inner: Json): readonly (readonly [string, Json])[] {
  const list = (Array.isArray(inner) ? inner : [inner]) as readonly { readonly key: string; readonly value: Json }[]; // SNS's maps
  return list.map(({ key, value }) => [key, unfold(value)]);
}

function textOf(isXml: boolean, tree: Json): string {
  return isXml ? (new XMLBuilder(XML).build(fold(tree, true)) as string) : JSON.stringify(fold(tree, false)); // a string, by default
}

function fold(value: Json, isXml: boolean): Json {
  if (Array.isArray(value)) return value.map((one) => fold(one, isXml));
  if (typeof value !== "object" || value === null) return value;
  const members = Object.entries(value);
  const [only] = members;
  if (only?.[0] === IN_TEXT) return only[1] === null ? null : JSON.stringify(only[1]);
  return Object.fromEntries(
    members.map(([name, inner]) => {
      if (!isXml || name !== "entry" || typeof inner !== "object" || inner === null) return [name, fold(inner, isXml)];
      return [name, Object.entries(inner).map(([key, one]) => ({ key, value: fold(one, isXml) }))];
    }),
  );
}
