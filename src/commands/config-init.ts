/** `config init`: writes a commented policy to start from. Never over a file that is there. */
import * as z from "zod/mini";
import type { Artifact } from "../core/report.ts";
import { initialPolicy } from "../policy/init.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ file: z.optional(z.string()), environment: z.optional(z.string()) });

export async function run(
  { file, environment = "production" }: z.output<typeof input>,
  context: Context,
): Promise<Artifact> {
  const path = file ?? context.machine.policyFile;
  await context.files.create(path, initialPolicy(environment));
  const body = `wrote ${path}\nnext: name your clusters in it, set the variables it names, then: litally-ops config check\n`;
  return { kind: "artifact", command: "config init", mediaType: "text/plain", content: { file: path }, body };
}
