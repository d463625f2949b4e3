/** Invariants: what may be asked of restored data, and that nothing that writes or runs code can be. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { initialPolicy } from "../../src/policy/init.ts";
import { load, problemsOf } from "./support.ts";

/** JSON is YAML: each invariant stands on a line of its own, from the tenth on. */
function policy(...invariants: readonly unknown[]): string {
  const head = `version: 1
environment: test
atlas:
  projectId: 5a4db0c5a4db0c5a4db0c5a4
databases:
  - name: core
    cluster: core
    snapshots: [{ frequency: daily, retain: 30d }]
    invariants:
`;
  return `${head}${invariants.map((one) => `      - ${JSON.stringify(one)}\n`).join("")}`;
}

const GOOD = {
  name: "no-debt",
  namespace: "ledger.accounts",
  pipeline: [{ $match: { balance: { $lt: 0 } } }],
  expect: { exactly: 0 },
};
const AT = /^p\.yaml:10:\d+: databases\[0\]\.invariants\[0\]/;

describe("an invariant that holds together", () => {
  test("is read as it is written", () => {
    const pipeline = [{ $match: { value: 1, unit: "d" } }, { $group: { _id: null, total: { $sum: "$amount" } } }];
    const loaded = load(policy({ ...GOOD, pipeline, expect: { field: "total", atLeast: -0.5, atMost: 10 } }));
    const [invariant] = loaded.policy.databases[0]?.invariants ?? [];
    expect(invariant).toEqual({ ...GOOD, pipeline, expect: { field: "total", atLeast: -0.5, atMost: 10 } });
    expect(JSON.stringify(loaded.effective())).toContain(JSON.stringify({ value: 1, unit: "d" }));
  });

  test("need not be there", () => {
    const without = policy().replace("    invariants:\n", "");
    expect(load(without).policy.databases[0]).not.toHaveProperty("invariants");
  });

  test.each<[string, unknown]>([
    ["all documents", { ...GOOD, pipeline: [], expect: { atLeast: 1 } }],
    ["a range", { ...GOOD, expect: { atLeast: 5, atMost: 5 } }],
    ["the newest", { ...GOOD, expect: { field: "_id", newestWithin: "10m" } }],
    ["a pipeline within", { ...GOOD, pipeline: [{ $lookup: { from: "a", as: "b", pipeline: [{ $match: {} }] } }] }],
    ["a collection with a dot", { ...GOOD, namespace: "ledger.accounts.v2" }],
  ])("%s", (_what, invariant) => expect(problemsOf(policy(invariant))).toEqual([]));
});

describe("what people start from loads", () => {
  const invariants = (text: string) =>
    load(text).policy.databases[0]?.invariants?.map(({ expect }) => Object.keys(expect));

  test("the example of the documentation", () => {
    const [, example = ""] = /```yaml\n([\s\S]*?)```/.exec(readFileSync("docs/restore-data.md", "utf8")) ?? [];
    const rest = "    cluster: core\n    snapshots: [{ frequency: daily, retain: 30d }]\n";
    const head = "version: 1\nenvironment: test\natlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }\n";
    expect(invariants(`${head}${example}${rest}`)).toEqual([
      ["exactly"],
      ["field", "exactly"],
      ["field", "newestWithin"],
    ]);
  });

  test("the comment of a new policy", () => {
    const written = initialPolicy("test");
    const at = written.indexOf("    # invariants:");
    const [comment = ""] = written.slice(at).split("\n\n");
    const uncommented = written.replace(comment, comment.replaceAll(/^ {4}# /gm, "    "));
    expect(invariants(uncommented)).toEqual([["exactly"], ["field", "newestWithin"]]);
  });
});

describe("an invariant that does not", () => {
  test.each<[string, object, string]>([
    [
      "an unknown stage",
      { pipeline: [{ $mtach: {} }] },
      '.pipeline[0]["$mtach"]: is no stage that is known to only read; write another (did you mean "$match"?)',
    ],
    [
      "a stage of a later server",
      { pipeline: [{ $shred: {} }] },
      '.pipeline[0]["$shred"]: is no stage that is known to only read; write another',
    ],
    [
      "two operators in one stage",
      { pipeline: [{ $match: {}, $limit: 1 }] },
      ".pipeline[0]: this block is not a stage; write one operator in each, such as { $match: { ... } }",
    ],
    [
      "an empty stage",
      { pipeline: [{}] },
      ".pipeline[0]: this block is not a stage; write one operator in each, such as { $match: { ... } }",
    ],
    ["a stage of text", { pipeline: ["$match"] }, '.pipeline[0]: "$match" is not a stage; write { $match: { ... } }'],
    ["no pipeline", { pipeline: undefined }, ".pipeline: is missing: a list; write one item a line, each after a dash"],
    [
      "no expectation",
      { expect: {} },
      ".expect: asks for nothing; write exactly, atLeast, atMost, or newestWithin with a field",
    ],
    [
      "a field alone",
      { expect: { field: "total" } },
      ".expect: asks for nothing; write exactly, atLeast, atMost, or newestWithin with a field",
    ],
    [
      "two expectations",
      { expect: { exactly: 1, atLeast: 0 } },
      ".expect: asks in two ways; write exactly, or atLeast and atMost, or newestWithin",
    ],
    [
      "two kinds",
      { expect: { field: "at", newestWithin: "1h", atMost: 1 } },
      ".expect: asks in two ways; write exactly, or atLeast and atMost, or newestWithin",
    ],
    [
      "the newest of nothing",
      { expect: { newestWithin: "1h" } },
      ".expect: newestWithin needs a field; write field: _id, or the name of a date",
    ],
    ["an empty range", { expect: { atLeast: 2, atMost: 1 } }, ".expect.atMost: 1 is less than atLeast; write more"],
    [
      "half a document",
      { expect: { exactly: 0.5 } },
      ".expect.exactly: 0.5 is no number of documents; write 0 or more, or name a field",
    ],
    [
      "less than no document",
      { expect: { atLeast: -1 } },
      ".expect.atLeast: -1 is no number of documents; write 0 or more, or name a field",
    ],
    ["a number of text", { expect: { exactly: "0" } }, '.expect.exactly: "0" is not a number; write it without quotes'],
    [
      "a field of a field",
      { expect: { field: "a.b", exactly: 0 } },
      '.expect.field: "a.b" is not the name of a field; write letters, digits and underscores, a letter first',
    ],
    [
      "no collection",
      { namespace: "ledger" },
      '.namespace: "ledger" is not the name of a collection; write database.collection',
    ],
    [
      "a collection of the server's",
      { namespace: "ledger.system.views" },
      '.namespace: "ledger.system.views" is not the name of a collection; write database.collection',
    ],
  ])("%s", (_what, change, says) => {
    const [first, ...more] = problemsOf(policy({ ...GOOD, ...change }));
    expect(first).toMatch(AT);
    expect(first?.replace(AT, "")).toBe(says);
    expect(more).toEqual([]);
  });

  test("a name that stands twice", () => {
    expect(problemsOf(policy(GOOD, GOOD))).toEqual([
      'p.yaml:11:17: databases[0].invariants[1].name: "no-debt" stands above already; write another',
    ]);
  });
});

const FORBIDDEN = ["$out", "$merge", "$function", "$where", "$accumulator"];

/** A pipeline with a hole somewhere in it, at any depth, in lists and blocks. */
const holes = fc.letrec<{ around: (inner: unknown) => unknown }>((tie) => ({
  around: fc.oneof(
    { maxDepth: 6 },
    fc.constant((inner: unknown) => inner),
    fc
      .tuple(fc.constantFrom("$facet", "pipeline", "a", "$expr", "$cond"), tie("around"))
      .map(([key, around]) => (inner: unknown) => ({ before: 1, [key]: around(inner) })),
    tie("around").map((around) => (inner: unknown) => [{ $limit: 1 }, around(inner)]),
  ),
})).around;

test("what writes or runs code is refused wherever it stands", () => {
  fc.assert(
    fc.property(fc.constantFrom(...FORBIDDEN), holes, (operator, around) => {
      const stage = { $match: around({ [operator]: "x" }) };
      const problems = problemsOf(policy({ ...GOOD, pipeline: [{ $limit: 1 }, stage] }));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toContain(`["${operator}"]`);
      expect(problems[0]).toMatch(/(writes|runs JavaScript), and an invariant only reads; remove it$/);
    }),
  );
});

test.each(FORBIDDEN)("%s is refused as a stage", (operator) => {
  expect(problemsOf(policy({ ...GOOD, pipeline: [{ [operator]: "x" }] }))).toHaveLength(1);
});
