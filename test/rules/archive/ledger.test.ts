import { expect, test } from "vitest";
import { type Ledger, lastSign, stillAtWork, withObject } from "../../../src/rules/archive/ledger.ts";

const NOW = new Date("2026-11-22T02:00:00Z");
const MINUTE = 60_000;
const earlier = (ms: number) => new Date(NOW.getTime() - ms);

const LEDGER: Ledger = {
  version: 1,
  database: "core",
  period: "2026-10",
  snapshotId: "66f0c2a5b3d94e0012ab34cd",
  via: "download",
  owner: "anna@build-7",
  run: "0123456789ab",
  startedAt: earlier(60 * MINUTE),
  jobId: null,
  objects: [],
};

test.each([
  [0, true],
  [10 * MINUTE - 1, true],
  [10 * MINUTE, false],
  [-MINUTE, true],
])("a push that showed a sign %d ms ago is at work: %s", (ms, isAtWork) => {
  expect(stillAtWork(LEDGER, earlier(ms), NOW) !== undefined).toBe(isAtWork);
});

test("it is said who, since when, and until when", () => {
  expect(stillAtWork(LEDGER, earlier(MINUTE), NOW)).toBe(
    "anna@build-7 is at work on it, and showed a sign 1 m 00 s ago; it can be taken up in 9 m 00 s",
  );
});

test("the last sign is the newest of ledger and parts", () => {
  expect(lastSign(earlier(5), [])).toEqual(earlier(5));
  expect(lastSign(earlier(5), [earlier(9), earlier(2)])).toEqual(earlier(2));
});

test("an object is put in once, and in its own place", () => {
  const object = {
    key: "a",
    uploadId: "1",
    lengthBytes: 1,
    etag: null,
    partSizeBytes: 1,
    sha256: null,
    isStructureChecked: false,
  };
  const once = withObject(LEDGER, object);
  const twice = withObject(withObject(once, { ...object, key: "b" }), { ...object, uploadId: "2" });
  expect(once.objects).toEqual([object]);
  expect(twice.objects.map(({ key, uploadId }) => `${key} ${uploadId}`)).toEqual(["b 1", "a 2"]);
});
