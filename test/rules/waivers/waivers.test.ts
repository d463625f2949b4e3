/** Waivers: what they take out of the verdict, what they never touch, and what is said of themselves. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS } from "../../../src/core/duration.ts";
import { type Finding, type Status, worst } from "../../../src/core/report.ts";
import type { WaiverPolicy } from "../../../src/policy/schema.ts";
import { ALARM_CHECKS } from "../../../src/rules/alarms/checks.ts";
import { BUCKET_CHECKS } from "../../../src/rules/archive/bucket.ts";
import { archiveCheckIds } from "../../../src/rules/archive/verify.ts";
import { BACKUP_CHECKS } from "../../../src/rules/backup/checks.ts";
import { AWS_CHECKS, DOCTOR_CHECKS } from "../../../src/rules/doctor.ts";
import { drillRecent } from "../../../src/rules/drill/record.ts";
import { WAY_CHECKS } from "../../../src/rules/notify/link.ts";
import { TODAY_CHECKS } from "../../../src/rules/retention/checks.ts";
import { HORIZON_CHECKS } from "../../../src/rules/retention/simulate.ts";
import { LOSS_CHECKS } from "../../../src/rules/retention/what-if.ts";
import { SCHEDULE_CHECKS } from "../../../src/rules/schedules/checks.ts";
import { judgeWaivers } from "../../../src/rules/waivers/checks.ts";
import { WAIVABLE } from "../../../src/rules/waivers/waivable.ts";
import { waived } from "../../../src/rules/waivers/waive.ts";
import { load, REFERENCE } from "../../policy/support.ts";

const NOW = new Date("2026-11-22T02:00:00Z");
const { draft } = load(REFERENCE);

const AGE: Finding = finding({});
const WAIVER = waiver({});

function finding(given: Partial<Finding>): Finding {
  return {
    check: "backup/snapshot-age",
    title: "t",
    subject: "cluster/litally-core",
    status: "fail",
    message: "50 h old",
    evidence: { actual: "50h" },
    remedy: "r",
    ...given,
  };
}

interface Given extends Partial<Omit<WaiverPolicy, "until">> {
  readonly endsAt?: Date;
}

function waiver({ endsAt = new Date(NOW.getTime() + 30 * DAY_MS), ...given }: Given) {
  return {
    check: "backup/snapshot-age",
    subject: "cluster/litally-core",
    reason: "it moves",
    owner: "anna",
    ...given,
    until: { written: "a day", endsAt },
    place: "p.yaml:1:1",
  };
}

type Own = ReturnType<typeof waiver>;

function ended(findings: readonly Finding[], waivers: readonly Own[], nows: readonly Date[] = [NOW]) {
  return [...waived(findings, waivers, nows), ...judgeWaivers(waivers, { policy: draft, nows, findings })];
}

const brief = ({ check, status, message }: Finding) => [check, status, message];

describe("what a waiver takes out of the verdict", () => {
  test.each(["fail", "warn"] as const)("a %s, with all that was found", (status) => {
    const [only, ...more] = ended([finding({ status })], [WAIVER]);
    const own = { found: status, until: "a day", leftDays: 30, reason: "it moves", owner: "anna" };
    expect(only).toEqual({ ...AGE, status: "waived", waiver: own });
    expect(more).toEqual([]);
  });

  test.each<[string, Partial<Finding>, Given]>([
    ["what could not be looked at", { status: "unknown" }, {}],
    ["another check", { check: "backup/snapshot-series" }, {}],
    ["another subject", { subject: "cluster/litally-core2" }, {}],
    ["another scope", { scope: "weekly" }, { scope: "daily" }],
    ["what has no scope, by one that has", {}, { scope: "daily" }],
    ["a check before a change", { check: "restore/target-state" }, { check: "restore/target-state" }],
    ["the end of a job", { check: "restore/finished" }, { check: "restore/finished" }],
    ["the wrong account", { check: "archive/account" }, { check: "archive/account" }],
    ["our own clock", { check: "backup/clock-skew", status: "warn" }, { check: "backup/clock-skew" }],
    ["a waiver", { check: "waivers/expired" }, { check: "waivers/expired" }],
  ])("never %s", (_what, found, given) => {
    expect(waived([finding(found)], [waiver(given)], [NOW])).toEqual([finding(found)]);
  });

  test("all scopes of the subject, where it names none", () => {
    const scopes = [{ scope: "daily" }, { scope: "weekly" }, {}].map(finding);
    expect(waived(scopes, [WAIVER], [NOW]).map(({ status }) => status)).toEqual(["waived", "waived", "waived"]);
    expect(waived(scopes, [waiver({ scope: "daily" })], [NOW]).map(({ status }) => status)).toEqual([
      "waived",
      "fail",
      "fail",
    ]);
  });

  test.each<[string, number, Status, number | undefined]>([
    ["a millisecond before its end", -1, "waived", 0],
    ["at its end", 0, "fail", undefined],
    ["367 days before, with the rest of today", -367 * DAY_MS, "waived", 367],
    ["a millisecond earlier", -367 * DAY_MS - 1, "fail", undefined],
  ])("%s", (_what, offsetMs, status, leftDays) => {
    const [own] = waived([AGE], [WAIVER], [new Date(WAIVER.until.endsAt.getTime() + offsetMs)]);
    expect([own?.status, own?.waiver?.leftDays]).toEqual([status, leftDays]);
  });

  test("only what every clock that may be right agrees to", () => {
    const endsAt = new Date(NOW.getTime() + HOUR_MS);
    const late = new Date(NOW.getTime() + 2 * HOUR_MS);
    expect(waived([AGE], [waiver({ endsAt })], [late, NOW])).toEqual([AGE]);
    expect(waived([AGE], [waiver({ endsAt })], [NOW, late])).toEqual([AGE]);
  });
});

describe("what is said of waivers", () => {
  const over = { endsAt: NOW };
  const far = { endsAt: new Date(NOW.getTime() + 400 * DAY_MS) };
  const passes = finding({ status: "pass" });
  const ANOTHER = finding({ check: "backup/enabled", status: "pass" });

  test.each<[string, readonly Finding[], Given, readonly (readonly [string, Status, string])[]]>([
    ["nothing of one that is needed", [AGE], {}, []],
    ["nothing of one whose finding was not seen", [finding({ status: "unknown" })], {}, []],
    ["nothing where the check was not asked", [ANOTHER], {}, []],
    ["nothing where the subject was not asked", [finding({ subject: "cluster/x" })], {}, []],
    ["one that nobody needs", [passes], {}, [["unused", "warn", "what it is for passes"]]],
    [
      "one of a scope that is gone",
      [passes],
      { scope: "daily" },
      [["unused", "warn", "nothing is said of such a scope"]],
    ],
    ["none of a scope that was not seen", [finding({ status: "unknown" })], { scope: "daily" }, []],
    ["one whose other scope fails", [AGE], { scope: "daily" }, [["unused", "warn", "nothing is said of such a scope"]]],
    ["over, of a failure", [AGE], over, [["expired", "fail", "it ended with a day, and what it was for still fails"]]],
    [
      "over, of a warning",
      [finding({ status: "warn" })],
      over,
      [["expired", "warn", "it ended with a day, and what it was for still warns"]],
    ],
    [
      "over, and gone",
      [passes],
      over,
      [["expired", "warn", "it ended with a day, and what it was for passes: remove it"]],
    ],
    ["over, and not seen", [finding({ status: "unknown" })], over, [["expired", "warn", "it ended with a day"]]],
    ["over, of what was not asked", [ANOTHER], over, []],
    ["for ever", [AGE], far, [["too-far", "fail", "a day is more than 366 days ahead: it waives nothing"]]],
    ["for ever, of what was not asked", [ANOTHER], far, []],
    [
      "an unknown check of a family that was asked",
      [AGE],
      { check: "backup/snapshot-agee" },
      [
        [
          "unknown",
          "fail",
          'no check that can be waived is called "backup/snapshot-agee" (did you mean "backup/snapshot-age"?)',
        ],
      ],
    ],
    ["nothing of an unknown check of another family", [AGE], { check: "alarms/drif" }, []],
    [
      "an unknown check of no family at all",
      [AGE],
      { check: "restore/target-state" },
      [["unknown", "fail", 'no check that can be waived is called "restore/target-state"']],
    ],
    [
      "a subject that there is not",
      [AGE],
      { subject: "cluster/litally-cor" },
      [["unknown", "fail", 'by this policy there is no "cluster/litally-cor" (did you mean "cluster/litally-core"?)']],
    ],
    ["nothing of such a subject where the check was not asked", [ANOTHER], { subject: "cluster/litally-cor" }, []],
  ])("%s", (_what, findings, given, says) => {
    const own = judgeWaivers([waiver(given)], { policy: draft, nows: [NOW], findings });
    expect(own.map(brief)).toEqual(
      says.map(([id, status, words]) => [`waivers/${id}`, status, `p.yaml:1:1: ${words}`]),
    );
    for (const { subject, scope, remedy } of own) {
      expect(subject).toBe("waivers");
      expect(scope).toContain(given.check ?? "backup/snapshot-age");
      expect(remedy).not.toBe("");
    }
  });

  test.each<[string, Given, readonly (readonly [string, Status])[]]>([
    ["in force", {}, []],
    ["over", over, [["waivers/expired", "warn"]]],
    ["for ever", far, [["waivers/too-far", "fail"]]],
    ["of an unknown check", { check: "alarms/drif" }, [["waivers/unknown", "fail"]]],
    ["of a subject that there is not", { subject: "alarm/nobody" }, [["waivers/unknown", "fail"]]],
  ])("by the policy alone, %s", (_what, given, says) => {
    const own = judgeWaivers([waiver(given)], { policy: draft, nows: [NOW], findings: null });
    expect(own.map(({ check, status }) => [check, status])).toEqual(says);
  });

  test.each([
    ["cluster/litally-core", true, undefined],
    ["litally-core", false, "cluster/litally-core"],
    ["database/core", true, undefined],
    ["archive/financial", true, undefined],
    ["archive/financial/core", true, undefined],
    ["archive/financial/core/2026-10", true, undefined],
    ["archive/financial/cor", false, "archive/financial/core"],
    ["archive/financia", false, "archive/financial"],
    ["alarm/litally-api-5xx-rate", true, undefined],
    ["alarm/litally-lambda-error-rate-auth", true, undefined],
    ["alert/litally-atlas-cpu", true, undefined],
    ["alarm/litally-heartbeat-backup-verify-missed", true, undefined],
    ["alarm/litally-heartbeat-backup-verifi-missed", false, "alarm/litally-heartbeat-backup-verify-missed"],
    ["schedule/backup verify", true, undefined],
    ["schedule/backup verifi", false, "schedule/backup verify"],
    ["topic/any", true, undefined],
    ["alarms", true, undefined],
    ["machine", true, undefined],
    ["machines", false, "machine"],
    ["clusters/litally-core", false, "cluster/litally-core"],
  ])("the policy can have %s: %s", (subject, isPossible, meant) => {
    const policy = { ...draft, heartbeat: { schedules: [{ command: "backup verify" }] } };
    const [own] = judgeWaivers([waiver({ subject })], { policy, nows: [NOW], findings: null });
    expect(own === undefined).toBe(isPossible);
    if (meant !== undefined) expect(own?.message).toContain(`(did you mean ${JSON.stringify(meant)}?)`);
  });

  test("where not all names of a kind could be read, none is denied", () => {
    const policy = { ...draft, databases: [...(draft.databases ?? []), { name: "x", cluster: undefined }] };
    const facts = { policy, nows: [NOW], findings: null };
    expect(judgeWaivers([waiver({ subject: "cluster/other" })], facts)).toEqual([]);
  });
});

test("what can be waived is what commands that look judge, but for what never is", () => {
  const judged = [
    ...[...BACKUP_CHECKS, drillRecent, ...BUCKET_CHECKS, ...ALARM_CHECKS, ...WAY_CHECKS].map(({ id }) => id),
    ...[...TODAY_CHECKS, ...HORIZON_CHECKS, ...LOSS_CHECKS, ...DOCTOR_CHECKS, ...AWS_CHECKS, ...SCHEDULE_CHECKS].map(
      ({ id }) => id,
    ),
    ...archiveCheckIds(),
  ];
  const never = new Set([
    "backup/readable",
    "retention/readable",
    "retention/survives",
    "retention/losses",
    "archive/account",
    "doctor/aws-account",
    "doctor/policy",
  ]);
  expect([...WAIVABLE].sort()).toEqual([...new Set(judged)].filter((id) => !never.has(id)).sort());
});

const CHECKS = ["backup/snapshot-age", "backup/enabled", "restore/target-state"];
const SUBJECTS = ["cluster/litally-core", "cluster/other"];
const SCOPES = [{}, { scope: "daily" }, { scope: "weekly" }];
const findings = fc.array(
  fc
    .record({
      check: fc.constantFrom(...CHECKS),
      subject: fc.constantFrom(...SUBJECTS),
      status: fc.constantFrom<Status>("pass", "warn", "fail", "unknown"),
      scope: fc.constantFrom(...SCOPES),
    })
    .map(({ scope, ...given }) => finding({ ...given, ...scope })),
  { maxLength: 8 },
);
const waivers = fc.array(
  fc
    .record({
      check: fc.constantFrom(...CHECKS),
      subject: fc.constantFrom(...SUBJECTS),
      scope: fc.constantFrom(...SCOPES),
      leftDays: fc.integer({ min: -400, max: 400 }),
    })
    .map(({ scope, leftDays, ...given }) =>
      waiver({ ...given, ...scope, endsAt: new Date(NOW.getTime() + leftDays * DAY_MS) }),
    ),
  { maxLength: 5 },
);
const named = (one: Own, { check, subject, scope }: Finding) =>
  one.check === check && one.subject === subject && (one.scope === undefined || one.scope === scope);

describe("whatever is found, and whatever is waived", () => {
  test("a waiver changes no finding that it does not name, and none but a warn or a fail", () => {
    fc.assert(
      fc.property(findings, waivers, (found, own) => {
        for (const [index, after] of waived(found, own, [NOW]).entries()) {
          const before = found[index];
          if (after.status !== "waived") expect(after).toEqual(before);
          else {
            const { waiver: why, ...rest } = after;
            expect({ ...rest, status: why?.found }).toEqual(before);
            expect(own.some((one) => named(one, after))).toBe(true);
          }
        }
      }),
    );
  });

  test("the verdict is never better than what is not waived makes it", () => {
    fc.assert(
      fc.property(findings, waivers, (found, own) => {
        const after = ended(found, own);
        const left = found.filter((one) => !own.some((other) => named(other, one)));
        const rank = (status: Status) => ["pass", "waived", "warn", "unknown", "fail"].indexOf(status);
        if (left.length > 0) expect(rank(worst(after))).toBeGreaterThanOrEqual(rank(worst(left)));
        if (after.some(({ status }) => status === "waived")) expect(worst(after)).not.toBe("pass");
        if (found.some(({ status }) => status === "unknown")) expect(["unknown", "fail"]).toContain(worst(after));
      }),
    );
  });

  test("their order is nothing to them", () => {
    const alone = waivers.map((own) => own.filter((one, at) => own.findIndex((other) => same(one, other)) === at));
    fc.assert(
      fc.property(findings, alone, (found, own) => {
        const reversed = own.toReversed();
        expect(waived(found, reversed, [NOW])).toEqual(waived(found, own, [NOW]));
        const said = (all: readonly Own[]) =>
          ended(found, all)
            .map((one) => JSON.stringify(one))
            .sort();
        expect(said(reversed)).toEqual(said(own));
      }),
    );
  });

  test("once all are over, the report is what it is without them, and what is said of them", () => {
    fc.assert(
      fc.property(findings, waivers, (found, own) => {
        const after = ended(found, own, [new Date(NOW.getTime() + 401 * DAY_MS)]);
        expect(after.slice(0, found.length)).toEqual(found);
        expect(after.slice(found.length).every(({ subject }) => subject === "waivers")).toBe(true);
      }),
    );
  });
});

/** The policy refuses two of which one covers what the other does. */
function same(one: Own, other: Own): boolean {
  const overlaps = one.scope === undefined || other.scope === undefined || one.scope === other.scope;
  return one.check === other.check && one.subject === other.subject && overlaps;
}
