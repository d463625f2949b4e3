/** Every moment at which a change can go wrong, over the wire: the exit code, what is told, and what Atlas was sent. */
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as apply from "../../src/commands/backup-apply.ts";
import * as take from "../../src/commands/backup-snapshot.ts";
import * as watch from "../../src/commands/backup-watch.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Report } from "../../src/core/report.ts";
import {
  CLUSTER,
  type HostileAtlas,
  type HostileCluster,
  type HostileSnapshot,
  html,
  type Moment,
  reset,
  resetAfter,
  status,
  statusAfter,
  type Trick,
  truncated,
} from "../support/hostile-atlas.ts";
import { type HostileRun, hostileRun } from "../support/hostile-run.ts";

const ZONE = "66f0000000000000000000a1";
const item = (id: string, frequencyType: string, retentionValue: number, frequencyInterval = 1) => ({
  id: `66f00000000000000000000${id}`,
  frequencyType,
  frequencyInterval,
  retentionUnit: "days",
  retentionValue,
});

function cluster(given: Partial<HostileCluster> = {}): HostileCluster {
  return {
    name: CLUSTER,
    stateName: "IDLE",
    paused: false,
    backupEnabled: true,
    pitEnabled: true,
    zoneIds: [ZONE],
    schedule: {
      policies: [
        {
          id: "66f0000000000000000000b1",
          policyItems: [item("1", "hourly", 7, 6), item("2", "daily", 7), item("3", "weekly", 28)],
        },
      ],
      restoreWindowDays: 7,
      copySettings: [],
      copyPolicyItemsEnabled: false,
    },
    snapshots: [],
    ...given,
  };
}

const POLICY = `version: 1
environment: test
atlas: { projectId: 5a4db0c5a4db0c5a4db0c5a4 }
databases:
  - name: core
    cluster: ${CLUSTER}
    continuousBackup: { window: 7d }
    snapshots: [{ frequency: daily, retain: 14d }]
    copies: [{ region: eu-west-1, frequencies: [daily], oplogs: true }]
`;

interface Setting {
  readonly cluster?: Partial<HostileCluster>;
  readonly others?: readonly HostileCluster[];
  readonly policy?: string;
  readonly signal?: AbortSignal;
}

async function against({ cluster: given = {}, others = [], policy = POLICY, signal }: Setting = {}) {
  const hostile = await hostileRun();
  hostile.atlas.clusters.push(cluster(given), ...others);
  const options = { policy, ...(signal === undefined ? {} : { signal }) };
  return {
    hostile,
    atlas: hostile.atlas,
    snapshot: (input = {}) => hostile.run(take, { databases: ["core"], ...input }, options),
    watch: (snapshot: string) => hostile.run(watch, { database: "core", snapshot }, options),
    apply: (input = {}) => hostile.run(apply, { databases: ["core"], confirm: [CLUSTER], ...input }, options),
  };
}

/** Atlas finishes what is under way a minute after it was taken. */
function finishes({ atlas }: HostileRun, changed: Partial<HostileSnapshot> = {}): (elapsedMs: number) => void {
  return () => {
    for (const one of atlas.clusters)
      one.snapshots = one.snapshots.map((own) => {
        const isDue = own.status === "queued" && atlas.now().getTime() - Date.parse(own.createdAt) >= 60_000;
        return isDue ? { ...own, status: "completed", storageSizeBytes: 5e9, ...changed } : own;
      });
  };
}

const posts = ({ writes }: HostileAtlas) => writes.filter(({ moment }) => moment === "take").length;
const sets = ({ writes }: HostileAtlas) => writes.filter(({ moment }) => moment === "set" || moment === "turn").length;
const code = (report: Report) => exitCodeOf(report, false);
const idIn = (report: Report) => report.change?.steps[0]?.result?.["snapshotId"];

describe("one order, one snapshot", () => {
  it.each<[string, readonly Trick[], number]>([
    ["a reset before it was taken", [reset], 2],
    ["a reset after it was taken", [resetAfter], 1],
    ["a 500 before", [status(500)], 2],
    ["a 503 after", [statusAfter(503)], 1],
    ["an answer cut short", [truncated], 1],
    ["a page of a proxy", [html], 2],
    ["an answer without an id", [(act) => ({ ...act(), body: { status: "queued" } })], 1],
    ["one reset after the other", [reset, resetAfter], 2],
    [
      "429s that say when",
      [status(429, "RATE_LIMITED", { "retry-after": "7" }), status(429, "X", { "retry-after": "9" })],
      3,
    ],
  ])("%s", async (_, tricks, sent) => {
    const { hostile, atlas, snapshot } = await against();
    hostile.meanwhile = finishes(hostile);
    atlas.trick("take", ...tricks);
    const report = await snapshot();
    expect([code(report), posts(atlas), atlas.clusters[0]?.snapshots.length, atlas.faults]).toEqual([0, sent, 1, []]);
    expect(idIn(report)).toBe(atlas.clusters[0]?.snapshots[0]?.id);
  });

  it("is found on the second page", async () => {
    const { hostile, atlas, snapshot } = await against();
    hostile.meanwhile = finishes(hostile);
    atlas.pageItems = 1;
    atlas.trick("take", (act, response) => {
      resetAfter(act, response);
      const [own] = atlas.clusters[0]?.snapshots ?? [];
      if (own !== undefined) atlas.clusters[0]?.snapshots.unshift({ ...old(1), createdAt: own.createdAt });
      return undefined;
    });
    const report = await snapshot();
    expect([code(report), posts(atlas), atlas.clusters[0]?.snapshots.length]).toEqual([0, 1, 2]);
  });

  it.each<[string, Trick]>([
    ["forbidden", status(403)],
    ["broken", status(500)],
    ["unreadable", html],
  ])("is not ordered again where the list is %s after an order that was lost", async (_, bad) => {
    for (const lost of [reset, resetAfter]) {
      const { atlas, snapshot } = await against();
      atlas.trick("take", (act, response) => {
        atlas.always("list snapshots", bad);
        return lost(act, response);
      });
      const report = await snapshot();
      expect([code(report), report.change?.steps[0]?.state, posts(atlas)]).toEqual([4, "unclear", 1]);
      expect(report.change?.steps[0]?.message).toContain("litally-ops word0");
    }
  });

  it("is not ordered again where a description among the snapshots cannot be read", async () => {
    const { atlas, snapshot } = await against({ cluster: { snapshots: [{ ...old(1), description: 7 }] } });
    atlas.trick("take", reset);
    expect([code(await snapshot()), posts(atlas)]).toEqual([4, 1]);
  });

  it("stays open where the second order meets one that is under way and not to be seen", async () => {
    const { atlas, snapshot } = await against();
    atlas.trick("take", reset, status(400, "UNFINISHED_ON_DEMAND_SNAPSHOT"));
    const report = await snapshot();
    expect([code(report), report.change?.steps[0]?.state, posts(atlas)]).toEqual([4, "unclear", 2]);
    expect(report.change?.steps[0]?.message).toContain("litally-ops word0");
  });

  it("is found where the second order meets the first", async () => {
    const { hostile, atlas, snapshot } = await against();
    hostile.meanwhile = finishes(hostile);
    let late: (() => unknown) | undefined;
    atlas.trick(
      "take",
      (act, response) => {
        late = act;
        return reset(act, response);
      },
      () => {
        late?.();
        return { status: 400, body: { error: 400, errorCode: "UNFINISHED_ON_DEMAND_SNAPSHOT" } };
      },
    );
    const report = await snapshot();
    expect([code(report), posts(atlas), atlas.clusters[0]?.snapshots.length]).toEqual([0, 2, 1]);
  });

  it.each<[string, Trick]>([
    ["that another is under way", status(400, "UNFINISHED_ON_DEMAND_SNAPSHOT")],
    ["that it may not", status(403)],
    ["to wait for longer than there is time", status(429, "RATE_LIMITED", { "retry-after": "600" })],
  ])("is refused where Atlas says %s, and sent once", async (_, trick) => {
    const { atlas, snapshot } = await against();
    atlas.always("take", trick);
    const report = await snapshot();
    expect([code(report), report.change?.state, posts(atlas)]).toEqual([3, "refused", 1]);
  });
});

function old(days: number): HostileSnapshot {
  const createdAt = Date.parse("2026-11-22T02:00:00Z") - days * 86_400_000;
  return {
    id: `66f0000000000000000001${days.toString(16).padStart(2, "0")}`,
    description: "",
    status: "completed",
    snapshotType: "onDemand",
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: new Date(createdAt + 30 * 86_400_000).toISOString(),
    storageSizeBytes: 5e9,
  };
}

describe("waiting", () => {
  it("goes through whatever passes", async () => {
    const { hostile, atlas, snapshot } = await against();
    hostile.meanwhile = finishes(hostile);
    atlas.trick("read snapshot", status(404), ...Array.from({ length: 20 }, () => status(503)), html, truncated, reset);
    expect(code(await snapshot())).toBe(0);
  });

  it.each<[string, Partial<HostileSnapshot>, string]>([
    ["holds nothing", { storageSizeBytes: 0 }, "snapshot/size"],
    ["expires before it should", { expiresAt: "2026-11-23T02:00:00Z" }, "snapshot/expiry"],
    ["may be inconsistent", { snapshotType: "fallback" }, "snapshot/completed"],
  ])("for one that completes and %s is exit 4", async (_, changed, check) => {
    const { hostile, snapshot } = await against();
    hostile.meanwhile = finishes(hostile, changed);
    const report = await snapshot();
    expect(code(report)).toBe(4);
    expect(report.findings.find(({ status: own }) => own === "fail")?.check).toBe(check);
    expect(idIn(report)).toMatch(/^77f0/);
  });

  it.each<[string, Partial<HostileSnapshot>, string]>([
    ["fails", { status: "failed" }, "failed"],
    ["is in a state that nobody knows", { status: "paused" }, "unclear"],
  ])("for one that %s is exit 4, watching it %s", async (_, changed, state) => {
    const { hostile, snapshot, watch: watchIt } = await against();
    hostile.meanwhile = finishes(hostile, changed);
    const report = await snapshot();
    expect([code(report), report.change?.steps[0]?.state]).toEqual([4, state]);
    expect(code(await watchIt(String(idIn(report))))).toBe(state === "failed" ? 4 : 2);
  });

  it("for one that vanishes is exit 4 with its id, and does not say that it goes on", async () => {
    const { hostile, atlas, snapshot } = await against();
    hostile.meanwhile = (elapsedMs) => {
      if (elapsedMs > 100_000) for (const one of atlas.clusters) one.snapshots = [];
    };
    const report = await snapshot();
    expect([code(report), report.change?.steps[0]?.state]).toEqual([4, "unclear"]);
    expect(idIn(report)).toMatch(/^77f0/);
    expect(report.change?.steps[0]?.message).not.toContain("goes on");
  });

  it("for one that is not whole by the deadline is exit 4 with its id and the command to go on", async () => {
    const deadline = new AbortController();
    const { hostile, snapshot } = await against({ signal: deadline.signal });
    hostile.meanwhile = (elapsedMs) => {
      if (elapsedMs > 100_000) deadline.abort(new OpsError("timeout", "not done within --timeout"));
    };
    const report = await snapshot();
    expect([code(report), report.change?.state]).toEqual([4, "interrupted"]);
    expect(report.change?.steps[0]?.next).toBe(`litally-ops backup watch core ${idIn(report)}`);
  });

  it("cannot tell what a fallback snapshot is worth as good when it is watched", async () => {
    const { watch: watchIt } = await against({ cluster: { snapshots: [{ ...old(1), snapshotType: "fallback" }] } });
    expect(code(await watchIt(old(1).id))).toBe(1);
  });

  it("for one of two while the other is done: what was done is told, whenever it is stopped", async () => {
    const stop = new AbortController();
    const two = `${POLICY}  - { name: other, cluster: other-core, snapshots: [{ frequency: daily, retain: 7d }] }\n`;
    const { hostile, atlas, snapshot } = await against({
      policy: two,
      others: [cluster({ name: "other-core" })],
      signal: stop.signal,
    });
    hostile.meanwhile = (elapsedMs) => {
      const [first] = atlas.clusters;
      if (first !== undefined)
        first.snapshots = first.snapshots.map((own) => ({ ...own, status: "completed", storageSizeBytes: 5e9 }));
      if (elapsedMs > 300_000) stop.abort();
    };
    const report = await snapshot({ databases: ["core", "other"] });
    expect([code(report), report.change?.steps.map(({ state }) => state)]).toEqual([4, ["done", "unwatched"]]);
    expect(report.change?.steps.map(({ result }) => typeof result?.["snapshotId"])).toEqual(["string", "string"]);
  });
});

const EVERY_READ: readonly Moment[] = ["list clusters", "read schedule", "list snapshots", "read snapshot"];

describe("Ctrl-C and the deadline at any moment", () => {
  /** Stops at the nth request of any kind; `count` tells how many there were. */
  async function stoppedAt(n: number, command: "snapshot" | "apply", reason?: OpsError) {
    const stop = new AbortController();
    const one = await against({
      signal: stop.signal,
      ...(command === "apply" ? { cluster: { pitEnabled: false } } : {}),
    });
    one.hostile.meanwhile = finishes(one.hostile);
    let count = 0;
    const stopping: Trick = (act) => {
      count += 1;
      if (count === n) stop.abort(reason);
      return act();
    };
    for (const moment of [...EVERY_READ, "take", "set", "turn"] as const) one.atlas.always(moment, stopping);
    const ended = await one[command]().then(
      (report) => ({ code: code(report), report }),
      (error: unknown) => ({ code: error instanceof OpsError ? error.kind : "bug", report: undefined }),
    );
    return { ...ended, count, atlas: one.atlas };
  }

  it.each<["snapshot" | "apply", OpsError | undefined]>([
    ["snapshot", undefined],
    ["apply", undefined],
    ["snapshot", new OpsError("timeout", "over")],
    ["apply", new OpsError("timeout", "over")],
  ])("%s, %s: before a write it is no change, after one it is exit 4 and told", async (command, reason) => {
    const whole = await stoppedAt(0, command);
    expect(whole.code).toBe(0);
    for (let n = 1; n <= whole.count; n += 1) {
      const { code: ended, report, atlas } = await stoppedAt(n, command, reason);
      const sent = posts(atlas) + sets(atlas);
      const where = { n, sent, ended, steps: report?.change?.steps.map(({ state, message }) => [state, message]) };
      if (sent === 0)
        expect(
          [reason === undefined ? "aborted" : "timeout", 2, ...(reason ? ["undecided"] : [])],
          JSON.stringify(where),
        ).toContain(ended);
      else expect([4, ...(n === whole.count ? [0] : [])], JSON.stringify(where)).toContain(ended);
      if (posts(atlas) > 0) expect(idIn(report as Report), JSON.stringify(where)).toMatch(/^77f0/);
      expect(posts(atlas)).toBeLessThan(2);
    }
  });
});

describe("stopped while Atlas asks to wait", () => {
  it.each<["snapshot" | "apply", Moment, OpsError | undefined, string]>([
    ["snapshot", "take", undefined, "aborted"],
    ["snapshot", "take", new OpsError("timeout", "over"), "timeout"],
    ["apply", "set", undefined, "aborted"],
    ["apply", "set", new OpsError("timeout", "over"), "timeout"],
  ])("%s: nothing was changed (%s, %s)", async (command, moment, reason, kind) => {
    const stop = new AbortController();
    const { hostile, atlas, [command]: run } = await against({ signal: stop.signal });
    atlas.always(moment, status(429, "RATE_LIMITED", { "retry-after": "20" }));
    hostile.meanwhile = () => stop.abort(reason);
    await expect(run()).rejects.toMatchObject({ kind });
    expect(atlas.writes).toHaveLength(1);
  });

  it("after an order that was lost it stays open", async () => {
    const stop = new AbortController();
    const { hostile, atlas, snapshot } = await against({ signal: stop.signal });
    atlas.trick("take", reset, status(429, "RATE_LIMITED", { "retry-after": "20" }));
    hostile.meanwhile = () => (posts(atlas) === 2 ? stop.abort() : undefined);
    const report = await snapshot();
    expect([code(report), report.change?.steps[0]?.state, posts(atlas)]).toEqual([4, "unclear", 2]);
  });
});

describe("a schedule whose change goes wrong", () => {
  it.each<[string, Moment, readonly Trick[], Partial<HostileCluster>]>([
    ["the answer to the schedule is lost, and it was not taken", "set", [reset], {}],
    ["the answer to the schedule is lost, and it was taken", "set", [resetAfter], {}],
    ["the answer to the schedule cannot be read", "set", [truncated], {}],
    ["the answer to turning on is lost, and it was not taken", "turn", [reset], { pitEnabled: false }],
    ["the answer to turning on is lost, and it was taken", "turn", [resetAfter], { pitEnabled: false }],
    ["turning on fails once", "turn", [status(500)], { pitEnabled: false }],
    [
      "backups are off, and the answer to turning them on is lost",
      "turn",
      [reset],
      { backupEnabled: false, pitEnabled: false },
    ],
    ["it is told to wait", "set", [status(429, "X", { "retry-after": "3" })], {}],
  ])("and comes right in the end: %s", async (_, moment, tricks, given) => {
    const { hostile, atlas, apply: change } = await against({ cluster: given });
    atlas.trick(moment, ...tricks);
    const report = await change();
    expect([code(report), atlas.faults], JSON.stringify(report.change)).toEqual([0, []]);
    expect(hostile.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(5 * 60_000);
  });

  it.each<[string, Moment, Trick]>([
    ["the schedule fails for good", "set", status(500)],
    ["turning on fails for good", "turn", reset],
  ])("and stays open: %s: exit 4, and not for ever sent", async (_, moment, trick) => {
    const { atlas, apply: change } = await against({ cluster: { pitEnabled: false } });
    atlas.always(moment, trick);
    const report = await change();
    expect(code(report)).toBe(4);
    expect(atlas.writes.filter((write) => write.moment === moment).length).toBeLessThan(4);
  });

  it("continuous backup refused after the items were set: exit 4, and nothing after it", async () => {
    const { atlas, apply: change } = await against({ cluster: { pitEnabled: false } });
    atlas.always("turn", status(400, "NO_PIT"));
    const report = await change();
    expect([code(report), report.change?.steps.map(({ state }) => state)]).toEqual([
      4,
      ["done", "refused", "not-done"],
    ]);
    expect(sets(atlas)).toBe(2);
  });

  it("refused at once: exit 3, one write", async () => {
    const { atlas, apply: change } = await against();
    atlas.always("set", status(400, "INVALID_ATTRIBUTE"));
    expect([code(await change()), sets(atlas)]).toEqual([3, 1]);
  });

  it("one setting is not taken in silence: exit 4, named", async () => {
    const { atlas, apply: change } = await against();
    atlas.trick("set", (act) => {
      const answer = act();
      for (const one of atlas.clusters)
        one.schedule = {
          ...one.schedule,
          copySettings: one.schedule.copySettings.map((own) => ({ ...own, shouldCopyOplogs: false })),
        };
      return answer;
    });
    const report = await change();
    expect(code(report)).toBe(4);
    expect(report.findings.find(({ status: own }) => own === "fail")?.scope).toBe("copies to eu-west-1");
  });

  it("an item that the policy does not name is lost in silence: exit 4, named", async () => {
    const { atlas, apply: change } = await against();
    atlas.trick("set", (act) => {
      const answer = act();
      for (const one of atlas.clusters)
        one.schedule = {
          ...one.schedule,
          policies: one.schedule.policies.map((own) => ({
            ...own,
            policyItems: own.policyItems.filter(({ frequencyType }) => frequencyType !== "weekly"),
          })),
        };
      return answer;
    });
    const report = await change();
    expect(code(report)).toBe(4);
    expect(report.findings.find(({ status: own }) => own === "fail")?.message).toContain("weekly");
  });

  it("the schedule is read in vain before the first write: nothing was changed, and that is said", async () => {
    const { atlas, apply: change } = await against();
    let reads = 0;
    atlas.always("read schedule", (act) => {
      reads += 1;
      return reads === 1 ? act() : { status: 403, body: { errorCode: "NO" } };
    });
    const report = await change();
    expect([code(report), sets(atlas)]).toEqual([3, 0]);
    reads = 0;
    atlas.always("read schedule", (act, response) => {
      reads += 1;
      return reads === 1 ? act() : html(act, response);
    });
    expect([code(await change()), sets(atlas)]).toEqual([3, 0]);
  });

  it("somebody else shortens it between plan and change: refused, nothing sent", async () => {
    const { atlas, apply: change } = await against();
    let reads = 0;
    atlas.always("read schedule", (act) => {
      const answer = act();
      reads += 1;
      if (reads === 1)
        for (const one of atlas.clusters)
          one.schedule = {
            ...one.schedule,
            policies: one.schedule.policies.map((own) => ({
              ...own,
              policyItems: own.policyItems.map((each) =>
                each.frequencyType === "daily" ? { ...each, retentionValue: 2 } : each,
              ),
            })),
          };
      return answer;
    });
    expect([code(await change()), sets(atlas)]).toEqual([3, 0]);
  });

  it("it cannot be looked at afterwards: exit 4", async () => {
    const { atlas, apply: change } = await against();
    atlas.trick("set", (act) => {
      const answer = act();
      atlas.always("read schedule", status(403));
      return answer;
    });
    expect(code(await change())).toBe(4);
  });

  it("the cluster is busy for ever: exit 4 within the limit", async () => {
    const { hostile, atlas, apply: change } = await against({ cluster: { pitEnabled: false } });
    atlas.trick("turn", (act) => {
      const answer = act();
      for (const one of atlas.clusters) one.stateName = "UPDATING";
      return answer;
    });
    const report = await change();
    expect([code(report), report.change?.steps.map(({ state }) => state)]).toEqual([
      4,
      ["done", "unclear", "not-done"],
    ]);
    expect(hostile.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(61 * 60_000);
  });

  it("the access is taken away while the cluster is busy: exit 4 at once", async () => {
    const { hostile, atlas, apply: change } = await against({ cluster: { pitEnabled: false } });
    atlas.trick("turn", (act) => {
      const answer = act();
      atlas.always("list clusters", status(403));
      return answer;
    });
    expect(code(await change())).toBe(4);
    expect(hostile.waits.reduce((sum, ms) => sum + ms, 0)).toBeLessThan(60_000);
  });

  it("of two clusters one is refused: the other is told as done and judged, exit 4", async () => {
    const two =
      POLICY.replace(/ {4}copies.*\n/, "") +
      `  - { name: other, cluster: other-core, snapshots: [{ frequency: daily, retain: 30d }] }\n`;
    const { atlas, apply: change } = await against({ policy: two, others: [cluster({ name: "other-core" })] });
    atlas.always("set", (act) =>
      atlas.writes.at(-1)?.cluster === "other-core" ? { status: 400, body: { errorCode: "NO" } } : act(),
    );
    const report = await change({ databases: ["core", "other"], confirm: [CLUSTER, "other-core"] });
    expect([code(report), report.change?.steps.map(({ state }) => state)]).toEqual([4, ["done", "refused"]]);
    const judged = report.findings.filter(({ check }) => check === "schedule/applied");
    expect(judged.map(({ subject, status: own }) => [subject, own])).toEqual([[`cluster/${CLUSTER}`, "pass"]]);
  });
});
