/** Whether what Atlas has exported is whole, by the marker that it writes last. */
import type { ObjectVersion } from "../../ports/s3.ts";

export interface WrittenExport {
  readonly bucket: string;
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly objects: readonly ObjectVersion[];
}

/** https://www.mongodb.com/docs/atlas/backup/cloud-backup/export/ */
export function markerKey(prefix: string): string {
  return `${prefix}/.complete`;
}

/** `text`: of the marker; null where there is none. What is wrong with an export; undefined: its objects are as many as its marker counts. */
export function judgeMarker(
  text: string | null,
  objects: readonly Pick<ObjectVersion, "key">[],
  { prefix }: { readonly prefix: string },
): string | undefined {
  if (text === null) return "its marker .complete is not there";
  const totalFiles = totalOf(text);
  if (totalFiles === undefined) return "its marker .complete does not tell how many files there are";
  const names = objects.map(({ key }) => key.slice(prefix.length + 1)).filter((name) => name !== ".complete");
  const gap = gapIn(names);
  if (gap !== undefined) return gap;
  const data = names.filter((name) => name.endsWith(".json.gz")).length;
  const withMetadata = names.filter((name) => name.endsWith(".json.gz") || name.endsWith("/metadata.json")).length;
  // whether metadata is counted is not documented: either way the count must come out
  if (totalFiles === data || totalFiles === withMetadata || totalFiles === names.length) return undefined;
  return `its marker counts ${totalFiles} files, there are ${data} of data and ${withMetadata - data} of metadata`;
}

const CHUNK = /^(.+)\.(\d+)\.json\.gz$/;

/** A count that may be read in two ways could be met with files missing: what their names tell must be whole too. */
function gapIn(names: readonly string[]): string | undefined {
  const there = new Set(names);
  const hasMetadata = names.some((name) => name.endsWith("/metadata.json")); // where it stands is documented in two ways
  for (const name of names.filter((one) => one.endsWith(".json.gz"))) {
    const metadata = `${name.slice(0, name.lastIndexOf("/") + 1)}metadata.json`;
    if (hasMetadata && !there.has(metadata)) return `${name} is there, ${metadata} is not`;
    const chunk = CHUNK.exec(name);
    const number = chunk === null ? 0 : Number(chunk[2]);
    const before = `${chunk?.[1]}.${number - 1}.json.gz`;
    if (number > 0 && !there.has(before)) return `${name} is there, ${before} is not`;
  }
  return undefined;
}

function totalOf(text: string): number | undefined {
  try {
    const json: unknown = JSON.parse(text);
    const total = typeof json === "object" && json !== null ? Reflect.get(json, "totalFiles") : undefined;
    return typeof total === "number" && Number.isSafeInteger(total) && total >= 0 ? total : undefined;
  } catch {
    return undefined;
  }
}
