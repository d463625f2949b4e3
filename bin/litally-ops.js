#!/usr/bin/env node
"use strict";

// Old syntax on purpose: this file must still speak on a Node that is too old for the rest.
var REQUIRED_MAJOR = 24;

if (Number(process.versions.node.split(".")[0]) < REQUIRED_MAJOR) {
  process.stderr.write(
    "error: litally-ops needs Node " +
      REQUIRED_MAJOR +
      " or newer, this is " +
      process.version +
      "\n" +
      "hint: install Node " +
      REQUIRED_MAJOR +
      ", or run it with: npx node@" +
      REQUIRED_MAJOR +
      " " +
      process.argv[1] +
      "\n" +
      "verdict: ERROR - nothing was checked (exit 64)\n",
  );
  process.exitCode = 64;
} else if (!require("./at-once.js").answer(process.argv.slice(2)) && !require("./precompiled.js").start()) {
  require("node:module").enableCompileCache();
  require("../dist/main.js");
}
