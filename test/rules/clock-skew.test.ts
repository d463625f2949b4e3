import { expect, test } from "vitest";
import { MINUTE_MS, SECOND_MS } from "../../src/core/duration.ts";
import { known } from "../../src/core/observed.ts";
import { clockSkew } from "../../src/rules/clock-skew.ts";
import { GONE } from "./build.ts";

const judge = (skewMs: number, uncertaintyMs = 0) => clockSkew.judge({ skew: known({ skewMs, uncertaintyMs }) });

test.each([
  [0, 0, "pass", "within a minute"],
  [MINUTE_MS, 0, "pass", "within a minute"],
  [MINUTE_MS + 1, 0, "warn", "Atlas's clock is 1 m 00 s ahead of ours"],
  [-MINUTE_MS - SECOND_MS, 0, "warn", "Atlas's clock is 1 m 01 s behind ours"],
  [MINUTE_MS + 1, 1, "pass", "within a minute"],
  [5 * MINUTE_MS, 0, "warn", "Atlas's clock is 5 m 00 s ahead of ours"],
  [5 * MINUTE_MS + 1, 0, "unknown", "Atlas's clock is 5 m 00 s ahead of ours: no age can be trusted"],
  [-5 * MINUTE_MS - 1, 0, "unknown", "Atlas's clock is 5 m 00 s behind ours: no age can be trusted"],
  [-5 * MINUTE_MS - 1, 1, "warn", "Atlas's clock is 5 m 00 s behind ours"],
  [SECOND_MS, MINUTE_MS, "pass", "within a minute"],
])("%d ms off, give or take %d: %s", (skewMs, uncertaintyMs, status, message) => {
  expect(judge(skewMs, uncertaintyMs)).toMatchObject({ status, message });
});

test("not measured is unknown", () => {
  expect(clockSkew.judge({ skew: GONE })).toMatchObject({ status: "unknown" });
});
