/** Manifests as JSON: they come back as they were, always in the same bytes, and what is none is refused with its reason. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { describe, expect, test } from "vitest";
import { manifestJsonSchema, parseManifest, serialiseManifest } from "../../src/commands/archive-manifest.ts";
import { aManifest, anObject } from "../rules/archive/build.ts";

const MANIFESTS = [
  ["locked", aManifest()],
  ["unlocked, of shards", aManifest({ lock: null, objects: [anObject(), anObject({ key: "b", sha256: null })] })],
  ["of a year", aManifest({ period: "2026-12", slots: ["2026-12", "2026-Q4", "2026"], via: "export" })],
  [
    "with nulls",
    aManifest({ snapshot: { ...aManifest().snapshot, mongodVersion: null }, objects: [anObject({ versionId: null })] }),
  ],
] as const;

test("the published schema is what the program goes by (npm run generate writes it)", () => {
  const published = readFileSync(join(import.meta.dirname, "../../config/archive-manifest.schema.json"), "utf8");
  expect(published).toBe(`${JSON.stringify(manifestJsonSchema(), null, 2)}\n`);
});

describe.each(MANIFESTS)("a manifest %s", (_, manifest) => {
  const text = serialiseManifest(manifest);

  test("comes back as it was", () => expect(parseManifest(text, "it")).toEqual(manifest));

  test("is written in the same bytes, whatever the order of its fields", () => {
    const turned = Object.fromEntries(Object.entries(manifest).reverse()) as unknown as typeof manifest; // the same fields
    expect(serialiseManifest(turned)).toBe(text);
    expect(serialiseManifest(parseManifest(text, "it"))).toBe(text);
  });

  test("is what the schema says", () => {
    const ajv = new Ajv2020({ allErrors: true, strict: true });
    formats(ajv);
    const matches = ajv.compile(manifestJsonSchema());
    expect(matches(JSON.parse(text)), JSON.stringify(matches.errors)).toBe(true);
    expect(matches({ ...JSON.parse(text), more: 1 })).toBe(false);
  });
});

const PLAIN: Readonly<Record<string, unknown>> = JSON.parse(serialiseManifest(aManifest()));
const changed = (change: Readonly<Record<string, unknown>>) => JSON.stringify({ ...PLAIN, ...change });

test.each([
  ["nothing", "", /it is no JSON/],
  ["a page", "<html>", /it is no JSON/],
  ["half of one", JSON.stringify(PLAIN).slice(0, -9), /it is no JSON/],
  ["null", "null", /it is no manifest of an archive: the whole/],
  ["a list", "[]", /it is no manifest of an archive/],
  ["no version", changed({ version: undefined }), /version/],
  ["a date without a zone", changed({ startedAt: "2026-11-02T01:00:00" }), /startedAt/],
  ["a day that is none", changed({ completedAt: "2026-02-30T01:00:00Z" }), /completedAt/],
  ["no objects", changed({ objects: [] }), /objects/],
  ["a root of another kind", changed({ merkleRoot: "abc" }), /merkleRoot/],
  ["another class", changed({ storageClass: "REDUCED_REDUNDANCY" }), /storageClass/],
  ["another road", changed({ via: "pigeon" }), /via/],
  ["a slot as period", changed({ period: "2026-Q4" }), /period/],
  ["a field too many", changed({ more: 1 }), /it is no manifest/],
])("%s is refused", (_, text, message) => {
  expect(() => parseManifest(text, "it")).toThrow(
    expect.objectContaining({ kind: "protocol", message: expect.stringMatching(message) }),
  );
});

test("a newer version asks for a newer tool, whatever else it holds", () => {
  const newer = JSON.stringify({ version: 2, anything: true });
  expect(() => parseManifest(newer, "it")).toThrow(
    expect.objectContaining({ message: "it is of version 2, this litally-ops reads 1", hint: "upgrade litally-ops" }),
  );
});

test("no field can be missing, null by mistake, or of another type", () => {
  const mayBeNull = new Set(["lock"]);
  for (const field of Object.keys(PLAIN)) {
    expect(() => parseManifest(changed({ [field]: undefined }), "it"), field).toThrow(/it is/);
    expect(() => parseManifest(changed({ [field]: true }), "it"), field).toThrow(/it is/);
    if (!mayBeNull.has(field)) expect(() => parseManifest(changed({ [field]: null }), "it"), field).toThrow(/it is/);
  }
});
