/** Which database is asked is for the environment to say, and a rehearsal asks none but one on this machine. */
import { expect, onTestFinished, test } from "vitest";
import type { Mongo } from "../../src/ports/mongo.ts";
import { mongoByRole } from "../../src/wiring/mongo.ts";
import { serveMongo } from "../support/mongo-server.ts";

function opening(env: Readonly<Record<string, string>>, isRehearsal = false) {
  const opened: Mongo[] = [];
  onTestFinished(async () => void (await Promise.all(opened.map((mongo) => mongo.close()))));
  const { signal } = new AbortController();
  return {
    opened,
    mongo: mongoByRole({ env, signal, isRehearsal: async () => isRehearsal, opened: (one) => opened.push(one) }),
  };
}

test("each role has a variable of its own, and is opened once", async () => {
  const [target, source] = await Promise.all([serveMongo({ collections: {} }), serveMongo({ collections: {} })]);
  const { mongo, opened } = opening({ LITALLY_OPS_VERIFY_URI: target.uri, LITALLY_OPS_SOURCE_URI: source.uri }, true);
  expect((await mongo("target")).hosts).toEqual([`127.0.0.1:${target.port}`]);
  expect((await mongo("source")).hosts).toEqual([`127.0.0.1:${source.port}`]);
  expect(await mongo("target")).toBe(opened[0]);
  expect(opened).toHaveLength(2);
});

test.each([{}, { LITALLY_OPS_VERIFY_URI: "" }])("none is there: %j", async (env) => {
  await expect(opening(env).mongo("target")).rejects.toMatchObject({
    kind: "config",
    message: "there is no connection string for the target",
    hint: "set LITALLY_OPS_VERIFY_URI to a connection string with a user that may read",
  });
});

test("a rehearsal does not reach for a real one", async () => {
  const env = { LITALLY_OPS_VERIFY_URI: "mongodb+srv://u:p@core.example.net/" };
  await expect(opening(env, true).mongo("target")).rejects.toMatchObject({ kind: "config" });
  expect((await opening(env).mongo("target")).hosts).toEqual(["core.example.net"]);
});
