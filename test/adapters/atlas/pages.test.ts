import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allPages, PAGE_ITEMS_MAX, PAGES_MAX } from "../../../src/adapters/atlas/pages.ts";
import { connect, digest, failure, PROJECT, page, sendJson, serve } from "./harness.ts";

const next = { links: [{ rel: "next", href: "ignored" }] };
const items = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => ({ id: `id-${from + i}` }));
const inTurn = (...pages: readonly unknown[]) => {
  const asked: number[] = [];
  const walk = allPages("things", async (number) => {
    asked.push(number);
    return number <= pages.length ? pages[number - 1] : page([]);
  });
  return { walk, asked };
};

describe("a list is followed to its end", () => {
  const ends: Record<string, readonly [pages: readonly unknown[], items: number, asked: number]> = {
    "one short page": [[page(items(0, 3))], 3, 1],
    "an empty page": [[page([])], 0, 1],
    "short pages with a next link": [[page(items(0, 3), next), page(items(3, 5), next), page(items(5, 6))], 6, 3],
    "a next link on the last page": [[page(items(0, 3), next)], 3, 2],
    "a full page without link or count": [
      [{ results: items(0, PAGE_ITEMS_MAX) }, { results: items(500, 501) }],
      501,
      2,
    ],
    "a count that knows of more": [[page(items(0, 3), { totalCount: 5 }), page(items(3, 5), { totalCount: 5 })], 5, 2],
    "a count that is too high": [[page(items(0, 3), { totalCount: 999 })], 3, 2],
    "a count that is too low": [[page(items(0, 3), { ...next, totalCount: 1 }), page(items(3, 4))], 4, 2],
    "a list that moved": [[page(items(0, 3), next), page(items(2, 5))], 5, 2],
    "elements without id": [[page([{ a: 1 }, { a: 1 }], next), page([{ a: 1 }])], 3, 2],
  };
  it.each(Object.entries(ends))("%s", async (_, [pages, count, asked]) => {
    const run = inTurn(...pages);
    expect(await run.walk).toHaveLength(count);
    expect(run.asked).toHaveLength(asked);
  });

  it("asks Atlas for the next number", async () => {
    const server = await serve(
      digest((request, response) => {
        const number = Number(new URL(request.url, "http://x").searchParams.get("pageNum"));
        sendJson(
          response,
          200,
          number === 3 ? page([{ name: "c3", id: "3" }]) : page([{ name: `c${number}`, id: `${number}` }], next),
        );
      }),
    );
    const clusters = await connect(server).atlas.listClusters(PROJECT);
    expect(clusters.map(({ name }) => name)).toEqual(["c1", "c2", "c3"]);
  });

  it("sends no page parameters where Atlas has none", async () => {
    const server = await serve(digest((_, response) => sendJson(response, 200, page([]))));
    await connect(server).atlas.listShardedSnapshots(PROJECT, "core");
    expect(server.seen[1]?.url).toMatch(/\/shardedClusters\??$/);
  });
});

describe("a list that takes no page numbers", () => {
  const unpaged = (...pages: readonly unknown[]) => {
    const asked: number[] = [];
    const walk = allPages(
      "things",
      async (number) => {
        asked.push(number);
        return pages[number - 1] ?? page([]);
      },
      false,
    );
    return { walk, asked };
  };

  it.each([PAGE_ITEMS_MAX, 3, undefined])("is asked once, however long it is (%s announced)", async (totalCount) => {
    const run = unpaged(page(items(0, PAGE_ITEMS_MAX), { totalCount }));
    expect(await run.walk).toHaveLength(PAGE_ITEMS_MAX);
    expect(run.asked).toEqual([1]);
  });

  it("is not known where it is shorter than announced", async () => {
    const run = unpaged(page(items(0, 3), { totalCount: 4 }));
    expect((await failure(run.walk)).message).toBe("things: the list has 3, though 4 are announced");
    const server = await serve(digest((_, response) => sendJson(response, 200, page(items(0, 3), { totalCount: 4 }))));
    expect((await failure(connect(server).atlas.listShardedSnapshots(PROJECT, "core"))).kind).toBe("protocol");
  });

  it("is followed where it links to more", async () => {
    const run = unpaged(page(items(0, 2), next), page(items(2, 3)));
    expect(await run.walk).toHaveLength(3);
    expect(run.asked).toEqual([1, 2]);
  });
});

describe("what is no list, or has no end, is refused", () => {
  it("a page that repeats", async () => {
    const run = inTurn(page(items(0, 3), next), page(items(0, 3), next));
    expect((await failure(run.walk)).message).toBe("things: page 2 repeats what came before");
  });

  it("an empty list that announces elements", async () => {
    const run = inTurn(page([], { totalCount: 5 }));
    expect((await failure(run.walk)).message).toBe("things: the list is empty, though 5 are announced");
  });

  it("an empty page that links to another", async () => {
    const first = inTurn(page([], next), page(items(0, 3)));
    expect((await failure(first.walk)).message).toBe("things: page 1 is empty, though it links to another");
    const second = inTurn(page(items(0, 3), next), page([], next));
    expect((await failure(second.walk)).message).toBe("things: page 2 is empty, though it links to another");
    const server = await serve(digest((_, response) => sendJson(response, 200, page([], next))));
    expect((await failure(connect(server).atlas.listSnapshots(PROJECT, "core"))).kind).toBe("protocol");
  });

  it("pages without end", async () => {
    const walk = allPages("things", async (number) => page(items(number, number + 1), next));
    expect((await failure(walk)).message).toBe(`things: more than ${PAGES_MAX} pages`);
  });

  it.each<[unknown]>([
    [null],
    ["x"],
    [[]],
    [{}],
    [{ results: {} }],
    [{ results: [1] }],
    [{ results: [null] }],
    [{ results: [[]] }],
    [{ results: [], links: "next" }],
    [{ results: [], totalCount: "5" }],
  ])("%j", async (body) => {
    expect((await failure(inTurn(body).walk)).kind).toBe("protocol");
  });

  it("gives every element once or throws, however it is cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 9 }), async (sizes) => {
        let start = 0;
        const pages = sizes.map((size, index) => {
          start += size;
          return page(items(start - size, start), index < sizes.length - 1 ? next : {});
        });
        expect(await inTurn(...pages).walk).toEqual(items(0, start));
      }),
    );
  });
});
