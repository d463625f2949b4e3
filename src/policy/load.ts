import { readFileSync, statSync } from "node:fs";
import { type Duration, formatDuration } from "../core/duration.ts";
import type { Environment } from "../core/environment.ts";
import { OpsError } from "../core/error.ts";
import { MAX_POLICY_BYTES, type PolicyDocument, readDocument } from "./document.ts";
import { readPolicyData } from "./explain.ts";
import { formatPath, type Path, policyError } from "./problem.ts";
import { policyProblems } from "./rules.ts";
import type { Draft, Policy } from "./schema.ts";

/** A part of the policy that a command may need or not. */
export type Section = Exclude<keyof Policy, (typeof ALWAYS)[number]>;

/** What every command goes by. */
const ALWAYS = ["version", "environment", "waivers"] as const satisfies readonly (keyof Policy)[];

/** A policy that holds together, with the sections that were asked for, and what may be shown of it. */
export interface LoadedPolicy<S extends Section = Section> {
  readonly file: string;
  readonly policy: Pick<Policy, (typeof ALWAYS)[number] | S>;
  /** What could be read of all sections: to tell what the policy names, and to go by in nothing else. */
  readonly draft: Draft<Policy>;
  /** The policy as it counts: defaults filled in, durations as text, what came from the environment by its reference. */
  readonly effective: () => unknown;
  /** `file:line` of the value at a path such as `databases[0].grace`; null where nothing is written there. */
  readonly lineOf: (path: string) => string | null;
  /** The same with its column. */
  readonly placeOf: (path: string) => string | null;
  /** Values from the environment that must never be printed. */
  readonly secrets: readonly string[];
}

/** What may be asked for: sections, and `pings`, the urls of the heartbeat, which hardly anybody needs to know. */
type Asked<S extends Section> = S | "pings";

/** The policy in force, or of it only the sections named: then the variables of the others need not be set. */
export type PolicySource = <S extends Section = Section>(...asked: readonly Asked<S>[]) => Promise<LoadedPolicy<S>>;

export const SECTIONS = [
  "atlas",
  "aws",
  "databases",
  "archives",
  "topics",
  "alarms",
  "heartbeat",
  "auditLog",
] as const satisfies readonly Section[];

/**
 * The text of a policy, judged; `file` is its name in messages. All of it is judged, but variables of the environment
 * are demanded for what is `asked` only, which is what comes back; for all where nothing is named. Throws OpsError
 * `config` with all problems.
 */
export function parsePolicy<S extends Section = Section>(
  text: string,
  file: string,
  env: Environment,
  asked: readonly Asked<S>[] = [],
): LoadedPolicy<S> {
  const document = readDocument(text, env);
  if (document.data === undefined) throw policyError(file, document, document.problems);
  const reading = readPolicyData(document);
  const isAll = asked.length === 0;
  const sections = isAll ? SECTIONS : asked.filter((one) => one !== "pings");
  const wanted: readonly (keyof Policy)[] = [...ALWAYS, ...sections];
  const isWanted = (path: Path) =>
    wanted.some((one) => one === path[0]) && (isAll || asked.includes("pings") || !isPing(path));
  const problems = [
    ...document.problems.filter((problem) => problem.isMissingVariable !== true || isWanted(problem.path)),
    ...reading.problems,
    ...policyProblems(reading, document),
  ];
  if (problems.length > 0 || !reading.isSound(isWanted)) throw policyError(file, document, problems);
  const found = wanted.flatMap((name) => (reading.draft[name] === undefined ? [] : [[name, reading.draft[name]]]));
  const policy = Object.fromEntries(found) as LoadedPolicy<S>["policy"]; // sound: it is what the schema says
  const placeOf = (path: string) => {
    const place = document.places.get(path);
    if (place === undefined) return null;
    const { line, column } = document.lineAndColumn(place.valueOffset);
    return `${file}:${line}:${column}`;
  };
  return {
    file,
    policy,
    draft: reading.draft,
    effective: () => shown(policy, [], document),
    lineOf: (path) => placeOf(path)?.replace(/:\d+$/, "") ?? null,
    placeOf,
    secrets: secretsOf(document),
  };
}

/** The urls of the heartbeat: whoever looks at schedules and alarms does not need them. */
function isPing(path: Path): boolean {
  return path[0] === "heartbeat" && path.at(-1) === "url";
}

/** The text of a policy file; OpsError `config` when there is none that can be read. */
export function readPolicyText(file: string): string {
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
  if (written === undefined && isDuration(value)) return formatDuration(value);
  const entries = Object.entries(value).map(([name, item]) => [name, shown(item, [...path, name], document)]);
  return Object.fromEntries(entries);
}

function isDuration(value: object): value is Duration {
  return "value" in value && "unit" in value;
}
