import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/support/summary-reporter.mts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    maxWorkers: "100%", // one core is left idle otherwise: half of the machine that CI has
    testTimeout: 60_000,
    hookTimeout: 60_000, // some build the program first
    reporters: ["default", new SummaryReporter()],
  },
});
