/**
 * Into how many parts an object is cut for its upload. S3 takes 10,000 parts of 5 MiB to 5 GiB, and 48.8 TiB in all:
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html
 */
import { OpsError } from "../../core/error.ts";
import { formatBytes } from "../../core/size.ts";

const MIB = 1024 ** 2;
const PARTS_MAX = 10_000;
const PART_BYTES_MAX = 5 * 1024 ** 3;
export const OBJECT_BYTES_MAX = PARTS_MAX * PART_BYTES_MAX;
/** Small enough for several to be under way at once, big enough for a request to cost next to nothing. */
const USUAL_PART_BYTES = 8 * MIB;

/** In whole MiB. OpsError `rejected` beyond what one object may hold. */
export function partSizeBytesFor(sizeBytes: number): number {
  if (sizeBytes > OBJECT_BYTES_MAX) {
    throw new OpsError("rejected", `S3 takes no object of ${formatBytes(sizeBytes)}: the most is 48.8 TiB`, {
      hint: "archive by the export road, which makes many objects",
    });
  }
  return Math.max(USUAL_PART_BYTES, Math.ceil(sizeBytes / PARTS_MAX / MIB) * MIB);
}
