import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/support/summary-reporter.mts";

/** Where the calls that sandboxes are asked for are written down: workers, and what they start, inherit the variable. */
process.env["LITALLY_OPS_TEST_CALLS"] ??= join(tmpdir(), `litally-ops-calls-${process.pid}.jsonl`);

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: "100%", // one core is left idle otherwise: half of the machine that CI has
    execArgv: [`--require=${join(import.meta.dirname, "test/support/hear-calls.cjs")}`],
    testTimeout: 60_000,
    hookTimeout: 60_000, // some build the program first
    reporters: ["default", new SummaryReporter(process.env["LITALLY_OPS_TEST_CALLS"])],
  },
});
