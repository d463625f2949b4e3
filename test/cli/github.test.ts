/** Under GitHub Actions: annotations on stderr, the report in the step's summary, and a verdict that both leave alone. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { appendFile } from "../../src/adapters/files.ts";
import { annotations } from "../../src/cli/github.ts";
import type { Finding, Report } from "../../src/core/report.ts";
import { NOW, run } from "./host.ts";

const folder = mkdtempSync(join(tmpdir(), "litally-ops-github-"));
afterAll(() => rmSync(folder, { recursive: true }));

const STALE = ["backup", "verify", "--sandbox", "stale"];

function report(finding: Partial<Finding>): Report {
  const whole = { check: "a/b", title: "t", subject: "cluster/x", status: "fail" as const, message: "m", ...finding };
  return { kind: "report", command: "x", environment: "x", observedAt: NOW, findings: [whole] };
}

describe("annotations", () => {
  test("escape what would end or split them", () => {
    const finding = { subject: "cluster/a:b,c%", message: "50 %,\r\nfor: this", remedy: "do::it\nnow" };
    expect(annotations(report(finding))).toEqual([
      "::error title=a/b cluster/a%3Ab%2Cc%25::50 %25,%0D%0Afor: this%0Aremedy: do::it%0Anow",
    ]);
  });

  test.each([
    ["pass", []],
    ["warn", ["::warning title=a/b cluster/x::m"]],
    ["fail", ["::error title=a/b cluster/x::m"]],
    ["unknown", ["::error title=a/b cluster/x::m"]],
  ] as const)("%s", (status, lines) => expect(annotations(report({ status }))).toEqual(lines));

  test("stand on stderr only, one for each finding that is not well", async () => {
    const ran = await run([...STALE, "--json"], { env: { GITHUB_ACTIONS: "true" } });
    const findings = (JSON.parse(ran.stdout) as { findings: Finding[] }).findings.filter(
      ({ status }) => status !== "pass",
    );
    expect(findings.length).toBeGreaterThan(0);
    expect(ran.stderr.split("\n").filter((line) => line.startsWith("::"))).toHaveLength(findings.length);
  });

  test("only under GitHub Actions", async () => {
    const ran = await run(STALE, { env: { GITHUB_STEP_SUMMARY: "summary.md" } });
    expect(ran.stderr).not.toContain("::");
    expect(ran.appended.size).toBe(0);
  });
});

describe("the step's summary", () => {
  const env = (summary: string) => ({ GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: summary });

  test("is the markdown report, after what is there", async () => {
    const summary = join(folder, "summary.md");
    await appendFile(summary, "before\n");
    for (const format of ["text", "json"])
      await run([...STALE, "--format", format], { env: env(summary), append: appendFile });
    const { stdout } = await run([...STALE, "--format", "markdown"]);
    expect(readFileSync(summary, "utf8")).toBe(`before\n${stdout}${stdout}`);
  });

  test.each([
    ["healthy", 0],
    ["stale", 1],
    ["unknown-status", 2],
  ])("that cannot be written is told, and %s stays %i", async (world, exitCode) => {
    const argv = ["backup", "verify", "--sandbox", world, "--json"];
    const ran = await run(argv, { env: env(folder), append: appendFile });
    expect(ran.exitCode).toBe(exitCode);
    expect(JSON.parse(ran.stdout)).toMatchObject({ kind: "report" });
    expect(ran.stderr).toContain(`warning: no step summary: ${folder} cannot be written (EISDIR)\n`);
  });

  test("that has no name is none", async () => {
    expect((await run(STALE, { env: env("") })).appended.size).toBe(0);
  });
});
