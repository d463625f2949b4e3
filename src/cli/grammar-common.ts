/** What several commands take alike: what is said of it once holds for all of them. */
import type { ArgumentSpec, OptionSpec } from "./command-spec.ts";

export const DATABASES: ArgumentSpec = {
  name: "databases",
  syntax: "[databases...]",
  description: "names from the policy; all when none is given",
  complete: "databases",
};

export const DRY_RUN: OptionSpec = {
  flags: "--dry-run",
  description: "show the plan; refuse what would be refused, change nothing",
  partial: true,
};

export const ONLY: OptionSpec = {
  flags: "--only <check-id>",
  description: "judge these checks alone (default: all)",
  list: true,
  partial: true,
};
