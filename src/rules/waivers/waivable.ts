/**
 * The checks whose findings may be waived: those of commands that look and judge. Not among them is what stands before or
 * after a change, what only says that something could not be seen, what is asked about an if, the clock, by which waivers
 * themselves go, and the accounts: a waiver must never point a command at the wrong one.
 */
const BY_FAMILY = {
  backup: [
    "cluster-exists",
    "cluster-state",
    "enabled",
    "snapshot-age",
    "snapshot-series",
    "snapshot-failed",
    "snapshot-in-progress",
    "snapshot-size",
    "shards-complete",
    "schedule-item",
    "snapshot-expiry",
    "continuous-enabled",
    "continuous-hourly-item",
    "continuous-window",
    "continuous-coverage",
    "copies-configured",
    "copies-present",
    "copies-oplogs",
    "encryption-key",
    "drill-recent",
  ],
  archive: [
    "region",
    "versioning",
    "object-lock",
    "default-retention",
    "encryption",
    "key",
    "public-access",
    "upload-cleaning",
    "slot",
    "manifest",
    "source",
    "in-time",
    "objects",
    "content",
    "storage-class",
    "lock",
    "object-keys",
    "lifecycle",
    "deep-read",
    "orphaned-uploads",
    "strays",
    "known-slots",
  ],
  alarms: [
    "present",
    "drift",
    "actions-enabled",
    "minimum",
    "state",
    "muted",
    "undeclared",
    "duplicate",
    "heard",
    "single-points",
  ],
  alerts: ["present", "drift", "enabled", "recipients", "duplicate"],
  notify: ["topic", "topic-policy", "topic-key", "subscription", "filter", "endpoint", "undeclared-subscription"],
  retention: ["slot", "archive", "archiving", "window", "schedule", "lock", "over", "budget", "ramp-up", "holds"],
  schedules: ["ran", "enabled"],
  doctor: [
    "node",
    "atlas-credentials",
    "atlas-access",
    "atlas-role-backup-manager",
    "atlas-role-owner",
    "aws-credentials",
    "aws-permissions",
  ],
} as const;

export const WAIVABLE: readonly string[] = Object.entries(BY_FAMILY).flatMap(([family, names]) =>
  names.map((name) => `${family}/${name}`),
);

/** `backup` of `backup/snapshot-age`. */
export function familyOf(check: string): string {
  return check.slice(0, check.indexOf("/"));
}
