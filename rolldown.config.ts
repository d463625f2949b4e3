import { defineConfig } from "rolldown";
import { leaveOut, thirdPartyNotices } from "./scripts/bundle-plugins.ts";

/** One directory of CommonJS chunks: a command loads its own and nothing else, which is what makes it start at once. */
export default defineConfig({
  input: { main: "src/main.ts", "hash-thread": "src/adapters/transfer/hash-thread.ts" },
  platform: "node",
  resolve: { mainFields: ["module", "main"] },
  plugins: [leaveOut("undici/lib/dispatcher/client-h2.js"), thirdPartyNotices()],
  output: {
    dir: "dist",
    format: "cjs",
    dynamicImportInCjs: false, // import() of a module of Node loads the whole of it, of node:http also undici: 30 ms
    minify: true,
    cleanDir: true,
    chunkFileNames: "[name].js",
    entryFileNames: "[name].js",
  },
});
