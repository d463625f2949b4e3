/** The comparison at the end of a run of tests can fail: in each way in which the table and the sandboxes may differ. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { HeardCall } from "../../../src/sandbox/heard.ts";
import { compareCalls } from "../../support/calls.mts";

function compared(...calls: readonly HeardCall[]) {
  const folder = mkdtempSync(join(tmpdir(), "calls-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "calls.jsonl");
  writeFileSync(file, calls.map((call) => `${JSON.stringify(call)}\n`).join(""));
  return compareCalls(file);
}

const atlas = (command: string, operation: string): HeardCall => ({
  userAgent: `litally-ops/0.1.0 (${command})`,
  service: "atlas",
  operation,
});
const aws = (command: string, service: string, operation: string, more: Partial<HeardCall> = {}): HeardCall => ({
  userAgent: `aws-sdk-js/3.0.0 api/${service} litally-ops/0.1.0 command/${command}`,
  service,
  operation,
  ...more,
});
const s3 = (operation: string, ...actions: readonly string[]) => aws("archive-thaw", "s3", operation, { actions });

test("what is in the table is seen, and missed no longer", () => {
  const entry = "backup list: listGroupClusters";
  expect(compared().unseen).toContain(entry);
  const { seen, beyond, unseen } = compared(atlas("backup list", "GET /clusters"));
  expect([seen, beyond, unseen.includes(entry)]).toEqual([1, [], false]);
});

test.each([
  [atlas("backup list", "PATCH /clusters/{name}"), "backup list: updateGroupCluster"],
  [atlas("backup list", "DELETE /clusters/{name}"), "backup list: DELETE /clusters/{name}"],
  [atlas("backup burn", "GET /clusters"), "backup burn: listGroupClusters"],
  [aws("alarms-list", "cloudwatch", "DeleteAlarms"), "alarms list: cloudwatch DeleteAlarms"],
  [aws("backup-list", "s3", "PutObject", { resource: "litally-audit" }), "backup list: s3 PutObject of records"],
  [s3("DeleteObject", "s3:DeleteObject"), "archive thaw: s3 DeleteObject"],
  [s3("HeadObject", "s3:GetObjectVersion", "s3:GetObjectTagging"), "archive thaw: s3 HeadObject of a version"],
])("%j is beyond it", (call, told) => {
  expect(compared(call).beyond).toEqual([expect.stringContaining(told)]);
});

test("what tests ask themselves is none of its business", () => {
  const nobody = [atlas("test", "PATCH /clusters/{name}"), { ...atlas("", "GET /clusters"), userAgent: "node" }];
  expect(compared(...nobody)).toMatchObject({ seen: 0, beyond: [] });
});
