import { readFileSync } from "node:fs";
import { OpsError } from "../../src/core/error.ts";
import { type LoadedPolicy, parsePolicy } from "../../src/policy/load.ts";

export const FILE = "config/litally-ops.yaml";
export const REFERENCE = readFileSync(FILE, "utf8");
export const ENV = {
  ATLAS_PROJECT_ID: "65e1f0aabbccddeeff001122",
  AWS_ACCOUNT_ID: "123456789012",
  ONCALL_PHONE: "+491511234567890",
  PAGERDUTY_INTEGRATION_KEY: "canary0123456789abcdef0123456789",
};

export function load(text: string, env: Readonly<Record<string, string>> = ENV): LoadedPolicy {
  return parsePolicy(text, "p.yaml", env);
}

/** The lines of the error that this policy gives, its heading left out; none when it loads. */
export function problemsOf(text: string, env: Readonly<Record<string, string>> = ENV): readonly string[] {
  const message = messageOf(text, env);
  return message === undefined ? [] : message.split("\n").filter((line) => !/^p\.yaml: \d+ problems$/.test(line));
}

export function messageOf(text: string, env: Readonly<Record<string, string>> = ENV): string | undefined {
  try {
    load(text, env);
    return undefined;
  } catch (error) {
    if (error instanceof OpsError && error.kind === "config") return error.message;
    throw error;
  }
}

/** The reference policy with one piece of its text changed; the piece must stand there exactly once. */
export function changed(...edits: readonly (readonly [from: string, to: string])[]): string {
  let text = REFERENCE;
  for (const [from, to] of edits) {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`${JSON.stringify(from)} stands ${parts.length - 1} times in the policy`);
    text = parts.join(to);
  }
  return text;
}
