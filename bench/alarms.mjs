/**
 * npm run bench, or alone `node bench/alarms.mjs`: what `alarms audit` asks of AWS, and how much memory it takes at most, by
 * how many more alarms there are that nobody declared, with and without the prefix that the policy owns.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { measure, scratch } from "./tool.mjs";

const COUNTS = [0, 2_000, 10_000];
const OWNED = "litally-extra-";

console.log("\nalarms audit against a sandbox in another process\n");
console.log(" alarms  prefix          calls of AWS  peak MiB      ms");
for (const prefix of [OWNED, "other-"]) {
  for (const count of COUNTS) {
    const { status, calls, peakMiB, ms } = await audited(count, prefix);
    const wanted = count > 0 && prefix === OWNED ? 1 : 0;
    if (status !== wanted) throw new Error(`an audit beside ${count} alarms named ${prefix}* ended with ${status}`);
    const [alarms, asked] = [String(count).padStart(7), String(calls).padStart(12)];
    console.log([alarms, prefix.padEnd(14), asked, String(peakMiB).padStart(8), ms.toFixed(0).padStart(6)].join("  "));
  }
}

async function audited(count, prefix) {
  const world = fork(join(import.meta.dirname, "alarm-world.mjs"), [String(count), prefix]);
  const [variables] = await once(world, "message");
  const env = { ...process.env, ...variables, XDG_CACHE_HOME: scratch };
  delete env.LITALLY_OPS_SANDBOX; // its clock is ours: nothing was advanced
  measure(["alarms", "audit"], env); // warms the compile cache
  await requests(world);
  const { status, peakMiB, ms } = measure(["alarms", "audit"], env);
  const calls = await requests(world);
  world.disconnect();
  return { status, calls, peakMiB, ms };
}

async function requests(world) {
  world.send("requests");
  const [count] = await once(world, "message");
  return count;
}
