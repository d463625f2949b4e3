/** Retention over real HTTP: Atlas's schedule and snapshots, and S3's archives, rules and locks, in one proof. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import * as verify from "../../src/commands/backup-verify.ts";
import * as check from "../../src/commands/retention-check.ts";
import * as map from "../../src/commands/retention-map.ts";
import * as simulate from "../../src/commands/retention-simulate.ts";
import { type Finding, type Report, worst } from "../../src/core/report.ts";
import { inWorld } from "../support/world.ts";

const POLICY = `version: 1
environment: production
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
aws: { accountId: "111122223333", region: ap-south-1 }
databases:
  - name: core
    cluster: litally-core
    continuousBackup: { window: 7d }
    snapshots:
      - { frequency: daily, retain: 30d }
    grace: 2h
    copies:
      - { region: ap-southeast-1, frequencies: [daily], oplogs: true }
    archive: financial
archives:
  - name: financial
    bucket: litally-archive
    prefix: atlas/
    storageClass: DEEP_ARCHIVE
    objectLock: COMPLIANCE
    slots:
      - { frequency: monthly, retain: 5y }
      - { frequency: yearly, retain: 5y }
    since: 2026-01
    dueWithin: 5d
`;

const world = (name = "healthy", policy = POLICY) => inWorld({ world: name, policy, hasArchives: true });
const failing = ({ findings }: Report) => findings.filter(({ status }) => status !== "pass");
const scopes = (findings: readonly Finding[], id: string) =>
  findings.filter(({ check: own }) => own === `retention/${id}`).map(({ scope }) => scope);

describe("retention check", () => {
  it("gives one finding for each slot that is owed, and all is well", async () => {
    const report = await (await world()).run(check, { databases: [] });
    expect(failing(report)).toEqual([]);
    const slots = scopes(report.findings, "slot");
    expect(new Set(slots).size).toBe(slots.length);
    expect(slots.filter((scope) => scope?.startsWith("archive financial monthly")).length).toBe(10);
    expect(slots.filter((scope) => scope?.startsWith("copies")).length).toBe(
      slots.filter((scope) => scope?.startsWith("snapshots")).length,
    );
  });

  it("does not hold it against a young cluster that nothing is older than its first snapshot", async () => {
    const report = await (await world("newborn")).run(check, { databases: [], only: ["window", "slot"] });
    expect(failing(report).filter(({ scope }) => scope?.startsWith("archive") !== true)).toEqual([]);
  });

  it("rejects Atlas's default schedule for two reasons, and says them", async () => {
    const { findings } = await (await world("atlas-default")).run(check, { databases: [] });
    const reasons = findings.filter(({ check: id, status }) => id === "retention/schedule" && status === "fail");
    expect(reasons.map(({ scope, message }) => [scope, message])).toEqual([
      ["snapshots daily retain 30d", expect.stringContaining("policy item daily, 7 days")],
      ["copies ap-southeast-1 daily", expect.stringContaining("nothing ever makes a copy of it")],
    ]);
  });

  it.each([
    ["hole", "slot", "fail"],
    ["archive-missing", "slot", "fail"],
    ["archive-hidden", "slot", "fail"],
    ["archive-unlocked", "lock", "fail"],
    ["archive-flipped", "archive", "fail"],
    ["archive-flipped", "slot", "fail"],
    ["archive-truncated", "archive", "fail"],
    ["archive-key-pending-deletion", "archive", "fail"],
    ["archive-key-pending-deletion", "archiving", "fail"],
    ["archive-key-disabled", "archive", "fail"],
    ["archive-no-lock", "archiving", "fail"],
    ["archive-short-lock", "lock", "fail"],
    ["archive-lifecycle", "schedule", "fail"],
    ["archive-lifecycle", "archiving", "fail"],
    ["archive-manifest-damaged", "readable", "unknown"],
    ["archive-forbidden", "readable", "unknown"],
    ["forbidden-snapshots", "readable", "unknown"],
    ["clock-skew", "readable", "unknown"],
    ["copies-off", "schedule", "fail"],
    ["expiry-short", "slot", "fail"],
    ["unknown-status", "slot", "unknown"],
  ])("in the world %s, %s is %s", async (name, id, status) => {
    const report = await (await world(name)).run(check, { databases: [] });
    expect(
      failing(report)
        .filter(({ check: own }) => own === `retention/${id}`)
        .map((finding) => finding.status),
    ).toContain(status);
  });

  it.each([
    ["archive-key-pending-deletion", "aws kms cancel-key-deletion"],
    ["archive-key-disabled", "aws kms enable-key"],
    ["archive-flipped", "look at its versions"],
  ])("in the world %s says first what is wrong with archives that are there, and its remedy", async (name, remedy) => {
    const run = await world(name);
    const wrong = failing(await run.run(check, { databases: [], only: ["archive", "slot"] }));
    const [first] = wrong;
    expect(first).toMatchObject({ check: "retention/archive", status: "fail" });
    expect(first?.remedy).toContain(remedy);
    const slots = wrong.filter(({ check: id }) => id === "retention/slot");
    expect(slots.length).toBeGreaterThan(0);
    for (const { message } of slots)
      expect(message).toMatch(/^archive 2026-\d\d fills no slot as it is: see retention\/archive$/);
    const breaches = failing(await run.run(simulate, { databases: [], only: ["holds"] })).map(({ message }) => message);
    expect(breaches[0]).toMatch(/archive 2026-\d\d fills no slot as it is/);
  });

  it("says of an archive whose manifest cannot be read that it is not known what it fills, and why, once", async () => {
    const run = await world("archive-manifest-damaged");
    const { findings } = await run.run(check, { databases: [], only: ["archive", "slot"] });
    expect(failing({ findings } as Report).map(({ status, message }) => [status, message])).toEqual([
      ["unknown", "could not find out: atlas/core/2026-10/manifest.json is no JSON"],
      ["unknown", "whether archive 2026-10 fills it is not known: see retention/archive"],
    ]);
  });

  it("calls what breaks at worst alone no fact", async () => {
    const run = await world("unknown-status");
    const open = failing(await run.run(check, { databases: [], only: ["slot", "schedule"] }));
    const uncertain = open.filter(({ status }) => status === "unknown");
    expect(uncertain.length).toBeGreaterThan(0);
    for (const { message } of uncertain) expect(message).toMatch(/^at worst /);
  });

  it.each([
    ["healthy", POLICY.replace("daily, retain: 30d", "daily, retain: 7d"), "keep daily a day longer than hourly"],
    ["several-weekly", POLICY, "keep daily a day longer than weekly"],
  ])(
    "says in the world %s what a copy hangs on that Atlas does not say, and what ends the doubt",
    async (name, policy, remedy) => {
      const run = await world(name, policy);
      for (const [command, id] of [
        [check, "retention/schedule"],
        [simulate, "retention/holds"],
      ] as const) {
        const open = failing(await run.run(command, { databases: [] }));
        expect(open.filter(({ check: own }) => own === id)).toMatchObject([
          {
            status: "unknown",
            scope: expect.stringContaining("copies ap-southeast-1 daily"),
            message: expect.stringMatching(/^at worst it breaks .* are kept equally long, may be copied as/),
            remedy: expect.stringContaining(remedy),
          },
        ]);
      }
    },
  );

  it.each(["paused", "backups-off"])(
    "expects no archive in the world %s, for nothing is there to make it from",
    async (name) => {
      const { findings } = await (await world(name)).run(check, { databases: [], only: ["schedule"] });
      const archives = findings.filter(({ scope }) => scope?.startsWith("archive"));
      expect(archives.map(({ status }) => status)).toEqual(["fail", "fail"]);
      expect(archives[0]?.message).toContain("planned archive 2026-11 is never there: there is no snapshot from");
      expect(archives[0]?.remedy).toContain("litally-ops backup plan");
    },
  );

  it("points at what keeps archives from being made, and at a rule where one removes them", async () => {
    const remedy = async (name: string) => {
      const { findings } = await (await world(name)).run(check, { databases: [], only: ["schedule"] });
      return findings.find(({ scope }) => scope?.startsWith("archive financial monthly"))?.remedy;
    };
    expect(await remedy("archive-no-lock")).toContain("retention/archiving");
    expect(await remedy("archive-no-lock")).not.toContain("take the rule away");
  });

  it("tells how many runs may be missed, and what is kept longer than the policy allows", async () => {
    const limited = POLICY.replace(
      "- { frequency: daily, retain: 30d }",
      "- { frequency: daily, retain: 7d, atMost: 14d }",
    );
    const run = await inWorld({ policy: limited, seed: POLICY, hasArchives: true });
    const { findings } = await run.run(check, { databases: [] });
    const over = findings.find(({ check: id, status }) => id === "retention/over" && status === "warn");
    expect(over?.message).toContain("the policy allows it until");
    const healthy = (await (await world()).run(check, { databases: [] })).findings;
    const budget = healthy.find(({ check: id, scope }) => id === "retention/budget" && scope === "daily");
    expect(budget?.evidence).toMatchObject({ mayMiss: 0 });
    expect(budget?.message).toContain("(it is one snapshot with that of hourly)");
  });

  it("says what a loss would leave, and what it takes to lose everything", async () => {
    const run = await world();
    const { findings } = await run.run(check, { databases: ["core"], assumeLost: ["region=ap-south-1"] });
    expect(findings.find(({ check: id }) => id === "retention/survives")).toMatchObject({
      status: "pass",
      message: expect.stringContaining("RPO"),
    });
    expect(findings.find(({ check: id }) => id === "retention/losses")?.status).toBe("warn");
    const nothing = await run.run(check, { databases: [], assumeLost: ["region=ap-south-1,region=ap-southeast-1"] });
    expect(nothing.findings.find(({ check: id }) => id === "retention/survives")?.status).toBe("fail");
    await expect(run.run(check, { databases: [], assumeLost: ["region=ap-south-9"] })).rejects.toMatchObject({
      kind: "usage",
    });
  });
});

describe("continuous backup", () => {
  const window = (findings: readonly Finding[]) => findings.filter(({ check: id }) => id === "retention/window");

  it("is none in a region that no snapshot was copied to", async () => {
    const run = await world("copies-missing");
    const lost = await run.run(check, { databases: [], assumeLost: ["region=ap-south-1"] });
    expect(lost.findings.find(({ check: id }) => id === "retention/survives")?.status).toBe("fail");
    const { findings } = await run.run(check, { databases: [], only: ["losses"] });
    expect(findings).toMatchObject([{ status: "warn", message: expect.stringContaining("region/ap-south-1") }]);
    const { context } = run;
    const { body } = await map.run(map.input.parse({ databases: ["core"] }), context);
    expect(body).toContain("3-2-1 is not kept");
    expect(body).not.toContain("ap-southeast-1");
  });

  it.each([
    ["copies-oplog-off", check, "the oplog is not copied there"],
    ["copies-oplog-off", simulate, "the oplog is not copied there"],
    ["copies-missing", check, "no snapshot that it could start from"],
  ])("in the world %s holds at home, and not where its oplog should be copied to", async (name, command, words) => {
    const found = window((await (await world(name)).run(command, { databases: [] })).findings);
    expect(found).toMatchObject([
      { status: "pass" },
      { status: "fail", scope: "ap-southeast-1", message: expect.stringContaining(words) },
    ]);
  });

  it("at home is not held by the oplog's copy elsewhere", async () => {
    const lost = { databases: [], assumeLost: ["region=ap-south-1"] };
    const found = window((await (await world()).run(check, lost)).findings);
    expect(found.map(({ status, scope }) => [scope, status])).toEqual([
      [undefined, "fail"],
      ["ap-southeast-1", "pass"],
    ]);
  });

  it.each(["stale", "hole"])(
    "breaks in the world %s once it reaches back so far, and check says so now",
    async (name) => {
      const alone = POLICY.replace(/ {4}snapshots:\n.*\n/, "").replace(/ {4}copies:\n.*\n/, "");
      const run = await world(name, alone);
      for (const command of [check, simulate]) {
        const found = window((await run.run(command, { databases: [] })).findings);
        expect(found).toMatchObject([{ status: "fail", message: expect.stringContaining("reaches back to 2026-11-") }]);
      }
    },
  );

  it.each(["newborn", "just-created"])("is owed since the first snapshot of the young cluster of %s", async (name) => {
    const run = await world(name);
    for (const command of [check, simulate]) {
      const found = window((await run.run(command, { databases: [] })).findings);
      expect(found.map(({ status }) => status)).toEqual(["pass", "pass"]);
    }
  });

  it("that lacks one interval of snapshots warns, whenever one asks, as backup verify does", async () => {
    const short = POLICY.replace("daily, retain: 30d", "daily, retain: 7d");
    const run = await world("healthy", short);
    const verdicts = [
      await run.run(check, { databases: [] }),
      await run.run(simulate, { databases: [], until: "60d" }),
      await run.run(simulate, { databases: [], until: "60d", asOf: "2026-12-10T00:00:00Z" }),
    ].flatMap(({ findings }) => window(findings).filter(({ scope }) => scope === undefined));
    expect(verdicts.map(({ status }) => status)).toEqual(["warn", "warn", "warn"]);
    expect(verdicts[0]).toMatchObject({ remedy: expect.stringContaining("a day longer than the window") });
    const { findings } = await run.run(verify, { databases: [] });
    expect(findings.find(({ check: id }) => id === "backup/continuous-coverage")?.status).toBe("warn");
  });
});

describe("of a flex cluster", () => {
  it("nothing surely survives, for nobody reads where it lies", async () => {
    const asked = { databases: [], only: ["survives"], assumeLost: ["account=aws:111122223333"] };
    const { findings } = await (await world("flex")).run(check, asked);
    expect(findings.map(({ status }) => status)).toEqual(["unknown"]);
  });

  it("no set of losses is told for certain, for nobody reads where it lies", async () => {
    const { findings } = await (await world("flex")).run(check, { databases: [], only: ["losses"] });
    expect(findings.map(({ status }) => status)).toEqual(["unknown"]);
    expect(JSON.stringify(findings)).not.toContain("own region");
  });
});

describe("of a cluster with keys of ours", () => {
  it("all of Atlas is lost with all keys, and each is named among the smallest losses", async () => {
    const run = await world("key-changed");
    const { findings } = await run.run(check, { databases: [], only: ["losses"] });
    const keys = [...new Set(JSON.stringify(findings).match(/key\/[0-9a-f-]{36}/g))].map((key) => key.slice(4));
    expect(keys.length).toBe(2);
    const rpo = async (...lost: readonly string[]) => {
      const report = await run.run(check, { databases: [], assumeLost: lost.map((key) => `key=${key}`) });
      return report.findings.find(({ check: id }) => id === "retention/survives")?.evidence?.["rpo"];
    };
    const each = [await rpo(keys[0] ?? ""), await rpo(keys[1] ?? "")];
    expect(each).toContain("1 m 00 s");
    expect(each.filter((span) => span !== "1 m 00 s").length).toBe(1);
    expect(String(await rpo(...keys))).toMatch(/^2\d d/);
  });
});

describe("of a cluster that is being deleted", () => {
  const going = async (command: typeof check | typeof simulate) => {
    const { findings } = await (await world("deleting")).run(command, { databases: [] });
    return (id: string) => findings.filter(({ check: own }) => own === `retention/${id}`);
  };

  it("no slot is filled for certain, and nothing is to come, no archive either", async () => {
    const found = await going(check);
    expect(new Set(found("schedule").map(({ status }) => status))).toEqual(new Set(["fail"]));
    expect(found("window").map(({ status }) => status)).toEqual(["fail", "fail"]);
    const slots = found("slot").filter(({ scope }) => scope?.startsWith("archive") !== true);
    expect(new Set(slots.map(({ status }) => status))).toEqual(new Set(["unknown"]));
    expect(slots.at(-1)?.message).toContain("its cluster is being deleted");
  });

  it("the policy breaks", async () => {
    const found = await going(simulate);
    expect(new Set(found("holds").map(({ status }) => status))).toEqual(new Set(["fail"]));
  });
});

describe("a loss that is assumed", () => {
  const two = POLICY.replace(
    "archives:\n",
    `  - name: ledger
    cluster: litally-ledger
    snapshots: [{ frequency: daily, retain: 30d }]
    grace: 2h
archives:
`,
  );

  it("of what one database alone lies in leaves the others whole", async () => {
    const run = await world("healthy", two);
    for (const loss of ["cluster=litally-core", "bucket=litally-archive", "region=ap-southeast-1"]) {
      const { findings } = await run.run(check, { databases: [], assumeLost: [loss], only: ["survives"] });
      expect(findings.map(({ subject, status }) => [subject, status])).toEqual([
        ["database/core", "pass"],
        ["database/ledger", "pass"],
      ]);
    }
    const asked = { databases: ["ledger"], assumeLost: ["cluster=litally-core"] };
    await expect(run.run(check, asked)).rejects.toMatchObject({ kind: "usage" });
  });

  it.each([
    ["check", check],
    ["simulate", simulate],
  ])("must be named: %s takes no empty one for none", async (_, command) => {
    const asked = { databases: [], assumeLost: [] };
    await expect((await world()).run(command, asked)).rejects.toMatchObject({ kind: "usage" });
  });
});

describe("retention simulate", () => {
  it.each(["cluster=litally-core", "region=ap-south-1", "account=atlas:5a4db0c5a4db0c5a4db0c5a4"])(
    "lets nothing more be made after the loss of %s, in no region and in no bucket",
    async (loss) => {
      const report = await (await world()).run(simulate, { databases: [], assumeLost: [loss] });
      const statuses = report.findings.filter(({ check: id }) => /holds|window/.test(id)).map(({ status }) => status);
      expect(new Set(statuses)).toEqual(new Set(["fail"]));
    },
  );

  it("calls nothing proved where nothing is owed", async () => {
    const report = await (await world("just-created")).run(simulate, { databases: [], until: "1h" });
    const daily = report.findings.find(({ scope }) => scope === "snapshots daily retain 30d");
    expect(daily).toMatchObject({ status: "unknown", evidence: { slots: 0 } });
  });

  it("proves five years of a healthy policy", async () => {
    const report = await (await world()).run(simulate, { databases: [] });
    expect(failing(report)).toEqual([]);
    expect(scopes(report.findings, "holds").length).toBe(4);
  });

  it.each([
    ["copies-off", "copies ap-southeast-1 daily"],
    ["atlas-default", "snapshots daily retain 30d"],
    ["archive-lifecycle", "archive financial monthly retain 5y"],
  ])("shows the first breach of the world %s as a counterexample", async (name, scope) => {
    const report = await (await world(name)).run(simulate, { databases: [] });
    const breach = failing(report).find(({ check: id, scope: own }) => id === "retention/holds" && own === scope);
    expect(breach).toMatchObject({
      status: "fail",
      evidence: {
        day: expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        missing: expect.any(String),
        slot: expect.any(String),
      },
    });
  });

  it.each(["archive-flipped", "archive-truncated"])(
    "counts no archive on that is not whole, as in %s",
    async (name) => {
      const report = await (await world(name)).run(simulate, { databases: [] });
      expect(failing(report).map(({ check: id }) => id)).toEqual(["retention/archive", "retention/holds"]);
    },
  );

  it.each(["archive-key-pending-deletion", "archive-no-lock"])("has nothing archived into %s", async (name) => {
    const report = await (await world(name)).run(simulate, { databases: [] });
    const breach = failing(report).find(({ scope }) => scope === "archive financial yearly retain 5y");
    const refused = "planned archive 2026-12 is never there: a push refuses it";
    expect(breach).toMatchObject({ status: "fail", message: expect.stringContaining(refused) });
    expect(failing(report).map(({ check: id }) => id)).toContain("retention/archiving");
  });

  it("does not know what breaks at worst alone, though everything was read", async () => {
    const report = await (await world("several-weekly")).run(simulate, { databases: [] });
    expect(failing(report).map(({ check: id, scope, status }) => [id, scope, status])).toEqual([
      ["retention/holds", "copies ap-southeast-1 daily", "unknown"],
    ]);
  });

  it("says that a rule removes what is archived, and which", async () => {
    const report = await (await world("archive-lifecycle")).run(simulate, { databases: [] });
    const words = JSON.stringify(failing(report));
    expect(words).toContain(
      "a push refuses it: rule expire-after-a-year will have atlas/core/2026-11/manifest.json hidden",
    );
    const seen = await (await world("archive-lifecycle")).run(check, { databases: [] });
    expect(JSON.stringify(failing(seen))).toContain("lifecycle rule expire-after-a-year (a delete marker hides it)");
  });

  it("proves nothing over what could not be read", async () => {
    for (const name of ["forbidden-snapshots", "archive-forbidden"]) {
      const report = await (await world(name)).run(simulate, { databases: [] });
      expect(["unknown", "fail"]).toContain(worst(report.findings));
      expect(failing(report).map(({ check: id }) => id)).toContain("retention/readable");
    }
  });

  it.each([
    [{ until: "2020-01-01T00:00:00Z" }],
    [{ until: "100y" }],
    [{ until: "soon" }],
    [{ asOf: "2020-01-01T00:00:00Z" }],
  ])("refuses %j", async (given) => {
    await expect((await world()).run(simulate, { databases: [], ...given })).rejects.toMatchObject({ kind: "usage" });
  });
});

describe("retention map", () => {
  const drawn = async (name: string, given: object = {}) => {
    const { context } = await world(name);
    return map.run(map.input.parse({ databases: ["core"], ...given }), context);
  };

  it("draws today and the worst of the days to come, within 80 columns, with a sentence for each letter", async () => {
    const { body } = await drawn("healthy");
    for (const line of body.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
    expect(body).toContain("how fine");
    expect(body).toMatch(/^A {2}up to/m);
    expect(body).toContain("To lose everything it takes:");
  });

  it("writes a page that needs nothing else, and over no file", async () => {
    const folder = mkdtempSync(join(tmpdir(), "map-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const out = join(folder, "map.html");
    await drawn("healthy", { out });
    const html = readFileSync(out, "utf8");
    expect(html).toContain("What can be restored of core");
    expect(html).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
    await expect(drawn("healthy", { out })).rejects.toMatchObject({ kind: "usage" });
    await drawn("healthy", { out: join(folder, "map.svg") });
    expect(readFileSync(join(folder, "map.svg"), "utf8")).toMatch(/^<svg|^<\?xml/);
    await expect(drawn("healthy", { out: join(folder, "map.pdf") })).rejects.toMatchObject({ kind: "usage" });
  });

  it("draws no map of what it could not see", async () => {
    await expect(drawn("forbidden-snapshots")).rejects.toMatchObject({
      message: expect.stringContaining("no map is drawn"),
    });
  });
});
