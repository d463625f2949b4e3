/**
 * Expressions of workflows, as far as ours use them: paths, literals, `!`, `==`, `!=`, `&&`, `||` and the functions of a
 * job's state. Whatever else stands there throws, and so does a name that nobody has given: GitHub would make "" of it.
 */

export type Value = string | number | boolean | null;

/** Contexts by name, each as deep as its paths. */
export interface Contexts {
  readonly [name: string]: Value | Contexts;
}

export interface Scope {
  readonly contexts: Contexts;
  /** What has become of the job, or of the action, so far. */
  readonly state: { readonly failed: boolean; readonly cancelled: boolean };
}

/** A text with its expressions filled in. */
export function interpolate(text: string, scope: Scope): string {
  return text.replaceAll(/\$\{\{(.*?)\}\}/gs, (_, expression: string) => String(evaluate(expression, scope) ?? ""));
}

/** Whether a step or a job runs: `if:`, which means `success()` too unless it asks for the state itself. */
export function holds(condition: string | undefined, scope: Scope): boolean {
  const expression = (condition ?? "").replace(/^\s*\$\{\{(.*)\}\}\s*$/s, "$1");
  const asksItself = /\b(success|failure|cancelled|always)\s*\(/.test(expression);
  const isWell = !scope.state.failed && !scope.state.cancelled;
  return (asksItself || isWell) && (expression.trim() === "" || Boolean(evaluate(expression, scope)));
}

const TOKEN = /\s*('(?:[^']|'')*'|&&|\|\||==|!=|[!()]|\d+(?:\.\d+)?|[\w-]+(?:\.[\w-]+)*)/y;

function evaluate(expression: string, scope: Scope): Value {
  const tokens = tokensOf(expression);
  const next = (): string => tokens.shift() ?? fail("it ends too early");
  const either = (): Value => {
    let value = both();
    while (tokens[0] === "||") {
      next();
      const other = both();
      value = value || other;
    }
    return value;
  };
  const both = (): Value => {
    let value = compared();
    while (tokens[0] === "&&") {
      next();
      const other = compared();
      value = value && other;
    }
    return value;
  };
  const compared = (): Value => {
    const value = single();
    if (tokens[0] !== "==" && tokens[0] !== "!=") return value;
    const isEqual = next() === "==";
    return (value === single()) === isEqual;
  };
  const single = (): Value => {
    const token = next();
    if (token === "!") return !single();
    if (token === "(") {
      const value = either();
      if (next() !== ")") fail("a bracket is open");
      return value;
    }
    if (tokens[0] === "(") {
      tokens.splice(0, 2);
      return stateOf(token, scope);
    }
    return literal(token) ?? at(token, scope.contexts);
  };
  const value = either();
  return tokens.length === 0 ? value : fail(`${tokens[0]} is too much`);

  function fail(why: string): never {
    throw new Error(`"${expression}" is no expression that is known here: ${why}`);
  }
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (expression.slice(TOKEN.lastIndex).trim() !== "") {
    const from = TOKEN.lastIndex;
    const [, token] = TOKEN.exec(expression) ?? [];
    if (token === undefined) throw new Error(`"${expression.slice(from)}" is no expression that is known here`);
    tokens.push(token);
  }
  return tokens;
}

function stateOf(name: string, { state }: Scope): boolean {
  if (name === "success") return !state.failed && !state.cancelled;
  if (name === "failure") return state.failed && !state.cancelled;
  if (name === "cancelled") return state.cancelled;
  if (name === "always") return true;
  throw new Error(`the function ${name} is not known here`);
}

function literal(token: string): Value | undefined {
  if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
  if (/^\d/.test(token)) return Number(token);
  return token === "true" ? true : token === "false" ? false : undefined;
}

function at(path: string, contexts: Contexts): Value {
  let value: Value | Contexts | undefined = contexts;
  for (const name of path.split(".")) value = isDeep(value) && Object.hasOwn(value, name) ? value[name] : undefined;
  if (value === undefined || isDeep(value)) throw new Error(`nobody has given ${path}`);
  return value;
}

function isDeep(value: Value | Contexts | undefined): value is Contexts {
  return typeof value === "object" && value !== null;
}
