/**
 * Ends a test run with one plain line: `N passed, N failed`, and names what was not run. What sandboxes were asked for beyond
 * the table of calls, and what of it was never asked for, counts as failed.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Reporter, TestModule, Vitest } from "vitest/node";
import type { Compared } from "./calls.mts";

export class SummaryReporter implements Reporter {
  readonly #callsFile: string;
  #vitest: Vitest | undefined;

  constructor(callsFile: string) {
    this.#callsFile = callsFile;
  }

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  async onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): Promise<void> {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const count = (state: string) => tests.filter((test) => test.result().state === state).length;
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const skipped = count("skipped");
    const wrongCalls = this.#vitest === undefined ? 0 : await this.#judgeCalls(this.#vitest, modules);
    const failed = count("failed") + brokenModules + errors.length + wrongCalls;
    if (wrongCalls > 0) process.exitCode = 1;
    say(`${count("passed")} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
  }

  /** How many are wrong: each is named. */
  async #judgeCalls(vitest: Vitest, modules: readonly TestModule[]): Promise<number> {
    const { compareCalls } = await vitest.import<Comparing>(join(import.meta.dirname, "calls.mts"));
    const { seen, beyond, unseen } = compareCalls(this.#callsFile);
    if (this.#callsFile.includes(String(process.pid))) rmSync(this.#callsFile, { force: true }); // else somebody keeps it
    for (const call of beyond) say(`call of a sandbox that src/rules/permissions/commands.ts does not know: ${call}`);
    if (!(await isWhole(vitest, modules))) {
      say(`calls: ${seen} seen, ${beyond.length} beyond the table; not every test ran, so none is missed`);
      return beyond.length;
    }
    for (const call of unseen) say(`entry of src/rules/permissions/commands.ts that no test has used: ${call}`);
    say(`calls: ${seen} seen, ${beyond.length} beyond the table, ${unseen.length} never seen`);
    return beyond.length + unseen.length;
  }
}

interface Comparing {
  readonly compareCalls: (file: string) => Compared;
}

async function isWhole(vitest: Vitest, modules: readonly TestModule[]): Promise<boolean> {
  const all = await vitest.globTestSpecifications();
  return vitest.config.testNamePattern === undefined && modules.length === all.length;
}

function say(line: string): void {
  // biome-ignore lint/suspicious/noConsole: a reporter's business
  console.log(line);
}
