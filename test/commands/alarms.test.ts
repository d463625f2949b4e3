/** The commands of alarms against every world, over real HTTP: verdicts, calls, what is asked before anything is changed. */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import * as adopt from "../../src/commands/alarms-adopt.ts";
import * as apply from "../../src/commands/alarms-apply.ts";
import * as audit from "../../src/commands/alarms-audit.ts";
import * as list from "../../src/commands/alarms-list.ts";
import * as plan from "../../src/commands/alarms-plan.ts";
import * as show from "../../src/commands/alarms-show.ts";
import * as test from "../../src/commands/alarms-test.ts";
import type { Report } from "../../src/core/report.ts";
import { worst } from "../../src/core/report.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { ALARM_POLICY, PAGERDUTY_KEY, PHONE } from "../support/alarms.ts";
import type { Sent } from "../support/counter.ts";
import { inWorld, type WorldOptions, type WorldRun } from "../support/world.ts";

const alarmWorld = (world: string, options: WorldOptions = {}) => inWorld({ world, policy: ALARM_POLICY, ...options });
const API = "litally-api-5xx-rate";
const WRITES = /^(Put|Delete|Set|Enable|Disable|Create|Subscribe|Unsubscribe|Tag|Untag|Publish)/;
const writes = (sent: readonly Sent[]) => sent.map(({ operation }) => operation).filter((name) => WRITES.test(name));
const failing = ({ findings }: Report) => findings.filter(({ status }) => status !== "pass");
const ids = (report: Report) => [...new Set(failing(report).map(({ check }) => check))];
const stateOf = async (run: WorldRun, name: string) => {
  const [alarm] = await (await run.context.cloudwatch()).alarmsByName([name]);
  return alarm?.kind === "metric" && alarm.state.known ? alarm.state.value : undefined;
};

describe("alarms audit", () => {
  const worlds = listWorlds().filter(({ check }) => check !== null && /^(?:alarms|alerts|notify)\//.test(check));

  it("knows a world for each broken link", () => {
    expect(worlds.length).toBeGreaterThan(30);
  });

  it.each(worlds.map((world) => [world.name, world] as const))(
    "in the world %s says what is wrong",
    async (name, world) => {
      const run = await alarmWorld(name);
      const report = await run.run(audit, {});
      expect(worst(report.findings)).toBe(world.verdict);
      expect(ids(report)).toContain(world.check);
      for (const { remedy } of failing(report)) expect(remedy).toMatch(/\S/);
      expect(writes(run.aws)).toEqual([]);
    },
  );

  it("finds nothing where all is well, with as few calls as can answer, and none for an alarm alone", async () => {
    const run = await alarmWorld("healthy");
    const report = await run.run(audit, {});
    expect(failing(report)).toEqual([]);
    const counts = Object.fromEntries(
      [...Map.groupBy(run.aws, ({ operation }) => operation)].map(([name, all]) => [name, all.length]),
    );
    expect(counts).toEqual({
      GetCallerIdentity: 1,
      DescribeAlarms: 2, // those with the prefix, and composite ones of the whole account
      ListAlarmMuteRules: 1,
      GetTopicAttributes: 2,
      ListSubscriptionsByTopic: 2,
      GetSubscriptionAttributes: 4,
      GetSMSSandboxAccountStatus: 1,
      DescribeKey: 1,
      GetKeyPolicy: 1,
    });
  });

  it("names who hears each alarm, and no secret of theirs", async () => {
    const run = await alarmWorld("healthy");
    const report = await run.run(audit, {});
    const heard = report.findings.find(({ check, subject }) => check === "alarms/heard" && subject === `alarm/${API}`);
    expect(`${heard?.message} ${JSON.stringify(heard?.evidence)}`).toContain("ops@litally.example");
    const all = JSON.stringify([report, await list.run({}, run.context), await run.run(test, { alarm: API })]);
    expect(all).not.toContain(PAGERDUTY_KEY);
    expect(all).not.toContain(PHONE);
  });

  it("asks for the checks that --only names", async () => {
    const run = await alarmWorld("alarm-looser");
    const report = await run.run(audit, { only: ["drift"] });
    expect(new Set(report.findings.map(({ check }) => check))).toEqual(new Set(["alarms/drift"]));
    await expect(run.run(audit, { only: ["drif"] })).rejects.toMatchObject({ kind: "usage" });
  });

  it.each(["heard", "single-points"])("--only %s is never green over an alarm that was not seen", async (only) => {
    for (const world of ["alarm-missing", "alarm-composite", "alarms-unreadable"]) {
      const run = await alarmWorld(world);
      const { findings } = await run.run(audit, { only: [only] });
      expect(findings.length, world).toBe(only === "heard" ? 4 : 1);
      expect(worst(findings), world).toBe("unknown");
      expect(JSON.stringify(findings), world).not.toContain("second endpoint");
    }
  });

  it("does not say that every critical alarm is heard where one of them is not", async () => {
    const run = await alarmWorld("alarm-no-action");
    const [point, ...others] = (await run.run(audit, { only: ["single-points"] })).findings;
    expect(others).toEqual([]);
    expect(point).toMatchObject({ status: "warn", evidence: { alarms: [API] } });
  });

  it("shows each difference with the line of the policy", async () => {
    const [drift] = failing(await (await alarmWorld("alarm-looser")).run(audit, { only: ["drift"] }));
    expect(drift?.message).toMatch(/^threshold is > 5, the policy says > 1 \(.+:\d+\): looser$/);
  });

  it("does not look into another account", async () => {
    const other = ALARM_POLICY.replace('"111122223333"', '"999999999999"');
    const run = await inWorld({ policy: other, seed: ALARM_POLICY });
    await expect(run.run(audit, {})).rejects.toMatchObject({ kind: "auth" });
    expect(run.aws.map(({ operation }) => operation)).toEqual(["GetCallerIdentity"]);
  });
});

describe("alarms plan and apply", () => {
  it("creates what is missing without consent, and then has nothing more to do", async () => {
    const run = await alarmWorld("alarm-missing");
    expect((await run.run(plan, {})).change?.state).toBe("planned");
    expect(writes(run.aws)).toEqual([]);
    const report = await run.run(apply, {});
    expect(report.change?.state).toBe("done");
    expect(worst(report.findings)).toBe("pass");
    expect(writes(run.aws)).toEqual(["PutMetricAlarm"]);
    expect((await run.run(apply, {})).change?.state).toBe("none");
    expect(writes(run.aws)).toEqual(["PutMetricAlarm"]);
    expect(ids(await run.run(audit, {})).filter((id) => id !== "alarms/state")).toEqual([]);
  });

  it.each([[undefined], ["staging"], [API]])("changes nothing on the word %s", async (word) => {
    const run = await alarmWorld("alarm-looser");
    const report = await run.run(apply, { confirm: word === undefined ? [] : [word] });
    expect(report.change?.state).toBe("declined");
    expect(writes(run.aws)).toEqual([]);
  });

  it.each(["alarm-looser", "alarm-stricter", "alarm-other-metric", "alarm-actions-off", "alarm-no-action"])(
    "mends the world %s in the name of the environment",
    async (world) => {
      const run = await alarmWorld(world);
      const report = await run.run(apply, { confirm: ["production"] });
      expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
      expect(writes(run.aws)).toEqual(["PutMetricAlarm"]);
      expect(failing(await run.run(audit, {}))).toEqual([]);
    },
  );

  it.each(["alert-missing", "alert-off", "alert-looser", "alert-late"])(
    "mends the world %s in Atlas",
    async (world) => {
      const run = await alarmWorld(world);
      const report = await run.run(apply, { confirm: world === "alert-missing" ? [] : ["production"] });
      expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
      expect(run.sent.filter(({ method }) => method !== "GET").length).toBe(1);
      expect(failing(await run.run(audit, {}))).toEqual([]);
      expect((await run.run(apply, {})).change?.state).toBe("none");
    },
  );

  it("deletes what nobody declared only where that is asked for, and only by its name", async () => {
    const run = await alarmWorld("alarm-undeclared");
    expect((await run.run(apply, { confirm: [] })).change?.state).toBe("none");
    for (const confirm of [[], ["production"], [API]])
      expect((await run.run(apply, { prune: true, confirm })).change?.state).toBe("declined");
    expect(writes(run.aws)).toEqual([]);
    const report = await run.run(apply, { prune: true, confirm: ["litally-api-5xx-rate-old"] });
    expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
    expect(writes(run.aws)).toEqual(["DeleteAlarms"]);
    expect(failing(await run.run(audit, {}))).toEqual([]);
  });

  it("does not plan over what it could not read", async () => {
    const run = await alarmWorld("alarms-unreadable");
    const report = await run.run(apply, { confirm: ["production"] });
    expect(report.change?.state).toBe("undecided");
    expect(writes(run.aws)).toEqual([]);
  });

  it.each(["lost", "unheard"] as const)("orders once what counts once, where an answer is %s", async (fate) => {
    let broken = false;
    const run = await alarmWorld("alert-missing", {
      onSent: ({ method }) => {
        if (method !== "POST" || broken) return "passes";
        broken = true;
        return fate;
      },
    });
    const report = await run.run(apply, {});
    expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
    expect(failing(await run.run(audit, {}))).toEqual([]);
  });
});

describe("alarms test", () => {
  /** Of the orders to set a state, those that `isStruck` names by their number. */
  const striking = (fate: "lost" | "unheard", isStruck: (count: number) => boolean, name = API) => {
    let sets = 0;
    return alarmWorld("healthy", {
      policy: ALARM_POLICY.replace(API, name),
      onAws: ({ operation }) => {
        if (operation === "SetAlarmState") sets += 1;
        return operation === "SetAlarmState" && isStruck(sets) ? fate : "passes";
      },
    });
  };

  it("sees the action taken, and puts the alarm back", async () => {
    const run = await alarmWorld("healthy");
    const report = await run.run(test, { alarm: API });
    expect(failing(report)).toEqual([]);
    expect(report.change).toMatchObject({ state: "done", isAside: true });
    expect(JSON.stringify(report.change)).toContain("does not prove");
    expect(writes(run.aws)).toEqual(["SetAlarmState", "SetAlarmState"]);
    expect(await stateOf(run, API)).toBe("OK");
  });

  it.each(["topic-policy-closed", "topic-missing", "topic-aws-key", "topic-key-closed"])(
    "in the world %s names the action that failed",
    async (world) => {
      const run = await alarmWorld(world);
      const report = await run.run(test, { alarm: API });
      expect(ids(report)).toEqual(["alarms/test-action"]);
      expect(worst(report.findings)).toBe("fail");
      expect(await stateOf(run, API)).toBe("OK");
    },
  );

  it.each(["alarm-actions-off", "alarm-no-action"])("sets nothing off in the world %s", async (world) => {
    const run = await alarmWorld(world);
    expect((await run.run(test, { alarm: API })).change?.state).toBe("refused");
    expect(writes(run.aws)).toEqual([]);
  });

  it("is refused while the alarm fires", async () => {
    const run = await alarmWorld("healthy");
    await (await run.context.cloudwatch()).setAlarmState(API, "ALARM", { text: "the real thing", data: {} });
    const before = writes(run.aws).length;
    const report = await run.run(test, { alarm: API });
    expect([report.change?.state, ids(report)]).toEqual(["refused", ["alarms/test-quiet"]]);
    expect(writes(run.aws).length).toBe(before);
    expect(await stateOf(run, API)).toBe("ALARM");
    expect(failing(report)[0]?.remedy).not.toContain("set-alarm-state");
  });

  it("knows an alarm that a test was kept from putting back, and says how to", async () => {
    const run = await striking("lost", (count) => count > 1);
    await run.run(test, { alarm: API });
    const report = await run.run(test, { alarm: API });
    expect([report.change?.state, ids(report)]).toEqual(["refused", ["alarms/test-quiet"]]);
    expect(failing(report)[0]?.remedy).toContain(`aws cloudwatch set-alarm-state --alarm-name ${API} --state-value OK`);
  });

  it("shows what it would do, and does not", async () => {
    const run = await alarmWorld("healthy");
    expect((await run.run(test, { alarm: API, dryRun: true })).change?.state).toBe("planned");
    expect(writes(run.aws)).toEqual([]);
  });

  it("puts the alarm back after Ctrl-C", async () => {
    const stopping = new AbortController();
    const run = await alarmWorld("healthy", {
      signal: stopping.signal,
      onAws: ({ operation }) => {
        if (operation === "DescribeAlarmHistory") stopping.abort();
      },
    });
    const report = await run.run(test, { alarm: API });
    expect(report.change?.steps[0]).toMatchObject({
      state: "done",
      message: expect.stringContaining("it is back in OK; "),
    });
    expect(worst(report.findings)).toBe("unknown"); // and that is how the run ends: nothing is left to look at
    expect(await stateOf(await alarmWorld("healthy", { at: run.sandbox }), API)).toBe("OK");
  });

  it.each(["lost", "unheard"] as const)(
    "follows an order whose answer is %s, and leaves nothing behind",
    async (fate) => {
      let broken = false;
      const run = await alarmWorld("healthy", {
        onAws: ({ operation }) => {
          if (operation !== "SetAlarmState" || broken) return "passes";
          broken = true;
          return fate;
        },
      });
      const report = await run.run(test, { alarm: API });
      expect(worst(report.findings)).toBe(fate === "lost" ? "unknown" : "pass");
      expect(await stateOf(run, API)).toBe("OK");
    },
  );

  it.each(["lost", "unheard"] as const)("puts the alarm back though the first order for it is %s", async (fate) => {
    const run = await striking(fate, (count) => count === 2);
    const report = await run.run(test, { alarm: API });
    expect([report.change?.state, worst(report.findings)]).toEqual(["done", "pass"]);
    expect(report.change?.steps[0]?.message).toBe("it is back in OK");
    expect(writes(run.aws).length).toBe(fate === "lost" ? 3 : 2);
    expect(await stateOf(run, API)).toBe("OK");
  });

  it("says where it could not put the alarm back, and how a person can", async () => {
    const name = "litally-api's 5xx rate";
    const run = await striking("lost", (count) => count > 1, name);
    const report = await run.run(test, { alarm: name });
    expect(report.change?.state).toBe("failed");
    expect(report.change?.steps[0]?.next).toMatch(
      /^aws cloudwatch set-alarm-state --alarm-name 'litally-api'\\''s 5xx rate' --state-value OK /,
    );
    expect(await stateOf(run, name)).toBe("ALARM");
  });

  it("says whom an alarm pages that nobody declared", async () => {
    const run = await alarmWorld("alarm-undeclared");
    const report = await run.run(test, { alarm: "litally-api-5xx-rate-old", dryRun: true });
    expect(JSON.stringify(report.change)).toContain("whoever is behind litally-critical");
  });

  it("knows no alarm of another name", async () => {
    const run = await alarmWorld("healthy");
    await expect(run.run(test, { alarm: "litally-api-5xx-rat" })).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("alarms adopt", () => {
  const adopted = async (run: WorldRun, input: object = {}) =>
    parse((await adopt.run(adopt.input.parse({ alarms: [], ...input }), run.context)).body) as {
      readonly alarms: { readonly declared: readonly object[]; readonly exceptions?: readonly string[] };
    };

  it.each(["alarm-undeclared", "alarm-duplicate"])("makes the audit of the world %s clean", async (world) => {
    const run = await alarmWorld(world);
    const { alarms } = await adopted(run);
    const policy = parse(ALARM_POLICY) as { alarms: { declared: object[]; exceptions?: string[] } };
    policy.alarms.declared.push(...alarms.declared);
    if (alarms.exceptions !== undefined) policy.alarms.exceptions = [...alarms.exceptions];
    const after = await inWorld({ policy: JSON.stringify(policy), at: run.sandbox });
    expect(ids(await after.run(audit, {})).filter((id) => id !== "alarms/duplicate")).toEqual([]);
  });

  it("adopts all that is declared, from an empty policy, Atlas's alerts included", async () => {
    const policy = parse(ALARM_POLICY) as { alarms: { declared: object[] } };
    policy.alarms.declared = [];
    const text = JSON.stringify(policy);
    const run = await inWorld({ policy: text, seed: ALARM_POLICY });
    expect(ids(await run.run(audit, {}))).toContain("alarms/undeclared");
    const { alarms } = await adopted(run, { atlas: true });
    expect(alarms.declared.length).toBe(5);
    policy.alarms.declared = [...alarms.declared];
    const after = await inWorld({ policy: JSON.stringify(policy), at: run.sandbox });
    expect(failing(await after.run(audit, {}))).toEqual([]);
  });

  it("knows only alarms that are there", async () => {
    await expect(adopted(await alarmWorld("healthy"), { alarms: ["litally-none"] })).rejects.toMatchObject({
      kind: "not-found",
    });
  });
});

describe("alarms list and show", () => {
  it("lists every alarm with its state, in words, and who hears it", async () => {
    const run = await alarmWorld("alarm-undeclared");
    const { items, summary } = await list.run({}, run.context);
    expect(items.find(({ name }) => name === API)).toMatchObject({ state: "OK", severity: "critical", declared: true });
    expect(items.find(({ name }) => name === "litally-atlas-cpu")).toMatchObject({ engine: "atlas", state: "ENABLED" });
    expect(items.filter(({ declared }) => declared === false).length).toBe(1);
    expect(summary).toContain("1 that nobody declared");
  });

  it("tells an alert as it is in Atlas, and not as it should be", async () => {
    const atlasCpu = async (world: string) => {
      const { items } = await list.run({}, (await alarmWorld(world)).context);
      return items.find(({ name }) => name === "litally-atlas-cpu");
    };
    expect(await atlasCpu("healthy")).toMatchObject({ fires: expect.stringContaining("> 80 for 10m") });
    expect(await atlasCpu("alert-looser")).toMatchObject({ fires: expect.stringContaining("> 88 for 10m") });
    expect(await atlasCpu("alert-late")).toMatchObject({ fires: expect.stringContaining("> 80 for 1h") });
    expect(await atlasCpu("alert-missing")).toMatchObject({ state: "MISSING", hears: null });
  });

  it("shows no telephone number of whom Atlas calls", async () => {
    const policy = ALARM_POLICY.replace("{ type: PAGER_DUTY }", `{ type: SMS, number: "${PHONE}" }`);
    expect(policy).not.toBe(ALARM_POLICY);
    const { context } = await inWorld({ policy });
    const { items } = await list.run({}, context);
    const shown = await show.run(show.input.parse({ alarms: [] }), context);
    expect(JSON.stringify([items, shown])).not.toContain(PHONE);
    expect(JSON.stringify(items)).toContain("+*******0100");
  });

  it("says what it could not read", async () => {
    const run = await alarmWorld("alarms-unreadable");
    const { missing, findings } = await list.run({}, run.context);
    expect(missing.map(({ subject }) => subject)).toEqual(["cloudwatch"]);
    expect(worst(findings)).toBe("unknown");
  });

  it("shows the very request, which makes the alarm that the audit wants", async () => {
    const run = await alarmWorld("healthy");
    const shown = await show.run(show.input.parse({ alarms: [API], compiled: true }), run.context);
    expect(shown.content).toMatchObject({
      cloudwatch: [{ AlarmName: API, Threshold: 1, TreatMissingData: "notBreaching" }],
    });
    await expect(
      show.run(show.input.parse({ alarms: ["litally-api"], compiled: true }), run.context),
    ).rejects.toMatchObject({ kind: "usage" });
  });
});
