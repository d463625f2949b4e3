/** What commands need: nothing wider than it must be, nothing lost, and each word of it one that IAM takes. */
import { describe, expect, test } from "vitest";
import { COMMANDS } from "../../../src/cli/grammar.ts";
import { COMMAND_NAMES, type CommandName } from "../../../src/core/command-names.ts";
import { AWS_CALLS, type AwsCall, type Grant, WHY_EVERYTHING } from "../../../src/rules/permissions/aws-calls.ts";
import { ALONGSIDE, CALLS } from "../../../src/rules/permissions/commands.ts";
import { documentsOf, MANAGED_POLICY_CHARS_MAX, type Place, sizeChars } from "../../../src/rules/permissions/iam.ts";
import { neededBy } from "../../../src/rules/permissions/needed.ts";
import { rolesFor } from "../../../src/rules/permissions/roles.ts";

const PLACE: Place = {
  partition: "aws",
  region: "ap-south-1",
  accountId: "111122223333",
  archives: [{ bucket: "litally-archive", prefix: "atlas/" }],
  exportBucket: "litally-exports",
  records: { bucket: "litally-audit", prefix: "audit/production/" },
  topics: ["litally-critical"],
  ownedAlarms: "litally-",
  heartbeats: ["backup verify"],
};

// the keys of a record that has them all
const AWS = Object.keys(AWS_CALLS) as readonly AwsCall[];
const grants = AWS.flatMap((call): readonly Grant[] => AWS_CALLS[call]);

function statementOf(command: CommandName, sid: string, place = PLACE) {
  const [document] = neededBy([command], place).documents;
  return document?.Statement.find(({ Sid }) => Sid === sid);
}

describe("the tables", () => {
  test("have every command of the grammar, and no other", () => {
    expect(Object.keys(CALLS)).toEqual(COMMAND_NAMES);
    expect(COMMAND_NAMES.toSorted()).toEqual(COMMANDS.map(({ name }) => name).toSorted());
  });

  test("have a use for every call of AWS", () => {
    const beside: readonly string[] = Object.values(ALONGSIDE).flat();
    const used = new Set(
      COMMAND_NAMES.flatMap((name) =>
        [CALLS[name]].flatMap((calls) => [...calls.needs, ...("asks" in calls ? calls.asks : [])]),
      ),
    );
    expect(AWS.filter((call) => !used.has(call) && !beside.includes(call))).toEqual([]);
  });

  test("say why, wherever an action is granted on everything", () => {
    const everywhere = grants.flatMap(([action, resource]) => (resource === "everything" ? [action] : []));
    expect(new Set(everywhere)).toEqual(new Set(Object.keys(WHY_EVERYTHING)));
  });
});

describe("the IAM policy", () => {
  test("of all commands is one that IAM takes, and grants every action that their calls demand", () => {
    const { documents, notGranted } = neededBy(COMMAND_NAMES, PLACE);
    const statements = documents.flatMap(({ Statement }) => Statement);
    expect(notGranted).toEqual([]);
    expect(statements.map(({ Sid }) => Sid).filter((sid) => !/^[A-Za-z0-9]+$/.test(sid))).toEqual([]);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    const actions = new Set(statements.flatMap(({ Action }) => Action));
    expect(actions).toEqual(new Set(grants.map(([action]) => action)));
    expect([...actions].filter((action) => !/^(s3|kms|sns|cloudwatch):[A-Z]\w+$/.test(action))).toEqual([]);
    const resources = statements.flatMap(({ Sid, Resource }) =>
      ["WithoutResource", "Heartbeats"].includes(Sid) ? [] : Resource,
    );
    expect(
      resources.filter((arn) => !/^arn:aws:(s3:::litally-|(kms|sns|cloudwatch):ap-south-1:111122223333:)/.test(arn)),
    ).toEqual([]);
  });

  test("of what looks writes nothing", () => {
    const lookers = COMMAND_NAMES.filter((name) =>
      /(list|status|audit|check|simulate|map|plan|show|watch)$/.test(name),
    );
    const actions = neededBy(lookers, PLACE).documents.flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }) => Action),
    );
    expect(actions.filter((action) => !/:(Get|List|Describe|Decrypt)/.test(action))).toEqual([]);
  });

  test("is narrowed to the folders, topics and alarms of the policy", () => {
    expect(statementOf("archive thaw", "ArchiveObjects")).toEqual({
      Sid: "ArchiveObjects",
      Effect: "Allow",
      Action: ["s3:GetObject", "s3:GetObjectRetention", "s3:GetObjectVersion", "s3:RestoreObject"],
      Resource: ["arn:aws:s3:::litally-archive/atlas/*"],
    });
    expect(statementOf("alarms apply", "OwnAlarms")?.Resource).toEqual([
      "arn:aws:cloudwatch:ap-south-1:111122223333:alarm:litally-*",
    ]);
    expect(statementOf("notify test", "OwnTopics")?.Resource).toEqual([
      "arn:aws:sns:ap-south-1:111122223333:litally-critical",
    ]);
    expect(statementOf("archive push", "KeysOfBuckets")?.Condition).toEqual({
      StringEquals: { "kms:ViaService": "s3.ap-south-1.amazonaws.com" },
    });
  });

  test("reads exports from one bucket where it is named, else from those of the account alone", () => {
    const inAccount = { StringEquals: { "aws:ResourceAccount": "111122223333" } };
    expect(statementOf("archive push", "AtlasExportedObjects")).toMatchObject({
      Resource: ["arn:aws:s3:::litally-exports/*"],
      Condition: inAccount,
    });
    const anyBucket = statementOf("archive push", "AtlasExportedObjects", { ...PLACE, exportBucket: null });
    expect(anyBucket).toMatchObject({ Resource: ["arn:aws:s3:::*/*"], Condition: inAccount });
  });

  test("lets the runs of a schedule be told to CloudWatch, in one namespace", () => {
    expect(statementOf("backup verify", "Heartbeats")).toEqual({
      Sid: "Heartbeats",
      Effect: "Allow",
      Action: ["cloudwatch:PutMetricData"],
      Resource: ["*"],
      Condition: { StringEquals: { "cloudwatch:namespace": "LiTallyOps" } },
    });
    expect(statementOf("backup list", "Heartbeats")).toBeUndefined();
  });

  test("is of the partition that the region is in", () => {
    const china = { ...PLACE, partition: "aws-cn", region: "cn-north-1" };
    expect(statementOf("archive fetch", "KeysOfBuckets", china)).toMatchObject({
      Resource: ["arn:aws-cn:kms:cn-north-1:111122223333:key/*"],
      Condition: { StringEquals: { "kms:ViaService": "s3.cn-north-1.amazonaws.com.cn" } },
    });
  });

  test("has no statement about nothing: whoever needs it is named", () => {
    const bare = { ...PLACE, archives: [], topics: [], ownedAlarms: null };
    const { documents, notGranted } = neededBy(["archive fetch", "notify plan", "alarms plan", "backup list"], bare);
    const statements = documents.flatMap(({ Statement }) => Statement);
    expect(statements.filter(({ Resource }) => Resource.length === 0)).toEqual([]);
    expect(notGranted).toEqual(["archive fetch", "notify plan"]);
    expect(neededBy(["archive fetch", "backup list"], null)).toMatchObject({
      documents: [],
      notGranted: ["archive fetch"],
    });
  });

  test("becomes several where one is too small, and loses nothing on the way", () => {
    const place = { ...PLACE, topics: Array.from({ length: 200 }, (_, index) => `litally-${index}`) };
    const { documents } = neededBy(COMMAND_NAMES, place);
    const statements = documents.flatMap(({ Statement }) => Statement);
    const publishing = statements.filter(({ Action }) => Action.includes("sns:Publish"));
    expect(documents.length).toBeGreaterThan(2);
    expect(publishing.flatMap(({ Resource }) => Resource)).toHaveLength(200);
    expect(new Set(statements.map(({ Sid }) => Sid)).size).toBe(statements.length);
    expect(new Set(statements.flatMap(({ Action }) => Action))).toEqual(new Set(grants.map(([action]) => action)));
    expect(documents.filter((document) => sizeChars(document) > MANAGED_POLICY_CHARS_MAX)).toEqual([]);
  });

  test("of nothing is none", () => expect(documentsOf([])).toEqual([]));
});

describe("roles in Atlas", () => {
  test("are the fewest: one that is needed anyway serves where any of several does", () => {
    expect(rolesFor(["createGroupClusterBackupRestoreJob"])).toEqual(["Project Backup Recovery Operator"]);
    expect(rolesFor(["createGroupClusterBackupRestoreJob", "createGroupClusterBackupExport"])).toEqual([
      "Project Backup Export Operator",
    ]);
    expect(rolesFor(["cancelGroupClusterBackupRestoreJob"], ["Project Backup Export Operator"])).toEqual([
      "Project Backup Export Operator",
    ]);
  });

  test("to read is named where it is all that is needed", () => {
    expect(rolesFor(["getGroup", "listGroupClusters"])).toEqual(["Project Read Only"]);
    expect(rolesFor(["getGroup", "updateGroupCluster"])).toEqual(["Project Cluster Manager"]);
    expect(rolesFor([])).toEqual([]);
  });

  test("that may be missing are told apart from those that are needed", () => {
    const { roles, askedOfAtlas } = neededBy(["backup plan"], PLACE);
    expect(roles).toEqual([{ role: "Project Read Only", commands: ["backup plan"] }]);
    expect(askedOfAtlas).toEqual([
      { operation: "getGroupBackupCompliancePolicy", roles: ["Project Owner"], commands: ["backup plan"] },
    ]);
  });
});

describe("the record of acts", () => {
  const put = (command: CommandName, place = PLACE) => statementOf(command, "Records", place);

  test("is written by what changes something, read by audit log, and nobody may delete in it", () => {
    const records = ["arn:aws:s3:::litally-audit/audit/production/*"];
    const read = ["s3:GetObjectRetention", "s3:GetObjectVersion"];
    expect(put("backup apply")).toMatchObject({
      Action: [...read, "s3:PutObject", "s3:PutObjectRetention"],
      Resource: records,
    });
    expect(put("audit log verify")).toMatchObject({ Action: read, Resource: records });
    expect(put("backup verify")).toBeUndefined();
    expect(put("backup apply", { ...PLACE, records: null })).toBeUndefined();
    expect(neededBy(["audit log verify"], null).notGranted).toEqual([]);
  });
});
