/** `config schema`: the JSON Schema of the policy file, from which editors complete and check. */
import * as z from "zod/mini";
import type { Artifact } from "../core/report.ts";
import { policyJsonSchema } from "../policy/json-schema.ts";

export const input = z.strictObject({});

export async function run(): Promise<Artifact> {
  const schema = policyJsonSchema();
  return {
    kind: "artifact",
    command: "config schema",
    content: schema,
    mediaType: "application/json",
    body: `${JSON.stringify(schema, null, 2)}\n`,
  };
}
