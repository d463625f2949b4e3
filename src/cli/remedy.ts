/** A remedy for people: sentences wrapped, and each command on a line of its own, whole, so that it can be pasted. */
import { wrap } from "../core/wrap.ts";

/**
 * A command begins with the name of a program, at the start or after a colon, a comma (and "and" or "then") or a
 * bracket, and ends before a semicolon, a comma or a bracket that a space follows.
 */
const COMMAND = /(?<=^|[:,] (?:and |then )?|\s\()(?:atlas|litally-ops|aws|gh|echo|eval) .+?(?=[;,)]+(?: |$)|$)/g;
const COMMAND_INDENT = "  ";

export function remedyLines(remedy: string, width: number): readonly string[] {
  const text = `remedy: ${remedy}`;
  const lines: string[] = [];
  let from = 0;
  for (const { 0: command, index } of text.matchAll(COMMAND)) {
    lines.push(...proseLines(text.slice(from, index), width), `${COMMAND_INDENT}${command}`);
    from = index + command.length;
  }
  return [...lines, ...proseLines(text.slice(from), width)];
}

/** What joined it to a command is left out: the line's end says as much. */
function proseLines(text: string, width: number): readonly string[] {
  const prose = text.replace(/^[;,)\s]+/, "").replace(/[\s(]+$/, "");
  return prose === "" ? [] : wrap(prose, width);
}
