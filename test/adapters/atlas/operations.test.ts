import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { describe, expect, it } from "vitest";
import { LIBRARY_CALLS } from "../../../src/adapters/atlas/library.ts";
import { OPERATIONS, type Operation } from "../../../src/adapters/atlas/operations.ts";
import { pathParams } from "../../../src/adapters/atlas/params.ts";
import { PROJECT } from "./harness.ts";

const FIXTURE = new URL("../../../../shared/atlas/operations.json", import.meta.url);
const SNAPSHOT = "66f0aa11bb22cc33dd44ee56";
const require = createRequire(import.meta.url);
const table: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS);

interface Official {
  readonly operationId: string;
  readonly method: string;
  readonly path: string;
  readonly accept: string;
  readonly contentType: string | null;
  readonly roles: readonly string[];
}

describe("the table of operations", () => {
  it("agrees with the official list, where that is at hand", () => {
    if (!existsSync(FIXTURE)) {
      process.stderr.write("the official list of operations is not at hand: the table was not compared\n");
      return;
    }
    const official: readonly Official[] = JSON.parse(readFileSync(FIXTURE, "utf8"));
    for (const [id, ours] of table) {
      const theirs = official.find(({ operationId }) => operationId === id);
      expect(theirs, id).toMatchObject({
        method: ours.method,
        accept: `application/vnd.atlas.${ours.date}+json`,
        contentType:
          ours.policy === "write" && ours.method !== "DELETE" ? `application/vnd.atlas.${ours.date}+json` : null,
        roles: ours.roles,
      });
      const withoutNames = (path: string | undefined) => path?.replace(/\{\w+\}/g, "{}");
      expect(withoutNames(theirs?.path)).toBe(withoutNames(ours.path));
    }
  });

  it("agrees with the URLs that the library forms", async () => {
    const params = pathParams(PROJECT, "litally-core", { snapshotId: SNAPSHOT, jobId: SNAPSHOT });
    for (const [id, call] of Object.entries(LIBRARY_CALLS)) {
      const path = table.find(([name]) => name === id)?.[1].path ?? "";
      const asked: unknown[] = [];
      const fetch = async (url: string) => asked.push(url);
      await call({ fetch }, "https://cloud.mongodb.com/api/atlas/v2", params, { a: "1", b: "2" });
      const filled = path
        .replace("{groupId}", PROJECT)
        .replace("{clusterName}", "litally-core")
        .replace(/\{(snapshotId|jobId)\}/, SNAPSHOT);
      expect(asked).toEqual([`https://cloud.mongodb.com${filled}?a=1&b=2`]);
    }
  });
});

it("is the library that the modules imported by path were written for", () => {
  const { version } = JSON.parse(readFileSync(require.resolve("mongodb-atlas-api-client/package.json"), "utf8"));
  expect(version).toBe("4.19.0");
});
