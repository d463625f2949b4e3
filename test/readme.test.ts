/**
 * The README is right: every command it shows is run as a user would run it, and prints what it says it prints
 * (numbers apart, for time goes on). docs/checks.md has every check, and no other.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { EXIT_CODES } from "../src/cli/exit-code.ts";
import { COMMANDS } from "../src/cli/grammar.ts";
import { BACKUP_CHECKS } from "../src/rules/backup/checks.ts";
import { clockSkew } from "../src/rules/clock-skew.ts";

const ROOT = join(import.meta.dirname, "..");
const README = readFileSync(join(ROOT, "README.md"), "utf8");

const shown = [...README.matchAll(/^```console\n\$ litally-ops (.*)\n([\s\S]*?)^```$/gm)].map(
  ([, command = "", output = ""]) => ({ command, output }),
);

/** Words and their order; how long ago and which id is another matter each time. */
function shape(text: string): string {
  return text
    .replaceAll(/\b[0-9a-f]{24}\b/g, "<id>")
    .replaceAll(/\d+/g, "#")
    .replaceAll(/# h(?: # m)?|# d(?: # h)?|# m # s/g, "<span>")
    .replaceAll(/\s+/g, " ")
    .trim();
}

describe("the tour", () => {
  test("shows commands", () => expect(shown.length).toBeGreaterThanOrEqual(4));

  test.each(shown)("litally-ops $command", ({ command, output }) => {
    const run = spawnSync(process.execPath, ["bin/litally-ops.js", ...command.split(" ")], {
      cwd: ROOT,
      encoding: "utf8",
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"] },
    });
    const said = run.stdout === "" ? run.stderr : run.stdout;
    expect(shape(said)).toBe(shape(output));
    expect(`(exit ${run.status})`).toBe(/\(exit \d+\)/.exec(output)?.[0]);
  });

  test("its two commands are scripts of the package", () => {
    for (const [, script = ""] of README.matchAll(/^npm ci && npm (?:run )?(\w+)/gm)) {
      expect(Object.keys(packageJson.scripts)).toContain(script);
    }
  });

  test("every command and every exit code that users meet is named", () => {
    for (const { name } of COMMANDS) expect(README).toContain(name.split(" ")[0]);
    for (const code of Object.keys(EXIT_CODES))
      if (!["3", "4", "5"].includes(code)) expect(README).toMatch(new RegExp(`\\b${code} `));
  });
});

describe("docs/checks.md", () => {
  const documented = [
    ...readFileSync(join(ROOT, "docs/checks.md"), "utf8").matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm),
  ].map(([, id]) => id);

  test("has every check of backup verify, in order, and no other", () => {
    expect(documented).toEqual([...BACKUP_CHECKS, clockSkew].map(({ id }) => id));
  });
});
