/** The chain in a bucket: one for all machines, by compare and swap; what was not sent is sent later, in order, once. */
import { DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { beforeEach, describe, expect, it } from "vitest";
import { connectS3 } from "../../src/adapters/aws/s3.ts";
import { awsConnection } from "../../src/adapters/aws/settings.ts";
import * as verify from "../../src/commands/audit-log-verify.ts";
import { s3Shelf } from "../../src/commands/audit-s3.ts";
import { memoryShelf } from "../../src/commands/memory-shelf.ts";
import { OpsError } from "../../src/core/error.ts";
import type { Finding, Report } from "../../src/core/report.ts";
import type { LocalShelf, Shelf } from "../../src/ports/shelf.ts";
import { seal, unseal } from "../../src/rules/audit/chain.ts";
import { AWS_CREDENTIALS } from "../../src/sandbox/sandbox.ts";
import { type Given, recorder, sha256, UNDERTAKEN } from "../support/audit.ts";
import { UNRECORDED } from "../support/context.ts";
import type { Fate, Sent } from "../support/counter.ts";
import { inWorld, POLICY, type WorldRun } from "../support/world.ts";

const BUCKET = "litally-audit";
const FOLDER = "audit/test/";
const AUDITED = `${POLICY}aws: { accountId: "111122223333", region: ap-south-1 }
auditLog: { bucket: ${BUCKET}, retain: 7y }
`;

interface Place {
  readonly world: WorldRun;
  readonly shelf: Shelf;
  /** A machine that keeps its own chain in memory. */
  readonly machine: (local?: LocalShelf, given?: Given) => ReturnType<typeof recorder>;
  readonly verify: (local: LocalShelf, from?: string) => Promise<Report>;
  readonly raw: S3Client;
}

let fate: (sent: Sent) => Fate;
beforeEach(() => {
  fate = () => "passes";
});

async function aPlace(policy = AUDITED): Promise<Place> {
  const world = await inWorld({ policy, onS3: (sent) => fate(sent) });
  const { context } = world;
  const { auditLog, environment } = (await context.policy("auditLog")).policy;
  if (auditLog === undefined) throw new Error("the policy names no bucket");
  const shelf = s3Shelf(await context.s3(), auditLog, environment);
  const clock = { ...context.clock, now: world.sandbox.now };
  return {
    world,
    shelf,
    machine: (local = memoryShelf(), given = {}) => recorder(local, { clock, remote: async () => shelf, ...given }),
    verify: (local, from) => {
      const audit = async () => ({ ...UNRECORDED, local, isWorldOfRun: false });
      const own = world.as("audit log verify");
      return verify.run(verify.input.parse(from === undefined ? {} : { from }), { ...own, audit });
    },
    raw: new S3Client({
      endpoint: world.sandbox.s3Url,
      region: "ap-south-1",
      credentials: AWS_CREDENTIALS,
      forcePathStyle: true,
    }),
  };
}

const keyOf = (seq: number) => `${FOLDER}${String(999_999_999_999 - seq).padStart(12, "0")}.json`;
const bad = ({ findings }: Report) => findings.filter(({ status }) => status !== "pass");
const summary = (report: Report) =>
  bad(report).map(({ check, subject, status }: Finding) => `${status} ${check} ${subject}`);

describe("one machine", () => {
  it("has all of it in both places, each record locked", async () => {
    const { machine, verify } = await aPlace();
    const local = memoryShelf();
    const { act, told } = machine(local);
    await act();
    await act();
    const report = await verify(local);
    expect([told, summary(report)]).toEqual([[], []]);
    expect(report.findings.map(({ check, subject, message }) => `${check} ${subject}: ${message}`)).toEqual(
      expect.arrayContaining([
        "audit/chain audit-log/local: records 1 to 4, in memory",
        `audit/chain audit-log/s3: records 1 to 4, in s3://${BUCKET}/${FOLDER}`,
        "audit/locked audit-log/s3: all of them",
        expect.stringMatching(/^audit\/agree audit-log: chain \S+, records 1 to 4$/),
      ]),
    );
  });

  it("asks the bucket twice for a record, however long the chain is, and three times where others were at work", async () => {
    const { machine, world } = await aPlace();
    const { act } = machine();
    for (let index = 0; index < 15; index += 1) await act();
    const before = world.s3.length;
    await act();
    expect(world.s3.length - before).toBe(2 * 2);
    const open = await machine().begin(UNDERTAKEN); // another machine, which has never been here
    expect(world.s3.length - before).toBe(2 * 2 + 3);
    await open.end({ state: "done", steps: [] });
    expect(world.s3.length - before).toBe(2 * 2 + 3 + 2);
  });

  it("goes on where the bucket does not answer, says so, and sends later what is missing, in order", async () => {
    const { machine, verify } = await aPlace();
    const local = memoryShelf();
    const down = machine(local, {
      remote: async () => Promise.reject(new OpsError("unavailable", "no bucket answers")),
    });
    await down.act();
    expect(down.told.map(({ check, status, message }) => `${status} ${check}: ${message}`)).toEqual(
      Array(2).fill("warn audit/recorded: it is on this machine alone, not in the bucket: no bucket answers"),
    );
    expect(summary(await verify(local))).toEqual(["warn audit/chain audit-log/s3", "warn audit/agree audit-log"]);
    const up = machine(local);
    await up.act();
    expect([up.told, summary(await verify(local))]).toEqual([[], []]);
  });

  it("sends nothing twice where the answer to a record was lost, or what was noted of it", async () => {
    const { machine, verify, shelf } = await aPlace();
    const local = memoryShelf();
    await machine(local).act();
    let lost = 0;
    fate = ({ method }) => (method === "PUT" && lost++ === 0 ? "unheard" : "passes");
    const during = machine(local);
    await during.act();
    expect([lost > 1, during.told.length]).toEqual([true, 1]);
    await local.notes.write("sent", "{");
    await machine(local).act();
    let count = 0;
    for await (const { seq } of shelf.entries(1)) count = Math.max(count, seq);
    expect([count, summary(await verify(local))]).toEqual([6, []]);
  });

  it("does without this machine where the folder cannot be written, and is refused where the bucket cannot either", async () => {
    const { machine, verify } = await aPlace();
    const broken: LocalShelf = {
      ...memoryShelf(),
      create: () => Promise.reject(new OpsError("config", "the folder is read-only")),
    };
    const alone = machine(broken);
    await alone.act();
    expect(alone.told[0]?.message).toBe("it is in the bucket alone, not on this machine: the folder is read-only");
    expect(summary(await verify(memoryShelf(), "s3"))).toEqual([]);
    const nowhere = machine(broken, { remote: async () => Promise.reject(new OpsError("unavailable", "no answer")) });
    await expect(nowhere.begin(UNDERTAKEN)).rejects.toMatchObject({
      message: "it cannot be recorded: the folder is read-only; no answer",
      hint: expect.stringContaining("XDG_STATE_HOME"),
    });
    await expect(machine(broken, { remote: async () => null }).begin(UNDERTAKEN)).rejects.toThrow("read-only");
    const rehearsal = machine(broken, { remote: async () => null, isRehearsal: true });
    await rehearsal.act();
    expect(rehearsal.told).toEqual([]);
  });
});

async function copyOf(local: LocalShelf, notes: readonly string[]): Promise<LocalShelf> {
  const copy = memoryShelf();
  const texts: string[] = [];
  for await (const entry of local.entries(1)) texts.unshift((await entry.read()).text);
  for (const [index, text] of texts.entries()) await copy.create({ seq: index + 1, text, at: new Date() });
  for (const name of notes) await copy.notes.write(name, (await local.notes.read(name)) ?? "");
  return copy;
}

describe("a place that holds nothing", () => {
  const messages = (report: Report) => bad(report).map(({ message }) => message);

  it("proves nothing, nor do two", async () => {
    const { verify } = await aPlace();
    const nothing = (where: string) => `nothing is recorded in ${where}: it proves nothing`;
    const [local, there] = [nothing("memory"), nothing(`s3://${BUCKET}/${FOLDER}`)];
    for (const [from, expected] of [
      [undefined, [local, there]],
      ["local", [local]],
      ["s3", [there]],
    ] as const) {
      const report = await verify(memoryShelf(), from);
      expect([messages(report), bad(report).map(({ status }) => status)]).toEqual([
        expected,
        expected.map(() => "unknown"),
      ]);
    }
    const remedies = bad(await verify(memoryShelf())).map(({ remedy }) => remedy);
    expect(remedies).toEqual([
      expect.stringMatching(/^was anything ever changed from here/),
      expect.stringMatching(/^are bucket, prefix and environment what they were/),
    ]);
  });

  it("is told of a machine that begins, whose bucket has the proof", async () => {
    const { machine, verify } = await aPlace();
    await machine().act();
    const report = await verify(memoryShelf());
    expect(summary(report)).toEqual(["warn audit/chain audit-log/local"]);
    expect(bad(report)[0]?.remedy).toContain("audit log verify --from s3");
  });

  it("is told of a bucket that nothing was ever sent to", async () => {
    const { machine, verify } = await aPlace();
    const local = memoryShelf();
    await machine(local, { remote: async () => null }).act();
    expect(summary(await verify(local))).toEqual(["warn audit/chain audit-log/s3", "warn audit/agree audit-log"]);
    expect(summary(await verify(local, "s3"))).toEqual(["unknown audit/chain audit-log/s3"]);
  });

  it("is a break where this machine has sent there, as is another chain in that one's place", async () => {
    const { machine } = await aPlace();
    const local = memoryShelf();
    await machine(local).act();
    const other = await aPlace(); // of the same name
    const report = await other.verify(local);
    expect(summary(report)).toEqual(["fail audit/chain audit-log/s3", "fail audit/agree audit-log"]);
    expect(messages(report)).toEqual([
      "the end: records 1 to 2 are missing: expected 2 more, found nothing",
      "records of this machine up to 2 were sent, the bucket has them up to 0",
    ]);
    await other.machine().act();
    expect(summary(await other.verify(local, "s3"))).toEqual(["fail audit/chain audit-log/s3"]);
  });

  it("is unknown where this machine has sent elsewhere: the policy was changed since", async () => {
    const { machine, world } = await aPlace();
    const local = memoryShelf();
    await machine(local).act();
    const loaded = await world.context.policy("auditLog");
    const { auditLog } = loaded.policy;
    if (auditLog === undefined) throw new Error("the policy names no bucket");
    const moved = { ...loaded, policy: { ...loaded.policy, auditLog: { ...auditLog, prefix: "records/" } } };
    const audit = async () => ({ ...UNRECORDED, local, isWorldOfRun: false });
    const context = { ...world.as("audit log verify"), audit, policy: async () => moved as never }; // but for the prefix
    const report = await verify.run({}, context);
    expect(summary(report)).toEqual(["unknown audit/chain audit-log/s3", "warn audit/agree audit-log"]);
    expect(messages(report)[0]).toContain(`this machine has sent its records to s3://${BUCKET}/${FOLDER}`);
    const inWorld = { ...context, world: async () => "healthy" };
    expect(summary(await verify.run({}, inWorld))).toEqual([
      "warn audit/chain audit-log/s3",
      "warn audit/agree audit-log",
    ]);
  });
});

describe("an act between the two looks of verify", () => {
  /** `third`: what this machine shows of record 3, the first that comes in between; null: nothing. */
  async function slipping(slip: (place: Place, local: LocalShelf) => Promise<unknown>, third?: string | null) {
    const place = await aPlace();
    const local = memoryShelf();
    await place.machine(local).act();
    const shown: LocalShelf = {
      ...local,
      entries: async function* (about) {
        for await (const entry of local.entries(about))
          if (entry.seq !== 3 || third === undefined) yield entry;
          else if (third !== null) yield { ...entry, read: async () => ({ text: third }) };
      },
    };
    const own = place.world.as("audit log verify");
    const s3 = async () => {
      await slip(place, local);
      return own.s3();
    };
    const audit = async () => ({ ...UNRECORDED, local: shown, isWorldOfRun: false });
    const report = await verify.run({}, { ...own, audit, s3 });
    return [summary(report), report.findings.find(({ check }) => check === "audit/agree")?.message];
  }

  it("is no finding", async () => {
    const found = await slipping(({ machine }, local) => machine(local).act());
    expect(found).toEqual([[], expect.stringMatching(/^chain \S+, records 1 to 4$/)]);
  });

  it("is none either where more followed that was not sent", async () => {
    const found = await slipping(async ({ machine }, local) => {
      await machine(local).act();
      await machine(local, { remote: async () => null }).act();
    });
    expect(found).toEqual([[], expect.stringMatching(/^chain \S+, records 1 to 4$/)]);
  });

  it.each([
    ["is gone here", null],
    ["is damaged here", "{}\n"],
  ])("of which a record %s is one", async (_, third) => {
    expect(await slipping(({ machine }, local) => machine(local).act(), third)).toEqual([
      ["fail audit/agree audit-log"],
      "the bucket has records of this machine up to 4, here they end with 2",
    ]);
  });

  it("by another machine, in a copy of this one's folder, is one", async () => {
    const found = await slipping(async ({ machine }, local) => {
      await machine(await copyOf(local, ["head"])).act();
      await machine(local, { remote: async () => null }).act();
    });
    expect(found[0]).toEqual(["fail audit/agree audit-log"]);
  });
});

describe("a run of GitHub Actions, whose machine goes away", () => {
  const github = { actor: "anna", triggeredBy: "anna", run: "https://github.example/litally/ops/actions/runs/42" };

  it("is warned where the policy names no bucket, and nobody else is", async () => {
    const { told, act } = recorder(memoryShelf(), { github });
    await act();
    expect(told[0]).toMatchObject({
      check: "audit/recorded",
      status: "warn",
      message: "it is on this runner alone, and goes away with it: the policy names no bucket",
      remedy: expect.stringContaining("auditLog.bucket"),
    });
    const others = [recorder(memoryShelf()), recorder(memoryShelf(), { github, isRehearsal: true })];
    const { machine } = await aPlace();
    for (const other of [...others, machine(memoryShelf(), { github })]) {
      await other.act();
      expect(other.told).toEqual([]);
    }
  });
});

describe("several machines", () => {
  it("at once: one chain, each machine's records in order, nothing twice", async () => {
    const { machine, verify, shelf } = await aPlace();
    const locals = [memoryShelf(), memoryShelf(), memoryShelf(), memoryShelf()];
    await Promise.all(
      locals.map(async (local) => {
        await machine(local).act();
        await machine(local).act();
      }),
    );
    let newest = 0;
    for await (const { seq } of shelf.entries(1)) newest = Math.max(newest, seq);
    expect(newest).toBe(16);
    for (const local of locals) expect(summary(await verify(local))).toEqual([]);
  });

  it("two runs of one machine at once send each record once", async () => {
    const { machine, verify, shelf } = await aPlace();
    const local = memoryShelf();
    await machine(local).act();
    const offline = machine(local, { remote: async () => null });
    for (let index = 0; index < 3; index += 1) await offline.act();
    await Promise.all([machine(local).act(), machine(local).act()]);
    let newest = 0;
    for await (const { seq } of shelf.entries(1)) newest = Math.max(newest, seq);
    expect([newest, summary(await verify(local))]).toEqual([12, []]);
  });
});

describe("a folder that is a copy", () => {
  it.each([[["head", "sent"]], [["head"]]])(
    "on another machine, or put back with %j, never takes another's records for sent ones of its own",
    async (notes) => {
      const { machine, verify } = await aPlace();
      const local = memoryShelf();
      await machine(local).act();
      const copy = await copyOf(local, notes);
      const { act, told } = machine(copy);
      await machine(local).act();
      await act();
      expect(told.map(({ message }) => message)).toEqual(
        Array(2).fill(expect.stringContaining("has another record 3 of this chain than memory: nothing is sent")),
      );
      expect(told[0]?.remedy).toContain("let a new chain begin");
      expect(summary(await verify(copy))).toEqual(["fail audit/agree audit-log"]);
      expect(summary(await verify(local))).toEqual([]);
    },
  );
});

it("a bucket in which others are always first is given up after twenty seconds, not after fifty tries", async () => {
  let nowMs = 0;
  let tries = 0;
  const clock = { now: () => new Date(nowMs), sleep: () => Promise.resolve() };
  const slow: Shelf = {
    name: "a slow bucket",
    entries: async function* () {},
    create: async () => {
      tries += 1;
      nowMs += 8_000;
      return "taken";
    },
  };
  const { begin, told } = recorder(memoryShelf(), { clock, remote: async () => slow });
  await begin(UNDERTAKEN);
  expect([tries, told.map(({ message }) => message)]).toEqual([3, [expect.stringContaining("within 20 s")]]);
});

describe("what was done to the bucket", () => {
  async function recorded() {
    const place = await aPlace();
    const local = memoryShelf();
    const { act } = place.machine(local);
    await act();
    await act();
    return { ...place, local };
  }

  it("a delete marker is found, the record under it is read, and the chain goes on behind it", async () => {
    const { raw, verify, local, machine } = await recorded();
    await raw.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf(4) }));
    await raw.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: keyOf(2) }));
    const report = await verify(local);
    expect(summary(report)).toEqual(["fail audit/untouched audit-log/s3"]);
    expect(bad(report)[0]?.message).toContain(keyOf(4));
    expect(bad(report)[0]?.remedy).toMatch(/aws s3api delete-object .* --version-id \S+$/);
    await machine(local).act();
    expect(summary(await verify(local))).toEqual(["fail audit/untouched audit-log/s3"]);
  });

  it("what was put over a record is found, and counts for nothing", async () => {
    const { raw, verify, local } = await recorded();
    await raw.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(3), Body: "{}" }));
    const report = await verify(local);
    expect(summary(report)).toEqual(["fail audit/untouched audit-log/s3"]);
    expect(bad(report)[0]?.message).toContain("somebody put another text over it");
  });

  it("what lies in a folder of the folder is nobody's record, however well it is made", async () => {
    const { raw, verify, local, shelf } = await recorded();
    let first = "";
    for await (const entry of shelf.entries(9)) first = (await entry.read()).text;
    const forged = seal(unseal(first, sha256)?.body.replace("anna@build-7", "mallory@x") ?? "", sha256);
    const Key = keyOf(1).replace(FOLDER, `${FOLDER}x/`);
    await raw.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: forged }));
    const report = await verify(local);
    expect([summary(report), report.findings.map(({ message }) => message)]).toMatchObject([
      [],
      expect.arrayContaining([`records 1 to 4, in s3://${BUCKET}/${FOLDER}`]),
    ]);
    expect(
      report.findings.find(({ check, subject }) => check === "audit/chain" && subject.endsWith("s3"))?.evidence,
    ).toEqual({ records: 4 });
  });

  it("a record that nobody of ours made ends in the first broken link, with expected and actual", async () => {
    const { raw, verify, local } = await recorded();
    await raw.send(new PutObjectCommand({ Bucket: BUCKET, Key: keyOf(5), Body: '{"seq":5}\n' }));
    const report = await verify(local, "s3");
    expect(bad(report)[0]).toMatchObject({
      check: "audit/chain",
      status: "fail",
      message: `s3://${BUCKET}/${keyOf(5)}: it is no record: expected a record, found something else`,
      evidence: { expected: "a record", actual: "something else", place: `s3://${BUCKET}/${keyOf(5)}`, breaks: 1 },
    });
  });

  it("locks that are shorter or weaker than the policy's are told", async () => {
    const place = await recorded();
    const longer = await place.world.context.policy("auditLog");
    const { auditLog } = longer.policy;
    if (auditLog === undefined) throw new Error("the policy names no bucket");
    const policy = async () => ({
      ...longer,
      policy: { ...longer.policy, auditLog: { ...auditLog, retain: { value: 8, unit: "y" } } },
    });
    const audit = async () => ({ ...UNRECORDED, local: place.local, isWorldOfRun: false });
    const context = { ...place.world.context, audit, policy: policy as never }; // the same policy, but for the years
    const report = await verify.run({}, context);
    expect(summary(report)).toEqual(["fail audit/locked audit-log/s3"]);
    expect(bad(report)[0]?.message).toContain("it is locked in COMPLIANCE mode until 2033-");
  });

  it("records of this machine that are cut off here are found there", async () => {
    const { verify, local } = await recorded();
    const cut = memoryShelf();
    let oldest = "";
    for await (const entry of local.entries(1)) oldest = (await entry.read()).text;
    await cut.create({ seq: 1, text: oldest, at: new Date() });
    expect(summary(await verify(cut))).toEqual([
      "unknown audit/chain audit-log/local",
      "warn audit/ended audit-log/local",
      "fail audit/agree audit-log",
    ]);
  });

  it("a bucket that may not be read is unknown, never whole", async () => {
    const { local, world } = await recorded();
    const { signal } = new AbortController();
    const credentials = { accessKeyId: "AKIAWRONG", secretAccessKey: "wrong" };
    const by = { version: "1.2.3", command: "test" };
    const s3 = connectS3(
      awsConnection({ by, region: "ap-south-1", signal, env: {}, endpoint: world.sandbox.s3Url, credentials }),
      "111122223333",
    );
    const audit = async () => ({ ...UNRECORDED, local, isWorldOfRun: false });
    const report = await verify.run({}, { ...world.context, audit, s3: async () => s3 });
    s3.close();
    expect(summary(report)).toEqual(["unknown audit/chain audit-log/s3"]);
  });
});
