import { resolve } from "node:path";
import { defineConfig } from "rolldown";
import { prerenderHelp, standIns, thirdPartyNotices } from "./scripts/bundle-plugins.ts";

/** As bin/ loads them: CommonJS, in one directory. */
const output = { dir: "dist", format: "cjs", minify: true, entryFileNames: "[name].js" } as const;

export default defineConfig([
  /** Chunks: a command loads its own and nothing else, which is what makes it start at once. */
  {
    input: { main: "src/main.ts", "hash-thread": "src/adapters/transfer/hash-thread.ts" },
    platform: "node",
    resolve: {
      mainFields: ["module", "main"],
      alias: { yaml: resolve("node_modules/yaml/browser/dist/index.js") }, // as modules, of which what is unused falls away
    },
    plugins: [standIns(), thirdPartyNotices()],
    output: {
      ...output,
      dynamicImportInCjs: false, // import() of a module of Node loads the whole of it, of node:http also undici: 30 ms
      cleanDir: true,
      chunkFileNames: "[name].js",
      /** What nearly every command loads in dozens of small chunks otherwise: to open one takes as long as to run it. */
      codeSplitting: {
        groups: [
          { name: "core", test: /src\/(core|ports)\/|src\/rules\/backup\/facts|src\/cli\/(report-flag|waiver-text)/ },
          { name: "zod", test: /node_modules\/zod\// },
          { name: "http", test: /src\/adapters\/(atlas\/(answer|dispatcher|http|retry)|tls)\.ts/ },
          { name: "judgement", test: /src\/rules\/(backup|drill|clock-skew)/ },
        ],
      },
    },
  },
  /** Version and help in one file that loads nothing: half of what main.js takes for them. */
  { input: { simple: "src/cli/simple.ts" }, platform: "node", plugins: [prerenderHelp()], output },
]);
