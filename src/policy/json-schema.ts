import * as z from "zod/mini";
import { policySchema } from "./schema.ts";

/** The JSON Schema of the policy file, from which editors complete, explain and check while one types. */
export function policyJsonSchema(): object {
  const { $schema, ...schema } = z.toJSONSchema(policySchema, {
    io: "input",
    target: "draft-07", // what the YAML language server reads best
    override: ({ jsonSchema }) => admitReferences(jsonSchema),
  });
  return {
    $schema,
    title: "LiTally operations policy",
    description: `What must be true of backups, archives and alarms. \${NAME} takes a value from the environment.`,
    ...schema,
  };
}

/** A text that must look like something may also come from the environment: `${NAME}` stands for it in the file. */
function admitReferences(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.type !== "string" || schema.const !== undefined) return;
  const { pattern, enum: values } = schema;
  if (pattern === undefined && values === undefined) return;
  delete schema.type;
  delete schema.pattern;
  delete schema.enum;
  const plain = values === undefined ? { type: "string", pattern } : { enum: values };
  schema.anyOf = [plain as z.core.JSONSchema.BaseSchema, { type: "string", pattern: "\\$\\{" }]; // as it was, parted
}
