"use strict";

/**
 * Runs the chunks of dist/ from the code that V8 made of them while scripts/precompile.mjs ran commands. Node's own
 * compile cache keeps of a file only what is compiled before it runs, and nothing at all before the first run; this
 * keeps every function that the commands have called (25 ms of `backup verify`, 50 ms of its first run).
 */
const { readFileSync } = require("node:fs");
const { join } = require("node:path");
const { Script } = require("node:vm");
const { crc32 } = require("node:zlib");

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

/** V8 refuses code of another version or of other flags. */
function compile(file) {
  const filename = join(DIST, file);
  const source = readFileSync(filename);
  const text = `(function (exports, require, module, __filename, __dirname) {\n${source.toString("utf8")}\n})`;
  return new Script(text, { filename, lineOffset: -1, cachedData: codeFor(source, `${filename}.code`) });
}

const SEAL_BYTES = 8;

function codeFor(source, file) {
  let kept;
  try {
    kept = readFileSync(file);
  } catch {
    return undefined; // not run when the code was kept
  }
  const code = kept.subarray(SEAL_BYTES);
  return kept.subarray(0, SEAL_BYTES).equals(sealOf(source, code)) ? code : undefined;
}

/** Ties code to its source, of which V8 looks at the length alone, and to itself, of which it looks at nothing. */
function sealOf(source, code) {
  const seal = Buffer.alloc(SEAL_BYTES);
  seal.writeUInt32LE(crc32(source), 0);
  seal.writeUInt32LE(crc32(code), SEAL_BYTES / 2);
  return seal;
}

exports.seal = (source, code) => Buffer.concat([sealOf(source, code), code]);
