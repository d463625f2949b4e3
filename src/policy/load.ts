import { readFileSync, statSync } from "node:fs";
import { type Duration, formatDuration } from "../core/duration.ts";
import { OpsError } from "../core/error.ts";
import { MAX_POLICY_BYTES, type PolicyDocument, readDocument } from "./document.ts";
import type { Environment } from "./environment.ts";
import { readPolicyData } from "./explain.ts";
import { formatPath, type Path, policyError } from "./problem.ts";
import { policyProblems } from "./rules.ts";
import type { Policy } from "./schema.ts";

/** A policy that holds together, and what may be shown of it. */
export interface LoadedPolicy {
  readonly file: string;
  readonly policy: Policy;
  /** The policy as it counts: defaults filled in, durations as text, what came from the environment by its reference. */
  readonly effective: () => unknown;
  /** `file:line` of the value at a path such as `databases[0].grace`; null where nothing is written there. */
  readonly lineOf: (path: string) => string | null;
  /** Values from the environment that must never be printed. */
  readonly secrets: readonly string[];
}

/** Reads and judges the policy file; throws OpsError `config` with all problems. */
export function readPolicy(file: string, env: Environment): LoadedPolicy {
  return parsePolicy(readText(file), file, env);
}

/** The text of a policy, judged; `file` is its name in messages. Throws OpsError `config` with all problems. */
export function parsePolicy(text: string, file: string, env: Environment): LoadedPolicy {
  const document = readDocument(text, env);
  if (document.data === undefined) throw policyError(file, document, document.problems);
  const reading = readPolicyData(document);
  const problems = [...document.problems, ...reading.problems, ...policyProblems(reading, document)];
  const { policy } = reading;
  if (policy === undefined || problems.length > 0) throw policyError(file, document, problems);
  const lineOf = (path: string) => {
    const place = document.places.get(path);
    return place === undefined ? null : `${file}:${document.lineAndColumn(place.valueOffset).line}`;
  };
  return { file, policy, effective: () => shown(policy, [], document), lineOf, secrets: secretsOf(document) };
}

function readText(file: string): string {
  try {
    const stats = statSync(file);
    if (!stats.isFile())
      throw new OpsError("config", `${file} is not a file`, { hint: "name a policy file with --config" });
    if (stats.size > MAX_POLICY_BYTES) {
      throw new OpsError("config", `${file}:1:1: the file has ${stats.size} bytes; write at most ${MAX_POLICY_BYTES}`);
    }
    return new TextDecoder("utf-8", { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    throw fileError(file, error);
  }
}

function fileError(file: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") {
    const hint = "litally-ops config init writes one to start from; --config names another";
    return new OpsError("config", `there is no policy file ${file}`, { hint, cause: error });
  }
  if (code === "ERR_ENCODING_INVALID_ENCODED_DATA") {
    return new OpsError("config", `${file}:1:1: the file is not UTF-8; save it as UTF-8`, { cause: error });
  }
  if (typeof code !== "string") return error;
  return new OpsError("config", `the policy file ${file} cannot be read (${code})`, { cause: error });
}

/** Ids that name a place and open nothing: they may be shown although they came from the environment. */
const PUBLIC: ReadonlySet<string> = new Set(["atlas.projectId", "aws.accountId"]);

function secretsOf(document: PolicyDocument): readonly string[] {
  const secret = [...document.taken].filter(([path]) => !PUBLIC.has(path));
  return [...new Set(secret.flatMap(([, values]) => values))];
}

/** What was written wins, for it holds nothing secret; what was not written is a default. */
function shown(value: unknown, path: Path, document: PolicyDocument): unknown {
  const key = formatPath(path);
  const written = document.places.get(key)?.written;
  if (typeof written === "object") return PUBLIC.has(key) ? value : written.scalar;
  if (Array.isArray(value)) return value.map((item, index) => shown(item, [...path, index], document));
  if (typeof value !== "object" || value === null) return value;
  if (isDuration(value)) return formatDuration(value);
  const entries = Object.entries(value).map(([name, item]) => [name, shown(item, [...path, name], document)]);
  return Object.fromEntries(entries);
}

function isDuration(value: object): value is Duration {
  return "value" in value && "unit" in value;
}
