/** What tests of restores have in common: a policy with protected clusters, and the orders as the sandbox got them. */
import type { Report } from "../../src/core/report.ts";
import { change, get, PROJECT } from "../sandbox/client.ts";
import type { Sent } from "./counter.ts";
import { inWorld, type WorldOptions, type WorldRun } from "./world.ts";

const database = (name: string, isProtected: boolean) => `
  - name: ${name}
    cluster: litally-${name}
    protected: ${isProtected}
    continuousBackup: { window: 7d }
    snapshots:
      - { frequency: daily, retain: 30d }`;

/** Two protected databases and one that is not; beside them stands `litally-drill`, which the policy does not know. */
export const RESTORE_POLICY = `version: 1
environment: test
atlas: { projectId: ${PROJECT} }
databases:${database("core", true)}${database("ledger", true)}${database("scratch", false)}
`;

/** Ends with the test. */
export function restoreWorld(options: WorldOptions = {}): Promise<WorldRun> {
  return inWorld({ policy: RESTORE_POLICY, ...options });
}

/** Orders to restore that reached the sandbox; one that was asked to authenticate itself first is sent once more. */
export function orders(sent: readonly Sent[]): readonly Sent[] {
  return sent.filter(({ method, path, status }) => method === "POST" && isOrder(path) && status !== 401);
}

export function isOrder(path: string): boolean {
  return /\/(restoreJobs|collectionRestoreJobs)$/.test(path);
}

export function snapshotsTaken(sent: readonly Sent[]): readonly string[] {
  return sent
    .filter(({ method, path, status }) => method === "POST" && path.endsWith("/backup/snapshots") && status !== 401)
    .map(({ path }) => path.split("/").at(-3) ?? "");
}

export const stepsOf = (report: Report) => report.change?.steps.map(({ state }) => state);

/** The job's id as the report names it. */
export function jobIdOf(report: Report): string {
  const ids = report.change?.steps.flatMap(({ result }) => result?.["jobId"] ?? []);
  return String(ids?.[0]);
}

/** A restore from the newest snapshot of core that somebody else orders, past the tool; its id. */
export async function orderedByAnother({ sandbox }: WorldRun, order: object): Promise<string> {
  const snapshots = await get(sandbox, "/clusters/litally-core/backup/snapshots");
  const job = await change(sandbox, "POST", "/clusters/litally-core/backup/restoreJobs", {
    snapshotId: snapshots.json.results[0].id,
    ...order,
  });
  return String(job.json.id);
}
