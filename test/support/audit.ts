/** Chains of records made for tests, and ways to damage them. */
import { createHash } from "node:crypto";
import { lookAt } from "../../src/commands/audit-look.ts";
import { HEAD_NOTE, type Recording, recordActs } from "../../src/commands/record-acts.ts";
import type { Change, Plan, PlannedStep } from "../../src/core/change.ts";
import type { Finding } from "../../src/core/report.ts";
import type { Undertaken } from "../../src/ports/acts.ts";
import type { LocalShelf, Shelf } from "../../src/ports/shelf.ts";
import type { ShelfSight } from "../../src/rules/audit/facts.ts";
import type { Who } from "../../src/rules/audit/record.ts";

export const AT = new Date("2026-11-22T02:00:00Z");
export const sha256 = (text: string) => createHash("sha256").update(text, "utf8").digest("hex");

export const plan = (steps: readonly PlannedStep[] = [aStep("cluster/a")]): Plan<PlannedStep> => ({
  preconditions: [],
  steps,
});

export function aStep(subject: string, more: Partial<PlannedStep> = {}): PlannedStep {
  return { subject, summary: `change ${subject}`, confirm: null, differences: [], ...more };
}

export const NEVER = new AbortController().signal;

export const UNDERTAKEN: Undertaken = { plan: plan(), names: [] };
const DONE: Change = { state: "done", steps: [] };

export interface Recorder extends ReturnType<typeof recordActs> {
  readonly told: readonly Finding[];
  /** One act, begun and ended. */
  act(): Promise<void>;
}

export function recorder(local: LocalShelf, { environment = "test", github, ...given }: Given = {}): Recorder {
  const told: Finding[] = [];
  const acts = recordActs({
    clock: { now: () => AT, sleep: () => Promise.resolve() },
    uniqueWord: () => crypto.randomUUID().slice(0, 12),
    redact: (text) => text,
    sha256,
    run: async () => ({
      environment,
      command: "backup snapshot",
      argv: ["backup", "snapshot"],
      tool: "1.2.3",
      who: {
        os: "anna@build-7",
        ...(github === undefined ? {} : { github }),
        aws: "arn:aws:iam::111122223333:user/anna",
        atlas: "API key abcdefgh",
      },
    }),
    local,
    remote: async () => null,
    isRehearsal: false,
    tell: (finding) => void told.push(finding),
    ...given,
  });
  return {
    ...acts,
    told,
    act: async () => {
      const open = await acts.begin(UNDERTAKEN);
      await open.end(DONE);
    },
  };
}

export interface Given extends Partial<Recording> {
  readonly environment?: string;
  /** Absent: no run of GitHub Actions. */
  readonly github?: NonNullable<Who["github"]>;
}

/** Texts under numbers, as somebody has left them. */
export function shelfOf(texts: ReadonlyMap<number, string>): Shelf {
  return {
    name: "a shelf",
    entries: async function* () {
      for (const [seq, text] of [...texts].sort(([a], [b]) => b - a))
        yield { seq, place: `record ${seq}`, tampering: null, read: async () => ({ text }) };
    },
    create: () => Promise.reject(new Error("nothing is put here")),
  };
}

export async function textsOf(shelf: Shelf): Promise<Map<number, string>> {
  const texts = new Map<number, string>();
  for await (const entry of shelf.entries(1)) texts.set(entry.seq, (await entry.read()).text);
  return texts;
}

/** The chain of one machine, with what it remembers where it remembers. */
export async function sightOf(shelf: Shelf | LocalShelf): Promise<ShelfSight> {
  const head = "notes" in shelf ? await shelf.notes.read(HEAD_NOTE) : null;
  const remembered = head === null ? null : headOf(head);
  return lookAt({ shelf, environment: "test", sha256, now: AT, signal: NEVER, remembered, shared: null });
}

export function headOf(text: string): { readonly seq: number; readonly hash: string } {
  const { seq, hash } = JSON.parse(text) as { readonly seq: number; readonly hash: string }; // a record of ours
  return { seq, hash };
}
