/** Text for people: within 80 columns, in words, without escapes unless they are wanted, and a verdict at its end. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRedactor } from "../../src/cli/redact.ts";
import { remedyLines } from "../../src/cli/remedy.ts";
import { junitReport } from "../../src/cli/render-junit.ts";
import { markdownReport } from "../../src/cli/render-markdown.ts";
import { renderReport } from "../../src/cli/render-text.ts";
import { PLAIN_STYLE } from "../../src/cli/style.ts";
import { waiverWords } from "../../src/cli/waiver-text.ts";
import type { Finding, Report } from "../../src/core/report.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { lastLine, NOW, run } from "./host.ts";

const WIDTH = 80;
const VERDICT = /^verdict: [A-Z]+\b.*\(exit \d+\)$/;

/** A single word or a command may be too long for any line, and is then left whole, so that it can be copied. */
function tooWide(text: string): readonly string[] {
  return text.split("\n").filter((line) => line.length > WIDTH && line.trim().includes(" ") && !COMMAND.test(line));
}

/** Words that only a command has. */
const COMMAND = /\b(atlas (api|backups|clusters|events)|litally-ops (backup|config|doctor)) /;

describe("every world", () => {
  test.each(listWorlds())("$name", async ({ name }) => {
    const plain = await run(["backup", "verify", "--sandbox", name, "--verbose"]);
    for (const line of plain.stdout.split("\n").filter((one) => COMMAND.test(one)))
      expect(line).toMatch(/^ {13}(atlas|litally-ops|echo) [^;]*[^;,.)]$/);
    expect(tooWide(plain.stdout)).toEqual([]);
    expect(plain.stdout).not.toContain("\u001B");
    expect(lastLine(plain.stdout)).toMatch(VERDICT);
    for (const policy of ["config/litally-ops.yaml", "test/cli/policies/several.yaml"]) {
      const listed = await run(["backup", "list", "--sandbox", name, "--config", policy]);
      expect(tooWide(listed.stdout)).toEqual([]);
      expect(lastLine(listed.stdout)).toMatch(VERDICT);
    }
  });
});

describe("help", () => {
  test.each(["--help", "backup --help", "backup verify --help", "sandbox up --help", "help exit-codes"])(
    "%s keeps within 80 columns",
    async (command) => expect(tooWide((await run(command.split(" "))).stdout)).toEqual([]),
  );
});

describe("columns of a list", () => {
  const head = async (columns: number | undefined, ...flags: readonly string[]) => {
    const options = { env: { NO_COLOR: "1" }, ...(columns === undefined ? {} : { columns }) };
    return (await run(["backup", "list", "--sandbox", ...flags], options)).stdout.split("\n")[1]?.split(/ {2,}/);
  };
  test("are left out one by one where there is no room for them, and named", async () => {
    const full = ["VERDICT", "TAKEN (UTC)", "AGE", "KIND", "SIZE", "COPIES", "EXPIRES", "STATUS", "ID"];
    expect(await head(200)).toEqual(full);
    expect(await head(100)).toEqual(full.slice(0, -1));
    for (const columns of [WIDTH, undefined]) expect(await head(columns)).toEqual(full.slice(0, -2));
    expect(await head(10)).toEqual(full.slice(0, -4));
    expect(await head(10, "--verbose")).toEqual(full);
    const { stdout } = await run(["backup", "list", "--sandbox"]);
    expect(stdout).toContain("\n\nmore columns with --verbose: STATUS, ID\n\n");
  });
});

describe("sentences in a list", () => {
  test.each([undefined, WIDTH, 60, 10])("go on below, in their column: %s", async (columns) => {
    const options = { env: { NO_COLOR: "1" }, ...(columns === undefined ? {} : { columns }) };
    const lines = (await run(["sandbox", "worlds"], options)).stdout.split("\n").slice(0, -4);
    const start = lines[0]?.indexOf("WHAT IS THERE") ?? 0;
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(columns ?? WIDTH, start + 20));
    const below = lines.filter((line) => line.startsWith(" "));
    expect(below.length).toBeGreaterThan(3);
    for (const line of below) expect(line.search(/\S/)).toBe(start);
    const said = lines.map((line) => line.slice(start)).join(" ");
    for (const { summary } of listWorlds()) expect(said).toContain(summary);
  });
});

describe("a remedy", () => {
  test.each([
    ["see backup/enabled", ["remedy: see backup/enabled"]],
    ["upgrade litally-ops; then look", ["remedy: upgrade litally-ops; then look"]],
    ["litally-ops backup apply core", ["remedy:", "  litally-ops backup apply core"]],
    [
      "a: atlas x y; b: atlas z, atlas w, and c",
      ["remedy: a:", "  atlas x y", "b:", "  atlas z", "  atlas w", "and c"],
    ],
    ["do it (litally-ops config check), or not", ["remedy: do it", "  litally-ops config check", "or not"]],
    ['to: eval "$(litally-ops x)"; not', ["remedy: to:", '  eval "$(litally-ops x)"', "not"]],
    ["name it (atlas x list c)", ["remedy: name it", "  atlas x list c"]],
    ['on: echo \'{"a":1,"b":2}\' > f && atlas api x', ["remedy: on:", '  echo \'{"a":1,"b":2}\' > f && atlas api x']],
  ])("%s", (remedy, lines) => expect(remedyLines(remedy, 60)).toEqual(lines));

  test("wraps sentences, never commands", () => {
    const command = `atlas ${"word ".repeat(30)}end`;
    const [first, second, third, ...rest] = remedyLines(`${"word ".repeat(12)}here: ${command}`, 40);
    expect([first?.length, second?.length].every((length) => (length ?? 99) <= 40)).toBe(true);
    expect([third, ...rest].at(-1)).toBe(`  ${command}`);
  });
});

describe("colour", () => {
  test.each<[string, number | undefined, Readonly<Record<string, string>>, readonly string[], boolean]>([
    ["a terminal", WIDTH, {}, [], true],
    ["no terminal", undefined, {}, [], false],
    ["a terminal in CI", WIDTH, { CI: "true" }, [], true],
    ["a dumb terminal", WIDTH, { TERM: "dumb" }, [], false],
    ["NO_COLOR", WIDTH, { NO_COLOR: "1" }, [], false],
    ["an empty NO_COLOR", WIDTH, { NO_COLOR: "" }, [], true],
    ["FORCE_COLOR", undefined, { FORCE_COLOR: "1" }, [], true],
    ["FORCE_COLOR on a dumb terminal", undefined, { FORCE_COLOR: "1", TERM: "dumb" }, [], true],
    ["FORCE_COLOR=0", WIDTH, { FORCE_COLOR: "0" }, [], false],
    ["both", WIDTH, { FORCE_COLOR: "1", NO_COLOR: "1" }, [], false],
    ["--no-color", WIDTH, { FORCE_COLOR: "1" }, ["--no-color"], false],
    ["--json", WIDTH, { FORCE_COLOR: "1" }, ["--json"], false],
    ["--format markdown", WIDTH, { FORCE_COLOR: "1" }, ["--format", "markdown"], false],
  ])("%s", async (_what, columns, env, flags, coloured) => {
    const argv = ["backup", "verify", "--sandbox", "stale", ...flags];
    const ran = await run(argv, { env, ...(columns === undefined ? {} : { columns }) });
    expect(ran.stdout.includes("\u001B[")).toBe(coloured);
    expect(ran.exitCode).toBe(1);
    expect(ran.stderr).not.toContain("\u001B");
  });
});

const sentence = fc.string({
  unit: fc.constantFrom("a", "b", " ", "-", "|", "<", "&", '"', "\\", "*", "\n", "\u0007"),
  maxLength: 300,
});
const judged = {
  check: fc.constantFrom("backup/readable", "backup/snapshot-age"),
  title: fc.constant("t"),
  subject: fc.constantFrom("cluster/a", "cluster/b<&>", "atlas"),
  message: sentence,
  remedy: sentence,
};
const waiver = fc.record({
  found: fc.constantFrom("fail", "warn"),
  until: fc.constant("2026-12-31"),
  leftDays: fc.nat(20),
  reason: sentence,
  owner: sentence,
});
const finding: fc.Arbitrary<Finding> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ ...judged, status: fc.constantFrom("pass", "warn", "fail", "unknown") }) },
  fc.record({ ...judged, status: fc.constant("waived"), waiver }),
);
const reports: fc.Arbitrary<Report> = fc.array(finding, { maxLength: 12 }).map((findings) => ({
  kind: "report",
  command: "backup verify",
  environment: "test",
  observedAt: NOW,
  findings,
}));

const passed = ({ status }: Finding) => status === "pass";

describe("whatever is found", () => {
  test("text keeps its width and its last line", () => {
    fc.assert(
      fc.property(reports, fc.boolean(), (report, verbose) => {
        const text = renderReport(report, { style: PLAIN_STYLE, verbose, exitCode: 0, width: null });
        expect(tooWide(text)).toEqual([]);
        expect(lastLine(text)).toMatch(VERDICT);
      }),
    );
  });

  test("what is waived is named, with who answers for it, however much else there is", () => {
    fc.assert(
      fc.property(reports, (report) => {
        const text = renderReport(report, { style: PLAIN_STYLE, verbose: false, exitCode: 0, width: null });
        const words = text.replaceAll(/\s+/g, "");
        for (const { waiver: own } of report.findings)
          if (own !== undefined) expect(words).toContain(waiverWords(own).replaceAll(/\s+/g, ""));
        const waived = report.findings.filter(({ status }) => status === "waived").length;
        if (waived > 0) expect(lastLine(text)).toContain(`${waived} waived`);
      }),
    );
  });

  test("a markdown table has as many cells in every row", () => {
    fc.assert(
      fc.property(reports, (report) => {
        const rows = markdownReport(report, 0)
          .split("\n")
          .filter((line) => line.startsWith("|"));
        for (const row of rows) expect(row.replaceAll(/\\./g, "").split("|")).toHaveLength(6);
        const [passes, problems] = [report.findings.filter(passed), report.findings.filter((one) => !passed(one))];
        const told = new Set(
          problems.map((one) => JSON.stringify([one.subject, one.status, one.message, one.remedy, one.waiver])),
        );
        const subjects = new Set(report.findings.map(({ subject }) => subject));
        expect(rows).toHaveLength(passes.length + told.size + 2 * subjects.size);
      }),
    );
  });

  test("junit is well-formed and counts right", () => {
    fc.assert(
      fc.property(reports, fc.boolean(), (report, strict) => {
        const xml = junitReport(report, strict);
        const open: string[] = [];
        const seen = new Map<string, number>();
        const rest = xml.replaceAll(/<(\/?)([a-z-]+)((?: [a-z]+="[^"<]*")*)>/g, (_tag, end: string, name: string) => {
          if (end === "/") expect(open.pop()).toBe(name);
          else open.push(name);
          seen.set(name, (seen.get(name) ?? 0) + (end === "/" ? 0 : 1));
          return "";
        });
        expect(open).toEqual([]);
        expect(rest.replace(/^<\?xml [^>]*\?>/, "")).not.toMatch(/[<>]|(?!\n)\p{Cc}|&(?!(amp|lt|gt|quot|apos|#10);)/u);
        expect(seen.get("testcase") ?? 0).toBe(report.findings.length);
        const count = (status: string) => report.findings.filter((one) => one.status === status).length;
        expect(seen.get("skipped") ?? 0).toBe(count("waived"));
        expect(seen.get("error") ?? 0).toBe(count("unknown"));
        expect(seen.get("failure") ?? 0).toBe(count("fail") + (strict ? count("warn") : 0));
      }),
    );
  });

  test("nothing that steers a terminal gets through", () => {
    const { apply } = createRedactor();
    expect(apply("a\u001B[2Jb\u0007\r\u009B\u202Ec\td\n")).toBe("a\uFFFD[2Jb\uFFFD\uFFFD\uFFFD\uFFFDc\td\n");
    expect(apply("a\u200Fb\u2028c\u2067d\u061Ce")).toBe("a\uFFFDb\uFFFDc\uFFFDd\uFFFDe");
  });
});
