/** Policies of topics and keys, statement by statement: who is let in, who is not, and what cannot be told. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { admits, parsePolicy } from "../../../src/rules/notify/admits.ts";
import { glob } from "../../../src/rules/notify/glob.ts";
import { keyRequests, publishRequest } from "../../../src/rules/notify/request.ts";
import { alarmArn, DEFAULT_POLICY, HOME, KEY_ARN, topicArn } from "./build.ts";

const TOPIC = topicArn("litally-critical");
const ALARM = alarmArn("litally-api-5xx-rate");
const REQUEST = publishRequest(TOPIC, ALARM, HOME);
const ALLOW = {
  Effect: "Allow",
  Principal: { Service: "cloudwatch.amazonaws.com" },
  Action: "SNS:Publish",
  Resource: TOPIC,
};

function answer(statements: unknown, request = REQUEST) {
  const document = parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }));
  return document === null ? "no policy" : admits(document, request).isAdmitted;
}

const allow = (change: object) => answer({ ...ALLOW, ...change });
const when = (Condition: object) => allow({ Condition });

describe("a statement", () => {
  test.each([
    ["the service", {}, "yes"],
    ["everybody", { Principal: "*" }, "yes"],
    ["everybody, as SNS writes it", { Principal: { AWS: "*" } }, "yes"],
    ["one of several", { Principal: { Service: ["events.amazonaws.com", "cloudwatch.amazonaws.com"] } }, "yes"],
    ["another service", { Principal: { Service: "events.amazonaws.com" } }, "no"],
    ["the account itself, which is not the service", { Principal: { AWS: "arn:aws:iam::123456789012:root" } }, "no"],
    ["the account by its number", { Principal: { AWS: HOME.accountId } }, "no"],
    ["whoever signed in", { Principal: { Federated: "*" } }, "no"],
    ["a service with a star", { Principal: { Service: "*" } }, "maybe"],
    ["a kind that nobody knows", { Principal: { Moon: "*" } }, "maybe"],
    ["a principal that is no text", { Principal: { Service: 7 } }, "maybe"],
    ["no principal at all", { Principal: undefined }, "maybe"],
    ["not another", { Principal: undefined, NotPrincipal: { Service: "events.amazonaws.com" } }, "yes"],
    ["not this one", { Principal: undefined, NotPrincipal: { Service: "cloudwatch.amazonaws.com" } }, "no"],
    ["both kinds of principal", { NotPrincipal: { AWS: "*" } }, "maybe"],
    ["any action", { Action: "*" }, "yes"],
    ["the action in other letters", { Action: ["sns:getTopicAttributes", "sns:PUBLISH"] }, "yes"],
    ["the action by a pattern", { Action: "sns:Pub*" }, "yes"],
    ["another action", { Action: "sns:Subscribe" }, "no"],
    ["not another action", { Action: undefined, NotAction: "sns:Delete*" }, "yes"],
    ["not this action", { Action: undefined, NotAction: ["sns:Publish"] }, "no"],
    ["any resource", { Resource: "*" }, "yes"],
    ["the resource by a pattern", { Resource: "arn:aws:sns:*:123456789012:litally-?ritical" }, "yes"],
    ["another resource", { Resource: topicArn("litally-operations") }, "no"],
    ["a resource in other letters", { Resource: TOPIC.toUpperCase() }, "no"],
    ["not another resource", { Resource: undefined, NotResource: topicArn("other") }, "yes"],
    ["a resource with a variable", { Resource: "arn:aws:sns:*:*:$" + "{aws:username}" }, "maybe"],
    ["an effect that nobody knows", { Effect: "Perhaps" }, "maybe"],
    ["a condition that is none", { Condition: [] }, "maybe"],
  ])("for %s", (_, change, expected) => expect(allow(change)).toBe(expected));

  test.each([
    ["no text", "no policy", undefined],
    ["no statement", "no policy", "{}"],
    ["a list", "no policy", "[]"],
    ["no statements", "no policy", '{"Statement":[]}'],
    ["a statement that is none", "no policy", '{"Statement":["Allow"]}'],
    ["half of one", "no policy", '{"Statement":[{"Effect":'],
  ])("%s is %s", (_, expected, text) => {
    expect(parsePolicy(text ?? "") === null ? "no policy" : "a policy").toBe(expected);
  });
});

describe("statements together", () => {
  const deny = (change: object) => ({ ...ALLOW, Effect: "Deny", ...change });
  test.each([
    ["one that refuses outweighs", [ALLOW, deny({ Sid: "Stop" })], "no", ["Stop"]],
    ["one that refuses others does not", [ALLOW, deny({ Principal: { Service: "s3.amazonaws.com" } })], "yes", []],
    [
      "one that may refuse makes it doubtful",
      [deny({ Condition: { Bool: { "aws:x": "true" } } }), ALLOW],
      "maybe",
      ["statement 1"],
    ],
    ["one that allows is enough", [{ ...ALLOW, Principal: { AWS: "1" } }, ALLOW], "yes", []],
    ["one that may allow is not", [{ ...ALLOW, Condition: { Bool: { "aws:x": "true" } } }], "maybe", []],
    ["a refusal outweighs doubt", [{ ...ALLOW, Effect: "?" }, deny({})], "no", ["statement 1", "statement 2"]],
  ])("%s", (_, statements, expected, refusedBy) => {
    const document = parsePolicy(JSON.stringify({ Statement: statements }));
    expect(document && admits(document, REQUEST)).toEqual({ isAdmitted: expected, refusedBy });
  });

  test("what SNS gives a new topic admits alarms of the account", () => {
    expect(answer(DEFAULT_POLICY(TOPIC).Statement)).toBe("yes");
    expect(
      answer(DEFAULT_POLICY(TOPIC).Statement, publishRequest(TOPIC, ALARM, { ...HOME, accountId: "210987654321" })),
    ).toBe("no");
  });
});

describe("a condition", () => {
  const arn = (operator: string, value: unknown) => when({ [operator]: { "aws:SourceArn": value } });
  test.each([
    ["ArnLike", alarmArn("*"), "yes"],
    ["ArnEquals", alarmArn("litally-*"), "yes"],
    ["ArnLike", [alarmArn("x"), ALARM], "yes"],
    ["ArnLike", "arn:aws:cloudwatch:*:123456789012:alarm:*", "yes"],
    ["ArnLike", "arn:aws:cloudwatch:*", "no"], // stars do not reach across colons
    ["ArnLike", "arn:aws:cloudwatch:ap-south-1:*:alarm:litally-api", "no"],
    ["ArnLike", "arn:aws:cloudwatch:ap-south-1:123456789012:alarm*rate", "yes"], // but in the last part
    ["ArnLike", "arn:aws:cloudwatch:ap-south-1:123456789012", "no"],
    ["ArnNotLike", alarmArn("*"), "no"],
    ["ArnNotEquals", alarmArn("x"), "yes"],
    ["StringEquals", ALARM, "yes"],
    ["StringEquals", alarmArn("*"), "no"],
    ["StringLike", "arn:aws:cloudwatch:*", "yes"],
    ["StringNotLike", alarmArn("*"), "no"],
    ["StringEqualsIgnoreCase", ALARM.toUpperCase(), "yes"],
    ["StringEqualsIgnoreCase", alarmArn("x"), "no"],
    ["ArnLikeIfExists", alarmArn("*"), "yes"],
    ["ArnLikeIfExists", alarmArn("x"), "no"],
    ["", ALARM, "maybe"],
    ["ForAnyValue:StringLike", alarmArn("*"), "yes"],
    ["ForAllValues:StringEquals", alarmArn("x"), "no"],
    ["StringSoundsLike", ALARM, "maybe"],
    ["ForSome:StringLike", ALARM, "maybe"],
    ["StringLike", "$" + "{aws:SourceArn}", "maybe"],
    ["StringLike", [{}], "maybe"],
  ])("%s of the alarm's ARN %j: %s", (operator, value, expected) => expect(arn(operator, value)).toBe(expected));

  test.each([
    ["the account", { StringEquals: { "aws:SourceAccount": HOME.accountId } }, "yes"],
    ["the owner, in any letters", { StringEquals: { "AWS:SOURCEOWNER": HOME.accountId } }, "yes"],
    ["the account as a number", { StringEquals: { "aws:SourceAccount": 123456789012 } }, "yes"],
    ["an operator for numbers, which no key of ours is", { NumericEquals: { "aws:SourceAccount": 1 } }, "maybe"],
    ["an ARN where there is none", { ArnLike: { "aws:SourceAccount": "arn:*:*:*:*:*" } }, "no"],
    ["perhaps an alarm", { Null: { "aws:SourceArn": "perhaps" } }, "maybe"],
    ["another account", { StringEquals: { "aws:SourceAccount": "210987654321" } }, "no"],
    ["encryption on the way", { Bool: { "aws:SecureTransport": true } }, "yes"],
    ["none of it", { Bool: { "aws:SecureTransport": "false" } }, "no"],
    ["an endpoint of a network, which the service has not", { StringEquals: { "aws:SourceVpce": "vpce-1" } }, "no"],
    ["not that endpoint", { StringNotEquals: { "aws:SourceVpce": "vpce-1" } }, "yes"],
    ["that endpoint, if any", { StringEqualsIfExists: { "aws:SourceVpce": "vpce-1" } }, "yes"],
    ["all of none", { "ForAllValues:StringEquals": { "aws:SourceVpce": "vpce-1" } }, "yes"],
    ["any of none", { "ForAnyValue:StringNotEquals": { "aws:SourceVpce": "vpce-1" } }, "no"],
    ["no network", { Null: { "aws:SourceVpce": "true" } }, "yes"],
    ["some network", { Null: { "aws:SourceVpce": false } }, "no"],
    ["some alarm", { Null: { "aws:SourceArn": "false" } }, "yes"],
    ["a key that nobody knows", { StringEquals: { "aws:SourceIp": "10.0.0.1" } }, "maybe"],
    ["no such key", { Null: { "aws:SourceIp": "true" } }, "maybe"],
    [
      "one that holds and one that does not",
      { Bool: { "aws:SecureTransport": "true" }, StringEquals: { "aws:SourceAccount": "1" } },
      "no",
    ],
    ["one that fails and one unknown", { StringEquals: { "aws:SourceIp": "1", "aws:SourceAccount": "1" } }, "no"],
  ])("%s", (_, condition, expected) => expect(when(condition)).toBe(expected));

  test("of which alarm nobody knows", () => {
    const some = publishRequest(TOPIC, null, HOME);
    expect(answer({ ...ALLOW, Condition: { ArnLike: { "aws:SourceArn": alarmArn("*") } } }, some)).toBe("maybe");
    expect(answer(ALLOW, some)).toBe("yes");
  });
});

describe("of a key", () => {
  const [decrypt, generate] = keyRequests(KEY_ARN, TOPIC, ALARM, HOME);
  const statement = (change: object) => ({ ...ALLOW, Action: "kms:*", Resource: "*", ...change });
  test.each([
    ["both", {}, "yes", "yes"],
    ["as AWS writes it", { Action: ["kms:Decrypt", "kms:GenerateDataKey*"] }, "yes", "yes"],
    ["one alone", { Action: "kms:Decrypt" }, "yes", "no"],
    [
      "by way of SNS",
      { Condition: { StringEquals: { "kms:ViaService": "sns.ap-south-1.amazonaws.com" } } },
      "yes",
      "yes",
    ],
    ["by way of S3", { Condition: { StringEquals: { "kms:ViaService": "s3.ap-south-1.amazonaws.com" } } }, "no", "no"],
    ["for the topic", { Condition: { ArnEquals: { "kms:EncryptionContext:aws:sns:topicArn": TOPIC } } }, "yes", "yes"],
    [
      "with that context",
      { Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": ["aws:sns:topicArn"] } } },
      "yes",
      "yes",
    ],
    [
      "with some context",
      { Condition: { "ForAnyValue:StringLike": { "kms:EncryptionContextKeys": ["aws:s3:*", "aws:sns:*"] } } },
      "yes",
      "yes",
    ],
    [
      "with another context",
      { Condition: { "ForAnyValue:StringEquals": { "kms:EncryptionContextKeys": "x" } } },
      "no",
      "no",
    ],
    [
      "with no other context",
      { Condition: { "ForAllValues:StringEquals": { "kms:EncryptionContextKeys": "x" } } },
      "no",
      "no",
    ],
    [
      "with that context, said of one value",
      { Condition: { StringEquals: { "kms:EncryptionContextKeys": "x" } } },
      "maybe",
      "maybe",
    ],
  ])("%s", (_, change, first, second) => {
    expect([decrypt && answer(statement(change), decrypt), generate && answer(statement(change), generate)]).toEqual([
      first,
      second,
    ]);
  });
});

describe("glob", () => {
  const piece = fc.constantFrom("a", "b", "*", "?", "aa");
  const pattern = fc.array(piece, { maxLength: 6 }).map((pieces) => pieces.join(""));
  test("is what a regular expression says", () => {
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[ab]{0,8}$/), (written, text) => {
        const expression = new RegExp(`^${written.replaceAll("*", ".*").replaceAll("?", ".")}$`);
        expect(glob(written, text)).toBe(expression.test(text));
      }),
      { numRuns: 1000 },
    );
  });
});
