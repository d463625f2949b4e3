/** Variables are demanded for the sections that are asked for, and all else is judged whatever is asked for. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
import { describe, expect, test } from "vitest";
import { isMap, isScalar, isSeq, type ParsedNode, parseDocument } from "yaml";
import { OpsError } from "../../src/core/error.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import { changed, ENV, FILE, REFERENCE } from "./support.ts";

const BACKUPS = ["atlas", "databases"] as const;
const { ATLAS_PROJECT_ID } = ENV;

function refusal(text: string, env: Readonly<Record<string, string>>): string | undefined {
  try {
    parsePolicy(text, FILE, env, BACKUPS);
    return undefined;
  } catch (error) {
    if (error instanceof OpsError) return error.message;
    throw error;
  }
}

/** Where each value of the reference policy stands, with its section. */
function values(
  node: ParsedNode | null,
  section: string,
): readonly { readonly section: string; readonly range: readonly [number, number] }[] {
  if (isScalar(node)) return [{ section, range: [node.range[0], node.range[1]] }];
  if (isSeq(node)) return node.items.flatMap((item) => values(item as ParsedNode, section));
  if (!isMap(node)) return [];
  return node.items.flatMap(({ key, value }) =>
    values(value as ParsedNode, section === "" && isScalar(key) ? String(key.value) : section),
  );
}

const ALL = values(parseDocument(REFERENCE).contents as ParsedNode, ""); // one document, parsed here
const replaced = ([start, end]: readonly [number, number]) =>
  `${REFERENCE.slice(0, start)}"\${NOT_SET}"${REFERENCE.slice(end)}`;
const isNeeded = (section: string) => ["version", "environment", ...BACKUPS].includes(section);

describe("of what a command does not use", () => {
  test("no variable need be set", () => {
    expect(refusal(REFERENCE, { ATLAS_PROJECT_ID })).toBeUndefined();
  });

  test("whichever value takes one", () => {
    const others = ALL.filter(({ section }) => !isNeeded(section));
    expect(others.length).toBeGreaterThan(70);
    for (const { range } of others) expect(refusal(replaced(range), ENV), REFERENCE.slice(...range)).toBeUndefined();
  });

  test("only what was asked for comes back", () => {
    const { policy } = parsePolicy(REFERENCE, FILE, { ATLAS_PROJECT_ID }, BACKUPS);
    expect(Object.keys(policy)).toEqual(["version", "environment", "waivers", "atlas", "databases"]);
    expect(policy.databases).toEqual(parsePolicy(REFERENCE, FILE, ENV).policy.databases);
  });

  test.each([
    ["a typo", ["retain: 5y }\n      - { frequency: quarterly", "retian: 5y }\n      - { frequency: quarterly"]],
    ["a wrong reference", ["${PAGERDUTY_INTEGRATION_KEY}", "${PAGERDUTY INTEGRATION KEY}"]],
    ["an unknown name", ["critical: [litally-critical]", "critical: [litally-critcal]"]],
  ] as const)("%s is an error all the same", (_title, edit) => {
    expect(refusal(changed(edit), { ATLAS_PROJECT_ID })).toMatch(/^config\/litally-ops\.yaml:\d+:\d+: /);
  });
});

describe("of what a command uses", () => {
  test("each variable is demanded, with its place", () => {
    const needed = ALL.filter(({ section }) => isNeeded(section));
    expect(needed.length).toBeGreaterThan(15);
    for (const { range } of needed) {
      expect(refusal(replaced(range), ENV)).toMatch(
        /^config\/litally-ops\.yaml:\d+:\d+: .*environment variable NOT_SET\b/,
      );
    }
  });

  test("that of an empty one as well", () => {
    expect(refusal(REFERENCE, { ATLAS_PROJECT_ID: "" })).toMatch(
      /^config\/litally-ops\.yaml:10:14: atlas\.projectId: .*environment variable ATLAS_PROJECT_ID\b.* is empty\b/,
    );
  });
});
