// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse, stringify } from "yaml";
import { suggest } from "../../src/core/suggest.ts";
import { ENV, load, messageOf, problemsOf, REFERENCE } from "./support.ts";

/** Whatever is done to a policy: it loads, or it is refused as a policy, and every line says where. */

type Path = readonly (string | number)[];
const TREE: unknown = parse(REFERENCE);
const NODES = nodesOf(TREE, []);
const LINE = /^p\.yaml:\d+:\d+: \S/;

const MUTATIONS: Readonly<Record<string, (parent: Record<string | number, unknown>, key: string | number) => void>> = {
  deleted: (parent, key) => (Array.isArray(parent) ? parent.splice(Number(key), 1) : delete parent[key]),
  "made empty": (parent, key) => assign(parent, key, null),
  "made a number": (parent, key) => assign(parent, key, 7.5),
  "made a text": (parent, key) => assign(parent, key, "nonsense {x}"),
  "made a yes": (parent, key) => assign(parent, key, true),
  "made a list": (parent, key) => assign(parent, key, []),
  "made a list of lists": (parent, key) => assign(parent, key, [[parent[key]]]),
  "made a block": (parent, key) => assign(parent, key, {}),
  "made a strange block": (parent, key) => assign(parent, key, { engine: 5, name: [], "": { x: null } }),
  renamed: (parent, key) => {
    assign(parent, `${key}x`, parent[key]);
    delete parent[key];
  },
};

describe.each(Object.entries(MUTATIONS))("every node of the reference policy, %s", (_name, mutate) => {
  test("loads or is refused with a place for every problem", () => {
    for (const path of NODES) {
      const text = stringify(mutated(path, mutate));
      for (const line of problemsOf(text)) expect(line).toMatch(LINE);
    }
  });
});

test("deleting what must be there, and renaming anything, is always noticed", () => {
  for (const path of NODES.filter((node) => typeof node.at(-1) === "string")) {
    const renamed = problemsOf(stringify(mutated(path, MUTATIONS["renamed"])));
    const free = path.includes("dimensions") && path.at(-1) !== "dimensions"; // any name will do there
    expect([path.join("."), renamed.length > 0]).toEqual([path.join("."), !free]);
  }
});

test("a text cut or garbled anywhere loads or is refused with a place for every problem", () => {
  const position = fc.nat(REFERENCE.length);
  const junk = fc.string({ unit: fc.constantFrom(..."{}[]:-#&*!|>'\"%@`,? \n\t${}a1é\u0000"), maxLength: 6 });
  fc.assert(
    fc.property(position, fc.nat(40), junk, (start, length, inserted) => {
      const text = REFERENCE.slice(0, start) + inserted + REFERENCE.slice(start + length);
      for (const line of problemsOf(text)) expect(line).toMatch(LINE);
    }),
    { numRuns: 500 },
  );
});

test("a text of anything loads or is refused", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => void messageOf(text)));
});

/** Values of the forms that policies hold, so that many get past the first check and into the rules. */
const CANARIES = [
  "canary-7f3a",
  "7919d",
  "canary@7f3a.example",
  "+49777777777",
  "canary {seven}",
  "zz-canary-9",
  "> 7919",
];

describe.each(CANARIES)("the value %s from the environment", (canary) => {
  test("is in no error and not in what is shown, wherever it is taken", () => {
    for (const path of NODES) {
      const text = stringify(mutated(path, (parent, key) => assign(parent, key, "${CANARY}")));
      const env = { ...ENV, CANARY: canary };
      const said = messageOf(text, env) ?? JSON.stringify(load(text, env).effective());
      expect(said).not.toContain(canary);
      if (messageOf(text, env) === undefined) expect(load(text, env).secrets).toContain(canary);
    }
  });
});

describe("did you mean", () => {
  test.each([
    ["retian", ["frequency", "retain", "every"], "retain"],
    ["dayly", ["hourly", "daily", "weekly"], "daily"],
    ["Critical", ["critical", "warning"], "critical"],
    ["x", ["critical", "warning"], undefined],
    ["colour", ["cluster", "copies"], undefined],
  ])("%s of %j: %s", (written, candidates, expected) => {
    expect(suggest(written, candidates)).toBe(expected);
  });

  test("finds a word again after one slip of the fingers", () => {
    const words = ["frequency", "continuousBackup", "objectLock", "storageClass", "missingData"];
    const slip = fc.record({
      word: fc.constantFrom(...words),
      at: fc.nat(8),
      kind: fc.constantFrom("drop", "double", "swap"),
    });
    fc.assert(
      fc.property(slip, ({ word, at, kind }) => {
        const [head, one, two, tail] = [word.slice(0, at), word.charAt(at), word.charAt(at + 1), word.slice(at + 2)];
        const typed = { drop: head + two + tail, double: head + one + one + two + tail, swap: head + two + one + tail }[
          kind
        ];
        fc.pre(typed !== word);
        expect(suggest(typed, words)).toBe(word);
      }),
    );
  });
});

function nodesOf(value: unknown, path: Path): readonly Path[] {
  if (typeof value !== "object" || value === null) return [path];
  const below = Object.entries(value).flatMap(([key, item]) =>
    nodesOf(item, [...path, Array.isArray(value) ? Number(key) : key]),
  );
  return path.length === 0 ? below : [path, ...below];
}

function mutated(path: Path, mutate: (typeof MUTATIONS)[string] | undefined): unknown {
  const tree: unknown = structuredClone(TREE);
  let parent = tree as Record<string | number, unknown>; // a list counts as a block of numbers
  for (const key of path.slice(0, -1)) parent = parent[key] as Record<string | number, unknown>;
  mutate?.(parent, path.at(-1) ?? "");
  return tree;
}

function assign(parent: Record<string | number, unknown>, key: string | number, value: unknown): void {
  parent[key] = value;
}
