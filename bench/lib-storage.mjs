/** `node lib-storage.mjs <source> <s3> <as-shipped|tuned>`: the peer that AWS offers for this, for comparison. */
import { get } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { Upload } from "@aws-sdk/lib-storage";

const [, , source, endpoint, how] = process.argv;
const client = new S3Client({
  region: "ap-south-1",
  endpoint,
  forcePathStyle: true,
  credentials: { accessKeyId: "AKIABENCH", secretAccessKey: "bench" },
});
const response = await new Promise((resolve) => get(source, resolve));
const tuning = how === "tuned" ? { partSize: 16 * 1024 * 1024, queueSize: 4 } : {};
await new Upload({ client, params: { Bucket: "b", Key: "k", Body: response }, ...tuning }).done();
client.destroy();
process.exitCode = 0; // not exit(): https://github.com/nodejs/node/issues/54918
