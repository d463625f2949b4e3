/** The live alarms as a whole: none that nobody declared, and none twice. */
import type { Check } from "../../core/check.ts";
import type { Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { AlarmFacts, StrayAlarm } from "./facts.ts";
import { someOf } from "./one.ts";
import { printOf } from "./print.ts";

/** Live alarms with the owned prefix that neither the policy declares nor something else looks after. */
export function undeclaredAlarms({ declared, exceptions }: AlarmFacts, strays: readonly StrayAlarm[]) {
  const accounted = new Set([...exceptions, ...declared.map(({ name }) => name)]);
  return strays.filter(({ name }) => !accounted.has(name));
}

const undeclared: Check<AlarmFacts> = {
  id: "alarms/undeclared",
  title: "every live alarm with the owned prefix is declared",
  remedy: () =>
    "take them into the policy: litally-ops alarms adopt; or name them under alarms.exceptions; or delete them, each by its name: litally-ops alarms apply --prune",
  judge: (facts) => {
    if (!facts.strays.known) return unknown(facts.strays.reason);
    const names = undeclaredAlarms(facts, facts.strays.value).map(({ name }) => name);
    if (names.length === 0) return pass(`nobody made one that begins with ${facts.owned} beside the policy`);
    const [first] = names;
    const words = names.length === 1 ? `${first} is not declared` : `${names.length} alarms are not declared`;
    return fail(words, { count: names.length, alarms: someOf(names) });
  },
};

const duplicate: Check<AlarmFacts> = {
  id: "alarms/duplicate",
  title: "no two alarms watch the same",
  remedy: () =>
    "keep one of each: remove its declaration, or delete the one that nobody declared (litally-ops alarms apply --prune)",
  judge: (facts) => {
    if (!facts.live.known) return unknown(facts.live.reason);
    if (!facts.strays.known) return unknown(facts.strays.reason);
    const ours = [...facts.live.value.values()].map((alarm) => ({ name: alarm.name, print: printOf(alarm) }));
    const others = facts.strays.value.filter(({ kind }) => kind === "metric");
    const all = [...ours, ...others];
    // what something else looks after may be of a kind that nobody here can read
    const excepted = new Set(facts.exceptions);
    const unclear = all.filter(({ name, print }) => print === null && !excepted.has(name)).map(({ name }) => name);
    const same = alikes(all);
    return [
      ...(same.length === 0 ? [] : [alike(same)]),
      ...(unclear.length === 0 ? [] : [unknown("what some alarms watch cannot be read", { alarms: someOf(unclear) })]),
      ...(same.length + unclear.length === 0 ? [pass(`${all.length} alarms watch as many things`)] : []),
    ];
  },
};

interface Printed {
  readonly name: string;
  readonly print: string | null;
}

/** Names of those that watch the same, in groups. */
function alikes(all: readonly Printed[]): readonly (readonly string[])[] {
  const clear = all.filter(({ print }) => print !== null);
  const groups = [...Map.groupBy(clear, ({ print }) => print).values()].filter(({ length }) => length > 1);
  return groups.map((group) => group.map(({ name }) => name));
}

function alike(groups: readonly (readonly string[])[]): Verdict {
  const words = groups.map((names) => names.join(" = "));
  const text = groups.length === 1 ? `these watch the same: ${words[0]}` : `${groups.length} groups watch the same`;
  return warn(text, { groups: someOf(words) });
}

export const SET_CHECKS: readonly Check<AlarmFacts>[] = [undeclared, duplicate];
