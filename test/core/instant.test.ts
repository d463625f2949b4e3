import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatInstant, parseInstant, parseIso } from "../../src/core/instant.ts";

const NOW = new Date("2026-11-22T02:00:00Z");

describe("an instant that a person gives", () => {
  test.each([
    ["2026-11-22T02:00:00Z", "2026-11-22T02:00:00.000Z"],
    ["2026-11-22T07:30:00+05:30", "2026-11-22T02:00:00.000Z"],
    ["2026-11-21T21:00:00-05:00", "2026-11-22T02:00:00.000Z"],
    ["2026-11-22T02:00Z", "2026-11-22T02:00:00.000Z"],
    ["2026-11-22T02:00:00.25Z", "2026-11-22T02:00:00.250Z"],
    ["2028-02-29T00:00:00Z", "2028-02-29T00:00:00.000Z"],
    ["2026-03-01T00:30:00+05:30", "2026-02-28T19:00:00.000Z"],
    ["12m ago", "2026-11-22T01:48:00.000Z"],
    ["90s ago", "2026-11-22T01:58:30.000Z"],
    ["1mo ago", "2026-10-22T02:00:00.000Z"],
    ["  7d ago ", "2026-11-15T02:00:00.000Z"],
  ])("%s is %s", (text, at) => {
    expect(parseInstant(text, "--since", NOW).toISOString()).toBe(at);
  });

  test.each([
    "2026-02-31T00:00:00Z",
    "2026-02-29T00:00:00Z",
    "2026-04-31T00:00:00+02:00",
    "2026-13-01T00:00:00Z",
    "2026-11-22T25:00:00Z",
    "2026-11-22T02:00:60Z",
    "26-11-22T02:00:00Z",
    "yesterday",
    "",
    "ago",
    "0m ago",
    "12m",
    "12m  ago",
    "-5m ago",
    "999999y ago",
    "1795312800000",
    "on 2026-11-22",
    "on 2026-11-22T02:00:00Z",
    "2026-11-22 or so",
    "some 12m ago",
    "12m ago or so",
  ])("%j is refused", (text) => {
    expect(() => parseInstant(text, "--since", NOW)).toThrow(
      expect.objectContaining({
        kind: "usage",
        message: `--since: "${text}" is not an instant`,
        hint: "write 2026-11-22T02:00:00Z, 2026-11-22T07:30:00+05:30 or 12m ago",
      }),
    );
  });

  test("nothing may follow it", () => {
    expect(() => parseInstant("2026-11-22T02:00:00Z sharp", "--since", NOW)).toThrow(/is not an instant/);
  });

  test.each(["2026-11-22", "2026-11-22T02:00:00", "2026-11-22 02:00:00", "2026-11-22T02:00"])(
    "%s is refused because it has no offset",
    (text) => {
      expect(() => parseInstant(text, "--since", NOW)).toThrow(
        `--since: "${text}" is not an instant: it has no offset from UTC`,
      );
    },
  );

  test("comes back from its text, in any offset", () => {
    const offsets = ["Z", "+00:00", "+05:30", "-09:30", "+14:00"] as const;
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date("2199-01-01Z"), noInvalidDate: true }),
        fc.constantFrom(...offsets),
        (at, offset) => {
          const sign = offset.startsWith("-") ? -1 : 1;
          const [hours = 0, minutes = 0] = offset === "Z" ? [] : offset.slice(1).split(":").map(Number);
          const local = new Date(at.getTime() + sign * (hours * 60 + minutes) * 60_000);
          const text = `${local.toISOString().slice(0, -1)}${offset}`;
          expect(parseInstant(text, "--since", NOW)).toEqual(at);
        },
      ),
    );
  });
});

test("a day that the calendar does not have is no instant", () => {
  expect(parseIso("2027-02-29T00:00:00Z")).toBeUndefined();
  expect(parseIso("not a date")).toBeUndefined();
  expect(parseIso("2028-02-29T00:00:00Z")?.toISOString()).toBe("2028-02-29T00:00:00.000Z");
});

test("an instant for people is in UTC, to the second", () => {
  expect(formatInstant(new Date("2026-11-22T02:00:00.999Z"))).toBe("2026-11-22 02:00:00 UTC");
});
