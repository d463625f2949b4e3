// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
/** Waivers as a user meets them: in every form, in the exit code, and nowhere near a change. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { SANDBOX_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { serveWorld } from "../../src/wiring/sandbox.ts";
import { serve } from "../adapters/atlas/harness.ts";
import { expectNone } from "./canary.ts";
import { lastLine, NOW, POLICY_VARIABLES, type RunOptions, run } from "./host.ts";

const folder = mkdtempSync(join(tmpdir(), "litally-ops-waivers-"));
afterAll(() => rmSync(folder, { recursive: true }));

const POLICY = readFileSync("config/litally-ops.yaml", "utf8");
const AGE = { check: "backup/snapshot-age", subject: "cluster/litally-core" };
const KNOWN = { ...AGE, ...answered("2026-12-31") };

function answered(until: string) {
  return { until, reason: "it moves to another hour, <OPS-1204>", owner: "anna@litally.example" };
}

let files = 0;
async function waiving(waivers: readonly object[], command: string, options: RunOptions = {}) {
  files += 1;
  const file = join(folder, `${files}.yaml`);
  writeFileSync(file, `${POLICY}\nwaivers: ${JSON.stringify(waivers)}\n`);
  return run([...command.split(" "), "--config", file], options);
}

function findingsIn(stdout: string): readonly Finding[] {
  const { findings } = JSON.parse(stdout) as { readonly findings: readonly Finding[] }; // as its schema says
  return findings;
}

const STALE = "backup verify --sandbox stale --only snapshot-age";

describe("a known finding", () => {
  test.each([STALE, `${STALE} --strict`])("does not fail: %s", async (command) => {
    const { stdout, exitCode } = await waiving([KNOWN], command);
    expect(lastLine(stdout)).toBe("verdict: WAIVED in the sandbox - 1 waived (exit 0)");
    expect(exitCode).toBe(0);
  });

  test.each(["text", "json", "markdown", "junit"])("is told with who answers for it, as %s", async (format) => {
    const { stdout, stderr } = await waiving([KNOWN], `${STALE} --format ${format}`);
    const words = stdout.replaceAll(/\s+/g, " ").replaceAll("\\", "");
    expect(words).toMatch(/newest good daily snapshot is 3 d 7 h old/);
    expect(words).toMatch(/anna@litally\.example/);
    expect(words).toMatch(/it moves to another hour, (<|&lt;)OPS-1204/);
    expect(lastLine(stdout) + lastLine(stderr)).toContain("1 waived");
  });

  test.each(["text", "json", "markdown", "junit"])("tells no secret that somebody put there, as %s", async (format) => {
    const secret = 'canary"<key>&0123';
    const known = { ...KNOWN, reason: `because of ${secret}`, owner: secret };
    const env = { MONGODB_ATLAS_PRIVATE_API_KEY: secret, GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "summary.md" };
    const ran = await waiving([known], `${STALE} --format ${format}`, { env });
    expectNone(ran, [secret]);
    expect(ran.exitCode).toBe(0);
    expect(ran.stdout.replaceAll("\\", "").replaceAll(/\s+/g, " ")).toContain("because of [redacted]");
  });

  test("keeps in JSON what it is without the waiver", async () => {
    const [own] = findingsIn((await waiving([KNOWN], `${STALE} --json`)).stdout);
    expect(own).toMatchObject({
      status: "waived",
      evidence: { expected: "at most 26 h" },
      remedy: expect.stringContaining("litally-ops backup snapshot core"),
      waiver: { found: "fail", leftDays: 39, ...answered("2026-12-31") },
    });
  });

  test("is a notice under GitHub Actions, and stands in the summary", async () => {
    const env = { GITHUB_ACTIONS: "true", GITHUB_STEP_SUMMARY: "summary.md" };
    const { stderr, appended } = await waiving([KNOWN], STALE, { env });
    expect(stderr).toMatch(/^::notice title=backup\/snapshot-age \(daily\) cluster\/litally-core in the sandbox::/m);
    expect(stderr).not.toMatch(/^::(error|warning)/m);
    expect(appended.get("summary.md")).toContain("| WAIVED | backup/snapshot-age (daily) |");
  });

  test("is seen among many subjects that pass", async () => {
    const subject = "archive/financial/core/2026-10";
    const one = { check: "archive/lock", subject, ...answered("2026-12-31") };
    const { stdout } = await waiving([one], "archive verify --sandbox archive-unlocked");
    expect(stdout).toContain(`${subject}: WAIVED`);
    expect(stdout).toContain("  WAIVED   archive/lock\n");
  });

  test("fails again after its day, and it is told that it was waived", async () => {
    const last = await waiving([KNOWN], `${STALE} --json`, { now: () => new Date("2026-12-31T23:59:00Z") });
    expect(last.exitCode).toBe(0);
    const over = await waiving([KNOWN], `${STALE} --json`, { now: () => new Date("2027-01-01T00:00:00Z") });
    expect(over.exitCode).toBe(1);
    expect(findingsIn(over.stdout).map(({ check, status }) => [check, status])).toEqual([
      [AGE.check, "fail"],
      ["waivers/expired", "fail"],
    ]);
  });

  test("does not take what is unknown with it", async () => {
    const { exitCode, stdout } = await waiving(
      [KNOWN],
      "backup verify --sandbox forbidden-snapshots --only snapshot-age",
    );
    expect(exitCode).toBe(2);
    expect(stdout).not.toContain("WAIVED");
  });
});

describe("what is said of waivers", () => {
  test("is a warning where nobody needs one", async () => {
    const command = "backup verify --sandbox --only snapshot-age";
    expect(lastLine((await waiving([KNOWN], command)).stdout)).toContain("1 warning, 1 passed (exit 0)");
    expect((await waiving([KNOWN], `${command} --strict`)).exitCode).toBe(1);
  });

  test.each(["alarms audit --sandbox", "backup verify --sandbox --only enabled"])(
    "is nothing where it was not judged: %s",
    async (command) => {
      const over = { ...AGE, ...answered("2026-01-01") };
      const { stdout, exitCode } = await waiving([over], `${command} --json`);
      expect(findingsIn(stdout).filter(({ subject }) => subject === "waivers")).toEqual([]);
      expect(exitCode).toBe(0);
    },
  );

  test("goes by both clocks where they differ: Atlas's is 20 minutes ahead here", async () => {
    const own = { ...AGE, ...answered(new Date(NOW.getTime() + 600_000).toISOString()) };
    const told = async (world: string) =>
      findingsIn((await waiving([own], `backup verify --sandbox ${world} --json`)).stdout)
        .filter(({ subject }) => subject === "waivers")
        .map(({ check }) => check);
    expect(await told("healthy")).toEqual(["waivers/unused"]);
    expect(await told("clock-skew")).toEqual(["waivers/expired"]);
  });

  test("needs a policy that can be loaded", async () => {
    const { exitCode, stdout } = await waiving([{ ...KNOWN, owner: "" }], STALE);
    expect([exitCode, stdout]).toEqual([64, ""]);
  });

  test("names the place of each in config check, whatever command could judge it", async () => {
    const waivers = [
      KNOWN,
      { check: "alarms/drift", subject: "alarm/nobody", ...answered("2026-12-31") },
      { check: "archive/lock", subject: "archive/financial", ...answered("2026-11-01") },
    ];
    const { stdout, exitCode } = await waiving(waivers, "config check --json", { env: POLICY_VARIABLES });
    expect(exitCode).toBe(1);
    expect(findingsIn(stdout).map(({ check, message }) => `${check} ${message}`)).toEqual([
      expect.stringMatching(/^config\/valid .*, 3 waivers$/),
      expect.stringMatching(/^waivers\/unknown \/.*:\d+:\d+: by this policy there is no "alarm\/nobody"/),
      expect.stringMatching(/^waivers\/expired \/.*:\d+:\d+: it ended with 2026-11-01$/),
    ]);
  });
});

test("the dead man's switch hears what is waived as well: the heartbeat goes by the verdict that is printed", async () => {
  const { policy } = parsePolicy(POLICY, "p.yaml", POLICY_VARIABLES);
  const world = { world: "stale", policy, faults: [], startAt: NOW, elapsedMs: () => 0, log: () => {} };
  const sandbox = await serveWorld({ ...world, hasNoArchives: true });
  onTestFinished(() => sandbox.close());
  const { baseUrl, seen } = await serve((_, response) => void response.writeHead(200).end());
  const file = join(folder, "heartbeat.yaml");
  const beat =
    "heartbeat: { cloudwatch: false, url: '${PING}', schedules: [{ command: backup verify, every: 1d, grace: 3h }] }";
  const plain = POLICY.replace(/\nheartbeat:[\s\S]*?(?=\n\S|$)/, "");
  const { stdout } = await waiving([], "backup verify --sandbox stale --json");
  const bad = findingsIn(stdout).filter(({ status }) => status !== "pass");
  const known = new Map(bad.map(({ check, subject }) => [`${check} ${subject}`, { check, subject }]));
  const waivers = [...known.values()].map((one) => ({ ...one, ...answered("2026-12-31") }));
  writeFileSync(file, `${plain}\n${beat}\nwaivers: ${JSON.stringify(waivers)}\n`);
  const env = {
    ...POLICY_VARIABLES,
    MONGODB_ATLAS_BASE_URL: sandbox.url,
    MONGODB_ATLAS_PUBLIC_API_KEY: SANDBOX_CREDENTIALS.publicKey,
    MONGODB_ATLAS_PRIVATE_API_KEY: SANDBOX_CREDENTIALS.privateKey,
    PING: `${baseUrl.origin}/switch`,
  };
  const argv = ["backup", "verify", "--heartbeat", "--config", file];
  const { exitCode } = await run(argv, { env });
  const end = seen.find(({ url }) => !url.includes("/start"));
  expect([exitCode, end?.url]).toEqual([0, expect.stringContaining("/switch/backup-verify/0?")]);
  expect(end?.body).toMatch(/ [1-9] waived, \d+ passed \(exit 0\)$/);
});

test("docs/waivers.md shows what is written and what comes of it", async () => {
  const docs = readFileSync("docs/waivers.md", "utf8");
  const written = /```yaml\n(waivers:[^`]*)```/.exec(docs)?.[1] ?? "";
  const shown = /```console\n\$ litally-ops ([^\n]*)\n([^`]*)```/.exec(docs);
  const file = join(folder, "docs.yaml");
  writeFileSync(file, `${POLICY}\n${written}`);
  const { stdout } = await run([...(shown?.[1] ?? "").split(" "), "--config", file]);
  const lines = (shown?.[2] ?? "").split("\n").filter((line) => line.trim() !== "...");
  const plain = (text: string) => text.replaceAll(/\d+ h/g, "0 h");
  for (const line of lines) expect(plain(stdout)).toContain(plain(line));
  expect(lines.length).toBeGreaterThan(6);
});

/** Waivers for all that is not well, and once more the same run: nothing of it may change. */
describe("a change is no better for any waiver", () => {
  test.each([
    ["backup apply --sandbox oplogs-ignored --confirm litally-core", 4],
    ["backup snapshot core --sandbox snapshot-fails", 4],
    ["backup snapshot core --sandbox snapshot-in-the-way", 3],
    ["restore pitr core --at 2026-11-22T01:47:56Z --to litally-core --sandbox --confirm litally-core", 3],
    ["restore snapshot core --snapshot latest --to litally-drill --sandbox restore-fails --confirm litally-drill", 4],
    ["backup plan --sandbox oplogs-ignored", 5],
    ["alarms test litally-api-5xx-rate --sandbox topic-key-closed", 1],
  ])("%s", async (command, exitCode) => {
    const before = await waiving([], `${command} --json`);
    const bad = findingsIn(before.stdout).filter(({ status }) => status !== "pass");
    const waivers = new Map(bad.map(({ check, subject }) => [`${check} ${subject}`, { check, subject }]));
    const after = await waiving(
      [...waivers.values()].map((one) => ({ ...one, ...answered("2026-12-31") })),
      `${command} --json`,
    );
    expect(before.exitCode).toBe(exitCode);
    expect(after.exitCode).toBe(exitCode);
    const seen = findingsIn(after.stdout).filter(({ subject }) => subject !== "waivers");
    expect(seen).toEqual(findingsIn(before.stdout));
  });

  test("but what archive verify --deep only looks at is waived as without it", async () => {
    const one = { check: "archive/lock", subject: "archive/financial/core/2026-10", ...answered("2026-12-31") };
    const command = "archive verify --sandbox archive-unlocked --only lock";
    for (const deep of [" --deep 1/12", " --deep 1/12 --dry-run"]) {
      const { stdout } = await waiving([one], `${command}${deep} --json`);
      expect(findingsIn(stdout).filter(({ status }) => status === "waived")).toHaveLength(1);
      expect(JSON.parse(stdout)).toMatchObject({ change: { isAside: true } });
    }
  });
});
