/** `config check`: is the policy file right? Every problem at once, with its place; nothing outside the file is asked. */
import * as z from "zod/mini";
import type { Report } from "../core/report.ts";
import type { Context } from "./context.ts";
import { reporter } from "./reporting.ts";

export const input = z.strictObject({});

export async function run(_input: z.output<typeof input>, context: Context): Promise<Report> {
  const { file, policy } = await context.policy(); // a wrong policy ends here, as an error of kind `config`
  const counts = [
    count(policy.databases.length, "database"),
    count(policy.archives.length, "archive"),
    count(policy.topics.length, "topic"),
    count(policy.alarms?.declared.length ?? 0, "alarm"),
    ...(policy.waivers.length === 0 ? [] : [count(policy.waivers.length, "waiver")]),
  ];
  return reporter(
    "config check",
    policy.environment,
    context,
  )([
    {
      check: "config/valid",
      title: "the policy file is valid and can be carried out",
      subject: `file/${file}`,
      status: "pass",
      message: counts.join(", "),
    },
  ]);
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
