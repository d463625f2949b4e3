/** The bucket of the record of acts: what it defaults to, and what cannot be. */
import { describe, expect, it } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";

const policy = (auditLog: string, more = 'aws: { accountId: "111122223333", region: ap-south-1 }\n') =>
  parsePolicy(
    `version: 1\nenvironment: test\natlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }\n${more}auditLog: ${auditLog}\n`,
    "p.yaml",
    {},
  );

describe("auditLog", () => {
  it("needs a bucket alone", () => {
    const { policy: read, effective } = policy("{ bucket: litally-audit }");
    expect(read.auditLog).toEqual({
      bucket: "litally-audit",
      prefix: "audit/",
      retain: { value: 7, unit: "y" },
      objectLock: "COMPLIANCE",
    });
    expect(effective()).toMatchObject({ auditLog: { bucket: "litally-audit", prefix: "audit/", retain: "7y" } });
  });

  const ARCHIVE = `aws: { accountId: "111122223333", region: ap-south-1 }
archives:
  - { name: a, bucket: litally-archive, prefix: atlas/, storageClass: GLACIER, objectLock: none, since: 2026-01, dueWithin: 5d, slots: [{ frequency: monthly, retain: 5y }] }
`;

  it.each([
    ["{ bucket: B }", undefined, "p.yaml:5:21: auditLog.bucket: "],
    ["{ bucket: litally-audit, prefix: audit }", undefined, "p.yaml:5:44: auditLog.prefix: "],
    ["{ bucket: litally-audit, retain: 90s }", undefined, "p.yaml:5:44: auditLog.retain: "],
    ["{ bucket: litally-audit, objectLock: none }", undefined, "p.yaml:5:48: auditLog.objectLock: "],
    ["{ bucket: litally-audit, path: x }", undefined, "p.yaml:5:36: auditLog.path: unknown key"],
    ["{ bucket: litally-audit }", "", "p.yaml:1:1: aws: is missing, and the records of auditLog need it"],
    [
      "{ bucket: litally-archive, prefix: atlas/audit/ }",
      ARCHIVE,
      "lies in the folder of an archive of the same bucket",
    ],
    ["{ bucket: litally-archive, prefix: '' }", ARCHIVE, "lies in the folder of an archive of the same bucket"],
  ])("%s", (auditLog, more, message) => {
    expect(() => policy(auditLog, more)).toThrow(message);
  });

  it("may share a bucket with an archive, in a folder of its own", () => {
    expect(policy("{ bucket: litally-archive }", ARCHIVE).policy.auditLog?.prefix).toBe("audit/");
  });
});
