/**
 * The gate before any output: known secrets never pass, whoever put them into a text, nor does anything that would
 * steer a terminal.
 */
import type { Change, Difference } from "../core/change.ts";
import type { Finding, Outcome, Report } from "../core/report.ts";

export interface Redactor {
  /** Values that must not be seen from now on. */
  add(secrets: readonly (string | undefined)[]): void;
  /** Values that stand where secrets stand and are none (those of the sandbox): they are shown whoever adds them. */
  allow(values: readonly string[]): void;
  apply(text: string): string;
}

/** Shorter values would blank out ordinary words; nothing that short protects anything. */
const MIN_SECRET_LENGTH = 5;

export function createRedactor(): Redactor {
  const known = new Map<string, readonly string[]>();
  const allowed = new Set<string>();
  return {
    add(secrets) {
      for (const secret of secrets)
        if (secret !== undefined && secret.length >= MIN_SECRET_LENGTH) known.set(secret, formsOf(secret));
    },
    allow(values) {
      for (const value of values) allowed.add(value);
    },
    apply(text) {
      const forms = [...known].flatMap(([secret, all]) => (allowed.has(secret) ? [] : all));
      return forms
        .sort((a, b) => b.length - a.length)
        .reduce((rest, form) => rest.replaceAll(form, REDACTED), text)
        .replaceAll(STEERING, "\uFFFD");
    },
  };
}

const REDACTED = "[redacted]";
/** Control characters but for line breaks and tabs, line separators, and what turns the direction of writing. */
const STEERING = /(?![\n\t])[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/gu;

function formsOf(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed()), base64(secret)];
}

/** Variables whose values are secret wherever they come from, each with the name that it belongs to. */
const SECRET_VARIABLES = {
  MONGODB_ATLAS_PRIVATE_API_KEY: "MONGODB_ATLAS_PUBLIC_API_KEY",
  MONGODB_ATLAS_CLIENT_SECRET: "MONGODB_ATLAS_CLIENT_ID",
  AWS_SECRET_ACCESS_KEY: "AWS_ACCESS_KEY_ID",
  AWS_SESSION_TOKEN: "AWS_ACCESS_KEY_ID",
} as const;

/** Secrets that have no name beside them. */
const SECRET_TOKENS = ["GITHUB_TOKEN"] as const;

/** Connection strings: as a whole, and what is secret in them. */
const SECRET_URIS = ["LITALLY_OPS_VERIFY_URI", "LITALLY_OPS_SOURCE_URI"] as const;

/** The secrets of an environment, and what `name:secret` becomes in a header of HTTP's basic authentication. */
export function secretsIn(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const plain = Object.entries(SECRET_VARIABLES).flatMap(([variable, name]) => {
    const secret = env[variable];
    return secret === undefined || secret === "" ? [] : [secret, base64(`${env[name] ?? ""}:${secret}`)];
  });
  const tokens = SECRET_TOKENS.flatMap((variable) => env[variable] ?? []);
  return [...plain, ...tokens, ...SECRET_URIS.flatMap((variable) => secretsInUri(env[variable]))];
}

/** Where a password ends is guessed both ways: one that holds an unencoded `@` is wrong there, and secret all the same. */
const URI_SECRETS = [
  /^[a-z+]*:\/\/[^:@/]*:([^@]*)@/i,
  /^[a-z+]*:\/\/[^:@/]*:(.*)@/i,
  /[?&](?:tlsCertificateKeyFilePassword|proxyPassword)=([^&]*)/i,
  /AWS_SESSION_TOKEN:([^&,]*)/i,
];

function secretsInUri(uri: string | undefined): readonly string[] {
  if (uri === undefined || uri === "") return [];
  const parts = URI_SECRETS.flatMap((pattern) => pattern.exec(uri)?.[1] ?? []);
  return [uri, ...parts, ...parts.flatMap(decoded)];
}

function decoded(text: string): readonly string[] {
  try {
    return [decodeURIComponent(text)];
  } catch {
    return []; // not encoded: it stands there as it is
  }
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The same outcome, with every text that could have come from outside redacted: before it is wrapped or escaped. */
export function redactOutcome(outcome: Outcome, apply: Redactor["apply"]): Outcome {
  switch (outcome.kind) {
    case "report":
      return redactReport(outcome, apply);
    case "list":
      return {
        ...outcome,
        environment: apply(outcome.environment),
        items: outcome.items.map((item) => redactValues(item, apply)),
        summary: apply(outcome.summary),
        missing: outcome.missing.map(({ subject, reason }) => ({ subject: apply(subject), reason: apply(reason) })),
        findings: outcome.findings.map((finding) => redactFinding(finding, apply)),
      };
    case "artifact":
      return { ...outcome, body: apply(outcome.body), content: redactContent(outcome.content, apply) };
  }
}

export function redactReport(report: Report, apply: Redactor["apply"]): Report {
  return {
    ...report,
    environment: apply(report.environment),
    findings: report.findings.map((finding) => redactFinding(finding, apply)),
    ...(report.change === undefined ? {} : { change: redactChange(report.change, apply) }),
  };
}

function redactFinding(finding: Finding, apply: Redactor["apply"]): Finding {
  const { subject, scope, message, evidence, remedy, waiver } = finding;
  return {
    ...finding,
    subject: apply(subject),
    ...(scope === undefined ? {} : { scope: apply(scope) }),
    message: apply(message),
    ...(evidence === undefined ? {} : { evidence: redactValues(evidence, apply) }),
    ...(remedy === undefined ? {} : { remedy: apply(remedy) }),
    ...(waiver === undefined
      ? {}
      : { waiver: { ...waiver, reason: apply(waiver.reason), owner: apply(waiver.owner) } }),
  };
}

function redactChange({ reason, steps, ...change }: Change, apply: Redactor["apply"]): Change {
  return {
    ...change,
    ...(reason === undefined ? {} : { reason: apply(reason) }),
    steps: steps.map(({ subject, summary, differences, details, result, message, next, ...step }) => ({
      ...step,
      subject: apply(subject),
      summary: apply(summary),
      differences: differences.map((difference) => redactDifference(difference, apply)),
      ...(details === undefined
        ? {}
        : { details: details.map((detail) => ({ ...detail, value: apply(detail.value) })) }),
      ...(result === undefined ? {} : { result: redactValues(result, apply) }),
      ...(message === undefined ? {} : { message: apply(message) }),
      ...(next === undefined ? {} : { next: apply(next) }),
    })),
  };
}

function redactDifference(difference: Difference, apply: Redactor["apply"]): Difference {
  const { setting, source, wanted, live } = difference;
  const shown = { setting: apply(setting), wanted: apply(wanted), live: apply(live) };
  return { ...difference, ...shown, source: source === null ? null : apply(source) };
}

type Value = string | number | boolean | null | readonly string[];

function redactValues(values: Readonly<Record<string, Value>>, apply: Redactor["apply"]): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, redactValue(value, apply)]));
}

function redactValue(value: Value, apply: Redactor["apply"]): Value {
  if (typeof value === "string") return apply(value);
  return Array.isArray(value) ? value.map(apply) : value;
}

function redactContent(content: unknown, apply: Redactor["apply"]): unknown {
  if (typeof content === "string") return apply(content);
  if (Array.isArray(content)) return content.map((item) => redactContent(item, apply));
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(Object.entries(content).map(([name, value]) => [name, redactContent(value, apply)]));
}
