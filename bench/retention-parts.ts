/** What bench/retention.mjs measures, and the facts that it measures it with. */
export { DAY_MS, tryParseDuration } from "../src/core/duration.ts";
export { failureBudgets } from "../src/rules/retention/budget.ts";
export { coverageOver } from "../src/rules/retention/coverage.ts";
export { tiersOf } from "../src/rules/retention/demand.ts";
export { prove } from "../src/rules/retention/proof.ts";
export { snapshotSupply } from "../src/rules/retention/supply-snapshots.ts";
export { aCopySetting, anItem, aSchedule, facts, NOW } from "../test/rules/build.ts";
