/** What help promises: a command that says "see above" of its wait has said above how long that is. */
import { expect, test } from "vitest";
import { COMMANDS } from "../../src/cli/grammar.ts";
import { helpFor } from "../../src/cli/help.ts";

test.each(COMMANDS.filter(({ endures }) => endures === true).map(({ name }) => name))("%s", (name) => {
  const [above = "", below = ""] = helpFor(name.split(" "))?.split("Flags everywhere:") ?? [];
  expect(below.replaceAll(/\s+/g, " ")).toContain("(default: see above)");
  expect(above.replaceAll(/\s+/g, " ")).toMatch(
    /(\d+ hours|an hour each)[^.]* without --timeout|ithout --timeout[^.]*\d+ hours|until Ctrl-C|as long as it takes without --timeout/,
  );
});
