import { describe, expect, it } from "vitest";
import type { BodyIdentity } from "../../../src/ports/transfer.ts";
import {
  archive,
  failure,
  leaves,
  listen,
  orderOf,
  PART_BYTES,
  type PipeOptions,
  pipeTo,
  refuse,
  serveS3,
  serveSource,
  sha256,
  type TestS3,
  type TestSource,
  type Trick,
} from "./harness.ts";

const BODY = archive(21_000);

interface Setting {
  readonly source: TestSource;
  readonly s3: TestS3;
  readonly identity: BodyIdentity;
}

async function setting(body = BODY): Promise<Setting> {
  const [source, s3] = await Promise.all([serveSource(body), serveS3()]);
  return { source, s3, identity: { lengthBytes: body.length, etag: source.etag } };
}

function push({ source, s3, identity }: Setting, options?: PipeOptions) {
  return pipeTo(s3.url, options).push(orderOf(source.url, identity, s3.uploaded()));
}

describe("a body", () => {
  it("is what its length and its ETag say, learnt from two bytes", async () => {
    const { source, s3, identity } = await setting();
    expect(await pipeTo(s3.url).inspect({ url: source.url })).toEqual(identity);
    expect(source.ranges).toEqual([]);
  });

  it("arrives whole, in parts that S3 has verified, read once", async () => {
    const here = await setting();
    const pushed = await push(here);
    expect(here.s3.whole().equals(BODY)).toBe(true);
    expect(pushed).toMatchObject({ sha256: sha256(BODY), isStructureChecked: true, sentBytes: BODY.length });
    expect(pushed.parts.map((part) => part.sha256)).toEqual(leaves(BODY));
    expect(pushed.parts.map((part) => part.number)).toEqual(pushed.parts.map((_, index) => index + 1));
    expect(here.source.ranges).toEqual([[0, BODY.length]]);
    expect([...here.s3.taken.values()]).toEqual(pushed.parts.map(() => 1));
  });

  it("tells its progress up to the last byte", async () => {
    const { source, s3, identity } = await setting();
    const told: number[] = [];
    await pipeTo(s3.url).push({ ...orderOf(source.url, identity), onProgress: (bytes) => told.push(bytes) });
    expect(told.toSorted((a, b) => a - b)).toEqual(told);
    expect(told.at(-1)).toBe(BODY.length);
  });

  it.each([PART_BYTES - 1, PART_BYTES, PART_BYTES + 1, 1024, 2 * PART_BYTES])(
    "of about %d bytes arrives",
    async (bytes) => {
      const here = await setting(archive(bytes));
      expect((await push(here)).sha256).toBe(sha256(here.source.body));
      expect(here.s3.whole().equals(here.source.body)).toBe(true);
    },
  );
});

describe("a source that fails on the way", () => {
  const once = (trick: Trick) => (source: TestSource) => {
    source.trick = ({ turn }) => (turn === 0 ? trick : undefined);
  };

  it.each(["drop", "reset"] as const)("%ss at any byte: taken up there", async (end) => {
    for (let after = 0; after < BODY.length; after += 997) {
      const here = await setting();
      once({ after, end })(here.source);
      const pushed = await push(here);
      expect(pushed).toMatchObject({ sha256: sha256(BODY), isStructureChecked: true });
      expect(here.s3.whole().equals(BODY)).toBe(true);
      expect(here.source.ranges).toHaveLength(2);
      const [, second] = here.source.ranges;
      if (end === "drop") expect(second).toEqual([after, BODY.length]); // a reset may take bytes along
      expect([...here.s3.taken.values()].every((times) => times === 1)).toBe(true);
    }
  });

  it("stalls: taken up again", async () => {
    const here = await setting();
    once({ after: 5000, end: "stall" })(here.source);
    expect((await push(here)).sha256).toBe(sha256(BODY));
    expect(here.source.ranges).toEqual([
      [0, BODY.length],
      [5000, BODY.length],
    ]);
  });

  it("drips: as good as stalled", async () => {
    const here = await setting();
    here.source.trick = ({ turn, response }) => {
      if (turn > 0) return undefined;
      response.writeHead(206, {
        etag: '"v1"',
        "content-range": `bytes 0-${BODY.length - 1}/${BODY.length}`,
        "content-length": BODY.length,
      });
      let at = 0;
      const drip = setInterval(() => void response.write(BODY.subarray(at, ++at)), 20);
      response.on("close", () => clearInterval(drip));
      return { answered: true };
    };
    expect((await push(here)).sha256).toBe(sha256(BODY));
    expect(here.source.ranges).toHaveLength(2);
  });

  it("answers with 503 for a while", async () => {
    const here = await setting();
    here.source.trick = ({ turn, response }) => {
      if (turn > 1) return undefined;
      response.writeHead(503).end();
      return { answered: true };
    };
    expect((await push(here)).sha256).toBe(sha256(BODY));
  });

  it("never comes back: given up after a few attempts, with what arrived kept", async () => {
    const here = await setting();
    here.source.trick = ({ turn }) => ({ after: turn === 0 ? 9000 : 0, end: "drop" });
    expect(await failure(push(here))).toMatchObject({
      kind: "unavailable",
      message: expect.stringMatching(/gave up after 4/),
    });
    expect(here.s3.parts.size).toBe(2);
    here.source.trick = () => undefined;
    const pushed = await push(here);
    expect(pushed).toMatchObject({ sha256: null, isStructureChecked: false, sentBytes: BODY.length - 2 * PART_BYTES });
    expect(pushed.parts.map((part) => part.sha256)).toEqual(leaves(BODY));
  });

  it.each([301, 302, 307])("%d: redirects are not followed", async (status) => {
    const here = await setting();
    here.source.trick = ({ response }) => {
      response.writeHead(status, { location: here.source.url }).end();
      return { answered: true };
    };
    expect(await failure(push(here))).toMatchObject({ kind: "protocol" });
  });

  it.each([401, 403, 404, 410])("%d: refused, at once", async (status) => {
    const here = await setting();
    here.source.trick = ({ response }) => {
      response.writeHead(status).end();
      return { answered: true };
    };
    expect(await failure(push(here))).toMatchObject({ kind: "rejected" });
    expect(here.source.ranges).toHaveLength(1);
  });

  it.each([
    ["another ETag", { etag: '"v2"' }],
    ["another length", { body: archive(10_000) }],
    ["another ETag and length", { etag: '"v2"', body: archive(40_000) }],
    ["no ETag any more", { etag: null }],
  ])("with %s is another body, at the start and in the middle", async (_, changes) => {
    const before = await setting();
    Object.assign(before.source, changes);
    expect(await failure(push(before))).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("not the one"),
    });
    const between = await setting();
    between.source.trick = ({ turn }) => {
      if (turn > 0) return undefined;
      setTimeout(() => Object.assign(between.source, changes), 1);
      return { after: 5000, end: "stall" };
    };
    expect(await failure(push(between))).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("not the one"),
    });
  });

  it("cannot be taken up in the middle where it knows no ranges", async () => {
    const here = await setting();
    here.source.trick = ({ turn, response }) => {
      response.writeHead(200, { etag: '"v1"', "content-length": BODY.length });
      response.write(turn === 0 ? BODY.subarray(0, 5000) : BODY, () => turn === 0 && response.destroy());
      return { answered: true };
    };
    expect(await failure(push(here))).toMatchObject({
      kind: "rejected",
      message: expect.stringContaining("in the middle"),
    });
  });
});

describe("what is no archive", () => {
  it("a page of HTML is refused by its first two bytes", async () => {
    const url = await listen((_request, response) => response.end("<html>Sign in</html>"));
    expect(await failure(pipeTo(url).inspect({ url }))).toMatchObject({ kind: "protocol" });
  });

  const flipped = (at: number) => {
    const body = Buffer.from(BODY);
    body[at] = (body[at] ?? 0) ^ 0x10;
    return body;
  };
  it.each([
    ["HTML", Buffer.from("<html><body>Sign in</body></html>".repeat(500))],
    ["a truncated gzip", BODY.subarray(0, -9)],
    ["a gzip without its trailer's last byte", BODY.subarray(0, -1)],
    ["a byte flipped in the middle", flipped(10_000)],
    ["a byte flipped in the checksum at the end", flipped(BODY.length - 6)],
    ["a byte flipped in the length at the end", flipped(BODY.length - 1)],
    ["garbage after its end", Buffer.concat([BODY, Buffer.from("<html>")])],
  ])("%s: protocol, never pushed", async (_, body) => {
    expect(await failure(push(await setting(body)))).toMatchObject({ kind: "protocol" });
  });

  it.each(["http://example.com/x", "ftp://127.0.0.1/x", "no address"])(
    "%s is no address to take one from",
    async (url) => {
      const transfer = pipeTo("http://127.0.0.1:1");
      expect(await failure(transfer.inspect({ url: `${url}?c4n4ry-0f-the-source` }))).toMatchObject({
        kind: "protocol",
      });
    },
  );
});

describe("an S3 that fails on the way", () => {
  it.each([
    [500, "InternalError"],
    [503, "SlowDown"],
    [400, "RequestTimeout"],
    [400, "BadDigest"],
    [400, "IncompleteBody"],
  ])("%d %s: the part is read and sent once more", async (status, code) => {
    const here = await setting();
    here.s3.partTrick = ({ number, turn, response }) => {
      if (number !== 2 || turn > 1) return undefined;
      refuse(response, status, code);
      return "answered";
    };
    const pushed = await push(here);
    expect(pushed).toMatchObject({ sha256: sha256(BODY), isStructureChecked: true, sentBytes: BODY.length });
    expect(here.s3.whole().equals(BODY)).toBe(true);
    expect(here.source.ranges).toEqual([
      [0, BODY.length],
      [PART_BYTES, 2 * PART_BYTES],
    ]);
    expect(here.s3.sent.get(2)).toBe(2);
    expect(here.s3.sent.get(1)).toBe(1);
  });

  it.each(["reset", "silent", "unverified", "wrong checksum"])("%s, of every part once", async (how) => {
    const here = await setting();
    const answers = new Map([
      ["unverified", {}],
      ["wrong checksum", { "x-amz-checksum-sha256": "AAAA" }],
    ]);
    here.s3.partTrick = ({ turn, response }) => {
      if (turn > 1) return undefined;
      if (how === "reset") response.socket?.resetAndDestroy();
      const headers = answers.get(how);
      if (headers !== undefined)
        response.req.resume().on("end", () => response.writeHead(200, { etag: '"x"', ...headers }).end());
      return "answered";
    };
    if (answers.has(how)) {
      expect(await failure(push(here))).toMatchObject({
        kind: "protocol",
        message: expect.stringContaining("verified"),
      });
    } else {
      expect((await push(here)).sha256).toBe(sha256(BODY));
      expect(here.s3.whole().equals(BODY)).toBe(true);
    }
  });

  it.each([
    [403, "AccessDenied", "auth"],
    [404, "NoSuchUpload", "not-found"],
    [400, "InvalidPart", "rejected"],
  ])("%d %s ends it at once", async (status, code, kind) => {
    const here = await setting();
    here.s3.partTrick = ({ number, response }) => {
      if (number !== 3) return undefined;
      refuse(response, status, code);
      return "answered";
    };
    expect(await failure(push(here))).toMatchObject({ kind, message: expect.stringContaining(code) });
    expect(here.s3.sent.get(3)).toBe(1);
  });

  it("that never takes a part is given up, with the others kept", async () => {
    const here = await setting();
    here.s3.partTrick = ({ number, response }) => {
      if (number !== 1) return undefined;
      refuse(response, 500, "InternalError");
      return "answered";
    };
    expect(await failure(push(here))).toMatchObject({
      kind: "unavailable",
      message: expect.stringContaining("gave up"),
    });
    expect(here.s3.sent.get(1)).toBe(4);
  });
});

describe("what has arrived before", () => {
  it("is not asked for and not sent again: only the gaps are", async () => {
    const here = await setting();
    await push(here);
    for (const number of [2, 3, 5]) here.s3.parts.delete(number);
    here.source.ranges.length = 0;
    const pushed = await push(here);
    expect(here.source.ranges).toEqual([
      [PART_BYTES, 3 * PART_BYTES],
      [4 * PART_BYTES, 5 * PART_BYTES],
    ]);
    expect(pushed.parts.map((part) => part.sha256)).toEqual(leaves(BODY));
    expect(pushed.sentBytes).toBe(3 * PART_BYTES);
    expect(here.s3.taken.get(1)).toBe(1);
  });

  it("is all of it: nothing is asked for", async () => {
    const here = await setting();
    await push(here);
    here.source.ranges.length = 0;
    expect(await push(here)).toMatchObject({ sha256: null, isStructureChecked: false, sentBytes: 0 });
    expect(here.source.ranges).toEqual([]);
  });

  it("is sent again where it is not as long as a part is here", async () => {
    const here = await setting();
    here.s3.parts.set(1, BODY.subarray(0, 100));
    expect((await push(here)).sha256).toBe(sha256(BODY));
  });
});

it("stops when it is told to, in the middle", async () => {
  const here = await setting();
  const stopping = new AbortController();
  here.source.trick = () => {
    setTimeout(() => stopping.abort(), 20);
    return { after: 9000, end: "stall" };
  };
  const error = await failure(push(here, { signal: stopping.signal, limits: { chunkMs: 20_000 } }));
  expect(error).toMatchObject({ kind: "aborted" });
});

it("takes no more memory than it may: a slow S3 slows the source", async () => {
  const here = await setting(archive(400_000));
  here.s3.partTrick = ({ response }) => {
    response.req.pause();
    setTimeout(() => response.req.resume(), 5);
    return undefined;
  };
  expect((await push(here, { limits: { partsUnderWay: 2, chunks: 4 } })).sha256).toBe(sha256(here.source.body));
});
