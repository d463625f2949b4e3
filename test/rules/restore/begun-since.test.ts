/** A restore that was not there when this one was planned: by its id, and onto the same target. */
import { describe, expect, test } from "vitest";
import { known } from "../../../src/core/observed.ts";
import type { CollectionRestore, RestoreJob } from "../../../src/ports/atlas-restores.ts";
import { judgeBegunSince } from "../../../src/rules/restore/begun-since.ts";
import { GONE } from "../build.ts";
import { aCollectionJob, aJob, COLLECTION_FACTS, ofCollections, restore } from "./build.ts";

const OLD = aJob();

describe("restores of clusters", () => {
  const judged = (...now: readonly RestoreJob[]) =>
    judgeBegunSince(restore({ sourceJobs: [OLD] }), { jobs: known([OLD, ...now]), collectionJobs: null });

  test.each<[string, readonly RestoreJob[], RegExp]>([
    ["none", [], /^pass/],
    ["one onto the target", [aJob({ id: "job-2" })], /^fail: restore job-2 onto the target has begun since/],
    ["one that has finished already", [aJob({ id: "job-2", finishedAt: new Date(0) })], /^fail/],
    ["one onto the target in letters of another case", [aJob({ id: "job-2", targetName: "LITALLY-drill" })], /^fail/],
    ["one elsewhere", [aJob({ id: "job-2", targetName: "other" })], /^pass/],
    ["one in another project", [aJob({ id: "job-2", targetProjectId: "other" })], /^pass/],
    ["a download", [aJob({ id: "job-2", delivery: "download", targetName: null })], /^pass/],
    ["one without a readable id", [aJob({ id: GONE })], /^fail: restore \(id not readable\)/],
    ["one of unreadable target", [aJob({ id: "job-2", targetName: GONE })], /^unknown: whether restore job-2/],
    [
      "a certain one behind an unreadable one",
      [aJob({ id: "job-2", targetName: GONE }), aJob({ id: "job-3" })],
      /^fail: restore job-3/,
    ],
  ])("%s", (_, now, expected) => {
    const { status, message } = judged(...now);
    expect(`${status}: ${message}`).toMatch(expected);
  });

  test("lists that cannot be read say nothing", () => {
    const facts = restore({ sourceJobs: [OLD] });
    expect(judgeBegunSince(facts, { jobs: GONE, collectionJobs: null }).status).toBe("unknown");
    expect(judgeBegunSince(restore({ sourceJobs: GONE }), { jobs: known([]), collectionJobs: null }).status).toBe(
      "unknown",
    );
  });
});

describe("restores of collections", () => {
  const facts = ofCollections({ collections: { ...COLLECTION_FACTS, jobs: known([aCollectionJob()]) } });
  const judged = (...now: readonly CollectionRestore[]) =>
    judgeBegunSince(facts, { jobs: known([]), collectionJobs: known([aCollectionJob(), ...now]) });

  test("are held against each other, and against those of clusters", () => {
    expect(judged().status).toBe("pass");
    expect(judged(aCollectionJob({ id: "collections-2" })).status).toBe("fail");
    expect(judged(aCollectionJob({ id: "collections-2", targetName: "other" })).status).toBe("pass");
    expect(judged(aCollectionJob({ id: "collections-2", targetProjectId: GONE })).status).toBe("unknown");
    expect(judgeBegunSince(facts, { jobs: known([aJob()]), collectionJobs: known([]) }).status).toBe("fail");
    expect(judgeBegunSince(facts, { jobs: known([]), collectionJobs: GONE }).status).toBe("unknown");
  });
});
