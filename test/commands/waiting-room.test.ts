import { expect, it } from "vitest";
import { waitingRoom } from "../../src/commands/waiting-room.ts";

it("tells those that are waited for, by the time of the longest wait", () => {
  const told: [string, number][] = [];
  const room = waitingRoom({ phase: () => {}, note: () => {}, waiting: (text, ms) => void told.push([text, ms]) });
  room.tell("a", "a is queued", 60_000);
  room.tell("b", "b is queued", 5_000);
  room.leave("a");
  room.tell("b", "b is in progress", 10_000);
  for (const name of ["c", "d", "e"]) room.tell(name, `${name} is queued`, 70_000);
  expect(told.slice(0, 3)).toEqual([
    ["a is queued", 60_000],
    ["a is queued; b is queued", 60_000],
    ["b is in progress", 60_000],
  ]);
  expect(told.at(-1)).toEqual(["4 snapshots under way; e is queued", 70_000]);
});
