/** The completion scripts in the shells that they are for. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/grammar.ts";
import { type Built, bareEnv, build, runFile } from "./built.ts";
import { POLICY_VARIABLES, run } from "./host.ts";

let built: Built;
beforeAll(() => {
  built = build();
});
const folder = mkdtempSync(join(tmpdir(), "litally-ops-completion-"));
afterAll(() => {
  built.remove();
  rmSync(folder, { recursive: true });
});

async function script(shell: string): Promise<string> {
  const { stdout } = await run(["completion", shell]);
  const file = join(folder, `completion.${shell}`);
  writeFileSync(file, stdout);
  return file;
}

/** What bash would offer for the last of these words. */
async function offered(words: readonly string[], env: Readonly<Record<string, string>> = POLICY_VARIABLES) {
  const ask = `litally-ops() { "$NODE" "$BIN" "$@"; }
source "$1"; shift
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _litally_ops
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const variables = bareEnv({ NODE: process.execPath, BIN: built.bin, ...env });
  const args = ["-c", ask, "bash", await script("bash"), "litally-ops", ...words];
  const ended = await runFile("bash", args, { env: variables });
  expect(ended.stderr).toBe("");
  return ended.stdout.split("\n").filter(Boolean);
}

describe("bash", () => {
  test("parses", async () =>
    expect(await runFile("bash", ["-n", await script("bash")])).toMatchObject({ exitCode: 0, stderr: "" }));

  test("offers every noun, and what begins with what was typed", async () => {
    const nouns = new Set(COMMANDS.map(({ name }) => name.split(" ")[0]));
    expect(await offered([""])).toEqual(expect.arrayContaining([...nouns, "help"]));
    expect(await offered(["ba"])).toEqual(["backup"]);
    expect(await offered(["x"])).toEqual([]);
  });

  test.each([
    ...new Set(COMMANDS.filter(({ name }) => name.includes(" ")).map(({ name }) => name.split(" ")[0] ?? "")),
  ])("offers the verbs of %s", async (noun) => {
    const names = COMMANDS.flatMap(({ name }) => (name.startsWith(`${noun} `) ? [name.slice(noun.length + 1)] : []));
    expect(await offered([noun, ""])).toEqual([...new Set(names.map((name) => name.split(" ")[0]))]);
  });

  test("offers flags, those of the command and those of all", async () => {
    expect(await offered(["backup", "verify", "--"])).toEqual(expect.arrayContaining(["--since", "--only", "--json"]));
    expect(await offered(["backup", "verify", "--si"])).toEqual(["--since"]);
    expect(await offered(["sandbox", "up", "--w"])).toEqual(["--world"]);
  });

  test("offers files to the flags that want one, and formats to the one that wants those", async () => {
    expect(await offered(["backup", "verify", "--config", "package.j"])).toEqual(["package.json"]);
    expect(await offered(["backup", "verify", "--report", "package.j"])).toEqual(["package.json"]);
    expect(await offered(["backup", "verify", "--format", "j"])).toEqual(["json", "junit"]);
  });

  test("offers shells", async () => expect(await offered(["completion", ""])).toEqual(["bash", "zsh", "fish"]));

  test("offers the databases of the policy, also of another one", async () => {
    expect(await offered(["backup", "verify", "co"])).toEqual(["core"]);
    const several = { LITALLY_OPS_CONFIG: "test/cli/policies/several.yaml" };
    const names = (await offered(["backup", "list", ""], several)).filter((word) => !word.startsWith("-"));
    expect(names).toEqual(["ledger", "reports", "sessions", "audit"]);
  });

  test("says nothing where there is no policy to read", async () => {
    expect(await offered(["backup", "verify", "co"], { LITALLY_OPS_CONFIG: "nowhere.yaml" })).toEqual([]);
  });
});

describe.each(["zsh", "fish"])("%s", (shell) => {
  test("parses where it is installed", async () => {
    const there = await runFile(shell, ["--version"]);
    if (there.exitCode !== 0)
      return void process.stderr.write(`${shell} is not installed here: its script is not tried\n`);
    expect(await runFile(shell, ["-n", await script(shell)])).toMatchObject({ exitCode: 0, stderr: "" });
  });

  test("names every noun, verb and flag", async () => {
    const text = (await run(["completion", shell])).stdout;
    for (const { name, options } of COMMANDS) {
      for (const word of name.split(" ")) expect(text).toContain(word);
      for (const { flags } of options) expect(text).toContain(flags.split(" ")[0]?.slice(2));
    }
  });
});
