import { describe, expect, it } from "vitest";
import { baseUrlFromEnv, credentialsFromEnv } from "../../../src/adapters/atlas/credentials.ts";
import { pathParams } from "../../../src/adapters/atlas/params.ts";
import { connect, failure, PROJECT, serve } from "./harness.ts";

const KEY = { MONGODB_ATLAS_PUBLIC_API_KEY: "pub", MONGODB_ATLAS_PRIVATE_API_KEY: "canary" };
const ACCOUNT = { MONGODB_ATLAS_CLIENT_ID: "id", MONGODB_ATLAS_CLIENT_SECRET: "canary" };
const thrown = (run: () => unknown) => failure(Promise.resolve().then(run));

describe("credentials", () => {
  it("are a service account, else an API key", () => {
    expect(credentialsFromEnv(KEY)).toEqual({ kind: "api-key", publicKey: "pub", privateKey: "canary" });
    expect(credentialsFromEnv(ACCOUNT)).toEqual({ kind: "service-account", clientId: "id", clientSecret: "canary" });
    expect(credentialsFromEnv({ ...KEY, ...ACCOUNT }).kind).toBe("service-account");
  });

  it("are asked for by name when there are none", async () => {
    const error = await thrown(() => credentialsFromEnv({ MONGODB_ATLAS_CLIENT_ID: "" }));
    expect(error.kind).toBe("auth");
    for (const name of Object.keys({ ...KEY, ...ACCOUNT })) expect(error.hint).toContain(name);
  });

  it.each(Object.keys({ ...KEY, ...ACCOUNT }))("are refused without %s, whatever else there is", async (name) => {
    const rest = Object.fromEntries(Object.entries({ ...KEY, ...ACCOUNT }).filter(([key]) => key !== name));
    const error = await thrown(() => credentialsFromEnv(rest));
    expect(error.kind).toBe("auth");
    expect(error.message).toMatch(new RegExp(`missing: ${name} is not set`));
    expect(error.message + error.hint).not.toContain("canary");
  });
});

describe("a credential that no header can carry", () => {
  it.each(["canary\n", " canary", "can\u00e4ry", "canary\r\nx: y"])("%j is refused by name", async (value) => {
    for (const name of Object.keys({ ...KEY, ...ACCOUNT })) {
      const error = await thrown(() => credentialsFromEnv({ ...KEY, ...ACCOUNT, [name]: value }));
      expect(error.kind).toBe("auth");
      expect(error.message).toMatch(new RegExp(`^${name} holds`));
      expect(error.message + error.hint).not.toContain("canary");
    }
  });
});

describe("the base URL", () => {
  const urlOf = (text: string) => baseUrlFromEnv({ MONGODB_ATLAS_BASE_URL: text });

  it("is that of Atlas unless another is named", () => {
    expect(baseUrlFromEnv({}).href).toBe("https://cloud.mongodb.com/");
    expect(urlOf("").href).toBe("https://cloud.mongodb.com/");
  });

  it.each([
    "https://cloud.mongodbgov.com",
    "http://127.0.0.1:8080/",
    "http://127.1.2.3",
    "http://localhost:1",
    "http://[::1]:9",
  ])("may be %s", (text) => expect(urlOf(text).origin).toBe(text.replace(/\/$/, "")));

  it.each([
    "cloud.mongodb.com",
    "ftp://localhost",
    "http://cloud.mongodb.com",
    "http://127.0.0.1.example.com",
    "http://localhost.example.com",
    "http://10.0.0.1",
    "http://[::2]",
    "https://user:canary@cloud.mongodb.com",
    "https://cloud.mongodb.com/api/atlas/v2",
    "https://cloud.mongodb.com/?a=canary",
    "https://cloud.mongodb.com/#x",
  ])("may not be %s", async (text) => {
    const error = await thrown(() => urlOf(text));
    expect(error.kind).toBe("config");
    expect(error.message).toMatch(/^MONGODB_ATLAS_BASE_URL /);
    expect(error.message).not.toContain("canary");
  });
});

describe("what stands in a path", () => {
  it("is taken as it is when it is well-formed", () => {
    expect(pathParams(PROJECT, "litally-core-2")).toEqual({
      groupId: PROJECT,
      clusterName: "litally-core-2",
      snapshotId: "",
      jobId: "",
      exportId: "",
      databaseName: "",
      processId: "",
      alertConfigId: "",
    });
    const named = { snapshotId: PROJECT, jobId: PROJECT, databaseName: "über#1?", processId: "a-1.b.net:27017" };
    expect(pathParams(PROJECT, "core", named)).toMatchObject({ ...named, databaseName: "%C3%BCber%231%3F" });
    expect(pathParams(PROJECT, "a".repeat(64)).clusterName).toHaveLength(64);
  });

  it.each(["", "../../orgs", "66f0", PROJECT.toUpperCase(), `${PROJECT}\n`, `${PROJECT}/x`])(
    "no project: %j",
    async (id) => {
      expect((await thrown(() => pathParams(id))).kind).toBe("usage");
    },
  );

  it.each(["", "-a", "a/b", "a?x", "a#x", "a b", "..", "a%2Fb", "ä", "a\n", "a".repeat(65)])(
    "no cluster: %j",
    async (name) => {
      expect((await thrown(() => pathParams(PROJECT, name))).kind).toBe("usage");
    },
  );

  it.each([
    { snapshotId: ".." },
    { snapshotId: "" },
    { jobId: `${PROJECT}/x` },
    { jobId: PROJECT.toUpperCase() },
    { databaseName: "" },
    { databaseName: ".." },
    { databaseName: "a/b" },
    { databaseName: "a\n" },
    { databaseName: "\ud800" },
    { databaseName: "a".repeat(64) },
    { processId: "..:1/.." },
    { processId: "host" },
    { processId: "a/b:27017" },
  ])("nor %j", async (named) => {
    expect((await thrown(() => pathParams(PROJECT, "core", named))).kind).toBe("usage");
  });

  it("is checked before anything is sent", async () => {
    const server = await serve(() => undefined);
    const { atlas } = connect(server);
    expect((await failure(atlas.getCluster(PROJECT, "../../../orgs"))).kind).toBe("usage");
    expect((await failure(atlas.getSchedule("../x", "a"))).kind).toBe("usage");
    expect(server.seen).toEqual([]);
  });
});
