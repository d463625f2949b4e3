/** Who hears a topic: nothing secret of it is printed, and a wrong endpoint is told. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endpointFlaws, endpointKey, isPagerDuty, shownEndpoint } from "../../../src/rules/notify/endpoint.ts";

const KEY = "0123456789abcdef0123456789abcdef";
const at = (protocol: string, endpoint: string) => ({ protocol, endpoint });

describe("shownEndpoint", () => {
  test.each([
    [
      "https",
      `https://events.pagerduty.com/integration/${KEY}/enqueue`,
      "https://events.pagerduty.com/integration/****/enqueue",
    ],
    ["https", "https://events.eu.pagerduty.com/x-ere/R0ABCDEF12345", "https://events.eu.pagerduty.com/x-ere/****"],
    [
      "https",
      "https://api.opsgenie.com/v1/json/amazonsns?apiKey=abc",
      "https://api.opsgenie.com/v1/json/amazonsns?****",
    ],
    [
      "https",
      "https://user:hunter2@hooks.litally.example:8443/sns/in",
      "https://****@hooks.litally.example:8443/sns/in",
    ],
    ["https", "https://hooks.slack.com/services/T0001/B0002/XyZ", "https://hooks.slack.com/services/****/****/****"],
    ["https", "not an address", "****"],
    ["sms", "+491701234567", "+********4567"],
    ["sms", "+1 (555) 123-4567", "+*******4567"],
    ["sms", "+*******4567", "+*******4567"],
    ["email", "ops@litally.example", "ops@litally.example"],
    ["https", "secret@litally.example", "****"],
    [
      "lambda",
      "arn:aws:lambda:ap-south-1:123456789012:function:page",
      "arn:aws:lambda:ap-south-1:123456789012:function:page",
    ],
    ["sqs", "arn:aws:sqs:ap-south-1:123456789012:pages", "arn:aws:sqs:ap-south-1:123456789012:pages"],
    ["carrier-pigeon", "coop 7", "****"],
  ])("%s %s", (protocol, endpoint, shown) => {
    expect(shownEndpoint(at(protocol, endpoint))).toBe(shown);
  });

  const key = fc
    .stringMatching(/^[A-Za-z0-9_-]{20,40}$/)
    .filter((text) => /\d|[A-Z]/.test(text) && !/^[-_]+$/.test(text));
  const place = fc.constantFrom<(key: string) => string>(
    (k) => `https://events.pagerduty.com/integration/${k}/enqueue`,
    (k) => `https://events.pagerduty.com/x-ere/${k}`,
    (k) => `https://litally.example/?${k}`,
    (k) => `https://litally.example/in?key=${k}#${k}`,
    (k) => `https://${k}@litally.example/in`,
    (k) => `https://name:${k}@litally.example/in`,
    (k) => `https://litally.example/${k}`,
    (k) => `litally.example/${k}`,
  );
  test("no key is ever shown, whatever the protocol is said to be", () => {
    fc.assert(
      fc.property(key, place, fc.constantFrom("https", "http", "sqs", "email", "other"), (secret, put, protocol) => {
        expect(shownEndpoint(at(protocol, put(secret)))).not.toContain(secret);
      }),
    );
  });

  test("of a number at most four digits are shown", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^\+?[1-9]\d{3,14}$/), (number) => {
        const shown = shownEndpoint(at("sms", number)).replaceAll(/\D/g, "");
        expect(shown.length).toBeLessThanOrEqual(4);
        expect(number.endsWith(shown)).toBe(true);
        if (shown !== "") expect(shown).not.toBe(number.replace("+", ""));
      }),
    );
  });
});

describe("endpointKey", () => {
  test.each([
    ["sms", "+1 555 123-4567", "+15551234567", true],
    ["sms", "+15551234567", "+15551234568", false],
    ["https", "https://LITALLY.example/In", "https://litally.example/In", true],
    ["https", "https://litally.example/In", "https://litally.example/in", false],
    ["https", "https://a:secret@litally.example/", "https://a:****@litally.example/", true],
    ["email", "ops@litally.example", "ops@litally.example", true],
    ["email", "ops@litally.example", "oops@litally.example", false],
  ])("%s %s and %s: %s", (protocol, a, b, same) => {
    expect(endpointKey(at(protocol, a)) === endpointKey(at(protocol, b))).toBe(same);
  });

  test("not of two protocols", () => {
    expect(endpointKey(at("email", "ops@litally.example"))).not.toBe(
      endpointKey(at("email-json", "ops@litally.example")),
    );
  });
});

describe("endpointFlaws", () => {
  test.each([
    ["email", "ops@litally.example"],
    ["email-json", "ops@litally.example"],
    ["sms", "+15551234567"],
    ["https", "https://litally.example/sns"],
    ["https", `https://events.pagerduty.com/integration/${KEY}/enqueue`],
    ["https", `https://events.eu.pagerduty.com/integration/${KEY}/enqueue`],
    ["https", "https://events.pagerduty.com/x-ere/R0ABCDEF12345"],
    ["sqs", "arn:aws:sqs:ap-south-1:123456789012:pages"],
    ["lambda", "arn:aws:lambda:ap-south-1:123456789012:function:page"],
  ])("fits: %s %s", (protocol, endpoint) => expect(endpointFlaws(at(protocol, endpoint))).toEqual([]));

  test.each([
    ["email", "https://litally.example"],
    ["sms", "ops@litally.example"],
    ["https", "http://litally.example"],
    ["http", "https://litally.example"],
    ["lambda", "arn:aws:sqs:ap-south-1:123456789012:pages"],
    ["sqs", "pages"],
    ["https", "https://events.pagerduty.com/v2/enqueue"],
    ["https", `https://events.pagerduty.com/integration/${KEY.slice(1)}/enqueue`],
    ["https", `https://events.pagerduty.com/integration/${KEY}`],
    ["https", "https://litally.pagerduty.com/services/PABC123"],
  ])("nobody hears: %s %s", (protocol, endpoint) => {
    expect(endpointFlaws(at(protocol, endpoint)).map(({ isDeaf }) => isDeaf)).toEqual(["yes"]);
  });

  test.each([
    ["http", "http://litally.example/sns", "no"],
    ["email", "litally@acme.pagerduty.com", "no"],
    ["carrier-pigeon", "coop 7", "maybe"],
    ["constructor", "x", "maybe"],
  ])("%s %s", (protocol, endpoint, isDeaf) => {
    expect(endpointFlaws(at(protocol, endpoint)).map((flaw) => flaw.isDeaf)).toEqual([isDeaf]);
  });

  test("PagerDuty is known by its host", () => {
    expect(isPagerDuty(at("https", "https://events.pagerduty.com/x-ere/abc"))).toBe(true);
    expect(isPagerDuty(at("https", "https://pagerduty.com.litally.example/x"))).toBe(false);
  });
});
