/**
 * No false green: in every world in which something is wrong with backups or archives, or cannot be read, `retention check` and
 * `retention simulate` say so, unless it was reviewed and found to be none of theirs.
 */
import { expect, test } from "vitest";
import * as check from "../src/commands/retention-check.ts";
import * as simulate from "../src/commands/retention-simulate.ts";
import { worst } from "../src/core/report.ts";
import { listWorlds } from "../src/sandbox/sandbox.ts";
import { ARCHIVED_POLICY } from "./support/archives.ts";
import { inWorld } from "./support/world.ts";

/** Worlds in which another command finds what is wrong, and every restore point is there and will be. */
const GREEN: Readonly<Record<string, string>> = {
  "failed-last": "of the period of the one that failed nothing is owed yet; the next may be a good one",
  "on-demand-only": "who took a snapshot is irrelevant, and the schedule that is to take the next ones stands",
  "size-drop": "it is whole; that it is small is for people to look at",
  "key-changed": "whose keys are trusted is irrelevant: the snapshots are there",
  "archive-wrong-class": "a matter of cost",
};

/** What `simulate` does not say and `check` does. */
const GREEN_TO_COME: Readonly<Record<string, string>> = {
  ...GREEN,
  "archive-unlocked": "that somebody could delete it does not mean that anything will",
  "archive-short-lock": "the same",
};

/** Beyond a year, after which a rule of one world expires archives. */
const UNTIL = "400d";

/** Sound worlds that look otherwise than the healthy one. */
const SOUND = ["healthy", "sharded", "newborn", "late", "copies-by-item", "archive-rotten"];

const judge = async (name: string) => {
  const world = await inWorld({ world: name, policy: ARCHIVED_POLICY, hasArchives: true });
  const today = await world.run(check, { databases: [] });
  const toCome = await world.run(simulate, { databases: [], until: UNTIL });
  const isGreen = (findings: typeof today.findings) => ["pass", "warn"].includes(worst(findings));
  return { check: isGreen(today.findings), simulate: isGreen(toCome.findings) };
};

test.each(SOUND)("the world %s is green", async (name) => {
  expect(await judge(name)).toEqual({ check: true, simulate: true });
});

const BROKEN = listWorlds().filter(
  ({ command, verdict }) => command.endsWith(" verify") && (verdict === "fail" || verdict === "unknown"),
);

test.each(BROKEN)("the world $name is not, unless that was reviewed", async ({ name }) => {
  expect(await judge(name)).toEqual({ check: name in GREEN, simulate: name in GREEN_TO_COME });
});

test("what was reviewed is there", () => {
  const names = BROKEN.map(({ name }) => name);
  expect(Object.keys(GREEN_TO_COME).filter((name) => !names.includes(name))).toEqual([]);
});
