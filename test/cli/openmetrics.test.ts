/** The numbers of a run, read back by a strict reader, whatever the world has called its things. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { openMetrics } from "../../src/cli/render-openmetrics.ts";
import type { Finding, Report, Status } from "../../src/core/report.ts";
import { measuresOf } from "../../src/core/run-measures.ts";
import { readOpenMetrics, type Sample } from "../support/openmetrics.ts";
import { NOW, POLICY_VARIABLES, run } from "./host.ts";

const LATER = new Date(NOW.getTime() + 2500);

function finding(check: string, subject: string, status: Status, more: Partial<Finding> = {}): Finding {
  return { check, title: "a title", subject, status, message: "a message", ...more };
}

function told(findings: readonly Finding[], exitCode: number, more: Partial<Report> & { report?: string } = {}) {
  const { report, ...rest } = more;
  const outcome: Report = {
    kind: "report",
    command: "backup verify",
    environment: "production",
    observedAt: NOW,
    findings,
    ...rest,
  };
  const { command, environment, sandbox } = outcome;
  const measures = measuresOf({ outcome, exitCode, startedAt: NOW, endedAt: LATER });
  return openMetrics({ command, environment, sandbox, report, findings, measures });
}

function named(samples: readonly Sample[], name: string): readonly Sample[] {
  return samples.filter((sample) => sample.name === name);
}

const COMMON = { command: "backup verify", environment: "production" };

describe("the metrics of a run", () => {
  const text = told(
    [
      finding("backup/snapshot-age", "cluster/a", "fail", {
        scope: "daily",
        evidence: { createdAt: "2026-11-20T00:00:00Z", ageSeconds: 180_000 },
      }),
      finding("backup/readable", "cluster/a", "warn"),
      finding("backup/enabled", "cluster/a", "pass"),
      finding("backup/snapshot-age", "cluster/b", "unknown"),
    ],
    1,
    { report: "verify" },
  );
  const samples = readOpenMetrics(text);
  const labels = { ...COMMON, report: "verify" };

  test("say when it ended, how long it took, and how", () => {
    expect(named(samples, "litally_ops_run_timestamp_seconds")).toMatchObject([
      { labels, value: LATER.getTime() / 1000 },
    ]);
    expect(named(samples, "litally_ops_run_duration_seconds")).toMatchObject([{ labels, value: 2.5 }]);
    expect(named(samples, "litally_ops_run_exit_code")).toMatchObject([{ labels, value: 1 }]);
  });

  test("count every status, those too that do not occur", () => {
    const counts = named(samples, "litally_ops_run_findings").map(({ labels: { status = "" }, value }) => [
      status,
      value,
    ]);
    expect(Object.fromEntries(counts)).toEqual({ pass: 1, waived: 0, warn: 1, unknown: 1, fail: 1 });
  });

  test("name what does not pass, worst first, and nothing else", () => {
    expect(
      named(samples, "litally_ops_problem").map(
        ({ labels: { command: _, environment: __, report: ___, ...rest } }) => rest,
      ),
    ).toEqual([
      { check: "backup/snapshot-age", subject: "cluster/a", scope: "daily", status: "fail" },
      { check: "backup/snapshot-age", subject: "cluster/b", status: "unknown" },
      { check: "backup/readable", subject: "cluster/a", status: "warn" },
    ]);
    expect(named(samples, "litally_ops_problems_left_out")).toMatchObject([{ value: 0 }]);
  });

  test("tell the instant of the newest good backup, and none where it is not known", () => {
    expect(named(samples, "litally_ops_newest_backup_timestamp_seconds")).toEqual([
      {
        name: "litally_ops_newest_backup_timestamp_seconds",
        labels: { ...labels, subject: "cluster/a" },
        value: Date.parse("2026-11-20T00:00:00Z") / 1000,
      },
    ]);
  });

  test("of a rehearsal share no name with those of the accounts", () => {
    const rehearsed = readOpenMetrics(told([finding("a/b", "c", "fail")], 1, { sandbox: "stale" }));
    const names = new Set(samples.map(({ name }) => name));
    expect(rehearsed.length).toBeGreaterThan(5);
    for (const sample of rehearsed) {
      expect(names).not.toContain(sample.name);
      expect(sample.labels["sandbox"]).toBe("stale");
    }
  });

  test("stay few, however much was found", () => {
    const passes = Array.from({ length: 3000 }, (_, slot) =>
      finding("retention/slots", "cluster/a", "pass", { scope: `daily ${slot}` }),
    );
    const fails = Array.from({ length: 500 }, (_, index) => finding("alarms/exists", `alarm/${index}`, "fail"));
    const few = readOpenMetrics(told([...passes, ...fails, finding("a/b", "c", "unknown")], 1));
    expect(few.length).toBeLessThan(250);
    expect(named(few, "litally_ops_problems_left_out")).toMatchObject([{ value: 301 }]);
  });
});

describe("docs/output.md", () => {
  const DOCS = readFileSync(join(import.meta.dirname, "../../docs/output.md"), "utf8");
  const evidence = { createdAt: NOW.toISOString(), ageSeconds: 1 };
  const text = told([finding("backup/snapshot-age", "a", "fail", { evidence })], 1);
  const families = [...text.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name);

  test("has a row for each metric, and for no other", () => {
    expect([...DOCS.matchAll(/^\| `(litally_ops_\w+)`/gm)].map(([, name]) => name)).toEqual(families);
  });

  test("has alerts by what there is", () => {
    const rules = /```yaml\n([\s\S]*?)^```/m.exec(DOCS)?.[1] ?? "";
    const used = [...JSON.stringify(parse(rules)).matchAll(/litally_ops_\w+/g)].map(([name]) => name);
    expect(used.length).toBeGreaterThan(4);
    for (const name of used) expect(families).toContain(name);
  });
});

describe("whatever things are called", () => {
  const word = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string({
      unit: fc.constantFrom('"', "\\", "\n", "n", "{", "}", ",", "=", "#", " ", "\uD800", "\t", "\r", "\u2028"),
    }),
  );
  const status = fc.constantFrom<Status>("pass", "warn", "fail", "unknown");
  const anything = fc.record({ check: word, subject: word, scope: word, status, age: fc.nat() });

  test("the text can be read, no series stands there twice, and every word comes back", () => {
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 20 }), word, word, word, (all, environment, report, sandbox) => {
        const createdAt = NOW.toISOString();
        const findings = all.flatMap(({ check, subject, scope, status: its, age }) => [
          finding(check, subject, its, { scope }),
          finding("backup/snapshot-age", subject, its, { scope, evidence: { createdAt, ageSeconds: age } }),
        ]);
        const twice = [...findings, ...findings]; // two that say the same are one series
        const samples = readOpenMetrics(told(twice, 1, { environment, report, sandbox }));
        const subjects = new Set(samples.map(({ labels }) => labels["subject"]));
        for (const { subject, status: its } of findings)
          if (its !== "pass" && subject !== "") expect(subjects).toContain(subject.toWellFormed());
        for (const { labels } of samples) expect(labels["report"] ?? "").toBe(report.toWellFormed());
      }),
    );
  });
});

describe("real runs", () => {
  test.each([
    "backup verify --sandbox",
    "backup verify --sandbox stale",
    "backup verify --sandbox forbidden-snapshots",
    "backup verify --sandbox hole --config test/cli/policies/several.yaml",
    "backup plan --sandbox atlas-default",
    "backup apply --sandbox paused --confirm litally-core",
    "retention check --sandbox atlas-default",
    "alarms audit --sandbox alarm-looser",
    "notify audit --sandbox subscriptions-unreadable",
    "doctor",
    "backup verify",
    "backup verify nobody --sandbox",
    "backup verfy",
  ])("%s says on stdout and in a file what it exits with", async (command) => {
    const argv = [...command.split(" "), "--format=openmetrics", "--report", "folder/nightly.prom"];
    const ran = await run(argv, { env: POLICY_VARIABLES });
    const [stdout, file] = [ran.stdout, ran.reports.get("folder/nightly.prom") ?? ""].map(readOpenMetrics);
    const exits = (samples: readonly Sample[] = []) => samples.filter(({ name }) => name.endsWith("run_exit_code"));
    expect(exits(stdout)).toMatchObject([{ value: ran.exitCode }]);
    expect(exits(file)).toMatchObject([{ value: ran.exitCode, labels: { report: "nightly" } }]);
    expect(file?.map(({ labels: { report: _, ...labels }, ...rest }) => ({ ...rest, labels }))).toEqual(stdout);
  });

  test("an error that comes after the policy was read still says whose it is", async () => {
    const { stdout } = await run(["backup", "verify", "nobody", "--format", "openmetrics"], { env: POLICY_VARIABLES });
    expect(stdout).toContain('litally_ops_run_exit_code{command="backup verify",environment="production"} 64\n');
  });
});
