/**
 * CloudWatch's metric math as a tree, so that two ways to write one formula can be told from two formulas.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export type MathNode =
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  /** A metric or another expression. */
  | { readonly kind: "id"; readonly name: string }
  /** A word of CloudWatch's, such as REPEAT in FILL(m1, REPEAT). */
  | { readonly kind: "word"; readonly name: string }
  | { readonly kind: "call"; readonly name: string; readonly args: readonly MathNode[] }
  | { readonly kind: "list"; readonly items: readonly MathNode[] }
  | { readonly kind: "minus"; readonly operand: MathNode }
  | { readonly kind: "binary"; readonly operator: Operator; readonly left: MathNode; readonly right: MathNode }
  /** Parentheses that may not be redundant: CloudWatch does not document how it reads the formula without them. */
  | { readonly kind: "group"; readonly inner: MathNode };

/** How tightly each holds its operands. `&&` and `||` are read as AND and OR. */
const LEVELS = {
  OR: 1,
  AND: 2,
  "==": 3,
  "!=": 3,
  "<": 3,
  "<=": 3,
  ">": 3,
  ">=": 3,
  "+": 4,
  "-": 4,
  "*": 5,
  "/": 5,
  "^": 7,
} as const;
type Operator = keyof typeof LEVELS;
const COMPARING = LEVELS["<"];
const MINUS = 6;
const POWER = LEVELS["^"];
const TIGHTEST = 8;

/** Deeper formulas are not read: nobody writes them, and a stack ends. */
const MAX_DEPTH = 100;

/** undefined: this is no metric math that we know. */
export function parseMath(text: string): MathNode | undefined {
  const tokens = tokensOf(text);
  if (tokens === undefined) return undefined;
  const reader: Reader = { tokens, at: 0, depth: 0 };
  const node = parseBinary(reader, 1);
  return node === undefined || reader.at < tokens.length ? undefined : bare(node);
}

/** One text for one tree: what differs in spaces, redundant parentheses or the form of numbers reads the same. */
export function formatMath(node: MathNode): string {
  switch (node.kind) {
    case "number":
      return String(node.value);
    case "string":
      return node.value.includes('"') ? `'${node.value}'` : `"${node.value}"`;
    case "id":
    case "word":
      return node.name;
    case "call":
      return `${node.name}(${node.args.map(formatMath).join(", ")})`;
    case "list":
      return `[${node.items.map(formatMath).join(", ")}]`;
    case "minus":
      return `-${within(node.operand, MINUS)}`;
    case "binary":
      return formatBinary(node.operator, node.left, node.right);
    case "group":
      return `(${formatMath(node.inner)})`;
  }
}

/** The formula with each id replaced by what `of` gives for it; undefined: the id stays. */
export function substituteIds(node: MathNode, of: (id: string) => MathNode | undefined): MathNode {
  const inside = (one: MathNode) => substituteIds(one, of);
  switch (node.kind) {
    case "number":
    case "string":
    case "word":
      return node;
    case "id": {
      const replacement = of(node.name);
      return replacement === undefined ? node : { kind: "group", inner: replacement };
    }
    case "call":
      return { ...node, args: node.args.map(inside).map(bare) };
    case "list":
      return { ...node, items: node.items.map(inside).map(bare) };
    case "minus":
      return minus(inside(node.operand));
    case "binary":
      return binary(node.operator, inside(node.left), inside(node.right));
    case "group":
      return { kind: "group", inner: bare(inside(node.inner)) };
  }
}

/** Without parentheses around the whole. */
export function bare(node: MathNode): MathNode {
  return node.kind === "group" ? bare(node.inner) : node;
}

/** The ids in it, each once, in the order in which they stand there. */
export function idsOf(node: MathNode): readonly string[] {
  switch (node.kind) {
    case "number":
    case "string":
    case "word":
      return [];
    case "id":
      return [node.name];
    case "call":
      return distinct(node.args);
    case "list":
      return distinct(node.items);
    case "minus":
      return idsOf(node.operand);
    case "binary":
      return distinct([node.left, node.right]);
    case "group":
      return idsOf(node.inner);
  }
}

function distinct(nodes: readonly MathNode[]): readonly string[] {
  return [...new Set(nodes.flatMap(idsOf))];
}

function formatBinary(operator: Operator, left: MathNode, right: MathNode): string {
  const level = LEVELS[operator];
  return `${within(left, level)} ${operator} ${within(right, level + 1)}`;
}

function within(node: MathNode, level: number): string {
  const text = formatMath(node);
  return levelOf(node) < level ? `(${text})` : text;
}

function levelOf(node: MathNode): number {
  if (node.kind === "binary") return LEVELS[node.operator];
  if (node.kind === "minus") return MINUS;
  return node.kind === "number" && node.value < 0 ? MINUS : TIGHTEST;
}

function binary(operator: Operator, left: MathNode, right: MathNode): MathNode {
  const level = LEVELS[operator];
  return { kind: "binary", operator, left: operand(left, level), right: operand(right, level) };
}

function minus(inner: MathNode): MathNode {
  const node = operand(inner, MINUS);
  return node.kind === "number" ? { kind: "number", value: 0 - node.value } : { kind: "minus", operand: node };
}

/** Without its parentheses where the tree says as much: not where a < b < c, a ^ b ^ c or -a ^ b would be left. */
function operand(node: MathNode, level: number): MathNode {
  if (node.kind !== "group") return node;
  const inner = bare(node);
  const isDoubtful =
    level === COMPARING || level === POWER ? levelOf(inner) === level : level === MINUS && levelOf(inner) === POWER;
  return isDoubtful ? { kind: "group", inner } : inner;
}

/** What has been read of the tokens: the one thing here that changes. */
interface Reader {
  readonly tokens: readonly string[];
  at: number;
  depth: number;
}

function parseBinary(reader: Reader, level: number): MathNode | undefined {
  if (level === MINUS) return parseMinus(reader);
  if (level > POWER) return parsePrimary(reader);
  let left = level === POWER ? parsePrimary(reader) : parseBinary(reader, level + 1);
  for (;;) {
    const operator = operatorAt(reader, level);
    if (left === undefined || operator === undefined) return left;
    reader.at += 1;
    const right = level === POWER ? parseExponent(reader) : parseBinary(reader, level + 1);
    left = right === undefined ? undefined : binary(operator, left, right);
  }
}

function operatorAt({ tokens, at }: Reader, level: number): Operator | undefined {
  const token = tokens[at];
  if (token === undefined || !Object.hasOwn(LEVELS, token)) return undefined;
  const operator = token as Operator; // the table has it
  return LEVELS[operator] === level ? operator : undefined;
}

function parseMinus(reader: Reader): MathNode | undefined {
  if (!take(reader, "-")) return parseBinary(reader, POWER);
  const inner = deeper(reader, () => parseMinus(reader));
  return inner === undefined ? undefined : minus(inner);
}

/** `a ^ -b` */
function parseExponent(reader: Reader): MathNode | undefined {
  if (!take(reader, "-")) return parsePrimary(reader);
  const inner = deeper(reader, () => parseExponent(reader));
  return inner === undefined ? undefined : minus(inner);
}

function parsePrimary(reader: Reader): MathNode | undefined {
  const token = reader.tokens[reader.at];
  if (token === undefined) return undefined;
  reader.at += 1;
  if (/^[\d.]/.test(token)) return { kind: "number", value: Number(token) };
  if (/^["']/.test(token)) return { kind: "string", value: token.slice(1, -1) };
  if (token === "[") {
    const items = parseSeveral(reader, "]");
    return items === undefined ? undefined : { kind: "list", items };
  }
  if (token === "(") {
    const inner = deeper(reader, () => parseBinary(reader, 1));
    return inner === undefined || !take(reader, ")") ? undefined : { kind: "group", inner: bare(inner) };
  }
  return /^[A-Za-z]/.test(token) ? parseNamed(reader, token) : undefined;
}

/** Ids begin with a small letter, what is CloudWatch's own with a capital. */
function parseNamed(reader: Reader, name: string): MathNode | undefined {
  if (Object.hasOwn(LEVELS, name)) return undefined;
  if (take(reader, "(")) {
    const args = parseSeveral(reader, ")");
    return args === undefined ? undefined : { kind: "call", name, args };
  }
  return { kind: /^[a-z]/.test(name) ? "id" : "word", name };
}

function parseSeveral(reader: Reader, end: string): readonly MathNode[] | undefined {
  if (take(reader, end)) return [];
  const items: MathNode[] = [];
  for (;;) {
    const item = deeper(reader, () => parseBinary(reader, 1));
    if (item === undefined) return undefined;
    items.push(bare(item));
    if (take(reader, end)) return items;
    if (!take(reader, ",")) return undefined;
  }
}

function deeper(reader: Reader, parse: () => MathNode | undefined): MathNode | undefined {
  if (reader.depth >= MAX_DEPTH) return undefined;
  reader.depth += 1;
  const node = parse();
  reader.depth -= 1;
  return node;
}

function take(reader: Reader, token: string): boolean {
  if (reader.tokens[reader.at] !== token) return false;
  reader.at += 1;
  return true;
}

const TOKEN =
  /\s*(?:((?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[A-Za-z]\w*|"[^"]*"|'[^']*'|&&|\|\||[=!<>]=|[-+*/^<>()[\],])|(\S))/gy;

function tokensOf(text: string): readonly string[] | undefined {
  const tokens: string[] = [];
  for (const [, token, stranger] of text.matchAll(TOKEN)) {
    if (token === undefined || stranger !== undefined) return undefined;
    tokens.push(token === "&&" ? "AND" : token === "||" ? "OR" : token);
  }
  return tokens;
}
