// biome-ignore-all lint/suspicious/noTemplateCurlyInString: references of the policy, not of this language
/** The waivers section: what can be written, what it means, and what is refused, with its place. */
import { describe, expect, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { ENV, load, problemsOf, REFERENCE } from "./support.ts";

const LINES_BEFORE = REFERENCE.split("\n").length;

const WAIVER = {
  check: "backup/snapshot-age",
  subject: "cluster/litally-core",
  until: "2026-12-31",
  reason: "it moves",
  owner: "anna",
};

function policyWith(...waivers: readonly Readonly<Record<string, string>>[]): string {
  const items = waivers.map((waiver) => {
    const [first = "", ...rest] = Object.entries(waiver).map(([key, value]) => `${key}: ${value}`);
    return [`  - ${first}`, ...rest.map((line) => `    ${line}`)].join("\n");
  });
  return `${REFERENCE}waivers:\n${items.join("\n")}\n`;
}

const { owner: _owner, ...NOBODYS } = WAIVER;

describe("a waiver", () => {
  test("is what was written, and no policy needs one", () => {
    const { policy, effective, placeOf } = load(policyWith({ ...WAIVER, scope: "daily" }));
    const until = { written: "2026-12-31", endsAt: new Date("2027-01-01T00:00:00Z") };
    expect(policy.waivers).toEqual([{ ...WAIVER, scope: "daily", until }]);
    expect(effective()).toMatchObject({ waivers: [{ ...WAIVER, scope: "daily" }] });
    expect(placeOf("waivers[0]")).toBe(`p.yaml:${LINES_BEFORE + 1}:5`);
    expect(load(REFERENCE).policy.waivers).toEqual([]);
  });

  test("is part of what every command goes by, whichever sections it asks for", () => {
    const loaded = parsePolicy(policyWith(WAIVER), "p.yaml", { ATLAS_PROJECT_ID: ENV.ATLAS_PROJECT_ID }, ["atlas"]);
    expect(loaded.policy.waivers).toHaveLength(1);
    expect(Object.keys(loaded.policy).sort()).toEqual(["atlas", "environment", "version", "waivers"]);
  });

  test.each([
    ["2026-12-31", "2027-01-01T00:00:00Z"],
    ["2028-02-29", "2028-03-01T00:00:00Z"],
    ["2026-12-31T18:00Z", "2026-12-31T18:00:00Z"],
    ["2026-12-31T18:00:00+05:30", "2026-12-31T12:30:00Z"],
  ])("until %s", (until, endsAt) => {
    expect(load(policyWith({ ...WAIVER, until })).policy.waivers[0]?.until).toEqual({
      written: until,
      endsAt: new Date(endsAt),
    });
  });

  const UNTIL = "a day or an instant; write 2026-12-31, which counts to its end in UTC, or 2026-12-31T18:00:00Z";
  test.each<[string, Readonly<Record<string, string>>, string]>([
    ["a day that there is not", { ...WAIVER, until: "2027-02-29" }, `until: "2027-02-29" is not ${UNTIL}`],
    ["no offset", { ...WAIVER, until: "2026-12-31T18:00" }, `until: "2026-12-31T18:00" is not ${UNTIL}`],
    ["for ever", { ...WAIVER, until: "never" }, `until: "never" is not ${UNTIL}`],
    [
      "nobody's",
      NOBODYS,
      "owner: is missing: who answers for it; write one line of text, such as anna@litally.example",
    ],
    [
      "for no reason",
      { ...WAIVER, reason: '""' },
      'reason: "" is not a reason; write one line of text, such as it moves to a sharded cluster in December',
    ],
    [
      "no id of a check",
      { ...WAIVER, check: "snapshot-age" },
      'check: "snapshot-age" is not the id of a check; write it as reports do, such as backup/snapshot-age',
    ],
    [
      "all checks",
      { ...WAIVER, check: '"backup/*"' },
      'check: "backup/*" is not the id of a check; write it as reports do, such as backup/snapshot-age',
    ],
    [
      "another key",
      { ...WAIVER, becauseOf: "x" },
      "becauseOf: unknown key; write check, subject, scope, until, reason or owner",
    ],
    [
      "a date from the environment",
      { ...WAIVER, until: "${ATLAS_PROJECT_ID}" },
      "until: a waiver takes nothing from the environment; write it out",
    ],
    [
      "a reason from the environment",
      { ...WAIVER, reason: "so says ${ATLAS_PROJECT_ID}" },
      "reason: a waiver takes nothing from the environment; write it out",
    ],
  ])("refused: %s", (_what, waiver, says) => {
    const place = /^p\.yaml:\d+:\d+: waivers\[0\]\./;
    const lines = problemsOf(policyWith(waiver));
    expect(lines.filter((line) => !place.test(line))).toEqual([]);
    expect(lines.map((line) => line.replace(place, ""))).toContain(says);
  });

  test("says nothing of a reference that is no reference", () => {
    expect(load(policyWith({ ...WAIVER, reason: "$${NAME} is kept" })).policy.waivers[0]?.reason).toBe(
      "${NAME} is kept",
    );
  });
});

describe("two waivers", () => {
  test.each<[string, Readonly<Record<string, string>>, boolean]>([
    ["of the same", { ...WAIVER, reason: "another" }, true],
    ["of the same in one scope", { ...WAIVER, scope: "daily" }, true],
    ["of another check", { ...WAIVER, check: "backup/enabled" }, false],
    ["of another subject", { ...WAIVER, subject: "cluster/other" }, false],
  ])("%s", (_what, second, isRefused) => {
    const text = `"backup/snapshot-age" of "cluster/litally-core" is waived above already; keep one of them`;
    expect(problemsOf(policyWith(WAIVER, second))).toEqual(
      isRefused ? [`p.yaml:${LINES_BEFORE + 6}:12: waivers[1].check: ${text}`] : [],
    );
  });

  test("of two scopes stand side by side", () => {
    const both = [
      { ...WAIVER, scope: "daily" },
      { ...WAIVER, scope: "weekly" },
    ];
    expect(problemsOf(policyWith(...both))).toEqual([]);
  });
});
