/** The bounds of a record: whatever was typed and whatever was done, it fits, and says how that ended. */
import { expect, test } from "vitest";
import type { Change, Plan, PlannedStep } from "../../../src/core/change.ts";
import { bodyOf, MAX_BODY_BYTES, type Run } from "../../../src/rules/audit/record.ts";

const RUN: Run = {
  environment: "production",
  command: "backup snapshot",
  argv: ["backup", "snapshot", "core"],
  tool: "1.2.3",
  who: { os: "anna@build-7", aws: "arn:aws:iam::111122223333:user/anna", atlas: "API key abcdefgh" },
};
const PLACE = { log: "0a1b2c3d4e5f", seq: 1, prev: "0".repeat(64) };
const TOOLS = { redact: (text: string) => text.replaceAll("secret", "***"), sha256: () => "f".repeat(64) };

const long = "x".repeat(200_000);
const many = Array.from({ length: 40_000 }, (_, index) => `word-${index}`);
const step = {
  subject: "cluster/litally-core",
  summary: "x".repeat(2_000),
  irreversible: false,
  confirm: null,
  differences: [],
};
const plan: Plan<PlannedStep> = { preconditions: [], steps: many.map(() => step) };
const change: Change = {
  state: "failed",
  reason: long,
  steps: many.map(() => ({ ...step, state: "failed", message: "m".repeat(2_000), result: { names: many } })),
};

function recorded(run: Partial<Run>, names: readonly string[] = [], has: Plan<PlannedStep> = plan) {
  const entry = { kind: "ended", act: "a", at: new Date(0), undertaken: { plan: has, names }, change } as const;
  return bodyOf({ ...RUN, ...run }, entry, PLACE, TOOLS);
}

test.each([
  ["a word without end", recorded({ argv: ["backup", long] })],
  ["words without end", recorded({ argv: many })],
  ["names without end", recorded({}, many)],
  ["steps without end", recorded({})],
])("%s: it fits, and says the outcome and what was consented to", (_, body) => {
  expect(Buffer.byteLength(body)).toBeLessThanOrEqual(MAX_BODY_BYTES);
  const record = JSON.parse(body);
  expect(record).toMatchObject({ plan: { hash: "f".repeat(64) }, outcome: { state: "failed" } });
  expect(record.argv.length + (record.argvOmitted ?? 0)).toBeGreaterThanOrEqual(2);
});

test("what is short stands there whole", () => {
  const small: Plan<PlannedStep> = { ...plan, steps: plan.steps.slice(0, 1) };
  const entry = { kind: "begun", act: "a", at: new Date(0), undertaken: { plan: small, names: ["core"] } } as const;
  const record = JSON.parse(bodyOf(RUN, entry, PLACE, TOOLS));
  expect(record).toMatchObject({ argv: RUN.argv, plan: { consent: ["core"] } });
  expect(Object.keys(record)).not.toContain("argvOmitted");
});

test("a secret among the words is covered before they are cut", () => {
  const word = `${"x".repeat(97)}secret`;
  expect(recorded({ argv: [word, ...many] })).not.toMatch(/x(s|se|sec|secr|secre|secret)\.\.\./);
});
