import * as z from "zod/mini";
import type { Duration } from "../core/duration.ts";
import { FREQUENCIES } from "../core/frequency.ts";
import {
  block,
  bucketName,
  choice,
  clusterName,
  duration,
  field,
  line,
  list,
  name,
  nonEmptyList,
  prefix,
  region,
  retention,
  text,
  timeOfDay,
  window,
} from "./scalars.ts";
import { alarms, type Datapoints, type Threshold } from "./schema-alarms.ts";
import { auditLog } from "./schema-audit.ts";
import { heartbeat } from "./schema-heartbeat.ts";
import { invariant } from "./schema-invariants.ts";
import { waiver } from "./schema-waivers.ts";

/**
 * The policy file: what LiTally wants to be true of its backups, archives and alarms. This schema is the one source
 * of the types, the validation, the defaults and the JSON Schema; rules.ts judges what goes across fields.
 */

const SLOT_FREQUENCIES = ["monthly", "quarterly", "yearly"] as const;

const snapshot = block({
  frequency: field("How often a snapshot is scheduled.", choice("a frequency", FREQUENCIES)),
  retain: field("How long each snapshot is kept, at least.", retention()),
  atMost: field(
    "How long any of them may be kept, at most; retention check tells what is kept longer. When absent, nothing is too long.",
    z.exactOptional(retention()),
  ),
  every: field(
    "Hourly snapshots only: the hours between two. When absent, the interval of the live schedule counts.",
    z.exactOptional(duration()),
  ),
});

const copy = block({
  region: field("The AWS region that holds the copies.", region()),
  frequencies: field(
    "Which scheduled snapshots are copied.",
    nonEmptyList(choice("a frequency", FREQUENCIES), "frequency"),
  ),
  oplogs: field(
    "Whether the oplog is copied too, so that a point in time can be restored there.",
    z.prefault(flag(), false),
  ),
});

const drill = block({
  target: field("The cluster that a restore drill overwrites. Never one that matters.", clusterName()),
  every: field("A successful drill is never older than this.", duration()),
  afterwards: field(
    "What becomes of the cluster after a drill. pause: it stands still until the next one; keep: it goes on running.",
    z.prefault(choice("what becomes of the cluster", ["pause", "keep"]), "pause"),
  ),
  records: field(
    "The folder that keeps the records of drills; to be kept with the policy, for verify reads them.",
    z.prefault(text(/^[\w./][\w./-]{0,199}$/, "a folder; write a path such as drills"), "drills"),
  ),
});

const database = block({
  name: field("What the commands call this database.", name()),
  cluster: field("The name of its Atlas cluster.", clusterName()),
  protected: field("Never the target of a restore without --in-place.", z.prefault(flag(), false)),
  objectives: field(
    "What a restore is measured against.",
    z.exactOptional(
      block({
        rpo: field("The most data, in time, that may be lost.", duration()),
        rto: field("The longest that a restore may take.", duration()),
      }),
    ),
  ),
  continuousBackup: field(
    "Point-in-time recovery.",
    z.exactOptional(block({ window: field("How far back a point in time can be restored, at least.", window()) })),
  ),
  snapshots: field("The scheduled snapshots, one entry for each frequency.", z.prefault(list(snapshot), [])),
  referenceTime: field(
    "When the schedule's snapshots are due, in UTC. When absent, the live schedule's time counts.",
    z.exactOptional(timeOfDay()),
  ),
  grace: field(
    "How late a scheduled snapshot may be, and how long one may be in progress.",
    z.prefault(duration(), "2h"),
  ),
  copies: field("Copies of snapshots in other regions.", z.prefault(list(copy), [])),
  archive: field("The archive that keeps this database: a name under archives.", z.exactOptional(name())),
  drill: field("The regular rehearsal of a restore.", z.exactOptional(drill)),
  invariants: field("What must be true of restored data.", z.exactOptional(nonEmptyList(invariant, "invariant"))),
  encryption: field(
    "Encryption with customer keys.",
    z.exactOptional(
      block({
        masterKeys: field(
          "The ids of the customer keys that may have encrypted snapshots; more than one explains a rotation.",
          nonEmptyList(
            text(
              /^[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$/,
              "the id of a key; write a UUID, such as 1f0c8a52-6c1d-4b6e-9a57-0d3b2f4c5e6a",
            ),
            "key id",
          ),
        ),
      }),
    ),
  ),
});

const slot = block({
  frequency: field("The period of this slot.", choice("the period of a slot", SLOT_FREQUENCIES)),
  retain: field("How long the archive of a slot is kept.", retention()),
  atMost: field(
    "How long it may be kept, at most; retention check tells what is kept longer. When absent, nothing is too long.",
    z.exactOptional(retention()),
  ),
});

const archive = block({
  name: field("What databases call this archive.", name()),
  bucket: field("The S3 bucket.", bucketName()),
  prefix: field("The folder in the bucket; it ends with a slash.", z.prefault(prefix("atlas/"), "")),
  storageClass: field("The S3 storage class.", choice("a storage class", ["DEEP_ARCHIVE", "GLACIER", "GLACIER_IR"])),
  objectLock: field(
    "COMPLIANCE: nobody can delete early. GOVERNANCE: a right of its own is needed. none: no lock.",
    choice("a lock mode", ["COMPLIANCE", "GOVERNANCE", "none"]),
  ),
  slots: field("The periods that are owed an archive.", nonEmptyList(slot, "slot")),
  since: field(
    "The first month that is owed an archive.",
    text(/^\d{4}-(?:0[1-9]|1[0-2])$/, "a month; write it as 2026-01"),
  ),
  dueWithin: field("How long after the end of a period its archive may take.", duration()),
  reread: field(
    "Every archive is read back in full within this time. When absent, nobody promises it.",
    z.exactOptional(duration()),
  ),
});

const PROTOCOLS = ["email", "sms", "https", "sqs", "lambda"] as const;

const topic = block({
  name: field(
    "The name of the SNS topic.",
    text(/^[A-Za-z0-9_-]{1,256}$/, "the name of a topic; write letters, digits, dashes and underscores"),
  ),
  encryption: field(
    "The key that encrypts its messages: an alias, or an ARN. When absent, what is there stays.",
    z.exactOptional(
      text(
        /^(?:alias\/[\w/-]{1,250}|arn:[\w-]+:kms:[\w-]+:\d{12}:(?:key\/[\w-]{1,128}|alias\/[\w/-]{1,250}))$/,
        "a key; write its alias as alias/litally-alarms, or its ARN",
      ),
    ),
  ),
  subscriptions: field(
    "Who hears what is published here.",
    z.prefault(
      list(
        block({
          protocol: field("The way of delivery.", choice("a protocol", PROTOCOLS)),
          endpoint: field("The address, in the form of its protocol.", line("an endpoint", "ops@litally.example")),
        }),
      ),
      [],
    ),
  ),
});

const usd = () =>
  z
    .number({ error: "a price in US dollars; write a number such as 0.02" })
    .check(z.nonnegative({ error: "a price in US dollars; write 0 or more" }));

const thawPrices = block({
  asOf: field("The day of the price list.", text(/^\d{4}-\d{2}-\d{2}$/, "a day; write it as 2026-11-23")),
  copyPerGbMonth: field("Of the readable copies: a GB (of 1024^3 bytes) for a month.", usd()),
  retrieval: field(
    "The prices of what is thawed, one entry for each class and tier.",
    nonEmptyList(
      block({
        storageClass: field("The S3 storage class.", choice("a class that is thawed", ["DEEP_ARCHIVE", "GLACIER"])),
        tier: field("The tier of the retrieval.", choice("a tier", ["bulk", "standard", "expedited"])),
        perGb: field("For a GB (of 1024^3 bytes).", usd()),
        per1000: field("For 1000 objects.", usd()),
      }),
      "price",
    ),
  ),
});

export const policySchema = block({
  version: field("The version of this format.", z.literal(1, { error: "a known version of this format; write 1" })),
  environment: field("What this policy is for; every report names it.", name()),
  atlas: field(
    "The Atlas project.",
    block({
      projectId: field(
        "The id of the project.",
        text(/^[0-9a-f]{24}$/, "the id of an Atlas project; write its 24 hexadecimal digits in quotes"),
      ),
    }),
  ),
  aws: field(
    "The AWS account. Needed by archives, topics and CloudWatch alarms.",
    z.exactOptional(
      block({
        accountId: field(
          "The only account in which anything is done.",
          text(/^\d{12}$/, "an AWS account; write its 12 digits in quotes"),
        ),
        region: field("The region of buckets, topics and alarms.", region()),
        thawPrices: field(
          "What a thaw costs in the region, by your own price list. When absent, the list that litally-ops has, where it has one.",
          z.exactOptional(thawPrices),
        ),
      }),
    ),
  ),
  databases: field("The databases that are kept safe.", z.prefault(list(database), [])),
  archives: field("Long-lived archives in S3.", z.prefault(list(archive), [])),
  topics: field("SNS topics and who must hear them.", z.prefault(list(topic), [])),
  alarms: field("The alarms that must exist, and whom they wake.", z.exactOptional(alarms)),
  heartbeat: field(
    "The commands that run regularly, and who outside is told that they did.",
    z.exactOptional(heartbeat),
  ),
  waivers: field("Findings that are known, and who answers for them until when.", z.prefault(list(waiver), [])),
  auditLog: field(
    "The bucket that keeps the record of what operators do. When absent, this machine alone keeps it.",
    z.exactOptional(auditLog),
  ),
});

/** What no type may look into: read whole or not at all. */
type Leaf = Duration | Threshold | Datapoints | Date;

type DeepReadonly<T> = T extends Leaf
  ? T
  : T extends readonly (infer E)[]
    ? readonly DeepReadonly<E>[]
    : T extends object
      ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
      : T;

/** A policy of which some parts could not be read: they are undefined, and nothing is to be said about them. */
export type Draft<T> = T extends Leaf
  ? T
  : T extends readonly (infer E)[]
    ? readonly (Draft<E> | undefined)[]
    : T extends object
      ? { readonly [K in keyof T]?: Draft<T[K]> | undefined }
      : T;

export type Policy = DeepReadonly<z.output<typeof policySchema>>;
export type DatabasePolicy = Policy["databases"][number];
export type SnapshotPolicy = DatabasePolicy["snapshots"][number];
export type ContinuousPolicy = NonNullable<DatabasePolicy["continuousBackup"]>;
export type InvariantPolicy = NonNullable<DatabasePolicy["invariants"]>[number];
export type CopyPolicy = DatabasePolicy["copies"][number];
export type ArchivePolicy = Policy["archives"][number];
export type TopicPolicy = Policy["topics"][number];
export type WaiverPolicy = Policy["waivers"][number];
export type AlarmPolicy = NonNullable<Policy["alarms"]>["declared"][number];
export type HeartbeatPolicy = NonNullable<Policy["heartbeat"]>;
export type SchedulePolicy = HeartbeatPolicy["schedules"][number];

function flag() {
  return z.boolean({ error: "a yes or no; write true or false" });
}
