/**
 * Holds what the sandboxes of a whole run of tests were asked for against what src/rules/permissions says that commands can
 * ask for: nothing beyond it, and nothing in it that was never seen. hear-calls.cjs writes it down.
 */
import { existsSync, readFileSync } from "node:fs";
import { OPERATIONS } from "../../src/adapters/atlas/operations.ts";
import { AWS_CALLS } from "../../src/rules/permissions/aws-calls.ts";
import { ALONGSIDE, CALLS, type Calls, READING_RECORDS, RECORDED } from "../../src/rules/permissions/commands.ts";
import type { HeardCall } from "../../src/sandbox/heard.ts";
import { NOBODY } from "./agent.ts";

export interface Compared {
  readonly seen: number;
  /** Asked for, and not in the table. */
  readonly beyond: readonly string[];
  /** In the table, and never asked for. */
  readonly unseen: readonly string[];
}

const BESIDE: Readonly<Record<string, readonly string[]>> = ALONGSIDE;
const TABLE: Readonly<Record<string, Calls>> = CALLS;

export function compareCalls(file: string): Compared {
  const heard = (existsSync(file) ? readFileSync(file, "utf8") : "").split("\n").filter((line) => line !== "");
  const seen = new Set<string>();
  const beyond = new Set<string>();
  for (const line of heard) {
    const call: HeardCall = JSON.parse(line);
    const command = commandOf(call);
    if (command === null) continue;
    const named = callOf(call, command);
    const alongside = groupsOf(command).find((one) => BESIDE[one]?.includes(named));
    if (allOf(command).includes(named)) seen.add(`${command}: ${named}`);
    else if (alongside !== undefined) seen.add(`${alongside}: ${named}`);
    else beyond.add(`${command}: ${named}`);
  }
  const ofCommands = Object.keys(TABLE).flatMap((command) => allOf(command).map((call) => `${command}: ${call}`));
  const beside = Object.entries(BESIDE).flatMap(([one, calls]) => calls.map((call) => `${one}: ${call}`));
  const table = [...ofCommands, ...beside];
  return { seen: seen.size, beyond: [...beyond].toSorted(), unseen: table.filter((entry) => !seen.has(entry)) };
}

function allOf(command: string): readonly string[] {
  const { needs = [], asks = [] }: Partial<Calls> = TABLE[command] ?? {};
  return [...new Set([...needs, ...asks])];
}

/** What the command may call beside its own work. */
function groupsOf(command: string): readonly string[] {
  if (!(command in TABLE)) return [];
  const has = (names: ReadonlySet<string>) => names.has(command);
  return [
    "heartbeat",
    ...(has(RECORDED) || has(READING_RECORDS) ? ["recordRead"] : []),
    ...(has(RECORDED) ? ["recordWritten"] : []),
  ];
}

/** null: it was asked for by a test itself, or by a program that is not ours. */
function commandOf({ userAgent }: HeardCall): string | null {
  const found = /litally-ops\/\S+ (?:\(([^)]+)\)|command\/(\S+))/.exec(String(userAgent));
  const name = found?.[1] ?? Object.keys(TABLE).find((one) => one.replaceAll(" ", "-") === found?.[2]) ?? found?.[2];
  return name === undefined || name === NOBODY.command ? null : name;
}

/** As the table names it; else in the words of the sandbox. */
function callOf(call: HeardCall, command: string): string {
  if (call.service === "atlas") return atlasCall(call.operation);
  const name = `${call.service} ${call.operation}`;
  if (call.service === "s3") return s3Call(name, call);
  // which topic it was is not heard
  return allOf(command).includes(`${name} of any`) ? `${name} of any` : name;
}

const unnamed = (path: string) => path.replaceAll(/\{\w+\}/g, "{}");
const ATLAS = new Map(
  Object.entries(OPERATIONS).map(([id, { method, path }]) => [
    `${method} ${unnamed(path).replace("/api/atlas/v2/groups/{}", "")}`,
    id,
  ]),
);

function atlasCall(operation: string): string {
  return ATLAS.get(unnamed(operation)) ?? operation;
}

/** Not demanded of who reads an object: but without it, S3 does not say that there is none. */
const TELLS_ABSENCE = "s3:ListBucket";
/** Where the tests keep records of acts. */
const RECORDS = "litally-audit";
/** Where Atlas exports to, in every world. */
const EXPORTS = "litally-atlas-exports";
const GRANTS: Readonly<Record<string, readonly (readonly [string, string])[]>> = AWS_CALLS;

/** The sandbox knows by itself what IAM demands: the table must say the same. */
function s3Call(name: string, { resource, actions = [] }: HeardCall): string {
  const way = wayOf(name, resource, actions);
  const demanded = new Set((GRANTS[name + way] ?? []).map(([action]) => action).filter((one) => one.startsWith("s3:")));
  if (!actions.includes(TELLS_ABSENCE)) demanded.delete(TELLS_ABSENCE);
  const isSame = demanded.size === actions.length && actions.every((action) => demanded.has(action));
  return isSame ? name + way : `${name}${way}, for which IAM demands ${actions.join(" and ")}`;
}

/** Which of the ways it is that IAM tells apart. */
function wayOf(name: string, bucket: string | undefined, actions: readonly string[]): string {
  if (bucket === RECORDS) return " of records";
  if (actions.includes("s3:PutObjectRetention")) return " locked";
  if (bucket === EXPORTS) return " of exports";
  const isOfVersion = actions.some((action) => /^s3:GetObject\w*Version/.test(action));
  return isOfVersion && !name.includes("Copy") ? " of a version" : "";
}
