/** Lifecycle rules as S3 writes them: https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html */
import * as z from "zod/mini";
import type { LifecycleRule, Transition } from "../../ports/s3.ts";
import { count, instant, listOf, orNull, positive, text, unreadable } from "./s3-wire.ts";

const Tag = z.object({ Key: text, Value: z.string() });

const conditions = {
  Prefix: z.optional(z.string()),
  ObjectSizeGreaterThan: z.optional(count),
  ObjectSizeLessThan: z.optional(count),
};

const Filter = z.object({
  ...conditions,
  Tag: z.optional(Tag),
  And: z.optional(z.object({ ...conditions, Tags: listOf(Tag) })),
});

const when = { Days: z.optional(count), Date: z.optional(instant) };

const TransitionWire = z.pipe(
  z.object({ ...when, StorageClass: text }),
  z.transform((wire, context): Transition => {
    const after = instantOf(wire);
    return after === null ? unreadable(context) : { after, storageClass: wire.StorageClass };
  }),
);

const NoncurrentTransition = z.pipe(
  z.object({ NoncurrentDays: count, StorageClass: text }),
  z.transform((wire): Transition => ({ after: { days: wire.NoncurrentDays }, storageClass: wire.StorageClass })),
);

const Rule = z.object({
  ID: text,
  Status: z.enum(["Enabled", "Disabled"]),
  Filter: z.optional(Filter),
  /** Of rules made before there were filters. */
  Prefix: z.optional(z.string()),
  Expiration: z.optional(z.object({ ...when, ExpiredObjectDeleteMarker: z.optional(z.boolean()) })),
  NoncurrentVersionExpiration: z.optional(
    z.object({ NoncurrentDays: positive, NewerNoncurrentVersions: orNull(count) }),
  ),
  Transitions: listOf(TransitionWire),
  NoncurrentVersionTransitions: listOf(NoncurrentTransition),
  AbortIncompleteMultipartUpload: z.optional(z.object({ DaysAfterInitiation: positive })),
});

/** S3 keeps no rule that does nothing: one that seems to must do what this version does not know. */
export const lifecycleRule = z.pipe(
  Rule,
  z.transform((wire, context): LifecycleRule => {
    const limits = limitsOf(wire);
    const acts = actsOf(wire);
    return limits === null || acts === null
      ? unreadable(context)
      : { id: wire.ID, enabled: wire.Status === "Enabled", ...limits, ...acts };
  }),
);

function limitsOf({ Filter: filter, Prefix: prefix }: z.output<typeof Rule>) {
  if (filter === undefined && prefix === undefined) return null;
  const tags = filter?.And?.Tags ?? (filter?.Tag === undefined ? [] : [filter.Tag]);
  return {
    prefix: filter?.And?.Prefix ?? filter?.Prefix ?? prefix ?? "",
    tags: Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value])),
    largerThanBytes: filter?.And?.ObjectSizeGreaterThan ?? filter?.ObjectSizeGreaterThan ?? null,
    smallerThanBytes: filter?.And?.ObjectSizeLessThan ?? filter?.ObjectSizeLessThan ?? null,
  };
}

function actsOf(wire: z.output<typeof Rule>) {
  const { Expiration, NoncurrentVersionExpiration: noncurrent, AbortIncompleteMultipartUpload: abort } = wire;
  const expiration = Expiration === undefined ? null : instantOf(Expiration);
  const expiresDeleteMarkers = Expiration?.ExpiredObjectDeleteMarker === true;
  if (Expiration !== undefined && expiration === null && Expiration.ExpiredObjectDeleteMarker === undefined)
    return null;
  const others = [Expiration, noncurrent, abort, ...wire.Transitions, ...wire.NoncurrentVersionTransitions];
  if (others.every((act) => act === undefined)) return null;
  return {
    expiration,
    expiresDeleteMarkers,
    noncurrentExpiration:
      noncurrent === undefined
        ? null
        : { days: noncurrent.NoncurrentDays, newerVersions: noncurrent.NewerNoncurrentVersions },
    transitions: wire.Transitions,
    noncurrentTransitions: wire.NoncurrentVersionTransitions,
    abortUploadsAfterDays: abort === undefined ? null : abort.DaysAfterInitiation,
  };
}

/** Days after a version began, or a date: null for neither. */
function instantOf({
  Days: days,
  Date: date,
}: {
  readonly Days?: number | undefined;
  readonly Date?: Date | undefined;
}) {
  if (days !== undefined) return { days };
  return date === undefined ? null : { date };
}
