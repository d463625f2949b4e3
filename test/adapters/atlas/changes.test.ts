import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clusterChangeBody, scheduleChangeBody, snapshotOrderBody } from "../../../src/adapters/atlas/wire-changes.ts";
import { parseCompliancePolicy } from "../../../src/adapters/atlas/wire-compliance.ts";
import { parseSchedule } from "../../../src/adapters/atlas/wire-schedule.ts";
import type { WireObject } from "../../../src/adapters/fields.ts";
import { mayHaveActed, OpsError } from "../../../src/core/error.ts";
import { known, type Observed } from "../../../src/core/observed.ts";
import type { CopySettingChange, ScheduleChange } from "../../../src/ports/atlas-changes.ts";
import { specComparison } from "../../support/spec.ts";
import { ACCOUNT, connect, digest, failure, type Handler, PROJECT, page, sendJson, serve } from "./harness.ts";

const compare = specComparison();
const SNAPSHOT = "66f0aa11bb22cc33dd44ee56";
const ORDER = { description: "before release 7", retentionDays: 7 };
const BODY = { id: SNAPSHOT, status: "queued", snapshotType: "onDemand", createdAt: "2026-11-22T02:00:00Z" };
const CHANGE: ScheduleChange = {
  policyId: "66f0aa11bb22cc33dd44ee57",
  items: [
    {
      id: "66f0aa11bb22cc33dd44ee58",
      frequency: "hourly",
      interval: 6,
      retention: { value: 7, unit: "days" },
    },
    { frequency: "monthly", interval: 40, retention: { value: 12, unit: "months" } },
  ],
};

describe("the bodies sent", () => {
  const setting: CopySettingChange = {
    region: "us-gov-west-1",
    provider: "AWS",
    zoneId: "66f0aa11bb22cc33dd44ee59",
    copies: { by: "frequencies", frequencies: ["hourly", "onDemand"] },
    oplogs: true,
  };

  it("of a schedule: what the change names and nothing else", () => {
    expect(scheduleChangeBody(CHANGE)).toEqual({
      policies: [
        {
          id: "66f0aa11bb22cc33dd44ee57",
          policyItems: [
            {
              id: "66f0aa11bb22cc33dd44ee58",
              frequencyType: "hourly",
              frequencyInterval: 6,
              retentionUnit: "days",
              retentionValue: 7,
            },
            { frequencyType: "monthly", frequencyInterval: 40, retentionUnit: "months", retentionValue: 12 },
          ],
        },
      ],
    });
  });

  it("of a schedule: all that can be changed", () => {
    const { policies: _, ...rest } = scheduleChangeBody({
      ...CHANGE,
      restoreWindowDays: 7,
      referenceTime: { hour: 0, minute: 0 },
      updatesSnapshots: true,
      copySettings: [setting, { ...setting, copies: { by: "count", lastNumberOfSnapshots: 3 }, oplogs: false }],
    });
    expect(rest).toEqual({
      restoreWindowDays: 7,
      referenceHourOfDay: 0,
      referenceMinuteOfHour: 0,
      updateSnapshots: true,
      copySettings: [
        {
          cloudProvider: "AWS",
          regionName: "US_GOV_WEST_1",
          zoneId: setting.zoneId,
          frequencies: ["HOURLY", "ON_DEMAND"],
          shouldCopyOplogs: true,
        },
        {
          cloudProvider: "AWS",
          regionName: "US_GOV_WEST_1",
          zoneId: setting.zoneId,
          lastNumberOfSnapshots: 3,
          shouldCopyOplogs: false,
        },
      ],
    });
  });

  it("of a schedule: copies by items say so, and stand beside none by frequencies", () => {
    const byItems: CopySettingChange = {
      ...setting,
      copies: {
        by: "items",
        items: [
          { id: SNAPSHOT, frequency: "daily", retention: { value: 3, unit: "weeks" } },
          { frequency: "onDemand", retention: null },
        ],
      },
    };
    expect(scheduleChangeBody({ ...CHANGE, copySettings: [byItems] })).toMatchObject({
      copyPolicyItemsEnabled: true,
      copySettings: [
        {
          copyPolicyItems: [
            { id: SNAPSHOT, frequencyType: "daily", retentionUnit: "weeks", retentionValue: 3 },
            { frequencyType: "ondemand" },
          ],
        },
      ],
    });
    expect(() => scheduleChangeBody({ ...CHANGE, copySettings: [byItems, setting] })).toThrow(OpsError);
  });

  it("of a cluster and a snapshot", () => {
    expect(clusterChangeBody({ backupEnabled: true })).toEqual({ backupEnabled: true });
    expect(clusterChangeBody({ pitEnabled: true })).toEqual({ pitEnabled: true });
    expect(snapshotOrderBody(ORDER)).toEqual({ description: "before release 7", retentionInDays: 7 });
    expect(compare?.("ClusterDescription20240805", clusterChangeBody({ backupEnabled: true })) ?? []).toEqual([]);
    expect(compare?.("DiskBackupOnDemandSnapshotRequest", snapshotOrderBody(ORDER)) ?? []).toEqual([]);
  });
});

describe("a schedule that is read and sent back unchanged", () => {
  const id = fc.uuid().map((uuid) => uuid.replaceAll("-", "").slice(0, 24));
  const frequency = fc.constantFrom("hourly", "daily", "weekly", "monthly", "yearly");
  const retention = {
    retentionUnit: fc.constantFrom("days", "weeks", "months", "years"),
    retentionValue: fc.integer({ min: 1, max: 400 }),
  };
  const day = fc.oneof(fc.integer({ min: 1, max: 28 }), fc.constant(40));
  const item = fc.oneof(
    itemOf("hourly", fc.constantFrom(1, 2, 4, 6, 8, 12)),
    itemOf("daily", fc.constant(1)),
    itemOf("weekly", fc.integer({ min: 1, max: 7 })),
    itemOf("monthly", day),
    itemOf("yearly", fc.integer({ min: 1, max: 12 })),
    itemOf("ondemand", day),
  );
  const place = {
    cloudProvider: fc.constantFrom("AWS", "AZURE", "GCP"),
    regionName: fc.constantFrom("AP_SOUTHEAST_1", "US_GOV_EAST_1", "EU_WEST_1", "SOUTH_AFRICA_NORTH", "CENTRAL_US"),
    zoneId: id,
    shouldCopyOplogs: fc.boolean(),
  };
  const count = fc.record({ ...place, lastNumberOfSnapshots: fc.integer({ min: 1, max: 500 }) });
  const byFrequencies = fc.record({
    ...place,
    frequencies: fc.uniqueArray(fc.constantFrom("HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY", "ON_DEMAND")),
  });
  const copyItem = fc.oneof(
    fc.record({ id, frequencyType: frequency, ...retention }),
    fc.record({ id, frequencyType: fc.constant("ondemand") }),
  );
  const byItems = fc.record({ ...place, copyPolicyItems: fc.array(copyItem, { minLength: 1, maxLength: 6 }) });
  const copies = fc.oneof(
    fc.record({ copySettings: fc.array(fc.oneof(count, byFrequencies), { maxLength: 4 }) }),
    fc
      .tuple(byItems, fc.array(fc.oneof(count, byItems), { maxLength: 3 }))
      .map(([first, rest]) => ({ copySettings: [first, ...rest], copyPolicyItemsEnabled: true })),
  );
  const writable = fc
    .tuple(
      fc.record({ policies: fc.tuple(fc.record({ id, policyItems: fc.array(item, { maxLength: 9 }) })) }),
      fc.record({ restoreWindowDays: fc.integer({ min: 1, max: 400 }) }, { requiredKeys: [] }),
      fc.option(
        fc.record({
          referenceHourOfDay: fc.integer({ min: 0, max: 23 }),
          referenceMinuteOfHour: fc.integer({ min: 0, max: 59 }),
        }),
        { nil: {} },
      ),
      copies,
    )
    .map((parts): WireObject => Object.assign({}, ...parts));
  const whatAtlasAlone = {
    clusterId: "66f0aa11bb22cc33dd44ee01",
    clusterName: "core",
    nextSnapshot: "2026-11-22T18:00:00Z",
    autoExportEnabled: true,
    export: { exportBucketId: "66f0aa11bb22cc33dd44ee02", frequencyType: "monthly" },
    links: [],
  };

  it("is what it was, ids, order and copies included, and as Atlas describes it", () => {
    fc.assert(
      fc.property(writable, (live) => {
        const body = scheduleChangeBody(unchanged({ ...live, ...whatAtlasAlone }));
        expect(body).toEqual(live);
        expect(compare?.("DiskBackupSnapshotSchedule20240805", body) ?? []).toEqual([]);
      }),
    );
  });

  function itemOf(frequencyType: string, frequencyInterval: fc.Arbitrary<number>) {
    return fc.record({ id, frequencyType: fc.constant(frequencyType), frequencyInterval, ...retention });
  }

  function unchanged(live: WireObject): ScheduleChange {
    const schedule = parseSchedule("core", live);
    const restoreWindowDays = sure(schedule.restoreWindowDays);
    const referenceTime = sure(schedule.referenceTime);
    return {
      policyId: sure(schedule.policyId),
      items: sure(schedule.items).map((one) => ({
        id: sure(one.id),
        frequency: sure(one.frequency),
        interval: sure(one.interval),
        retention: sure(one.retention),
      })),
      ...(restoreWindowDays !== null && { restoreWindowDays }),
      ...(referenceTime !== null && { referenceTime }),
      copySettings: sure(schedule.copySettings).map((setting) => ({
        region: sure(setting.region),
        provider: sure(setting.provider) ?? "AWS",
        zoneId: sure(setting.zoneId),
        copies: sure(setting.copies),
        oplogs: sure(setting.copiesOplogs),
      })),
    };
  }
});

function sure<T>(observed: Observed<T>): T {
  if (observed.known) return observed.value;
  throw observed.reason;
}

describe("writes over the wire", () => {
  const taken: Handler = (_, response) => sendJson(response, 200, BODY);

  it("carry method, path, version and body", async () => {
    const server = await serve(digest(taken));
    const { atlas } = connect(server);
    const snapshot = await atlas.takeSnapshot(PROJECT, "core", ORDER);
    await atlas.updateSchedule(PROJECT, "core", CHANGE);
    await atlas.updateCluster(PROJECT, "core", { pitEnabled: true });
    expect(snapshot).toMatchObject({ id: known(SNAPSHOT), status: known("queued"), kind: known("onDemand") });
    const sent = server.seen
      .slice(1)
      .map(({ method, url, headers, body }) => [
        method,
        new URL(url, server.baseUrl).pathname.replace(`/api/atlas/v2/groups/${PROJECT}/clusters/core`, ""),
        headers.accept,
        headers["content-type"],
        JSON.parse(body),
      ]);
    const media = (date: string) => [`application/vnd.atlas.${date}+json`, `application/vnd.atlas.${date}+json`];
    expect(sent).toEqual([
      ["POST", "/backup/snapshots", ...media("2023-01-01"), snapshotOrderBody(ORDER)],
      ["PATCH", "/backup/schedule", ...media("2024-08-05"), scheduleChangeBody(CHANGE)],
      ["PATCH", "", ...media("2024-10-23"), { pitEnabled: true }],
    ]);
  });

  it("are repeated while Atlas refuses to begin", async () => {
    const server = await serve(
      digest((request, response, number) =>
        number <= 2 ? sendJson(response, 429, {}, { "retry-after": "9" }) : taken(request, response, number),
      ),
    );
    const { atlas, clock } = connect(server);
    await atlas.takeSnapshot(PROJECT, "core", ORDER);
    expect(clock.slept).toEqual([9_000, 9_000]);
  });

  const unclear: Record<string, readonly [Handler, OpsError["kind"]]> = {
    "500": [(_, r) => sendJson(r, 500, {}), "unavailable"],
    "503 with Retry-After": [(_, r) => sendJson(r, 503, {}, { "retry-after": "1" }), "unavailable"],
    "a reset": [(_, r) => void r.socket?.resetAndDestroy(), "unavailable"],
    "no answer": [() => undefined, "timeout"],
    "an answer cut short": [(_, r) => sendCut(r), "unavailable"],
    "JSON cut short": [(_, r) => void r.writeHead(200, { "content-type": "application/json" }).end('{"i'), "protocol"],
    "an empty 200": [(_, r) => void r.writeHead(200, { "content-type": "application/json" }).end(), "protocol"],
    "an HTML 200": [(_, r) => void r.writeHead(200, { "content-type": "text/html" }).end("<html>"), "protocol"],
  };
  it.each(Object.entries(unclear))("are sent once whatever became of them: %s", async (_, [bad, kind]) => {
    const server = await serve(digest(bad));
    const { atlas, clock } = connect(server);
    const error = await failure(atlas.takeSnapshot(PROJECT, "core", ORDER));
    expect(error.kind).toBe(kind);
    expect(mayHaveActed(error.kind)).toBe(true);
    expect([server.seen.length, clock.slept]).toEqual([2, []]);
  });

  it.each([
    [400, "rejected"],
    [403, "auth"],
    [404, "not-found"],
    [409, "rejected"],
  ])("that were refused with %d have not acted", async (status, kind) => {
    const server = await serve(digest((_, response) => sendJson(response, status, { errorCode: "NO" })));
    const error = await failure(connect(server).atlas.updateCluster(PROJECT, "core", { backupEnabled: true }));
    expect([error.kind, mayHaveActed(error.kind)]).toEqual([kind, false]);
  });

  it("are sent again with a new token when the first was not taken, and never a third time", async () => {
    let tokens = 0;
    const handler =
      (isGood: (authorization: string) => boolean): Handler =>
      (request, response, number) => {
        if (request.url === "/api/oauth/token") {
          tokens += 1;
          return sendJson(response, 200, { access_token: `t${tokens}`, token_type: "Bearer", expires_in: 3600 });
        }
        if (isGood(request.headers.authorization ?? "")) return taken(request, response, number);
        return sendJson(response, 401, {});
      };
    const posts = (seen: readonly { readonly url: string }[]) => seen.filter(({ url }) => url.includes("snapshots"));
    const server = await serve(handler((authorization) => authorization === "Bearer t2"));
    await connect(server, { credentials: ACCOUNT }).atlas.takeSnapshot(PROJECT, "core", ORDER);
    expect(posts(server.seen)).toHaveLength(2);
    const closed = await serve(handler(() => false));
    const { atlas } = connect(closed, { credentials: ACCOUNT });
    expect((await failure(atlas.takeSnapshot(PROJECT, "core", ORDER))).kind).toBe("auth");
    expect(posts(closed.seen)).toHaveLength(2);
  });

  it("are let finish when the user stops meanwhile", async () => {
    const controller = new AbortController();
    const server = await serve(
      digest((request, response, number) => {
        controller.abort();
        setTimeout(() => taken(request, response, number), 50);
      }),
    );
    const { atlas } = connect(server, { signal: controller.signal });
    expect((await atlas.takeSnapshot(PROJECT, "core", ORDER)).id).toEqual(known(SNAPSHOT));
  });

  it.each([
    ["the user has stopped", undefined],
    ["the time is over", new OpsError("timeout", "over")],
  ])("are not sent once %s, not even after the challenge, and say that they were not", async (_, reason) => {
    const controller = new AbortController();
    const guarded = digest(taken);
    const server = await serve((request, response, number) => {
      controller.abort(reason);
      return guarded(request, response, number);
    });
    const { atlas } = connect(server, { signal: controller.signal });
    for (let order = 1; order <= 2; order += 1) {
      const { kind } = await failure(atlas.takeSnapshot(PROJECT, "core", ORDER));
      expect([kind, mayHaveActed(kind)]).toEqual(["aborted", false]);
    }
    expect(server.seen).toHaveLength(1);
  });
});

function sendCut(response: Parameters<Handler>[1]) {
  response.writeHead(200, { "content-type": "application/json", "content-length": "100" });
  response.write('{"id":');
  setTimeout(() => response.socket?.resetAndDestroy(), 20);
}

describe("the reads around a change", () => {
  it("one snapshot, of a replica set or as a unit", async () => {
    const server = await serve(digest((_, response) => sendJson(response, 200, { ...BODY, members: [] })));
    const { atlas } = connect(server);
    expect((await atlas.getSnapshot(PROJECT, "core", SNAPSHOT, false)).members).toEqual(known(null));
    expect((await atlas.getSnapshot(PROJECT, "core", SNAPSHOT, true)).members).toEqual(known([]));
    const paths = server.seen.slice(1).map(({ url }) => url.replace(/^.*\/backup/, "").replace("?", ""));
    expect(paths).toEqual([`/snapshots/${SNAPSHOT}`, `/snapshots/shardedCluster/${SNAPSHOT}`]);
  });

  it("an answer about another snapshot is refused, and an id that is none is not sent", async () => {
    const server = await serve(digest((_, response) => sendJson(response, 200, { ...BODY, id: PROJECT })));
    const { atlas } = connect(server);
    expect((await failure(atlas.getSnapshot(PROJECT, "core", SNAPSHOT, false))).kind).toBe("protocol");
    for (const id of ["", "..", `${SNAPSHOT}/x`, SNAPSHOT.toUpperCase()]) {
      expect((await failure(atlas.getSnapshot(PROJECT, "core", id, false))).kind).toBe("usage");
    }
    expect(server.seen).toHaveLength(2);
  });

  const event = (created: string, eventTypeName: string) => ({ id: created, created, eventTypeName });
  it("events of snapshots: of one cluster, of two types, since an instant", async () => {
    const events = [
      event("2026-11-22T01:00:00Z", "CPS_SNAPSHOT_STARTED"),
      event("2026-11-22T01:05:00Z", "CPS_SNAPSHOT_SUCCESSFUL"),
    ];
    const server = await serve(digest((_, response) => sendJson(response, 200, page(events))));
    const since = new Date("2026-11-15T00:00:00Z");
    expect(await connect(server).atlas.listSnapshotEvents(PROJECT, "core", since)).toEqual([
      { at: new Date("2026-11-22T01:00:00Z"), kind: "started" },
      { at: new Date("2026-11-22T01:05:00Z"), kind: "completed" },
    ]);
    const query = new URL(server.seen[1]?.url ?? "", server.baseUrl).searchParams;
    expect(query.getAll("eventType")).toEqual(["CPS_SNAPSHOT_STARTED", "CPS_SNAPSHOT_SUCCESSFUL"]);
    expect([query.get("clusterNames"), query.get("minDate")]).toEqual(["core", "2026-11-15T00:00:00.000Z"]);
  });

  it("of very many events the first pages are enough", async () => {
    const server = await serve(
      digest((_, response, number) =>
        sendJson(
          response,
          200,
          page([event(new Date(number * 1000).toISOString(), "CPS_SNAPSHOT_STARTED")], { totalCount: 9999 }),
        ),
      ),
    );
    expect(await connect(server).atlas.listSnapshotEvents(PROJECT, "core", new Date(0))).toHaveLength(5);
  });

  it.each([{ created: "yesterday", eventTypeName: "CPS_SNAPSHOT_STARTED" }, event("2026-11-22T01:00:00Z", "JOINED")])(
    "%j is no event of a snapshot",
    async (body) => {
      const server = await serve(digest((_, response) => sendJson(response, 200, page([body]))));
      expect((await failure(connect(server).atlas.listSnapshotEvents(PROJECT, "core", new Date(0)))).kind).toBe(
        "protocol",
      );
    },
  );
});

describe("a Backup Compliance Policy", () => {
  const POLICY = {
    projectId: PROJECT,
    state: "ACTIVE",
    copyProtectionEnabled: true,
    pitEnabled: true,
    restoreWindowDays: 7,
    scheduledPolicyItems: [
      { id: SNAPSHOT, frequencyType: "weekly", frequencyInterval: 6, retentionUnit: "weeks", retentionValue: 4 },
    ],
    onDemandPolicyItem: { frequencyType: "ondemand", frequencyInterval: 0, retentionUnit: "days", retentionValue: 3 },
  };

  it("is read whole", () => {
    expect(parseCompliancePolicy(POLICY)).toEqual({
      state: known("ACTIVE"),
      copyProtection: known(true),
      pitEnabled: known(true),
      restoreWindowDays: known(7),
      items: known([{ frequency: "weekly", interval: 6, retention: { value: 4, unit: "weeks" } }]),
      onDemandRetention: known({ value: 3, unit: "days" }),
    });
  });

  it.each(["state", "copyProtectionEnabled", "pitEnabled", "scheduledPolicyItems"])("without %s is in part", (name) => {
    const parsed = parseCompliancePolicy({ ...POLICY, [name]: undefined });
    expect(Object.values(parsed ?? {}).filter(({ known }) => !known)).toHaveLength(1);
  });

  it.each([
    [200, {}, null],
    [404, { errorCode: "RESOURCE_NOT_FOUND" }, null],
    [404, { errorCode: "GROUP_NOT_FOUND" }, "not-found"],
    [403, { errorCode: "USER_UNAUTHORIZED" }, "auth"],
    [200, [], "protocol"],
  ])("%d %j", async (status, body, outcome) => {
    const server = await serve(digest((_, response) => sendJson(response, status, body)));
    const asked = connect(server).atlas.getCompliancePolicy(PROJECT);
    if (outcome === null) expect(await asked).toBe(null);
    else expect((await failure(asked)).kind).toBe(outcome);
  });
});
