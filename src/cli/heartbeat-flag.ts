/**
 * With which words `--heartbeat` is refused. The outside knows a schedule by its command alone: what is less than its run
 * must not pass for one.
 */
import { OpsError } from "../core/error.ts";
import type { CommandSpec, OptionSpec } from "./command-spec.ts";

/** What was given of the command's own. */
interface Given {
  /** The names of its arguments. */
  readonly words: readonly string[];
  readonly flags: readonly OptionSpec[];
}

/** Throws OpsError `usage` where there is no verdict to tell, or where it is none of the command's schedule. */
export function refuseNoRun({ name, gives, arguments: all = [], beatsWith }: CommandSpec, given: Given): void {
  if (gives === "artifact")
    throw new OpsError("usage", `--heartbeat: ${name} judges nothing, so it has no verdict to tell`);
  const narrowing = [
    ...all.filter((one) => isOptional(one.syntax) && given.words.includes(one.name)).map(({ syntax }) => syntax),
    ...given.flags.filter(({ partial }) => partial === true).map(wordOf),
  ];
  if (narrowing.length > 0)
    throw new OpsError("usage", `--heartbeat: with ${narrowing.join(", ")} this is no whole run of ${name}`, {
      hint: "leave out one or the other: it would keep quiet who watches over the whole",
    });
  if (beatsWith !== undefined && !given.flags.map(wordOf).includes(beatsWith))
    throw new OpsError("usage", `--heartbeat: the schedule of ${name} is that of ${name} ${beatsWith}`, {
      hint: `litally-ops ${name} ${beatsWith} --heartbeat`,
    });
}

/** All are meant where none is named. */
function isOptional(syntax: string): boolean {
  return syntax.startsWith("[");
}

/** `--only` of `--only <check>`. */
function wordOf({ flags }: OptionSpec): string {
  return flags.split(" ").at(0) ?? flags;
}
