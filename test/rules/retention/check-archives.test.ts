/** What is said of archives one by one: whether they are whole, and locked as long as they are owed. */
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../../../src/core/duration.ts";
import { OpsError } from "../../../src/core/error.ts";
import { known, mapObserved, notKnown, type Observed } from "../../../src/core/observed.ts";
import type { ArchivePolicy } from "../../../src/policy/schema.ts";
import type { Lock } from "../../../src/ports/s3.ts";
import type { VerifyFacts } from "../../../src/rules/archive/verify-facts.ts";
import { archivedMonth } from "../../../src/rules/retention/archived-month.ts";
import { ARCHIVE_CHECKS } from "../../../src/rules/retention/check-archives.ts";
import { LOCK_CHECKS } from "../../../src/rules/retention/check-locks.ts";
import type { Question } from "../../../src/rules/retention/question.ts";
import { anArchive } from "../archive/build.ts";
import { bodyKey, manifestKey, standingFacts } from "../archive/kept.ts";

const NOW_MS = Date.parse("2026-12-03T02:00:00Z");
const END = new Date("2031-11-01T00:00:00Z");

interface Asked {
  readonly month?: VerifyFacts;
  readonly hurdle?: Observed<string | null>;
  readonly objectLock?: ArchivePolicy["objectLock"];
  readonly nowMs?: number;
}

/** Of October alone: status, scope and message of each verdict. */
function said(checks: typeof LOCK_CHECKS, asked: Asked = {}): readonly string[] {
  const { month = standingFacts(), hurdle = known(null), objectLock = "COMPLIANCE", nowMs = NOW_MS } = asked;
  const archives = {
    archive: anArchive({ objectLock }),
    months: new Map([["2026-10", archivedMonth(month, "2026-10")]]),
    series: month,
    hurdle: () => hurdle,
  };
  const backup = { database: { name: "core" } };
  const facts = { archives, backup };
  const question = { facts, nowMs, horizon: { untilMs: nowMs } } as unknown as Question; // these checks look at nothing else
  return checks
    .flatMap(({ judge }) => judge(question))
    .map(({ status, scope = "all", message }) => `${status} ${scope}: ${message}`);
}

function locked(key: string, lock: Observed<Lock | null>): VerifyFacts {
  const facts = standingFacts();
  const stored = facts.objects.get(key);
  if (stored?.head.known !== true) throw new Error(`${key} has no head`);
  const head = known({ ...stored.head.value, lock });
  return { ...facts, objects: new Map([...facts.objects, [key, { ...stored, head }]]) };
}

describe("archives", () => {
  it("of a snapshot that is yet to be taken are proved to nobody", () => {
    const facts = standingFacts();
    const manifests = new Map(
      [...facts.manifests].map(([month, one]) => {
        const { observedAt } = facts;
        const createdAt = new Date(observedAt.getTime() + DAY_MS);
        return [month, mapObserved(one, (value) => ({ ...value, snapshot: { ...value.snapshot, createdAt } }))];
      }),
    );
    expect(said(ARCHIVE_CHECKS, { month: { ...facts, manifests } })[0]).toMatch(
      /^unknown 2026-10: could not find out: snapshot \S+ is dated in the future/,
    );
  });

  it("are whole, or it is said which is not", () => {
    expect(said(ARCHIVE_CHECKS)).toEqual(["pass all: all 1", "pass all: litally-archive is as a push wants it"]);
    const facts = standingFacts();
    const versions = facts.versions.known ? facts.versions.value.filter(({ key }) => key !== bodyKey("2026-10")) : [];
    const month = { ...facts, versions: known(versions) };
    expect(said(ARCHIVE_CHECKS, { month })[0]).toBe(
      `fail 2026-10: it fills no slot: ${bodyKey("2026-10")}: it is not there`,
    );
    const unread = { ...facts, versions: notKnown(new OpsError("auth", "denied")) };
    expect(said(ARCHIVE_CHECKS, { month: unread })[0]).toMatch(/^unknown 2026-10: .*denied/);
    expect(said(ARCHIVE_CHECKS, { month, nowMs: END.getTime() })).toEqual([
      "pass all: litally-archive is as a push wants it",
    ]);
  });

  it("can be made from now on, or it is said why not", () => {
    expect(said(ARCHIVE_CHECKS, { hurdle: known("it is off") })[1]).toBe(
      "fail all: a push refuses litally-archive: it is off",
    );
    expect(said(ARCHIVE_CHECKS, { hurdle: notKnown(new OpsError("auth", "denied")) })[1]).toMatch(
      /^unknown all: .*denied/,
    );
  });
});

describe("locks", () => {
  const pass = "pass 2026-10: its lock ends with its retention";

  it.each([[bodyKey("2026-10")], [manifestKey("2026-10")]])("are looked at of %s", (key) => {
    const short = locked(key, known({ mode: "COMPLIANCE", retainUntil: new Date("2031-10-31T00:00:00Z") }));
    expect(said(LOCK_CHECKS, { month: short })).toEqual(["fail 2026-10: its lock ends 24 h before its retention"]);
    expect(said(LOCK_CHECKS, { month: locked(key, known(null)) })).toEqual([
      "fail 2026-10: it is not locked as the policy says",
    ]);
    expect(said(LOCK_CHECKS, { month: locked(key, notKnown(new OpsError("auth", "denied"))) })).toEqual([
      "unknown 2026-10: a lock could not be read",
    ]);
  });

  it("are those of the policy, or stricter: one that can be lifted is none where it wants one that cannot", () => {
    const lifted = locked(bodyKey("2026-10"), known({ mode: "GOVERNANCE", retainUntil: END }));
    expect(said(LOCK_CHECKS, { month: lifted })).toEqual(["fail 2026-10: it is not locked as the policy says"]);
    expect(said(LOCK_CHECKS, { month: lifted, objectLock: "GOVERNANCE" })).toEqual([pass]);
    expect(said(LOCK_CHECKS, { objectLock: "GOVERNANCE" })).toEqual([pass]);
    expect(said(LOCK_CHECKS, { month: lifted, objectLock: "none" })).toEqual([]);
  });

  it("are owed until the retention is over, and no longer", () => {
    const month = locked(bodyKey("2026-10"), known(null));
    expect(said(LOCK_CHECKS, { month, nowMs: END.getTime() - 1 })).toHaveLength(1);
    expect(said(LOCK_CHECKS, { month, nowMs: END.getTime() })).toEqual([]);
  });
});
