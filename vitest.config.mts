import { defineConfig } from "vitest/config";
import { callsFile, HEARING } from "./test/support/calls.mts";
import { SummaryReporter } from "./test/support/summary-reporter.mts";

process.env["LITALLY_OPS_TEST_CALLS"] ??= callsFile(); // workers, and what they start, inherit it

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: "100%", // one core is left idle otherwise: half of the machine that CI has
    execArgv: [HEARING],
    testTimeout: 60_000,
    hookTimeout: 60_000, // some build the program first
    reporters: ["default", new SummaryReporter()],
  },
});
