/** The chain of records: any damage is found, and the first link that does not hold is the one that was damaged. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { lookAt } from "../../src/commands/audit-look.ts";
import { memoryShelf } from "../../src/commands/memory-shelf.ts";
import type { Shelf } from "../../src/ports/shelf.ts";
import { GENESIS, linkTo, seal, unseal } from "../../src/rules/audit/chain.ts";
import { MAX_BODY_BYTES } from "../../src/rules/audit/record.ts";
import { AT, aStep, headOf, NEVER, plan, recorder, sha256, shelfOf, sightOf, textsOf } from "../support/audit.ts";

const ACTS = 4;
const LENGTH = 2 * ACTS;
const RUNS = { numRuns: 60 };

let texts: ReadonlyMap<number, string>;
beforeAll(async () => {
  const shelf = memoryShelf();
  const { act } = recorder(shelf);
  for (let index = 0; index < ACTS; index += 1) await act();
  texts = await textsOf(shelf);
});

const text = (seq: number) => texts.get(seq) ?? "";
const remembered = () => headOf(text(LENGTH));
const anySeq = fc.integer({ min: 1, max: LENGTH });
const look = (damaged: ReadonlyMap<number, string>) => lookIn(shelfOf(damaged));
const lookIn = (shelf: Shelf, environment = "test") =>
  lookAt({ shelf, environment, sha256, now: AT, signal: NEVER, remembered: remembered(), shared: null });
const changed = (...changes: readonly (readonly [number, string])[]) => new Map([...texts, ...changes]);

/** As bytes are read back: what is no text is nothing. */
function decoded(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return "";
  }
}

async function* fromAll<T>(items: readonly T[]): AsyncGenerator<T> {
  yield* items;
}

/** Rewritten by somebody who knows how records are made. */
function forged(seq: number, prev: string): string {
  const { body } = unseal(text(seq), sha256) ?? { body: "" };
  const other = body.replace("anna@build-7", "mallory@x").replace(/"prev":"[0-9a-f]{64}"/, `"prev":"${prev}"`);
  return seal(other, sha256);
}

describe("a chain", () => {
  it("is whole as it was written", async () => {
    const { chain, open } = await look(texts);
    expect(chain).toMatchObject({ count: LENGTH, newest: LENGTH, breaks: 0, firstBreak: null, unseen: 0 });
    expect(open.count).toBe(0);
  });

  it("finds any bit that was changed, and where", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, fc.nat(), fc.integer({ min: 0, max: 7 }), async (seq, where, bit) => {
        const bytes = Buffer.from(text(seq));
        const index = where % bytes.length;
        bytes[index] = (bytes[index] ?? 0) ^ (1 << bit);
        const { chain } = await look(changed([seq, decoded(bytes)]));
        expect(chain.firstBreak?.seq).toBe(seq);
      }),
      { numRuns: 300 },
    );
  });

  it("finds a record that is gone, the newest among them", async () => {
    for (let seq = 1; seq <= LENGTH; seq += 1) {
      const left = new Map(texts);
      left.delete(seq);
      const { chain } = await look(left);
      expect(chain.firstBreak).toMatchObject({ seq, message: `record ${seq} is missing` });
    }
  });

  it("finds any number of records cut off at either end", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, fc.boolean(), async (count, atEnd) => {
        const left = new Map([...texts].filter(([seq]) => (atEnd ? seq <= LENGTH - count : seq > count)));
        expect((await look(left)).chain.firstBreak?.seq).toBe(atEnd ? LENGTH - count + 1 : 1);
      }),
      RUNS,
    );
  });

  it("finds records that have changed places", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, anySeq, async (a, b) => {
        fc.pre(a !== b);
        const { chain } = await look(changed([a, text(b)], [b, text(a)]));
        expect(chain.firstBreak?.seq).toBe(Math.min(a, b));
      }),
      RUNS,
    );
  });

  it("finds a record that stands there twice", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, async (seq) => {
        const { chain } = await look(changed([LENGTH + 1, text(seq)]));
        expect(chain.firstBreak).toMatchObject({ seq: LENGTH + 1, message: "it stands in the wrong place" });
      }),
      RUNS,
    );
  });

  it("finds a record that was put in, however well it is made", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: LENGTH - 1 }), async (seq) => {
        const prev = seq === 1 ? GENESIS : linkTo(text(seq - 1), sha256);
        const later = [...texts].filter(([other]) => other >= seq).map(([other, one]) => [other + 1, one] as const);
        const { chain } = await look(changed(...later, [seq, forged(seq, prev)]));
        expect(chain.firstBreak).toMatchObject({ seq: seq + 1, message: "it stands in the wrong place" });
      }),
      RUNS,
    );
  });

  it("finds a record that was rewritten with a hash of its own", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, async (seq) => {
        const prev = seq === 1 ? GENESIS : linkTo(text(seq - 1), sha256);
        const { chain } = await look(changed([seq, forged(seq, prev)]));
        expect(chain.firstBreak).toMatchObject({ seq, message: "it is not the record that the next one names" });
      }),
      RUNS,
    );
  });

  it("finds by what is remembered that all was rewritten from a record on", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, async (from) => {
        const rewritten = new Map(texts);
        for (let seq = from; seq <= LENGTH; seq += 1)
          rewritten.set(seq, forged(seq, linkTo(rewritten.get(seq - 1) ?? null, sha256)));
        expect((await look(rewritten)).chain.firstBreak?.seq).toBe(LENGTH);
      }),
      RUNS,
    );
  });

  it("finds a record whose number is taken already, wherever it is listed", async () => {
    await fc.assert(
      fc.asyncProperty(anySeq, anySeq, async (seq, before) => {
        const twice = [...texts.keys()]
          .toSorted((a, b) => b - a)
          .flatMap((one) => (one === before ? [one, seq] : [one]));
        fc.pre(seq >= before);
        const entries = twice.map((one) => ({ seq: one, place: `${one}`, tampering: null, read: () => read(one) }));
        const read = async (one: number) => ({ text: text(one) });
        const { chain } = await lookIn({ ...shelfOf(texts), entries: () => fromAll(entries) });
        expect(chain.breaks).toBeGreaterThan(0);
      }),
      RUNS,
    );
  });

  it("finds records of another environment, however whole they are", async () => {
    const { chain } = await lookIn(shelfOf(texts), "production");
    expect([chain.breaks, chain.firstBreak]).toMatchObject([
      LENGTH,
      { seq: 1, message: "it is a record of another environment", expected: "production", actual: "test" },
    ]);
  });

  it("tells what was begun and never ended, and by whom", async () => {
    const shelf = memoryShelf();
    const { begin, act } = recorder(shelf);
    await act();
    await begin({ plan: plan(), names: [] });
    await act();
    const { open, chain } = await sightOf(shelf);
    expect(chain.breaks).toBe(0);
    expect(open.count).toBe(1);
    expect(open.shown[0]).toMatch(/^backup snapshot of 2026-11-22 02:00:00 UTC by anna@build-7 never ended: record 3/);
  });
});

describe("what goes on after damage", () => {
  it("a record that was cut off at any byte is told, and what comes after it hides nothing", async () => {
    const whole = Buffer.from(text(LENGTH));
    for (let length = 0; length < whole.length; length += 7) {
      const { chain } = await look(changed([LENGTH, decoded(whole.subarray(0, length))]));
      expect(chain.firstBreak?.seq, `${length} bytes`).toBe(LENGTH);
    }
  });

  it("the next record goes by what is remembered, so that a break stays one", async () => {
    const shelf = memoryShelf();
    await recorder(shelf).act();
    const kept = await textsOf(shelf);
    const cut = memoryShelf();
    await cut.create({ seq: 1, text: kept.get(1) ?? "", at: AT });
    await cut.notes.write("head", kept.get(2) ?? "");
    await recorder(cut).act();
    const { chain } = await sightOf(cut);
    expect(chain).toMatchObject({ newest: 4, breaks: 1, firstBreak: { seq: 2, message: "record 2 is missing" } });
  });
});

describe("a record", () => {
  it("is redacted before anything is computed, also where a text is cut", async () => {
    const secret = "s3cr3t-w0rd";
    const shelf = memoryShelf();
    const long = `${"x".repeat(995)}${secret}`;
    const redact = (one: string) => one.replaceAll(secret, "[redacted]");
    const step = aStep(secret, {
      summary: long,
      confirm: secret,
      details: [{ label: "l", value: secret }],
      differences: [{ setting: secret, source: null, wanted: secret, live: long, effect: "changes" }],
    });
    const open = await recorder(shelf, { redact }).begin({ plan: plan([step]), names: [secret] });
    await open.end({
      state: "failed",
      reason: secret,
      steps: [
        { subject: secret, summary: long, state: "failed", differences: [], message: long, result: { id: secret } },
      ],
    });
    const all = [...(await textsOf(shelf)).values()].join("");
    expect(all).toContain("[redacted]");
    for (let length = 5; length <= secret.length; length += 1) expect(all).not.toContain(secret.slice(0, length));
    expect((await sightOf(shelf)).chain.breaks).toBe(0);
  });

  it("never grows beyond its bound, and has the hash of the whole plan", async () => {
    const steps = Array.from({ length: 600 }, (_, index) =>
      aStep(`alarm/${index}`, {
        summary: "é".repeat(500),
        differences: Array.from({ length: 12 }, () => ({
          setting: "s",
          source: null,
          wanted: "w".repeat(900),
          live: "l",
          effect: "changes" as const,
        })),
      }),
    );
    const shelf = memoryShelf();
    const open = await recorder(shelf).begin({ plan: plan(steps), names: ["n".repeat(90_000)] });
    await open.end({ state: "done", steps: steps.map((step) => ({ ...step, state: "done" })) });
    for (const one of (await textsOf(shelf)).values())
      expect(Buffer.byteLength(one)).toBeLessThan(MAX_BODY_BYTES + 100);
    const fewer = memoryShelf();
    await recorder(fewer).begin({ plan: plan(steps), names: [] });
    expect(JSON.parse((await textsOf(fewer)).get(1) ?? "").plan).toMatchObject({
      hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      omitted: expect.any(Number),
    });
    expect((await sightOf(shelf)).chain.breaks).toBe(0);
  });
});
