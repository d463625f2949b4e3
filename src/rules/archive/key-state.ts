/** Whether what a key of KMS encrypts can be read: https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html */
import { formatInstant } from "../../core/instant.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { KeyState } from "../../ports/keys.ts";

/**
 * One that waits to be deleted decrypts nothing already, and can still be brought back. S3 uses symmetric keys alone:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
export function judgeKey({ arn, state, deletionAt, isSymmetric }: KeyState): Verdict {
  const evidence = { expected: "Enabled", actual: state };
  if (deletionAt !== null) return fail(`key ${arn} is deleted on ${formatInstant(deletionAt)}`, evidence);
  if (!isSymmetric) return fail(`key ${arn} is asymmetric: S3 encrypts nothing with it`, evidence);
  if (state === "Enabled") return pass(`key ${arn} is enabled`, evidence);
  return state === "Updating" || state === "Creating"
    ? unknown(`key ${arn} is ${state}: look again in a while`, evidence)
    : fail(`key ${arn} is ${state}: nothing can be read or written with it`, evidence);
}

export function keyRemedy(arn: string): string {
  return `bring it back before anything else, for every archive under it hangs on it: aws kms cancel-key-deletion --key-id ${arn}, then aws kms enable-key --key-id ${arn}`;
}
