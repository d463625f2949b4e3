/** What there is under a prefix, and what has arrived of an upload. */
import { ListMultipartUploadsCommand, ListObjectVersionsCommand, ListPartsCommand } from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import type { ObjectVersion, S3, Upload, UploadedPart } from "../../ports/s3.ts";
import type { S3Link } from "./s3-link.ts";
import { allPages, count, eachPage, instant, listOf, orNull, positive, sha256, text } from "./s3-wire.ts";

/** All lists of S3, each to its end. */
export function s3Lists(link: S3Link): Pick<S3, "listVersions" | "versionPages" | "listUploads" | "listParts"> {
  const pages = (bucket: string, prefix: string, MaxKeys?: number) => {
    const call = link.call("s3:ListBucketVersions", { bucket, key: prefix });
    const where = { Bucket: bucket, Prefix: prefix, ...(MaxKeys === undefined ? {} : { MaxKeys }) };
    return eachPage(call.name, async ([KeyMarker, VersionIdMarker]) => {
      const command = new ListObjectVersionsCommand({ ...where, KeyMarker, VersionIdMarker });
      const page = await link.read(call, command, VersionsPage);
      return { ...page, items: checkedKeys(call.name, prefix, page.items).toSorted(byKeyAndNewest) };
    });
  };
  return {
    listVersions: async (bucket, prefix) => {
      const versions: ObjectVersion[] = [];
      for await (const page of pages(bucket, prefix)) versions.push(...page);
      return versions.toSorted(byKeyAndNewest);
    },
    versionPages: pages,
    listUploads: async (bucket, prefix) => {
      const call = link.call("s3:ListBucketMultipartUploads", { bucket, key: prefix });
      const uploads = await allPages(call.name, async ([KeyMarker, UploadIdMarker]) => {
        const command = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, KeyMarker, UploadIdMarker });
        return link.read(call, command, UploadsPage);
      });
      return checkedKeys(call.name, prefix, uploads).map((upload) => ({ bucket, ...upload }));
    },
    listParts: async ({ bucket, key, uploadId }) => {
      const call = link.call("s3:ListMultipartUploadParts", { bucket, key });
      const parts = await allPages(call.name, async ([PartNumberMarker]) => {
        const command = new ListPartsCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumberMarker });
        return link.read(call, command, PartsPage);
      });
      return rising(call.name, parts);
    },
  };
}

/** By rising number, each once; throws OpsError `protocol`. */
export function rising<Part extends { readonly number: number }>(
  what: string,
  parts: readonly Part[],
): readonly Part[] {
  const isRising = parts.every(({ number }, index) => index === 0 || number > (parts[index - 1]?.number ?? number));
  if (!isRising) throw new OpsError("protocol", `${what}: the parts are out of order`);
  return parts;
}

function checkedKeys<Item extends { readonly key: string }>(what: string, prefix: string, items: readonly Item[]) {
  if (items.every(({ key }) => key.startsWith(prefix))) return items;
  throw new OpsError("protocol", `${what}: the answer is about something else`);
}

/** Versions and delete markers come in lists of their own, each in the order of S3: of a key the newest first. */
function byKeyAndNewest(a: ObjectVersion, b: ObjectVersion): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1;
  return Number(b.isLatest) - Number(a.isLatest);
}

const Version = z.pipe(
  z.object({
    Key: text,
    VersionId: text,
    IsLatest: z.boolean(),
    LastModified: instant,
    Size: count,
    StorageClass: text,
    ETag: text,
  }),
  z.transform(
    (wire): ObjectVersion => ({
      key: wire.Key,
      versionId: wire.VersionId,
      isLatest: wire.IsLatest,
      isDeleteMarker: false,
      lastModifiedAt: wire.LastModified,
      sizeBytes: wire.Size,
      storageClass: wire.StorageClass,
      etag: wire.ETag,
    }),
  ),
);

const DeleteMarker = z.pipe(
  z.object({ Key: text, VersionId: text, IsLatest: z.boolean(), LastModified: instant }),
  z.transform(
    (wire): ObjectVersion => ({
      key: wire.Key,
      versionId: wire.VersionId,
      isLatest: wire.IsLatest,
      isDeleteMarker: true,
      lastModifiedAt: wire.LastModified,
      sizeBytes: null,
      storageClass: null,
      etag: null,
    }),
  ),
);

const marker = z._default(z.string(), "");

const VersionsPage = z.pipe(
  z.object({
    IsTruncated: z.boolean(),
    NextKeyMarker: marker,
    NextVersionIdMarker: marker,
    Versions: listOf(Version),
    DeleteMarkers: listOf(DeleteMarker),
  }),
  z.transform((wire) => ({
    items: [...wire.Versions, ...wire.DeleteMarkers],
    isTruncated: wire.IsTruncated,
    next: [wire.NextKeyMarker, wire.NextVersionIdMarker],
  })),
);

const UploadsPage = z.pipe(
  z.object({
    IsTruncated: z.boolean(),
    NextKeyMarker: marker,
    NextUploadIdMarker: marker,
    Uploads: listOf(
      z.pipe(
        z.object({
          Key: text,
          UploadId: text,
          Initiated: instant,
          StorageClass: orNull(text),
          Initiator: z.optional(z.object({ ID: orNull(text), DisplayName: orNull(text) })),
        }),
        z.transform(
          (wire): Omit<Upload, "bucket"> => ({
            key: wire.Key,
            uploadId: wire.UploadId,
            initiatedAt: wire.Initiated,
            storageClass: wire.StorageClass,
            initiator: wire.Initiator?.DisplayName ?? wire.Initiator?.ID ?? null,
          }),
        ),
      ),
    ),
  }),
  z.transform((wire) => ({
    items: wire.Uploads,
    isTruncated: wire.IsTruncated,
    next: [wire.NextKeyMarker, wire.NextUploadIdMarker],
  })),
);

const PartsPage = z.pipe(
  z.object({
    IsTruncated: z.boolean(),
    NextPartNumberMarker: marker,
    Parts: listOf(
      z.pipe(
        z.object({ PartNumber: positive, Size: count, ChecksumSHA256: sha256, ETag: text, LastModified: instant }),
        z.transform(
          (wire): UploadedPart => ({
            number: wire.PartNumber,
            sizeBytes: wire.Size,
            sha256: wire.ChecksumSHA256,
            etag: wire.ETag,
            uploadedAt: wire.LastModified,
          }),
        ),
      ),
    ),
  }),
  z.transform((wire) => ({
    items: wire.Parts,
    isTruncated: wire.IsTruncated,
    next: [wire.NextPartNumberMarker],
  })),
);
