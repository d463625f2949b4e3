/**
 * A sink for benchmarks: takes what S3 takes, speaks as S3 speaks, and throws every byte away. It checks and computes
 * nothing, so that what is measured is the sender.
 */
import { createServer, Socket } from "node:net";

const READ = 1 << 20;
/** Bytes at the end of a body in which a checksum may stand. */
const TRAILER = 160;
const scratch = Buffer.allocUnsafe(READ); // all connections read into it: nothing of it is looked at twice

let storedBytes = 0;

const server = createServer({ noDelay: true, pauseOnConnect: true }, ({ _handle: handle }) => serve(handle));
server.listen(0, "127.0.0.1", () => console.log(JSON.stringify({ port: server.address().port })));
process.on("SIGTERM", () => process.exit(0));

function serve(handle) {
  let head = "";
  let left = 0;
  let trailer = "";
  let reply = () => true;
  const socket = new Socket({ handle, onread: { buffer: scratch, callback: take } });
  socket.on("error", () => socket.destroy());
  socket.resume();
  function take(length) {
    const data = scratch.subarray(0, length);
    let at = 0;
    while (at < data.length) {
      if (left > 0) {
        const taken = Math.min(left, data.length - at);
        if (left - taken < TRAILER) trailer += data.latin1Slice(Math.max(at, at + taken - TRAILER), at + taken);
        left -= taken;
        at += taken;
        if (left === 0) reply();
        continue;
      }
      const before = head.length;
      head += data.latin1Slice(at, Math.min(data.length, at + 16_384));
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) break;
      at += end + 4 - before;
      const request = head.slice(0, end);
      head = "";
      left = Number(/^content-length: *(\d+)/im.exec(request)?.[1] ?? 0);
      trailer = "";
      reply = () => socket.write(answer(request, trailer));
      if (/^expect: *100-continue/im.test(request)) socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      if (left === 0) reply();
    }
    return true;
  }
}

function answer(request, trailer) {
  const [method, path] = request.split(" ", 2);
  if (method === "PUT") storedBytes += Number(/^content-length: *(\d+)/im.exec(request)?.[1]);
  if (method === "POST" && path.includes("uploads")) storedBytes = 0;
  if (method === "PUT") {
    const checksum =
      /^x-amz-checksum-(?:crc|sha)\w+: *\S+\r?$/im.exec(request) ?? /^x-amz-checksum-\w+:\S+$/m.exec(trailer);
    const echoed = checksum === null ? "" : `${checksum[0].trimEnd()}\r\n`;
    return said("", `ETag: "0123456789abcdef0123456789abcdef"\r\n${echoed}`);
  }
  if (method === "HEAD") return head();
  if (method === "POST" && /[?&]uploads/.test(path)) {
    return said(
      "<InitiateMultipartUploadResult><Bucket>b</Bucket><Key>k</Key><UploadId>u</UploadId></InitiateMultipartUploadResult>",
    );
  }
  if (method === "POST") {
    return said(
      '<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>"e-1"</ETag></CompleteMultipartUploadResult>',
    );
  }
  return said("<ListBucketResult></ListBucketResult>");
}

/** Some programs look after what they sent. */
function head() {
  const length = `Content-Length: ${storedBytes}\r\nETag: "0123456789abcdef0123456789abcdef-2"\r\n`;
  return `HTTP/1.1 200 OK\r\nx-amz-request-id: bench\r\nLast-Modified: Sun, 01 Nov 2026 00:00:00 GMT\r\n${length}\r\n`;
}

function said(xml, headers = "") {
  const type = xml === "" ? "" : "Content-Type: application/xml\r\n";
  return `HTTP/1.1 200 OK\r\nx-amz-request-id: bench\r\n${headers}${type}Content-Length: ${xml.length}\r\n\r\n${xml}`;
}
