/** What S3 says where it does not do as it was asked, in the words that all of AWS has here. */
import { OpsError } from "../../core/error.ts";
import { translate } from "../aws/failure.ts";

/** What S3 refuses though the same may succeed again: bytes that came late, not at all, or damaged. */
const PASSING = new Set(["RequestTimeout", "IncompleteBody", "BadDigest", "InvalidDigest"]);

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function refused(call: string, status: number, text: string, requestId: string | undefined): OpsError {
  const name = /<Code>(\w{1,80})<\/Code>/.exec(text)?.[1] ?? "Unknown";
  if (PASSING.has(name)) return new OpsError("unavailable", `AWS failed at ${call}: ${status} ${name}`);
  const error = translate({ name, $metadata: { httpStatusCode: status, requestId } }, call);
  return error instanceof OpsError ? error : new OpsError("bug", `an answer to ${call} was not understood`);
}
