/** The operations that this S3 knows, each with the actions that IAM policies know it by. It knows no others. */
import {
  getEncryption,
  getLocation,
  getObjectLock,
  getPublicAccessBlock,
  getVersioning,
  headBucket,
  putEncryption,
  putObjectLock,
  putPublicAccessBlock,
  putVersioning,
} from "./buckets.ts";
import type { Call, Reply } from "./call.ts";
import { copyObject, uploadPartCopy } from "./copies.ts";
import { deleteLifecycle, getLifecycle, putLifecycle } from "./lifecycle.ts";
import { listMultipartUploads, listObjectsV2, listObjectVersions, listParts } from "./lists.ts";
import { bypasses, getRetention, putRetention } from "./locks.ts";
import { deleteObject, getObject, getObjectAttributes, headObject, putObject } from "./objects.ts";
import { Refusal } from "./refusal.ts";
import type { Request } from "./request.ts";
import { restoreObject } from "./restores.ts";
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload, uploadPart } from "./uploads.ts";

export interface Operation {
  readonly name: string;
  readonly method: string;
  /** Whether a key is named. */
  readonly isOfObject: boolean;
  /** The parameter that tells it from others of its method; null: none does. */
  readonly by: string | null;
  /** What else the query may hold. */
  readonly parameters: readonly string[];
  readonly isCopy: boolean;
  /** All of them are needed. */
  readonly actions: (request: Request) => readonly string[];
  readonly answer: (call: Call) => Reply | Promise<Reply>;
}

/** Throws `NotImplemented` for any other, and for parameters that nobody would look at. */
export function findOperation(request: Request): Operation {
  const { method, key, query } = request;
  const names = query.map(([name]) => name).filter((name) => name !== "x-id"); // the SDK's own mark
  const isCopy = request.header("x-amz-copy-source") !== undefined;
  const found = OPERATIONS.find(
    (operation) =>
      operation.method === method &&
      operation.isOfObject === (key !== "") &&
      operation.isCopy === isCopy &&
      (operation.by === null || names.includes(operation.by)) &&
      names.every((name) => name === operation.by || operation.parameters.includes(name)),
  );
  if (found !== undefined) return found;
  throw new Refusal(
    "NotImplemented",
    `The sandbox has no ${method} of ${request.key === "" ? "a bucket" : "an object"} with ${names.join(", ") || "no parameters"}.`,
  );
}

type Handler = Operation["answer"];
type Rest = Partial<Pick<Operation, "parameters" | "isCopy" | "actions">>;

function ofBucket(
  name: string,
  method: string,
  by: string | null,
  action: string,
  answer: Handler,
  rest: Rest = {},
): Operation {
  return {
    name,
    method,
    isOfObject: false,
    by,
    parameters: [],
    isCopy: false,
    actions: () => [action],
    answer,
    ...rest,
  };
}

function ofObject(
  name: string,
  method: string,
  by: string | null,
  action: string,
  answer: Handler,
  rest: Rest = {},
): Operation {
  return { ...ofBucket(name, method, by, action, answer, rest), isOfObject: true };
}

/** An action that has another name where a version is asked for. */
const versioned =
  (action: string, ofVersion: string, more: (request: Request) => readonly string[] = () => []) =>
  (request: Request) => [request.parameter("versionId") === undefined ? action : ofVersion, ...more(request)];
const bypassed = (request: Request) => (bypasses(request) ? ["s3:BypassGovernanceRetention"] : []);
const stored = (request: Request) => [
  "s3:PutObject",
  ...(request.header("x-amz-object-lock-mode") === undefined ? [] : ["s3:PutObjectRetention"]),
];
const copied = (request: Request) => [
  request.header("x-amz-copy-source")?.includes("?versionId=") ? "s3:GetObjectVersion" : "s3:GetObject",
  ...stored(request),
];
const read = versioned("s3:GetObject", "s3:GetObjectVersion");

const VERSION = { parameters: ["versionId"] };
const PAGE = ["prefix", "delimiter", "encoding-type", "max-keys"];
const OF_V2 = [...PAGE, "continuation-token", "start-after", "fetch-owner"];

const OPERATIONS: readonly Operation[] = [
  ofBucket("HeadBucket", "HEAD", null, "s3:ListBucket", headBucket),
  ofBucket("GetBucketLocation", "GET", "location", "s3:GetBucketLocation", getLocation),
  ofBucket("GetBucketVersioning", "GET", "versioning", "s3:GetBucketVersioning", getVersioning),
  ofBucket("PutBucketVersioning", "PUT", "versioning", "s3:PutBucketVersioning", putVersioning),
  ofBucket("GetObjectLockConfiguration", "GET", "object-lock", "s3:GetBucketObjectLockConfiguration", getObjectLock),
  ofBucket("PutObjectLockConfiguration", "PUT", "object-lock", "s3:PutBucketObjectLockConfiguration", putObjectLock),
  ofBucket("GetBucketEncryption", "GET", "encryption", "s3:GetEncryptionConfiguration", getEncryption),
  ofBucket("PutBucketEncryption", "PUT", "encryption", "s3:PutEncryptionConfiguration", putEncryption),
  ofBucket("GetPublicAccessBlock", "GET", "publicAccessBlock", "s3:GetBucketPublicAccessBlock", getPublicAccessBlock),
  ofBucket("PutPublicAccessBlock", "PUT", "publicAccessBlock", "s3:PutBucketPublicAccessBlock", putPublicAccessBlock),
  ofBucket("GetBucketLifecycleConfiguration", "GET", "lifecycle", "s3:GetLifecycleConfiguration", getLifecycle),
  ofBucket("PutBucketLifecycleConfiguration", "PUT", "lifecycle", "s3:PutLifecycleConfiguration", putLifecycle),
  ofBucket("DeleteBucketLifecycle", "DELETE", "lifecycle", "s3:PutLifecycleConfiguration", deleteLifecycle),
  ofBucket("ListObjectsV2", "GET", "list-type", "s3:ListBucket", listObjectsV2, { parameters: OF_V2 }),
  ofBucket("ListObjectVersions", "GET", "versions", "s3:ListBucketVersions", listObjectVersions, {
    parameters: [...PAGE, "key-marker", "version-id-marker"],
  }),
  ofBucket("ListMultipartUploads", "GET", "uploads", "s3:ListBucketMultipartUploads", listMultipartUploads, {
    parameters: ["prefix", "delimiter", "encoding-type", "max-uploads", "key-marker", "upload-id-marker"],
  }),

  ofObject("PutObject", "PUT", null, "s3:PutObject", putObject, { actions: stored }),
  ofObject("CopyObject", "PUT", null, "s3:PutObject", copyObject, { isCopy: true, actions: copied }),
  ofObject("GetObject", "GET", null, "s3:GetObject", getObject, { ...VERSION, actions: read }),
  ofObject("HeadObject", "HEAD", null, "s3:GetObject", headObject, { ...VERSION, actions: read }),
  ofObject("DeleteObject", "DELETE", null, "s3:DeleteObject", deleteObject, {
    ...VERSION,
    actions: versioned("s3:DeleteObject", "s3:DeleteObjectVersion", bypassed),
  }),
  ofObject("GetObjectAttributes", "GET", "attributes", "s3:GetObjectAttributes", getObjectAttributes, {
    ...VERSION,
    actions: versioned("s3:GetObjectAttributes", "s3:GetObjectVersionAttributes", read),
  }),
  ofObject("GetObjectRetention", "GET", "retention", "s3:GetObjectRetention", getRetention, VERSION),
  ofObject("PutObjectRetention", "PUT", "retention", "s3:PutObjectRetention", putRetention, {
    ...VERSION,
    actions: (request) => ["s3:PutObjectRetention", ...bypassed(request)],
  }),
  ofObject("RestoreObject", "POST", "restore", "s3:RestoreObject", restoreObject, VERSION),

  ofObject("CreateMultipartUpload", "POST", "uploads", "s3:PutObject", createMultipartUpload, { actions: stored }),
  ofObject("UploadPart", "PUT", "partNumber", "s3:PutObject", uploadPart, { parameters: ["uploadId"] }),
  ofObject("UploadPartCopy", "PUT", "partNumber", "s3:PutObject", uploadPartCopy, {
    parameters: ["uploadId"],
    isCopy: true,
    actions: copied,
  }),
  ofObject("ListParts", "GET", "uploadId", "s3:ListMultipartUploadParts", listParts, {
    parameters: ["max-parts", "part-number-marker"],
  }),
  ofObject("CompleteMultipartUpload", "POST", "uploadId", "s3:PutObject", completeMultipartUpload),
  ofObject("AbortMultipartUpload", "DELETE", "uploadId", "s3:AbortMultipartUpload", abortMultipartUpload),
];
