/** Where Atlas does not say as which of two items it copies the snapshot of both. */
import { expect, test } from "vitest";
import type { CopySetting } from "../../../src/ports/atlas.ts";
import { copyDoubt } from "../../../src/rules/retention/copy-doubt.ts";
import { aCopySetting, anItem, aSchedule, facts, REGION } from "../build.ts";

const [HOURLY, DAILY, LONGER, WEEKLY] = [
  anItem("hourly", 7),
  anItem("daily", 7),
  anItem("daily", 8),
  anItem("weekly", 8, { interval: 6 }),
];
const DAILIES = aCopySetting({ frequencies: ["daily"] });

const doubt = (items: readonly (typeof HOURLY)[], setting: CopySetting, region = REGION) =>
  copyDoubt({ backup: facts({ schedule: aSchedule({ items, copySettings: [setting] }) }) }, region)?.remedy ?? null;

test.each([
  ["the copied one of two that are kept equally long", [HOURLY, DAILY], DAILIES, "keep daily a day longer than hourly"],
  ["it, of weeklies too", [HOURLY, LONGER, WEEKLY], DAILIES, "keep daily a day longer than weekly"],
] as const)("there is one about %s", (_, items, setting, remedy) => {
  expect(doubt(items, setting)).toContain(remedy);
});

test.each([
  ["of what is kept longer", [HOURLY, LONGER], DAILIES, REGION],
  ["of what is copied whichever it is", [HOURLY, DAILY], aCopySetting({ frequencies: ["hourly", "daily"] }), REGION],
  ["elsewhere", [HOURLY, DAILY], DAILIES, "eu-west-1"],
] as const)("there is none about a copy %s", (_, items, setting, region) => {
  expect(doubt(items, setting, region)).toBeNull();
});
