/** `sandbox env`: the variables that point any shell at a running sandbox: eval "$(litally-ops sandbox env)". */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import type { Context } from "./context.ts";

/** Fixed, so that `sandbox env` in another shell finds what `sandbox up` serves. */
export const DEFAULT_PORT = "4400";

export const input = z.strictObject({
  port: z._default(z.string(), DEFAULT_PORT),
  unset: z._default(z.boolean(), false),
});

export async function run({ port, unset }: z.output<typeof input>, context: Context): Promise<Artifact> {
  const variables = (await context.sandbox()).variables(`http://127.0.0.1:${parsePort(port)}`);
  const names = Object.keys(variables);
  return {
    kind: "artifact",
    command: "sandbox env",
    mediaType: "text/plain",
    content: unset ? { unset: names } : variables,
    body: unset ? names.map((name) => `unset ${name}\n`).join("") : `${exportLines(variables)}\n`,
  };
}

export function exportLines(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `export ${name}='${value}'`)
    .join("\n");
}

/** S3 has the second port behind it. */
const MAX_PORT = 65_533;

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= MAX_PORT) return port;
  throw new OpsError("usage", `--port: "${text}" is not a port`, {
    hint: `write a number up to ${MAX_PORT}, or 0 for any free one`,
  });
}
