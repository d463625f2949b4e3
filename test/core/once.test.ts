import { expect, test } from "vitest";
import { once } from "../../src/core/once.ts";

test("what is made once is made when it is first asked for, and never again, not even after a failure", async () => {
  let made = 0;
  const good = once(async () => {
    made += 1;
    return {};
  });
  expect(made).toBe(0);
  expect(await good()).toBe(await good());
  expect(made).toBe(1);
  const bad = once(async () => {
    made += 1;
    throw new Error("no");
  });
  await expect(bad()).rejects.toThrow("no");
  await expect(bad()).rejects.toThrow("no");
  expect(made).toBe(2);
});
