import { defineConfig } from "vitest/config";

/** The tests of the pure parts, which mutation testing breaks; the slow property over random worlds adds little there. */
export default defineConfig({
  test: {
    include: ["test/rules/**/*.test.ts", "test/core/**/*.test.ts", "test/commands/carry-out.test.ts"],
    exclude: ["**/knowledge.test.ts"],
    testTimeout: 20_000,
  },
});
