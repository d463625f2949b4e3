/** Formulas as trees: what is read, what is not, and which texts are one formula. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatMath, idsOf, type MathNode, parseMath, substituteIds } from "../../src/core/metric-math.ts";

const one = (text: string): string | undefined => {
  const node = parseMath(text);
  return node === undefined ? undefined : formatMath(node);
};

describe("two texts are one formula", () => {
  it.each([
    ["100*a/b", " 100.0 * a / b "],
    ["1e2*a", "((100) * (a))"],
    ["IF(b>=20,100*a/b,0)", "IF( (b >= 2.0E1), ((100 * a) / b), 0 )"],
    ["a && b || c", "(a AND b) OR c"],
    ["a - b - c", "(a - b) - c"],
    ["SUM([a,b])", "SUM( [ a , (b) ] )"],
    ["-(1)", "-1"],
    ["FILL(a, REPEAT)", "FILL((a),REPEAT)"],
    ["SEARCH('x', \"Sum\")", "SEARCH(\"x\",'Sum')"],
    [".5 + a", "0.50 + a"],
    ["a ^ -1", "a^(-1)"],
    ["(a + b) / c", "((a + b)) / c"],
  ])("%s is %s", (left, right) => {
    expect(one(left)).toBeDefined();
    expect(one(left)).toBe(one(right));
  });
});

describe("two texts are two formulas", () => {
  it.each([
    ["a - (b - c)", "a - b - c"],
    ["a / (b * c)", "a / b * c"],
    ["(a + b) * c", "a + b * c"],
    ["a AND (b OR c)", "a AND b OR c"],
    ["100 * a", "100.1 * a"],
    ["a > b", "a >= b"],
    ['FILL(a, "x y")', 'FILL(a, "xy")'],
    // how CloudWatch reads these without the parentheses is nowhere written
    ["(a ^ b) ^ c", "a ^ b ^ c"],
    ["a ^ (b ^ c)", "a ^ b ^ c"],
    ["(a < b) < c", "a < b < c"],
    ["-(a ^ b)", "-a ^ b"],
    ["(-a) ^ b", "-a ^ b"],
    ["(-2) ^ b", "-2 ^ b"],
  ])("%s is not %s", (left, right) => {
    expect(one(left)).toBeDefined();
    expect(one(right)).toBeDefined();
    expect(one(left)).not.toBe(one(right));
  });
});

it.each([
  "",
  "a +",
  "(a",
  "a b",
  "a)",
  "SUM(a,)",
  "1.2.3",
  "a $ b",
  "AND",
  '"open',
  "a AND AND b",
  "SELECT AVG(x) FROM y",
  `${"(".repeat(5000)}a${")".repeat(5000)}`,
  "-".repeat(100_000),
])("%s is no formula", (text) => {
  expect(parseMath(text)).toBeUndefined();
});

it("gives the ids that it rests on, each once, as they stand", () => {
  const node = parseMath("IF(b >= 20, 100 * a / b, FILL(c, REPEAT)) + MAX([a, -d])");
  expect(node === undefined ? [] : idsOf(node)).toEqual(["b", "a", "c", "d"]);
});

it("puts parentheses where a formula takes the place of an id, and only where they count", () => {
  const put = (text: string, value: string) => {
    const [node, inner] = [parseMath(text), parseMath(value)];
    if (node === undefined || inner === undefined) throw new Error("no formula");
    return formatMath(substituteIds(node, (id) => (id === "e" ? inner : undefined)));
  };
  expect(put("e / a", "b + c")).toBe("(b + c) / a");
  expect(put("e + a", "b + c")).toBe("b + c + a");
  expect(put("a - e", "b - c")).toBe("a - (b - c)");
  expect(put("a ^ e", "b ^ c")).toBe("a ^ (b ^ c)");
  expect(put("-e", "b ^ c")).toBe("-(b ^ c)");
  expect(put("-e", "7")).toBe("-7");
  expect(put("SUM(e)", "b + c")).toBe("SUM(b + c)");
  expect(put("e", "b + c")).toBe("(b + c)");
});

const leaf: fc.Arbitrary<string> = fc.oneof(fc.constantFrom("a", "b", "m1", "0", "20", "1.5"));
const formula = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    leaf,
    fc
      .tuple(tie("node"), fc.constantFrom("+", "-", "*", "/", "^", "<", ">=", "==", "AND", "OR"), tie("node"))
      .map(([left, operator, right]) => `(${left} ${operator} ${right})`),
    tie("node").map((inner) => `-(${inner})`),
    fc.tuple(tie("node"), tie("node"), tie("node")).map((args) => `IF(${args.join(", ")})`),
    tie("node").map((inner) => `SUM([${inner}])`),
  ),
})).node;

describe("a formula", () => {
  it("reads back as itself from its own text", () => {
    fc.assert(
      fc.property(formula, (text) => {
        const node = parseMath(text) as MathNode; // every one of these is a formula
        expect(parseMath(formatMath(node))).toEqual(node);
      }),
    );
  });

  it("stays itself in spaces and parentheses around the whole", () => {
    fc.assert(
      fc.property(formula, (text) => {
        const spaced = `( ${text.replaceAll(/([-+*/^(),[\]])/g, "  $1 ")} )`;
        expect(parseMath(spaced)).toEqual(parseMath(text));
      }),
    );
  });

  it("is another with another operator, wherever it stands", () => {
    fc.assert(
      fc.property(formula, fc.nat(), (text, at) => {
        const places = [...text.matchAll(/ [*/] /g)];
        const place = places[at % Math.max(1, places.length)];
        if (place === undefined) return;
        const turned = text.slice(0, place.index) + (place[0] === " * " ? " / " : " * ") + text.slice(place.index + 3);
        expect(one(turned)).not.toBe(one(text));
      }),
    );
  });
});
