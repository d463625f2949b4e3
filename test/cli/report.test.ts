/** `--report`: the same result in files, in every ending that a run can have. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { reportFile } from "../../src/adapters/report-file.ts";
import { lastLine, POLICY_VARIABLES, type RunOptions, run } from "./host.ts";

const FORMATS = { txt: "text", json: "json", md: "markdown", xml: "junit", prom: "openmetrics" };
const STALE = ["backup", "verify", "--sandbox", "stale", "--only", "snapshot-age"];
const ALL = Object.keys(FORMATS).flatMap((ending) => ["--report", `r.${ending}`]);

describe("a report file", () => {
  test("holds what stdout has in its format, beside any other", async () => {
    const { reports, stdout } = await run([...STALE, ...ALL]);
    expect([...reports.keys()]).toEqual(Object.keys(FORMATS).map((ending) => `r.${ending}`));
    expect(reports.get("r.txt")).toBe(stdout);
    for (const [ending, format] of Object.entries(FORMATS)) {
      const alone = await run([...STALE, "--format", format]);
      const same = (text = "") => text.replaceAll(/,report="r"/g, "");
      expect(same(reports.get(`r.${ending}`)), format).toBe(alone.stdout);
    }
  });

  test("has no colour and its own width, however wide and colourful the terminal is", async () => {
    const argv = ["backup", "list", "--sandbox"];
    const plain = await run(argv);
    const wide = await run([...argv, "--report", "r.txt"], { columns: 200, env: { FORCE_COLOR: "1" } });
    expect(wide.stdout).not.toBe(plain.stdout);
    expect(wide.reports.get("r.txt")).toBe(plain.stdout);
  });

  test("is had of lists and of what is printed as it is, too", async () => {
    for (const command of ["backup list --sandbox", "config show"])
      for (const [ending, format] of [
        ["txt", "text"],
        ["json", "json"],
        ["md", "markdown"],
      ] as const) {
        const argv = [...command.split(" "), "--format", format, "--report", `r.${ending}`];
        const { stdout, reports } = await run(argv, { env: POLICY_VARIABLES });
        expect(reports.get(`r.${ending}`)).toBe(stdout);
      }
  });

  test("may have a comma in its name, which is no two of them", async () => {
    expect([...(await run([...STALE, "--report", "a,b.md"])).reports.keys()]).toEqual(["a,b.md"]);
  });
});

describe("a run that ends with an error", () => {
  const ended: readonly (RunOptions & { readonly command: string; readonly exitCode: number })[] = [
    { command: "backup verify nobody --sandbox", exitCode: 64 },
    { command: "backup verify", exitCode: 2, env: POLICY_VARIABLES },
    { command: "backup verify --config nowhere.yaml", exitCode: 64 },
    { command: "backup verify --sandbox", exitCode: 130, interrupted: AbortSignal.abort() },
    { command: "backup verify --no-such-flag", exitCode: 64 },
    { command: "backup verfy", exitCode: 64 },
  ];
  test.each(ended)("says so in every file: $command, $exitCode", async ({ command, exitCode, ...options }) => {
    const ran = await run([...command.split(" "), ...ALL], options);
    expect(ran.exitCode).toBe(exitCode);
    const [message = ""] = /(?<=^error: ).*$/m.exec(ran.stderr) ?? [];
    expect(message).not.toBe("");
    expect(JSON.parse(ran.reports.get("r.json") ?? "")).toMatchObject({ kind: "error", exitCode, error: { message } });
    expect(ran.reports.get("r.txt")).toContain(`error: ${message}\n`);
    expect(lastLine(ran.reports.get("r.txt") ?? "")).toBe(lastLine(ran.stderr));
    expect(ran.reports.get("r.md")).toMatch(
      new RegExp(`: ERROR( in the sandbox)?\n[\\s\\S]*\\(exit ${exitCode}\\)\\*\\*\n$`),
    );
    expect(ran.reports.get("r.xml")).toMatch(/tests="1" failures="0" errors="1"[\s\S]*<error message="/);
    expect(ran.reports.get("r.prom")).toMatch(new RegExp(`_run_exit_code\\{.*\\} ${exitCode}\n# EOF\n$`));
    for (const text of ran.reports.values()) expect(/sandbox/i.test(text)).toBe(command.includes("--sandbox"));
  });
});

describe("what cannot be written is found before anything is asked", () => {
  const nobodyAsked: RunOptions = {
    reportFile,
    open: () => {
      throw new Error("something was asked");
    },
  };
  test.each([
    ["r.pdf", 'the name "r.pdf" does not say in which format'],
    ["r", 'the name "r" does not say in which format'],
    [".json", 'the name ".json" does not say in which format'],
    ["r.JSON", 'the name "r.JSON" does not say in which format'],
    ["/dev/null", 'the name "/dev/null" does not say in which format'],
    ["-", 'the name "-" does not say in which format'],
    ["nowhere/r.json", "nowhere/r.json cannot be written: there is no such folder (ENOENT)"],
    ["/proc/r.json", "/proc/r.json cannot be written: there is no such folder (ENOENT)"],
  ])("%s", async (path, why) => {
    const ran = await run(["backup", "verify", "--report", path], nobodyAsked);
    expect(ran.exitCode).toBe(64);
    expect(ran.stderr).toMatch(/^error: --report: /);
    expect(ran.stderr).toContain(why);
    expect(ran.stderr.split(why)).toHaveLength(2);
  });

  test.each(["list", "watch core 0123456789abcdef01234567"])("a form that backup %s has not", async (verb) => {
    const isList = verb === "list";
    for (const path of ["r.xml", "r.prom"]) {
      const ran = await run(["backup", ...verb.split(" "), "--sandbox", "--report", path]);
      expect(ran.stderr.includes(`judges nothing, so it has no`)).toBe(isList);
    }
  });

  test.each([
    "config check --config policy.json --report policy.json",
    "config init policy.json --report=policy.json",
    "restore pitr core --at=1h --to x --plan-file=plan.json --report plan.json",
    "restore pitr core --at=1h --to x --plan-file=plan.json --report .//plan.json",
  ])("what is named for something else, which it would replace: %s", async (command) => {
    const ran = await run(command.split(" "));
    expect(ran.exitCode).toBe(64);
    expect(ran.stderr).toMatch(/^error: --report: [./]*\w+\.json is named for something else, too$/m);
    expect(ran.reports.size).toBe(0);
  });

  test("the same file twice, by whatever name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "litally-ops-report-"));
    const [one, other] = [join(folder, "r.json"), `${folder}/./r.json`];
    const ran = await run([...STALE, "--report", one, "--report", other], nobodyAsked);
    expect(ran.stderr).toContain(`error: --report: ${one} and ${other} are the same file\n`);
    expect(JSON.parse(readFileSync(one, "utf8"))).toMatchObject({ kind: "error", exitCode: 64 });
    rmSync(folder, { recursive: true });
  });
});

describe("what cannot be written at the end", () => {
  const full: RunOptions = {
    reportFile: async (path) => ({
      at: path,
      write: () => Promise.reject(new Error("no space left, says a-secret-word")),
    }),
    env: { AWS_SECRET_ACCESS_KEY: "a-secret-word" },
  };
  test("makes of a run that is well one that was not told", async () => {
    for (const format of ["text", "json"]) {
      const ran = await run(["backup", "verify", "--sandbox", "--format", format, "--report", "r.json"], full);
      expect(ran.exitCode).toBe(2);
      expect(ran.stdout).toContain(format === "json" ? '"exitCode": 2' : "(exit 2)");
      expect(ran.stderr).toMatch(/error: no space left, says \[redacted\]\nverdict: UNKNOWN - not told \(exit 2\)\n$/);
    }
  });

  test("changes nothing about any other verdict, and is told", async () => {
    const ran = await run([...STALE, "--report", "r.json"], full);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).toContain("error: no space left");
    const error = await run(["backup", "verify", "nobody", "--sandbox", "--report", "r.json"], full);
    expect(error.exitCode).toBe(64);
    expect(error.stderr).toMatch(/error: no space left[\s\S]*\nverdict: ERROR - wrong flags or policy \(exit 64\)\n$/);
  });
});
