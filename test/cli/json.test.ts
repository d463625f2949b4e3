/** `--json`: exactly one document on stdout, whatever happens, and it is what the published schema says. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { documentOf, outputJsonSchema } from "../../src/cli/document.ts";
import { policyJsonSchema } from "../../src/policy/json-schema.ts";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { lastLine, NOW, POLICY_VARIABLES, type RunOptions, run } from "./host.ts";

const published = (name: string) => readFileSync(join(import.meta.dirname, "../../config", name), "utf8");
const written = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
const ajv = new Ajv2020({ allErrors: true, strict: true });
formats(ajv);
const matches = ajv.compile(JSON.parse(published("output.schema.json")));

function onlyDocument(stdout: string): Readonly<Record<string, unknown>> {
  const document: unknown = JSON.parse(stdout);
  expect(matches(document), JSON.stringify(matches.errors)).toBe(true);
  expect(stdout).toBe(`${JSON.stringify(document, null, 2)}\n`);
  return document as Readonly<Record<string, unknown>>; // the schema admits objects only
}

const REPORT = {
  kind: "report",
  schemaVersion: 1,
  exitCode: 2,
  command: "x",
  environment: "x",
  observedAt: NOW,
  status: "unknown",
  findings: [],
};

describe("the published schemas", () => {
  test("are what the program goes by (npm run generate writes them)", () => {
    expect(published("output.schema.json")).toBe(written(outputJsonSchema()));
    expect(published("policy.schema.json")).toBe(written(policyJsonSchema()));
  });

  test.each([
    ["nothing", {}],
    ["no status", { ...REPORT, status: undefined }],
    ["no exit code", { ...REPORT, exitCode: undefined }],
    ["another version", { ...REPORT, schemaVersion: 2 }],
    ["a new key", { ...REPORT, more: 1 }],
  ])("refuse %s", (_what, document) => {
    expect(matches(JSON.parse(JSON.stringify(REPORT)))).toBe(true);
    expect(matches(JSON.parse(JSON.stringify(document)))).toBe(false);
  });

  test("a document that does not match is a bug, and is not printed", () => {
    const finding = { check: "No Id", title: "x", subject: "x", status: "pass" as const, message: "x" };
    const report = { kind: "report" as const, command: "x", environment: "x", observedAt: NOW, findings: [finding] };
    expect(() => documentOf(report, 0)).toThrow(expect.objectContaining({ kind: "bug" }));
  });
});

interface Case extends Pick<RunOptions, "env" | "interrupted" | "after"> {
  readonly command: string;
  readonly kind: "report" | "list" | "artifact" | "error";
}

const CASES: readonly Case[] = [
  { command: "backup verify --sandbox", kind: "report" },
  { command: "backup verify --sandbox hole --config test/cli/policies/several.yaml --verbose", kind: "report" },
  { command: "backup list --sandbox", kind: "list" },
  { command: "backup list --sandbox sharded", kind: "list" },
  { command: "backup list --sandbox flex", kind: "list" },
  { command: "backup list --sandbox missing-field", kind: "list" },
  { command: "backup list --sandbox forbidden-snapshots", kind: "list" },
  { command: "doctor", kind: "report" },
  { command: "doctor --sandbox", kind: "report" },
  { command: "config check", env: POLICY_VARIABLES, kind: "report" },
  { command: "config show", env: POLICY_VARIABLES, kind: "artifact" },
  { command: "config schema", kind: "artifact" },
  { command: "doctor permissions --print", env: POLICY_VARIABLES, kind: "artifact" },
  { command: "sandbox worlds", kind: "list" },
  { command: "sandbox env", kind: "artifact" },
  { command: "sandbox up --port 0", interrupted: AbortSignal.abort(), kind: "artifact" },
  { command: "audit log verify --from local", env: POLICY_VARIABLES, kind: "report" },
  { command: "audit log list --from local", env: POLICY_VARIABLES, kind: "list" },
  { command: "completion fish", kind: "artifact" },
  { command: "backup verify", kind: "error" },
  { command: "backup verify", env: POLICY_VARIABLES, kind: "error" },
  { command: "backup verify --sandbox", interrupted: AbortSignal.abort(), kind: "error" },
  { command: "backup verify --sandbox", after: () => AbortSignal.abort(), kind: "report" },
  { command: "backup verify --sandbox nowhere", kind: "error" },
  { command: "backup verify nobody --sandbox", kind: "error" },
  { command: "config check --config test/cli/policies/bad.yaml", kind: "error" },
  { command: "config init package.json", kind: "error" },
  { command: "config show extra", kind: "error" },
  { command: "completion tcsh", kind: "error" },
  { command: "backup verfy", kind: "error" },
  { command: "backup", kind: "error" },
  { command: "--no-such-flag", kind: "error" },
  { command: "backup verify --since", kind: "error" },
  { command: "backup verify --timeout soon", kind: "error" },
];

describe("one document", () => {
  test.each(CASES)("$command --json: $kind", async ({ command, kind, ...options }) => {
    for (const flag of ["--json", "--format json", "--format=json"]) {
      // before the rest, so that no flag of the command takes it for its value
      const ran = await run([...flag.split(" "), ...command.split(" ")], options);
      const document = onlyDocument(ran.stdout);
      expect(document).toMatchObject({ kind, exitCode: ran.exitCode });
      if (kind !== "artifact") expect(lastLine(ran.stderr)).toMatch(/^verdict: .*\(exit \d+\)$/);
      if (kind === "error") expect(ran.exitCode).not.toBe(0);
    }
  });

  test.each(listWorlds())("$name verifies and lists", async ({ name }) => {
    for (const verb of ["verify", "list"])
      onlyDocument((await run(["backup", verb, "--sandbox", name, "--json"])).stdout);
  });

  test("--json among words that cannot be parsed, and without it no document", async () => {
    expect(onlyDocument((await run(["backup", "verify", "--nope", "--json"])).stdout)).toMatchObject({
      kind: "error",
      command: "backup verify",
      error: { kind: "usage" },
    });
    expect((await run(["--config", "x.yaml", "backup", "verfy", "--json"])).stdout).toContain(
      '"command": "backup verfy"',
    );
    expect((await run(["json"])).stdout).toBe("");
    expect((await run(["backup", "verify", "--nope"])).stdout).toBe("");
  });
});
