/**
 * Where the objects of archives stand in their bucket, built and parsed. Keys are readable and sort by time:
 *
 *     <prefix><database>/<YYYY-MM>/manifest.json
 *     <prefix><database>/<YYYY-MM>/push.json
 *     <prefix><database>/<YYYY-MM>/<snapshotId>/<replicaSet>.tar.gz
 *     <prefix><database>/<YYYY-MM>/<snapshotId>/export/<as Atlas named it>
 *     <prefix><database>/deep/<YYYY-MM>.json
 */
import { OpsError } from "../../core/error.ts";
import { isMonth } from "./slots.ts";

/** The folder of one database. */
export interface Place {
  /** As the policy has it: empty, or ending with a slash. */
  readonly prefix: string;
  readonly database: string;
}

export type ArchiveKey =
  | { readonly kind: "manifest" | "ledger" | "deep"; readonly month: string }
  | { readonly kind: "body"; readonly month: string; readonly snapshotId: string; readonly replicaSet: string }
  | { readonly kind: "export"; readonly month: string; readonly snapshotId: string; readonly relative: string };

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html */
const MAX_KEY_BYTES = 1024;

/** What all keys of a database begin with. */
export function databaseFolder({ prefix, database }: Place): string {
  return `${prefix}${database}/`;
}

/** What all keys of one period begin with. */
export function periodFolder(place: Place, month: string): string {
  return `${databaseFolder(place)}${month}/`;
}

/**
 * Keys of an archive that is still to be written, as rules with these prefixes see it. A rule for something deeper in its
 * folder is taken to mean what will stand there.
 */
export function keysToBe(place: Place, month: string, prefixes: readonly string[]) {
  const folder = periodFolder(place, month);
  const manifestKey = formatKey(place, { kind: "manifest", month });
  const deeper = prefixes.filter((prefix) => prefix.startsWith(folder) && prefix !== manifestKey);
  return { manifestKey, dataKeys: [...new Set([folder, ...deeper])] };
}

/** The key of an object; OpsError `protocol` where a name that came from outside would not be safe in it. */
export function formatKey(place: Place, key: ArchiveKey): string {
  const text = `${databaseFolder(place)}${relativeKey(key)}`;
  const parsed = parseKey(place, text);
  if (parsed === undefined || parsed.kind !== key.kind || new TextEncoder().encode(text).length > MAX_KEY_BYTES)
    throw new OpsError("protocol", `${JSON.stringify(text)} is not a safe key of an object`);
  return text;
}

/** What a key stands for; undefined where it is none of ours. */
export function parseKey(place: Place, key: string): ArchiveKey | undefined {
  const folder = databaseFolder(place);
  if (!key.startsWith(folder)) return undefined;
  const [first, second, third, ...rest] = key.slice(folder.length).split("/");
  if (first === undefined || second === undefined) return undefined;
  if (first === "deep") return third === undefined ? deepKey(second) : undefined;
  if (!isMonth(first)) return undefined;
  if (third === undefined) return topKey(first, second);
  return SNAPSHOT_ID.test(second) ? dataKey({ month: first, snapshotId: second }, third, rest) : undefined;
}

const SNAPSHOT_ID = /^[0-9a-f]{24}$/;
const BODY = /^([A-Za-z0-9_][A-Za-z0-9_-]*)\.tar\.gz$/;

function relativeKey(key: ArchiveKey): string {
  switch (key.kind) {
    case "manifest":
      return `${key.month}/manifest.json`;
    case "ledger":
      return `${key.month}/push.json`;
    case "deep":
      return `deep/${key.month}.json`;
    case "body":
      return `${key.month}/${key.snapshotId}/${key.replicaSet}.tar.gz`;
    case "export":
      return `${key.month}/${key.snapshotId}/export/${key.relative}`;
  }
}

function deepKey(name: string): ArchiveKey | undefined {
  const month = name.replace(/\.json$/, "");
  return month !== name && isMonth(month) ? { kind: "deep", month } : undefined;
}

function topKey(month: string, name: string): ArchiveKey | undefined {
  if (name === "manifest.json") return { kind: "manifest", month };
  return name === "push.json" ? { kind: "ledger", month } : undefined;
}

function dataKey(
  of: { readonly month: string; readonly snapshotId: string },
  name: string,
  rest: readonly string[],
): ArchiveKey | undefined {
  if (name === "export") return isSafe(rest) ? { kind: "export", ...of, relative: rest.join("/") } : undefined;
  const replicaSet = BODY.exec(name)?.[1];
  return replicaSet !== undefined && rest.length === 0 ? { kind: "body", ...of, replicaSet } : undefined;
}

/** Such names can be files of a folder too: none climbs out of it, is empty, or holds what a terminal would obey. */
function isSafe(segments: readonly string[]): boolean {
  return (
    segments.length > 0 && segments.every((name) => name !== "" && name !== "." && name !== ".." && !UNSAFE.test(name))
  );
}

const UNSAFE = /[\p{Cc}\p{Cs}\\]/u;
