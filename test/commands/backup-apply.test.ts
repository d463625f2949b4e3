/** `backup plan` and `backup apply` against the sandbox: what is sent, what Atlas then holds, and what is told about it. */
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as apply from "../../src/commands/backup-apply.ts";
import * as plan from "../../src/commands/backup-plan.ts";
import * as verify from "../../src/commands/backup-verify.ts";
import type { Report } from "../../src/core/report.ts";
import { inWorld, POLICY, type WorldOptions, type WorldRun } from "../support/world.ts";

const CONFIRMED = { databases: ["core"], confirm: ["litally-core"] };
const writes = ({ requests }: WorldRun) =>
  requests.filter((line) => !line.startsWith("GET ") && !line.endsWith(" 401"));
const stepsOf = (report: Report) => report.change?.steps.map(({ summary, state }) => [summary, state]);
const settingsOf = (report: Report) =>
  report.change?.steps.flatMap(({ differences }) =>
    differences.map(({ setting, wanted, live, effect }) => [setting, wanted, live, effect]),
  );

describe("a schedule that is as the policy says", () => {
  it("has nothing to plan and nothing to apply, and no write is sent", async () => {
    const world = await inWorld();
    for (const command of [plan, apply] as const) {
      const report = await world.run(command, { databases: ["core"] });
      expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["none", 0]);
    }
    expect(writes(world)).toEqual([]);
  });
});

describe("Atlas's own default schedule", () => {
  it("is planned with the policy's lines, and exit 5", async () => {
    const world = await inWorld({ world: "atlas-default" });
    const report = await world.run(plan, { databases: ["core"] });
    expect(exitCodeOf(report, false)).toBe(5);
    expect(report.change?.state).toBe("planned");
    const differences = report.change?.steps.flatMap((step) => step.differences);
    expect(differences?.find(({ setting }) => setting === "daily snapshots")).toEqual({
      setting: "daily snapshots",
      source: "policy.yaml:9",
      wanted: "kept 30d",
      live: "kept 7d",
      effect: "tightens",
    });
    expect(writes(world)).toEqual([]);
  });

  it("is brought to the policy, read back, and then left alone", async () => {
    const world = await inWorld({ world: "atlas-default" });
    const report = await world.run(apply, CONFIRMED);
    expect(report.change?.state).toBe("done");
    expect(exitCodeOf(report, false)).toBe(0);
    const sent = writes(world);
    expect(sent.length).toBeGreaterThan(0);
    const again = await world.run(apply, CONFIRMED);
    expect([again.change?.state, exitCodeOf(again, false)]).toEqual(["none", 0]);
    expect(writes(world)).toEqual(sent);
    const judged = await world.run(verify, {
      databases: ["core"],
      only: ["schedule-item", "continuous-enabled", "continuous-window", "copies-configured", "copies-oplogs"],
    });
    expect(judged.findings.map(({ status }) => status)).not.toContain("fail");
  });
});

describe("consent", () => {
  it.each<[string, WorldOptions, Record<string, unknown>]>([
    ["without a terminal and without a name", {}, { databases: ["core"] }],
    ["with another name", {}, { databases: ["core"], confirm: ["litally-cor"] }],
    ["with another name typed", { answers: ["yes"] }, { databases: ["core"] }],
    ["with nothing typed", { answers: [""] }, { databases: ["core"] }],
  ])("%s it is declined and nothing is sent", async (_, options, input) => {
    const world = await inWorld({ world: "atlas-default", ...options });
    const report = await world.run(apply, input);
    expect([report.change?.state, exitCodeOf(report, false), writes(world)]).toEqual(["declined", 3, []]);
    expect(report.change?.reason).toMatch(/^nothing was changed: /);
  });

  it("may be typed", async () => {
    const world = await inWorld({ world: "atlas-default", answers: ["litally-core"] });
    expect(exitCodeOf(await world.run(apply, { databases: ["core"] }), false)).toBe(0);
  });

  it("is not asked for on a dry run", async () => {
    const world = await inWorld({ world: "atlas-default" });
    const report = await world.run(apply, { ...CONFIRMED, dryRun: true });
    expect([report.change?.state, exitCodeOf(report, false), writes(world)]).toEqual(["planned", 5, []]);
  });
});

describe("each thing that can be wrong is put right", () => {
  it.each([
    "copies-off",
    "copies-oplog-off",
    "copies-one-zone",
    "continuous-off",
    "window-short",
    "backups-off",
    "copies-by-item",
    "several-weekly",
    "hourly-retention-short",
  ])("%s", async (name) => {
    const world = await inWorld({ world: name });
    const report = await world.run(apply, CONFIRMED);
    expect({
      code: exitCodeOf(report, false),
      change: stepsOf(report),
      open: report.findings.filter(({ status }) => status !== "pass"),
    }).toMatchObject({ code: 0, open: [] });
    const again = await world.run(plan, { databases: ["core"] });
    expect([again.change?.state, settingsOf(again)]).toEqual(["none", []]);
  });
});

describe("nothing is loosened without leave", () => {
  const LESS = POLICY.replace("retain: 30d", "retain: 10d").replace("window: 7d", "window: 2d");

  it("what goes beyond the policy stays", async () => {
    const world = await inWorld({ seed: POLICY, policy: LESS });
    const report = await world.run(plan, { databases: ["core"] });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["none", 0]);
  });

  it("with leave it is shown as loosening, and still needs the name", async () => {
    const world = await inWorld({ seed: POLICY, policy: LESS });
    const loosely = { databases: ["core"], allowLoosening: true };
    const planned = await world.run(plan, loosely);
    expect(settingsOf(planned)).toEqual([
      ["daily snapshots", "kept 10d", "kept 30d", "loosens"],
      ["continuous backup window", "2d", "7d", "loosens"],
    ]);
    expect(exitCodeOf(await world.run(apply, loosely), false)).toBe(3);
    expect(writes(world)).toEqual([]);
    const report = await world.run(apply, { ...CONFIRMED, allowLoosening: true });
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["done", 0]);
  });

  it("not even with leave below a Backup Compliance Policy", async () => {
    const world = await inWorld({ world: "compliance", seed: POLICY, policy: LESS });
    const report = await world.run(apply, { ...CONFIRMED, allowLoosening: true });
    expect([report.change?.state, exitCodeOf(report, false), writes(world)]).toEqual(["refused", 3, []]);
    expect(
      report.findings
        .filter(({ check, status }) => check === "schedule/compliance" && status === "fail")
        .map(({ message }) => message),
    ).toEqual([
      "the Backup Compliance Policy demands daily, kept 30d or longer",
      "the Backup Compliance Policy demands a restore window of 7 days",
    ]);
  });

  it("--update-existing and --allow-loosening together are refused: they would delete snapshots", async () => {
    const world = await inWorld({ world: "atlas-default" });
    await expect(world.run(apply, { ...CONFIRMED, allowLoosening: true, updateExisting: true })).rejects.toMatchObject({
      kind: "usage",
    });
    expect(writes(world)).toEqual([]);
  });
});

describe("what Atlas does not take", () => {
  it("silently is exit 4 and names the setting", async () => {
    const world = await inWorld({ world: "oplogs-ignored" });
    const report = await world.run(apply, CONFIRMED);
    expect(exitCodeOf(report, false)).toBe(4);
    expect(
      report.findings.find(({ check, status }) => check === "schedule/applied" && status === "fail"),
    ).toMatchObject({
      scope: "copies to ap-southeast-1",
    });
  });

  it("with a 403 is refused: nothing was changed", async () => {
    const world = await inWorld({ world: "read-only", seed: POLICY, policy: POLICY.replace("30d", "60d") });
    const report = await world.run(apply, CONFIRMED);
    expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["refused", 3]);
    expect(stepsOf(report)).toEqual([["set the backup schedule of litally-core", "refused"]]);
  });

  it.each([
    ["paused", 3],
    ["flex", 3],
    ["no-cluster", 3],
    ["forbidden-schedule", 2],
  ])("in the world %s: exit %d, nothing sent", async (name, exitCode) => {
    const world = await inWorld({ world: name });
    for (const command of [plan, apply] as const)
      expect(exitCodeOf(await world.run(command, { databases: ["core"] }), false)).toBe(exitCode);
    expect(writes(world)).toEqual([]);
  });
});

describe("a write whose answer is lost", () => {
  it.each([["reset-before-write=1"], ["reset-after-write=1"], ["500-after-write=1"]])(
    "%s: it is looked whether it took effect",
    async (fault) => {
      const world = await inWorld({ world: "copies-off", faults: [fault] });
      const report = await world.run(apply, CONFIRMED);
      expect([report.change?.state, exitCodeOf(report, false)]).toEqual(["done", 0]);
      expect(world.notes.join("\n")).toContain("looking whether it took effect");
    },
  );
});
