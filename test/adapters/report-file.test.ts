/** Report files on a real disk: whole or not at all, through no link, and nothing left beside them. */
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { reportFile } from "../../src/adapters/report-file.ts";

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), "litally-ops-report-")));
  file = join(folder, "report.json");
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe("a report file", () => {
  test("is not there before it is written, and nothing stands beside it then or later", async () => {
    const opened = await reportFile(file);
    expect(await readdir(folder)).toEqual([]);
    await opened.write("first");
    await opened.write("second");
    expect(await readFile(file, "utf8")).toBe("second");
    expect(await readdir(folder)).toEqual(["report.json"]);
  });

  test("is never the policy, by whatever name", async () => {
    await writeFile(file, "version: 1");
    await symlink("report.json", join(folder, "policy.yaml"));
    for (const policy of [file, `${folder}/./report.json`, join(folder, "policy.yaml")])
      await expect(reportFile(file, policy)).rejects.toMatchObject({
        kind: "usage",
        message: expect.stringMatching(/policy file$/),
      });
    await (await reportFile(file, join(folder, "none.yaml"))).write("a report");
    expect(await readFile(file, "utf8")).toBe("a report");
  });

  test("is known by where it is in truth", async () => {
    await mkdir(join(folder, "real"));
    await symlink("real", join(folder, "link"));
    const [one, other] = [
      await reportFile(join(folder, "real/a.md")),
      await reportFile(join(folder, "link/../link/a.md")),
    ];
    expect(one.at).toBe(other.at);
    await other.write("through a folder that is a link");
    expect(await readFile(one.at, "utf8")).toContain("through");
  });

  test("replaces the earlier one in one step: whoever has that open still reads it whole", async () => {
    await writeFile(file, "earlier");
    const before = await stat(file);
    await (await reportFile(file)).write("later");
    expect((await stat(file)).ino).not.toBe(before.ino);
  });

  test("stays closed to those to whom the earlier one was", async () => {
    await writeFile(file, "earlier");
    await chmod(file, 0o640);
    await (await reportFile(file)).write("later");
    expect((await stat(file)).mode & 0o777).toBe(0o640);
  });

  test("that is a link is neither followed nor replaced, also where it becomes one later", async () => {
    const secret = join(folder, "passwd");
    await writeFile(secret, "root");
    const opened = await reportFile(file);
    await symlink(secret, file);
    const refusal = { kind: "usage", message: `--report: ${file} is a symbolic link, which is not followed` };
    await expect(opened.write("x")).rejects.toMatchObject(refusal);
    await expect(reportFile(file)).rejects.toMatchObject(refusal);
    expect(await readFile(secret, "utf8")).toBe("root");
    expect((await lstat(file)).isSymbolicLink()).toBe(true);
    expect((await readdir(folder)).toSorted()).toEqual(["passwd", "report.json"]);
  });

  test("that is a folder or a socket is refused", async () => {
    const socket = join(folder, "socket.json");
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(socket, resolve));
    onTestFinished(() => void server.close());
    await mkdir(file);
    for (const path of [socket, file])
      await expect(reportFile(path)).rejects.toMatchObject({
        kind: "usage",
        message: `--report: ${path} is no plain file`,
      });
  });

  test.each([
    ["of a folder that is not there", "no/such/report.json", "there is no such folder (ENOENT)"],
    ["of a folder that is a file", "plain/report.json", "there is no such folder (ENOTDIR)"],
    ["with a name that is too long", `${"x".repeat(300)}.json`, "ENAMETOOLONG"],
  ])("%s is refused before anything else happens", async (_what, name, why) => {
    await writeFile(join(folder, "plain"), "");
    const path = join(folder, name);
    await expect(reportFile(path)).rejects.toMatchObject({
      kind: "usage",
      message: `--report: ${path} cannot be written: ${why}`,
    });
  });

  test("whose folder goes away meanwhile is told of at the end", async () => {
    const opened = await reportFile(file);
    await rm(folder, { recursive: true });
    await expect(opened.write("x")).rejects.toThrow(/there is no such folder \(ENOENT\)$/);
  });
});
