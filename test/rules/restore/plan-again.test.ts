/** The command that a person is given after a restore that did not end well asks for the same once more. */
import { expect, test } from "vitest";
import { planAgain } from "../../../src/rules/restore/plan-again.ts";
import { AT, COLLECTION_ORDER, CORE, DRILL } from "./build.ts";

const DATABASE = { name: "core", cluster: CORE };
const instant = { kind: "instant", at: AT } as const;
const snapshot = { kind: "snapshot", snapshotId: "6b0230f8b36361d8c3d64bd2" } as const;

test.each<[string, Parameters<typeof planAgain>[1], string]>([
  ["of an instant", { point: instant, targetName: DRILL }, "pitr core --at 2026-11-22T01:48:00Z --to litally-drill"],
  [
    "of a snapshot",
    { point: snapshot, targetName: DRILL },
    "snapshot core --snapshot 6b0230f8b36361d8c3d64bd2 --to litally-drill",
  ],
  [
    "in place",
    { point: instant, targetName: CORE },
    "pitr core --at 2026-11-22T01:48:00Z --to litally-core --in-place",
  ],
  [
    "of collections",
    { ...COLLECTION_ORDER, namespaces: ["a.b", "a.it's"] },
    "collections core --namespace a.b --namespace 'a.it'\\''s' --suffix _restored --at 2026-11-22T01:48:00Z --to litally-drill",
  ],
  [
    "of collections over others",
    { ...COLLECTION_ORDER, suffix: null, overwrites: true },
    "collections core --namespace app.accounts --overwrite --at 2026-11-22T01:48:00Z --to litally-drill",
  ],
])("%s", (_, order, words) => expect(planAgain(DATABASE, order)).toBe(`litally-ops restore ${words} --dry-run`));
