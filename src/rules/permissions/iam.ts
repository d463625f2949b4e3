/** The IAM policy that lets calls through and no others: statements by what they are about, narrowed to what the policy names. */
import { HEARTBEAT_NAMESPACE } from "../../core/heartbeat.ts";
import { AWS_CALLS, type AwsCall, type Grant, type Resource } from "./aws-calls.ts";

/** What the resources of a policy are called. */
export interface Place {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly archives: readonly { readonly bucket: string; readonly prefix: string }[];
  /** Where Atlas exports to; null: any bucket of the account. */
  readonly exportBucket: string | null;
  /** Where the record of acts is kept, down to the folder of the environment; null: on each machine alone. */
  readonly records: { readonly bucket: string; readonly prefix: string } | null;
  readonly topics: readonly string[];
  /** What the names of alarms begin with; null: the policy has none. */
  readonly ownedAlarms: string | null;
  /** The commands whose runs CloudWatch is told of. */
  readonly heartbeats: readonly string[];
}

export interface Statement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly Statement[];
}

/** Without the statements for which the policy names nothing. */
export function statementsFor(calls: readonly AwsCall[], place: Place): readonly Statement[] {
  const grants = calls.flatMap((call): readonly Grant[] => AWS_CALLS[call]);
  const byResource = Map.groupBy(grants, ([, resource]) => resource);
  return KINDS.flatMap((kind) => {
    const actions = [...new Set((byResource.get(kind) ?? NONE).map(([action]) => action))].toSorted();
    const { sid, arns, condition }: ResourceKind = RESOURCES[kind];
    const resources = [...new Set(arns(place))];
    if (actions.length === 0 || resources.length === 0) return [];
    const Condition = condition === undefined ? {} : { Condition: { StringEquals: condition(place) } };
    return [{ Sid: sid, Effect: "Allow" as const, Action: actions, Resource: resources, ...Condition }];
  });
}

const NONE: readonly Grant[] = [];

/** White space does not count: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
export const MANAGED_POLICY_CHARS_MAX = 6_144;

export function sizeChars(document: PolicyDocument): number {
  return JSON.stringify(document).replaceAll(/\s/g, "").length;
}

/** As few documents as hold them all in order. */
export function documentsOf(statements: readonly Statement[]): readonly PolicyDocument[] {
  const documents: PolicyDocument[] = [];
  for (const statement of statements.flatMap(pieces)) {
    const last = documents.at(-1);
    const grown = last && documentWith([...last.Statement, statement]);
    if (grown && sizeChars(grown) <= MANAGED_POLICY_CHARS_MAX) documents[documents.length - 1] = grown;
    else documents.push(documentWith([statement]));
  }
  return documents;
}

/** One that is too large by itself, of hundreds of topics, is several. */
function pieces(statement: Statement): readonly Statement[] {
  const { Sid, Resource } = statement;
  const half = Math.ceil(Resource.length / 2);
  if (Resource.length === 1 || sizeChars(documentWith([statement])) <= MANAGED_POLICY_CHARS_MAX) return [statement];
  return [
    ...pieces({ ...statement, Sid: `${Sid}A`, Resource: Resource.slice(0, half) }),
    ...pieces({ ...statement, Sid: `${Sid}B`, Resource: Resource.slice(half) }),
  ];
}

function documentWith(statements: readonly Statement[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: statements };
}

interface ResourceKind {
  readonly sid: string;
  readonly arns: (place: Place) => readonly string[];
  readonly condition?: (place: Place) => Readonly<Record<string, string>>;
}

const s3 = ({ partition }: Pick<Place, "partition">, path: string) => `arn:${partition}:s3:::${path}`;
const at = ({ partition, region, accountId }: Place, service: string, name: string) =>
  `arn:${partition}:${service}:${region}:${accountId}:${name}`;
const anyKey = (place: Place) => [at(place, "kms", "key/*")];
/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service */
const through = (service: string) => (place: Place) => ({
  "kms:ViaService": `${service}.${place.region}.${domain(place)}`,
});
const domain = ({ partition }: Place) => (partition === "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com");
const ofAccount = ({ accountId }: Place) => ({ "aws:ResourceAccount": accountId });

/** In the order in which they are printed. */
const RESOURCES = {
  buckets: { sid: "ArchiveBuckets", arns: (place) => place.archives.map(({ bucket }) => s3(place, bucket)) },
  objects: {
    sid: "ArchiveObjects",
    arns: (place) => place.archives.map(({ bucket, prefix }) => s3(place, `${bucket}/${prefix}*`)),
  },
  exportBuckets: {
    sid: "AtlasExportBucket",
    arns: (place) => [s3(place, place.exportBucket ?? "*")],
    condition: ofAccount,
  },
  exportedObjects: {
    sid: "AtlasExportedObjects",
    arns: (place) => [s3(place, `${place.exportBucket ?? "*"}/*`)],
    condition: ofAccount,
  },
  recordBucket: {
    sid: "RecordBucket",
    arns: (place) => (place.records === null ? [] : [s3(place, place.records.bucket)]),
  },
  records: {
    sid: "Records",
    arns: ({ records, ...place }) => (records === null ? [] : [s3(place, `${records.bucket}/${records.prefix}*`)]),
  },
  keysThroughS3: { sid: "KeysOfBuckets", arns: anyKey, condition: through("s3") },
  keysThroughSns: { sid: "KeysOfTopics", arns: anyKey, condition: through("sns") },
  keys: { sid: "LookAtKeys", arns: anyKey },
  alarms: {
    sid: "OwnAlarms",
    arns: (place) => (place.ownedAlarms === null ? [] : [at(place, "cloudwatch", `alarm:${place.ownedAlarms}*`)]),
  },
  muteRules: { sid: "MuteRules", arns: (place) => [at(place, "cloudwatch", "alarm-mute-rule:*")] },
  topics: { sid: "OwnTopics", arns: (place) => place.topics.map((name) => at(place, "sns", name)) },
  topicsOfAccount: { sid: "TopicsOfAlarms", arns: (place) => [at(place, "sns", "*")] },
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/iam-cw-condition-keys-namespace.html
  heartbeats: {
    sid: "Heartbeats",
    arns: () => ["*"],
    condition: () => ({ "cloudwatch:namespace": HEARTBEAT_NAMESPACE }),
  },
  everything: { sid: "WithoutResource", arns: () => ["*"] },
} satisfies Record<Resource, ResourceKind>;

// the keys of a record that has them all
const KINDS = Object.keys(RESOURCES) as readonly Resource[];
