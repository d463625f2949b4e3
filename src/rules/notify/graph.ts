/** Alarms, topics and who is behind them, as a graph: which ways an alarm has, and whether it arrives. */
import { all, any, type Tri, tri } from "../../core/tri.ts";
import type { AlarmOnItsWay, TopicFacts, WayFacts } from "./facts.ts";
import type { Link } from "./link.ts";
import { type Branch, branchesOf, lostBranches } from "./subscriptions.ts";
import { topicLinks } from "./topics.ts";

export interface Graph {
  /** In the order of their names. */
  readonly topics: readonly TopicNode[];
  readonly topicOf: (arn: string) => TopicNode | undefined;
  /** All that begin at its actions, whole or broken. */
  readonly waysOf: (alarm: AlarmOnItsWay) => readonly Way[];
  /** Whether anybody hears it. */
  readonly isHeard: (alarm: AlarmOnItsWay) => Tri;
  /** Whether those at an endpoint, by its key, hear it on any way. */
  readonly hears: (key: string, alarm: AlarmOnItsWay) => Tri;
}

export interface TopicNode {
  readonly name: string;
  readonly facts: TopicFacts;
  readonly links: readonly Link[];
  readonly branches: readonly Branch[];
  /** Alarms that tell it. */
  readonly tellers: readonly AlarmOnItsWay[];
}

/** From an action of the alarm over a topic to somebody. */
export interface Way {
  readonly topic: TopicNode;
  readonly branch: Branch;
  readonly holds: Tri;
}

export function graphOf(facts: WayFacts): Graph {
  const nodes = [...facts.topics.values()]
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((topic) => nodeOf(topic, facts));
  const byArn = new Map(nodes.map((node) => [node.facts.arn, node]));
  const found = new Map<AlarmOnItsWay, readonly Way[]>();
  const waysOf = (alarm: AlarmOnItsWay) => {
    const before = found.get(alarm);
    if (before !== undefined) return before;
    const ways = nodes.flatMap((topic) => waysThrough(topic, alarm));
    found.set(alarm, ways);
    return ways;
  };
  const unseenOf = (alarm: AlarmOnItsWay) => unseen(alarm, (arn) => byArn.has(arn));
  return {
    topics: nodes,
    topicOf: (arn) => byArn.get(arn),
    waysOf,
    isHeard: (alarm) => any(unseenOf(alarm), ...waysOf(alarm).map(({ holds }) => holds)),
    hears: (key, alarm) => any(unseenOf(alarm), ...waysOf(alarm).map((way) => leadsTo(key, way))),
  };
}

/** Behind a way whose end cannot be seen there may be anybody. */
function leadsTo(key: string, { branch, holds }: Way): Tri {
  return branch.key === key ? holds : all(holds, branch.key === null ? "maybe" : "no");
}

/** Whether it does anything at all when it fires. */
export function acts({ settings: { actionsEnabled } }: AlarmOnItsWay): Tri {
  return actionsEnabled.known ? tri(actionsEnabled.value) : "maybe";
}

function nodeOf(facts: TopicFacts, { alarms, home, observedAt }: WayFacts): TopicNode {
  const users = alarms.filter((alarm) => tells(alarm, facts.arn) !== "no");
  const links = topicLinks(facts, users, home);
  const isThere = links.length > 1;
  return {
    name: facts.name,
    facts,
    links,
    branches: isThere ? branchesOf(facts, { home, observedAt, users }) : lostBranches(facts),
    tellers: users.filter((alarm) => tells(alarm, facts.arn) === "yes"),
  };
}

/** Actions that cannot be read may be those that the policy wants. */
function tells({ settings: { alarmActions }, wanted }: AlarmOnItsWay, topicArn: string): Tri {
  if (alarmActions.known) return tri(alarmActions.value.includes(topicArn));
  return wanted.includes(topicArn) ? "maybe" : "no";
}

function waysThrough(topic: TopicNode, alarm: AlarmOnItsWay): readonly Way[] {
  const told = tells(alarm, topic.facts.arn);
  if (told === "no") return [];
  const upTo = all(acts(alarm), told, ...topic.links.map((link) => link.holds(alarm)));
  return topic.branches.map((branch) => ({
    topic,
    branch,
    holds: all(upTo, ...branch.links.map((link) => link.holds(alarm))),
  }));
}

/** Whether it arrives on ways that begin where nobody looked. */
function unseen(alarm: AlarmOnItsWay, isKnown: (topicArn: string) => boolean): Tri {
  const { alarmActions } = alarm.settings;
  const isUnseen = !alarmActions.known || topicsOf(alarmActions.value).some((arn) => !isKnown(arn));
  return isUnseen ? all(acts(alarm), "maybe") : "no";
}

/** Of actions, those that tell a topic. */
export function topicsOf(actions: readonly string[]): readonly string[] {
  return actions.filter((arn) => /^arn:[^:]*:sns:/.test(arn));
}
