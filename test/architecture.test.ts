/** The house rules, as data: who may import whom, where the process and the clock are, how big a file may be. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = join(import.meta.dirname, "../src");

interface Room {
  /** Rooms it may import from; `types:` means with `import type` only. */
  readonly ours: readonly string[];
  readonly packages: readonly string[];
}

const NODE = "node:*";

const ROOMS: Readonly<Record<string, Room>> = {
  core: { ours: [], packages: [] },
  policy: { ours: ["core"], packages: ["zod/mini", "yaml", "node:fs"] },
  ports: { ours: ["types:core"], packages: [] },
  rules: { ours: ["core", "ports", "types:policy"], packages: [] },
  adapters: {
    ours: ["core", "ports"],
    packages: [
      "zod/mini",
      NODE,
      "mongodb",
      "undici",
      "undici/lib/*",
      "mongodb-atlas-api-client/src/*",
      "@aws-sdk/*",
      "@smithy/*",
    ],
  },
  sandbox: { ours: ["core"], packages: [NODE, "fast-xml-parser"] },
  commands: { ours: ["core", "types:ports", "rules", "policy"], packages: ["zod/mini", "yaml"] },
  cli: { ours: ["core", "commands", "types:ports"], packages: ["commander", "chalk", "ora", "zod/mini"] },
  wiring: {
    ours: ["core", "policy", "ports", "rules", "commands", "adapters", "sandbox", "types:cli"],
    packages: [NODE],
  },
  "main.ts": { ours: ["cli", "wiring", "adapters"], packages: [NODE] },
};

/** Where answers of the outside are handled: nothing unknown may become a harmless value there. */
const JUDGES_THE_WORLD = new Set(["rules", "commands", "adapters"]);

interface Import {
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
const roomOf = (file: string) => file.split("/")[0] ?? "";

function importsOf(text: string): readonly Import[] {
  const statics = [...text.matchAll(/^(?:import|export)\s+(type\s)?([^;"']*?from\s+)?["']([^"']+)["']/gm)].map(
    (match) => ({
      target: match[3] ?? "",
      typeOnly: match[1] !== undefined,
    }),
  );
  const dynamics = [...text.matchAll(/import\(\s*["']([^"']+)["']\s*\)/g)].map((match) => ({
    target: match[1] ?? "",
    typeOnly: false,
  }));
  return [...statics, ...dynamics];
}

function violation(file: string, { target, typeOnly }: Import): string | undefined {
  const from = roomOf(file);
  const room = ROOMS[from];
  if (room === undefined) return `${file}: there is no room "${from}"`;
  if (!target.startsWith(".")) {
    const allowed = room.packages.some((name) =>
      name.endsWith("*") ? target.startsWith(name.slice(0, -1)) : target === name,
    );
    return allowed || typeOnly ? undefined : `${file}: ${from} may not import the package ${target}`;
  }
  const path = relative(SRC, join(SRC, dirname(file), target));
  if (path === "../package.json" && file === "main.ts") return undefined;
  const to = roomOf(path);
  if (to === from || room.ours.includes(to)) return undefined;
  if (room.ours.includes(`types:${to}`))
    return typeOnly ? undefined : `${file}: ${from} may import only types of ${to}`;
  return `${file}: ${from} may not import ${to}`;
}

/** Text without comments and strings, for looking for words of code. */
function code(text: string): string {
  return text
    .replaceAll(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, " ")
    .replaceAll(/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, '""');
}

describe("the house", () => {
  test("has files to look at", () => expect(files.length).toBeGreaterThan(50));

  test.each(files)("%s", (file) => {
    const text = readFileSync(join(SRC, file), "utf8");
    expect(importsOf(text).flatMap((found) => violation(file, found) ?? [])).toEqual([]);
    expect(text.split("\n").length, "lines").toBeLessThanOrEqual(301);
    expect(file.split("/").length, "depth below src").toBeLessThanOrEqual(3);
    if (file !== "main.ts")
      expect(code(text), "process and console live in main.ts").not.toMatch(/\b(process|console)\./);
    if (file !== "adapters/clock.ts")
      expect(code(text), "the time is read in adapters/clock.ts").not.toMatch(/Date\.now\(|new Date\(\)/);
    expect(code(text), "type escapes").not.toMatch(/\bas any\b|: any\b|@ts-ignore|@ts-expect-error/);
    if (JUDGES_THE_WORLD.has(roomOf(file))) {
      expect(code(text), "an unknown turned into a harmless value").not.toMatch(
        /\?\? (\[\]|\{\})|\.catch\(\(\) => (?!undefined)/,
      );
    }
  });

  test("nothing is waived but at the end of a run, by the policy's waivers", () => {
    const waivers = files.filter((file) => readFileSync(join(SRC, file), "utf8").includes('"waived"'));
    const allowed = /^(core\/report|rules\/waivers\/waive|cli\/(document|render-junit))\.ts$/;
    expect(waivers.filter((file) => !allowed.test(file))).toEqual([]);
    const users = files.filter((file) => /\/waive\.ts"/.test(readFileSync(join(SRC, file), "utf8")));
    expect(users.sort()).toEqual([
      "cli/run.ts",
      "commands/remembering.ts",
      "commands/waive.ts",
      "rules/waivers/checks.ts",
    ]);
  });

  test("every room of the table is there", () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(Object.keys(ROOMS)));
  });
});

describe("the rules themselves can fail", () => {
  test.each([
    ["core/x.ts", 'import { a } from "../rules/x.ts";', "core may not import rules"],
    ["rules/x.ts", 'import { a } from "../policy/schema.ts";', "only types of policy"],
    ["rules/x.ts", 'import * as z from "zod/mini";', "may not import the package zod/mini"],
    ["commands/x.ts", 'const x = await import("../adapters/clock.ts");', "commands may not import adapters"],
  ])("%s: %s", (file, text, message) => {
    expect(importsOf(text).map((found) => violation(file, found))).toEqual([expect.stringContaining(message)]);
  });

  test("type imports of a types-only room are fine", () => {
    const [found] = importsOf('import type { Policy } from "../policy/schema.ts";');
    expect(found && violation("rules/x.ts", found)).toBeUndefined();
  });
});
