"use strict";

// Preloaded into a measured process: writes its peak memory (KiB) where PEAK_MEMORY_FILE says.
const { writeFileSync } = require("node:fs");

process.on("exit", () => writeFileSync(process.env.PEAK_MEMORY_FILE, String(process.resourceUsage().maxRSS)));
