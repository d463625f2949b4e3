import { OpsError } from "../core/error.ts";
import { parsePolicy } from "./load.ts";

/**
 * Why no policy could declare this alarm, plain data in the form of `alarms.declared`; undefined: one could. The beginning
 * of its name, and whether its topics are declared, are not asked.
 */
export function alarmRefusal(alarm: Readonly<Record<string, unknown>>): string | undefined {
  const { name, notify } = alarm;
  const topics = new Set([ANYBODY, ...textsIn(notify)]);
  const policy = {
    version: 1,
    environment: "any",
    atlas: { projectId: "0".repeat(24) },
    aws: { accountId: "0".repeat(12), region: "us-east-1" },
    topics: [...topics]
      .filter((topic) => !topic.startsWith("arn:"))
      .map((topic) => ({ name: topic, subscriptions: [{ protocol: "email", endpoint: "any@any.example" }] })),
    alarms: {
      owned: typeof name === "string" && /^[!-~]/.test(name) ? name.charAt(0) : "-",
      notify: { critical: [ANYBODY], warning: [ANYBODY] },
      declared: [alarm],
    },
  };
  try {
    parsePolicy(JSON.stringify(policy), "alarm", {}); // JSON is YAML
    return undefined;
  } catch (error) {
    if (error instanceof OpsError && error.kind === "config") return withoutPlaces(error.message);
    throw error;
  }
}

const ANYBODY = "anybody";

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** `alarm:1:280: alarms.declared[0].threshold: "> 1" never fires`, without all that only this policy has. */
function withoutPlaces(message: string): string {
  const lines = message.split("\n").filter((line) => !/^alarm: \d+ problems$/.test(line));
  return lines.map((line) => line.replace(/^alarm:\d+:\d+: (?:alarms\.declared\[0\][.:]? ?)?/, "")).join("; ");
}
