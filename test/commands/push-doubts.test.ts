/** What a push must not believe: leftovers of what was no archive, another period's ledger, a manifest in the wrong place. */
import { expect, it } from "vitest";
import { exitCodeOf } from "../../src/cli/exit-code.ts";
import * as push from "../../src/commands/archive-push.ts";
import { touching } from "../../src/commands/push-order.ts";
import type { Pushing } from "../../src/commands/push-run.ts";
import { ARCHIVE_POLICY, archiveWorld } from "../support/archives.ts";
import type { Fate, Sent } from "../support/counter.ts";
import { stepsOf } from "../support/restores.ts";
import type { WorldRun } from "../support/world.ts";

const BUCKET = "litally-archive";
const GIVEN = { databases: ["core"] };

async function keysIn({ context }: WorldRun): Promise<readonly string[]> {
  return (await (await context.s3()).listVersions(BUCKET, "")).map(({ key }) => key);
}

async function put({ context }: WorldRun, key: string, text: string): Promise<void> {
  const contentType = "application/json";
  const shelved = { bucket: BUCKET, key, text, contentType, storageClass: "STANDARD", lock: null } as const;
  await (await context.s3()).putText({ ...shelved, condition: "absent" });
}

/** 18 of 20 MiB: its parts arrive before it is seen that the end of the gzip is missing. */
it("a body that turned out to be cut off is none in the next push either, though its parts are there", async () => {
  const world = await archiveWorld({ faults: [`download-short=${18 * 1024 ** 2}`] });
  const first = await world.run(push, GIVEN);
  expect(exitCodeOf(first, false)).toBe(4);
  const again = await world.run(push, { ...GIVEN, takeOver: true });
  expect(exitCodeOf(again, false), JSON.stringify(again.change)).toBe(4);
  expect((await keysIn(world)).filter((key) => !key.endsWith("push.json"))).toEqual([]);
});

it("a manifest that is not that of the period makes no archive of it", async () => {
  const world = await archiveWorld();
  await put(world, "atlas/core/2026-10/copy/manifest.json", "{}");
  const report = await world.run(push, GIVEN);
  expect(report.change?.state).toBe("done");
  expect(await keysIn(world)).toContain("atlas/core/2026-10/manifest.json");
});

it.each([
  ["archive-unlocked", 1, "archive/lock"],
  ["archive-truncated", 1, "archive/content"],
  ["archive-manifest-damaged", 2, "archive/manifest"],
])("a period whose archive is not as it must be is not passed over: %s", async (name, code, check) => {
  const world = await archiveWorld({ world: name, hasArchives: true });
  const report = await world.run(push, GIVEN);
  expect(report.change?.state).toBe("none");
  expect(exitCodeOf(report, false)).toBe(code);
  expect(report.findings.some((finding) => finding.check === check && finding.status !== "pass")).toBe(true);
});

it("a ledger of another period is not believed", async () => {
  const world = await archiveWorld({ onS3: diesAtTheParts() });
  await world.run(push, GIVEN).catch(() => undefined);
  const survivor = await archiveWorld({ at: world.sandbox });
  const s3 = await survivor.context.s3();
  const { text, etag } = await s3.getText({ bucket: BUCKET, key: LEDGER }, 1e6);
  const foreign = text.replace('"period": "2026-10"', '"period": "2026-09"');
  expect(foreign).not.toBe(text);
  const shelved = { bucket: BUCKET, key: LEDGER, contentType: "application/json", storageClass: "STANDARD" } as const;
  await s3.putText({ ...shelved, text: foreign, lock: null, condition: { etag } });
  const report = await survivor.run(push, { ...GIVEN, takeOver: true });
  expect(report.findings.find(({ check }) => check === "archive/nobody-else")).toMatchObject({
    status: "unknown",
    message: expect.stringContaining("is the ledger of core 2026-09"),
  });
  expect(exitCodeOf(report, false)).toBe(2);
});

const LEDGER = "atlas/core/2026-10/push.json";

function diesAtTheParts(): (sent: Sent) => Fate {
  let isDead = false;
  return ({ path }) => {
    isDead ||= path.includes("partNumber=");
    return isDead ? "lost" : "passes";
  };
}

it("an order that could not be written down is a change that began, whatever kept it from that", async () => {
  let ledgers = 0;
  const world = await archiveWorld({
    onS3: async ({ method, path }) => {
      if (method !== "PUT" || !path.includes("push.json") || ++ledgers !== 2) return;
      const s3 = await other.context.s3(); // somebody else writes the ledger in the very moment between
      const { text, etag } = await s3.getText({ bucket: BUCKET, key: LEDGER }, 1e6);
      const shelved = {
        bucket: BUCKET,
        key: LEDGER,
        contentType: "application/json",
        storageClass: "STANDARD",
      } as const;
      await s3.putText({ ...shelved, text: `${text}\n`, lock: null, condition: { etag } });
    },
  });
  const other = await archiveWorld({ at: world.sandbox });
  const report = await world.run(push, GIVEN);
  expect(world.sent.some(({ method, path }) => method === "POST" && path.endsWith("/restoreJobs"))).toBe(true);
  expect(exitCodeOf(report, false), JSON.stringify(report.change)).toBe(4);
  expect(stepsOf(report)?.[0]).toBe("failed");
});

it("names a slot that the policy has where it says how to go on", async () => {
  const quarterly = ARCHIVE_POLICY.replace("{ frequency: monthly, retain: 5y }, ", "").replace(
    "since: 2026-10",
    "since: 2026-09",
  );
  const world = await archiveWorld({ policy: quarterly.replace("dueWithin: 25d", "dueWithin: 60d"), abortAfterMs: 1 });
  const report = await world.run(push, GIVEN);
  expect(report.change?.steps[0]?.next).toBe("litally-ops archive push core --slot 2026-Q3");
});

it("waits for the files of all shards: those of some are no archive", async () => {
  const world = await archiveWorld({ world: "sharded", downloadSizeBytes: 1024 ** 2 });
  const atlas = await world.context.atlas();
  let looks = 0;
  const hasty: typeof atlas = {
    ...atlas,
    listShardedSnapshots: async (...of) =>
      (await atlas.listShardedSnapshots(...of)).map((one) => ({ ...one, sizeBytes: { known: true, value: 1e9 } })),
    getDownload: async (...of) => {
      const job = await atlas.getDownload(...of);
      if (!job.files.known || job.files.value.length === 0 || ++looks > 2) return job;
      return { ...job, files: { known: true, value: job.files.value.slice(0, 1) } };
    },
  };
  const report = await push.run(push.input.parse({ ...GIVEN, via: "download" }), {
    ...world.context,
    atlas: async () => hasty,
  });
  expect(exitCodeOf(report, false), JSON.stringify(report)).toBe(0);
  expect((await keysIn(world)).filter((key) => key.endsWith(".tar.gz")).length).toBeGreaterThanOrEqual(3);
});

it("of many who wait together, one shows that they are at work", async () => {
  let nowMs = 0;
  let puts = 0;
  const ledger = { current: () => ({}), put: async () => void puts++ };
  const touched = touching({ context: { clock: { now: () => new Date(nowMs) } }, ledger } as unknown as Pushing); // all it asks for
  nowMs = 4 * 60_000;
  await Promise.all([touched(), touched(), touched()]);
  expect(puts).toBe(1);
});

it("what one database has come to is told, though a stop keeps the next from being looked at", async () => {
  const stopping = new AbortController();
  const two = ARCHIVE_POLICY.replace(
    "archives:\n",
    "  - { name: second, cluster: litally-second, snapshots: [{ frequency: daily, retain: 30d }], archive: financial }\narchives:\n",
  );
  const world = await archiveWorld({
    policy: two,
    signal: stopping.signal,
    onS3: ({ path }) => {
      if (path.includes("second")) stopping.abort();
    },
  });
  const report = await world.run(push, { databases: [] });
  expect(report.change?.state).toBe("failed");
  expect(exitCodeOf(report, false)).toBe(4);
  expect(report.findings.some(({ subject, status }) => subject.endsWith("/second") && status === "unknown")).toBe(true);
});
