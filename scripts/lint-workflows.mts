/**
 * npm run workflows: whether the workflows and action.yml are right. GitHub's own language service reads them as GitHub
 * will; the rules below are ours: what GitHub takes without a word, and an operations job must not do.
 * Works on the repository in the current folder, or on the files that are named.
 */
import { existsSync, globSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { TextDocument } from "vscode-languageserver-textdocument";
import {
  isMap,
  isNode,
  isScalar,
  LineCounter,
  type Node,
  type ParsedNode,
  parseDocument,
  visit,
  type YAMLMap,
} from "yaml";

interface Problem {
  readonly line: number;
  readonly text: string;
}

/** The service imports JSON as bundlers allow it, and Node only with an attribute. */
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith(".json") ? { ...context, importAttributes: { type: "json" } } : context),
});
const { validate } = await import("@actions/languageservice/validate");

async function main(named: readonly string[]): Promise<void> {
  const files = named.length > 0 ? named : ["action.yml", ...globSync(".github/workflows/*.{yml,yaml}")];
  let count = 0;
  for (const file of files.toSorted()) {
    const text = readFileSync(file, "utf8");
    for (const { line, text: problem } of [...(await byGithub(file, text)), ...byUs(file, text)]) {
      process.stdout.write(`${file}:${line}: ${problem}\n`);
      count += 1;
    }
  }
  process.stdout.write(`${files.length} files, ${count} problems\n`);
  process.exitCode = count === 0 ? 0 : 1;
}

/** Whatever it says counts, warnings too: an unknown output of a step is one of them. */
async function byGithub(file: string, text: string): Promise<readonly Problem[]> {
  const place = basename(file) === "action.yml" ? "/action.yml" : `/.github/workflows/${basename(file)}`;
  const diagnostics = await validate(TextDocument.create(pathToFileURL(place).href, "yaml", 0, text), {});
  return diagnostics.map(({ range, message }) => ({ line: range.start.line + 1, text: String(message) }));
}

function byUs(file: string, text: string): readonly Problem[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const problems: Problem[] = [];
  const say = (node: Node | null | undefined, problem: string) =>
    problems.push({ line: lines.linePos(node?.range?.[0] ?? 0).line, text: problem });
  visit(document, {
    Pair: (_, { key, value }) => {
      if (!isScalar(key)) return;
      const at = value as ParsedNode | null; // of a document that was parsed from text
      RULES[String(key.value)]?.(at, (problem) => say(at, problem));
    },
  });
  if (isMap(document.contents)) {
    if (basename(file) === "action.yml") stepsKnown(document.contents, say);
    else workflow(document.contents, say);
  }
  return problems;
}

type Say = (problem: string) => void;
type SayAt = (node: Node | null | undefined, problem: string) => void;

/** By the name of a key, wherever it stands. */
const RULES: Readonly<Record<string, (value: ParsedNode | null, say: Say) => void>> = {
  run: (value, say) => {
    if (!isScalar(value)) return;
    const script = String(value.value);
    if (script.includes("${{")) say("an expression in a script becomes part of its code: hand it over in env");
    if (/(^|\s)set\s+-\w*x|\beval\b/.test(script)) say("set -x tells secrets, and eval runs them");
  },
  uses: (value, say) => {
    if (!isScalar(value)) return;
    const name = String(value.value);
    if (name.startsWith("./")) return;
    if (!/@[0-9a-f]{40}$/.test(name)) say(`${name} is not pinned to a commit: a tag can be moved`);
    else if (!/^ v\d+\.\d+\.\d+$/.test(value.comment ?? "")) say(`${name}: say which version that is, as # v1.2.3`);
  },
  "continue-on-error": (_, say) => say("it turns red into green"),
  pull_request_target: (_, say) => say("it runs with the secrets of the repository on the code of strangers"),
  secrets: (value, say) => {
    if (isScalar(value) && value.value === "inherit") say("name the secrets that it needs");
  },
  cron: (value, say) => {
    if (isScalar(value) && /^(0|\*)(\s|\/)/.test(String(value.value)))
      say("many schedules begin on the hour, where GitHub delays or drops some: take another minute");
  },
};

function workflow(top: YAMLMap, say: SayAt): void {
  for (const key of ["permissions", "concurrency"]) if (!top.has(key)) say(top, `no ${key}`);
  const jobs = top.get("jobs");
  if (!isMap(jobs)) return;
  const shell = top.getIn(["defaults", "run", "shell"]);
  for (const { key, value: job } of jobs.items) {
    if (!isMap(job)) continue;
    if (!job.has("timeout-minutes")) say(nodeOf(key), `job ${key} has no timeout-minutes: it would run for six hours`);
    for (const step of stepsOf(job)) {
      if (step.has("run") && shell !== "bash" && step.get("shell") !== "bash")
        say(step, "without shell: bash a script goes on where a pipe broke");
      if (step.get("uses") === "./") ownAction(step, say);
    }
  }
}

/** What a step hands to the action of this repository. */
function ownAction(step: YAMLMap, say: SayAt): void {
  if (!existsSync("action.yml")) return;
  const inputs = parseDocument(readFileSync(resolve("action.yml"), "utf8")).get("inputs");
  const given = step.get("with");
  if (!isMap(inputs)) return;
  const names = isMap(given) ? given.items.map(({ key }) => String(key)) : [];
  for (const name of names) if (!inputs.has(name)) say(step, `action.yml has no input ${name}`);
  for (const { key, value } of inputs.items) {
    if (isMap(value) && value.get("required") === true && !names.includes(String(key)))
      say(step, `action.yml needs the input ${key}`);
  }
}

/** The service does not look at this in an action. */
function stepsKnown(action: YAMLMap, say: SayAt): void {
  const runs = action.get("runs");
  if (!isMap(runs)) return;
  const known = new Set(stepsOf(runs).map((step) => String(step.get("id"))));
  const inputs = action.get("inputs");
  visit(action, {
    Scalar: (_, node) => {
      const text = String(node.value);
      for (const [, id = ""] of text.matchAll(/\bsteps\.([\w-]+)/g)) if (!known.has(id)) say(node, `no step ${id}`);
      for (const [, name = ""] of text.matchAll(/\binputs\.([\w-]+)/g))
        if (!isMap(inputs) || !inputs.has(name)) say(node, `no input ${name}`);
    },
  });
}

function nodeOf(value: unknown): Node | null {
  return isNode(value) ? value : null;
}

function stepsOf(job: YAMLMap): readonly YAMLMap[] {
  const steps = job.get("steps");
  const items = typeof steps === "object" && steps !== null && "items" in steps ? steps.items : [];
  return Array.isArray(items) ? items.filter((item) => isMap(item)) : [];
}

await main(process.argv.slice(2));
