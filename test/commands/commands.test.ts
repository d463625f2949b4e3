/** What each command makes of what it finds, as far as its report or list is concerned. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { selectDatabases } from "../../src/commands/databases.ts";
import { parsePolicy, readPolicyText } from "../../src/policy/load.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { POLICY_VARIABLES, type RunOptions, run } from "../cli/host.ts";

interface Document {
  readonly items: readonly Readonly<Record<string, unknown>>[];
  readonly complete: boolean;
  readonly missing: readonly { readonly subject: string; readonly reason: string }[];
  readonly omitted: number;
  readonly findings: readonly {
    readonly check: string;
    readonly subject: string;
    readonly status: string;
    readonly remedy?: string;
  }[];
  readonly content: unknown;
}

async function document(command: string, options: RunOptions = {}): Promise<Document> {
  return JSON.parse((await run([...command.split(" "), "--json"], options)).stdout) as Document; // json.test.ts holds it against its schema
}

const SEVERAL = "test/cli/policies/several.yaml";
const folder = mkdtempSync(join(tmpdir(), "litally-ops-commands-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("databases", () => {
  const { policy } = parsePolicy(readPolicyText(SEVERAL), SEVERAL, {});
  const names = (...wanted: readonly string[]) => selectDatabases(policy, wanted).map(({ name }) => name);

  test("all, when none is named", () => expect(names()).toEqual(["ledger", "reports", "sessions", "audit"]));
  test("in the policy's order, each once", () =>
    expect(names("audit", "ledger", "audit")).toEqual(["ledger", "audit"]));
  test("one that is not there is refused, with a guess", () =>
    expect(() => names("ledger", "audti")).toThrow('unknown database "audti" (did you mean "audit"?)'));
});

describe("backup verify", () => {
  test("judges the databases that are named, and no others", async () => {
    const { findings } = await document(`backup verify audit reports --sandbox --config ${SEVERAL}`);
    expect(new Set(findings.map(({ subject }) => subject))).toEqual(
      new Set(["cluster/litally-reports", "cluster/litally-audit", "atlas"]),
    );
  });

  test.each([
    ["snapshot-age", ["backup/snapshot-age"]],
    ["backup/enabled,snapshot-age", ["backup/enabled", "backup/snapshot-age"]],
    ["enabled --only clock-skew", ["backup/enabled", "backup/clock-skew"]],
  ])("--only %s", async (only, checks) => {
    const { findings } = await document(`backup verify --sandbox --only ${only}`);
    expect(findings.map(({ check }) => check)).toEqual(checks);
  });

  test("--since looks at holes from then on only", async () => {
    const all = "backup verify --sandbox hole --only snapshot-series";
    expect((await run(all.split(" "))).exitCode).toBe(1);
    expect((await run([...all.split(" "), "--since", "2026-11-14T00:00:00Z"])).exitCode).toBe(0);
    expect((await run([...all.split(" "), "--since", "8d ago"])).exitCode).toBe(0);
  });
});

describe("backup verify where the cause is one", () => {
  test("--since in the future is refused: it would be green for nothing", async () => {
    const ran = await run(["backup", "verify", "--sandbox", "hole", "--since", "2030-01-01T00:00:00Z"]);
    expect(ran.stderr).toContain("error: --since: 2030-01-01T00:00:00Z is in the future");
    expect(ran.exitCode).toBe(64);
  });

  test("a policy without databases is refused", async () => {
    const file = join(folder, "empty.yaml");
    writeFileSync(
      file,
      "version: 1\nenvironment: test\natlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }\ndatabases: []\n",
    );
    expect((await run(["backup", "verify", "--sandbox", "--config", file])).exitCode).toBe(64);
  });

  test("an absent cluster is one failure, and one reason for all that could not be judged", async () => {
    const { stdout } = await run(["backup", "verify", "--sandbox", "no-cluster"]);
    expect(stdout.match(/could not find out: the cluster does not exist/g)).toHaveLength(1);
    expect(stdout).toContain("remedy: see backup/cluster-exists");
  });

  test("a flex cluster is told to be upgraded, not to be configured", async () => {
    const { stdout } = await run(["backup", "verify", "--sandbox", "flex"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain("atlas clusters upgrade litally-core --tier M10");
    expect(stdout).not.toMatch(/schedule update|updateCluster|snapshots create/);
  });

  test("where backups are off, Atlas is not asked for a schedule", async () => {
    const { stderr } = await run(["backup", "verify", "--sandbox", "backups-off", "--debug"]);
    expect(stderr).toContain("/backup/snapshots 200");
    expect(stderr).not.toContain("/backup/schedule");
  });

  test("what could not be found out never gets the remedy of a failure", async () => {
    for (const world of ["forbidden-schedule", "forbidden-snapshots", "unknown-status", "missing-field"]) {
      const { stdout } = await run(["backup", "verify", "--sandbox", world]);
      expect(stdout, world).not.toMatch(/schedule update|updateCluster|snapshots create/);
    }
  });

  test("a remedy that leaves the matter to a check which --only left out says how to ask it", async () => {
    const { stdout } = await run(["backup", "verify", "--sandbox", "backups-off", "--only", "snapshot-age"]);
    expect(stdout.replaceAll(/\s+/g, " ")).toContain(
      "remedy: ask litally-ops backup verify core --only backup/enabled",
    );
    for (const { name } of listWorlds()) {
      const { findings } = await document(`backup verify --sandbox ${name} --only snapshot-expiry,copies-present`);
      const told = new Set(findings.map(({ check }) => check));
      for (const { remedy = "" } of findings)
        for (const [, check = ""] of remedy.matchAll(/\bsee ([a-z]+\/[a-z-]+)/g)) expect(told, name).toContain(check);
    }
  });

  test("a deadline leaves the rest judged", async () => {
    const late = { after: () => AbortSignal.abort() };
    const { findings } = await document("backup verify --sandbox", late);
    expect(new Set(findings.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    expect((await run(["backup", "verify", "--sandbox"], late)).exitCode).toBe(2);
  });

  test("three requests for one database, challenge apart", async () => {
    const { stderr } = await run(["backup", "verify", "--sandbox", "--debug"]);
    expect(stderr.match(/^debug: GET .* 200 /gm)).toHaveLength(3);
    expect(stderr.match(/^debug: GET .* 401 /gm)).toHaveLength(1);
  });
});

describe("backup list", () => {
  test("newest first, with plain values", async () => {
    const { items } = await document("backup list --sandbox");
    const times = items.map(({ createdAt }) => String(createdAt));
    expect(items.length).toBeGreaterThan(30);
    expect(times).toEqual(times.toSorted().reverse());
    expect(items[0]).toMatchObject({ database: "core", cluster: "litally-core", verdict: "good", status: "completed" });
    expect(items[0]?.["sizeBytes"]).toBeGreaterThan(0);
  });

  test("--limit leaves the newest of each database, and says what it left out", async () => {
    const all = await document(`backup list --sandbox --config ${SEVERAL}`);
    const some = await document(`backup list --limit 2 --sandbox --config ${SEVERAL}`);
    const newest = [...Map.groupBy(all.items, ({ database }) => database).values()].flatMap((of) => of.slice(0, 2));
    expect(some.items).toEqual(newest);
    expect([all.omitted, some.omitted]).toEqual([0, all.items.length - 8]);
    expect(some.complete).toBe(true);
    const { stdout } = await run(["backup", "list", "--limit", "2", "--sandbox"]);
    const { stdout: whole } = await run(["backup", "list", "--sandbox"]);
    const [, found] = /^(\d+ snapshots, \d+ of them good restore points)$/m.exec(whole) ?? [];
    expect(stdout).toContain(`\n${found}; 2 shown (--limit)\n`);
    for (const limit of ["0", "-1", "1.5", "many"])
      expect((await run(["backup", "list", `--limit=${limit}`, "--sandbox"])).exitCode).toBe(64);
  });

  test.each([
    ["forbidden-snapshots", false],
    ["no-cluster", false],
    ["forbidden-schedule", true],
    ["backups-off", true],
    ["healthy", true],
  ])("%s: complete is %s", async (world, complete) => {
    const listed = await document(`backup list --sandbox ${world}`);
    expect(listed).toMatchObject({ complete });
    expect(listed.missing.map(({ subject }) => subject)).toEqual(complete ? [] : ["cluster/litally-core"]);
    const { stdout } = await run(["backup", "list", "--sandbox", world]);
    if (!complete) expect(stdout).not.toMatch(/\bnone\b|\b0 snapshots\b/);
  });

  test("one database of several that cannot be listed is told beside what can", async () => {
    const { stdout } = await run(["backup", "list", "--sandbox", "forbidden-snapshots", "--config", SEVERAL]);
    expect(stdout).toMatch(/^\d+ snapshots, \d+ of them good restore points; one database could not be listed$/m);
  });

  test("names the database where there are several", async () => {
    const { stdout } = await run(["backup", "list", "--sandbox", "--config", SEVERAL]);
    expect(stdout).toMatch(/^DATABASE +VERDICT/m);
    const one = await run(["backup", "list", "audit", "--sandbox", "--config", SEVERAL]);
    expect(one.stdout).toMatch(/^VERDICT/m);
  });

  test.each(["fallback-only", "stuck", "failed-last", "unknown-status", "missing-field", "future-dated"])(
    "%s: the newest is no good restore point",
    async (world) => {
      const { items } = await document(`backup list --sandbox ${world}`);
      expect(items.length).toBeGreaterThan(0);
      expect(items.filter(({ verdict }) => verdict !== "good").length).toBeGreaterThan(0);
    },
  );
});

describe("variables of the policy", () => {
  const { ATLAS_PROJECT_ID } = POLICY_VARIABLES;

  test.each(["verify", "list"])("backup %s demands those of the sections that it uses", async (verb) => {
    const enough = await run(["backup", verb], { env: { ATLAS_PROJECT_ID } });
    expect(enough.stderr).toContain("error: no credentials for Atlas in the environment\n");
    const none = await run(["backup", verb]);
    expect(none.stderr).toMatch(
      /^error: config\/litally-ops\.yaml:10:14: atlas\.projectId: .*environment variable ATLAS_PROJECT_ID\b/,
    );
    expect(none.exitCode).toBe(64);
  });

  test.each(["config check", "config show"])("%s demands all of them", async (command) => {
    const { stderr } = await run(command.split(" "), { env: { ATLAS_PROJECT_ID } });
    for (const name of ["AWS_ACCOUNT_ID", "ONCALL_PHONE", "PAGERDUTY_INTEGRATION_KEY"])
      expect(stderr).toContain(`environment variable ${name}`);
  });
});

describe("config init", () => {
  test("writes a policy that is valid once its variables are set, and never a second time", async () => {
    const file = join(folder, "new/policy.yaml");
    const written = await run(["config", "init", file, "--environment", "staging"]);
    expect(written).toMatchObject({ exitCode: 0, stderr: "" });
    expect(written.stdout).toContain(`wrote ${file}\nwrote ${join(folder, "new/policy.schema.json")}, `);
    expect(readFileSync(join(folder, "new/policy.schema.json"), "utf8")).toBe((await run(["config", "schema"])).stdout);
    expect((await run(["config", "check", "--config", file], { env: POLICY_VARIABLES })).exitCode).toBe(0);
    expect((await run(["backup", "verify", "--sandbox", "--config", file])).exitCode).toBe(0);
    const before = readFileSync(file, "utf8");
    expect(before).toContain("environment: staging");
    expect((await run(["config", "init", file])).exitCode).toBe(64);
    expect(readFileSync(file, "utf8")).toBe(before);
  });

  test("keeps a schema that is there, and writes none where there is a policy", async () => {
    const schema = join(folder, "kept/policy.schema.json");
    mkdirSync(join(folder, "kept"));
    writeFileSync(schema, "mine");
    const { stdout, exitCode } = await run(["config", "init", join(folder, "kept/a.yaml")]);
    expect([exitCode, readFileSync(schema, "utf8")]).toEqual([0, "mine"]);
    expect(stdout).toContain(`kept ${schema}, `);
    rmSync(schema);
    expect((await run(["config", "init", join(folder, "kept/a.yaml")])).exitCode).toBe(64);
    expect(existsSync(schema)).toBe(false);
  });

  test("writes where the policy is looked for", async () => {
    const file = join(folder, "named.yaml");
    expect((await run(["config", "init"], { env: { LITALLY_OPS_CONFIG: file } })).exitCode).toBe(0);
    expect((await run(["config", "init"], { env: { LITALLY_OPS_CONFIG: file } })).exitCode).toBe(64);
  });
});

describe("config show", () => {
  test("fills in defaults and shows references, not what they stand for", async () => {
    const { content } = await document("config show", { env: POLICY_VARIABLES });
    const text = JSON.stringify(content);
    expect(text).toContain(`\${PAGERDUTY_INTEGRATION_KEY}`);
    expect(text).not.toContain(POLICY_VARIABLES.PAGERDUTY_INTEGRATION_KEY);
    expect(content).toMatchObject({ atlas: { projectId: POLICY_VARIABLES.ATLAS_PROJECT_ID } });
  });

  test("what it shows is a policy again", async () => {
    const { stdout } = await run(["config", "show"], { env: POLICY_VARIABLES });
    const file = join(folder, "shown.yaml");
    writeFileSync(file, stdout);
    expect((await run(["config", "show", "--config", file], { env: POLICY_VARIABLES })).stdout).toBe(stdout);
  });
});

describe("doctor", () => {
  const status = async (check: string, env: Readonly<Record<string, string>>) =>
    (await document("doctor", { env })).findings.find((finding) => finding.check === check)?.status;
  const HERE = { MONGODB_ATLAS_BASE_URL: "http://127.0.0.1:1", AWS_ENDPOINT_URL: "http://127.0.0.1:1" };
  const KEY = { MONGODB_ATLAS_PUBLIC_API_KEY: "public", MONGODB_ATLAS_PRIVATE_API_KEY: "private" };

  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["doctor/policy", {}, "fail"],
    ["doctor/policy", POLICY_VARIABLES, "pass"],
    ["doctor/atlas-credentials", {}, "fail"],
    ["doctor/atlas-credentials", { MONGODB_ATLAS_PUBLIC_API_KEY: "public" }, "fail"],
    ["doctor/atlas-credentials", KEY, "pass"],
    ["doctor/atlas-access", { ...POLICY_VARIABLES, ...KEY }, "unknown"],
    ["backup/clock-skew", { ...POLICY_VARIABLES, ...KEY }, "unknown"],
    ["doctor/node", {}, "pass"],
  ])("%s with %j: %s", async (check, env, expected) => {
    const keys = { AWS_ACCESS_KEY_ID: "access-key", AWS_SECRET_ACCESS_KEY: "secret-key" };
    expect(await status(check, { ...HERE, ...keys, ...env })).toBe(expected);
  });
});

describe("doctor without credentials", () => {
  test("says so once, asks nobody, and what it could not ask is not known", async () => {
    const ran = await run(["doctor"]);
    expect(ran.stdout.match(/no credentials for Atlas/g)).toHaveLength(1);
    expect(ran.stdout).toMatch(/^doctor, no valid policy, as seen /);
    expect(ran.stderr).not.toContain("asking");
    const { findings } = await document("doctor");
    const unasked = ["doctor/atlas-access", "doctor/atlas-role-owner", "backup/clock-skew", "doctor/aws-credentials"];
    for (const check of unasked)
      expect(findings.find((finding) => finding.check === check)).toMatchObject({ status: "unknown" });
  });

  test("says why the Atlas that was named cannot be asked", async () => {
    const { stdout } = await run(["doctor"], { env: { LITALLY_OPS_SANDBOX: "http://127.0.0.1:1" } });
    expect(stdout).toMatch(/doctor\/atlas-access\n +LITALLY_OPS_SANDBOX is /);
  });
});

describe("sandbox worlds", () => {
  test("says what each world must get", async () => {
    const { items } = await document("sandbox worlds");
    expect(items.length).toBeGreaterThan(15);
    expect(items.find(({ name }) => name === "stale")).toMatchObject({ verdict: "fail", check: "backup/snapshot-age" });
  });
});
