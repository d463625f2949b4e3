/** `config init`: writes a commented policy to start from, and beside it the schema that it names. Never over a file that is there. */
import * as z from "zod/mini";
import { OpsError } from "../core/error.ts";
import type { Artifact } from "../core/report.ts";
import { initialPolicy, SCHEMA_FILE } from "../policy/init.ts";
import { policyJsonSchema } from "../policy/json-schema.ts";
import type { Files } from "../ports/files.ts";
import type { Context } from "./context.ts";

export const input = z.strictObject({ file: z.optional(z.string()), environment: z.optional(z.string()) });

export async function run(
  { file, environment = "production" }: z.output<typeof input>,
  { files, machine }: Context,
): Promise<Artifact> {
  const path = file ?? machine.policyFile;
  const schema = path.replace(/[^/\\]*$/, SCHEMA_FILE);
  await files.create(path, initialPolicy(environment));
  const isNew = await createUnlessThere(files, schema, `${JSON.stringify(policyJsonSchema(), null, 2)}\n`);
  const body = `wrote ${path}
${isNew ? `wrote ${schema}, from which editors complete` : `kept ${schema}, which is there already; litally-ops config schema prints the one of today`}
next: name your clusters in it, set the variables it names, then: litally-ops config check${file === undefined ? "" : ` --config ${file}`}
`;
  return { kind: "artifact", command: "config init", mediaType: "text/plain", content: { file: path, schema }, body };
}

/** Whether it was written: one that is there is the user's own, or serves another policy in the same folder. */
async function createUnlessThere(files: Files, path: string, text: string): Promise<boolean> {
  try {
    await files.create(path, text);
    return true;
  } catch (error) {
    if (error instanceof OpsError && error.kind === "usage") return false;
    throw error;
  }
}
