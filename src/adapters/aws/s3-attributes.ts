/** Parts and checksums as S3 keeps them: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html */
import { GetObjectAttributesCommand } from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import { OpsError } from "../../core/error.ts";
import type { ObjectAddress, ObjectAttributes, ObjectChecksum, ObjectPart } from "../../ports/s3.ts";
import type { S3Link } from "./s3-link.ts";
import { rising } from "./s3-lists.ts";
import { allPages, count, listOf, objectInput, orNull, positive, sha256 } from "./s3-wire.ts";

/** Throws OpsError `protocol` where the parts are not the whole of the object, or the checksum is not that of its parts. */
export async function readAttributes(link: S3Link, address: ObjectAddress): Promise<ObjectAttributes> {
  const call = link.call("s3:GetObjectAttributes", address);
  const ask = (PartNumberMarker?: string) => {
    const ObjectAttributes = ["Checksum" as const, "ObjectParts" as const, "ObjectSize" as const];
    const command = new GetObjectAttributesCommand({ ...objectInput(address), ObjectAttributes, PartNumberMarker });
    return link.read(call, command, Attributes);
  };
  const first = await ask();
  const listed = await allPages(call.name, async ([marker]) =>
    pageOf(marker === undefined ? first : await ask(marker)),
  );
  const { ObjectSize: sizeBytes, ObjectParts: told } = first;
  const parts = told === undefined ? [] : digested(rising(call.name, listed));
  const checksum = checksumOf(first);
  const isWhole = parts === null || told === undefined || isObject(parts, told.TotalPartsCount, sizeBytes);
  if (isWhole && checksum !== "contradictory") return { sizeBytes, checksum, parts };
  throw new OpsError("protocol", `the answer to ${call.name} contradicts itself`);
}

type Answer = z.output<typeof Attributes>;

const Part = z.pipe(
  z.object({ PartNumber: positive, Size: count, ChecksumSHA256: orNull(sha256) }),
  z.transform((wire) => ({ number: wire.PartNumber, sizeBytes: wire.Size, sha256: wire.ChecksumSHA256 })),
);

const Attributes = z.object({
  ObjectSize: count,
  Checksum: z.optional(
    z.object({
      ChecksumSHA256: z.optional(z.string().check(z.regex(/^[^-]+(-[1-9]\d{0,4})?$/))),
      ChecksumType: z.optional(z.enum(["COMPOSITE", "FULL_OBJECT"])),
    }),
  ),
  ObjectParts: z.optional(
    z.object({
      TotalPartsCount: positive,
      /** Absent with the list, where the parts have no checksums. */
      IsTruncated: z._default(z.boolean(), false),
      NextPartNumberMarker: z._default(z.string(), ""),
      Parts: listOf(Part),
    }),
  ),
});

function pageOf({ ObjectParts: told }: Answer) {
  if (told === undefined) return { items: [], isTruncated: false, next: [] };
  return { items: told.Parts, isTruncated: told.IsTruncated, next: [told.NextPartNumberMarker] };
}

/** null: S3 keeps the SHA-256 of none of them, or not of all. */
function digested(parts: readonly z.output<typeof Part>[]): readonly ObjectPart[] | null {
  const whole = parts.flatMap(({ sha256, ...part }) => (sha256 === null ? [] : [{ ...part, sha256 }]));
  return whole.length === 0 || whole.length < parts.length ? null : whole;
}

function isObject(parts: readonly ObjectPart[], total: number, sizeBytes: number): boolean {
  return parts.length === total && parts.reduce((sum, part) => sum + part.sizeBytes, 0) === sizeBytes;
}

/** S3 writes the number of parts behind a composite checksum in some answers, and leaves it out of others. */
function checksumOf({ Checksum: told, ObjectParts: parts }: Answer): ObjectChecksum | null | "contradictory" {
  if (told?.ChecksumSHA256 === undefined) return null;
  const [base64, suffix] = told.ChecksumSHA256.split("-");
  const digest = sha256.safeParse(base64);
  if (!digest.success) return "contradictory";
  const stated = suffix === undefined ? undefined : Number(suffix);
  const total = parts?.TotalPartsCount;
  const isComposite = (told.ChecksumType ?? ((stated ?? total) ? "COMPOSITE" : "FULL_OBJECT")) === "COMPOSITE";
  if (!isComposite) return stated === undefined ? { sha256: digest.data, kind: "whole", parts: null } : "contradictory";
  const number = stated ?? total;
  if (number === undefined || (total !== undefined && number !== total)) return "contradictory";
  return { sha256: digest.data, kind: "composite", parts: number };
}
