import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MINUTE_MS } from "../../src/core/duration.ts";
import { buildState } from "../../src/sandbox/build.ts";
import { exportSettlesAt } from "../../src/sandbox/export-course.ts";
import { exportWriter } from "../../src/sandbox/export-writer.ts";
import { type ExportRecord, type ExportsEnd, iso, type State } from "../../src/sandbox/model.ts";
import { openStore } from "../../src/sandbox/store.ts";
import { NO_WATCH } from "../../src/sandbox/watch.ts";
import { WORLDS } from "../../src/sandbox/worlds.ts";
import { SEED, START } from "./client.ts";

const PREFIX = "exported_snapshots/o/p/litally-core/2026-11-22T1030/1";
const CHECK = "exported_snapshots/.permissioncheck";

const AWS = { ...NO_WATCH, accountId: "111122223333", region: "ap-south-1", keys: [] };

/** A world with one export that begins now, and what is written of it. */
function written(settlesAs: ExportsEnd, shards: readonly string[] = ["shard-0"]) {
  const [healthy] = WORLDS;
  if (healthy === undefined) throw new Error("no world");
  const objects = new Map<string, Buffer>();
  const puts: string[] = [];
  const store = openStore({
    startAt: START,
    elapsedMs: () => 0,
    stateFile: undefined,
    build: () => withExport(buildState(healthy, SEED, START, AWS), settlesAs, shards),
    world: "healthy",
    projectId: SEED.projectId,
  });
  const settle = exportWriter(store, async (bucket, key, body) => {
    puts.push(key);
    await new Promise(setImmediate);
    objects.set(`${bucket}/${key}`, body);
  });
  const read = (key: string): Buffer | undefined => objects.get(`litally-atlas-exports/${key}`);
  return { advance: store.advance, settle, puts, read };
}

function withExport(state: State, settlesAs: ExportsEnd, shards: readonly string[]): State {
  const [cluster] = state.clusters;
  const job: ExportRecord = {
    id: "a".repeat(24),
    source: "litally-core",
    snapshotId: cluster?.snapshots[0]?.id ?? "",
    exportBucketId: state.exportBuckets[0]?.id ?? "",
    prefix: PREFIX,
    shards,
    labels: [{ key: "slot", value: "2026-10" }],
    createdAt: iso(START.getTime()),
    settlesAt: exportSettlesAt(settlesAs, START.getTime()),
    settlesAs,
    written: 0,
  };
  return { ...state, exports: [job] };
}

const below = (puts: readonly string[]) =>
  puts.flatMap((key) => (key.startsWith(PREFIX) ? [key.slice(PREFIX.length + 1)] : []));

describe("an export writes", () => {
  it("a check of its permission at once, and a collection each minute after the first", async () => {
    const { advance, settle, puts } = written("successful");
    await settle();
    expect(puts).toEqual([CHECK]);
    advance(2 * MINUTE_MS);
    await settle();
    expect(below(puts)).toEqual(["customers/profiles/shard-0.0.json.gz"]);
    advance(4 * MINUTE_MS);
    await settle();
    expect(below(puts).slice(-2)).toEqual(["ledger/entries/shard-0.0.json.gz", "ledger/entries/shard-0.1.json.gz"]);
    advance(2 * MINUTE_MS);
    await settle();
    expect(below(puts).filter((key) => !key.endsWith(".json.gz"))).toEqual([]);
    advance(MINUTE_MS);
    await settle();
    expect(below(puts).filter((key) => key.endsWith("/metadata.json"))).toHaveLength(7);
    expect(puts.at(-1)).toBe(`${PREFIX}/.complete`);
  });

  it("each object once, however often somebody looks, and at whatever moments", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 4 * MINUTE_MS })), async (steps) => {
        const { advance, settle, puts } = written("successful", ["a", "b"]);
        const looks = steps.map((ms) => {
          advance(ms);
          return settle();
        });
        await Promise.all(looks);
        advance(10 * MINUTE_MS);
        await Promise.all([settle(), settle()]);
        expect(puts).toHaveLength(1 + 2 * 9 + 7 + 1);
        expect(new Set(puts).size).toBe(puts.length);
      }),
      { numRuns: 30 },
    );
  });

  it("what can be read: documents, indexes, and how many files there are", async () => {
    const { advance, settle, puts, read } = written("successful");
    advance(10 * MINUTE_MS);
    await settle();
    const lines = gunzipSync(read(`${PREFIX}/ledger/entries/shard-0.1.json.gz`) ?? "")
      .toString()
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(200);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ _id: { $oid: expect.stringMatching(/^[0-9a-f]{24}$/) } });
    expect(JSON.parse(String(read(`${PREFIX}/ledger/entries/metadata.json`)))).toMatchObject({
      collectionName: "entries",
      indexes: [{ name: "_id_" }],
    });
    expect(JSON.parse(String(read(`${PREFIX}/.complete`)))).toMatchObject({
      totalFiles: below(puts).length - 1,
      groupId: SEED.projectId,
      clusterName: "litally-core",
      snapshotInitiationDate: expect.stringMatching(/Z$/),
      customData: [{ key: "slot", value: "2026-10" }],
    });
    expect(read(CHECK)).toHaveLength(0);
  });

  it.each([
    ["failed", 3 + 1, false],
    ["endless", 3 + 1, false],
    ["unmarked", 9 + 7, false],
    ["miscounted", 9 + 7, true],
  ] as const)("%s: %d files, and a mark: %s", async (settlesAs, files, isMarked) => {
    const { advance, settle, puts, read } = written(settlesAs);
    advance(60 * MINUTE_MS);
    await settle();
    const mark = read(`${PREFIX}/.complete`);
    expect([below(puts).length - (isMarked ? 1 : 0), mark !== undefined]).toEqual([files, isMarked]);
    if (mark !== undefined) expect(JSON.parse(String(mark)).totalFiles).toBe(files + 1);
  });
});
