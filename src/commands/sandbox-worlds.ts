/** `sandbox worlds`: the worlds that can be served, each with the verdict it must get. */
import * as z from "zod/mini";
import type { Listing } from "../core/report.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({});

export async function run(_input: z.output<typeof input>, context: Context): Promise<Listing> {
  const worlds = (await context.sandbox()).worlds();
  return {
    kind: "list",
    command: "sandbox worlds",
    environment: "sandbox",
    observedAt: context.clock.now(),
    items: worlds.map(({ name, command, verdict, check, summary }) => ({ name, command, verdict, check, summary })),
    columns: [
      { key: "name", title: "WORLD" },
      { key: "verdict", title: "VERDICT" },
      { key: "summary", title: "WHAT IS THERE", wrap: true },
    ],
    summary: `${worlds.length} worlds; try one: litally-ops backup verify --sandbox ${worlds.find(({ verdict }) => verdict === "fail")?.name ?? "healthy"}`,
    missing: [],
    omitted: 0,
    findings: [],
  };
}
