/** What a record of an act says: who, what, the plan, the outcome; nothing secret, and never without bounds. */
import type { Change, Difference, PlannedStep, Step } from "../../core/change.ts";
import type { Evidence } from "../../core/report.ts";
import type { Undertaken } from "../../ports/acts.ts";
import type { Sha256 } from "./chain.ts";

/** `begun`: written before the first step. `ended`: what came of it. `refused`: nothing was begun. */
type RecordKind = "begun" | "ended" | "refused";

/** What all records of one run have in common. */
export interface Run {
  readonly environment: string;
  /** The world that is asked in place of the accounts: a rehearsal. */
  readonly sandbox?: string;
  readonly command: string;
  readonly argv: readonly string[];
  readonly tool: string;
  readonly who: Who;
}

export interface Who {
  /** `anna@build-7` */
  readonly os: string;
  /** Absent: no run of GitHub Actions. */
  readonly github?: { readonly actor: string; readonly triggeredBy: string; readonly run: string };
  /** The ARN of the caller, or why it is not known. */
  readonly aws: string;
  /** Which credentials Atlas is asked with. */
  readonly atlas: string;
}

export interface Entry {
  readonly kind: RecordKind;
  /** Of one undertaking: its `begun` and its `ended` bear the same. */
  readonly act: string;
  readonly at: Date;
  /** Absent: the plan stands in the record of its beginning. */
  readonly undertaken?: Undertaken;
  /** Absent: nobody knows yet. */
  readonly change?: Change;
}

/** Where a record stands in the chain of its machine. */
interface Place {
  /** Which chain that is: a word that its first record was given. */
  readonly log: string;
  readonly seq: number;
  readonly prev: string;
}

/** The members of a record, as they are sealed. `redact` has seen every text before anything is computed over it. */
export function bodyOf(run: Run, entry: Entry, place: Place, tools: RecordTools): string {
  const head = { version: 1, ...place, at: entry.at.toISOString(), kind: entry.kind, act: entry.act };
  const hash = entry.undertaken === undefined ? "" : hashOf(entry.undertaken, tools);
  let body = "";
  for (const limits of LIMITS) {
    const shorten = shortener(limits, tools.redact);
    const all = { ...head, ...run, ...wordsOf(run, shorten), ...detailOf(entry, hash, shorten) };
    body = JSON.stringify(redacted(all, tools.redact));
    if (new TextEncoder().encode(body).length <= MAX_BODY_BYTES) break;
  }
  return body;
}

export interface RecordTools {
  readonly redact: (text: string) => string;
  readonly sha256: Sha256;
}

export const MAX_BODY_BYTES = 64 * 1024;

interface Limits {
  readonly items: number;
  readonly differences: number;
  readonly textChars: number;
}

/** As much as there is room for; at the least, what was consented to by its hash, and how it ended. */
const LIMITS: readonly Limits[] = [
  { items: 500, differences: 100, textChars: 1000 },
  { items: 100, differences: 10, textChars: 300 },
  { items: 50, differences: 0, textChars: 100 },
  { items: 0, differences: 0, textChars: 100 },
];

const WHOLE: Limits = {
  items: Number.POSITIVE_INFINITY,
  differences: Number.POSITIVE_INFINITY,
  textChars: Number.POSITIVE_INFINITY,
};

/** Of all of the plan, also of what there is no room for. */
function hashOf({ plan }: Undertaken, { redact, sha256 }: RecordTools): string {
  const whole = shortener(WHOLE, redact);
  return sha256(JSON.stringify(plan.steps.map((step) => planned(step, whole))));
}

function wordsOf({ argv }: Run, { texts }: Shortener) {
  const shown = texts(argv);
  const omitted = argv.length - shown.length;
  return { argv: shown, ...(omitted > 0 ? { argvOmitted: omitted } : {}) };
}

function detailOf({ undertaken, change }: Entry, hash: string, shorten: Shortener) {
  return {
    ...(undertaken === undefined
      ? {}
      : {
          plan: {
            hash,
            consent: shorten.texts(undertaken.names),
            ...shorten.list(undertaken.plan.steps, (step) => planned(step, shorten)),
          },
        }),
    ...(change === undefined ? {} : { outcome: outcomeOf(change, shorten) }),
  };
}

function planned({ subject, summary, confirm, differences, details }: PlannedStep, { text, settings }: Shortener) {
  return {
    subject: text(subject),
    summary: text(summary),
    ...(confirm === null ? {} : { confirm: text(confirm) }),
    ...(details === undefined ? {} : { details: details.map(({ label, value }) => `${label}: ${text(value)}`) }),
    ...settings(differences),
  };
}

function outcomeOf({ state, reason, steps }: Change, shorten: Shortener) {
  return {
    state,
    ...(reason === undefined ? {} : { reason: shorten.text(reason) }),
    ...shorten.list(steps, (step) => became(step, shorten)),
  };
}

function became({ subject, summary, state, result, message }: Step, { text, value }: Shortener) {
  return {
    subject: text(subject),
    summary: text(summary),
    state,
    ...(result === undefined
      ? {}
      : { result: Object.fromEntries(Object.entries(result).map(([name, one]) => [name, value(one)])) }),
    ...(message === undefined ? {} : { message: text(message) }),
  };
}

interface Shortener {
  readonly text: (text: string) => string;
  /** As many as there is room for. */
  readonly texts: (texts: readonly string[]) => readonly string[];
  readonly value: (value: Evidence[string]) => Evidence[string];
  readonly settings: (differences: readonly Difference[]) => object;
  readonly list: <T>(steps: readonly T[], show: (step: T) => object) => object;
}

/** Texts are redacted before they are cut: half a secret is one, and nobody would know it again. */
function shortener({ items, differences, textChars }: Limits, redact: RecordTools["redact"]): Shortener {
  const text = (whole: string) => {
    const shown = redact(whole);
    return shown.length <= textChars ? shown : `${shown.slice(0, textChars)}...`;
  };
  const texts = (all: readonly string[]) => all.slice(0, items).map(text);
  const omitted = (count: number) => (count > 0 ? { omitted: count } : {});
  return {
    text,
    texts,
    value: (value) => (typeof value === "string" ? text(value) : Array.isArray(value) ? texts(value) : value),
    settings: (all) => ({
      differences: all.slice(0, differences).map(({ setting, wanted, live, effect }) => ({
        setting: text(setting),
        wanted: text(wanted),
        live: text(live),
        effect,
      })),
      ...omitted(all.length - differences),
    }),
    list: (steps, show) => ({ steps: steps.slice(0, items).map(show), ...omitted(steps.length - items) }),
  };
}

/** Every text in it, and never the form of the whole. */
function redacted(value: unknown, redact: RecordTools["redact"]): unknown {
  if (typeof value === "string") return redact(value).toWellFormed();
  if (Array.isArray(value)) return value.map((item) => redacted(item, redact));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, redacted(item, redact)]));
}
