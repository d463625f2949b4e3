/** The alarms of the policy in force, compiled. */
import { OpsError } from "../core/error.ts";
import type { Policy } from "../policy/schema.ts";
import { compile } from "../rules/alarms/compile.ts";
import type { Declared } from "../rules/alarms/facts.ts";
import { homeOf } from "./aws-home.ts";
import type { Context } from "./context.ts";

type AlarmSections = Pick<Policy, "atlas" | "aws" | "topics" | "environment" | "heartbeat">;

export interface LoadedAlarms {
  readonly policy: AlarmSections;
  readonly alarms: NonNullable<Policy["alarms"]>;
  readonly declared: Declared;
  /** See LoadedPolicy. */
  readonly lineOf: (path: string) => string | null;
}

/** OpsError `config` where the policy has no section of alarms. */
export async function loadAlarms(context: Pick<Context, "policy">): Promise<LoadedAlarms> {
  const { policy, lineOf } = await context.policy("atlas", "aws", "topics", "alarms", "heartbeat");
  const { alarms } = policy;
  if (alarms === undefined)
    throw new OpsError("config", "the policy declares no alarms", {
      hint: "add alarms: { owned: litally-, notify: ..., declared: [...] }, or begin with litally-ops alarms adopt",
    });
  return { policy, alarms, declared: compile({ ...policy, alarms }, homeOf(policy), lineOf), lineOf };
}
