/** Alarms as a policy declares them, compiled. */
import { parsePolicy } from "../../../src/policy/load.ts";
import { compile } from "../../../src/rules/alarms/compile.ts";
import type { Declared, DeclaredAlarm, DeclaredAlert } from "../../../src/rules/alarms/facts.ts";
import type { Home } from "../../../src/rules/notify/facts.ts";

export const HOME: Home = { partition: "aws", accountId: "123456789012", region: "ap-south-1" };
export const TOPIC = {
  critical: "arn:aws:sns:ap-south-1:123456789012:critical",
  warning: "arn:aws:sns:ap-south-1:123456789012:warning",
} as const;

/** A policy that owns `o-`, whose two topics are called as the severities are; its first alarm stands in line 14. */
const HEAD = `version: 1
environment: test
atlas: { projectId: "65e1f0aabbccddeeff001122" }
aws: { accountId: "123456789012", region: ap-south-1 }
topics:
  - { name: critical, subscriptions: [{ protocol: email, endpoint: a@b.example }] }
  - { name: warning, subscriptions: [{ protocol: email, endpoint: a@b.example }] }
alarms:
  owned: o-
  notify:
    critical: [critical]
    warning: [warning]
  declared:
`;

/** Of a list in YAML. */
export function declared(alarms: string): Declared {
  const text = HEAD + indented(alarms);
  const { policy, lineOf } = parsePolicy(text, "p.yaml", {});
  return compile(policy, HOME, lineOf);
}

/** The one alarm with these keys besides its name. */
export function only(keys: string, severity: "critical" | "warning" = "critical"): DeclaredAlarm {
  const [alarm] = declared(`- name: o-a\n  severity: ${severity}\n  ${keys}`).alarms;
  if (alarm === undefined) throw new Error("the policy declares no CloudWatch alarm");
  return alarm;
}

export function alertsOf(keys: string): readonly DeclaredAlert[] {
  return declared(`- name: o-a\n  engine: atlas\n  severity: critical\n  ${keys}`).alerts;
}

function indented(text: string): string {
  return text
    .split("\n")
    .map((line) => `    ${line}\n`)
    .join("");
}
