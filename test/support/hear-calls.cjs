"use strict";

/**
 * Required by every process of the tests, and of what they start: writes down each call that reaches a sandbox, once.
 * What becomes of that: test/support/calls.mts.
 */
const { subscribe } = require("node:diagnostics_channel");
const { appendFileSync } = require("node:fs");

const file = process.env["LITALLY_OPS_TEST_CALLS"];
const heard = new Set();

if (file !== undefined)
  subscribe("litally-ops:sandbox-call", (call) => {
    const line = `${JSON.stringify(call)}\n`;
    if (heard.has(line)) return;
    heard.add(line);
    appendFileSync(file, line); // short enough to come whole, whoever else writes
  });
