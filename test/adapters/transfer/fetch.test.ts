import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FetchOrder } from "../../../src/ports/transfer.ts";
import { archive, failure, leaves, PART_BYTES, pipeTo, refuse, serveS3, sha256, type TestS3 } from "./harness.ts";

const BODY = archive(41_000);
const FROM = { bucket: "litally-archive", key: "core/2026-10/x/rs0.tar.gz", versionId: "v1" };

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "litally-ops-fetch-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function stored(body = BODY): Promise<TestS3> {
  const s3 = await serveS3();
  s3.object = body;
  return s3;
}

function fileOrder(path: string, changes: Partial<FetchOrder> = {}): FetchOrder {
  return {
    from: FROM,
    sizeBytes: BODY.length,
    partSizeBytes: PART_BYTES,
    partSha256s: leaves(BODY),
    sha256: sha256(BODY),
    to: { kind: "file", path },
    onProgress: () => {},
    ...changes,
  };
}

const bytesOf = ({ ranges }: TestS3) =>
  ranges.reduce((sum, range) => {
    const [, first, last] = /(\d+)-(\d+)/.exec(range) ?? [];
    return sum + Number(last) - Number(first) + 1;
  }, 0);

const corrupted = (at: number) => {
  const body = Buffer.from(BODY);
  body[at] = (body[at] ?? 0) ^ 1;
  return body;
};

describe("into a file", () => {
  it("comes whole, each byte once, and only then has its name", async () => {
    const s3 = await stored();
    const path = join(folder(), "rs0.tar.gz");
    const seen: boolean[] = [];
    s3.getTrick = () => {
      seen.push(existsSync(path));
      return undefined;
    };
    expect(await pipeTo(s3.url).fetch(fileOrder(path))).toEqual({ sha256: sha256(BODY), reusedBytes: 0 });
    expect(readFileSync(path).equals(BODY)).toBe(true);
    expect(existsSync(`${path}.partial`)).toBe(false);
    expect(seen).not.toContain(true);
    expect(bytesOf(s3)).toBe(BODY.length);
  });

  it.each([0, 1, PART_BYTES, PART_BYTES + 1, 3 * PART_BYTES, BODY.length - 1, BODY.length])(
    "goes on where %d bytes were left",
    async (left) => {
      const s3 = await stored();
      const path = join(folder(), "a");
      writeFileSync(`${path}.partial`, BODY.subarray(0, left));
      const standing = left === BODY.length ? left : Math.floor(left / PART_BYTES) * PART_BYTES;
      expect(await pipeTo(s3.url).fetch(fileOrder(path))).toEqual({ sha256: sha256(BODY), reusedBytes: standing });
      expect(readFileSync(path).equals(BODY)).toBe(true);
      expect(bytesOf(s3)).toBe(BODY.length - standing);
    },
  );

  it("believes nothing that was left: from the first wrong part on it is read again", async () => {
    const s3 = await stored();
    const path = join(folder(), "a");
    writeFileSync(`${path}.partial`, Buffer.concat([corrupted(2 * PART_BYTES + 5), Buffer.from("and more")]));
    expect(await pipeTo(s3.url).fetch(fileOrder(path))).toEqual({ sha256: sha256(BODY), reusedBytes: 2 * PART_BYTES });
    expect(readFileSync(path).equals(BODY)).toBe(true);
  });

  it("replaces nothing", async () => {
    const s3 = await stored();
    const path = join(folder(), "a");
    writeFileSync(path, "precious");
    expect(await failure(pipeTo(s3.url).fetch(fileOrder(path)))).toMatchObject({ kind: "usage" });
    expect(readFileSync(path, "utf8")).toBe("precious");
    expect(s3.ranges).toEqual([]);
  });

  it("replaces nothing that came to be meanwhile", async () => {
    const s3 = await stored();
    const path = join(folder(), "a");
    s3.getTrick = () => void writeFileSync(path, "precious");
    expect(await failure(pipeTo(s3.url).fetch(fileOrder(path)))).toMatchObject({ kind: "usage" });
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  it("a part that is not as archived is named, and the next run goes on from there", async () => {
    const s3 = await stored(corrupted(5 * PART_BYTES + 7));
    const path = join(folder(), "a");
    const transfer = pipeTo(s3.url);
    const error = await failure(transfer.fetch(fileOrder(path)));
    expect(error).toMatchObject({ kind: "protocol", message: expect.stringContaining("part 6 of 11") });
    expect(existsSync(path)).toBe(false);
    s3.object = BODY;
    expect(await transfer.fetch(fileOrder(path))).toMatchObject({ reusedBytes: 5 * PART_BYTES });
    expect(readFileSync(path).equals(BODY)).toBe(true);
  });

  it("a whole that is not as archived gets no name", async () => {
    const s3 = await stored();
    const path = join(folder(), "a");
    const order = fileOrder(path, { sha256: sha256(Buffer.from("another")) });
    expect(await failure(pipeTo(s3.url).fetch(order))).toMatchObject({ message: expect.stringContaining("the whole") });
    expect(existsSync(path)).toBe(false);
  });

  it("comes without a SHA-256 of the whole too", async () => {
    const s3 = await stored();
    const path = join(folder(), "a");
    expect(await pipeTo(s3.url).fetch(fileOrder(path, { sha256: null }))).toMatchObject({ sha256: sha256(BODY) });
  });

  it("makes the folders that it needs", async () => {
    const path = join(folder(), "nowhere", "yet", "a");
    await pipeTo((await stored()).url).fetch(fileOrder(path));
    expect(readFileSync(path).equals(BODY)).toBe(true);
  });

  it("cannot be written where a file stands in place of a folder", async () => {
    const place = join(folder(), "a");
    writeFileSync(place, "a file");
    const order = fileOrder(join(place, "b"));
    expect(await failure(pipeTo((await stored()).url).fetch(order))).toMatchObject({ kind: "config" });
  });

  it("is refused at once where the disk cannot hold it", async () => {
    const s3 = await stored();
    const order = fileOrder(join(folder(), "a"), { sizeBytes: 2 ** 60, partSizeBytes: 2 ** 50 });
    expect(await failure(pipeTo(s3.url).fetch(order))).toMatchObject({
      kind: "config",
      message: expect.stringContaining("too full"),
    });
    expect(s3.ranges).toEqual([]);
  });
});

describe("an S3 that fails on the way", () => {
  it.each(["drop", "reset", "stall", "503"])("%s: each range is taken up again", async (how) => {
    const s3 = await stored();
    const path = join(folder(), "a");
    s3.getTrick = (turn, [from, to], response) => {
      if (turn % 2 === 1) return undefined;
      if (how === "503") refuse(response, 503, "SlowDown");
      else {
        response.writeHead(206, {
          "content-range": `bytes ${from}-${to - 1}/${BODY.length}`,
          "content-length": to - from,
        });
        response.write(BODY.subarray(from, from + (to - from) / 2), () => {
          if (how === "drop") response.destroy();
          if (how === "reset") response.socket?.resetAndDestroy();
        });
      }
      return "answered";
    };
    expect(await pipeTo(s3.url).fetch(fileOrder(path))).toMatchObject({ sha256: sha256(BODY) });
    expect(readFileSync(path).equals(BODY)).toBe(true);
  });

  it.each([
    [403, "InvalidObjectState", "rejected"],
    [403, "AccessDenied", "auth"],
    [404, "NoSuchKey", "not-found"],
  ])("%d %s ends it", async (status, code, kind) => {
    const s3 = await stored();
    const transfer = pipeTo(s3.url);
    s3.getTrick = (turn, _range, response) => {
      if (turn < 3) return undefined;
      refuse(response, status, code);
      return "answered";
    };
    const path = join(folder(), "a");
    const error = await failure(transfer.fetch(fileOrder(path)));
    expect(error).toMatchObject({ kind, message: expect.stringContaining(code) });
    s3.getTrick = () => undefined;
    expect(await transfer.fetch(fileOrder(path))).toMatchObject({ sha256: sha256(BODY) });
  });

  it("gives other bytes than those that were asked for", async () => {
    const s3 = await stored();
    s3.getTrick = (_turn, [from, to], response) => {
      response.writeHead(206, {
        "content-range": `bytes 0-${to - from - 1}/${BODY.length}`,
        "content-length": to - from,
      });
      response.end(BODY.subarray(0, to - from));
      return "answered";
    };
    const error = await failure(pipeTo(s3.url).fetch(fileOrder(join(folder(), "a"), { partSizeBytes: 1024 })));
    expect(error.kind).toBe("protocol");
  });
});

describe("through a stream", () => {
  it("comes in order", async () => {
    const s3 = await stored();
    const got: Buffer[] = [];
    const write = async (bytes: Uint8Array) => void got.push(Buffer.from(bytes));
    const fetched = await pipeTo(s3.url).fetch({ ...fileOrder(""), to: { kind: "stream", write } });
    expect(fetched).toEqual({ sha256: sha256(BODY), reusedBytes: 0 });
    expect(Buffer.concat(got).equals(BODY)).toBe(true);
  });

  it("that nobody reads any more ends it, and leaves the pipe whole", async () => {
    const s3 = await stored();
    const transfer = pipeTo(s3.url);
    const write = () => Promise.reject(new Error("EPIPE"));
    await expect(transfer.fetch({ ...fileOrder(""), to: { kind: "stream", write } })).rejects.toThrow("EPIPE");
    expect(await transfer.fetch(fileOrder(join(folder(), "a")))).toMatchObject({ sha256: sha256(BODY) });
  });
});

describe("through the hashes alone", () => {
  it("says those of the parts and of the whole", async () => {
    const s3 = await stored();
    const told: number[] = [];
    const order = { from: FROM, sizeBytes: BODY.length, partSizeBytes: PART_BYTES };
    const hashed = await pipeTo(s3.url).hash({ ...order, onProgress: (bytes) => told.push(bytes) });
    expect(hashed).toEqual({ sha256: sha256(BODY), partSha256s: leaves(BODY) });
    expect(told.at(-1)).toBe(BODY.length);
    expect(s3.ranges.length).toBeGreaterThan(3);
  });
});

it("stops when it is told to", async () => {
  const s3 = await stored();
  const stopping = new AbortController();
  s3.getTrick = (turn) => {
    if (turn === 4) stopping.abort();
    return turn > 4 ? "answered" : undefined;
  };
  const error = await failure(pipeTo(s3.url, { signal: stopping.signal }).fetch(fileOrder(join(folder(), "a"))));
  expect(error).toMatchObject({ kind: "aborted" });
});
