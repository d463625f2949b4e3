/**
 * node bench/retention.mjs: how long a proof of retention takes, from what Atlas answers to the verdict, for 20 databases of
 * six tiers, over growing horizons: it must grow no faster than they do. Milliseconds of CPU, the least of some rounds; and,
 * whatever else the machine does, how often an instant of any point is read for each slot. Then one database that keeps every
 * hour for ever longer, also for a slot of a year: what that costs for each point must not grow with the points.
 */
import { createRequire } from "node:module";
import { join } from "node:path";
import { build } from "rolldown";
import { scratch } from "./tool.mjs";

const HERE = import.meta.dirname;
await build({
  cwd: join(HERE, ".."),
  input: { parts: "bench/retention-parts.ts" },
  platform: "node",
  output: { dir: join(scratch, "retention"), format: "cjs" },
  logLevel: "silent",
});
const parts = createRequire(import.meta.url)(join(scratch, "retention/parts.js"));
const { DAY_MS, tryParseDuration, prove, tiersOf, snapshotSupply, failureBudgets, coverageOver } = parts;
const { aCopySetting, aSchedule, anItem, facts, NOW } = parts;

const DATABASES = 20;
const ROUNDS = 5;
const retain = (text) => tryParseDuration(text);
const snapshots = [
  { frequency: "hourly", retain: retain("7d"), every: retain("6h") },
  { frequency: "daily", retain: retain("30d") },
  { frequency: "weekly", retain: retain("3mo") },
  { frequency: "monthly", retain: retain("2y") },
  { frequency: "yearly", retain: retain("5y") },
];
const copied = ["hourly", "daily", "weekly", "monthly", "yearly"]; // a Saturday's snapshot is no daily one
const copies = [{ region: "ap-southeast-1", frequencies: ["daily"], oplogs: true }];
const items = [
  anItem("hourly", 7),
  anItem("daily", 30),
  anItem("weekly", 93),
  anItem("monthly", 1, { interval: 40, retention: { value: 24, unit: "months" } }),
  anItem("yearly", 1, { interval: 12, retention: { value: 5, unit: "years" } }),
];

function proveOne(years, look) {
  const backup = facts({
    database: { snapshots, copies },
    schedule: aSchedule({ items, copySettings: [aCopySetting({ frequencies: copied })] }),
  });
  const untilMs = NOW.getTime() + years * 365 * DAY_MS;
  const policy = { databases: [backup.database], archives: [] };
  const tiers = tiersOf(policy, backup.database, () => null, 6);
  const horizon = { fromMs: NOW.getTime(), untilMs, bornMs: NOW.getTime() };
  let points = 0;
  let owed = 0;
  for (const reading of ["pessimistic", "optimistic"]) {
    const { supply } = snapshotSupply({ backup, projectId: "p", untilMs, reading, firstByteMs: null });
    const looked = look === undefined ? supply : { ...supply, points: supply.points.map(look) };
    const proof = prove(looked, tiers, horizon);
    if (proof.breach !== null) throw new Error(`${proof.breach.slot.tier.id} breaks on ${proof.breach.day}`);
    points = supply.points.length;
    owed = proof.tiers.reduce((sum, tier) => sum + tier.owed, 0);
  }
  return { points, owed, tiers: tiers.length };
}

/** Reads of instants by both proofs. */
function readsOf(years) {
  let reads = 0;
  const count = (point) =>
    new Proxy(point, {
      get: (target, name) => {
        if (name === "dataMs" || name === "untilMs") reads += 1;
        return target[name];
      },
    });
  proveOne(years, count);
  return reads;
}

/** What one round costs at the least. */
function cpuMs(years) {
  let least = Number.POSITIVE_INFINITY;
  for (let round = 0; round < ROUNDS; round += 1) {
    const before = process.cpuUsage();
    for (let database = 0; database < DATABASES; database += 1) proveOne(years);
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

const HORIZONS = [1, 5, 10, 20];
const costs = HORIZONS.map(cpuMs); // before anything is counted: what counts is slow, and slows down what it counts
console.log(`${DATABASES} databases, at worst and at best\n`);
console.log("years  tiers  points each  slots each  CPU ms  ms a year  reads a slot");
for (const [index, years] of HORIZONS.entries()) {
  const { tiers, points, owed } = proveOne(years);
  const reads = (readsOf(years) / 2 / owed).toFixed(1);
  const cells = [years, tiers, points, owed, costs[index].toFixed(0), (costs[index] / years).toFixed(0), reads];
  console.log(cells.map((cell, column) => String(cell).padStart([5, 5, 11, 10, 6, 9, 12][column])).join("  "));
}

/** What the failure budgets cost, and the map of a month of days. */
function dense(keptDays) {
  const kept = retain(`${keptDays}d`);
  const backup = facts({
    database: {
      snapshots: [
        { frequency: "hourly", retain: kept, every: retain("1h") },
        { frequency: "yearly", retain: kept },
      ],
    },
    schedule: aSchedule({ items: [anItem("hourly", keptDays, { interval: 1 })] }),
  });
  const fromMs = NOW.getTime();
  const untilMs = fromMs + 3 * keptDays * DAY_MS;
  // years first: nothing cuts them short
  const tiers = tiersOf({ databases: [backup.database], archives: [] }, backup.database, () => null, 1).toReversed();
  const { supply } = snapshotSupply({ backup, projectId: "p", untilMs, reading: "optimistic", firstByteMs: null });
  const [budgets, map] = [
    () => failureBudgets(supply, tiers, ["hourly", "daily"], { fromMs, untilMs, bornMs: fromMs }),
    () => {
      const days = Array.from({ length: 30 }, (_, day) => fromMs + (2 * keptDays + day) * DAY_MS);
      for (const { spans } of coverageOver(supply, days, { horizonMs: keptDays * DAY_MS, bornMs: fromMs }))
        spans.length;
    },
  ].map((work) => {
    const before = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000;
  });
  return { points: supply.points.length, budgets, map };
}

dense(366); // warms up
console.log("\nevery hour kept for  points  budgets CPU ms  us a point  map CPU ms  us a point");
for (const days of [366, 732, 1464]) {
  const { points, budgets, map } = dense(days);
  const cells = [`${days} days`, points, budgets.toFixed(0), ((budgets * 1000) / points).toFixed(1), map.toFixed(0)];
  cells.push(((map * 1000) / points).toFixed(1));
  console.log(cells.map((cell, column) => String(cell).padStart([19, 6, 14, 10, 10, 10][column])).join("  "));
}
