/**
 * No false green: every field of every answer of S3 that `archive verify` reads, headers, XML and manifest alike, is deleted,
 * nulled, retyped, dated in the future or truncated, one at a time, and the verdict may stay green only for fields that
 * were reviewed and found irrelevant.
 */
import { createServer, request as send } from "node:http";
import type { AddressInfo } from "node:net";
import { XMLBuilder, XMLParser } from "fast-xml-parser";
import { expect, onTestFinished, test } from "vitest";
import { AWS_LIMITS } from "../src/adapters/aws/client.ts";
import { connectS3 } from "../src/adapters/aws/s3.ts";
import { awsConnection } from "../src/adapters/aws/settings.ts";
import { input, run } from "../src/commands/archive-verify.ts";
import { worst } from "../src/core/report.ts";
import { AWS_CREDENTIALS } from "../src/sandbox/aws.ts";
import { NOBODY } from "./support/agent.ts";
import { ARCHIVED_POLICY } from "./support/archives.ts";
import { covers, mutationsOf } from "./support/mutations.ts";
import type { Json } from "./support/replay.ts";
import { inWorld } from "./support/world.ts";

/** What no verdict rests on, or what says the same as another field that is judged. */
const IRRELEVANT: Readonly<Record<string, string>> = {
  "*.headers.x-amz-request-id": "named in messages alone; without it, the answer is none of AWS's",
  "*.headers.content-length": "of the transport; of an object, HEAD alone tells its size, which is judged",
  "*.headers.accept-ranges": "of the transport",
  "*.headers.etag": "checksums are judged",
  "*.body.?xml": "the prologue",
  "HEAD-bucket.body": "an answer to HEAD has none",
  "HEAD-manifest.body": "the same",
  "HEAD-body.body": "the same",
  "GET-bucket-versioning.body.VersioningConfiguration.@_xmlns": "a name",
  "GET-bucket-object-lock.body.ObjectLockConfiguration.@_xmlns": "a name",
  "GET-bucket-encryption.body.ServerSideEncryptionConfiguration.@_xmlns": "a name",
  "GET-bucket-publicAccessBlock.body.PublicAccessBlockConfiguration.@_xmlns": "a name",
  "GET-bucket-lifecycle.body.LifecycleConfiguration.@_xmlns": "a name",
  "GET-bucket-versions.body.ListVersionsResult.@_xmlns": "a name",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.@_xmlns": "a name",
  "GET-body-attributes.body.GetObjectAttributesResponse.@_xmlns": "a name",
  "GET-bucket-encryption.body.ServerSideEncryptionConfiguration.Rule.ApplyServerSideEncryptionByDefault.SSEAlgorithm | a number, another word":
    "told as it is; that there is one is judged, and the key where one is named",
  "GET-bucket-encryption.body.ServerSideEncryptionConfiguration.Rule.BucketKeyEnabled": "a matter of cost",
  "GET-bucket-lifecycle.headers.x-amz-transition-default-minimum-object-size": "no rule here moves anything",
  "GET-bucket-lifecycle.body.LifecycleConfiguration.Rule.ID | a number, another word": "a name",
  "GET-bucket-lifecycle.body.LifecycleConfiguration.Rule.Filter":
    "the rule clears uploads away, wherever: a warning at most",
  "GET-bucket-lifecycle.body.LifecycleConfiguration.Rule.AbortIncompleteMultipartUpload.DaysAfterInitiation | a number":
    "another number of days that is long enough",
  "GET-bucket-versions.body.ListVersionsResult.Prefix": "the request named it",
  "GET-bucket-versions.body.ListVersionsResult.Name": "the request named it",
  "GET-bucket-versions.body.ListVersionsResult.KeyMarker": "the request named it",
  "GET-bucket-versions.body.ListVersionsResult.VersionIdMarker": "the request named it",
  "GET-bucket-versions.body.ListVersionsResult.MaxKeys": "the request named it",
  "GET-bucket-versions.body.ListVersionsResult.IsTruncated | null, a number, another word":
    "the SDK takes what is not true for false; an archive that a short list hides is missed",
  "GET-bucket-versions.body.ListVersionsResult.Version[].LastModified | in the future":
    "of an object that a manifest names",
  "GET-bucket-versions.body.ListVersionsResult.Version[].ETag": "checksums are judged",
  "GET-bucket-versions.body.ListVersionsResult.Version[].ChecksumAlgorithm": "the object's own attributes are judged",
  "GET-bucket-versions.body.ListVersionsResult.Version[].ChecksumType": "the object's own attributes are judged",
  "GET-bucket-versions.body.ListVersionsResult.Version[].Size | null, a number": "the object's own HEAD is judged",
  "GET-bucket-versions.body.ListVersionsResult.Version[].StorageClass": "the object's own HEAD is judged",
  "GET-bucket-versions.body.ListVersionsResult.Version[].Owner": "the account is judged, and what it may read",
  "GET-bucket-versions.body.ListVersionsResult.Version[].VersionId | a number, another word":
    "of the manifest, which stands alone",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.Prefix": "the request named it",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.Bucket": "the request named it",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.KeyMarker": "the request named it",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.UploadIdMarker": "the request named it",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.MaxUploads": "the request named it",
  "GET-bucket-uploads.body.ListMultipartUploadsResult.IsTruncated | null, a number, another word":
    "uploads only ever warn",
  "GET-manifest.headers.last-modified": "when it came, the list says",
  "GET-manifest.headers.x-amz-version-id": "that there is one alone, the list says",
  "GET-manifest.headers.x-amz-object-lock-mode": "its HEAD is judged",
  "GET-manifest.headers.x-amz-object-lock-retain-until-date": "its HEAD is judged",
  "GET-manifest.body.cluster | another word": "a database may move: that warns",
  "GET-manifest.body.clusterId | another word": "a database may move",
  "GET-manifest.body.projectId | another word": "a database may move: that warns",
  "GET-manifest.body.snapshot.mongodVersion | null, another word": "matters to whoever reads the files",
  "GET-manifest.body.snapshot.isSharded | turned round": "matters to whoever puts it back",
  "GET-manifest.body.objects[].isStructureChecked | turned round":
    "what the push has seen of it; the bytes are judged by their checksums",
  "GET-manifest.body.lock | null": "what is locked, S3 says of each object",
  "GET-manifest.body.lock.retainUntil | in the future": "the same",
  "GET-manifest.body.objects[].versionId | null": "a bucket may keep no versions; then the oldest counts",
  "GET-manifest.body.objects[].sha256 | null": "not every run sees every byte; the parts are judged",
  "GET-manifest.body.startedAt | in the future": "when it came, the clock of S3 says",
  "GET-manifest.body.completedAt | in the future": "the same",
  "GET-manifest.body.pushedBy | another word": "a name",
  "GET-manifest.body.toolVersion | another word": "a name",
  "HEAD-manifest.headers.x-amz-version-id": "that there is one alone, the list says",
  "GET-body-attributes.headers.last-modified": "when it came, the manifest's time says",
  "GET-body-attributes.headers.x-amz-version-id": "the request named it",
  "GET-body-attributes.body.GetObjectAttributesResponse.Checksum.ChecksumType | deleted":
    "how many parts it is of says the same",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.PartNumberMarker": "the request named it",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.NextPartNumberMarker": "there is one page",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.MaxParts": "the request named it",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.IsTruncated": "the number of parts is judged",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.Part | deleted":
    "then the checksum over them is judged",
  "GET-body-attributes.body.GetObjectAttributesResponse.ObjectParts.Part.ChecksumSHA256 | deleted": "the same",
};

interface Answer {
  readonly status: number;
  readonly headers: { readonly [name: string]: Json };
  /** Of XML and JSON, as a tree. */
  readonly body: Json;
}

test("no change of any field turns out green unless it was reviewed", async () => {
  const world = await inWorld({ policy: ARCHIVED_POLICY, hasArchives: true });
  let change: { readonly path: string; readonly answer: Answer } | undefined;
  const answers = new Map<string, Answer>();
  const url = await replaying(world.sandbox.s3Url, answers, () => change);
  const connection = awsConnection({
    region: "ap-south-1",
    by: NOBODY,
    signal: new AbortController().signal,
    env: {},
    credentials: AWS_CREDENTIALS,
    s3Endpoint: url,
    limits: { ...AWS_LIMITS, attempts: 1 },
  });
  const s3 = connectS3(connection, "111122223333");
  onTestFinished(() => s3.close());
  const judge = async () =>
    worst((await run(input.parse({ databases: [] }), { ...world.context, s3: async () => s3 })).findings);
  expect(await judge(), "unchanged, it is green").toBe("pass");

  const green = new Map<string, string[]>();
  let runs = 0;
  for (const [path, answer] of [...answers]) {
    const tree: Json = { headers: answer.headers, body: answer.body };
    for (const { where, kind, body } of mutationsOf(tree)) {
      if (where === ".headers") continue; // all of them at once: no field
      const { headers = {}, body: next = "" } = body as Partial<Answer>; // the same tree, but for one field
      change = { path, answer: { ...answer, headers, body: next } };
      const status = await judge().catch((error: Error) => `threw ${error.message}`);
      runs += 1;
      const place = `${nameOf(path)}${where}`;
      expect(["pass", "warn", "fail", "unknown"], `${place} ${kind}`).toContain(status);
      if (status !== "pass" && status !== "warn") continue;
      if (Object.keys(IRRELEVANT).some((pattern) => covers(pattern, place, kind))) continue;
      green.set(place, [...(green.get(place) ?? []), kind]);
    }
  }
  expect(runs).toBeGreaterThan(300);
  expect(Object.fromEntries(green)).toEqual({});
}, 240_000);

/** `HEAD manifest`, `GET versioning`: what stands in the patterns before the first dot. */
function nameOf(path: string): string {
  const [method = "", target = ""] = path.split(" ");
  const { pathname, searchParams } = new URL(target, "http://s3");
  const what = [...searchParams.keys()].find((name) => SUBRESOURCES.includes(name)) ?? "";
  const object = pathname.endsWith("manifest.json") ? "manifest" : pathname.endsWith(".tar.gz") ? "body" : "bucket";
  return `${method}-${object}${what === "" ? "" : `-${what}`}`;
}

const SUBRESOURCES = [
  "versioning",
  "object-lock",
  "encryption",
  "publicAccessBlock",
  "lifecycle",
  "location",
  "versions",
  "uploads",
  "attributes",
];

/** What is asked once is kept; with a change of it, that is given. */
async function replaying(
  target: string,
  answers: Map<string, Answer>,
  change: () => { readonly path: string; readonly answer: Answer } | undefined,
): Promise<string> {
  const server = createServer((incoming, outgoing) => {
    const path = `${incoming.method} ${incoming.url?.replace(/[?&]x-id=\w+/, "")}`;
    const changed = change();
    const known = changed?.path === path ? changed.answer : answers.get(path);
    const reply = (answer: Answer) => {
      const text = textOf(answer);
      const headers = Object.fromEntries(
        Object.entries(answer.headers).flatMap(([name, value]) => (value === null ? [] : [[name, headerOf(value)]])),
      );
      if (incoming.method !== "HEAD") headers["content-length"] = String(Buffer.byteLength(text));
      outgoing.writeHead(answer.status, headers).end(incoming.method === "HEAD" ? "" : text);
    };
    if (known !== undefined) return reply(known);
    const { method, url: at, headers } = incoming;
    send(new URL(at ?? "", target), { method, headers }, async (answer) => {
      const chunks: Buffer[] = [];
      for await (const chunk of answer) chunks.push(Buffer.from(chunk));
      const kept = Object.entries(answer.headers).filter(([name]) => !TRANSPORT.includes(name));
      const read = {
        status: answer.statusCode ?? 0,
        headers: Object.fromEntries(kept) as Answer["headers"], // of one value each
        body: treeOf(Buffer.concat(chunks).toString()),
      };
      answers.set(path, read);
      reply(read);
    }).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a listening TCP server has one
}

const TRANSPORT = ["date", "server", "connection", "keep-alive", "transfer-encoding", "x-amz-id-2", "content-type"];
const XML = { ignoreAttributes: false, parseTagValue: false, processEntities: true } as const;

function treeOf(text: string): Json {
  if (text.startsWith("<")) return new XMLParser(XML).parse(text) as Json; // of strings alone
  return text === "" ? "" : (JSON.parse(text) as Json);
}

function textOf({ body }: Answer): string {
  if (typeof body === "string") return body;
  const isXml =
    typeof body === "object" && body !== null && Object.keys(body).some((name) => /^(\?xml|[A-Z])/.test(name));
  return isXml ? (new XMLBuilder(XML).build(body) as string) : JSON.stringify(body);
}

function headerOf(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
