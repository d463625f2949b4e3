import { defineConfig } from "rolldown";
import { leaveOut, prerenderHelp, thirdPartyNotices } from "./scripts/bundle-plugins.ts";

/** As bin/ loads them: CommonJS, in one directory. */
const output = { dir: "dist", format: "cjs", minify: true, entryFileNames: "[name].js" } as const;

export default defineConfig([
  /** Chunks: a command loads its own and nothing else, which is what makes it start at once. */
  {
    input: { main: "src/main.ts", "hash-thread": "src/adapters/transfer/hash-thread.ts" },
    platform: "node",
    resolve: { mainFields: ["module", "main"] },
    plugins: [leaveOut("undici/lib/dispatcher/client-h2.js"), thirdPartyNotices()],
    output: {
      ...output,
      dynamicImportInCjs: false, // import() of a module of Node loads the whole of it, of node:http also undici: 30 ms
      cleanDir: true,
      chunkFileNames: "[name].js",
    },
  },
  /** Version and help in one file that loads nothing: half of what main.js takes for them. */
  { input: { simple: "src/cli/simple.ts" }, platform: "node", plugins: [prerenderHelp()], output },
]);
