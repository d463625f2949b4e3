/** Under GitHub Actions: annotations on stderr, the report in the step's summary, and a verdict that both leave alone. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { appendFile } from "../../src/adapters/files.ts";
import { annotations, fitted } from "../../src/cli/github.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Finding } from "../../src/core/report.ts";
import { POLICY_VARIABLES, type Ran, type RunOptions, run } from "./host.ts";

const folder = mkdtempSync(join(tmpdir(), "litally-ops-github-"));
afterAll(() => rmSync(folder, { recursive: true }));

const ACTIONS = { GITHUB_ACTIONS: "true" };
type Opens = NonNullable<RunOptions["open"]>;
const STALE = ["backup", "verify", "--sandbox", "stale"];

function finding(given: Partial<Finding> = {}): Finding {
  return { check: "a/b", title: "t", subject: "cluster/x", status: "fail", message: "m", ...given };
}

describe("a summary", () => {
  test("that GitHub would not show is cut between the worst and the verdict", () => {
    const lines = Array.from({ length: 40_000 }, (_, index) => `| FAIL | check-${index} | ${"ü".repeat(20)} |`);
    const shown = fitted(`${["## backup verify: FAIL", ...lines, "**verdict: FAIL (exit 1)**"].join("\n")}\n`);
    expect(Buffer.byteLength(shown)).toBeLessThan(2 ** 20);
    expect(Buffer.byteLength(shown)).toBeGreaterThan(900_000);
    const kept = shown.split("\n");
    const left = /^(\d+) more lines/.exec(kept.at(-4) ?? "")?.[1];
    expect([kept[0], kept[1], kept.at(-2)]).toEqual(["## backup verify: FAIL", lines[0], "**verdict: FAIL (exit 1)**"]);
    expect(kept.filter((line) => line.startsWith("|")).length + Number(left)).toBe(lines.length);
  });

  test("that it shows stays as it is", () => expect(fitted("a\nb\n")).toBe("a\nb\n"));
});

describe("annotations", () => {
  test("escape what would end or split them", () => {
    const hostile = finding({ subject: "cluster/a:b,c%", message: "50 %,\r\nfor: this", remedy: "do::it\nnow" });
    expect(annotations({ findings: [hostile] })).toEqual([
      "::error title=a/b cluster/a%3Ab%2Cc%25::50 %25,%0D%0Afor: this%0Aremedy: do::it%0Anow",
    ]);
  });

  test.each([
    ["pass", []],
    ["warn", ["::warning title=a/b cluster/x::m"]],
    ["fail", ["::error title=a/b cluster/x::m"]],
    ["unknown", ["::error title=a/b cluster/x::m"]],
  ] as const)("%s", (status, lines) => expect(annotations({ findings: [finding({ status })] })).toEqual(lines));

  test("what is waived is a notice, with who answers for it", () => {
    const waiver = { found: "fail", until: "2026-12-31", leftDays: 1, reason: "it: moves", owner: "anna" } as const;
    expect(annotations({ findings: [finding({ status: "waived", waiver, remedy: "r" })] })).toEqual([
      "::notice title=a/b cluster/x::m%0Aa failure, waived until 2026-12-31 (1 day left) by anna: it: moves%0Aremedy: r",
    ]);
  });

  test("tell one cause of one subject once", () => {
    const findings = [
      finding({ remedy: "r" }),
      finding({ check: "a/c", scope: "daily", remedy: "r" }),
      finding({ check: "a/d", remedy: "another" }),
      finding({ subject: "cluster/y", remedy: "r" }),
    ];
    expect(annotations({ findings })).toEqual([
      "::error title=a/b and 1 more cluster/x::m%0Achecks: a/b, a/c (daily)%0Aremedy: r",
      "::error title=a/d cluster/x::m%0Aremedy: another",
      "::error title=a/b cluster/y::m%0Aremedy: r",
    ]);
  });

  test.each([
    ["backup verify --sandbox stale", 2],
    ["backup verify --sandbox forbidden-snapshots", 2],
    ["backup list --sandbox forbidden-snapshots", 1],
    ["backup list --sandbox", 0],
  ])("stand on stderr only: %s", async (command, count) => {
    const ran = await run([...command.split(" "), "--json"], { env: ACTIONS });
    expect(ran.stderr.match(/^::/gm) ?? []).toHaveLength(count);
    expect(ran.stdout).not.toMatch(/^::/m);
  });

  test("of a policy stand where its problems are", async () => {
    const file = "test/cli/policies/bad.yaml";
    const ran = await run(["backup", "verify", "--config", file], { env: ACTIONS });
    const places = [
      ...ran.stderr.matchAll(/^::error file=(.*?),line=(\d+),col=(\d+),title=litally-ops backup verify::/gm),
    ];
    const told = [...ran.stderr.matchAll(/^(test\/cli\/policies\/bad.yaml):(\d+):(\d+): /gm)];
    expect(told.length).toBeGreaterThan(1);
    expect(places.map(([, ...place]) => place)).toEqual(told.map(([, ...place]) => place));
  });

  test.each([
    ["backup verify", POLICY_VARIABLES, "::error title=litally-ops backup verify::no credentials for Atlas"],
    ["backup verfy", {}, "::error title=litally-ops backup verfy::unknown command"],
    ["", {}, "::error title=litally-ops::no command given"],
  ])("tell of a run without a result: %s", async (command, env, line) => {
    const ran = await run(command.split(" ").filter(Boolean), { env: { ...env, ...ACTIONS } });
    expect(ran.stderr.split("\n").filter((one) => one.startsWith("::"))).toEqual([expect.stringContaining(line)]);
  });

  test("do not tell of an interruption", async () => {
    const ran = await run(STALE, { env: ACTIONS, interrupted: AbortSignal.abort() });
    expect(ran.exitCode).toBe(130);
    expect(ran.stderr).not.toContain("::");
  });

  test("only under GitHub Actions", async () => {
    const ran = await run(STALE, { env: { GITHUB_STEP_SUMMARY: "summary.md" } });
    expect(ran.stderr).not.toContain("::");
    expect(ran.appended.size).toBe(0);
  });
});

describe("words that came from outside", () => {
  const COMMANDS = ["::error title=x::y", "  ::add-mask::a", "\u00a0::stop-commands::b", "c ##[error]d", "##[group]e"];
  const FOREIGN = COMMANDS.join("\n");
  /** What the runner would obey. */
  const obeyed = ({ stdout, stderr }: Ran) =>
    `${stdout}${stderr}`.split("\n").filter((line) => /^\s*::|##\[/.test(line));

  const says =
    (status: Finding["status"]): Opens =>
    (session) => ({
      ...session,
      context: {
        ...session.context,
        policy: async () => {
          session.context.progress.phase(FOREIGN);
          session.context.progress.note(FOREIGN);
          const loaded = await session.context.policy();
          if (status === "unknown") throw new OpsError("config", FOREIGN, { hint: FOREIGN });
          return { ...loaded, file: FOREIGN };
        },
      },
    });

  test.each(["text", "json", "markdown", "junit", "openmetrics"])("are no commands as %s", async (format) => {
    for (const status of ["pass", "unknown"] as const) {
      const argv = ["config", "check", "--format", format];
      const told = await run(argv, { env: { ...POLICY_VARIABLES, ...ACTIONS }, open: says(status) });
      const own = (line: string) => line.startsWith("::error title=litally-ops config check::");
      expect(obeyed(told).filter((line) => !own(line))).toEqual([]);
      expect(obeyed(await run(argv, { env: POLICY_VARIABLES, open: says(status) })).length).toBeGreaterThan(4);
      if (format === "json") expect(JSON.stringify(JSON.parse(told.stdout))).toContain("##[group]e");
    }
  });

  test("where text is wrapped neither", async () => {
    const file = `${"x".repeat(60)} ::error::y`;
    const open: Opens = (session) => ({
      ...session,
      context: { ...session.context, policy: async () => ({ ...(await session.context.policy()), file }) },
    });
    const told = await run(["doctor", "--sandbox"], { env: ACTIONS, open });
    expect(told.stdout).toMatch(/^ +: :error::y/m);
  });
});

describe("the step's summary", () => {
  const env = (summary: string) => ({ ...ACTIONS, GITHUB_STEP_SUMMARY: summary });

  test("is the markdown report, after what is there", async () => {
    const summary = join(folder, "summary.md");
    await appendFile(summary, "before\n");
    for (const format of ["text", "json"])
      await run([...STALE, "--format", format], { env: env(summary), append: appendFile });
    const { stdout } = await run([...STALE, "--format", "markdown"]);
    expect(readFileSync(summary, "utf8")).toBe(`before\n${stdout}${stdout}`);
  });

  test("tells of a run without a result", async () => {
    const ran = await run(["backup", "verify", "--config", "test/cli/policies/bad.yaml"], { env: env("summary.md") });
    const summary = ran.appended.get("summary.md") ?? "";
    expect(summary).toMatch(/^## litally-ops backup verify: ERROR\n\n- /);
    expect(summary).toMatch(/\n\n\*\*verdict: ERROR - wrong flags or policy \(exit 64\)\*\*\n$/);
  });

  test("tells what could not be listed", async () => {
    const ran = await run(["backup", "list", "--sandbox", "forbidden-snapshots"], { env: env("summary.md") });
    expect(ran.appended.get("summary.md")).toContain("| UNKNOWN | backup/readable |");
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
