/**
 * The links of the record of acts. A record is one line of JSON whose last member is the SHA-256 of all that stands before
 * it; it names the hash of the record before it. So the bytes themselves are what is proved: no parser has a say in it.
 */
export type Sha256 = (text: string) => string;

/** What the first record of a chain names as the one before it. */
export const GENESIS = "0".repeat(64);

/** A record from its members, a JSON object as text. */
export function seal(body: string, sha256: Sha256): string {
  return `${body.slice(0, -1)},"hash":"${sha256(body)}"}\n`;
}

interface Unsealed {
  readonly body: string;
  /** As the record states it. */
  readonly stated: string;
  /** Of what stands there. */
  readonly actual: string;
}

/** undefined: this is no record. */
export function unseal(text: string, sha256: Sha256): Unsealed | undefined {
  const found = SEALED.exec(text);
  const [opened, stated] = [found?.[1], found?.[2]];
  if (opened === undefined || stated === undefined) return undefined;
  const body = `${opened}}`;
  return { body, stated, actual: sha256(body) };
}

const SEALED = /^(\{[^\n]+),"hash":"([0-9a-f]{64})"\}\n$/;

/** What the next record names: the hash that this one states, or that of its bytes where it is none, so that both are told. */
export function linkTo(text: string | null, sha256: Sha256): string {
  return text === null ? GENESIS : (unseal(text, sha256)?.stated ?? sha256(text));
}

/** A record of the chain that all machines share: a record of one machine, to the letter, and its place among all. */
export function wrap(link: { readonly seq: number; readonly prev: string }, record: string, sha256: Sha256): string {
  return seal(`{"version":1,"seq":${link.seq},"prev":"${link.prev}","record":${record.trimEnd()}}`, sha256);
}

interface Wrapped {
  readonly seq: number;
  readonly prev: string;
  readonly record: string;
}

/** undefined: nothing of the kind. */
export function unwrap(body: string): Wrapped | undefined {
  const found = WRAPPED.exec(body);
  const [seq, prev, record] = [found?.[1], found?.[2], found?.[3]];
  if (prev === undefined || record === undefined) return undefined;
  return { seq: Number(seq), prev, record: `${record}\n` };
}

const WRAPPED = /^\{"version":1,"seq":([1-9]\d{0,14}),"prev":"([0-9a-f]{64})","record":(\{[^\n]+\})\}$/;
