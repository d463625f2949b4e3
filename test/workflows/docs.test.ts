/** docs/github-actions.md and the README say what action.yml and the workflows say, and no more. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { run } from "../cli/host.ts";
import { readAction, readWorkflow } from "../support/jobs.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const DOCS = readFileSync(join(ROOT, "docs/github-actions.md"), "utf8");
const README = readFileSync(join(ROOT, "README.md"), "utf8");
const FILES = readdirSync(join(ROOT, ".github/workflows"));
const TEXTS = FILES.map((name) => readFileSync(join(ROOT, ".github/workflows", name), "utf8"));

/** The rows of the table whose head begins so: what stands in their cells. */
function table(head: string): readonly (readonly string[])[] {
  const [, rows = ""] = new RegExp(`^\\| ${head} .*\n\\| ---.*\n((?:\\|.*\n)+)`, "m").exec(DOCS) ?? [];
  return rows
    .trimEnd()
    .split("\n")
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

const names = (head: string) => table(head).map(([name = ""]) => name.replaceAll("`", ""));

describe("docs/github-actions.md", () => {
  test("has every input with its default, and every output", () => {
    const { inputs, outputs } = readAction();
    expect(names("input")).toEqual(Object.keys(inputs));
    expect(names("output")).toEqual(Object.keys(outputs));
    for (const [name = "", , given = ""] of table("input")) {
      const input = inputs[name.replaceAll("`", "")];
      if (input?.required === true) expect(given).toBe("required");
      else if (input?.default) expect(given).toBe(`\`${input.default}\``);
      else expect(given).toMatch(/^none$|^built from|with `package` required/);
    }
  });

  test("has every workflow with the minute at which it begins", () => {
    expect(names("workflow").sort()).toEqual(FILES.toSorted());
    for (const [file = "", when = ""] of table("workflow")) {
      const { schedule } = readWorkflow(file.replaceAll("`", "")).on as { schedule?: readonly { cron: string }[] }; // ours
      const [minute = "", hour = ""] = schedule?.[0]?.cron.split(" ") ?? [];
      if (/^\d+$/.test(hour)) expect(when).toContain(`${hour.padStart(2, "0")}:${minute}`);
      else if (hour === "*") expect(when).toContain(`${minute} minutes`);
    }
  });

  test("has every variable and secret that a workflow uses, and no other", () => {
    const used = TEXTS.flatMap((text) =>
      [...text.matchAll(/\b(var|secret)s\.(\w+)/g)].map(([, kind = "", name = ""]) => `${name} ${kind}`),
    );
    const told = table("name").map(
      ([name = "", kind = ""]) => `${name.replaceAll("`", "")} ${kind.slice(0, 6).replace("variab", "var")}`,
    );
    expect(told.toSorted()).toEqual([...new Set(used)].sort());
  });
});

test("docs/schedules.md takes nothing from the environment that the workflows do not hand on to what beats", () => {
  const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(ROOT, "docs/schedules.md"), "utf8")) ?? [];
  const names = [...example.matchAll(/\$\{(\w+)\}/g)].map(([, name = ""]) => name);
  expect(names).toEqual(["HEARTBEAT_URL"]);
  const steps = FILES.flatMap((file) => Object.values(readWorkflow(file).jobs)).flatMap((job) => job.steps);
  const beating = steps.filter(({ with: given }) => String(given?.["args"]).includes("--heartbeat"));
  expect(beating.map(({ env }) => env?.["HEARTBEAT_URL"])).toEqual(
    Array.from({ length: 6 }, () => `\${{ secrets.HEARTBEAT_URL }}`),
  );
});

test("the README sets what the nightly run needs, and all that it needs", () => {
  const nightly = TEXTS[FILES.indexOf("nightly.yml")] ?? "";
  const needed = new Set([...nightly.matchAll(/\b(?:var|secret)s\.(\w+)/g)].map(([, name = ""]) => name));
  const walk = theWalk();
  const inLoop = / for name in (.*); do gh secret set/.exec(walk)?.[1]?.split(" ") ?? [];
  const secrets = [...inLoop, ...[...walk.matchAll(/gh secret set (\w+)/g)].map(([, name = ""]) => name)];
  const variables = [...walk.matchAll(/gh variable set (\w+)/g)].map(([, name = ""]) => name);
  expect([...secrets, ...variables].sort()).toEqual([...needed].sort());
});

test("the README's role is printed by the variables that were set before, in any shell", async () => {
  const [before = "", after = ""] = theWalk().split("litally-ops doctor permissions ");
  const account = / AWS_ACCOUNT_ID=\$\(aws sts/.test(before) ? { AWS_ACCOUNT_ID: "111122223333" } : {};
  const others = [...before.matchAll(/ (\w+)=([+\w]+)/g)].map(([, name = "", value = ""]) => [name, value]);
  const [words = ""] = after.split(" > ");
  const printed = await run(["doctor", "permissions", ...words.split(" ")], {
    env: { ...account, ...Object.fromEntries(others) },
  });
  expect([printed.exitCode, printed.stderr]).toEqual([0, ""]);
  // an inline policy of a role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
  expect(printed.stdout.replaceAll(/\s/g, "").length).toBeLessThan(10_240);
  expect(theWalk(), "zsh takes $name:r for the name without its extension").not.toMatch(/\$\w+:/);
});

function theWalk(): string {
  return /## Every night, in ten minutes\n([\s\S]*?)\nWithout AWS/.exec(README)?.[1] ?? "";
}
