/**
 * The README is right: every command it shows is run as a user would run it, and prints what it says it prints
 * (numbers apart, for time goes on). docs/checks.md has every check, and no other.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import packageJson from "../package.json" with { type: "json" };
import { EXIT_CODES } from "../src/cli/exit-code.ts";
import { COMMANDS } from "../src/cli/grammar.ts";
import { tryParseDuration } from "../src/core/duration.ts";
import { known } from "../src/core/observed.ts";
import type { Finding } from "../src/core/report.ts";
import { readPolicyText } from "../src/policy/load.ts";
import { ALARM_CHECKS } from "../src/rules/alarms/checks.ts";
import { nobodyAtWork } from "../src/rules/archive/abort.ts";
import { FETCH_CHECKS } from "../src/rules/archive/fetch.ts";
import { ONE_ARCHIVE_CHECKS } from "../src/rules/archive/one.ts";
import { pushPreconditions } from "../src/rules/archive/preconditions.ts";
import { readable } from "../src/rules/archive/readable.ts";
import { THAW_CHECKS } from "../src/rules/archive/thaw-plan.ts";
import { verifyArchives } from "../src/rules/archive/verify.ts";
import { AGREEMENT, SHELF_CHECKS } from "../src/rules/audit/checks.ts";
import { BACKUP_CHECKS } from "../src/rules/backup/checks.ts";
import { clockSkew } from "../src/rules/clock-skew.ts";
import { drillRecent } from "../src/rules/drill/record.ts";
import { PRECONDITIONS } from "../src/rules/notify/plan-preconditions.ts";
import { ways } from "../src/rules/notify/ways.ts";
import { TODAY_CHECKS } from "../src/rules/retention/checks.ts";
import { HORIZON_CHECKS } from "../src/rules/retention/simulate.ts";
import { LOSS_CHECKS } from "../src/rules/retention/what-if.ts";
import { bareEnv, runFile, start } from "./cli/built.ts";
import { type Standing, standingFacts, underKey } from "./rules/archive/kept.ts";
import { aPush } from "./rules/archive/push.ts";
import { everyCheck } from "./rules/notify/build.ts";

const ROOT = join(import.meta.dirname, "..");
const STATE = mkdtempSync(join(tmpdir(), "litally-ops-state-"));
afterAll(() => rmSync(STATE, { recursive: true }));
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
      env: { PATH: process.env["PATH"], HOME: process.env["HOME"], XDG_STATE_HOME: STATE },
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

test("every variable of the policy in force is in the table", () => {
  const named = [...readPolicyText(join(ROOT, "config/litally-ops.yaml")).matchAll(/^[^#\n]*\$\{(\w+)\}/gm)];
  expect(named.length).toBeGreaterThan(3);
  for (const [, name] of named) expect(README).toMatch(new RegExp(`^\\| \`${name}\` \\|`, "m"));
});

describe("docs/sandbox.md", () => {
  test("its walk is as it says", async () => {
    const docs = readFileSync(join(ROOT, "docs/sandbox.md"), "utf8");
    const walk = docs.slice(docs.indexOf("## A walk"), docs.indexOf("## Worlds"));
    const up = /^litally-ops (sandbox up .*)$/m.exec(walk)?.[1]?.split(" ") ?? [];
    const shownAll = [...walk.matchAll(/^```console\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text).join("");
    const folder = mkdtempSync(join(tmpdir(), "litally-ops-walk-"));
    const bin = join(ROOT, "bin/litally-ops.js");
    const served = start(bin, [...up, "--port", "0"], bareEnv(), folder);
    const port = /127\.0\.0\.1:(\d+)/.exec(await served.said(/then: litally-ops/))?.[1] ?? "";
    const commands = [...shownAll.matchAll(/^\$ (.*)$/gm)].map(([, command = ""]) => command);
    const script = commands
      .map((command) => `printf '$ %s\\n' ${quoted(command)}\n${command}`)
      .join("\n")
      .replaceAll(/^(?!printf).*$/gm, (line) =>
        line.replaceAll("4400", port).replace("sandbox env", `sandbox env --port ${port}`),
      );
    const ops = `litally-ops() { ${quoted(process.execPath)} ${quoted(bin)} "$@"; }\n`;
    const ended = await runFile("bash", ["-c", `${ops}${script.replaceAll(/^curl .*$/gm, "$&; echo")}`], {
      cwd: folder,
      env: bareEnv(),
    });
    served.signal("SIGINT");
    await served.ended;
    expect(readdirSync(folder)).toEqual(["rehearsal.json"]);
    rmSync(folder, { recursive: true });
    expect(commands.length).toBeGreaterThan(6);
    expect(shape(ended.stdout), ended.stderr).toBe(shape(shownAll));
  });
});

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

test("docs/audit-log.md has every check of the record, in order, and no other", () => {
  const text = readFileSync(join(ROOT, "docs/audit-log.md"), "utf8");
  const documented = [...text.matchAll(/^\| `(audit\/[a-z-]+)` \|/gm)].map(([, id]) => id);
  const own = ["audit/listed", "audit/recorded"];
  expect(documented).toEqual([...SHELF_CHECKS, AGREEMENT].map(({ id }) => id).concat(own));
});

describe("docs/checks.md", () => {
  const [backups = "", archives = "", pushes = "", alarms = "", notify = "", topics = ""] = readFileSync(
    join(ROOT, "docs/checks.md"),
    "utf8",
  )
    .split(/^# .*$/m)
    .slice(1);
  const documented = (text: string) => [...text.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm)].map(([, id]) => id);

  test("has every check of backup verify, in order, and no other", () => {
    expect(documented(backups)).toEqual([...BACKUP_CHECKS, drillRecent, clockSkew].map(({ id }) => id));
  });

  test("has every check of alarms, in order, and no other", () => {
    expect(documented(alarms)).toEqual(ALARM_CHECKS.map(({ id }) => id));
  });

  test("has every check of the ways to people and before changes of topics, and no other", () => {
    const inOrder = (findings: readonly Finding[]) => findings.map(({ check }) => check);
    expect(documented(notify)).toEqual(inOrder(ways(everyCheck()).findings));
    expect(documented(topics)).toEqual(PRECONDITIONS.map(({ id }) => id));
  });

  test("has every check of archives, in order, and no other", () => {
    const first = (findings: readonly Finding[]) => [...new Set(findings.map(({ check }) => check))];
    const within = tryParseDuration("1y");
    if (within === undefined) throw new Error("1y is a duration");
    const change = (standing: Standing): Standing => ({
      ...standing,
      objects: new Map([...standing.objects].map(([key, stored]) => [key, underKey(stored, "k")])),
    });
    const verified = verifyArchives(standingFacts({ deep: { within, states: new Map() }, change }));
    const withKey = aPush({}, { encryption: known({ algorithm: "aws:kms", kmsKeyId: "k" }) });
    expect(documented(archives)).toEqual(first(verified));
    expect(documented(pushes)).toEqual(first(pushPreconditions(withKey, "s")));
  });
});

test("docs/archives.md has every check of thaw, fetch and abort once, and no other", () => {
  const text = readFileSync(join(ROOT, "docs/archives.md"), "utf8");
  const checks = [...ONE_ARCHIVE_CHECKS, ...THAW_CHECKS, readable, ...FETCH_CHECKS].map(({ id }) => id);
  const afterwards = ["archive/fetched", nobodyAtWork.id, "archive/aborted"];
  expect([...text.matchAll(/^\| `([a-z-]+\/[a-z-]+)` \|/gm)].map(([, id]) => id)).toEqual([...checks, ...afterwards]);
});

describe("docs/restore.md", () => {
  test("has every check of a restore once, and no other", () => {
    const text = readFileSync(join(ROOT, "docs/restore.md"), "utf8");
    const documented = [...text.matchAll(/^\| `(restore\/[a-z-]+)` \|/gm)].map(([, id]) => id);
    const sources = readdirSync(join(ROOT, "src"), { recursive: true, encoding: "utf8" }).filter((name) =>
      name.endsWith(".ts"),
    );
    const written = sources.flatMap((name) =>
      [...readFileSync(join(ROOT, "src", name), "utf8").matchAll(/\b(?:id|check): "(restore\/[a-z-]+)"/g)].map(
        ([, id]) => id,
      ),
    );
    expect(documented.toSorted()).toEqual([...new Set(written)].sort());
  });
});

test("docs/retention.md has every check once, and no other", () => {
  const text = readFileSync(join(ROOT, "docs/retention.md"), "utf8");
  const ids = [...TODAY_CHECKS, ...LOSS_CHECKS, ...HORIZON_CHECKS].map(({ id }) => id);
  expect([...text.matchAll(/^\| `(retention\/[a-z-]+)` \|/gm)].map(([, id]) => id)).toEqual([...new Set(ids)]);
});
