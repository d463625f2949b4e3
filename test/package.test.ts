/** The package installs elsewhere, without a network and without dependencies, and runs there. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";

const ROOT = join(import.meta.dirname, "..");
const scratch = mkdtempSync(join(tmpdir(), "litally-ops-package-"));
const app = join(scratch, "app");
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** npm and npx as a user elsewhere would run them, on the Node that runs this test. */
function run(command: string, args: readonly string[], cwd: string) {
  const env = {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"]}`,
    HOME: scratch,
    npm_config_update_notifier: "false",
  };
  return spawnSync(command, args, { cwd, encoding: "utf8", env, timeout: 120_000 });
}

describe("npm pack", () => {
  test("gives a package that installs offline and rehearses anywhere", () => {
    const packed = run("npm", ["pack", "--ignore-scripts", "--pack-destination", scratch], ROOT); // npm test has built
    expect(packed.status, packed.stderr).toBe(0);
    const [tarball = ""] = readdirSync(scratch).filter((name) => name.endsWith(".tgz"));
    mkdirSync(app);
    writeFileSync(join(app, "package.json"), '{ "name": "app", "private": true }');
    const installed = run("npm", ["install", "--offline", "--no-audit", "--no-fund", join(scratch, tarball)], app);
    expect(installed.status, installed.stderr).toBe(0);
    expect(readdirSync(join(app, "node_modules")).filter((name) => !name.startsWith("."))).toEqual(["litally-ops"]);

    const verified = run("npx", ["--no-install", "litally-ops", "backup", "verify", "--sandbox"], app);
    expect(verified.stdout.trimEnd().split("\n").at(-1)).toMatch(
      /^verdict: PASS in the sandbox - \d+ passed \(exit 0\)$/,
    );
    expect(verified.stderr).toContain("rehearsing with the policy that came with litally-ops");
    expect(verified.status).toBe(0);
    expect(run("npx", ["--no-install", "litally-ops", "backup", "verify", "--sandbox", "stale"], app).status).toBe(1);
  }, 180_000);

  test("holds what it needs and nothing else", () => {
    const root = join(app, "node_modules/litally-ops");
    expect(readdirSync(root).sort()).toEqual(["README.md", "bin", "config", "dist", "docs", "package.json"]);
    expect(existsSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"))).toBe(true);
    const notices = readFileSync(join(root, "dist/THIRD-PARTY-NOTICES.txt"), "utf8");
    for (const name of ["chalk", "commander", "mongodb-atlas-api-client", "ora", "undici", "yaml", "zod"]) {
      expect(notices).toMatch(new RegExp(`^${name} \\d`, "m"));
    }
  });
});
