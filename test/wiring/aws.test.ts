/** All that is asked of AWS goes to the policy's account, in its region, or to the world's where a world is rehearsed in. */
import { expect, onTestFinished, test } from "vitest";
import { parsePolicy } from "../../src/policy/load.ts";
import { awsPorts } from "../../src/wiring/aws.ts";
import { serveWorld, worldAws } from "../../src/wiring/sandbox.ts";
import { NOBODY } from "../support/agent.ts";
import { policyText } from "../support/verify.ts";

const DAILY = "snapshots: [{ frequency: daily, retain: 30d }]";
const AWS = `aws: { accountId: "111122223333", region: ap-south-1 }
archives:
  - { name: vault, bucket: litally-vault, storageClass: GLACIER, objectLock: none, since: 2026-01, dueWithin: 3d,
      slots: [{ frequency: monthly, retain: 5y }] }
`;

async function portsOf(policy: string, log?: (line: string) => void) {
  const loaded = parsePolicy(policy, "policy.yaml", {});
  const startAt = new Date("2026-11-22T02:00:00Z");
  const world = { world: "healthy", policy: loaded.policy, faults: [], startAt, elapsedMs: () => 0, log: () => {} };
  const sandbox = await serveWorld(world);
  const opened: { close(): void | Promise<void> }[] = [];
  onTestFinished(async () => {
    for (const port of opened) await port.close();
    await sandbox.close();
  });
  const place = async () => ({ env: {}, policy: async () => loaded, aws: worldAws(sandbox.url) });
  const { signal } = new AbortController();
  return {
    opened,
    ports: awsPorts({
      by: NOBODY,
      signal,
      clock: { now: () => startAt, sleep: async () => {} },
      place,
      opened: (port) => opened.push(port),
      log,
    }),
  };
}

test("each port of a world answers for it, and is opened once and closed with the run", async () => {
  const { ports, opened } = await portsOf(policyText(DAILY) + AWS);
  const [aws, s3, keys] = [await ports.aws(), await ports.s3(), await ports.keys()];
  expect(await aws.identity()).toMatchObject({ accountId: "111122223333" });
  expect(await s3.getBucket("litally-vault")).toMatchObject({
    region: { known: true, value: "ap-south-1" },
    versioning: { known: true, value: "enabled" },
  });
  await expect(keys.getKey("alias/none")).rejects.toMatchObject({ kind: "not-found" });
  expect(await ports.s3()).toBe(s3);
  expect(opened).toEqual([aws, s3, keys]);
});

test("where the policy names no account, nothing is opened", async () => {
  const { ports, opened } = await portsOf(policyText(DAILY));
  for (const open of [ports.aws, ports.s3, ports.keys])
    await expect(open()).rejects.toMatchObject({ kind: "config", hint: "add aws.accountId and aws.region" });
  expect(opened).toEqual([]);
});

test("whoever wants to know is told of each call how it ended, and nothing of what stood in it", async () => {
  const lines: string[] = [];
  const { ports } = await portsOf(policyText(DAILY) + AWS, (line) => lines.push(line));
  await (await ports.aws()).identity();
  await expect((await ports.keys()).getKey("alias/ours-alone")).rejects.toMatchObject({ kind: "not-found" });
  expect(lines).toEqual([
    expect.stringMatching(/^STS GetCallerIdentity 200 \(attempts 1, request [\w-]+\)$/),
    expect.stringMatching(/^KMS DescribeKey 400 \(attempts \d, request [\w-]+\)$/),
  ]);
});
