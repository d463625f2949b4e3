/** The program as users start it: as a process, with signals, pipes, old versions of Node and a sandbox next door. */
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { runInNewContext } from "node:vm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/grammar.ts";
import { helpFor } from "../../src/cli/help.ts";
import { simpleAnswer } from "../../src/cli/simple.ts";
import { type Built, bareEnv, build, ROOT, runFile, start, startFile } from "./built.ts";
import { lastLine } from "./host.ts";

let built: Built;
beforeAll(() => {
  built = build();
});
afterAll(() => built.remove());

const node = process.execPath;
const ops = (args: readonly string[], env = bareEnv()) => runFile(node, [built.bin, ...args], { env });
const shell = (script: string) =>
  runFile("bash", ["-o", "pipefail", "-c", script], { env: bareEnv({ NODE: node, BIN: built.bin }) });
const warning = (world: string) => `warning: SANDBOX (world ${world}): a rehearsal, not your accounts\n`;
const packageJson: unknown = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

const { version } = packageJson as { readonly version: string }; // the test of it looks

describe("as a process", () => {
  test("says its version", async () => {
    expect(packageJson).toMatchObject({ version: expect.any(String) });
    expect(await ops(["--version"])).toEqual({ exitCode: 0, stdout: `litally-ops ${version}\n`, stderr: "" });
  });

  test.each([
    ["healthy", 0, "PASS"],
    ["stale", 1, "FAIL"],
    ["forbidden-schedule", 2, "UNKNOWN"],
  ])("judges the world %s: %i", async (world, exitCode, word) => {
    const ended = await ops(["backup", "verify", "--sandbox", world]);
    expect(ended).toMatchObject({ exitCode, stderr: `${warning(world)}reading backups of core\n` });
    expect(lastLine(ended.stdout)).toMatch(new RegExp(`^verdict: ${word} in the sandbox - .*\\(exit ${exitCode}\\)$`));
  });

  test("works in a folder without a policy, by the one that came with it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "litally-ops-empty-"));
    const ended = await runFile(node, [built.bin, "backup", "verify", "--sandbox"], { cwd: folder, env: bareEnv() });
    const without = await runFile(node, [built.bin, "backup", "verify"], { cwd: folder, env: bareEnv() });
    rmSync(folder, { recursive: true });
    expect(ended.exitCode, ended.stderr).toBe(0);
    expect(without).toMatchObject({ exitCode: 64, stdout: "" });
  });
});

describe("version and help", () => {
  const nouns = COMMANDS.flatMap(({ name }) => name.split(" ").slice(0, 1));
  const names = [...new Set(["", "exit-codes", ...nouns, ...COMMANDS.map(({ name }) => name)])];

  /** What is answered before dist/main.js is loaded; this `answer` says whether it was. */
  const atOnce = (argv: readonly string[]) => {
    const script = "process.exitCode = require(process.argv[1]).answer(process.argv.slice(2)) ? 0 : 1";
    return runFile(node, ["-e", script, "--", join(built.folder, "bin/at-once.js"), ...argv]);
  };

  test("are all rendered by the build, as the grammar has them", async () => {
    const simple = `JSON.stringify(process.argv.slice(2).map((name) =>
      require(process.argv[1]).simpleAnswer(["help", ...name.split(" ")].filter((word) => word !== ""), "1.2.3")))`;
    const { stdout } = await runFile(node, ["-p", simple, "--", join(built.folder, "dist/simple.js"), ...names]);
    expect(JSON.parse(stdout)).toEqual(names.map((name) => helpFor(name.split(" ").filter((word) => word !== ""))));
  });

  test.each(["-V", "version", "help", "-h", "backup verify --only help -h", "--format text config show --help"])(
    "%s: at once, as the source answers",
    async (command) => {
      const words = command.split(" ");
      expect(await atOnce(words)).toEqual({ exitCode: 0, stdout: simpleAnswer(words, version), stderr: "" });
    },
  );

  test.each(["backup verify help", "help nothing", "backup verify -- --help"])("%s: not at once", async (command) => {
    expect(simpleAnswer(command.split(" "), version)).toBeUndefined();
    expect(await atOnce(command.split(" "))).toEqual({ exitCode: 1, stdout: "", stderr: "" });
  });

  test("come whole through a pipe, and a closed or a full one is no crash", async () => {
    expect(await shell('"$NODE" "$BIN" --help | cat')).toEqual({ exitCode: 0, stdout: helpFor([]), stderr: "" });
    expect(await shell('"$NODE" "$BIN" --help | true')).toEqual({ exitCode: 0, stdout: "", stderr: "" });
    expect(await shell('"$NODE" "$BIN" --help >&-')).toMatchObject({ exitCode: 0, stdout: "" });
    if (existsSync("/dev/full"))
      expect(await shell('"$NODE" "$BIN" --help > /dev/full')).toMatchObject({ exitCode: 2 });
  });
});

describe("the code kept by the build", () => {
  const verify = ["backup", "verify", "--sandbox", "--only", "snapshot-age"];
  const dist = (name: string) => join(built.folder, "dist", name);

  /** A run that says of each chunk whether V8 took its code. */
  async function taken() {
    const script =
      "require(process.argv[1]).start((file, code) => console.error(code.cachedDataRejected === false, file))";
    const ended = await runFile(node, ["-e", script, join(built.folder, "bin/precompiled.js"), ...verify]);
    expect(lastLine(ended.stdout)).toMatch(/^verdict: PASS/);
    return ended.stderr;
  }

  async function withChanged(name: string, change: (bytes: Buffer) => Uint8Array, run: () => Promise<void>) {
    const bytes = readFileSync(dist(name));
    writeFileSync(dist(name), change(Buffer.from(bytes)));
    await run();
    writeFileSync(dist(name), bytes);
  }

  test("is what a run starts from", async () => {
    const said = await taken();
    for (const chunk of [
      "main",
      "core",
      "parse",
      "session",
      "backup-verify",
      "zod",
      "load",
      "schema",
      "atlas",
      "judgement",
      "run-outcome",
    ])
      expect(said).toContain(`true ${chunk}.js\n`);
  });

  test("is left aside when one bit of it differs, or its source", async () => {
    const flip = (bytes: Buffer) => {
      const middle = bytes.length >> 1;
      return bytes.fill(bytes.readUInt8(middle) ^ 1, middle, middle + 1);
    };
    const leftAside = async () => expect(await taken()).toContain("false backup-verify.js\n");
    await withChanged("backup-verify.js.code", flip, leftAside);
    const otherwise = (bytes: Buffer) => Buffer.from(bytes.toString().replace("reading backups", "Reading backups"));
    await withChanged("backup-verify.js", otherwise, leftAside);
  });

  test("is left aside as a whole where it is cut short, not there, or of other flags", async () => {
    const cut = (bytes: Buffer) => bytes.subarray(0, bytes.length >> 1);
    const passes = async () => expect((await ops(verify)).exitCode).toBe(0);
    await withChanged("main.js.code", cut, passes);
    await withChanged("main.js.code", (bytes) => bytes.subarray(0, 0), passes);
    const ended = await runFile(node, ["--stack-size=900", built.bin, ...verify]);
    expect(ended.exitCode, ended.stderr).toBe(0);
  });
});

describe("signals and limits", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)("%s in the middle: 130", async (name) => {
    const report = join(built.folder, `${name}.json`);
    const running = start(built.bin, [
      "backup",
      "verify",
      "--sandbox",
      "--fault",
      "hang",
      "--json",
      "--report",
      report,
    ]);
    await running.said(/reading backups/);
    running.signal(name);
    const ended = await running.ended;
    expect(ended.exitCode, ended.stderr).toBe(130);
    expect(lastLine(ended.stderr)).toBe("verdict: INTERRUPTED - nothing was changed (exit 130)");
    expect(JSON.parse(ended.stdout)).toMatchObject({ kind: "error", error: { kind: "aborted" } });
    expect(readFileSync(report, "utf8")).toBe(ended.stdout);
  });

  test("--timeout: 2, and it says which limit it was", async () => {
    const ended = await ops(["backup", "verify", "--sandbox", "--fault", "hang", "--timeout", "1s"]);
    expect(ended.exitCode).toBe(2);
    expect(ended.stdout).toContain("could not find out: not done within --timeout (1 s)\n");
    expect(lastLine(ended.stdout)).toMatch(/^verdict: UNKNOWN in the sandbox - \d+ unknown \(exit 2\)$/);
  });
});

describe("a terminal", () => {
  const onTerminal = (size: string) => {
    const command = `${size}"${node}" "${built.bin}" backup verify --sandbox --fault slow=300 --only snapshot-age`;
    return runFile("script", ["-qec", command, "/dev/null"], { env: bareEnv({ TERM: "xterm" }) });
  };
  const hasScript = existsSync("/usr/bin/script");

  test.runIf(hasScript)("sees a spinner, which leaves nothing behind", async () => {
    const { stdout } = await onTerminal("stty cols 100; ");
    expect(stdout).toContain("\u001B[?25l");
    expect(stdout.lastIndexOf("\u001B[?25h")).toBeGreaterThan(stdout.lastIndexOf("\u001B[?25l"));
    expect(stdout).toMatch(/verdict: PASS in the sandbox - 1 passed \(exit 0\)/);
  });

  test.runIf(hasScript)("is told what Ctrl-C did, after the spinner has gone", async () => {
    const command = `stty cols 100; "${node}" "${built.bin}" backup verify --sandbox --fault hang`;
    const running = startFile("script", ["-qec", command, "/dev/null"], bareEnv({ TERM: "xterm" }));
    await running.said(/\[\?25l.*reading backups/);
    running.type("\u0003");
    const { exitCode, stdout } = await running.ended;
    expect(exitCode, stdout).toBe(130);
    expect(stdout).toMatch(
      /\[\?25herror: stopped while .*\r\nverdict: INTERRUPTED - nothing was changed \(exit 130\)\r\n/,
    );
  });

  test.runIf(hasScript)("without a size gets plain lines", async () => {
    const { stdout } = await onTerminal("stty cols 0; ");
    expect(stdout).toMatch(/^warning: .*\r\nreading backups of core\r\n/);
    expect(stdout).not.toContain("\u001B[?25l");
  });
});

describe("closed and full outputs", () => {
  test("| head -1: no crash, and the verdict is what it was", async () => {
    const listed = await shell('"$NODE" "$BIN" backup list --sandbox stale | head -1');
    expect(listed).toMatchObject({ exitCode: 0, stderr: `${warning("stale")}reading snapshots\n` });
    expect(listed.stdout).toMatch(/^SANDBOX .*\n$/);
    const unread = await shell('"$NODE" "$BIN" backup verify --sandbox stale | true');
    expect(unread).toEqual({ exitCode: 1, stdout: "", stderr: `${warning("stale")}reading backups of core\n` });
  });

  test("a stderr that nobody reads changes nothing", async () => {
    const unread = await shell('"$NODE" "$BIN" backup verify --sandbox stale 2>&1 >/dev/null | true');
    expect(unread.exitCode).toBe(1);
    expect((await shell('"$NODE" "$BIN" backup verify --sandbox stale 2>&-')).exitCode).toBe(1);
  });

  test.runIf(existsSync("/dev/full"))("a full disk is no verdict", async () => {
    const ended = await shell('"$NODE" "$BIN" backup verify --sandbox > /dev/full');
    expect(ended.exitCode).toBe(2);
    expect(ended.stderr).toContain("error: the result could not be written (ENOSPC)\n");
  });
});

describe("a user whom the machine does not know", () => {
  const stranger = { uid: 12_345, gid: 12_345, env: { PATH: process.env["PATH"] ?? "" }, cwd: "/" };
  /** Only root can become another, and only where another can reach Node. */
  const isRoot = process.getuid?.() === 0;
  const script = "require('node:os').homedir()";
  const canTry = isRoot && spawnSync(process.execPath, ["-e", script], stranger).status === 1;

  test.runIf(canTry).each([
    ["backup verify", 0],
    ["archive list", 0],
    ["backup snapshot core", 0],
  ])("with no home folder runs %s all the same", async (command, exitCode) => {
    chmodSync(built.folder, 0o755);
    const ended = await runFile(node, [built.bin, ...command.split(" "), "--sandbox"], stranger);
    expect(ended.exitCode, ended.stderr).toBe(exitCode);
  });
});

describe("a sandbox next door", () => {
  test("is found by its variables, and its clock is followed", async () => {
    // what is set where it is started does not count: other shells know the sandbox's own variables only
    const elsewhere = bareEnv({ ATLAS_PROJECT_ID: "65e1f0aabbccddeeff001122" });
    const served = start(built.bin, ["sandbox", "up", "--port", "0"], elsewhere);
    const said = await served.said(/then: litally-ops backup verify\n/);
    const printed = Object.fromEntries(
      [...said.matchAll(/^export (\w+)='(.*)'$/gm)].map(([, name, value]) => [name, value]),
    );
    const env = bareEnv(printed);
    const url = env["LITALLY_OPS_SANDBOX"] ?? "";
    expect(await ops(["backup", "verify"], env)).toMatchObject({ exitCode: 0 });

    const body = JSON.stringify({ advance: "40d" });
    expect((await fetch(`${url}/sandbox/clock`, { method: "POST", body })).status).toBe(200);
    expect(await ops(["backup", "verify"], env)).toMatchObject({ exitCode: 0 });
    const unaware = await ops(["backup", "verify"], { ...env, LITALLY_OPS_SANDBOX: "" });
    expect(unaware.exitCode).toBe(2);

    const second = await ops(["sandbox", "up", "--port", new URL(url).port]);
    expect(second).toMatchObject({ exitCode: 64, stdout: "" });
    expect(second.stderr).toContain(`error: the sandbox cannot listen on 127.0.0.1:${new URL(url).port}`);

    served.signal("SIGINT");
    expect(await served.ended).toMatchObject({ exitCode: 0, stdout: "stopped\n" });
    const gone = await ops(["backup", "verify"], env);
    expect(gone.exitCode).toBe(2);
    expect(gone.stderr).toContain(`error: no sandbox answers at ${url}\n`);
  });

  test("prints the same variables to a shell that has them", async () => {
    const first = await ops(["sandbox", "env", "--json"]);
    const { content } = JSON.parse(first.stdout) as { readonly content: Record<string, string> };
    expect(Object.keys(content)).toContain("MONGODB_ATLAS_PRIVATE_API_KEY");
    expect((await ops(["sandbox", "env", "--json"], bareEnv(content))).stdout).toBe(first.stdout);
    const up = start(built.bin, ["sandbox", "up", "--port", "0"], bareEnv(content));
    expect(await up.said(/then: litally-ops/)).not.toContain("[redacted]");
    up.signal("SIGTERM");
    expect((await up.ended).exitCode).toBe(0);
  });
});

describe("an old Node", () => {
  /** What the first file does on a Node of this version. */
  function startOn(version: string) {
    const told = { stderr: "", loaded: [] as string[] };
    const fake = {
      versions: { node: version },
      version: `v${version}`,
      argv: ["node", "/bin/litally-ops"],
      exitCode: 0,
      stderr: { write: (text: string) => (told.stderr += text) },
    };
    const require = (name: string) => {
      told.loaded.push(name);
      return { answer: () => false, start: () => false, enableCompileCache: () => {} };
    };
    runInNewContext(readFileSync(built.bin, "utf8"), { process: fake, require });
    return { ...told, exitCode: fake.exitCode };
  }

  test.each(["0.12.18", "8.17.0", "20.20.2", "22.0.0", "23.11.1"])(
    "%s is told so, and nothing is loaded",
    (version) => {
      const told = startOn(version);
      expect(told).toMatchObject({ exitCode: 64, loaded: [] });
      expect(told.stderr).toContain(`error: litally-ops needs Node 24 or newer, this is v${version}\n`);
      expect(lastLine(told.stderr)).toBe("verdict: ERROR - nothing was checked (exit 64)");
    },
  );

  test.each(["24.0.0", "26.1.0", "100.0.0"])("%s is new enough", (version) => {
    const loaded = ["./at-once.js", "./precompiled.js", "node:module", "../dist/main.js"];
    expect(startOn(version)).toMatchObject({ exitCode: 0, stderr: "", loaded });
  });

  test("syntax of long ago", () => {
    expect(readFileSync(built.bin, "utf8")).not.toMatch(/\b(const|let|import|async|class)\b|=>|`|\?\./);
  });

  test("where one is installed, in truth", async () => {
    const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/bin", "/usr/local/bin", "/opt/node/bin"];
    const candidates = [...new Set(folders.map((folder) => join(folder, "node")))].filter((file) => existsSync(file));
    const versions = await Promise.all(
      candidates.map(async (file) => [file, (await runFile(file, ["-v"])).stdout] as const),
    );
    const old = versions.find(([, version]) => Number(/^v(\d+)\./.exec(version)?.[1] ?? 24) < 24);
    if (old === undefined) return void process.stderr.write("no Node older than 24 is installed here: not tried\n");
    const ended = await runFile(old[0], [built.bin, "backup", "verify"]);
    expect(ended).toMatchObject({ exitCode: 64, stdout: "" });
    expect(ended.stderr).toContain(`this is ${old[1].trim()}\n`);
  });
});
