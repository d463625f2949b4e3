/** The bodies that S3 takes as XML, as a tree that is asked by path. */
import { Refusal } from "./refusal.ts";

/** Text, or elements by name, each as often as it occurs. */
export type Node = string | { readonly [name: string]: readonly Node[] };

/** Throws unless `text` is well-formed and has this root. */
export async function parseXml(text: string, root: string): Promise<Node> {
  const { XMLParser } = await import("fast-xml-parser");
  const parser = new XMLParser({
    isArray: () => true,
    parseTagValue: false,
    ignoreDeclaration: true,
    ignorePiTags: true,
    removeNSPrefix: true,
    htmlEntities: true, // for characters by number, as which some clients write quotes
  });
  const found = children(
    parsed(() => parser.parse(text, true)),
    root,
  );
  const [only] = found;
  if (only === undefined || found.length > 1) throw malformed();
  return only;
}

function parsed(parse: () => Node): Node {
  try {
    return parse();
  } catch {
    throw malformed(); // whatever the parser has against it
  }
}

export function malformed(message = "The XML is not well-formed, or not as the operation takes it."): Refusal {
  return new Refusal("MalformedXML", message);
}

export function children(node: Node | undefined, name: string): readonly Node[] {
  return typeof node === "object" && Object.hasOwn(node, name) ? (node[name] ?? []) : [];
}

/** The only element of this name; undefined: there is none. */
export function child(node: Node | undefined, name: string): Node | undefined {
  const found = children(node, name);
  if (found.length > 1) throw malformed();
  return found[0];
}

export function textOf(node: Node | undefined, name: string): string | undefined {
  const found = child(node, name);
  if (typeof found === "object") throw malformed();
  return found;
}

/** Throws for a number that is no whole one from `least` on. */
export function wholeOf(node: Node | undefined, name: string, least: number): number | undefined {
  const text = textOf(node, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,15}$/.test(text.trim())) throw malformed(`${name} is not a whole number.`);
  const value = Number(text);
  if (value < least) throw new Refusal("InvalidArgument", `${name} must be at least ${least}.`);
  return value;
}

export function oneOf<const Choice extends string>(
  node: Node | undefined,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = textOf(node, name);
  if (text === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === text);
  if (choice === undefined) throw malformed(`${name} is none of ${choices.join(", ")}.`);
  return choice;
}
