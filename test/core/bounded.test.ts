import fc from "fast-check";
import { expect, test } from "vitest";
import { mapBounded } from "../../src/core/bounded.ts";

const tick = () => new Promise<void>((resolve) => setImmediate(resolve));

test("gives the results in the order of the items, never more calls at a time than the limit", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
      fc.integer({ min: 1, max: 6 }),
      async (ticks, limit) => {
        let running = 0;
        let most = 0;
        const results = await mapBounded(ticks, limit, async (count, index) => {
          running += 1;
          most = Math.max(most, running);
          for (let i = 0; i < count; i += 1) await tick();
          running -= 1;
          return `${index}:${count}`;
        });
        expect(results).toEqual(ticks.map((count, index) => `${index}:${count}`));
        expect(most).toBe(Math.min(limit, ticks.length));
      },
    ),
  );
});

test("the first rejection ends it: nothing further is started, by no worker", async () => {
  const started: number[] = [];
  const slow: Promise<void>[] = [];
  const running = mapBounded([0, 1, 2, 3, 4, 5], 3, async (item) => {
    started.push(item);
    if (item === 1) throw new Error("item 1 is broken");
    const done = tick().then(tick);
    slow.push(done);
    await done;
  });
  await expect(running).rejects.toThrow("item 1 is broken");
  await Promise.all(slow);
  await tick();
  expect(started).toEqual([0, 1, 2]);
});

test("of nothing makes nothing", async () => {
  expect(await mapBounded([], 4, () => Promise.reject(new Error("called")))).toEqual([]);
});
