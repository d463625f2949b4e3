/**
 * Requests to S3 as its SDK makes them (endpoint, credentials, which it renews, signature), but not sent: their bodies go
 * another way. That costs half a millisecond for a part of megabytes, and nothing is signed by hand.
 */
import { GetObjectCommand, type GetObjectCommandInput, S3Client, UploadPartCommand } from "@aws-sdk/client-s3";
import { OpsError } from "../../core/error.ts";
import type { ObjectAddress, UploadAddress } from "../../ports/s3.ts";
import type { ClientSettings } from "../aws/client.ts";
import { isLoopback } from "./dial.ts";
import type { WireRequest } from "./wire.ts";

export interface Signer {
  /** `headers` are signed with the rest. */
  uploadPart(upload: UploadAddress, number: number, headers: WireRequest["headers"]): Promise<WireRequest>;
  getRange(object: ObjectAddress, range: string): Promise<WireRequest>;
  close(): void;
}

export interface SignerOptions {
  readonly settings: Pick<ClientSettings, "region" | "credentials" | "endpoint">;
  /** S3 refuses whatever is asked of a bucket of another account. */
  readonly accountId: string;
}

type Command = GetObjectCommand | UploadPartCommand;

export function openSigner({ settings, accountId }: SignerOptions): Signer {
  const client = new S3Client({ ...settings, maxAttempts: 1, requestChecksumCalculation: "WHEN_REQUIRED" });
  return {
    uploadPart: ({ bucket, key, uploadId }, number, headers) => {
      const input = {
        Bucket: bucket,
        Key: key,
        UploadId: uploadId,
        PartNumber: number,
        ExpectedBucketOwner: accountId,
      };
      return sign(client, new UploadPartCommand(input), headers);
    },
    getRange: ({ bucket, key, versionId }, range) => {
      const input: GetObjectCommandInput = { Bucket: bucket, Key: key, Range: range, ExpectedBucketOwner: accountId };
      return sign(
        client,
        new GetObjectCommand(versionId === undefined ? input : { ...input, VersionId: versionId }),
        {},
      );
    },
    close: () => client.destroy(),
  };
}

/** The command runs up to where it would be sent. */
async function sign(client: S3Client, command: Command, headers: WireRequest["headers"]): Promise<WireRequest> {
  let request: HttpRequest | undefined;
  // both unions of commands have this stack; the SDK types it by the one command
  const stack = command.middlewareStack as unknown as UploadPartCommand["middlewareStack"];
  stack.add(
    (next) => (args) => {
      Object.assign((args.request as HttpRequest).headers, headers); // S3 speaks HTTP
      return next(args);
    },
    BEFORE_SIGNING,
  );
  stack.add(
    () => async (args) => {
      request = args.request as HttpRequest;
      return { response: null, output: { $metadata: {} } };
    },
    INSTEAD_OF_SENDING,
  );
  await (command instanceof UploadPartCommand ? client.send(command) : client.send(command));
  if (request === undefined) throw new OpsError("bug", "the SDK made no request");
  return { url: urlOf(request), headers: request.headers };
}

const BEFORE_SIGNING = { step: "build", name: "headersOfTheBody" } as const;
const INSTEAD_OF_SENDING = { step: "deserialize", priority: "high", name: "notSent" } as const;

/** The SDK's own, as far as it is used. */
interface HttpRequest {
  readonly protocol: string;
  readonly hostname: string;
  readonly port?: number;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Record<string, string>;
}

/** The body is not signed, so nobody on the way may be able to change it. */
function urlOf({ protocol, hostname, port, path, query }: HttpRequest): URL {
  const words = Object.entries(query).map(([name, value]) => `${escaped(name)}=${escaped(value)}`);
  const url = new URL(`${protocol}//${hostname}${port === undefined ? "" : `:${port}`}${path}?${words.join("&")}`);
  if (url.protocol === "https:" || isLoopback(url)) return url;
  throw new OpsError("config", "S3 is to be reached without TLS", {
    hint: "check AWS_ENDPOINT_URL and its kin: archives go over https alone",
  });
}

/** As in the signature: https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html */
function escaped(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}
