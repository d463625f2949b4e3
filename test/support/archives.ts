/** What tests of archives have in common: a policy with one archive, and worlds made for it. */
import { PROJECT } from "../sandbox/client.ts";
import { inWorld, POLICY, type WorldOptions } from "./world.ts";

export const ARCHIVE_POLICY = `version: 1
environment: test
atlas: { projectId: ${PROJECT} }
aws: { accountId: "111122223333", region: ap-south-1 }
databases:
  - name: core
    cluster: litally-core
    snapshots: [{ frequency: daily, retain: 30d }]
    archive: financial
archives:
  - name: financial
    bucket: litally-archive
    prefix: atlas/
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots: [{ frequency: monthly, retain: 5y }, { frequency: quarterly, retain: 7y }]
    since: 2026-10
    dueWithin: 25d
`;

/** The policy of backups, with one archive that is there, and one that is to come. */
export const ARCHIVED_POLICY = `${POLICY}    archive: financial
aws: { accountId: "111122223333", region: ap-south-1 }
archives:
  - name: financial
    bucket: litally-archive
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots: [{ frequency: monthly, retain: 5y }]
    since: 2026-10
    dueWithin: 5d
`;

/** Three parts of the usual size. */
const BODY_BYTES = 20 * 1024 ** 2;

export const ARCHIVE_WORLD: WorldOptions = { policy: ARCHIVE_POLICY, downloadSizeBytes: BODY_BYTES };

/** Ends with the test. */
export const archiveWorld = (options: WorldOptions = {}) => inWorld({ ...ARCHIVE_WORLD, ...options });
