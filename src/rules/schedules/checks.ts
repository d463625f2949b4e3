/** What is checked of each schedule. */
import type { Check } from "../../core/check.ts";
import { enabled } from "./enabled.ts";
import type { ScheduleFacts } from "./facts.ts";
import { ran } from "./ran.ts";

export const SCHEDULE_CHECKS: readonly Check<ScheduleFacts>[] = [ran, enabled];
