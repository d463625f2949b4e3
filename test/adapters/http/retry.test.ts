/** How long is waited before a call is repeated, and which calls are. */
import { expect, it } from "vitest";
import { ATTEMPTS_MAX, backoffMs, type Repeat, withRetries } from "../../../src/adapters/http/retry.ts";
import { OpsError } from "../../../src/core/error.ts";
import { failure, fakeClock } from "../atlas/harness.ts";

it("backs off anywhere between nothing and a bound that doubles", () => {
  expect([1, 2, 3, 4, 20].map((attempt) => backoffMs(attempt, () => 0.9999))).toEqual([499, 999, 1999, 3999, 14998]);
  expect(backoffMs(9, () => 0)).toBe(0);
});

it("repeats a write only when it was refused", async () => {
  const tries = async (repeat: Repeat) => {
    let count = 0;
    const error = new OpsError("unavailable", "no");
    const context = {
      peer: { name: "Atlas" },
      clock: fakeClock(),
      signal: new AbortController().signal,
      budgetMs: 60_000,
      memory: {},
      random: () => 0.5,
    };
    const attempt = async () => {
      count += 1;
      return { ok: false, error, repeat } as const;
    };
    await failure(withRetries("write", context, attempt));
    return count;
  };
  expect([await tries("refused"), await tries("unclear"), await tries("never")]).toEqual([ATTEMPTS_MAX, 1, 1]);
});
