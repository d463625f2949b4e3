/** What the action is given, read and checked before anything is done. Nothing of it is ever part of a shell's text. */

export interface Inputs {
  /** The command and its arguments, each a word of its own. */
  readonly words: readonly string[];
  /** The name of the command: `backup verify`. */
  readonly command: string;
  /** Exit codes that are a warning here. */
  readonly warnOn: ReadonlySet<number>;
  /** null: it is made from the sources of the action itself. */
  readonly packed: { readonly file: string; readonly integrity: string } | null;
}

type Env = Readonly<Record<string, string | undefined>>;

/** An input that is not as it must be: told as such, and exit 64. */
export class InputError extends Error {}

/** 4 asks for a person, and after 64, 70 and 130 nothing was checked at all: none of them may pass for less. */
const MAY_WARN: ReadonlySet<number> = new Set([1, 2, 3, 5]);

export function readInputs(env: Env): Inputs {
  const command = nonEmpty(env["INPUT_COMMAND"]);
  if (command === null || !/^[a-z]+( [a-z]+){0,2}$/.test(command))
    throw new InputError('command: write the name of a command, such as "backup verify"; its arguments go into args');
  return {
    command,
    words: [...command.split(" "), ...argumentsIn(env["INPUT_ARGS"] ?? "")],
    warnOn: warnOnIn(env["INPUT_WARN_ON"] ?? ""),
    packed: packedIn(nonEmpty(env["INPUT_PACKAGE"]), nonEmpty(env["INPUT_INTEGRITY"])),
  };
}

/** One argument a line, as it stands, without the blanks around it; lines with nothing in them count for nothing. */
function argumentsIn(text: string): readonly string[] {
  return text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

function warnOnIn(text: string): ReadonlySet<number> {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  for (const word of words) {
    if (!/^\d+$/.test(word) || !MAY_WARN.has(Number(word)))
      throw new InputError(`warn-on: ${word} always fails; only ${[...MAY_WARN].join(", ")} can be a warning`);
  }
  return new Set(words.map(Number));
}

function packedIn(file: string | null, integrity: string | null): Inputs["packed"] {
  if (file === null && integrity === null) return null;
  if (file === null || integrity === null || !/^sha(256|384|512)-[A-Za-z0-9+/]+={0,2}$/.test(integrity))
    throw new InputError(
      "package and integrity belong together, the latter as in sha512-...: see docs/github-actions.md",
    );
  return { file, integrity };
}

function nonEmpty(text: string | undefined): string | null {
  const trimmed = (text ?? "").trim();
  return trimmed === "" ? null : trimmed;
}
