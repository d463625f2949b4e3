/** The record of acts as an operator leaves it and reads it: by the commands themselves, in worlds that are their own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { seal, unseal } from "../../src/rules/audit/chain.ts";
import { serveWorld, variables } from "../../src/wiring/sandbox.ts";
import { sha256 } from "../support/audit.ts";
import { expectNone } from "./canary.ts";
import { NOW, type RunOptions, run } from "./host.ts";

let stateDir: string;
beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), "litally-ops-state-"));
});
afterEach(() => rmSync(stateDir, { recursive: true }));

const REHEARSALS = "rehearsals/production";
const litally = (command: string, options: RunOptions = {}) => run(command.split(" "), { stateDir, ...options });

interface Kept {
  readonly kind: string;
  readonly sandbox?: string;
  readonly command: string;
  readonly who: unknown;
  readonly outcome?: { readonly state: string };
}

function kept(folder = REHEARSALS): readonly Kept[] {
  const path = join(stateDir, folder);
  const names = readdirSync(path).filter((name) => name.endsWith(".json"));
  return names.sort().map((name) => JSON.parse(readFileSync(join(path, name), "utf8")) as Kept); // ours
}

const kinds = () => kept().map(({ kind, outcome }) => (outcome === undefined ? kind : `${kind} ${outcome.state}`));

describe("a rehearsal", () => {
  test("leaves a record of its own, marked, and none beside the real ones", async () => {
    expect((await litally("backup snapshot core --sandbox")).exitCode).toBe(0);
    expect(kinds()).toEqual(["begun", "ended done"]);
    expect(kept()[0]).toMatchObject({
      sandbox: "healthy",
      command: "backup snapshot",
      argv: ["backup", "snapshot", "core", "--sandbox"],
      tool: "1.2.3",
      who: {
        os: "anna@build-7",
        aws: "arn:aws:iam::111122223333:user/sandbox",
        atlas: "API key sandboxk",
      },
      plan: { steps: [{ subject: "cluster/litally-core" }] },
    });
    expect(existsSync(join(stateDir, "audit"))).toBe(false);
    const verified = await litally("audit log verify --sandbox");
    expect([verified.exitCode, verified.stdout]).toEqual([0, expect.stringContaining("records 1 to 2, in")]);
    const listed = await litally("audit log list --sandbox");
    expect(listed.stdout).toMatch(
      /2026-11-22 02:00 {2}backup snapshot {2}cluster\/litally-core {2}done {3}anna@build-7/,
    );
  });

  test("a limit says how much it left out", async () => {
    for (const _ of [1, 2]) await litally("backup snapshot core --sandbox");
    const listed = await litally("audit log list --sandbox --limit 1 --json");
    expect(JSON.parse(listed.stdout)).toMatchObject({ items: [{ ended: "done" }], omitted: 2 });
    expect(JSON.parse((await litally("audit log list --sandbox --limit 2 --json")).stdout)).toMatchObject({
      omitted: 0,
    });
  });

  test.each([
    ["declined", "backup apply core --sandbox copies-off", 3, "refused declined"],
    ["refused", "backup snapshot core --sandbox snapshot-in-the-way", 3, "refused refused"],
    ["failed", "backup snapshot core --sandbox snapshot-fails", 4, "ended failed"],
    ["left to go on", "backup snapshot core --sandbox --no-wait", 0, "ended running"],
  ])("%s: %s", async (_, command, exitCode, last) => {
    expect((await litally(command)).exitCode).toBe(exitCode);
    expect(kinds().at(-1)).toBe(last);
  });

  test("of a saved plan with the wrong hash is on record as declined", async () => {
    const file = join(stateDir, "plan.json");
    writeFileSync(file, "{}");
    expect((await litally(`restore apply ${file} --confirm 0123 --sandbox`)).exitCode).toBe(3);
    expect(kinds()).toEqual(["refused declined"]);
  });

  test.each(["backup verify", "backup snapshot core --dry-run", "alarms audit", "archive verify", "backup list"])(
    "%s changes nothing, and leaves none",
    async (command) => {
      await litally(`${command} --sandbox`);
      expect(readdirSync(stateDir)).toEqual([]);
    },
  );

  test("whose end was cut off, note and all, is no whole one", async () => {
    for (const world of ["healthy", "healthy"]) await litally(`backup snapshot core --sandbox ${world} --no-wait`);
    for (const name of ["0000000004.json", ".head"]) rmSync(join(stateDir, REHEARSALS, name));
    const verified = await litally("audit log verify --sandbox");
    expect([verified.exitCode, verified.stdout]).toEqual([2, expect.stringMatching(/whether more\s+came after them/)]);
  });

  test("of which nothing is left is no proof", async () => {
    await litally("backup snapshot core --sandbox --no-wait");
    expect((await litally("audit log verify --sandbox")).exitCode).toBe(0);
    rmSync(join(stateDir, REHEARSALS), { recursive: true });
    const verified = await litally("audit log verify --sandbox");
    expect([verified.exitCode, verified.stdout]).toEqual([2, expect.stringContaining("was anything ever changed")]);
  });

  test("with a record whose number is beyond all reason is a broken one, and no crash", async () => {
    await litally("backup snapshot core --sandbox --no-wait");
    const path = (name: string) => join(stateDir, REHEARSALS, name);
    const { body } = unseal(readFileSync(path("0000000002.json"), "utf8"), sha256) ?? { body: "" };
    writeFileSync(path("9999999999.json"), seal(body.replace('"seq":2', '"seq":9999999999'), sha256));
    const verified = await litally("audit log verify --sandbox");
    expect([verified.exitCode, verified.stdout]).toEqual([
      1,
      expect.stringContaining("records 3 to 9999999998 are missing"),
    ]);
  });

  test("does not stop for a home that cannot be written", async () => {
    const inTheWay = join(stateDir, "file");
    writeFileSync(inTheWay, "");
    const ran = await litally("backup snapshot core --sandbox", { stateDir: inTheWay });
    expect([ran.exitCode, ran.stdout.includes("audit/")]).toEqual([0, false]);
  });

  test("of GitHub Actions is told nothing of its runner: nothing is done for real", async () => {
    const ran = await litally("backup snapshot core --sandbox --no-wait", { env: { GITHUB_ACTIONS: "true" } });
    expect([ran.exitCode, ran.stdout.includes("audit/")]).toEqual([0, false]);
  });

  test("of GitHub Actions names the person and the run", async () => {
    const env = {
      GITHUB_ACTIONS: "true",
      GITHUB_ACTOR: "anna",
      GITHUB_TRIGGERING_ACTOR: "bert",
      GITHUB_SERVER_URL: "https://github.example",
      GITHUB_REPOSITORY: "litally/ops",
      GITHUB_RUN_ID: "42",
    };
    await litally("notify test litally-critical --sandbox", { env });
    const run_ = "https://github.example/litally/ops/actions/runs/42";
    expect(kept()[0]?.who).toMatchObject({ github: { actor: "anna", triggeredBy: "bert", run: run_ } });
    expect((await litally("audit log list --sandbox --json")).stdout).toContain(`bert (${run_})`);
  });

  test("has no secret in it, in whatever word it came", async () => {
    const secret = 'k3y-with-ümläut/"quotes"';
    const env = {
      MONGODB_ATLAS_PRIVATE_API_KEY: secret,
      PAGERDUTY_INTEGRATION_KEY: "fedcba9876543210fedcba9876543210",
    };
    const word = `told ${secret} to nobody`;
    await run(["backup", "snapshot", "core", "--sandbox", "--description", word], { stateDir, env });
    await litally("notify test litally-critical --sandbox", { env });
    const text = readdirSync(join(stateDir, REHEARSALS))
      .map((name) => readFileSync(join(stateDir, REHEARSALS, name), "utf8"))
      .join("");
    expect(text).toContain("told [redacted] to nobody");
    expectNone({ ...(await litally("audit log list --sandbox --json")), stderr: text }, Object.values(env));
    expect((await litally("audit log verify --sandbox")).exitCode).toBe(0);
  });
});

describe("every command that changes something", () => {
  test.each([
    "backup apply core --sandbox copies-off --confirm litally-core",
    "restore snapshot core --snapshot latest --to litally-drill --sandbox --confirm litally-drill",
    "archive thaw core 2026-06 --sandbox",
    "alarms apply --sandbox alarm-looser --confirm production",
    "alarms test litally-api-5xx-rate --sandbox",
    "notify apply --sandbox topic-missing",
    "notify test litally-critical --sandbox",
  ])("%s", async (command) => {
    const ran = await litally(command);
    expect(existsSync(join(stateDir, REHEARSALS)), `${ran.stdout}${ran.stderr}`).toBe(true);
    const begun = kept().filter(({ kind }) => kind === "begun");
    expect(kinds()[0]).toBe("begun");
    expect(kinds().filter((kind) => kind.startsWith("ended"))).toHaveLength(begun.length);
    expect(command.startsWith(begun[0]?.command ?? "none")).toBe(true);
  });
});

describe("with a bucket", () => {
  const POLICY = `version: 1
environment: production
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases: [{ name: core, cluster: litally-core, snapshots: [{ frequency: daily, retain: 30d }] }]
auditLog: { bucket: litally-audit }
`;

  test("in a world that is served, both places keep it and agree", async () => {
    const policyFile = join(stateDir, "policy.yaml");
    writeFileSync(policyFile, POLICY);
    const { policy } = parsePolicy(POLICY, "policy.yaml", {});
    const world = { world: "healthy", policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} };
    const sandbox = await serveWorld(world);
    try {
      const env = variables(sandbox.url);
      const config = `--config ${policyFile}`;
      const ran = await litally(`backup snapshot core --no-wait ${config}`, { env });
      expect([ran.exitCode, ran.stdout.includes("audit/recorded")]).toEqual([0, false]);
      const verified = await litally(`audit log verify --verbose ${config}`, { env });
      expect(verified.exitCode, verified.stdout).toBe(0);
      expect(verified.stdout).toMatch(/audit-log\/s3: PASS[\s\S]*audit\/locked: all of them/);
      expect(verified.stdout).toMatch(/audit\/agree: chain 0a1b2c3d4e5f, records 1 to 2/);
      expect((await litally(`audit log list --from s3 ${config}`, { env })).stdout).toContain(
        "from s3://litally-audit/",
      );
    } finally {
      await sandbox.close();
    }
  });

  test("doctor says whether it is there, and may be read", async () => {
    const policyFile = join(stateDir, "policy.yaml");
    writeFileSync(policyFile, POLICY);
    const inWorldOf = async (text: string) => {
      const { policy } = parsePolicy(text, "policy.yaml", {});
      const world = { world: "healthy", policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} };
      const sandbox = await serveWorld(world);
      const ran = await litally(`doctor --json --config ${policyFile}`, { env: variables(sandbox.url) });
      await sandbox.close();
      const findings: readonly { readonly scope?: string; readonly status: string }[] = JSON.parse(ran.stdout).findings;
      return findings.filter(({ scope }) => scope === "audit log");
    };
    expect(await inWorldOf(POLICY)).toMatchObject([{ status: "pass", message: "s3:ListBucketVersions" }]);
    expect(await inWorldOf(POLICY.replace(/^auditLog.*\n/m, ""))).toMatchObject([
      { status: "warn", message: "there is nothing like bucket litally-audit" },
    ]);
  });

  test("of a world that ends with the run, nothing is looked for there", async () => {
    const policyFile = join(stateDir, "policy.yaml");
    writeFileSync(policyFile, POLICY);
    const ran = await litally(`audit log verify --from s3 --sandbox --config ${policyFile}`);
    expect(ran.exitCode).toBe(64);
    expect(ran.stderr).toContain("ends with each run");
  });
});
