/** `backup plan` and `backup apply` against an Atlas that distrusts every body: whatever is live and whatever the policy says. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as apply from "../../src/commands/backup-apply.ts";
import * as plan from "../../src/commands/backup-plan.ts";
import { formatDuration } from "../../src/core/duration.ts";
import { OpsError } from "../../src/core/error.ts";
import { FREQUENCIES } from "../../src/core/frequency.ts";
import type { Report } from "../../src/core/report.ts";
import { parsePolicy } from "../../src/policy/load.ts";
import type { DatabasePolicy } from "../../src/policy/schema.ts";
import type { LiveSettings } from "../../src/rules/schedule/live.ts";
import { databasePolicy, liveSettings } from "../rules/schedule/arbitrary.ts";
import { CLUSTER, type HostileCluster } from "../support/hostile-atlas.ts";
import { breaches, type HostileSchedule, isShorter } from "../support/hostile-rules.ts";
import { hostileRun } from "../support/hostile-run.ts";

const RUNS = 60;
/** What Atlas makes the window by itself when continuous backup is turned on. */
const ownWindow = fc.constantFrom(null, 1, 7);
const CONFIRMED = { databases: ["core"], confirm: [CLUSTER] };

/** The settings in Atlas's words, written apart from the adapter. */
function wireSchedule({
  policyId,
  items,
  restoreWindowDays,
  copies,
  copiesByItems,
  referenceTime,
}: LiveSettings): HostileSchedule {
  return {
    policies: [
      {
        id: policyId,
        policyItems: items.map(({ id = "", frequency, interval, retention }) => ({
          id,
          frequencyType: frequency,
          frequencyInterval: interval,
          retentionUnit: retention.unit,
          retentionValue: retention.value,
        })),
      },
    ],
    ...(restoreWindowDays === null ? {} : { restoreWindowDays }),
    ...(referenceTime === null
      ? {}
      : { referenceHourOfDay: referenceTime.hour, referenceMinuteOfHour: referenceTime.minute }),
    copySettings: copies.flatMap(({ region, zoneId, copies: copied, oplogs }): HostileSchedule["copySettings"] => {
      const place = {
        cloudProvider: "AWS",
        regionName: region.toUpperCase().replaceAll("-", "_"),
        zoneId,
        shouldCopyOplogs: oplogs,
      };
      if (copied.by === "frequencies" && !copiesByItems) {
        const names = copied.frequencies.map((name) => (name === "onDemand" ? "ON_DEMAND" : name.toUpperCase()));
        return [{ ...place, frequencies: names }];
      }
      if (copied.by !== "items" || !copiesByItems) return [];
      const copyPolicyItems = copied.items.map(({ id, frequency, retention }) => ({
        ...(id === undefined ? {} : { id }),
        frequencyType: retention === null ? "ondemand" : frequency,
        ...(retention === null ? {} : { retentionUnit: retention.unit, retentionValue: retention.value }),
      }));
      return [{ ...place, copyPolicyItems }];
    }),
    copyPolicyItemsEnabled: copiesByItems,
  };
}

function liveCluster(settings: LiveSettings): HostileCluster {
  const hourly = settings.items.some(({ frequency }) => frequency === "hourly");
  const pitEnabled = settings.pitEnabled && hourly;
  const schedule = wireSchedule(settings);
  return {
    name: CLUSTER,
    stateName: "IDLE",
    paused: false,
    backupEnabled: true,
    pitEnabled,
    zoneIds: settings.zoneIds,
    schedule: {
      ...schedule,
      copySettings: schedule.copySettings
        .filter(({ zoneId }) => settings.zoneIds.includes(zoneId))
        .map((setting) => ({ ...setting, shouldCopyOplogs: setting.shouldCopyOplogs && pitEnabled })),
    },
    snapshots: [],
  };
}

function policyText({ snapshots, continuousBackup, copies, referenceTime }: DatabasePolicy): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return JSON.stringify({
    version: 1,
    environment: "test",
    atlas: { projectId: "5a4db0c5a4db0c5a4db0c5a4" },
    databases: [
      {
        name: "core",
        cluster: CLUSTER,
        snapshots: snapshots.map(({ frequency, retain, every }) => ({
          frequency,
          retain: formatDuration(retain),
          ...(every === undefined ? {} : { every: formatDuration(every) }),
        })),
        copies: copies.flatMap(({ frequencies, ...copy }) => {
          const declared = frequencies.filter((name) => snapshots.some(({ frequency }) => frequency === name));
          return declared.length === 0 ? [] : [{ ...copy, frequencies: declared }];
        }),
        ...(continuousBackup === undefined
          ? {}
          : { continuousBackup: { window: formatDuration(continuousBackup.window) } }),
        ...(referenceTime === undefined
          ? {}
          : { referenceTime: `${two(referenceTime.hour)}:${two(referenceTime.minute)}` }),
      },
    ],
  });
}

function isPolicy(text: string): boolean {
  try {
    parsePolicy(text, "policy.yaml", {});
    return true;
  } catch (error) {
    if (error instanceof OpsError && error.kind === "config") return false;
    throw error;
  }
}

/** What of `before` is less in `after`: a retention, an interval, a copy, a window; an item or a setting that is gone. */
function losses(before: HostileCluster, after: HostileCluster): readonly string[] {
  const items = after.schedule.policies[0]?.policyItems ?? [];
  return [
    ...(before.pitEnabled && !after.pitEnabled ? ["continuous backup"] : []),
    ...((before.schedule.restoreWindowDays ?? 0) > (after.schedule.restoreWindowDays ?? 0) ? ["the window"] : []),
    ...(before.schedule.policies[0]?.policyItems ?? []).flatMap((item) => {
      const kept = items.find(({ id }) => id === item.id);
      if (kept === undefined) return [`item ${item.id}`];
      const seldomer = kept.frequencyType === "hourly" && kept.frequencyInterval > item.frequencyInterval;
      return isShorter(kept, item) || seldomer ? [`item ${item.id}: kept less`] : [];
    }),
    ...before.schedule.copySettings.flatMap((setting) => {
      const kept = after.schedule.copySettings.find(
        ({ regionName, zoneId }) => regionName === setting.regionName && zoneId === setting.zoneId,
      );
      if (kept === undefined) return [`copies to ${setting.regionName}`];
      const copiedLess = (setting.copyPolicyItems ?? []).some((item) => {
        const own = kept.copyPolicyItems?.find(({ id }) => id === item.id);
        return own === undefined || isShorter(own, item);
      });
      return [
        ...(setting.shouldCopyOplogs && !kept.shouldCopyOplogs ? [`oplogs in ${setting.regionName}`] : []),
        ...(copiedLess || (setting.frequencies ?? []).some((name) => !kept.frequencies?.includes(name))
          ? [`copies of some kind to ${setting.regionName}`]
          : []),
      ];
    }),
  ];
}

/** A kind of copies that is there twice leaves no room for those that the policy wants: refused, see below. */
function hasTooManyCopies({ findings }: Report): boolean {
  return findings.some(({ check, message }) => check === "schedule/possible" && message.includes("Atlas takes 6"));
}

describe("whatever is live, and whatever the policy says", () => {
  it("apply is accepted, loosens nothing, keeps every id, and leaves nothing to plan or to send", async () => {
    const hostile = await hostileRun();
    const { atlas } = hostile;
    await fc.assert(
      fc.asyncProperty(liveSettings, databasePolicy, ownWindow, async (settings, database, ownWindowDays) => {
        const cluster = liveCluster(settings);
        const policy = policyText(database);
        fc.pre(isPolicy(policy));
        fc.pre(breaches(cluster, cluster.schedule).length === 0);
        atlas.clusters.splice(0, atlas.clusters.length, cluster);
        atlas.faults.length = 0;
        atlas.ownWindowDays = ownWindowDays;
        const before = structuredClone(cluster);
        const sentBefore = atlas.writes.length;
        const planned = await hostile.run(plan, { databases: ["core"] }, { policy });
        expect(atlas.writes.length).toBe(sentBefore);
        fc.pre(!hasTooManyCopies(planned));
        const applied = await hostile.run(apply, CONFIRMED, { policy });
        expect(atlas.faults).toEqual([]);
        expect(losses(before, cluster)).toEqual([]);
        if (planned.change?.state === "none") expect(atlas.writes.length).toBe(sentBefore);
        expect({
          code: exitCodeOf(applied, false),
          change: applied.change?.state,
          open: applied.findings.filter(({ status }) => status !== "pass"),
        }).toMatchObject({
          code: 0,
          change: planned.change?.state === "none" ? "none" : "done",
        });
        const sent = atlas.writes.length;
        expect((await hostile.run(plan, { databases: ["core"] }, { policy })).change?.state).toBe("none");
        expect((await hostile.run(apply, CONFIRMED, { policy })).change?.state).toBe("none");
        expect(atlas.writes.length).toBe(sent);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);

  it("with leave to loosen it is accepted too, keeps every item, and leaves nothing to plan", async () => {
    const hostile = await hostileRun();
    const { atlas } = hostile;
    await fc.assert(
      fc.asyncProperty(liveSettings, databasePolicy, async (settings, database) => {
        const cluster = liveCluster(settings);
        const policy = policyText(database);
        fc.pre(isPolicy(policy));
        fc.pre(breaches(cluster, cluster.schedule).length === 0);
        atlas.clusters.splice(0, atlas.clusters.length, cluster);
        atlas.faults.length = 0;
        const loosely = { ...CONFIRMED, allowLoosening: true };
        const ids = itemIds(cluster);
        const applied = await hostile.run(apply, loosely, { policy });
        expect(atlas.faults).toEqual([]);
        expect(["done", "none"]).toContain(applied.change?.state);
        expect(exitCodeOf(applied, false)).toBe(0);
        expect(itemIds(cluster)).toEqual(expect.arrayContaining([...ids]));
        const sent = atlas.writes.length;
        expect((await hostile.run(apply, loosely, { policy })).change?.state).toBe("none");
        expect(atlas.writes.length).toBe(sent);
      }),
      { numRuns: RUNS },
    );
  }, 120_000);
});

it("copies of one kind twice, and five more wanted: refused, and nothing is sent", async () => {
  const hostile = await hostileRun();
  const place = { region: "eu-west-1", provider: "AWS", zoneId: "66f0000000000000000000a1", oplogs: false } as const;
  const [first, second] = ["66f000000000000000000001", "66f000000000000000000002"];
  const items = [first, second].map((id) => ({ id, frequency: "onDemand", retention: null }) as const);
  const cluster = liveCluster({
    policyId: "66f000000000000000000003",
    pitEnabled: false,
    items: [],
    restoreWindowDays: null,
    copies: [{ ...place, copies: { by: "items", items } }],
    copiesByItems: true,
    copiesAutomatically: false,
    referenceTime: null,
    zoneIds: [place.zoneId],
    nvme: false,
  });
  hostile.atlas.clusters.splice(0, hostile.atlas.clusters.length, cluster);
  const retain = { value: 1, unit: "y" } as const;
  const policy = policyText({
    name: "core",
    cluster: CLUSTER,
    protected: true,
    snapshots: FREQUENCIES.map((frequency) => ({ frequency, retain })),
    grace: { value: 2, unit: "h" },
    copies: [{ region: place.region, frequencies: [...FREQUENCIES], oplogs: false }],
  });
  const applied = await hostile.run(apply, CONFIRMED, { policy });
  expect(hostile.atlas.faults).toEqual([]);
  expect(hostile.atlas.writes).toEqual([]);
  expect(exitCodeOf(applied, false)).toBe(3);
  expect(hasTooManyCopies(applied)).toBe(true);
});

function itemIds({ schedule }: HostileCluster): readonly (string | undefined)[] {
  return (schedule.policies[0]?.policyItems ?? []).map(({ id }) => id);
}
