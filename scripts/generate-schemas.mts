/** Writes the published schemas from what the program itself goes by: the policy file, the JSON output, the manifests. */
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";

// The package is CommonJS for the bundle's sake; its sources are modules and are loaded here as they are.
registerHooks({
  load: (url, context, next) =>
    next(url, /\/src\/.*\.ts$/.test(url) ? { ...context, format: "module-typescript" } : context),
});
const { manifestJsonSchema } = await import("../src/commands/archive-manifest.ts");
const { outputJsonSchema } = await import("../src/cli/document.ts");
const { policyJsonSchema } = await import("../src/policy/json-schema.ts");

for (const [name, schema] of [
  ["archive-manifest.schema.json", manifestJsonSchema()],
  ["output.schema.json", outputJsonSchema()],
  ["policy.schema.json", policyJsonSchema()],
] as const) {
  writeFileSync(join(import.meta.dirname, "../config", name), `${JSON.stringify(schema, null, 2)}\n`);
}
