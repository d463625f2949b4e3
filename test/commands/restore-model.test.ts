/** Whatever is asked for, in whatever world: what must never be ordered is never ordered. Counted at the server. */
import { copyFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { files } from "../../src/adapters/files.ts";
import { exitCodeOf, exitCodeOfError } from "../../src/cli/exit-code.ts";
import * as apply from "../../src/commands/restore-apply.ts";
import * as collections from "../../src/commands/restore-collections.ts";
import * as pitr from "../../src/commands/restore-pitr.ts";
import * as snapshot from "../../src/commands/restore-snapshot.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Report } from "../../src/core/report.ts";
import { PROJECT } from "../sandbox/client.ts";
import { isOrder, orders, RESTORE_POLICY } from "../support/restores.ts";
import { openWorld, type WorldRun } from "../support/world.ts";

const TARGETS = ["litally-drill", "litally-core", "litally-ledger", "litally-scratch", "LITALLY-CORE", "nowhere"];
const PROTECTED = ["litally-core", "litally-ledger"];
const DATABASES = ["core", "ledger", "scratch"];
const MINUTES = 60_000;
const STARTED_MS = Date.parse("2026-11-22T02:00:00Z");
const DAY_MS = 24 * 60 * MINUTES;

const names = fc.array(fc.constantFrom(...TARGETS), { maxLength: 2 });
const situation = fc.record({
  world: fc.constantFrom(
    ...[
      "healthy",
      "healthy",
      "healthy",
      "healthy",
      "restore-wrong-target",
      "restore-wrong-target",
      "restore-fails",
      "target-busy",
      "snapshot-fails",
      "sharded",
    ],
    ...["restore-unknown-state", "window-short", "continuous-off", "forbidden-snapshots", "target-paused"],
  ),
  faults: fc.constantFrom([], [], ["reset-before-write=1"], ["reset-after-write=1"], ["500-after-write=2"], ["429=2"]),
  kind: fc.constantFrom("pitr", "snapshot", "collections"),
  database: fc.constantFrom(...DATABASES),
  to: fc.oneof({ weight: 3, arbitrary: fc.constant("litally-drill") }, fc.constantFrom(...TARGETS)),
  agoMinutes: fc.constantFrom(-5, 0, 12, 90, 600, 600, 2 * 1440, 7 * 1440 - 3, 7 * 1440 - 20, 7 * 1440 + 1, 40 * 1440),
  flags: fc.record({
    inPlace: fc.integer({ min: 0, max: 3 }).map((number) => number === 0),
    allowBusy: fc.boolean(),
    undo: fc.boolean(),
    wait: fc.boolean(),
    dryRun: fc.integer({ min: 0, max: 9 }).map((number) => number === 0),
  }),
  /** Consent: the right name given or typed, or whatever. */
  consent: fc.constantFrom("given", "typed", "random", "plan", "plan"),
  confirm: names,
  answers: names,
  thinksMs: fc.constantFrom(0, 0, 5 * MINUTES, 29 * MINUTES, 31 * MINUTES, 10 * DAY_MS),
  abortAfterMs: fc.option(fc.constantFrom(5_000, 120_000, 300_000), { nil: undefined, freq: 2 }),
});
type Situation = typeof situation extends fc.Arbitrary<infer T> ? T : never;

it("no restore is ordered that must not be", { timeout: 120_000 }, async () => {
  const ordered = { count: 0, plans: 0 };
  await fc.assert(
    fc.asyncProperty(situation, async (now) => {
      const orderedAt: Date[] = [];
      const world = await openWorld({
        onSent: ({ method, path }) => {
          if (method === "POST" && isOrder(path)) orderedAt.push(world.sandbox.now());
        },
        policy: RESTORE_POLICY,
        world: now.world,
        faults: now.faults,
        thinksMs: now.thinksMs,
        answers: now.consent === "typed" ? [now.to] : [...now.answers],
        ...(now.abortAfterMs === undefined ? {} : { abortAfterMs: now.abortAfterMs }),
      });
      const folder = await mkdtemp(join(tmpdir(), "restore-model-"));
      try {
        const codes =
          now.consent === "plan" ? await planned(world, now, folder) : [await attempt(() => restore(world, now, {}))];
        judge(world, now, orderedAt[0]);
        judgeCodes(codes, world, now);
        ordered.count += orders(world.sent).length;
        ordered.plans += now.consent === "plan" ? orders(world.sent).length : 0;
      } finally {
        await world.close();
        await rm(folder, { recursive: true });
      }
    }),
    { numRuns: 250 },
  );
  expect(ordered.count).toBeGreaterThan(15); // or nothing was tried
  expect(ordered.plans).toBeGreaterThan(5);
});

/** Well is at most one of them, and only where an order was given whose end is good, or not waited for. */
function judgeCodes(codes: readonly number[], { sent }: WorldRun, { world, flags, consent }: Situation): void {
  const well = codes.filter((code) => code === 0).length;
  expect(well).toBeLessThanOrEqual(orders(sent).length);
  const ends = flags.wait || consent === "plan";
  if (ends && ["restore-fails", "restore-unknown-state"].includes(world)) expect(well).toBe(0);
  if (world === "restore-wrong-target") expect(well).toBe(0);
}

function judge({ sent }: WorldRun, now: Situation, orderedAt: Date | undefined): void {
  const { to, database, flags, kind, consent, agoMinutes } = now;
  const all = orders(sent);
  expect(all.length).toBeLessThanOrEqual(1);
  const [order] = all;
  if (order === undefined) return;
  const { targetClusterName: target, targetGroupId, ...body } = JSON.parse(order.body);
  expect([target, targetGroupId]).toEqual([to, PROJECT]);
  const isSource = target.toLowerCase() === `litally-${database}`;
  expect(flags.dryRun && consent !== "plan").toBe(false);
  expect(isSource && !flags.inPlace).toBe(false);
  expect(PROTECTED.includes(target.toLowerCase()) && !isSource).toBe(false);
  const isConsented = {
    given: true,
    typed: now.thinksMs <= 30 * MINUTES,
    plan: true,
    random: now.confirm.includes(to) ? now.confirm.every((name) => name === to) : now.answers[0] === to,
  };
  expect(isConsented[consent]).toBe(true);
  if (kind === "snapshot") return;
  const atMs = STARTED_MS - agoMinutes * MINUTES;
  expect((body.pointInTimeUTCSeconds ?? body.pointInTimeUtcSeconds) * 1000).toBe(atMs);
  expect(agoMinutes).toBeGreaterThan(0);
  const windowMs = now.world === "window-short" && database === "core" ? 2 * DAY_MS : 7 * DAY_MS;
  expect((orderedAt?.getTime() ?? 0) - atMs).toBeLessThanOrEqual(windowMs);
  expect(now.world === "continuous-off" && database === "core").toBe(false);
}

function restore(world: WorldRun, now: Situation, more: object): Promise<Report> {
  const { kind, database, to, flags, agoMinutes, consent } = now;
  const confirm = { given: [to], typed: [], random: now.confirm, plan: [] }[consent];
  const common = { database, to, ...flags, confirm, ...more };
  const at = new Date(STARTED_MS - agoMinutes * MINUTES).toISOString();
  if (kind === "pitr") return world.run(pitr, { ...common, at });
  if (kind === "snapshot") return world.run(snapshot, { ...common, snapshot: "latest" });
  return world.run(collections, { ...common, at, namespace: ["ledger.entries"], overwrite: flags.undo });
}

/** A plan is saved, and applied, and applied again, with or without the mark of its first use. */
async function planned(world: WorldRun, now: Situation, folder: string): Promise<readonly number[]> {
  const [file, copy] = [join(folder, "plan.json"), join(folder, "copy.json")];
  await attempt(() => restore(world, now, { planFile: file, dryRun: false }));
  const text = await readFile(file, "utf8").catch(() => null);
  if (text === null) return [];
  await copyFile(file, copy);
  const confirm = [await files.digest(text)];
  world.sandbox.advance(now.thinksMs);
  const codes: number[] = [];
  // of an order that never reached Atlas only the mark beside the plan tells
  const again = now.faults.some((fault) => fault === "reset-before-write=1") ? [file] : [file, copy];
  for (const path of [file, ...again]) codes.push(await attempt(() => world.run(apply, { file: path, confirm })));
  return codes;
}

/** The exit code; an error of ours is a refusal, a bug is none. */
async function attempt(run: () => Promise<Report>): Promise<number> {
  try {
    return exitCodeOf(await run(), false);
  } catch (error) {
    if (!(error instanceof OpsError) || error.kind === "bug") throw error;
    return exitCodeOfError(error.kind);
  }
}
