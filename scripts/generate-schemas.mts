/** Writes the published schemas from what the program itself goes by: the policy file and the JSON output. */
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";

// The package is CommonJS for the bundle's sake; its sources are modules and are loaded here as they are.
registerHooks({
  load: (url, context, next) =>
    next(url, /\/src\/.*\.ts$/.test(url) ? { ...context, format: "module-typescript" } : context),
});
const { outputJsonSchema } = await import("../src/cli/document.ts");
const { policyJsonSchema } = await import("../src/policy/json-schema.ts");

for (const [name, schema] of [
  ["output.schema.json", outputJsonSchema()],
  ["policy.schema.json", policyJsonSchema()],
] as const) {
  writeFileSync(join(import.meta.dirname, "../config", name), `${JSON.stringify(schema, null, 2)}\n`);
}
