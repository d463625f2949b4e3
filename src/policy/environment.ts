/** `${NAME}` in a text takes a value from the environment; `$${` is written for the characters `${` themselves. */
import type { Environment } from "../core/environment.ts";

interface Interpolated {
  readonly result: string;
  /** The values that were taken: never to be printed. */
  readonly taken: readonly string[];
  readonly problems: readonly string[];
  /** What is wrong with the environment alone: variables that are not set, or empty. */
  readonly missing: readonly string[];
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}?/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** What is taken is text and nothing else: it is not looked at again, neither for references nor as YAML. */
export function interpolate(written: string, env: Environment): Interpolated {
  const taken: string[] = [];
  const problems: string[] = [];
  const missing: string[] = [];
  const result = written.replace(REFERENCE, (match: string, name: string | undefined) => {
    if (name === undefined) return "${";
    if (!NAME.test(name) || !match.endsWith("}")) {
      problems.push(`${JSON.stringify(match)} names no variable; write \${NAME}, or $\${ for the two characters`);
      return match;
    }
    const value = Object.hasOwn(env, name) ? env[name] : undefined;
    if (value === undefined || value === "") {
      const state = value === undefined ? "not set" : "empty";
      missing.push(`needs the environment variable ${name}, which is ${state}; set it: export ${name}=...`);
      return match;
    }
    taken.push(value);
    return value;
  });
  return { result, taken, problems, missing };
}
