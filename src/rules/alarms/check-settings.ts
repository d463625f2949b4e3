/** Is every declared alarm there, and is it as declared. */
import type { Check } from "../../core/check.ts";
import type { Evidence, Verdict } from "../../core/report.ts";
import { fail, pass, unknown, warn } from "../../core/verdict.ts";
import type { LiveMetricAlarm } from "../../ports/cloudwatch.ts";
import { type AlarmDifference, type Compared, compare } from "./compare.ts";
import type { DeclaredAlarm } from "./facts.ts";
import { findLive, liveAlarm, type OneAlarm } from "./one.ts";

const PLAN = "see what would be changed: litally-ops alarms plan; then litally-ops alarms apply";

const present: Check<OneAlarm> = {
  id: "alarms/present",
  title: "every declared alarm exists",
  remedy: () => PLAN,
  judge: (one) => {
    const live = findLive(one);
    if (!live.known) return unknown(live.reason);
    if (live.value !== null) return pass("it exists");
    const other = namesake(one);
    if (other === undefined) return fail("there is no such alarm: nothing watches what it should");
    return {
      ...fail(`the ${other} alarm of this name watches something else than the policy says`, {
        expected: "a metric alarm",
        actual: `a ${other} alarm`,
      }),
      remedy: `rename it or delete it: aws cloudwatch delete-alarms --alarm-names '${one.declared.name}'; then litally-ops alarms plan`,
    };
  },
};

/** The kind of an alarm that has the name and is none on metrics. */
export function namesake({ declared, facts }: OneAlarm): "composite" | "log" | undefined {
  if (!facts.strays.known) return undefined;
  const other = facts.strays.value.find(({ name, kind }) => name === declared.name && kind !== "metric");
  return other === undefined || other.kind === "metric" ? undefined : other.kind;
}

const drift: Check<OneAlarm> = {
  id: "alarms/drift",
  title: "every setting is as declared, whatever way it is written",
  remedy: () => PLAN,
  judge: (one) => {
    const live = liveAlarm(one);
    return live.known ? judgeDrift(one.declared, live.value) : unknown(live.reason);
  },
};

/** What the policy cannot say stays as it is when the alarm is replaced, and is named. */
function judgeDrift(declared: DeclaredAlarm, live: LiveMetricAlarm): Verdict {
  const verdict = driftVerdict(declared, compare(declared, live.settings));
  const beyond = Object.keys(live.beyond).toSorted();
  return beyond.length === 0 ? verdict : { ...verdict, evidence: { ...verdict.evidence, beyondThePolicy: beyond } };
}

/** What differs for the worse, or nobody knows how, is a failure; what could not be compared may be one. */
export function driftVerdict(declared: Pick<DeclaredAlarm, "sourceOf">, compared: Compared): Verdict {
  const { differences, unreadable } = compared;
  const evidence = evidenceOf(declared, compared);
  const isGrave = differences.some(({ key, drift: way }) => way !== "stricter" && key !== "description");
  if (isGrave) return fail(inWords(declared, differences), evidence);
  const [first] = unreadable;
  if (first !== undefined) {
    const keys = unreadable.map(({ key }) => key).join(", ");
    return unknown(`could not compare ${keys}: ${first.reason.message}`, evidence);
  }
  return differences.length > 0 ? warn(inWords(declared, differences), evidence) : pass("as declared");
}

/** `threshold is > 5, the policy says > 1 (config/litally-ops.yaml:58): looser` */
function inWords({ sourceOf }: Pick<DeclaredAlarm, "sourceOf">, differences: readonly AlarmDifference[]): string {
  const words = differences.map(({ key, wanted, live, drift: way }) => {
    const source = sourceOf(key);
    return `${key} is ${live}, the policy says ${wanted}${source === null ? "" : ` (${source})`}: ${way}`;
  });
  return words.length === 1 ? words.join() : `${words.length} settings are not as declared: ${words.join("; ")}`;
}

function evidenceOf(declared: Pick<DeclaredAlarm, "sourceOf">, { differences, unreadable }: Compared): Evidence {
  return {
    differences: differences.map((difference) => differenceWords(declared, difference)),
    ...(unreadable.length > 0 && { unreadable: unreadable.map(({ key }) => key) }),
  };
}

/** `threshold: > 1 (config/litally-ops.yaml:58), live > 5, looser` */
function differenceWords(
  { sourceOf }: Pick<DeclaredAlarm, "sourceOf">,
  { key, wanted, live, drift: way }: AlarmDifference,
): string {
  const source = sourceOf(key);
  return `${key}: ${wanted}${source === null ? "" : ` (${source})`}, live ${live}, ${way}`;
}

const actionsEnabled: Check<OneAlarm> = {
  id: "alarms/actions-enabled",
  title: "the actions of the alarm are on",
  remedy: () =>
    "turn them on again, with whatever else differs: litally-ops alarms plan, then litally-ops alarms apply",
  judge: (one) => {
    const live = liveAlarm(one);
    if (!live.known) return unknown(live.reason);
    const { actionsEnabled: isOn } = live.value.settings;
    if (!isOn.known) return unknown(isOn.reason);
    return isOn.value ? pass("they are on") : fail("its actions are off: it changes its state and tells nobody");
  },
};

const minimum: Check<OneAlarm> = {
  id: "alarms/minimum",
  title: "a percentage has a minimum below which it says nothing",
  remedy: ({ declared: { policy } }) =>
    `write minimum: N under ratio of ${policy.name}: as many ${policy.ratio?.whole.metric ?? "requests"} in a period as make a percentage worth waking somebody`,
  judge: ({ declared: { policy } }) => {
    if (policy.ratio === undefined) return [];
    const { minimum: least, whole } = policy.ratio;
    if (least !== undefined) return pass(`it says nothing below ${least} ${whole.metric} in a period`);
    return warn("a percentage without a minimum: one error fires it while there is hardly any traffic");
  },
};

export const SETTINGS_CHECKS: readonly Check<OneAlarm>[] = [present, drift, actionsEnabled, minimum];
