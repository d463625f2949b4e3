// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OpsError } from "../../src/core/error.ts";
import { readPolicyText } from "../../src/policy/load.ts";
import { changed, ENV, load, problemsOf, REFERENCE } from "./support.ts";

describe("values from the environment", () => {
  const endpoint = (written: string) =>
    changed(["endpoint: ops@litally.example }\n  - name", `endpoint: ${written} }\n  - name`]);
  const read = (written: string, env: Readonly<Record<string, string>>) =>
    load(endpoint(written), { ...ENV, ...env }).policy.topics[0]?.subscriptions[0]?.endpoint;

  test("are taken anywhere in a text, several at once", () => {
    expect(read('"${USER_NAME}@${HOST_NAME}"', { USER_NAME: "ops", HOST_NAME: "litally.example" })).toBe(
      "ops@litally.example",
    );
  });

  test("are text and nothing else: neither YAML nor another reference", () => {
    expect(read('"a@${VALUE}"', { VALUE: "${ONCALL_PHONE}" })).toBe("a@${ONCALL_PHONE}");
    expect(read('"a@${VALUE}"', { VALUE: "x#{y:1}" })).toBe("a@x#{y:1}");
    expect(problemsOf(changed(["version: 1", 'version: "${ONE}"']), { ...ENV, ONE: "1" })).toEqual([
      'p.yaml:6:10: version: "${ONE}", as the environment has it, is not a known version of this format; write 1',
    ]);
  });

  test("are not taken where the reference is escaped", () => {
    expect(read('"a@$${VALUE}"', {})).toBe("a@${VALUE}");
  });

  test.each([
    ["unset", {}, "needs the environment variable WHO, which is not set; set it: export WHO=..."],
    ["empty", { WHO: "" }, "needs the environment variable WHO, which is empty; set it: export WHO=..."],
  ])("that are %s are named with their line", (_title, env, says) => {
    expect(problemsOf(endpoint('"${WHO}"'), { ...ENV, ...env })).toEqual([
      `p.yaml:46:38: topics[0].subscriptions[0].endpoint: ${says}`,
    ]);
  });

  test("are not what every object has", () => {
    expect(problemsOf(endpoint('"${constructor}"'))).toHaveLength(1);
  });

  test("have no place in a key", () => {
    expect(problemsOf(changed(["ApiName: litally-api", '"${ONCALL_PHONE}": litally-api']))).toEqual([
      "p.yaml:63:23: a key takes nothing from the environment; write it out",
    ]);
  });
});

describe("YAML", () => {
  test("aliases stand for what they name, and problems in them are found where they are written", () => {
    const twice = (retain: string) =>
      changed(
        [
          "    snapshots:\n      - { frequency: daily, retain: 30d }",
          `    snapshots: &kept\n      - { frequency: daily, retain: ${retain} }`,
        ],
        ["\narchives:\n", "  - { name: ledger, cluster: litally-ledger, snapshots: *kept }\n\narchives:\n"],
      );
    expect(load(twice("30d")).policy.databases[1]?.snapshots).toEqual(load(REFERENCE).policy.databases[0]?.snapshots);
    expect(problemsOf(twice("30"))).toHaveLength(2);
  });

  test.each([
    ["nothing", ""],
    ["a comment", "# nothing\n"],
  ])("a file of %s says how to begin", (_title, text) => {
    expect(problemsOf(text)).toEqual([
      "p.yaml:1:1: the file is empty; `litally-ops config init` writes one to start from",
    ]);
  });

  test.each([
    ["a list", "- 1\n", "p.yaml:1:1: this list is not a block of keys; write "],
    ["a word", "hello", 'p.yaml:1:1: "hello" is not a block of keys; write '],
  ])("%s is no policy", (_title, text, says) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(says)]);
  });

  const TOO_MUCH = "too much stands here; use at most 100000 values in all, and a depth of at most 32";
  test.each([
    ["brackets without end", "[".repeat(100_000)],
    ["blocks without end", `a: ${"{b: ".repeat(50_000)}`],
    ["an alias inside itself", "a: &a [*a]\n"],
    ["aliases of aliases", bomb()],
    ["a list of a hundred thousand", `a: [${"1,".repeat(100_000)}]`],
    ["thousands of aliases of much", `a: &a [${"1,".repeat(50)}]\nb: [${"*a,".repeat(20_000)}]`],
  ])("%s is refused within its limits", (_title, text) => {
    expect(problemsOf(text)).toEqual([expect.stringContaining(TOO_MUCH)]);
  });

  test("a megabyte is enough", () => {
    expect(problemsOf(`#${"x".repeat(1024 * 1024)}`)).toEqual([
      "p.yaml:1:1: the file is longer than 1048576 characters; split what it declares",
    ]);
  });

  test("keys that every object has are unknown keys like others", () => {
    const said = problemsOf(`${REFERENCE}\n__proto__: 1\nconstructor: 2\n`);
    expect(said.map((line) => line.split(": ")[1])).toEqual(["__proto__", "constructor"]);
  });
});

describe("the file", () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "litally-ops-policy-"));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const errorOf = (file: string): OpsError => {
    try {
      readPolicyText(file);
    } catch (error) {
      if (error instanceof OpsError) return error;
      throw error;
    }
    throw new Error("it loaded");
  };

  test("that does not exist is named, with the command that writes one", () => {
    const error = errorOf(join(folder, "none.yaml"));
    expect([error.kind, error.message]).toEqual(["config", `there is no policy file ${join(folder, "none.yaml")}`]);
    expect(error.hint).toContain("litally-ops config init");
  });

  test("that is a folder or a device is not read", () => {
    for (const path of [folder, "/dev/zero"]) expect(errorOf(path).message).toBe(`${path} is not a file`);
  });

  test("that is not UTF-8 is refused", () => {
    const file = join(folder, "latin1.yaml");
    writeFileSync(file, Buffer.from([0x61, 0x3a, 0x20, 0xe9, 0x0a]));
    expect(errorOf(file).message).toBe(`${file}:1:1: the file is not UTF-8; save it as UTF-8`);
  });

  test("that is huge is not read", () => {
    const file = join(folder, "huge.yaml");
    writeFileSync(file, "");
    truncateSync(file, 8 * 1024 ** 4);
    expect(errorOf(file).message).toBe(`${file}:1:1: the file has 8796093022208 bytes; write at most 1048576`);
  });

  test("may begin with a byte order mark", () => {
    const file = join(folder, "bom.yaml");
    writeFileSync(file, `\ufeff${REFERENCE}`);
    expect(load(readPolicyText(file)).policy.environment).toBe("production");
  });
});

/** Nine times nine times nine ...: a few lines that stand for billions of values. */
function bomb(): string {
  const names = [..."abcdefghij"];
  const lines = names
    .slice(1)
    .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${names[index]}`).join(",")}]`);
  return ["a: &a [x,x,x,x,x,x,x,x,x]", ...lines].join("\n");
}
