import { defineConfig } from "vitest/config";
import { SummaryReporter } from "./test/support/summary-reporter.mts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000, // some build the program first
    reporters: ["default", new SummaryReporter()],
  },
});
