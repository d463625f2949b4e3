/** `sandbox env`: the variables that point any shell at a running sandbox: eval "$(litally-ops sandbox env)". */
import * as z from "zod/mini";
import type { Artifact } from "../core/report.ts";
import type { Context } from "./context.ts";

/** Fixed, so that `sandbox env` in another shell finds what `sandbox up` serves. */
export const DEFAULT_PORT = "4400";

export const input = z.strictObject({ port: z._default(z.string(), DEFAULT_PORT) });

export async function run({ port }: z.output<typeof input>, context: Context): Promise<Artifact> {
  const variables = (await context.sandbox()).variables(`http://127.0.0.1:${port}`);
  return {
    kind: "artifact",
    command: "sandbox env",
    mediaType: "text/plain",
    content: variables,
    body: `${exportLines(variables)}\n`,
  };
}

export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join("\n");
}
