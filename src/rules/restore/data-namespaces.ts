/** Is every collection there, and none empty that was not. */
import { mapObserved, type Observed } from "../../core/observed.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown } from "../../core/verdict.ts";
import type { Namespace } from "../../ports/mongo.ts";
import type { DataFacts, SourceFacts } from "./data.ts";

/** What is the server's own, and stands in a snapshot's list too. */
const SYSTEM = /^(admin|config|local)\.|^[^.]*\.system\./;
const MAX_SHOWN = 5;

/** The names come from the snapshot where it tells them: what the source holds now may have been made since. */
export function judgeNamespaces({ target, source }: DataFacts): Verdict {
  if (!target.namespaces.known) return unknown(target.namespaces.reason);
  const there = target.namespaces.value;
  const wanted = wantedNames(source);
  if (!wanted.known) return unknown(wanted.reason);
  if (wanted.value.length === 0) return unknown("there is no collection to look for: nothing is proved");
  const names = new Set(there.map(({ name }) => name));
  const missing = wanted.value.filter((name) => !names.has(name));
  const emptied = there.filter((one) => isEmpty(one) && held(source, one) === "some").map(({ name }) => name);
  const unsure = there.filter((one) => mayBeEmptied(source, one)).map(({ name }) => name);
  const evidence = { expected: wanted.value.length, actual: names.size, missing, empty: emptied, notKnown: unsure };
  if (missing.length > 0 || emptied.length > 0) {
    const said = [...part(missing, "missing"), ...part(emptied, "empty, and not so at the source")];
    return fail(said.join("; "), evidence);
  }
  if (unsure.length > 0) return unknown(part(unsure, "whether it ought to be empty cannot be told").join(""), evidence);
  return pass(`all ${wanted.value.length} are there, and none has lost its documents`, evidence);
}

/** A few by name, and how many more. */
export function shown(names: readonly string[]): string {
  const more = names.length > MAX_SHOWN ? ` and ${names.length - MAX_SHOWN} more` : "";
  return `${names.slice(0, MAX_SHOWN).join(", ")}${more}`;
}

function wantedNames({ restoredNames, live }: SourceFacts): Observed<readonly string[]> {
  const names = restoredNames.known
    ? restoredNames
    : mapObserved(live.namespaces, (all) => all.map(({ name }) => name));
  return mapObserved(names, (all) => all.filter((name) => !SYSTEM.test(name)));
}

function isEmpty({ documents }: Namespace): boolean {
  return documents?.known === true && documents.value === 0;
}

/** What the source holds under that name, as far as it is known. */
function held({ live }: SourceFacts, { name }: Namespace): "some" | "none" | "unknown" {
  const documents = live.namespaces.known ? live.namespaces.value.find((one) => one.name === name)?.documents : null;
  if (documents?.known !== true) return "unknown";
  return documents.value > 0 ? "some" : "none";
}

function mayBeEmptied(source: SourceFacts, one: Namespace): boolean {
  if (one.documents === null) return false;
  const before = held(source, one);
  return one.documents.known ? one.documents.value === 0 && before === "unknown" : before !== "none";
}

function part(names: readonly string[], what: string): readonly string[] {
  return names.length === 0 ? [] : [`${what}: ${shown(names)}`];
}
