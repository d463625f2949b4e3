import { describe, expect, it } from "vitest";
import * as doctor from "../../src/commands/doctor.ts";
import { DAY_MS, HOUR_MS } from "../../src/core/duration.ts";
import { type Report, worst } from "../../src/core/report.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { SCHEDULES_POLICY } from "../support/schedules.ts";
import { inWorld, POLICY, type WorldOptions } from "../support/world.ts";

const SCHEDULES = 6;
const judged = async (options: WorldOptions = {}) => {
  const world = await inWorld({ policy: SCHEDULES_POLICY, ...options });
  return { world, report: await world.run(doctor, { schedules: true }) };
};
const brief = ({ findings }: Report) =>
  findings.flatMap(({ check, subject, status }) => (status === "pass" ? [] : [`${check} of ${subject} ${status}`]));

describe("doctor --schedules", () => {
  it("is green where all ran, and asks as little as it can", async () => {
    const { world, report } = await judged();
    expect(brief(report)).toEqual([]);
    expect(report.findings).toHaveLength(2 * SCHEDULES);
    expect(world.aws.map(({ operation }) => operation)).toEqual([
      "GetCallerIdentity",
      "GetMetricData",
      "GetMetricData",
    ]);
    expect(world.sent.map(({ method, path }) => `${method} ${path.split("?")[0]}`)).toEqual([
      "GET /api/v3/repos/litally/ops/actions/workflows",
    ]);
  });

  it("asks nobody else of doctor's questions", async () => {
    const { world } = await judged();
    expect(world.requests.filter((line) => line.includes("/api/atlas"))).toEqual([]);
  });

  it.each(listWorlds().filter(({ command }) => command === "doctor --schedules"))(
    "in the world $name is $verdict by $check",
    async ({ name, verdict, check }) => {
      const { report } = await judged({ world: name });
      expect(worst(report.findings)).toBe(verdict);
      expect(brief(report)).toContain(`${check} of schedule/backup verify ${verdict}`);
    },
  );

  it("asks GitHub beyond its list only about a schedule that is not well", async () => {
    const { world, report } = await judged({ world: "schedule-never-ran" });
    expect(world.sent).toHaveLength(2);
    expect(report.findings[0]?.message).toMatch(/; GitHub has never begun it by schedule$/);
  });

  it("asks once about a workflow, however many schedules it runs", async () => {
    const world = await inWorld({ policy: SCHEDULES_POLICY });
    world.sandbox.advance(5 * DAY_MS);
    const report = await world.run(doctor, { schedules: true });
    expect(brief(report)).toHaveLength(4); // three in nightly.yml, one in alarms.yml
    expect(world.sent.filter(({ path }) => path.includes("/runs?"))).toHaveLength(2);
  });

  it("is what guards a schedule that no alarm can see", async () => {
    const world = await inWorld({ policy: SCHEDULES_POLICY });
    const drill = async () => {
      const { findings } = await world.run(doctor, { schedules: true });
      return findings.find(({ check, subject }) => check === "schedules/ran" && subject === "schedule/restore drill");
    };
    expect((await drill())?.status).toBe("pass"); // it ran 36 days ago; the policy allows 97
    world.sandbox.advance(60 * DAY_MS);
    expect((await drill())?.status).toBe("pass");
    world.sandbox.advance(DAY_MS + 2 * HOUR_MS);
    expect(await drill()).toMatchObject({ status: "fail", message: expect.stringMatching(/^last succeeded 97 d ago/) });
  });

  it.each<readonly [string, Readonly<Record<string, string>>, RegExp]>([
    ["no token", { GITHUB_TOKEN: "" }, /no token for GitHub/],
    ["a wrong one", { GITHUB_TOKEN: "ghs_wrong" }, /401 Bad credentials/],
    ["a server that is not there", { GITHUB_API_URL: "http://127.0.0.1:9" }, /connection to 127\.0\.0\.1:9 failed/],
  ])("with %s does not know whether workflows are enabled, and knows the rest", async (_title, github, message) => {
    const { report } = await judged({ github });
    expect(new Set(report.findings.map(({ check, status }) => `${check} ${status}`))).toEqual(
      new Set(["schedules/ran pass", "schedules/enabled unknown"]),
    );
    expect(report.findings[1]).toMatchObject({ message: expect.stringMatching(message), remedy: expect.any(String) });
  });

  it("owes GitHub nothing where the policy names no workflow", async () => {
    const policy = SCHEDULES_POLICY.replaceAll(/, workflow: \w+\.yml/g, "");
    const { world, report } = await judged({ policy, github: { GITHUB_TOKEN: "" } });
    expect(brief(report)).toEqual([]);
    expect(report.findings).toHaveLength(SCHEDULES);
    expect(world.sent).toEqual([]);
  });

  it("does not know what nobody measures", async () => {
    const { world, report } = await judged({
      policy: SCHEDULES_POLICY.replace("heartbeat:\n", `heartbeat:\n  cloudwatch: false\n  url: \${PING}\n`),
      env: { PING: "https://hc-ping.example/key" },
    });
    expect(report.findings.filter(({ check }) => check === "schedules/ran").map(({ status }) => status)).toEqual(
      Array.from({ length: SCHEDULES }, () => "unknown"),
    );
    expect(world.aws).toEqual([]);
  });

  it("does not send anybody to start what may well have run", async () => {
    const lost = () => "lost" as const;
    const { report } = await judged({ onAws: lost });
    expect(report.findings[0]).toMatchObject({ status: "unknown", remedy: expect.not.stringContaining("gh workflow") });
  });

  it("does not take another account's silence for ours", async () => {
    const { report } = await judged({ seed: SCHEDULES_POLICY.replace("111122223333", "999922223333") });
    expect(report.findings[0]).toMatchObject({ status: "unknown", message: expect.stringContaining("999922223333") });
  });

  it("needs schedules to judge", async () => {
    await expect(judged({ policy: POLICY })).rejects.toMatchObject({
      kind: "config",
      hint: expect.stringContaining("heartbeat:"),
    });
  });
});
