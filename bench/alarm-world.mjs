/**
 * A healthy world for benchmarks, with so many more alarms that nobody declared: `fork("alarm-world.mjs", [count, prefix])`.
 * Sends the variables that point at it, and then, on every message, how many requests of AWS there were since the last.
 */
import { readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { join } from "node:path";

// The package is CommonJS for the bundle's sake; its sources are modules and are loaded here as they are.
registerHooks({
  load: (url, context, next) =>
    next(url, /\/src\/.*\.ts$/.test(url) ? { ...context, format: "module-typescript" } : context),
});
const { parsePolicy } = await import("../src/policy/load.ts");
const { SANDBOX_VARIABLES, serveWorld, variables } = await import("../src/wiring/sandbox.ts");

const [count, prefix] = process.argv.slice(2);
const file = join(import.meta.dirname, "../config/litally-ops.yaml");
const { policy } = parsePolicy(readFileSync(file, "utf8"), file, SANDBOX_VARIABLES);
const startedMs = performance.now();
let requests = 0;
const world = await serveWorld({
  ...{ world: "healthy", policy, faults: [], hasNoArchives: true, startAt: new Date() },
  extraAlarms: { count: Number(count), prefix },
  elapsedMs: () => performance.now() - startedMs,
  log: (line) => {
    if (line.startsWith("POST / ")) requests += 1; // Atlas has no such path
  },
});
process.on("message", () => {
  process.send(requests);
  requests = 0;
});
process.on("disconnect", () => process.exit());
process.send({ ...SANDBOX_VARIABLES, ...variables(world.url) });
