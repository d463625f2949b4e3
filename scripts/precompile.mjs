/**
 * npm run build: runs commands and keeps the code that V8 made of dist/ for them, from where bin/precompiled.js starts.
 * Works on the package in the current folder.
 */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import v8 from "node:v8";

/** What a chunk holds is kept from the first of these that runs it, so the most important stands first. */
const RUNS = [
  ["backup", "verify", "--sandbox"],
  ["backup", "list", "--sandbox", "--json"],
  ["backup", "verify", "--sandbox", "--format", "markdown"],
  ["backup", "verify", "--sandbox", "--format", "junit"],
  ["doctor", "--sandbox"],
];

const root = process.cwd();
const [, script = "", ...words] = process.argv;
if (words.length > 0) keep();
else for (const run of RUNS) spawnOrThrow(run);

function spawnOrThrow(run) {
  const { status, stderr } = spawnSync(process.execPath, [script, ...run], { encoding: "utf8" });
  if (status !== 0) throw new Error(`litally-ops ${run.join(" ")} ended with ${status}\n${stderr}`);
}

/** Runs one command in this process. */
function keep() {
  const compiled = new Map();
  v8.setFlagsFromString = () => {}; // code is taken only under the flags that it was kept under: Node's own
  const { seal, start } = createRequire(join(root, "bin/"))("./precompiled.js");
  start((file, code) => compiled.set(join(root, "dist", file), code));
  process.once("exit", () => {
    for (const [file, code] of compiled) {
      const kept = `${file}.code`;
      if (!existsSync(kept)) writeFileSync(kept, seal(readFileSync(file), code.createCachedData()));
    }
  });
}
