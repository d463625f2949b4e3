import { readFileSync } from "node:fs";

/** A policy with a schedule of each kind: some share a workflow, some are rarer than an alarm can see. */
export const SCHEDULES_POLICY = readFileSync(new URL("../cli/policies/schedules.yaml", import.meta.url), "utf8");
