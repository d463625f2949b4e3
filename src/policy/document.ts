import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from "yaml";
import { type Environment, interpolate } from "./environment.ts";
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

export interface Place {
  readonly keyOffset: number;
  readonly valueOffset: number;
  /** A scalar as it was written (`${NAME}`, not its value); a list or block by its kind. */
  readonly written: { readonly scalar: string | number | boolean | null } | "list" | "empty list" | "block";
}

export const MAX_POLICY_BYTES = 1024 * 1024;
const MAX_QUOTE = 60; // characters
const MAX_DEPTH = 32;
/** Values of the whole tree, with every alias written out: what an alias bomb would exceed. */
const MAX_VALUES = 100_000;

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
  const documents = parse(text, lines);
  if (documents === undefined) return reader.refuse(0, `blocks and lists stand too deep; use at most ${MAX_DEPTH}`);
  const [first, second] = documents;
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
  return readable ? reader.read(first, first.contents, [], undefined, 0) : undefined;
}

/** The parser recurses: a text of nothing but brackets exhausts the stack, and is no policy. */
function parse(text: string, lines: LineCounter): readonly Document.Parsed[] | undefined {
  try {
    const options = { lineCounter: lines, prettyErrors: false, version: "1.2", schema: "core" } as const;
    return [...parseAllDocuments(text, options)];
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Walks the parsed text once and takes down values, places and problems. */
class Reader {
  readonly places = new Map<string, Place>();
  readonly taken = new Map<string, readonly string[]>();
  readonly problems: Problem[] = [];
  readonly #env: Environment;
  #values = 0;
  #full = false;

  constructor(env: Environment) {
    this.#env = env;
  }

  refuse(offset: number, text: string): undefined {
    this.problems.push({ path: [], offset, text });
    return undefined;
  }

  /** Of the errors that the parser finds on the way only the first at a place says something. */
  syntaxError(text: string, code: string, offset: number, message: string): void {
    if (code === "DUPLICATE_KEY") {
      const key = /^[^\s:]*/.exec(text.slice(offset, offset + 80))?.[0];
      this.refuse(offset, `the key ${key} stands twice in this block; remove one`);
    } else if (text.slice(offset - 1, offset + 1) === "${") {
      this.refuse(offset - 1, "inside { } and [ ] this would be YAML; write the reference in quotes");
    } else if (!this.problems.some((problem) => code === "UNEXPECTED_TOKEN" && (problem.offset ?? 0) <= offset)) {
      this.refuse(offset, `this is not YAML: ${message}`);
    }
  }

  read(document: Document.Parsed, node: unknown, path: Path, keyOffset: number | undefined, depth: number): unknown {
    this.#values += 1;
    if (depth > MAX_DEPTH || this.#values > MAX_VALUES) return this.#tooMuch(keyOffset);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) return this.refuse(offsetOf(node), `nothing is named &${node.source}; write the value`);
      return this.read(document, target, path, keyOffset ?? offsetOf(node), depth + 1);
    }
    const valueOffset = offsetOf(node);
    const place = { keyOffset: keyOffset ?? valueOffset, valueOffset };
    if (isMap(node)) {
      this.#put(path, { ...place, written: "block" });
      const entries = node.items.map((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
        const keyAt = offsetOf(pair.key);
        if (key.includes("${")) this.refuse(keyAt, "a key takes nothing from the environment; write it out");
        const value = pair.value ?? { range: [keyAt] };
        return [key, this.read(document, value, [...path, key], keyAt, depth + 1)] as const;
      });
      return Object.fromEntries(entries);
    }
    if (isSeq(node)) {
      this.#put(path, { ...place, written: node.items.length === 0 ? "empty list" : "list" });
      return node.items.map((item, index) => this.read(document, item, [...path, index], undefined, depth + 1));
    }
    return this.#scalar(isScalar(node) ? node.value : null, path, place);
  }

  #scalar(value: unknown, path: Path, place: Omit<Place, "written">): unknown {
    if (typeof value !== "string") {
      const scalar = typeof value === "number" || typeof value === "boolean" ? value : null;
      this.#put(path, { ...place, written: { scalar } });
      return scalar;
    }
    this.#put(path, { ...place, written: { scalar: value } });
    const { result, taken, problems } = interpolate(value, this.#env);
    if (taken.length > 0) this.taken.set(formatPath(path), taken);
    for (const text of problems) this.problems.push({ path, text });
    return result;
  }

  #put(path: Path, place: Place): void {
    this.places.set(formatPath(path), place);
  }

  /** Said once: a bomb would say it without end. */
  #tooMuch(offset: number | undefined): undefined {
    if (this.#full) return undefined;
    this.#full = true;
    return this.refuse(
      offset ?? 0,
      `too much stands here; use at most ${MAX_VALUES} values in all, and a depth of at most ${MAX_DEPTH}`,
    );
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
  const { scalar } = written;
  if (scalar === null) return "nothing";
  if (typeof scalar !== "string") return String(scalar);
  return JSON.stringify(scalar.length > MAX_QUOTE ? `${scalar.slice(0, MAX_QUOTE)}...` : scalar);
}

function offsetOf(node: unknown): number {
  const range = (node as Partial<Node> | null)?.range; // whatever the parser made: a node has a range
  return range?.[0] ?? 0;
}
