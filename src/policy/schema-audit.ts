/** Where the record of operators' acts is kept beside this machine. */
import * as z from "zod/mini";
import { block, bucketName, choice, field, prefix, retention } from "./scalars.ts";

export const auditLog = block({
  bucket: field("The S3 bucket, in the account of the policy; it has Object Lock.", bucketName()),
  prefix: field("The folder in the bucket; it ends with a slash.", z.prefault(prefix("audit/"), "audit/")),
  retain: field("How long each record is locked.", z.prefault(retention(), "7y")),
  objectLock: field(
    "COMPLIANCE: nobody can delete early. GOVERNANCE: a right of its own is needed.",
    z.prefault(choice("a lock mode", ["COMPLIANCE", "GOVERNANCE"]), "COMPLIANCE"),
  ),
});
