/** The commands of topics, over real HTTP: what is ordered once, what asks for a name, what waits for a human. */
import { describe, expect, it } from "vitest";
import * as alarmsAudit from "../../src/commands/alarms-audit.ts";
import * as apply from "../../src/commands/notify-apply.ts";
import * as audit from "../../src/commands/notify-audit.ts";
import * as plan from "../../src/commands/notify-plan.ts";
import * as test from "../../src/commands/notify-test.ts";
import { type Report, worst } from "../../src/core/report.ts";
import { ALARM_POLICY, PAGERDUTY_KEY, PHONE } from "../support/alarms.ts";
import type { Sent } from "../support/counter.ts";
import { inWorld, type WorldOptions } from "../support/world.ts";

const topicWorld = (world: string, options: WorldOptions = {}) => inWorld({ world, policy: ALARM_POLICY, ...options });
const CRITICAL = "litally-critical";
const WRITES = /^(Set|Create|Subscribe|Unsubscribe|Tag|Untag|Publish)/;
const writes = (sent: readonly Sent[]) => sent.map(({ operation }) => operation).filter((name) => WRITES.test(name));
const failing = ({ findings }: Report) => findings.filter(({ status }) => status !== "pass");
const ids = (report: Report) => [...new Set(failing(report).map(({ check }) => check))];
const DAY_MS = 86_400_000;

describe("notify audit", () => {
  it.each([
    ["topic-missing", "notify/topic"],
    ["topic-policy-closed", "notify/topic-policy"],
    ["topic-aws-key", "notify/topic-key"],
    ["topic-key-disabled", "notify/topic-key"],
    ["subscription-pending", "notify/subscription"],
    ["subscription-gone", "notify/subscription"],
    ["subscription-filtered", "notify/filter"],
    ["subscription-raw", "notify/endpoint"],
  ])("says what is wrong in the world %s, without asking CloudWatch", async (world, check) => {
    const run = await topicWorld(world);
    expect(ids(await run.run(audit, {}))).toContain(check);
    expect(run.aws.map(({ operation }) => operation)).not.toContain("DescribeAlarms");
  });

  it("finds nothing where all is well", async () => {
    expect(failing(await (await topicWorld("healthy")).run(audit, {}))).toEqual([]);
  });
});

describe("notify plan and apply", () => {
  it("makes a topic, subscribes who must hear it, and waits for nobody", async () => {
    const run = await topicWorld("topic-missing");
    expect((await run.run(plan, {})).change?.state).toBe("planned");
    expect(writes(run.aws)).toEqual([]);
    const report = await run.run(apply, {});
    expect(report.change?.state).toBe("running");
    expect(report.change?.steps.filter(({ state }) => state === "running").map(({ message }) => message)).toEqual([
      "waiting for a human: who hears it must confirm it",
      "waiting for a human: who hears it must confirm it",
    ]);
    expect(writes(run.aws).filter((name) => name !== "TagResource")).toEqual([
      "CreateTopic",
      "Subscribe",
      "Subscribe",
      "Subscribe",
    ]);
    expect(worst(report.findings)).toBe("warn");
    const before = writes(run.aws).length;
    expect((await run.run(apply, {})).change?.state).toBe("none");
    expect(writes(run.aws).length).toBe(before);
  });

  it("knows for how long somebody has not confirmed, and orders anew what SNS has forgotten", async () => {
    const run = await topicWorld("subscription-gone");
    await run.run(apply, {});
    const first = await run.run(audit, {});
    expect([worst(first.findings), ids(first)]).toEqual(["warn", expect.arrayContaining(["notify/subscription"])]);
    run.sandbox.advance(3 * DAY_MS);
    const later = await run.run(audit, {});
    expect(failing(later).find(({ check }) => check === "notify/subscription")?.status).toBe("fail");
    expect((await run.run(plan, {})).change?.steps.map(({ summary }) => summary)).toEqual([
      "subscribe ops@litally.example to topic litally-critical",
    ]);
  });

  it.each([[undefined], ["litally-operations"], ["production"]])("opens no topic on the word %s", async (word) => {
    const run = await topicWorld("topic-policy-closed");
    const report = await run.run(apply, { confirm: word === undefined ? [] : [word] });
    expect(report.change?.state).toBe("declined");
    expect(writes(run.aws)).toEqual([]);
  });

  it("opens a topic in its name, keeping every statement that is there", async () => {
    const run = await topicWorld("topic-policy-closed");
    const sns = await run.context.sns();
    const arn = "arn:aws:sns:ap-south-1:111122223333:litally-critical";
    const before = await sns.getTopic(arn);
    const report = await run.run(apply, { confirm: [CRITICAL] });
    expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
    expect(failing(await run.run(alarmsAudit, {}))).toEqual([]);
    const after = await sns.getTopic(arn);
    const statements = (text: string) => (JSON.parse(text) as { Statement: readonly unknown[] }).Statement;
    if (!before.policy.known || !after.policy.known) throw new Error("the policy was not read");
    expect(statements(after.policy.value)).toEqual(expect.arrayContaining([...statements(before.policy.value)]));
  });

  it("does not call well what it cannot mend", async () => {
    const run = await topicWorld("topic-aws-key");
    const report = await run.run(plan, {});
    expect(worst(report.findings)).toBe("fail");
    expect([report.change?.state, JSON.stringify(failing(report))]).toEqual([
      "refused",
      expect.stringContaining("encryption"),
    ]);
    const filtered = await (await topicWorld("subscription-filtered")).run(plan, {});
    expect([worst(filtered.findings), ids(filtered)]).toEqual(["warn", ["notify/filter"]]);
  });

  it("takes nobody out unless asked, and only in the name of the topic", async () => {
    const run = await topicWorld("subscription-undeclared");
    expect((await run.run(apply, {})).change?.state).toBe("none");
    expect((await run.run(apply, { prune: true })).change?.state).toBe("declined");
    expect((await run.run(apply, { prune: true, confirm: ["litally-operations"] })).change?.state).toBe("declined");
    expect(writes(run.aws)).toEqual([]);
    const report = await run.run(apply, { prune: true, confirm: [CRITICAL] });
    expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
    expect(writes(run.aws)).toEqual(["Unsubscribe"]);
  });

  it("does not plan over what it could not read", async () => {
    const run = await topicWorld("topics-unreadable");
    expect((await run.run(apply, { confirm: [CRITICAL] })).change?.state).toBe("undecided");
    expect(writes(run.aws)).toEqual([]);
  });

  it.each(["lost", "unheard"] as const)("looks what came of an order whose answer is %s", async (fate) => {
    let broken = false;
    const run = await topicWorld("topic-missing", {
      onAws: ({ operation }) => {
        if (operation !== "CreateTopic" || broken) return "passes";
        broken = true;
        return fate;
      },
    });
    expect((await run.run(apply, {})).change?.state).toBe("running");
    expect((await run.run(apply, {})).change?.state).toBe("none");
  });
});

describe("notify test", () => {
  it("says what SNS accepted and for whom, and what that does not prove", async () => {
    const run = await topicWorld("healthy");
    const report = await run.run(test, { topic: CRITICAL });
    expect(report.change).toMatchObject({ state: "done", isAside: true });
    expect(writes(run.aws)).toEqual(["Publish"]);
    const text = JSON.stringify(report);
    expect(text).toContain("messageId");
    expect(text).toContain("does not prove");
    expect(text).not.toContain(PAGERDUTY_KEY);
    expect(text).not.toContain(PHONE);
  });

  it("publishes nothing to nobody, and nothing in a rehearsal of the rehearsal", async () => {
    const missing = await topicWorld("topic-missing");
    expect((await missing.run(test, { topic: CRITICAL })).change?.state).toBe("refused");
    const run = await topicWorld("healthy");
    expect((await run.run(test, { topic: CRITICAL, dryRun: true })).change?.state).toBe("planned");
    expect([...writes(missing.aws), ...writes(run.aws)]).toEqual([]);
  });

  it("knows the topics of the policy alone", async () => {
    await expect((await topicWorld("healthy")).run(test, { topic: "litally-critica" })).rejects.toMatchObject({
      kind: "usage",
    });
  });
});
