/**
 * The JSON output as a schema: the one source of config/output.schema.json, and what every document is checked
 * against before it is printed.
 */
import * as z from "zod/mini";
import { ERROR_KINDS, OpsError } from "../core/error.ts";
import { type Outcome, worst } from "../core/report.ts";
import { CHANGE_WORDS, STEP_WORDS } from "./change-text.ts";
import type { ExitCode } from "./exit-code.ts";
import type { ToldError } from "./render-error.ts";

const status = z.enum(["pass", "waived", "warn", "fail", "unknown"]);
const cell = z.union([z.string(), z.number(), z.boolean(), z.null(), z.array(z.string())]);
const instant = z.iso.datetime();
const schemaVersion = z.literal(1);
const exitCode = z.int().check(z.describe("What the run exits with: see litally-ops help exit-codes."));
const sandbox = z
  .optional(z.string())
  .check(z.describe("The world that was asked in place of the accounts; absent where the accounts were asked."));

const waiver = z
  .strictObject({
    found: z.enum(["fail", "warn"]).check(z.describe("What it is without the waiver.")),
    until: z.string().check(z.describe("As the policy has it: a day, to its end in UTC, or an instant.")),
    leftDays: z.int().check(z.nonnegative()),
    reason: z.string().check(z.minLength(1)),
    owner: z.string().check(z.minLength(1)),
  })
  .check(z.describe("On every finding that is waived, and on no other."));

const finding = z.strictObject({
  check: z.string().check(z.regex(/^[a-z-]+\/[a-z0-9-]+$/)),
  title: z.string(),
  subject: z.string().check(z.minLength(1)),
  scope: z.optional(z.string()),
  status,
  message: z.string().check(z.minLength(1)),
  evidence: z.optional(z.record(z.string(), cell)),
  remedy: z.optional(z.string()),
  waiver: z.optional(waiver),
});

const difference = z.strictObject({
  setting: z.string().check(z.minLength(1)),
  source: z.nullable(z.string()).check(z.describe("Where the policy says so, file:line.")),
  wanted: z.string(),
  live: z.string(),
  effect: z.enum(["adds", "tightens", "loosens", "changes"]),
  because: z.optional(z.string()),
});

const detail = z.strictObject({
  label: z.string(),
  value: z.string(),
  lasts: z.optional(z.literal(true)).check(z.describe("Also to be known of a step that was begun.")),
});

const change = z.strictObject({
  state: z.enum(Object.keys(CHANGE_WORDS)),
  reason: z.optional(z.string()),
  isAside: z.optional(z.literal(true)).check(z.describe("Once it is done, the findings alone say how the run ended.")),
  steps: z.array(
    z.strictObject({
      subject: z.string().check(z.minLength(1)),
      summary: z.string().check(z.minLength(1)),
      state: z.enum(Object.keys(STEP_WORDS)),
      differences: z.array(difference),
      details: z.optional(z.array(detail)),
      result: z.optional(z.record(z.string(), cell)),
      message: z.optional(z.string()),
      next: z.optional(z.string()),
    }),
  ),
});

const report = z.strictObject({
  kind: z.literal("report"),
  schemaVersion,
  exitCode,
  command: z.string(),
  environment: z.string(),
  observedAt: instant,
  sandbox,
  status,
  findings: z.array(finding),
  change: z.optional(change),
});

const list = z.strictObject({
  kind: z.literal("list"),
  schemaVersion,
  exitCode,
  command: z.string(),
  environment: z.string(),
  observedAt: instant,
  sandbox,
  items: z.array(z.record(z.string(), cell)),
  /** Whether all that belongs into the list could be looked at; what could not is in `missing`. */
  complete: z.boolean(),
  missing: z.array(z.strictObject({ subject: z.string(), reason: z.string().check(z.minLength(1)) })),
  /** Items that `--limit` left out. */
  omitted: z.int().check(z.nonnegative()),
  findings: z.array(finding),
});

const artifact = z.strictObject({
  kind: z.literal("artifact"),
  schemaVersion,
  exitCode,
  command: z.string(),
  content: z.unknown(),
});

const error = z.strictObject({
  kind: z.literal("error"),
  schemaVersion,
  exitCode,
  command: z.string(),
  sandbox,
  error: z.strictObject({
    kind: z.enum(ERROR_KINDS),
    message: z.string().check(z.minLength(1)),
    hint: z.optional(z.string()),
  }),
});

const document = z.discriminatedUnion("kind", [report, list, artifact, error]);
export type Document = z.output<typeof document>;

/** A document as it is printed. `##[` would be a command to GitHub Actions, so its bracket is escaped. */
export function jsonText(json: Document): string {
  return `${JSON.stringify(json, null, 2).replaceAll("##[", "##\\u005b")}\n`;
}

/** The document of an outcome; one that does not match the published schema is a bug, not an answer. */
export function documentOf(outcome: Outcome, exitCode: ExitCode): Document {
  return checked(unchecked(outcome, exitCode));
}

function unchecked(outcome: Outcome, exitCode: ExitCode): unknown {
  switch (outcome.kind) {
    case "report": {
      const { kind, command, environment, observedAt, sandbox, findings, change } = outcome;
      return {
        kind,
        schemaVersion: 1,
        exitCode,
        command,
        environment,
        observedAt: observedAt.toISOString(),
        sandbox,
        status: worst(findings),
        findings,
        ...(change === undefined ? {} : { change }),
      };
    }
    case "list": {
      const { kind, command, environment, sandbox, items, missing, omitted, findings } = outcome;
      return {
        kind,
        schemaVersion: 1,
        exitCode,
        command,
        environment,
        observedAt: outcome.observedAt.toISOString(),
        sandbox,
        items,
        complete: missing.length === 0,
        missing,
        omitted,
        findings,
      };
    }
    case "artifact":
      return { kind: outcome.kind, schemaVersion: 1, exitCode, command: outcome.command, content: outcome.content };
  }
}

export function documentOfError({ command, kind, message, hint, exitCode, sandbox }: ToldError): Document {
  return checked({
    kind: "error",
    schemaVersion: 1,
    exitCode,
    command,
    sandbox,
    error: { kind, message, ...(hint === undefined ? {} : { hint }) },
  });
}

function checked(value: unknown): Document {
  const parsed = document.safeParse(value);
  if (parsed.success) return parsed.data;
  const where = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; ");
  throw new OpsError("bug", `the document does not match the output schema: ${where}`);
}

export function outputJsonSchema(): object {
  return { ...z.toJSONSchema(document), title: "Output of litally-ops --json" };
}
