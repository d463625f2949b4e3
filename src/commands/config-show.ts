/** `config show`: the policy in force, with its defaults filled in and nothing secret. */
import { stringify } from "yaml";
import * as z from "zod/mini";
import type { Artifact } from "../core/report.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ json: z.optional(z.boolean()) });

export async function run(_input: z.output<typeof input>, context: Context): Promise<Artifact> {
  const loaded = await context.policy();
  return {
    kind: "artifact",
    command: "config show",
    content: loaded.effective(),
    mediaType: "application/yaml",
    body: stringify(loaded.effective()),
  };
}
