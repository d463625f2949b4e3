import { OpsError } from "../core/error.ts";

/** A policy to start from: it loads as it stands once the environment has ATLAS_PROJECT_ID. */
export function initialPolicy(environment: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(environment)) {
    throw new OpsError("usage", `${JSON.stringify(environment)} is no name for an environment`, {
      hint: "write letters, digits, dots, dashes and underscores, a letter or digit first",
    });
  }
  return STARTER.replace("ENVIRONMENT", environment);
}

/** Stands beside the policy, which names it for editors. */
export const SCHEMA_FILE = "policy.schema.json";

const STARTER = `# yaml-language-server: $schema=./${SCHEMA_FILE}
#
# What must be true of backups. Unknown keys are errors. \${NAME} takes a value from the environment; secrets never
# stand here. Durations are written 90s, 10m, 26h, 7d, 4w, 6mo, 5y. Look it over with: litally-ops config check
version: 1
environment: ENVIRONMENT

atlas:
  projectId: \${ATLAS_PROJECT_ID}

databases:
  - name: core # what the commands call it
    cluster: core # the name of the Atlas cluster
    protected: true # never the target of a restore without --in-place
    objectives: { rpo: 10m, rto: 4h } # what a restore is measured against
    continuousBackup: { window: 7d } # point-in-time recovery reaches back at least this far
    snapshots: # the newest completed one is never older than its interval plus grace
      - { frequency: daily, retain: 30d }
    grace: 2h # how late a scheduled snapshot may be, and how long one may be in progress
    # copies: # snapshots, and the oplog, in a second region
    #   - { region: ap-southeast-1, frequencies: [daily], oplogs: true }
    # archive: financial # one of archives, below
    # drill: { target: drill, every: 90d } # the cluster that a rehearsal overwrites
    # invariants: # what must be true of restored data: aggregations that only read
    #   - name: no-negative-balance
    #     namespace: ledger.accounts
    #     pipeline: [{ $match: { balance: { $lt: 0 } } }]
    #     expect: { exactly: 0 } # documents; or atLeast, atMost; or of one field: { field: total, exactly: 0 }
    #   - name: newest-entry
    #     namespace: ledger.entries
    #     pipeline: [{ $sort: { _id: -1 } }, { $limit: 1 }]
    #     expect: { field: _id, newestWithin: 10m } # before the instant that was restored

# Archives, topics and CloudWatch alarms need the account that they live in:
# aws:
#   accountId: \${AWS_ACCOUNT_ID}
#   region: ap-south-1

# archives:
#   - name: financial
#     bucket: my-archive
#     prefix: atlas/
#     storageClass: DEEP_ARCHIVE # or GLACIER, GLACIER_IR
#     objectLock: COMPLIANCE # or GOVERNANCE, or none
#     slots: # one complete archive fills every slot whose period it closes
#       - { frequency: monthly, retain: 5y }
#       - { frequency: yearly, retain: 5y }
#     since: 2026-01 # no slot is owed before this month
#     dueWithin: 5d # of the end of the period

# topics:
#   - name: operations
#     subscriptions:
#       - { protocol: email, endpoint: ops@example.com }

# alarms:
#   owned: my- # every live CloudWatch alarm with this prefix must be declared here
#   notify: { critical: [operations], warning: [operations] }
#   declared:
#     - name: my-lambda-throttles
#       severity: warning
#       metric: { namespace: AWS/Lambda, metric: Throttles, statistic: Sum }
#       threshold: ">= 1"
#       period: 5m
#       datapoints: 2 of 3
#       missingData: notBreaching

# heartbeat: # commands that run regularly with --heartbeat; alarms tell of those that do not
#   schedules:
#     - { command: backup verify, every: 1d, grace: 3h }

# waivers: # findings that are known: told, but they do not fail before the end of that day, in UTC
#   - check: backup/snapshot-series # check and subject as reports print them
#     subject: cluster/core
#     until: 2026-12-31
#     reason: the hole of October, it is gone by then
#     owner: anna@example.com
`;
