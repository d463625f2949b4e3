import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { listWorlds } from "../../src/sandbox/sandbox.ts";
import { advance, call, get, PROJECT, post, type Reply, SEED, START, sandbox, snapshots } from "./client.ts";

const daily = (all: readonly Reply["json"][]) => all.filter((one) => one.frequencyType === "daily");

describe("the clock", () => {
  it("runs by the time that passes, and by what it is put forward", async () => {
    let elapsedMs = 0;
    const target = await sandbox({ elapsedMs: () => elapsedMs });
    elapsedMs = 5000;
    expect((await call(`${target.url}/sandbox/clock`)).json).toMatchObject({ now: "2026-11-22T10:30:25Z" });
    expect((await advance(target, "2d")).json).toMatchObject({ now: "2026-11-24T10:30:25Z" });
    expect(target.now().toISOString()).toBe("2026-11-24T10:30:25.000Z");
    expect((await get(target, "")).headers.get("date")).toBe("Tue, 24 Nov 2026 10:30:25 GMT");
  });

  it.each([
    [{ advance: "-1d" }],
    [{ advance: "soon" }],
    [{ advance: 5 }],
    [{}],
    [{ advance: "11y" }],
    [{ advance: "999999y" }],
  ])("does not take %j", async (body) => {
    const target = await sandbox();
    expect((await post(target, "/sandbox/clock", body)).status).toBe(400);
    expect(target.now()).toEqual(START);
  });

  it("does not take what is not JSON", async () => {
    expect((await call(`${(await sandbox()).url}/sandbox/clock`, { method: "POST", body: "2d" })).status).toBe(400);
  });

  it("stands beside a list of worlds, and nothing else", async () => {
    const target = await sandbox({ world: "stale" });
    const { json } = await call(`${target.url}/sandbox/worlds`);
    expect([json.current, json.worlds.length]).toEqual(["stale", listWorlds().length]);
    expect((await call(`${target.url}/sandbox/other`)).status).toBe(404);
  });
});

describe("with time", () => {
  it("a snapshot falls due, runs, completes, is copied, and expires", async () => {
    const target = await sandbox({ startAt: new Date("2026-11-22T17:59:30Z") });
    const newest = async () => daily(await snapshots(target))[0];
    const before = await newest();
    await advance(target, "7m");
    const running = await newest();
    expect(running.id).not.toBe(before.id);
    expect(running).toMatchObject({ status: "inProgress", copyRegions: [] });
    await advance(target, "9m");
    expect(await newest()).toMatchObject({ id: running.id, status: "completed", copyRegions: [] });
    await advance(target, "30m");
    expect(await newest()).toMatchObject({ id: running.id, status: "completed", copyRegions: ["AP_SOUTHEAST_1"] });
    const has = async () => (await snapshots(target)).some((one) => one.id === running.id);
    await advance(target, "29d");
    expect(await has()).toBe(true);
    await advance(target, "1d");
    expect(await has()).toBe(false);
  });

  it("the series goes on the same in one step or in many", async () => {
    const leap = await sandbox();
    const walk = await sandbox();
    await advance(leap, "3d");
    for (let step = 0; step < 72 * 4; step += 1) {
      await advance(walk, "15m");
      if (step % 7 === 0) await snapshots(walk);
    }
    expect(await snapshots(walk)).toEqual(await snapshots(leap));
    expect(daily(await snapshots(leap))).toHaveLength(30);
  });

  it("a world made later is the world that has lived until then", async () => {
    const series = async (startAt: Date, by?: string) => {
      const target = await sandbox({ startAt });
      if (by !== undefined) await advance(target, by);
      return daily(await snapshots(target)).map((one) => one.createdAt.slice(0, 13));
    };
    expect(await series(START, "10d")).toEqual(await series(new Date(START.getTime() + 10 * 86_400_000)));
  });

  it.each(["paused", "deleting", "backups-off", "stale"])("%s: nothing is taken", async (world) => {
    const target = await sandbox({ world });
    await advance(target, "2d");
    const taken = (await snapshots(target)).filter((one) => Date.parse(one.createdAt) > START.getTime());
    expect(taken).toEqual([]);
  });

  it("late becomes completed, stuck stays", async () => {
    for (const [world, status] of [
      ["late", "completed"],
      ["stuck", "inProgress"],
    ] as const) {
      const target = await sandbox({ world });
      const { id } = (await snapshots(target)).find((one) => one.status === "inProgress");
      await advance(target, "1h");
      expect((await snapshots(target)).find((one) => one.id === id).status, world).toBe(status);
    }
  });

  it("years can pass", async () => {
    const target = await sandbox();
    await advance(target, "5y");
    expect(daily(await snapshots(target))).toHaveLength(30);
    const ledger = await snapshots(target, "litally-ledger");
    expect(ledger.filter((one) => one.frequencyType === "yearly")).toHaveLength(5);
  });
});

describe("determinism", () => {
  it("the same seed and start make the same world", async () => {
    const everything = async () => {
      const target = await sandbox({ world: "sharded" });
      const replies = await Promise.all(
        ["", "/clusters", "/clusters/litally-core/backup/schedule"].map((path) => get(target, path)),
      );
      return [replies.map((reply) => JSON.stringify(reply.json).replaceAll(target.url, "")), await snapshots(target)];
    };
    expect(await everything()).toEqual(await everything());
  });
});

describe("the state file", () => {
  const shell = (script: string, file: string) => void execFileSync("bash", ["-c", script, file]);
  const folder = () => {
    const path = mkdtempSync(join(tmpdir(), "sandbox-"));
    onTestFinished(() => rmSync(path, { recursive: true }));
    return path;
  };

  it("carries the world over a restart, and the world goes on", async () => {
    const path = folder();
    const stateFile = join(path, "state.json");
    const first = await sandbox({ stateFile });
    await advance(first, "3d");
    const before = await snapshots(first);
    await first.close();
    expect(readdirSync(path)).toEqual(["state.json"]);

    const second = await sandbox({ stateFile });
    expect(second.now().toISOString()).toBe("2026-11-25T10:30:20.000Z");
    expect(await snapshots(second)).toEqual(before);
    await second.close();

    const nextDay = await sandbox({ stateFile, startAt: new Date(START.getTime() + 86_400_000) });
    expect(nextDay.now().toISOString()).toBe("2026-11-26T10:30:20.000Z");
    expect(daily(await snapshots(nextDay))[0].createdAt).toMatch(/^2026-11-25T18/);
  });

  it("never turns time back", async () => {
    const stateFile = join(folder(), "state.json");
    await (await sandbox({ stateFile })).close();
    const earlier = await sandbox({ stateFile, startAt: new Date("2026-01-01T00:00:00Z") });
    expect(earlier.now().toISOString()).toBe("2026-11-22T10:30:00.000Z");
  });

  it.each<[string, (whole: string) => string]>([
    ["nothing in it", () => ""],
    ["other JSON", () => "{}\n"],
    ["its second half missing", (whole) => whole.slice(0, whole.length / 2)],
    ["its last letter missing", (whole) => whole.slice(0, -1)],
    ["more after its end", (whole) => `${whole}\n`],
    ["one digit changed", (whole) => whole.replace(/\d/, "9")],
    ["a policy in it", () => "version: 1\nenvironment: test\n"],
  ])("with %s is refused and left alone", async (_what, damage) => {
    const path = folder();
    const stateFile = join(path, "state.json");
    await (await sandbox({ stateFile })).close();
    const text = damage(readFileSync(stateFile, "utf8"));
    writeFileSync(stateFile, text);
    await expect(sandbox({ stateFile })).rejects.toMatchObject({
      kind: "config",
      message: `${stateFile}: is no sandbox state, or not as it was written`,
    });
    expect([readFileSync(stateFile, "utf8"), readdirSync(path)]).toEqual([text, ["state.json"]]);
  });

  it("of another version is refused and left alone", async () => {
    const stateFile = join(folder(), "state.json");
    const json = JSON.stringify({ version: 99 });
    const text = `${json}\nsha256 ${hash("sha256", json)}\n`;
    writeFileSync(stateFile, text);
    await expect(sandbox({ stateFile })).rejects.toMatchObject({
      message: expect.stringContaining("of version 99, not "),
    });
    expect(readFileSync(stateFile, "utf8")).toBe(text);
  });

  it.each([
    ["a folder", (file: string) => mkdirSync(file), "is not a file"],
    ["huge", (file: string) => shell(`truncate -s 1T "$0"`, file), "has 1099511627776 bytes"],
    ["a pipe", (file: string) => shell(`mkfifo "$0"`, file), "is not a file"],
  ])("that is %s is not read", async (_what, make, says) => {
    const stateFile = join(folder(), "state.json");
    make(stateFile);
    await expect(sandbox({ stateFile })).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining(`${stateFile}: ${says}`),
    });
  });

  it("of another world or project is refused", async () => {
    const stateFile = join(folder(), "state.json");
    await (await sandbox({ stateFile })).close();
    await expect(sandbox({ stateFile, world: "stale" })).rejects.toMatchObject({
      kind: "config",
      message: expect.stringContaining("holds the world healthy"),
    });
    const seed = { ...SEED, projectId: PROJECT.replace("0", "f") };
    await expect(sandbox({ stateFile, seed })).rejects.toMatchObject({ kind: "config" });
  });

  it("that cannot be written is said at the start", async () => {
    await expect(sandbox({ stateFile: join(folder(), "none", "state.json") })).rejects.toMatchObject({
      kind: "config",
    });
  });
});
