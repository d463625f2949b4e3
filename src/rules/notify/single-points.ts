/** Single points of silence: links whose loss darkens a critical alarm that is heard today. */
import type { Verdict } from "../../core/report.ts";
import { pass, unknown, warn } from "../../core/verdict.ts";
import type { AlarmOnItsWay, WayFacts } from "./facts.ts";
import type { Graph, Way } from "./graph.ts";
import { counted, named, withEvidence, withRemedy } from "./link.ts";

/** No verdict where no alarm is critical. */
export function singlePoints({ alarms, unseen }: WayFacts, graph: Graph): readonly Verdict[] {
  const critical = alarms.filter(isCritical);
  const dark = unseen.filter(isCritical).map(nameOf);
  if (critical.length + dark.length === 0) return [];
  const of = (found: Reach) => critical.filter((alarm) => reachOf(alarm, graph) === found).map(nameOf);
  const verdict = verdictOf({ unclear: [...of("unclear"), ...dark], none: of("none"), one: of("one") });
  return [withEvidence(verdict, { points: pointsOf(critical, graph) })];
}

const isCritical = ({ severity }: Pick<AlarmOnItsWay, "severity">) => severity === "critical";
const nameOf = ({ name }: Pick<AlarmOnItsWay, "name">) => name;

function verdictOf({ unclear, none, one }: Readonly<Record<Exclude<Reach, "several">, readonly string[]>>): Verdict {
  const told = (names: readonly string[], how: string) =>
    names.length === 0 ? [] : [`${counted(names.length, "critical alarm")} heard ${how}: ${named(names)}`];
  if (unclear.length > 0)
    return withRemedy(
      unknown(
        `on how many endpoints critical alarms hang cannot be told of ${counted(unclear.length, "alarm")}: ${named(unclear)}`,
      ),
      "see alarms/heard",
    );
  if (none.length + one.length === 0) return pass("every critical alarm is heard at more than one endpoint");
  const words = [...told(none, "by nobody"), ...told(one, "at one endpoint only")];
  return withRemedy(
    warn(words.join("; "), { alarms: [...none, ...one] }),
    none.length > 0 ? "see alarms/heard" : "let a second endpoint hear critical alarms, on another way than the first",
  );
}

/** At how many endpoints an alarm is heard for certain. */
type Reach = "none" | "one" | "several" | "unclear";

function reachOf(alarm: AlarmOnItsWay, { waysOf, isHeard }: Graph): Reach {
  const endpoints = new Set(whole(waysOf(alarm)).map(({ branch }) => branch.key));
  if (endpoints.size > 1) return "several";
  const mayBeMore = waysOf(alarm).some(({ branch, holds }) => holds === "maybe" && !endpoints.has(branch.key));
  if (mayBeMore || isHeard(alarm) === "maybe") return "unclear";
  return endpoints.size === 1 ? "one" : "none";
}

/** Each point with the count of critical alarms that it would darken: `topic/litally-critical: 3 alarms`. */
function pointsOf(critical: readonly AlarmOnItsWay[], { waysOf }: Graph): readonly string[] {
  const counts = new Map<string, number>();
  for (const point of critical.flatMap((alarm) => pointsOn(whole(waysOf(alarm)))))
    counts.set(point, (counts.get(point) ?? 0) + 1);
  return [...counts].map(([point, count]) => `${point}: ${counted(count, "alarm")}`).toSorted();
}

/** What all ways of one alarm have in common. */
function pointsOn(ways: readonly Way[]): readonly string[] {
  const [first, ...others] = ways;
  if (first === undefined) return [];
  const { topic, branch } = first;
  const subject = `topic/${topic.name}`;
  const isOneTopic = others.every((other) => other.topic === topic);
  const isOneEndpoint = others.every((other) => other.branch.key === branch.key);
  return [
    ...(isOneTopic ? [subject, `policy of ${subject}`, ...(isEncrypted(first) ? [`key of ${subject}`] : [])] : []),
    ...(others.length === 0
      ? [`subscription of ${branch.shown} to ${subject}`]
      : isOneEndpoint
        ? [`endpoint ${branch.shown}`]
        : []),
  ];
}

function whole(ways: readonly Way[]): readonly Way[] {
  return ways.filter(({ holds }) => holds === "yes");
}

function isEncrypted({ topic: { facts } }: Way): boolean {
  return facts.topic.known && facts.topic.value?.keyId.known === true && facts.topic.value.keyId.value !== null;
}
