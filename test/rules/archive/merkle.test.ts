/** Merkle roots: against the definition written another way, against the shell of the docs, and under every damage. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { merkleRoot } from "../../../src/rules/archive/merkle.ts";
import { digest, sha256 } from "./build.ts";

const DOC = readFileSync(join(import.meta.dirname, "../../../docs/archive-format.md"), "utf8");
const root = (digests: readonly string[]) => merkleRoot(digests, sha256);
const hex = (text: string) => Buffer.from(sha256(Buffer.from(text, "hex"))).toString("hex");

/** Row by row, the last of an odd row going up as it is: another wording of the same tree. */
function byRows(digests: readonly string[]): string {
  let row = digests.map((leaf) => hex(`00${leaf}`));
  while (row.length > 1) {
    row = row.flatMap((left, index) => {
      if (index % 2 === 1) return [];
      const right = row[index + 1];
      return [right === undefined ? left : hex(`01${left}${right}`)];
    });
  }
  return row[0] ?? "";
}

const digests = (min: number, max: number) =>
  fc.array(fc.stringMatching(/^[0-9a-f]{64}$/), { minLength: min, maxLength: max });

test("is what RFC 6962 defines, for any number of leaves", () => {
  for (let count = 1; count <= 40; count += 1) {
    const leaves = Array.from({ length: count }, (_, index) => digest(String(index)));
    expect(root(leaves), `${count} leaves`).toBe(byRows(leaves));
  }
  fc.assert(fc.property(digests(1, 40), (leaves) => root(leaves) === byRows(leaves)));
});

test("of one leaf is not the leaf itself, and leaves are not nodes", () => {
  const [a, b] = [digest("a"), digest("b")];
  expect(root([a])).toBe(hex(`00${a}`));
  expect(root([a, b])).toBe(hex(`01${hex(`00${a}`)}${hex(`00${b}`)}`));
  expect(root([root([a, b])])).not.toBe(root([a, b]));
});

test("changes when a leaf is changed, swapped, left out or added", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.stringMatching(/^[0-9a-f]{64}$/), { minLength: 2, maxLength: 20 }),
      fc.nat(),
      (leaves, at) => {
        const index = at % leaves.length;
        const other = (index + 1) % leaves.length;
        const whole = root(leaves);
        expect(root(leaves.with(index, digest(leaves.join())))).not.toBe(whole);
        expect(root(leaves.with(index, leaves[other] ?? "").with(other, leaves[index] ?? ""))).not.toBe(whole);
        expect(root(leaves.toSpliced(index, 1))).not.toBe(whole);
        expect(root([...leaves, leaves.at(-1) ?? ""])).not.toBe(whole);
      },
    ),
  );
});

test.each(["", "00", digest("a").toUpperCase(), `${digest("a")}0`, `${digest("a").slice(1)}g`])(
  "refuses the leaf %j",
  (leaf) => {
    expect(() => root([leaf])).toThrow(/not a SHA-256/);
  },
);

test("there is none over nothing", () => expect(() => root([])).toThrow(/over nothing/));

describe("docs/archive-format.md", () => {
  const script = /```bash\n([\s\S]*?)```/.exec(DOC)?.[1] ?? "";
  const published = /^`([0-9a-f]{64})`/m.exec(DOC)?.[1];

  test("publishes the root of a to e", () => expect(published).toBe(root([..."abcde"].map(digest))));

  test.each(["a", "ab", "abc", "abcde", "abcdefgh", "abcdefghijk"])("its shell says the same of %s", (letters) => {
    const folder = mkdtempSync(join(tmpdir(), "root-"));
    try {
      writeFileSync(join(folder, "atlas-x1-shard-0.tar.gz"), letters);
      const out = execFileSync("bash", ["-c", script.replace("16777216", "1")], { cwd: folder, encoding: "utf8" });
      expect(out.trim()).toBe(root([...letters].map(digest)));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
