/** The last thing that a push writes, and the one that makes an archive of what it has brought. */
import type { StepOutcome } from "../core/change.ts";
import { OpsError } from "../core/error.ts";
import { formatInstant } from "../core/instant.ts";
import { formatKey } from "../rules/archive/keys.ts";
import type { Manifest, ManifestObject } from "../rules/archive/manifest.ts";
import { merkleRoot } from "../rules/archive/merkle.ts";
import { parseManifest, serialiseManifest } from "./archive-manifest.ts";
import { MAX_MANIFEST_BYTES } from "./gather-push.ts";
import type { Pushing, PushStep, StepBase } from "./push-run.ts";

/** The last step of either road, over what the steps before it have made. */
export function manifestStep(
  pushing: Pushing,
  base: StepBase,
  objects: () => readonly ManifestObject[] | undefined,
): PushStep {
  return {
    ...base,
    summary: "write the manifest, which makes it an archive",
    done: "wrote the manifest, which makes it an archive",
    apply: async () => {
      const made = objects();
      if (made === undefined) throw new OpsError("bug", "there is nothing to write a manifest of");
      return writeManifest(pushing, made);
    },
  };
}

/** Where and how the objects of an archive are kept, in words. */
export function howKept({ archived: { archive }, retainUntil }: Pushing): string {
  const { bucket, storageClass, objectLock } = archive;
  const lock = objectLock === "none" ? "not locked" : `locked (${objectLock}) until ${formatInstant(retainUntil)}`;
  return `${bucket}, class ${storageClass}, ${lock}`;
}

/** Done where this push was the one; `failed` where another was: then it says who. */
async function writeManifest(pushing: Pushing, objects: readonly ManifestObject[]): Promise<StepOutcome> {
  const { s3, archived, period } = pushing;
  const { bucket } = archived.archive;
  const key = formatKey(archived.place, { kind: "manifest", month: period.month });
  const manifest = await manifestOf(pushing, objects);
  const put = await s3.putText({
    bucket,
    key,
    text: serialiseManifest(manifest),
    contentType: "application/json",
    storageClass: "STANDARD", // an archive that must be thawed to be listed could not be looked at every night
    lock: manifest.lock,
    condition: "absent",
  });
  const { merkleRoot: root } = manifest;
  if (put !== "taken") return { state: "done", result: { manifest: key, merkleRoot: root } };
  const { text } = await s3.getText({ bucket, key }, MAX_MANIFEST_BYTES);
  const other = parseManifest(text, key);
  if (other.merkleRoot === root && other.snapshot.id === manifest.snapshot.id)
    return { state: "done", result: { manifest: key, merkleRoot: root }, message: `${other.pushedBy} wrote the same` };
  return {
    state: "failed",
    result: { manifest: key },
    message: `${other.pushedBy} was first: its archive stands, this one's objects belong to none`,
    next: `litally-ops archive verify ${archived.database.name}`,
  };
}

async function manifestOf(pushing: Pushing, objects: readonly ManifestObject[]): Promise<Manifest> {
  const { archived, period, point, choice, policy, context, ledger, clusterId, isSharded, retainUntil } = pushing;
  const { archive, database } = archived;
  const { mongodVersion } = point.snapshot;
  if (objects.length === 0) throw new OpsError("protocol", "Atlas gave out nothing to archive");
  return {
    version: 1,
    database: database.name,
    cluster: database.cluster,
    clusterId,
    projectId: policy.atlas.projectId,
    period: period.month,
    slots: period.slots.map(({ name }) => name),
    snapshot: {
      id: point.name,
      createdAt: point.createdAt,
      mongodVersion: mongodVersion.known ? mongodVersion.value : null,
      isSharded,
    },
    via: choice.road,
    storageClass: archive.storageClass,
    lock: archive.objectLock === "none" ? null : { mode: archive.objectLock, retainUntil },
    objects,
    merkleRoot: merkleRoot(
      objects.map(({ root }) => root),
      await context.sha256(),
    ),
    startedAt: ledger.current().startedAt,
    completedAt: context.clock.now(),
    pushedBy: context.machine.whoami,
    toolVersion: context.machine.toolVersion,
  };
}
