/**
 * The ways on which alarms reach people: every link judged once, and told with the alarms that are silent, or heard by
 * fewer, because of it.
 */
import type { Finding, Verdict } from "../../core/report.ts";
import type { Tri } from "../../core/tri.ts";
import { unknown, warn } from "../../core/verdict.ts";
import type { AlarmOnItsWay, WayFacts } from "./facts.ts";
import { type Graph, graphOf, type TopicNode, type Way } from "./graph.ts";
import { heardVerdict } from "./heard.ts";
import { counted, findingOf, type Link, named, withEvidence, withRemedy } from "./link.ts";
import { singlePoints } from "./single-points.ts";
import type { Branch } from "./subscriptions.ts";

export interface Ways {
  /** Of topics, then of alarms, then of all alarms together. */
  readonly findings: readonly Finding[];
  /** Who hears an alarm, or may (`maybe`), in words that may be printed. */
  readonly hearersOf: (alarm: AlarmOnItsWay) => readonly Hearer[];
}

export interface Hearer {
  /** Name of the topic. */
  readonly topic: string;
  readonly shown: string;
  readonly hears: Tri;
}

export function ways(facts: WayFacts): Ways {
  const graph = graphOf(facts);
  const { alarms, unseen } = facts;
  return {
    findings: [
      ...graph.topics.flatMap((topic) => topicFindings(topic, graph)),
      ...alarms.flatMap((alarm) => findingOf("alarms/heard", `alarm/${alarm.name}`, heardVerdict(alarm, graph))),
      ...unseen.flatMap(({ name, reason }) => findingOf("alarms/heard", `alarm/${name}`, unknown(reason))),
      ...singlePoints(facts, graph).flatMap((verdict) => findingOf("alarms/single-points", "alarms", verdict)),
    ],
    hearersOf: (alarm) => hearers(graph.waysOf(alarm)),
  };
}

function hearers(found: readonly Way[]): readonly Hearer[] {
  return found
    .filter(({ holds }) => holds !== "no")
    .map(({ topic, branch, holds }) => ({ topic: topic.name, shown: branch.shown, hears: holds }));
}

function topicFindings(topic: TopicNode, graph: Graph): readonly Finding[] {
  const subject = `topic/${topic.name}`;
  const common = topic.links.flatMap((link) =>
    findingOf(
      link.check,
      subject,
      told(link, topic, graph, () => true),
    ),
  );
  const own = topic.branches.flatMap((branch) => [
    ...branch.links.flatMap((link) => {
      const verdict = told(link, topic, graph, (way) => way.branch === branch);
      return findingOf(link.check, subject, scoped(verdict, branch));
    }),
    ...(branch.isUndeclared ? findingOf("notify/undeclared-subscription", subject, scoped(UNDECLARED, branch)) : []),
  ]);
  return [...common, ...own];
}

const UNDECLARED = withRemedy(
  warn("it hears the topic, and the policy does not name it"),
  "name it under the topic in the policy, or take it out: litally-ops notify apply --prune",
);

function scoped(verdict: Verdict, { key, shown }: Branch): Verdict {
  return key === null ? verdict : { ...verdict, scope: shown };
}

/** What is said of a link, with the alarms that a broken one costs somebody. `isOn`: whether a way over the topic has it. */
function told(link: Link, topic: TopicNode, graph: Graph, isOn: (way: Way) => boolean): Verdict {
  const cut = topic.tellers.filter((alarm) => link.holds(alarm) === "no");
  if (link.verdict.status === "pass" || (cut.length === 0 && link.verdict.status !== "fail")) return link.verdict;
  const isSilent = (alarm: AlarmOnItsWay) => graph.isHeard(alarm) === "no";
  const loses = (alarm: AlarmOnItsWay) =>
    graph
      .waysOf(alarm)
      .filter((way) => way.topic === topic && isOn(way))
      .some(({ branch: { key } }) => key === null || graph.hears(key, alarm) !== "yes");
  const silences = cut.filter(isSilent).map(({ name }) => name);
  const weakens = cut.filter((alarm) => !isSilent(alarm) && loses(alarm)).map(({ name }) => name);
  const costs = [
    ...(silences.length === 0
      ? []
      : [`Nobody hears ${counted(silences.length, "alarm")} because of it: ${named(silences)}`]),
    ...(weakens.length === 0
      ? []
      : [`Somebody is lost to ${counted(weakens.length, "alarm")} by it: ${named(weakens)}`]),
  ];
  const message = [link.verdict.message, ...costs].join(". ");
  return withEvidence({ ...link.verdict, message }, { silences, weakens });
}
