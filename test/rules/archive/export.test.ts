import { expect, test } from "vitest";
import { judgeMarker, markerKey } from "../../../src/rules/archive/export.ts";

const OBJECTS = ["a/x/0.json.gz", "a/x/1.json.gz", "a/x/metadata.json", ".complete"].map((name) => ({
  key: `p/${name}`,
}));
const judged = (text: string | null, objects = OBJECTS) => judgeMarker(text, objects, { prefix: "p" });

test("the marker stands at the root of an export", () => {
  expect(markerKey("p")).toBe("p/.complete");
});

test.each([2, 3])("an export is whole with a count of %d: metadata may be counted or not", (totalFiles) => {
  expect(judged(JSON.stringify({ totalFiles }))).toBeUndefined();
});

test.each<[string, string | null, RegExp]>([
  ["one too few", '{"totalFiles":1}', /counts 1 files, there are 2 of data and 1 of metadata/],
  ["one too many", '{"totalFiles":4}', /counts 4/],
  ["no count", "{}", /does not tell/],
  ["a count that is none", '{"totalFiles":"3"}', /does not tell/],
  ["a fraction", '{"totalFiles":2.5}', /does not tell/],
  ["less than nothing", '{"totalFiles":-1}', /does not tell/],
  ["no JSON", "<html>", /does not tell/],
  ["null", "null", /does not tell/],
  ["no marker", null, /is not there/],
])("%s is told", (_, text, expected) => {
  expect(judged(text)).toMatch(expected);
});

test("what else stands there counts as a file too, or the count is wrong", () => {
  const more = [...OBJECTS, { key: "p/readme.txt" }];
  expect(judged('{"totalFiles":4}', more)).toBeUndefined();
  expect(judged('{"totalFiles":5}', more)).toMatch(/counts 5/);
});

test.each([
  ["a chunk", "a/x/0.1.json.gz", /0\.2\.json\.gz is there, a\/x\/0\.1\.json\.gz is not/],
  ["metadata", "a/x/metadata.json", /metadata\.json is not/],
])("%s that is missing is told, though the count can be read so that it comes out", (_, missing, told) => {
  const names = ["a/x/0.0.json.gz", "a/x/0.1.json.gz", "a/x/0.2.json.gz", "a/x/metadata.json", "a/y/metadata.json"];
  const objects = names.map((name) => ({ key: `p/${name}` }));
  const left = objects.filter(({ key }) => key !== `p/${missing}`);
  expect(judged('{"totalFiles":3}', objects)).toBeUndefined();
  expect(judged('{"totalFiles":3}', left)).toMatch(told);
});
