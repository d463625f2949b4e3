/** Uploads in parts, begun, ended, and filled on the side of S3 itself. Parts with bytes of ours are the pipe's. */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  UploadPartCopyCommand,
} from "@aws-sdk/client-s3";
import * as z from "zod/mini";
import type { CopyResult, ObjectAddress, S3, UploadAddress } from "../../ports/s3.ts";
import { orMeaning, type S3Link, TAKEN } from "./s3-link.ts";
import * as wire from "./s3-wire.ts";

type Uploads = Pick<S3, "createUpload" | "abortUpload" | "completeUpload" | "copyObject" | "copyPart">;

/** Every part's SHA-256 is verified by S3, and kept: the parts that arrive must bear one. */
export function s3Uploads(link: S3Link): Uploads {
  return {
    createUpload: async (order) => {
      const { bucket, key } = order;
      const command = new CreateMultipartUploadCommand({
        ...wire.objectInput({ bucket, key }),
        ContentType: order.contentType,
        Metadata: { ...order.metadata },
        ChecksumAlgorithm: "SHA256",
        ChecksumType: "COMPOSITE",
        ...wire.keepingInput(order),
      });
      const { UploadId: uploadId } = await link.write(link.call(wire.putAction(order), order), command, Created);
      return { bucket, key, uploadId };
    },
    abortUpload: async (upload) => {
      const command = new AbortMultipartUploadCommand(uploadInput(upload));
      await link.write(link.call("s3:AbortMultipartUpload", upload), command, z.unknown());
    },
    completeUpload: (order) => {
      const command = new CompleteMultipartUploadCommand({
        ...uploadInput(order),
        ChecksumType: "COMPOSITE",
        MpuObjectSize: order.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
        IfNoneMatch: "*",
        MultipartUpload: {
          Parts: order.parts.map(({ number, etag, sha256 }) => ({
            PartNumber: number,
            ETag: etag,
            ChecksumSHA256: wire.inBase64(sha256),
          })),
        },
      });
      const call = link.call("s3:PutObject", order, { isLong: true });
      return orMeaning(link.write(call, command, wire.putResult), TAKEN);
    },
    copyObject: (order) => {
      const command = new CopyObjectCommand({
        ...wire.objectInput({ bucket: order.bucket, key: order.key }),
        CopySource: copySource(order.from),
        MetadataDirective: "REPLACE",
        Metadata: { ...order.metadata },
        TaggingDirective: "REPLACE", // with none: a tag of the source may call for a lifecycle rule
        ChecksumAlgorithm: "SHA256",
        IfNoneMatch: "*",
        ...wire.keepingInput(order),
      });
      const call = link.call(copyAction(order.from, wire.putAction(order)), order, { isLong: true });
      return orMeaning(link.write(call, command, Copied), TAKEN);
    },
    copyPart: async (order) => {
      const [first, last] = order.range;
      const command = new UploadPartCopyCommand({
        ...uploadInput(order),
        CopySource: copySource(order.from),
        CopySourceRange: `bytes=${first}-${last}`,
        PartNumber: order.number,
      });
      const call = link.call(copyAction(order.from, "s3:PutObject"), order, { isLong: true });
      const copied = await link.write(call, command, CopiedPart);
      return { number: order.number, sizeBytes: last - first + 1, ...copied };
    },
  };
}

function uploadInput({ bucket, key, uploadId }: UploadAddress) {
  return { Bucket: bucket, Key: key, UploadId: uploadId };
}

/** Encoded by whoever asks: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
function copySource({ bucket, key, versionId }: ObjectAddress): string {
  const path = `${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
  return versionId === undefined ? path : `${path}?versionId=${encodeURIComponent(versionId)}`;
}

function copyAction(from: ObjectAddress, putAction: string): string {
  return `${wire.readAction(from)} on s3://${from.bucket}/${from.key} and ${putAction}`;
}

const Created = z.object({ UploadId: wire.text });

const Copied = z.pipe(
  z.object({
    VersionId: wire.orNull(wire.text),
    CopyObjectResult: z.object({ ETag: wire.text, ChecksumSHA256: wire.sha256 }),
  }),
  z.transform(
    ({ VersionId: versionId, CopyObjectResult: copied }): CopyResult => ({
      etag: copied.ETag,
      versionId,
      sha256: copied.ChecksumSHA256,
    }),
  ),
);

const CopiedPart = z.pipe(
  z.object({
    CopyPartResult: z.object({ ETag: wire.text, ChecksumSHA256: wire.sha256, LastModified: wire.instant }),
  }),
  z.transform(({ CopyPartResult: copied }) => ({
    sha256: copied.ChecksumSHA256,
    etag: copied.ETag,
    uploadedAt: copied.LastModified,
  })),
);
