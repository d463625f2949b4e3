/** What a person asked to be restored, from the words of the command line; every mistake is OpsError `usage`. */
import { OpsError } from "../core/error.ts";
import { parseInstant } from "../core/instant.ts";
import type { AskedPoint, CollectionRequest, RestoreRequest, SnapshotSelector } from "../rules/restore/facts.ts";

export interface RestoreFlags {
  readonly to: string;
  readonly inPlace: boolean;
  readonly allowBusy: boolean;
  readonly undo: boolean;
  readonly closing: boolean;
}

/** The target is in the project of the policy. */
export function restoreRequest(
  point: AskedPoint,
  { to, ...flags }: RestoreFlags,
  projectId: string,
  collections: CollectionRequest | null = null,
): RestoreRequest {
  return { point, targetProjectId: projectId, targetName: to, ...flags, collections };
}

/** Atlas restores to whole seconds, and refuses fractions of one. */
export function askedInstant(text: string, what: string, now: Date): AskedPoint & { readonly kind: "instant" } {
  const at = parseInstant(text, what, now);
  const isRelative = / ago$/.test(text.trim());
  if (!isRelative && at.getUTCMilliseconds() !== 0)
    throw new OpsError("usage", `${what}: "${text}" has a fraction of a second`, {
      hint: "Atlas restores to whole seconds",
    });
  return { kind: "instant", at: new Date(Math.floor(at.getTime() / 1000) * 1000), asked: text };
}

/** `latest`, `before:INSTANT`, or an id. */
export function askedSnapshot(text: string, now: Date): AskedPoint & { readonly kind: "snapshot" } {
  return { kind: "snapshot", selector: selectorOf(text, now) };
}

function selectorOf(text: string, now: Date): SnapshotSelector {
  if (text === "latest") return { by: "latest" };
  if (text.startsWith("before:")) {
    const asked = text.slice("before:".length);
    return { by: "before", at: parseInstant(asked, "--snapshot before:", now), asked };
  }
  if (/^[0-9a-f]{24}$/.test(text)) return { by: "id", id: text };
  throw new OpsError("usage", `--snapshot: "${text}" names no snapshot`, {
    hint: "write latest, before:2026-11-22T02:00:00Z, or an id as backup list --verbose prints it",
  });
}
