/** The folder of records: whole or not at all, one to a number, whoever writes at the same time and whatever dies. */
import { execFile } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { folderShelf } from "../../src/adapters/folder-shelf.ts";
import type { LocalShelf } from "../../src/ports/shelf.ts";
import { AT, recorder, sightOf, UNDERTAKEN } from "../support/audit.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "litally-ops-audit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const file = (seq: number) => join(folder, `${String(seq).padStart(10, "0")}.json`);

describe("a folder", () => {
  it("keeps a record to a file, for its owner alone, and no draft", async () => {
    const inner = join(folder, "audit/production");
    await recorder(folderShelf(inner)).act();
    expect(readdirSync(inner).sort()).toEqual([".head", "0000000001.json", "0000000002.json"]);
    expect(statSync(inner).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(inner)) expect(statSync(join(inner, name)).mode & 0o777).toBe(0o600);
    const lines = readFileSync(join(inner, "0000000001.json"), "utf8");
    expect(lines.endsWith("}\n") && lines.indexOf("\n") === lines.length - 1).toBe(true);
  });

  it.each(["/proc/nothing/audit", "link/audit"])(
    "is refused where none can be made, and at once: %s",
    async (place) => {
      symlinkSync("/nowhere/at/all", join(folder, "link"));
      const shelf = folderShelf(resolve(folder, place));
      await expect(shelf.create({ seq: 1, text: "{}\n", at: AT })).rejects.toMatchObject({ kind: "unavailable" });
    },
  );

  it("gives a number away once", async () => {
    const shelf = folderShelf(folder);
    const all = await Promise.all(
      Array.from({ length: 16 }, (_, index) => shelf.create({ seq: 1, text: `${index}\n`, at: AT })),
    );
    expect(all.filter((result) => result === "created")).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(["0000000001.json"]);
  });

  it("says that it cannot be written, and where", async () => {
    const inTheWay = join(folder, "file");
    writeFileSync(inTheWay, "");
    const begin = recorder(folderShelf(join(inTheWay, "audit"))).act();
    await expect(begin).rejects.toMatchObject({
      kind: "config",
      message: expect.stringMatching(/^it cannot be recorded: /),
    });
  });

  it("is not disturbed by what a process that died has left", async () => {
    await recorder(folderShelf(folder)).act();
    writeFileSync(join(folder, ".6f1c2d0e-draft"), '{"version":1,"log":"half');
    rmSync(join(folder, ".head")); // it died before it could note it
    await recorder(folderShelf(folder)).act();
    expect((await sightOf(folderShelf(folder))).chain).toMatchObject({ count: 4, breaks: 0 });
  });

  it("tells a last record that was cut off at any byte, and goes on without hiding it", async () => {
    const shelf = folderShelf(folder);
    await recorder(shelf).act();
    const { size } = statSync(file(2));
    for (const length of [0, 1, Math.floor(size / 2), size - 2, size - 1]) {
      truncateSync(file(2), length);
      expect((await sightOf(shelf)).chain.firstBreak, `${length} bytes`).toMatchObject({ seq: 2, place: file(2) });
      writeFileSync(file(2), readFileSync(join(folder, ".head")));
    }
    truncateSync(file(2), size - 1);
    await recorder(shelf).act();
    expect((await sightOf(shelf)).chain).toMatchObject({ count: 4, breaks: 1, firstBreak: { seq: 2 } });
  });

  it("cannot be read: that is told, not taken for empty", async () => {
    mkdirSync(join(folder, "audit"));
    writeFileSync(join(folder, "audit/production"), "in the way");
    const look = sightOf(folderShelf(join(folder, "audit/production")));
    await expect(look).rejects.toMatchObject({ kind: "unavailable", message: expect.stringMatching(/cannot be read/) });
  });
});

describe("several at once", () => {
  it("in one process", async () => {
    const recorders = Array.from({ length: 6 }, () => recorder(folderShelf(folder)));
    await Promise.all(recorders.map(async ({ act }) => act().then(act)));
    const { chain, open } = await sightOf(folderShelf(folder));
    expect(chain).toMatchObject({ count: 24, newest: 24, breaks: 0 });
    expect(open.count).toBe(0);
  });

  it("the newest is what is noted, also where an act is slower to note its record than others are to add theirs", async () => {
    const shelf = folderShelf(folder);
    const slips = [() => recorder(shelf).act(), () => recorder(shelf).act()];
    const slow: LocalShelf = {
      ...shelf,
      notes: {
        ...shelf.notes,
        write: async (name, text) => {
          await slips.pop()?.();
          await shelf.notes.write(name, text);
        },
      },
    };
    await recorder(slow).begin(UNDERTAKEN);
    expect([slips.length, await shelf.notes.read("head")]).toEqual([0, readFileSync(file(5), "utf8")]);
    rmSync(file(5));
    expect((await sightOf(shelf)).chain.firstBreak).toMatchObject({ seq: 5, message: "record 5 is missing" });
  });

  it("in processes of their own, one of which is killed", async () => {
    const script = join(import.meta.dirname, "../support/record-acts.mts");
    const start = (acts: number) => promisify(execFile)(process.execPath, [script, folder, String(acts)]);
    const killed = start(1_000_000);
    const dead = killed.then(
      () => "ended",
      () => "killed",
    );
    killed.child.stdout?.once("data", () => killed.child.kill("SIGKILL"));
    await Promise.all([start(15), start(15), dead]);
    expect(await dead).toBe("killed");
    const { chain } = await sightOf(folderShelf(folder));
    expect(chain.breaks, chain.firstBreak?.message).toBe(0);
    expect(chain.count).toBeGreaterThan(60);
  });
});
