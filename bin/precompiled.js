"use strict";

/**
 * Runs the chunks of dist/ from the code that V8 made of them while scripts/precompile.mjs ran commands. Node's own
 * compile cache keeps of a file only what is compiled before it runs, and nothing at all before the first run; this
 * keeps every function that the commands have called (20 ms of `backup verify`, 100 ms of its first run).
 */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { constants, Script } = require("node:vm");

const DIST = join(__dirname, "../dist");

/** Gives false, and has run nothing, where no code is kept that this V8 with these flags takes. */
exports.start = function start(compiled) {
  const main = compile("main.js");
  if (compiled === undefined && main.cachedDataRejected !== false) return false;
  const modules = new Map();
  const run = (script, file) => {
    const module = { exports: {} };
    modules.set(file, module); // before it runs: chunks may import each other in a circle
    compiled?.(file, script);
    script.runInThisContext()(module.exports, requireFrom, module, join(DIST, file), DIST);
    return module;
  };
  const requireFrom = (id) => {
    if (!id.startsWith("./")) return require(id); // the bundle leaves nothing but Node's own modules outside
    const file = id.slice(2);
    return (modules.get(file) ?? run(compile(file), file)).exports;
  };
  run(main, "main.js");
  return true;
};

/** V8 itself refuses code of another version, of other flags or of a source of another length. */
function compile(file) {
  const filename = join(DIST, file);
  const source = `(function (exports, require, module, __filename, __dirname) {\n${readFileSync(filename, "utf8")}\n})`;
  const cachedData = readCode(`${filename}.code`);
  const importModuleDynamically = constants.USE_MAIN_CONTEXT_DEFAULT_LOADER;
  return new Script(source, { filename, lineOffset: -1, cachedData, importModuleDynamically });
}

function readCode(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined; // not run when the code was kept
  }
}
