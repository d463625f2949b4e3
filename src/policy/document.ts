import { type Alias, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import type { Environment } from "../core/environment.ts";
import { interpolate } from "./environment.ts";
import { formatPath, type Path, type Problem } from "./problem.ts";

/**
 * The policy file as a tree of plain values with the values of the environment in place, and beside it what stands
 * where in the text and how it was written. Whatever is shown to people is what was written.
 */
export interface PolicyDocument {
  readonly data: unknown;
  /** Where each value stands, by its formatted path; `""` is the whole. */
  readonly places: ReadonlyMap<string, Place>;
  /** What came from the environment, by the formatted path of the text that took it. */
  readonly taken: ReadonlyMap<string, readonly string[]>;
  /** What is wrong with the text itself, or with what it takes from the environment. */
  readonly problems: readonly Problem[];
  lineAndColumn(offset: number): { readonly line: number; readonly column: number };
}

interface Place {
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** A scalar as it was written (`${NAME}`, not its value); a list or block by its kind. */
  readonly written: Scalar | "list" | "empty list" | "block";
}

interface Scalar {
  readonly scalar: string | number | boolean | null;
  /** Its letters: a number may not be what was typed (an id of 24 digits). */
  readonly source: string;
}

export const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_QUOTE = 60; // characters
const MAX_DEPTH = 32;
/** Values of the whole tree, with every alias written out: what an alias bomb would exceed. */
const MAX_VALUES = 100_000;
const TOO_MUCH = `too much stands here; use at most ${MAX_VALUES} values in all, and a depth of at most ${MAX_DEPTH}`;

/** Reads the text of a policy. When `data` is undefined the text could not be read at all and `problems` say why. */
export function readDocument(text: string, env: Environment): PolicyDocument {
  const lines = new LineCounter();
  const reader = new Reader(env);
  const data = readText(text, lines, reader);
  return {
    data,
    places: reader.places,
    taken: reader.taken,
    problems: reader.problems,
    lineAndColumn: (offset) => {
      const { line, col } = lines.linePos(offset);
      return { line: Math.max(line, 1), column: Math.max(col, 1) };
    },
  };
}

function readText(text: string, lines: LineCounter, reader: Reader): unknown {
  if (text.length > MAX_POLICY_BYTES) {
    return reader.refuse(0, `the file is longer than ${MAX_POLICY_BYTES} characters; split what it declares`);
  }
  const options = { lineCounter: lines, prettyErrors: false, version: "1.2", schema: "core" } as const;
  const [first, second] = parseAllDocuments(text, options);
  if (second !== undefined) {
    return reader.refuse(second.range[0], "a second document begins here; keep one document in the file");
  }
  if (first === undefined || first.contents === null) {
    return reader.refuse(0, "the file is empty; `litally-ops config init` writes one to start from");
  }
  for (const error of [...first.errors, ...first.warnings]) {
    reader.syntaxError(text, error.code, error.pos[0], error.message);
  }
  const readable = first.errors.every((error) => error.code === "DUPLICATE_KEY");
  const data = readable ? reader.read(first.contents, [], undefined, 0) : undefined;
  return reader.full ? undefined : data;
}

/** Walks the parsed text once and takes down values, places and problems. */
class Reader {
  readonly places = new Map<string, Place>();
  readonly taken = new Map<string, readonly string[]>();
  readonly problems: Problem[] = [];
  readonly #env: Environment;
  readonly #anchors = new Map<string, Node>();
  #values = 0;
  #broken = false;
  /** More stands in the text than is read. */
  full = false;

  constructor(env: Environment) {
    this.#env = env;
  }

  refuse(offset: number, text: string): undefined {
    this.problems.push({ path: [], offset, text });
    return undefined;
  }

  /** After a first error of syntax the parser guesses: what else it finds says little. */
  syntaxError(text: string, code: string, offset: number, message: string): void {
    if (code === "DUPLICATE_KEY") {
      const key = /^[^\s:]*/.exec(text.slice(offset, offset + MAX_QUOTE))?.[0];
      this.refuse(offset, `the key ${key} stands twice in this block; remove one`);
      return;
    }
    const reference = text.slice(offset - 1, offset + 1) === "${";
    if (reference) this.refuse(offset - 1, "inside { } and [ ] this would be YAML; write the reference in quotes");
    else if (this.#broken) return;
    else if (code === "RESOURCE_EXHAUSTION") this.refuse(offset, TOO_MUCH);
    else this.refuse(offset, `this is not YAML: ${message}`);
    this.#broken = true;
  }

  read(node: unknown, path: Path, keyOffset: number | undefined, depth: number): unknown {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) return this.#tooMuch(keyOffset);
    if (isAlias(node)) return this.#alias(node, path, keyOffset, depth);
    if (isNode(node) && "anchor" in node && node.anchor !== undefined) this.#anchors.set(node.anchor, node);
    const valueOffset = offsetOf(node);
    const place = { keyOffset: keyOffset ?? valueOffset, valueOffset };
    if (isMap(node)) {
      this.#put(path, { ...place, written: "block" });
      const entries = node.items.map((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        const keyAt = offsetOf(pair.key);
        if (key.includes("${")) this.refuse(keyAt, "a key takes nothing from the environment; write it out");
        const value = pair.value ?? { range: [keyAt] };
        return [key, this.read(value, [...path, key], keyAt, depth + 1)] as const;
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) {
      this.#put(path, { ...place, written: node.items.length === 0 ? "empty list" : "list" });
      return node.items.map((item, index) => this.read(item, [...path, index], undefined, depth + 1));
    }
    const { value, source } = isScalar(node) ? node : { value: null, source: undefined };
    return this.#scalar(value, source ?? "", path, place);
  }

  /** The parser's own look-up of an anchor walks the whole document: thousands of aliases would take minutes. */
  #alias(alias: Alias, path: Path, keyOffset: number | undefined, depth: number): unknown {
    const target = this.#anchors.get(alias.source);
    const offset = offsetOf(alias);
    if (target !== undefined) return this.read(target, path, keyOffset ?? offset, depth + 1);
    this.problems.push({ path, offset, text: `nothing above is named &${alias.source}; write the value itself` });
    return undefined;
  }

  #scalar(value: unknown, source: string, path: Path, place: Omit<Place, "written">): unknown {
    if (typeof value !== "string") {
      const scalar = typeof value === "number" || typeof value === "boolean" ? value : null;
      this.#put(path, { ...place, written: { scalar, source } });
      return scalar;
    }
    this.#put(path, { ...place, written: { scalar: value, source } });
    const { result, taken, problems, missing } = interpolate(value, this.#env);
    if (taken.length > 0) this.taken.set(formatPath(path), taken);
    for (const text of problems) this.problems.push({ path, text });
    for (const text of missing) this.problems.push({ path, text, isMissingVariable: true });
    return result;
  }

  #put(path: Path, place: Place): void {
    this.places.set(formatPath(path), place);
  }

  /** Said once: a bomb would say it without end. */
  #tooMuch(offset: number | undefined): undefined {
    if (this.full) return undefined;
    this.full = true;
    return this.refuse(offset ?? 0, TOO_MUCH);
  }
}

/** The text that was written at the path; undefined when no text stands there. */
export function writtenText(document: PolicyDocument, path: Path): string | undefined {
  const written = document.places.get(formatPath(path))?.written;
  return typeof written === "object" && typeof written.scalar === "string" ? written.scalar : undefined;
}

/** A value as people wrote it, for a sentence: nothing that came from the environment is in it. */
export function quote(document: PolicyDocument, path: Path): string {
  const written = document.places.get(formatPath(path))?.written;
  if (written === undefined) return "this";
  if (typeof written === "string") return written === "empty list" ? "an empty list" : `this ${written}`;
  const { scalar, source } = written;
  if (scalar === null) return "nothing";
  const letters = typeof scalar === "string" ? scalar : source;
  const shown = letters.length > MAX_QUOTE ? `${letters.slice(0, MAX_QUOTE)}...` : letters;
  return typeof scalar === "string" ? JSON.stringify(shown) : shown;
}

function offsetOf(node: unknown): number {
  const range = (node as Partial<Node> | null)?.range; // whatever the parser made: a node has a range
  return range?.[0] ?? 0;
}
