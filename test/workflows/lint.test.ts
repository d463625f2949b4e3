/** npm run workflows: ours are right, and one that is broken does not pass. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const ROOT = resolve(import.meta.dirname, "../..");

function lint(...files: readonly string[]) {
  const { status, stdout, stderr } = spawnSync("node", ["scripts/lint-workflows.mts", ...files], {
    cwd: ROOT,
    encoding: "utf8",
  });
  expect(stderr).toBe("");
  return { exitCode: status, said: stdout };
}

/** Each line that is wrong says why at its end. */
const WORKFLOW = `name: broken
on:
  schedule:
    - cron: "0 25 * * *" # Invalid cron expression
    - cron: "0 5 * * *" # many schedules begin on the hour
  pull_request_target: # with the secrets of the repository on the code of strangers
permissions: { contents: all } # Unexpected value 'all'
concurrency: broken
jobs:
  first: # has no timeout-minutes
    runs-on: ubuntu-24.04
    needs: nobody # Value 'nobody' is not valid
    steps:
      - run: echo "\${{ github.event.pull_request.title }}" # an expression in a script becomes part of its code
        shell: bash
      - run: eval "$WORDS" # eval runs them
        shell: bash
      - run: false | true # without shell: bash
      - run: exit 1
        shell: bash
        continue-on-error: true # it turns red into green
      - uses: actions/checkout@v6 # is not pinned to a commit
      - uses: actions/checkout@de0fac2e4500dabe0009e67214ff5f5447ce83dd
      - uses: ./ # action.yml has no input comand
        with: { comand: backup verify }
      - run: true
        shell: bash
        if: steps.nobody.outputs.x == 'y' # Context access might be invalid
      - run: true
        shell: bash
        env: { TOKEN: "\${{ secrets.TOKEN && }}" } # Unexpected end of expression
`;

const ACTION = `name: broken
description: broken
inputs:
  command: { description: what, required: true }
outputs:
  status: { description: how, value: "\${{ steps.nobody.outputs.status }}" } # no step nobody
runs:
  using: composite
  steps:
    - run: true # Required property is missing: shell
    - run: true
      shell: bash
      env: { COMMAND: "\${{ inputs.comand }}", TOKEN: "\${{ secrets.TOKEN }}" } # no input comand
`;

test("ours have no problem", () => expect(lint()).toEqual({ exitCode: 0, said: "6 files, 0 problems\n" }));

test("each mistake is told at its line, and fails the check", () => {
  const folder = mkdtempSync(join(tmpdir(), "litally-ops-lint-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const files = { [join(folder, "broken.yml")]: WORKFLOW, [join(folder, "action.yml")]: ACTION };
  for (const [file, text] of Object.entries(files)) writeFileSync(file, text);
  const { exitCode, said } = lint(...Object.keys(files));
  expect(exitCode).toBe(1);
  const told = said.split("\n");
  for (const [file, text] of Object.entries(files))
    for (const [index, line] of text.split("\n").entries()) {
      const [, why] = /# (.*)$/.exec(line) ?? [];
      if (why === undefined) continue;
      const place = `${file}:${index + 1}: `;
      expect(
        told.some((one) => one.startsWith(place) && one.includes(why)),
        `${place}${why}\n${said}`,
      ).toBe(true);
    }
  expect(said).toContain("say which version that is");
  expect(said).toContain("action.yml needs the input command");
  expect(said).toContain("Unrecognized named-value: 'secrets'");
});
