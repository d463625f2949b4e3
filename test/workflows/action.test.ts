/** The action's own scripts: what they take, what they install, and what they make of how a run ends. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { folderOf } from "../../scripts/action/folder.mts";
import { readInputs } from "../../scripts/action/inputs.mts";
import { outcomeOf } from "../../scripts/action/outcome.mts";
import { EXIT_CODES } from "../../src/cli/exit-code.ts";

const ROOT = join(import.meta.dirname, "../..");

describe("inputs", () => {
  const read = (more: Readonly<Record<string, string>>) => readInputs({ INPUT_COMMAND: "backup verify", ...more });

  test("are words, one a line, whatever stands in them", () => {
    const hostile = ["--only=a b", "  $(touch /tmp/x)  ", "", '"; rm -rf /', "`id`", "--config=x\r"].join("\n");
    expect(read({ INPUT_ARGS: hostile }).words).toEqual([
      ...["backup", "verify", "--only=a b", "$(touch /tmp/x)", '"; rm -rf /', "`id`", "--config=x"],
    ]);
  });

  test.each(["", " ", "backup; ls", "--sandbox", "backup verify --sandbox", "Backup Verify", "a b c d", "$(id)"])(
    "name a command and nothing else: %j",
    (command) => expect(() => readInputs({ INPUT_COMMAND: command })).toThrow(/^command: /),
  );

  test("make a warning of no exit code that asks for a person, or says that nothing was checked", () => {
    const codes = [...Object.keys(EXIT_CODES), "137", "-1", "x", "1-5"];
    const isTaken = (code: string) => {
      try {
        return read({ INPUT_WARN_ON: code }).warnOn.has(Number(code));
      } catch {
        return false;
      }
    };
    expect(codes.filter(isTaken)).toEqual(["1", "2", "3", "5"]);
    expect([...read({ INPUT_WARN_ON: "1, 5\n3" }).warnOn]).toEqual([1, 5, 3]);
  });

  test.each([
    { INPUT_PACKAGE: "a.tgz" },
    { INPUT_INTEGRITY: "sha512-YQ==" },
    { INPUT_PACKAGE: "a.tgz", INPUT_INTEGRITY: "md5-YQ==" },
    { INPUT_PACKAGE: "a.tgz", INPUT_INTEGRITY: "sha512-" },
  ])("take a package with its integrity alone: %o", (given) => expect(() => read(given)).toThrow(/belong together/));
});

describe("an end", () => {
  const command = "backup verify";
  const report = (exitCode: number, more: object = {}) => ({
    kind: "report",
    command,
    exitCode,
    status: "pass",
    ...more,
  });
  const end = (exitCode: number, told: unknown, warnOn: readonly number[] = []) =>
    outcomeOf({ command, exitCode, report: told }, new Set(warnOn));

  test.each([
    [0, { status: "warn" }, "warn"],
    [0, { status: "waived" }, "waived"],
    [1, { status: "fail" }, "fail"],
    [2, { status: "unknown" }, "unknown"],
    [0, { change: { state: "running" } }, "running"],
    [4, { change: { state: "running" }, status: "fail" }, "failed"],
    [0, { change: { state: "done" } }, "pass"],
    [3, { change: { state: "declined" } }, "declined"],
    [4, { change: { state: "failed" } }, "failed"],
    [5, { change: { state: "planned" } }, "planned"],
    [64, { kind: "error", status: undefined }, "error"],
    [2, { kind: "error", status: undefined }, "unknown"],
    [0, { kind: "list", status: undefined }, "pass"],
    [0, { status: "pass\nexit-code=0" }, "pass"],
  ])("by %i and %o is %s, and the step ends with the same", (exitCode, more, status) =>
    expect(end(exitCode, report(exitCode, more))).toEqual({ status, exitCode }),
  );

  test("that may be a warning is told as one, and keeps its status", () => {
    expect(end(5, report(5, { change: { state: "planned" } }), [5])).toMatchObject({
      status: "planned",
      exitCode: 0,
      tell: { level: "warning" },
    });
  });

  test.each([
    ["no report", undefined],
    ["no object", ["report"]],
    ["of another command", { ...report(1), command: "alarms audit" }],
    ["of another end", report(0)],
  ])("of which the report is none (%s) always fails: a crash has the exit code of a finding", (_, told) => {
    for (const exitCode of [0, 1, 2, 137, 139]) {
      const {
        exitCode: own,
        status,
        tell,
      } = end(exitCode, exitCode === 0 && _ === "of another end" ? report(1) : told, [1, 2]);
      expect([own !== 0, status, tell?.level]).toEqual([true, "unknown", "error"]);
    }
  });

  test("that nobody has mapped fails, whatever it is", () => {
    for (const exitCode of [1, 2, 3, 4, 5, 64, 70, 130, 255])
      expect(end(exitCode, report(exitCode), [5]).exitCode).toBe(exitCode === 5 ? 0 : exitCode);
  });
});

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "litally-ops-action-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

/** A step's script, with what the runner gives it. */
function step(script: string, env: Readonly<Record<string, string>>) {
  const output = join(folder, "output");
  writeFileSync(output, "");
  const all = {
    PATH: `${join(folder, "bin")}:${dirname(process.execPath)}:/usr/bin:/bin`,
    HOME: folder,
    ACTION_PATH: ROOT,
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: output,
    GITHUB_WORKSPACE: folder,
    INPUT_COMMAND: "backup verify",
    NODE_COMPILE_CACHE: join(tmpdir(), "litally-ops-compiled"), // to strip types takes longer than all the rest
    ...env,
  };
  const { status, stdout, stderr } = spawnSync("node", [join(ROOT, "scripts/action", script)], {
    env: all,
    encoding: "utf8",
  });
  return { exitCode: status, stdout, stderr, output: readFileSync(output, "utf8") };
}

describe("the run", () => {
  /** In place of litally-ops: ends as it is told, and writes down what it was given. */
  function standIn(script: string) {
    const bin = join(folder, "installed/node_modules/litally-ops/bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(bin, "litally-ops.js"),
      `const file = process.argv.find((word) => word.endsWith(".json"));\n${script}`,
    );
  }
  const SAYS = `(more) => require("node:fs").writeFileSync(file, JSON.stringify({ kind: "report", command: "backup verify", ...more }))`;
  const run = (env: Readonly<Record<string, string>> = {}) =>
    step("run.mts", { FOLDER: join(folder, "installed"), ...env });

  test("hands each argument on as it is, and no input beside", () => {
    standIn(`(${SAYS})({ exitCode: 0, status: "pass", argv: process.argv.slice(2), env: Object.keys(process.env) })`);
    const { exitCode, output } = run({ INPUT_ARGS: "--only\na b; $(id)" });
    const outputs = Object.fromEntries(
      output
        .trimEnd()
        .split("\n")
        .map((line) => line.split("=")),
    );
    expect([exitCode, outputs]).toMatchObject([0, { status: "pass", "exit-code": "0" }]);
    const { argv, env } = JSON.parse(readFileSync(outputs.report, "utf8"));
    expect(argv.slice(0, 4)).toEqual(["backup", "verify", "--only", "a b; $(id)"]);
    expect(env.filter((name: string) => name.startsWith("INPUT_"))).toEqual([]);
  });

  test("of which nothing is known fails: a crash, a kill, a program that is not there", () => {
    standIn("throw new Error('boom')");
    expect(run({ INPUT_WARN_ON: "1" })).toMatchObject({
      exitCode: 1,
      stdout: expect.stringMatching(/^::error title=litally-ops::it ended with 1 and left no report/m),
      output: expect.stringContaining("status=unknown\nexit-code=1\n"),
    });
    standIn("process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000)");
    expect(run({ INPUT_WARN_ON: "1" })).toMatchObject({ exitCode: 137 });
    standIn("");
    expect(run()).toMatchObject({ exitCode: 2, output: expect.stringContaining("status=unknown\nexit-code=0\n") });
    rmSync(join(folder, "installed"), { recursive: true });
    expect(run({ INPUT_WARN_ON: "1" }).exitCode).toBe(1);
  });

  test("warns where that was asked for, and says of what", () => {
    standIn(`(${SAYS})({ exitCode: 5, change: { state: "planned" } }); process.exitCode = 5`);
    expect(run()).toMatchObject({ exitCode: 5, output: expect.stringContaining("status=planned\nexit-code=5\n") });
    const warned = run({ INPUT_WARN_ON: "5" });
    expect(warned).toMatchObject({ exitCode: 0, output: expect.stringContaining("status=planned\nexit-code=5\n") });
    expect(warned.stdout).toMatch(/^::warning title=litally-ops::backup verify ended with 5 \(planned\)/m);
  });

  test("hands a stop on, and waits for what the program says of it", () => {
    standIn(`process.on("SIGINT", () => { (${SAYS})({ exitCode: 130 }); process.exit(130); });
      process.kill(process.ppid, "SIGINT"); setTimeout(() => process.exit(9), 20_000)`);
    expect(run()).toMatchObject({ exitCode: 130, output: expect.stringContaining("exit-code=130\n") });
  });

  test("does not begin with inputs that are wrong", () => {
    const { exitCode, stdout } = run({ INPUT_COMMAND: "x;y\n::error::z" });
    expect([exitCode, stdout.split("\n").length]).toEqual([64, 2]);
    expect(step("place.mts", { INPUT_WARN_ON: "70" })).toMatchObject({ exitCode: 64, output: "" });
  });
});

describe("installing", () => {
  const SECRETS = { MONGODB_ATLAS_CLIENT_SECRET: "s3cret-of-atlas", AWS_SECRET_ACCESS_KEY: "s3cret-of-aws" };
  const places = () => ({ FOLDER: join(folder, "installed"), DOWNLOADS: join(folder, "downloads") });

  test("takes the very package that is pinned, needs no network, and is done once for a job", () => {
    const made = join(folder, "package");
    mkdirSync(join(made, "bin"), { recursive: true });
    writeFileSync(join(made, "package.json"), '{ "name": "litally-ops", "version": "1.2.3" }');
    writeFileSync(join(made, "bin/litally-ops.js"), "");
    const file = "litally-ops-1.2.3.tgz";
    spawnSync("tar", ["-czf", file, "package"], { cwd: folder });
    const integrity = `sha512-${createHash("sha512")
      .update(readFileSync(join(folder, file)))
      .digest("base64")}`;
    const env = { INPUT_PACKAGE: file, INPUT_INTEGRITY: integrity, npm_config_registry: "http://127.0.0.1:9/" };
    const FOLDER = folderOf(folder, ROOT, { file, integrity });
    expect(step("place.mts", env).output).toContain(`folder=${FOLDER}\ninstall=true\nbuild=false\n`);

    const altered = step("install.mts", {
      ...env,
      ...places(),
      FOLDER,
      INPUT_INTEGRITY: integrity.replace(/-./, "-_"),
    });
    expect(altered.exitCode).toBe(64);
    const other = step("install.mts", { ...env, ...places(), FOLDER, INPUT_INTEGRITY: "sha512-YQ==" });
    expect([other.exitCode, other.stdout]).toEqual([64, expect.stringContaining("is not the package that is pinned")]);
    expect(existsSync(FOLDER)).toBe(false);

    const { exitCode, stdout, stderr } = step("install.mts", { ...env, ...places(), FOLDER });
    expect(exitCode, stdout + stderr).toBe(0);
    expect(step("place.mts", env).output).toContain("install=false\nbuild=false\n");
    expect(existsSync(join(FOLDER, "node_modules/litally-ops/bin/litally-ops.js"))).toBe(true);
  });

  /** In place of npm: writes down how it was called, and with what. */
  function npm(script = "") {
    mkdirSync(join(folder, "bin"));
    const log = join(folder, "npm.log");
    const code = `#!/usr/bin/env bash\necho "$PWD|$*|$(env | cut -d = -f 1 | sort | tr '\\n' ' ')|$(env)" >> ${log}\n${script}\n[ "$1" != pack ] || touch "\${@: -1}/litally-ops-0.1.0.tgz"\n`;
    writeFileSync(join(folder, "bin/npm"), code);
    chmodSync(join(folder, "bin/npm"), 0o755);
    return () => readFileSync(log, "utf8");
  }

  test("builds from the action's own commit, with no script of others and no secret of the job", () => {
    const log = npm();
    const { exitCode, stderr } = step("install.mts", { ...places(), ...SECRETS, HTTPS_PROXY: "http://127.0.0.1:8" });
    expect(exitCode, stderr).toBe(0);
    const calls = [...log().matchAll(/^(\/[^|\n]*)\|([^|\n]*)\|([^|\n]*)\|/gm)].map(([, cwd, args, names]) => ({
      cwd,
      args,
      names,
    }));
    const source = join(folder, "installed-work/source");
    expect(calls.map(({ cwd, args }) => [cwd === source, args?.split(" ")[0]])).toEqual([
      [true, "ci"],
      [true, "run"],
      [true, "pack"],
      [false, "install"],
    ]);
    for (const { args } of calls) if (!args?.startsWith("run")) expect(args).toContain("--ignore-scripts");
    expect(calls[3]?.args).toContain("--offline");
    expect(calls[0]?.names).toContain("HTTPS_PROXY ");
    expect(log()).not.toMatch(/s3cret|GITHUB_OUTPUT|INPUT_/);
    for (const name of ["package-lock.json", ".npmrc", "src", "bin", "docs"])
      expect(existsSync(join(source, name))).toBe(true);
    for (const name of ["node_modules", ".git", "test"]) expect(existsSync(join(source, name))).toBe(false);
  });

  test("that does not end well fails the step", () => {
    npm("exit 1");
    const { exitCode, stdout } = step("install.mts", places());
    expect([exitCode, stdout]).toEqual([
      70,
      expect.stringMatching(/^::error .*npm ci ended with 1.*nothing was checked/),
    ]);
  });
});
