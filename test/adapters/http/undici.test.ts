/** What is imported by path: from the version that it was written for, and what the package's entry exports. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, it } from "vitest";

const require = createRequire(import.meta.url);

it("is undici 7", () => {
  const { version } = JSON.parse(readFileSync(require.resolve("undici/package.json"), "utf8"));
  expect(version).toMatch(/^7\./);
});

it("is what the entry exports", async () => {
  const undici = await import("undici");
  const { Agent, requestOf } = await import("../../../src/adapters/http/undici.ts");
  const { EnvHttpProxyAgent } = await import("../../../src/adapters/http/undici-proxy.ts");
  expect(Agent).toBe(undici.Agent);
  expect(EnvHttpProxyAgent).toBe(undici.EnvHttpProxyAgent);
  expect(requestOf).toBe(undici.Dispatcher.prototype.request);
});
